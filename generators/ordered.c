#include "generators/ordered.h"

#include "bench/base/rng.h"
#include "generators/check.h"
#include "generators/profiled.h"
#include "generators/render_ordinal.h"

#include <string.h>

/* One CHECK's pair, as columns of the table. */
struct below {
    size_t low, high;
    bool strict;
};

static const struct render_codec *find(const char *type)
{
    const struct render_codec *codec = render_codec_find(render_moments, type);
    return codec != NULL ? codec : render_codec_find(render_numbers, type);
}

/* A key's values stay where they are, and so does what the plan says. */
static bool may_change(const struct recipe *recipe)
{
    return (recipe->source == RECIPE_PROFILED || recipe->source == RECIPE_DRAWN) && !recipe->unique &&
           !recipe->leads && recipe->follow == NULL && recipe->rule == NULL;
}

static size_t column_called(const struct row_maker *maker, const char *name)
{
    for (size_t i = 0; i < maker->table->column_count; i++)
        if (strcmp(maker->table->columns[i].name, name) == 0)
            return may_change(&maker->recipes[i]) ? i : SIZE_MAX;
    return SIZE_MAX;
}

static struct below *read_checks(struct arena *arena, const struct row_maker *maker, size_t *count)
{
    struct below *list = NULL;
    size_t capacity = 0, orders;
    const struct catalogue_table *table = maker->table;
    *count = 0;
    for (size_t i = 0; i < table->check_count; i++) {
        const struct check_order *order = check_orders(arena, table->lexis, table->checks[i].definition,
                                                       &orders);
        for (size_t j = 0; j < orders; j++) {
            size_t low = column_called(maker, order[j].low), high = column_called(maker, order[j].high);
            if (low == SIZE_MAX || high == SIZE_MAX || low == high ||
                strcmp(table->columns[low].base_type, table->columns[high].base_type) != 0 ||
                find(table->columns[low].base_type) == NULL)
                continue;
            *ARENA_PUSH(arena, list, *count, capacity) = (struct below){low, high, order[j].strict};
        }
    }
    return list;
}

/* Columns that are to be in order with this one, lowest first. false: too many, or a circle. */
static bool gather(const struct below *list, size_t count, size_t column, struct ordered *ordered)
{
    size_t members[ORDERED_MOST] = {column}, member_count = 1;
    for (size_t i = 0; i < member_count; i++)
        for (size_t j = 0; j < count; j++) {
            if (list[j].low != members[i] && list[j].high != members[i])
                continue;
            size_t other = list[j].low == members[i] ? list[j].high : list[j].low, at = 0;
            while (at < member_count && members[at] != other)
                at++;
            if (at < member_count)
                continue;
            if (member_count == ORDERED_MOST)
                return false;
            members[member_count++] = other;
        }
    while (ordered->count < member_count) { /* the first one left that is above none left */
        size_t before = ordered->count;
        for (size_t i = 0; i < member_count && ordered->count == before; i++) {
            bool taken = false, above = false;
            for (size_t j = 0; j < ordered->count; j++)
                taken |= ordered->columns[j] == members[i];
            for (size_t j = 0; j < count; j++) {
                bool low_taken = false;
                for (size_t k = 0; k < ordered->count; k++)
                    low_taken |= ordered->columns[k] == list[j].low;
                above |= list[j].high == members[i] && !low_taken;
                ordered->strict |= list[j].high == members[i] && list[j].strict;
            }
            if (!taken && !above)
                ordered->columns[ordered->count++] = members[i];
        }
        if (ordered->count == before)
            return false;
    }
    return true;
}

/* Days, whole numbers, or as many digits behind the point as the column has. */
static void choose_unit(const struct row_maker *maker, struct ordered *ordered)
{
    const struct catalogue_column *column = &maker->table->columns[ordered->columns[0]];
    bool day = strcmp(ordered->codec->types[0], "date") == 0;
    const struct value_kind *kind = value_kind_find(column->base_type);
    ordered->scale = column->scale >= 0 && column->scale < 6 ? column->scale : 6;
    ordered->unit = 1;
    if (kind != NULL && value_kind_is_moment(kind) && !day)
        for (int i = ordered->scale; i < 6; i++)
            ordered->unit *= 10;
}

void ordered_make(struct arena *arena, struct row_maker *maker)
{
    size_t count;
    const struct below *list = read_checks(arena, maker, &count);
    for (size_t i = 0; i < count; i++) {
        struct ordered *ordered = arena_alloc(arena, sizeof *ordered);
        if (maker->recipes[list[i].low].ordered != NULL || !gather(list, count, list[i].low, ordered))
            continue;
        ordered->codec = find(maker->table->columns[list[i].low].base_type);
        choose_unit(maker, ordered);
        for (size_t j = 0; j < ordered->count; j++)
            maker->recipes[ordered->columns[j]].ordered = ordered;
    }
}

static bool read(const struct ordered *ordered, const char *text, wide *value)
{
    const struct render_ordinal as = {
        .codec = ordered->codec, .scale = ordered->scale, .finest = 1, .declared = true};
    return ordered->codec->read(&as, text, value);
}

static bool read_drawn(const struct ordered *ordered, const struct recipe *recipe, uint64_t draw, wide *value)
{
    struct buf text = {0};
    int64_t filled = distribution_filled(recipe->distribution);
    struct element element = distribution_placed(recipe->distribution,
                                                 filled > 0 ? (int64_t)(draw % (uint64_t)filled) : 0);
    render_text(recipe->render, &element, &text);
    bool is = read(ordered, buf_text(&text), value);
    buf_free(&text);
    return is;
}

double ordered_wrong(const struct ordered *ordered, const struct recipe *low, const struct recipe *high)
{
    enum { LOOKS = 256 };
    int wrong = 0;
    for (uint64_t i = 0; i < LOOKS; i++) {
        wide a, b;
        wrong += read_drawn(ordered, low, rng_hash(low->stream, 51, i), &a) &&
                 read_drawn(ordered, high, rng_hash(high->stream, 51, i), &b) && a > b;
    }
    return (double)wrong / LOOKS;
}

/* Of nulls and what is no number or moment each stays where it is. */
int ordered_pick(const struct ordered *ordered, const char *const *texts, size_t at, int64_t *raised)
{
    wide value[ORDERED_MOST], last = 0;
    int index[ORDERED_MOST];
    size_t count = 0, place = SIZE_MAX;
    for (size_t i = 0; i < ordered->count; i++) {
        if (!read(ordered, texts[i], &value[count]))
            continue;
        if (i == at)
            place = count;
        index[count++] = (int)i;
    }
    for (size_t i = 1; i < count; i++) /* few: inserted one by one */
        for (size_t j = i; j > 0 && value[j - 1] > value[j]; j--) {
            wide swapped = value[j];
            int other = index[j];
            value[j] = value[j - 1], index[j] = index[j - 1];
            value[j - 1] = swapped, index[j - 1] = other;
        }
    for (size_t i = 0; i < count && place != SIZE_MAX && i <= place; i++) {
        bool rises = i == 0 || !ordered->strict || value[i] > last;
        last = rises ? value[i] : last + ordered->unit;
        if (i == place && rises)
            return index[i];
    }
    *raised = (int64_t)last;
    return place == SIZE_MAX ? (int)at : -1;
}

void ordered_put(const struct ordered *ordered, int64_t raised, bool binary, struct buf *out)
{
    const struct render_ordinal as = {
        .codec = ordered->codec, .scale = ordered->scale, .finest = 1, .declared = true};
    (binary && ordered->codec->binary != NULL ? ordered->codec->binary : ordered->codec->plain)(&as, raised,
                                                                                                out);
}
