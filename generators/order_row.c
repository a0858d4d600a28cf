#include "generators/order.h"

#include "generators/permute.h"

/* The row with so many rows before it that are not null, and itself none. */
static uint64_t row_of(const struct order *self, uint64_t ordinal)
{
    uint64_t low = ordinal, high = self->nulls.rows - 1;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2; /* not null up to and with it: more than ordinal? */
        uint64_t nulls = (uint64_t)order_nulls_before(self, (int64_t)middle + 1);
        if (middle + 1 - nulls > ordinal)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static uint64_t unmix(const struct order *self, uint64_t rank)
{
    int16_t index = self->index_of[rank % ORDER_SLOTS];
    if (index < 0)
        return rank;
    uint64_t from = permute_back(&self->pool, rank / ORDER_SLOTS * self->mixed + (uint64_t)index);
    return from / self->mixed * ORDER_SLOTS + self->slot_of[from % self->mixed];
}

int64_t order_row(const struct order *order, int64_t rank)
{
    uint64_t ordinal = order->falling ? order->count - 1 - (uint64_t)rank : (uint64_t)rank;
    if (order->mode == ORDER_SHUFFLED)
        ordinal = permute_back(&order->pool, ordinal);
    else if (order->mode == ORDER_MIXED)
        ordinal = unmix(order, ordinal);
    return (int64_t)(order->nulls.nulls > 0 ? row_of(order, ordinal) : ordinal);
}
