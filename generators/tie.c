#include "generators/tie.h"

#include "bench/base/rng.h"
#include "generators/permute.h"

#include <math.h>
#include <stdlib.h>

/* Values that are told apart: of more, several neighbours go as one. */
enum { MOST_VALUES = 1 << 16 };
/* Rows of values that rooms are filled up with, and how many of these are kept back for each room. */
enum { SMALL = 1024, SMALL_EACH = 4 };

struct
    stretch { /* of places, and where it begins in the order in which both columns' stretches lie beside each other */
    int64_t place, at;
};

struct tie {
    struct stretch *from, *to; /* the leader's by place; the other's by at */
    size_t from_count, to_count;
    const struct distribution *leader;
    int64_t rows, loose,
        block;               /* loose: where loose ones begin; block: rows among which they change places */
    struct permutation pool; /* of them all; while block is 0 */
    uint64_t stream;
    bool ordered, turned;
    int64_t filled, led_filled; /* of the leader and the other */
};

/* ---- making ---- */

struct value { /* or neighbours that go as one */
    int64_t first, rows, taken;
    int64_t atom; /* TIE_NULL of nulls; −2 of none */
    size_t mate;  /* the coarse value it is known to meet most; NONE */
    bool loose;
    double met; /* rows of a coarse one that known pairs take, so far */
};

#define NONE SIZE_MAX

struct making {
    struct arena *arena;
    const struct tie_spec *spec;
    struct tie *tie;
    struct value *fine, *coarse;
    size_t fine_count, coarse_count;
    struct stretch *of_fine, *of_coarse; /* as many as pairs and leftovers */
    size_t fine_pushed, coarse_pushed, fine_capacity, coarse_capacity;
    int64_t at;
    size_t *heap, heap_count; /* coarse values, the one with most room on top */
};

static struct value *list_values(struct arena *arena, const struct distribution *of, size_t *count)
{
    struct value *list = NULL;
    size_t capacity = 0;
    int64_t rows = distribution_rows(of), step = distribution_distinct(of) / MOST_VALUES;
    *count = 0;
    for (int64_t place = 0; place < rows;) {
        struct element element = distribution_placed(of, place);
        int64_t last = place + step * (rows / (distribution_distinct(of) + 1));
        int64_t end = place < distribution_filled(of) ? distribution_filled(of) : rows;
        struct distribution_range range = distribution_around(of, last < end ? last : end - 1);
        struct value *value = ARENA_PUSH(arena, list, *count, capacity);
        *value = (struct value){
            .first = place, .rows = range.first + range.rows - place, .atom = -2, .mate = NONE};
        if (element.kind != ELEMENT_BUCKET)
            value->atom = element.kind == ELEMENT_NULL ? TIE_NULL : (int64_t)element.index;
        place = range.first + range.rows;
    }
    return list;
}

static int64_t left(const struct value *value)
{
    return value->rows - value->taken;
}

static void push_fine(struct making *m, struct value *value, int64_t rows)
{
    *ARENA_PUSH(m->arena, m->of_fine, m->fine_pushed,
                m->fine_capacity) = (struct stretch){value->first + value->taken, m->at};
    value->taken += rows;
}

static void push_coarse(struct making *m, struct value *value, int64_t rows)
{
    *ARENA_PUSH(m->arena, m->of_coarse, m->coarse_pushed,
                m->coarse_capacity) = (struct stretch){value->first + value->taken, m->at};
    value->taken += rows;
}

static void join(struct making *m, struct value *fine, struct value *coarse, int64_t rows)
{
    int64_t most = left(fine) < left(coarse) ? left(fine) : left(coarse);
    rows = rows < most ? rows : most;
    if (rows <= 0)
        return;
    push_fine(m, fine, rows);
    push_coarse(m, coarse, rows);
    m->at += rows;
}

/* Of each atom, nulls first, which of the values it is. */
static size_t *list_atoms(struct arena *arena, const struct value *list, size_t count, int64_t *most)
{
    *most = TIE_NULL;
    for (size_t i = 0; i < count; i++)
        *most = list[i].atom > *most ? list[i].atom : *most;
    size_t *value = arena_alloc(arena, (size_t)(*most + 2) * sizeof *value);
    for (int64_t i = 0; i < *most + 2; i++)
        value[i] = NONE;
    for (size_t i = 0; i < count; i++)
        if (list[i].atom >= TIE_NULL)
            value[list[i].atom + 1] = i;
    return value;
}

/* Pairs come by falling share: the first one of a value is the one it meets most. */
static void join_pairs(struct making *m)
{
    int64_t most_fine, most_coarse;
    const size_t *of_fine = list_atoms(m->arena, m->fine, m->fine_count, &most_fine);
    const size_t *of_coarse = list_atoms(m->arena, m->coarse, m->coarse_count, &most_coarse);
    for (size_t i = 0; i < m->spec->pair_count; i++) {
        const struct tie_pair *pair = &m->spec->pairs[i];
        size_t fine = pair->fine <= most_fine ? of_fine[pair->fine + 1] : NONE;
        size_t coarse = pair->coarse <= most_coarse ? of_coarse[pair->coarse + 1] : NONE;
        if (fine == NONE || coarse == NONE)
            continue;
        if (m->fine[fine].mate == NONE)
            m->fine[fine].mate = coarse;
        double before = m->coarse[coarse].met, rows = pair->share * (double)m->tie->rows;
        join(m, &m->fine[fine], &m->coarse[coarse], llround(before + rows) - llround(before));
        m->coarse[coarse].met += rows;
    }
}

struct drawn {
    uint64_t key;
    size_t value;
};

static int by_key(const void *a, const void *b)
{
    const struct drawn *x = a, *y = b;
    return x->key != y->key ? (x->key < y->key ? -1 : 1) : (x->value > y->value) - (x->value < y->value);
}

static struct drawn *draw_order(struct making *m)
{
    struct drawn *drawn = arena_alloc(m->arena, (m->fine_count + 1) * sizeof *drawn);
    for (size_t i = 0; i < m->fine_count; i++)
        drawn[i] = (struct drawn){rng_hash(m->spec->stream, 31, i), i};
    qsort(drawn, m->fine_count, sizeof *drawn, by_key);
    return drawn;
}

/* Whole values, as many as make up the share of the rows that are loose. */
static void choose_loose(struct making *m, const struct drawn *drawn)
{
    double wanted = (1 - m->spec->degree) * (double)m->tie->rows;
    for (size_t i = 0; i < m->fine_count; i++) {
        struct value *value = &m->fine[drawn[i].value];
        if ((double)left(value) > wanted + 0.5)
            continue;
        value->loose = true;
        wanted -= (double)left(value);
    }
}

static bool roomier(const struct making *m, size_t a, size_t b)
{
    int64_t x = left(&m->coarse[m->heap[a]]), y = left(&m->coarse[m->heap[b]]);
    return x != y ? x > y : m->heap[a] < m->heap[b];
}

static void sink(struct making *m, size_t at)
{
    for (size_t child; (child = 2 * at + 1) < m->heap_count; at = child) {
        if (child + 1 < m->heap_count && roomier(m, child + 1, child))
            child++;
        if (!roomier(m, child, at))
            return;
        size_t swapped = m->heap[at];
        m->heap[at] = m->heap[child];
        m->heap[child] = swapped;
    }
}

static void make_heap(struct making *m)
{
    m->heap = arena_alloc(m->arena, (m->coarse_count + 1) * sizeof *m->heap);
    m->heap_count = 0;
    for (size_t i = 0; i < m->coarse_count; i++)
        m->heap[m->heap_count++] = i;
    for (size_t i = m->heap_count; i-- > 0;)
        sink(m, i);
}

static int by_falling_left(const void *a, const void *b)
{
    const struct value *x = *(const struct value *const *)a, *y = *(const struct value *const *)b;
    return left(x) != left(y) ? (left(x) > left(y) ? -1 : 1) : (x->first > y->first) - (x->first < y->first);
}

static void pack_value(struct making *m, struct value *value)
{
    while (left(value) > 0 && left(&m->coarse[m->heap[0]]) > 0) {
        join(m, value, &m->coarse[m->heap[0]], left(value));
        sink(m, 0);
    }
}

/* Small values by how many rows they have. */
struct small {
    struct value **of[SMALL + 1];
    size_t count[SMALL + 1];
    int64_t most;
};

static struct small *sort_small(struct making *m, struct value **list, size_t count)
{
    struct small *small = arena_alloc(m->arena, sizeof *small);
    for (size_t i = 0; i < count; i++) {
        int64_t rows = left(list[i]);
        if (small->count[rows] == 0)
            small->of[rows] = &list[i]; /* they come by falling rows: equal ones stand together */
        small->count[rows]++;
        small->most = rows > small->most ? rows : small->most;
    }
    return small;
}

static bool take_small(struct making *m, struct small *small, int64_t rows, struct value *coarse)
{
    if (rows < 1 || rows > SMALL || small->count[rows] == 0)
        return false;
    struct value *value = small->of[rows][--small->count[rows]];
    join(m, value, coarse, rows);
    while (small->most > 0 && small->count[small->most] == 0)
        small->most--;
    return true;
}

/* With one value, or two, that fill it to the row. */
static bool close_exactly(struct making *m, struct small *small, struct value *coarse)
{
    int64_t room = left(coarse);
    if (take_small(m, small, room, coarse))
        return true;
    for (int64_t rows = small->most; rows * 2 >= room && rows > 0; rows--) {
        int64_t other = room - rows;
        if (other < 1 || small->count[rows] == 0 || small->count[other] < 1U + (other == rows))
            continue;
        return take_small(m, small, rows, coarse) && take_small(m, small, other, coarse);
    }
    return false;
}

static void fill_exactly(struct making *m, struct small *small, struct value *coarse)
{
    while (left(coarse) > 0 && !close_exactly(m, small, coarse)) {
        int64_t rows = small->most < left(coarse) ? small->most : left(coarse);
        while (rows > 0 && small->count[rows] == 0)
            rows--;
        if (!take_small(m, small, rows, coarse))
            return;
    }
}

/* Large values first, then small ones so that as many rooms as possible are filled to the row; what does not fit as a whole
 * goes where most of it does. */
static void pack(struct making *m)
{
    struct value **list = arena_alloc(m->arena, (m->fine_count + 1) * sizeof *list);
    size_t count = 0;
    for (size_t i = 0; i < m->fine_count; i++) {
        if (!m->fine[i].loose && m->fine[i].mate != NONE)
            join(m, &m->fine[i], &m->coarse[m->fine[i].mate], left(&m->fine[i]));
        if (!m->fine[i].loose && left(&m->fine[i]) > 0)
            list[count++] = &m->fine[i];
    }
    qsort(list, count, sizeof *list, by_falling_left);
    make_heap(m);
    size_t large = count > SMALL_EACH * m->coarse_count ? count - SMALL_EACH * m->coarse_count : 0;
    while (large < count && left(list[large]) > SMALL)
        large++;
    for (size_t i = 0; i < large; i++)
        pack_value(m, list[i]);
    struct small *small = sort_small(m, list + large, count - large);
    for (size_t i = 0; i < m->coarse_count; i++)
        fill_exactly(m, small, &m->coarse[i]);
    make_heap(m);
    for (size_t i = 0; i < count; i++)
        pack_value(m, list[i]);
}

static void lay_loose(struct making *m, const struct drawn *drawn)
{
    m->tie->loose = m->at;
    for (size_t i = 0; i < m->fine_count; i++) {
        struct value *value = &m->fine[drawn[i].value];
        int64_t rows = left(value);
        if (rows > 0)
            push_fine(m, value, rows);
        m->at += rows;
    }
    m->at = m->tie->loose;
    for (size_t i = 0; i < m->coarse_count; i++) {
        int64_t rows = left(&m->coarse[i]);
        if (rows > 0)
            push_coarse(m, &m->coarse[i], rows);
        m->at += rows;
    }
}

/* Different pairs when so many rows at a time change places: of each such stretch its values meet one another by chance. */
static double pairs_within(const struct making *m, double block, double rows)
{
    double fine = fmax(1, block * (double)m->fine_count / rows),
           coarse = fmax(1, block * (double)m->coarse_count / rows);
    return rows / block * fine * coarse * -expm1(-block / (fine * coarse));
}

static void choose_block(struct making *m)
{
    double rows = (double)(m->tie->rows - m->tie->loose), low = 1, high = rows;
    if (!(m->spec->distinct > 0) || rows < 2 || pairs_within(m, rows, rows) <= m->spec->distinct)
        return;
    low = fmin(rows, fmax(rows / (double)m->fine_count, rows / (double)m->coarse_count));
    for (int i = 0; i < 40; i++) {
        double middle = (low + high) / 2;
        *(pairs_within(m, middle, rows) < m->spec->distinct ? &low : &high) = middle;
    }
    m->tie->block = (int64_t)fmax(1, low);
}

static int by_place(const void *a, const void *b)
{
    const struct stretch *x = a, *y = b;
    return (x->place > y->place) - (x->place < y->place);
}

/* Stretches that go on from one another are one. */
static size_t merge(struct stretch *list, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || list[i].place - list[kept - 1].place != list[i].at - list[kept - 1].at ||
            list[i].at <= list[kept - 1].at)
            list[kept++] = list[i];
    return kept;
}

static void finish(struct making *m)
{
    struct tie *tie = m->tie;
    tie->from = m->spec->fine_leads ? m->of_fine : m->of_coarse;
    tie->to = m->spec->fine_leads ? m->of_coarse : m->of_fine;
    tie->from_count = m->spec->fine_leads ? m->fine_pushed : m->coarse_pushed;
    tie->to_count = m->spec->fine_leads ? m->coarse_pushed : m->fine_pushed;
    if (tie->from_count > 0)
        qsort(tie->from, tie->from_count, sizeof *tie->from, by_place);
    tie->from_count = merge(tie->from, tie->from_count);
    tie->to_count = merge(tie->to, tie->to_count);
    tie->pool = permute_make(rng_hash(m->spec->stream, 32, 0), (uint64_t)(tie->rows - tie->loose));
}

const struct tie *tie_make(struct arena *arena, const struct tie_spec *spec)
{
    struct tie *tie = arena_alloc(arena, sizeof *tie);
    int64_t fine = distribution_filled(spec->fine), coarse = distribution_filled(spec->coarse);
    *tie = (struct tie){.stream = spec->stream,
                        .rows = distribution_rows(spec->fine),
                        .leader = spec->fine_leads ? spec->fine : spec->coarse,
                        .ordered = spec->ordered,
                        .turned = spec->turned,
                        .filled = spec->fine_leads ? fine : coarse,
                        .led_filled = spec->fine_leads ? coarse : fine};
    if (spec->ordered || tie->rows == 0)
        return tie;
    struct making m = {.arena = arena, .spec = spec, .tie = tie};
    m.fine = list_values(arena, spec->fine, &m.fine_count);
    m.coarse = list_values(arena, spec->coarse, &m.coarse_count);
    const struct drawn *drawn = draw_order(&m);
    join_pairs(&m);
    choose_loose(&m, drawn);
    pack(&m);
    lay_loose(&m, drawn);
    choose_block(&m);
    finish(&m);
    return tie;
}

/* ---- using ---- */

static int64_t shuffled(const struct tie *tie, int64_t at)
{
    int64_t pool = tie->rows - tie->loose;
    if (tie->block == 0)
        return (int64_t)permute_at(&tie->pool, (uint64_t)at);
    int64_t from = at - at % tie->block, rows = pool - from < tie->block ? pool - from : tie->block;
    return from +
           (int64_t)permute(rng_hash(tie->stream, 33, (uint64_t)from), (uint64_t)rows, (uint64_t)(at - from));
}

static size_t last_not_above(const struct stretch *list, size_t count, int64_t wanted, bool place)
{
    size_t low = 0, high = count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if ((place ? list[middle].place : list[middle].at) <= wanted)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Rows of one value in any order: those that go with one value of the other column are not the first ones. */
static int64_t mixed(const struct tie *tie, int64_t place)
{
    struct distribution_range range = distribution_around(tie->leader, place);
    return range.first + (int64_t)permute(rng_hash(tie->stream, 34, (uint64_t)range.first),
                                          (uint64_t)range.rows, (uint64_t)(place - range.first));
}

int64_t tie_place(const struct tie *tie, int64_t place)
{
    if (tie->ordered)
        return tie_in_order(place, tie->filled, tie->led_filled, tie->turned);
    place = mixed(tie, place);
    const struct stretch *from = &tie->from[last_not_above(tie->from, tie->from_count, place, true)];
    int64_t at = from->at + place - from->place;
    if (at >= tie->loose)
        at = tie->loose + shuffled(tie, at - tie->loose);
    const struct stretch *to = &tie->to[last_not_above(tie->to, tie->to_count, at, false)];
    return to->place + at - to->at;
}
