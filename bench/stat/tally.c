#include "bench/stat/tally.h"

#include "bench/stat/reserve.h"

#include <assert.h>
#include <stdlib.h>

struct tally {
    int phases, slots, stripes;
    struct tally_cell *cells; /* [stripe][phase][slot] */
};

static size_t cell_count(const struct tally *tally)
{
    return (size_t)tally->stripes * (size_t)tally->phases * (size_t)tally->slots;
}

struct tally *tally_create(int phases, int slots, int stripes)
{
    struct tally *tally = mem_alloc(sizeof *tally);
    *tally = (struct tally){.phases = phases, .slots = slots, .stripes = stripes};
    tally->cells = reserve_memory(cell_count(tally) * sizeof *tally->cells);
    return tally;
}

void tally_destroy(struct tally *tally)
{
    if (tally == NULL)
        return;
    release_memory(tally->cells, cell_count(tally) * sizeof *tally->cells);
    free(tally);
}

static struct tally_cell *cell(const struct tally *tally, int stripe, int phase, int slot)
{
    assert(stripe >= 0 && stripe < tally->stripes && phase >= 0 && phase < tally->phases && slot >= 0 &&
           slot < tally->slots);
    size_t row = (size_t)stripe * (size_t)tally->phases + (size_t)phase;
    return &tally->cells[row * (size_t)tally->slots + (size_t)slot];
}

void tally_add(struct tally *tally, int stripe, int phase, int slot, int64_t response_us, int64_t service_us,
               enum outcome outcome)
{
    struct tally_cell *into = cell(tally, stripe, phase, slot);
    hist_add(&into->response, response_us);
    if (service_us >= 0)
        hist_add(&into->service, service_us);
    __atomic_fetch_add(&into->outcomes[outcome], 1, __ATOMIC_RELAXED);
}

void tally_retried(struct tally *tally, int stripe, int phase, int slot)
{
    __atomic_fetch_add(&cell(tally, stripe, phase, slot)->retried, 1, __ATOMIC_RELAXED);
}

static void collect_cell(const struct tally_cell *from, struct tally_cell *into)
{
    hist_merge(&into->response, &from->response);
    hist_merge(&into->service, &from->service);
    for (int i = 0; i < OUTCOME_COUNT; i++)
        into->outcomes[i] += __atomic_load_n(&from->outcomes[i], __ATOMIC_RELAXED);
    into->retried += __atomic_load_n(&from->retried, __ATOMIC_RELAXED);
}

void tally_collect(const struct tally *tally, int phase, int slot, struct tally_cell *into)
{
    int first_phase = phase < 0 ? 0 : phase, end_phase = phase < 0 ? tally->phases : phase + 1;
    int first_slot = slot < 0 ? 0 : slot, end_slot = slot < 0 ? tally->slots : slot + 1;
    for (int stripe = 0; stripe < tally->stripes; stripe++) {
        for (int p = first_phase; p < end_phase; p++) {
            for (int s = first_slot; s < end_slot; s++)
                collect_cell(cell(tally, stripe, p, s), into);
        }
    }
}
