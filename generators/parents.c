#include "generators/parents.h"
#include "generators/earlier.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A child's column is spread over its parents' places in key order: buckets are stretches of them as wide as the bounds are
 * apart, common values stand at single places between. So key order in the child is key order in the parent, and each
 * element has a parent of its own. */

struct parents {
    int64_t count;
    int64_t *atom_at; /* place of each atom */
    int64_t *skip;    /* ascending: places that are no atoms' before each of them */
    size_t atom_count, skip_count;
    int64_t *first, *room; /* of each bucket: free places before it, and in it */
    bool dense; /* of a table that refers to itself, not always upwards: the first rows, without gaps */
};

/* Parents in a bucket: fewer do not tell where children are dense. Common values of a larger table: more go to the tail. */
enum { FEW = 4, MANY = 1000 };

static const struct profile_column *statistics_of(const struct parents_making *m, size_t position)
{
    return m->maker->recipes[m->reference->key->columns[position]].column->statistics;
}

static const struct profile_reference *source_of(const struct parents_making *m)
{
    const struct profile_table *table = m->maker->table->profile;
    const struct catalogue_key *key = m->reference->key;
    for (size_t i = 0; table != NULL && i < table->reference_count; i++) {
        const struct profile_reference *reference = &table->references[i];
        bool same = reference->column_count == key->column_count;
        for (size_t j = 0; same && j < key->column_count; j++)
            same = strcmp(table->columns[reference->columns[j]].name,
                          m->maker->table->columns[key->columns[j]].name) == 0;
        if (same)
            return reference;
    }
    return NULL;
}

static double distinct_of(const struct parents_making *m)
{
    const struct catalogue_key *key = m->reference->key;
    const struct profile_table *table = m->maker->table->profile;
    double most = 0;
    for (size_t i = 0; i < key->column_count; i++) {
        const struct profile_column *one = statistics_of(m, i);
        double distinct = one == NULL ? 0 : one->distinct > 0 ? one->distinct : one->distinct_reported;
        if (distinct < 0)
            distinct *= table != NULL ? -table->rows : -1;
        most = fmax(most, distinct);
    }
    return most * m->ratio;
}

/* Of a foreign key of several columns: as statistics of all of them have it, else as many parents as chance finds. */
static double distinct_together(const struct parents_making *m)
{
    const struct profile_table *table = m->maker->table->profile;
    const struct profile_reference *source = source_of(m);
    for (size_t i = 0; table != NULL && source != NULL && i < table->group_count; i++) {
        const struct profile_group *group = &table->groups[i];
        if (group->distinct > 0 && group->column_count == source->column_count &&
            memcmp(group->columns, source->columns, source->column_count * sizeof *source->columns) == 0)
            return group->distinct * m->ratio;
    }
    double parents = (double)m->parents->count;
    double rows = (double)m->spec.rows * (1 - m->spec.null_ratio);
    return fmax(distinct_of(m), -parents * expm1(-rows / parents));
}

/* Of several columns the one by which the parents lie tells how their children lie. */
static double correlation_of(const struct parents_making *m)
{
    static const double some = 0.3;
    const struct reference *reference = m->reference;
    double found = NAN, best = 0;
    for (size_t i = 0; i < reference->key->column_count; i++) {
        const struct profile_column *child = statistics_of(m, i), *parent = NULL;
        if (reference->parent != NULL && reference->key->column_count > 1)
            parent = reference->parent->table->columns[reference->key->parent_columns[i]].statistics;
        double order = parent != NULL && isfinite(parent->correlation) ? parent->correlation : 1;
        if (child == NULL || !isfinite(child->correlation) || fabs(order) < fmax(some, best))
            continue;
        if (best == 0 || fabs(order) > best)
            found = fmin(1, fmax(-1, child->correlation / order));
        best = fabs(order);
    }
    return found;
}

static void read_shares(struct parents_making *m)
{
    const struct catalogue_key *key = m->reference->key;
    for (size_t i = 0; i < key->column_count; i++) {
        const struct profile_column *statistics = statistics_of(m, i);
        if (statistics != NULL && !m->maker->table->columns[key->columns[i]].not_null &&
            (m->reference->nullable || m->reference->partial))
            m->spec.null_ratio = fmax(m->spec.null_ratio, statistics->null_ratio);
    }
    m->spec.correlation = correlation_of(m);
    m->spec.continuous = key->column_count > 1;
    m->spec.distinct = key->column_count > 1 ? distinct_together(m) : distinct_of(m);
    const struct profile_reference *source = source_of(m);
    if (source != NULL && source->counts != NULL) {
        parents_count_nulls(m, source->counts, source->count_count);
        parents_use_counts(m, source->counts, source->count_count);
    } else if (m->statistics != NULL && m->statistics->counts != NULL) {
        parents_use_counts(m, m->statistics->counts, m->statistics->count_count);
    } else if (m->reference->counts != NULL) {
        m->spec.counts = m->reference->counts;
        m->spec.count_count = m->reference->count_count;
        m->spec.distinct = 0;
        for (size_t i = 0; i < m->spec.count_count; i++)
            m->spec.distinct += (double)m->spec.counts[i].values;
    }
    m->spec.distinct = fmin(fmax(1, round(m->spec.distinct)), (double)m->parents->count);
}

/* Common values are so many among the parents as in the source, and have as many rows together: a smaller table's stand for
 * several each, a larger one's share what one had. Of very many, the rarer ones are left to the tail. */
static size_t read_atoms(struct parents_making *m, size_t *from, double *share, size_t most)
{
    const struct profile_column *statistics = m->statistics;
    size_t all = statistics == NULL ? 0 : statistics->mcv_count;
    double full = all == 0 ? 0 : fmax(1, floor((double)all * m->ratio + 1e-9));
    full = fmin(full, (double)m->parents->count);
    size_t kept = full > (double)most ? most : (size_t)full;
    for (size_t i = 0; i <= kept && (double)i < full; i++) {
        double low = (double)i * (double)all / full, high = (double)(i + 1) * (double)all / full, sum = 0;
        for (size_t j = (size_t)low; j < all && (double)j < high; j++)
            sum += statistics->mcv[j].share * (fmin(high, (double)(j + 1)) - fmax(low, (double)j));
        if (i == kept) {
            m->next_share = sum;
        } else {
            from[i] = (size_t)low;
            share[i] = sum;
        }
    }
    while (kept > 0 && share[kept - 1] * (double)m->spec.rows < 0.5)
        kept--;
    return kept;
}

/* Of a table that refers to itself: common parents first, then the others, all among the first rows, each before its
 * children. */
static void make_dense(struct parents_making *m, size_t atoms)
{
    double *within = arena_alloc(m->arena, (atoms + 1) * sizeof *within);
    for (size_t i = 0; i < atoms; i++)
        m->parents->atom_at[i] = (int64_t)i;
    m->spec.atom_within = within;
    m->spec.bucket_count = 1;
    double *capacity = arena_alloc(m->arena, sizeof *capacity);
    *capacity = fmax(0, (double)(m->parents->count - (int64_t)atoms));
    m->spec.bucket_capacity = capacity;
}

struct placed {
    double at, order; /* free places before it; in the order of the children's values */
    size_t atom;
};

static int by_place(const void *left, const void *right)
{
    const struct placed *a = left, *b = right;
    if (a->at != b->at)
        return a->at < b->at ? -1 : 1;
    if (a->order != b->order)
        return a->order < b->order ? -1 : 1;
    return a->atom < b->atom ? -1 : 1;
}

/* The free places: those that are no atoms'. A bucket has as many as values fit between its bounds, atoms apart. */
static void make_room(struct parents_making *m, size_t buckets, bool bounds)
{
    struct parents *parents = m->parents;
    double *weight = arena_alloc(m->arena, (buckets + 1) * sizeof *weight), sum = 0, before = 0;
    double *capacity = arena_alloc(m->arena, (buckets + 1) * sizeof *capacity);
    double all = (double)(parents->count - (int64_t)parents->atom_count), gap = 0, behind = 0;
    if (bounds)
        parents_find_gaps(m, &gap, &behind);
    for (size_t i = 0; i < buckets; i++) {
        weight[i] = bounds ? render_capacity(m->render, i) : 1;
        sum += weight[i];
    }
    for (size_t i = 0; i < buckets; i++) {
        bool known = isfinite(sum) && sum > 0;
        if (i == 0 && known) {
            sum += gap + behind;
            before = gap / sum;
            parents->first[0] = (int64_t)(all * before);
        }
        before += known ? weight[i] / sum : 1 / (double)buckets;
        int64_t end = i + 1 < buckets || behind > 0 ? (int64_t)(all * before) : (int64_t)all;
        parents->room[i] = end - parents->first[i];
        parents->first[i + 1] = end;
        capacity[i] = (double)parents->room[i];
    }
    m->spec.bucket_capacity = capacity;
}

/* Without bounds, in their own order. */
static void spread_evenly(const struct parents_making *m, const size_t *from, size_t atoms, double *within)
{
    size_t all = m->statistics != NULL ? m->statistics->mcv_count : 0;
    double *before = arena_alloc(m->arena, (all + 1) * sizeof *before);
    for (size_t i = 0; i < all; i++) {
        const char *one = m->statistics->mcv[i].value;
        long double number = strtold(one, NULL);
        for (size_t j = 0; j < all; j++) {
            const char *other = m->statistics->mcv[j].value;
            long double its = strtold(other, NULL);
            before[i] += its < number || (its == number && strcmp(other, one) < 0);
        }
    }
    for (size_t i = 0; i < atoms; i++)
        within[i] = before[from[i]] / (double)all;
}

/* An atom has as many free places before it as it stands behind in the buckets. */
static void make_spread(struct parents_making *m, const size_t *from, size_t atoms)
{
    size_t buckets = m->spec.bucket_count;
    struct parents *parents = m->parents;
    struct placed *placed = arena_alloc(m->arena, (atoms + 1) * sizeof *placed);
    size_t *bucket = arena_alloc(m->arena, (atoms + 1) * sizeof *bucket);
    double *within = arena_alloc(m->arena, (atoms + 1) * sizeof *within);
    bool bounds = m->render != NULL && m->statistics->bound_count > 1 &&
                  buckets == m->statistics->bound_count - 1;
    if (!bounds)
        spread_evenly(m, from, atoms, within);
    make_room(m, buckets, bounds);
    for (size_t i = 0; i < atoms; i++) {
        if (bounds)
            render_place(m->render, from[i], &bucket[i], &within[i]);
        double room = buckets == 0          ? (double)(parents->count - (int64_t)atoms)
                      : bucket[i] < buckets ? (double)parents->room[bucket[i]]
                                            : 0;
        placed[i] = (struct placed){floor((double)parents->first[bucket[i]] + within[i] * room),
                                    (double)bucket[i] + within[i], i};
    }
    qsort(placed, atoms, sizeof *placed, by_place);
    for (size_t i = 0; i < atoms; i++) {
        parents->skip[i] = (int64_t)placed[i].at;
        parents->atom_at[placed[i].atom] = parents->skip[i] + (int64_t)i;
    }
    parents->skip_count = atoms;
    m->spec.atom_bucket = bucket;
    m->spec.atom_within = within;
}

/* Common values that are all there are leave no room for others. */
static size_t buckets_of(const struct parents_making *m, const double *share, size_t atoms)
{
    double rest = 1 - m->spec.null_ratio;
    for (size_t i = 0; i < atoms; i++)
        rest -= share[i];
    if (atoms > 0 && ((rest < 1e-3 && m->spec.counts == NULL) || m->spec.distinct <= (double)atoms))
        return 0;
    size_t buckets = m->statistics != NULL && m->statistics->bound_count > 1 ? m->statistics->bound_count - 1
                                                                             : 1;
    return buckets * FEW > (size_t)m->parents->count ? 1 : buckets;
}

/* The most common value has the highest count. */
static void use_ranks(struct parents_making *m, double *share, size_t atoms)
{
    size_t class = m->spec.count_count;
    int64_t left = 0;
    for (size_t i = 0; i < atoms && m->spec.count_count > 0; i++) {
        while (left == 0 && class > 0)
            left = m->spec.counts[--class].values;
        share[i] = left > 0 ? (double)m->spec.counts[class].rows / (double)m->spec.rows : 0;
        left -= left > 0;
    }
}

static void make_map(struct parents_making *m)
{
    struct arena *arena = m->arena;
    struct parents *parents = m->parents;
    size_t all = m->statistics == NULL ? 0 : m->statistics->mcv_count;
    size_t most = all > MANY ? all : MANY;
    size_t *from = arena_alloc(arena, (most + 1) * sizeof *from);
    double *share = arena_alloc(arena, (most + 1) * sizeof *share);
    size_t atoms = read_atoms(m, from, share, most);
    m->spec.atom_share = share;
    m->spec.atom_count = parents->atom_count = atoms;
    m->spec.bucket_count = buckets_of(m, share, atoms);
    use_ranks(m, share, atoms);
    parents->atom_at = arena_alloc(arena, (atoms + 1) * sizeof *parents->atom_at);
    parents->skip = arena_alloc(arena, (atoms + 1) * sizeof *parents->skip);
    parents->first = arena_alloc(arena, (m->spec.bucket_count + 2) * sizeof *parents->first);
    parents->room = arena_alloc(arena, (m->spec.bucket_count + 1) * sizeof *parents->room);
    if (parents->dense)
        make_dense(m, atoms);
    else
        make_spread(m, from, atoms);
}

/* Where as many parents have children as would by chance, each stretch has so many: dense and sparse ones are seen in the
 * bounds. Otherwise only the common values tell how unlike the others are. */
static void use_density(struct parents_making *m)
{
    static const double near = 0.2;
    size_t buckets = m->spec.bucket_count;
    double *distinct = arena_alloc(m->arena, (buckets + 1) * sizeof *distinct), sum = 0;
    double rest = 1 - m->spec.null_ratio;
    for (size_t i = 0; i < m->spec.atom_count; i++)
        rest -= m->spec.atom_share[i];
    for (size_t i = 0; i < buckets; i++) {
        double share = m->statistics->bucket_share != NULL ? m->statistics->bucket_share[i]
                                                           : 1 / (double)buckets;
        double rows = fmax(0, rest) * share * (double)m->spec.rows, room = m->spec.bucket_capacity[i];
        distinct[i] = room > 0 ? -room * expm1(-rows / room) : 0;
        sum += distinct[i];
    }
    double wanted = m->spec.distinct - (double)m->spec.atom_count;
    double mean = fmax(0, rest) * (double)m->spec.rows / wanted;
    bool uneven = m->spec.tail_share * (double)m->spec.rows > 2 * mean; /* then the tail tells more */
    if (sum > 0 && fabs(wanted / sum - 1) < near && !uneven)
        m->spec.bucket_distinct = distinct;
}

static void choose_tail(struct parents_making *m)
{
    const struct profile_table *source = m->maker->table->profile;
    bool bounds = m->statistics != NULL && m->statistics->bound_count > 1 &&
                  m->spec.bucket_count == m->statistics->bound_count - 1;
    if (m->spec.counts != NULL || source == NULL || m->statistics == NULL)
        return;
    if (m->reference->source_rows > 0)
        profiled_tail(source, m->statistics, m->reference->source_rows, m->reference->source_rows, &m->spec);
    m->spec.tail_share = fmax(m->spec.tail_share, m->next_share);
    if (m->spec.bucket_count > 0 && parents_spread(m))
        return;
    if (bounds && !m->parents->dense)
        use_density(m);
}

static void make_fan_out(struct parents_making *m, bool dense)
{
    struct reference *reference = m->reference;
    m->parents = arena_alloc(m->arena, sizeof *m->parents);
    m->parents->count = m->parents_count = reference->parent_rows;
    m->parents->dense = dense;
    m->next_share = 0;
    m->spec = (struct distribution_spec){.stream = reference->stream, .rows = m->maker->rows};
    if (reference->key->column_count == 1)
        m->spec.null_stream = profiled_null_stream(m->maker, reference->key->columns[0]);
    read_shares(m);
    if (reference->self)
        m->spec.correlation = 1;
    make_map(m);
    choose_tail(m);
    reference->fan_out = distribution_make(m->arena, &m->spec);
    reference->parents = m->parents;
}

/* Of its own table's rows: in the order of the keys. */
static void make_earlier(struct parents_making *m)
{
    const struct reference *reference = m->reference;
    const struct recipe *key = &m->maker->recipes[reference->key->parent_columns[0]];
    double correlation = correlation_of(m);
    if (key->source == RECIPE_NUMBERED && key->distribution != NULL)
        correlation = fmin(1, fmax(-1, correlation / key->column->statistics->correlation));
    m->reference->earlier = earlier_make(m->arena, reference->stream, reference->fan_out, reference->parents,
                                         correlation);
}

bool parents_make(struct arena *arena, const struct row_maker *maker, struct reference *reference,
                  struct err *err)
{
    const struct catalogue_key *key = reference->key;
    if (reference->fan_out != NULL || reference->parent_rows == 0)
        return true;
    struct parents_making m = {.arena = arena, .maker = maker, .reference = reference, .ratio = 1};
    if (reference->source_rows > 0)
        m.ratio = (double)reference->parent_rows / reference->source_rows;
    if (key->column_count == 1) {
        const struct recipe *recipe = &maker->recipes[key->columns[0]];
        struct err ignored = {0};
        m.statistics = recipe->column->statistics;
        m.render = render_make(arena, reference->stream, maker->table, recipe->column, m.statistics,
                               &ignored); /* it tells where common values stand; no matter if not */
    }
    make_fan_out(&m, false);
    if (reference->self && !earlier_suffices(reference->fan_out, reference->parents))
        make_fan_out(&m, true);
    if (reference->self)
        make_earlier(&m);
    reference->mode = REFERENCE_PROFILED;
    (void)err;
    return true;
}

/* The place of the free place so many places on. */
static int64_t skip_atoms(const struct parents *parents, int64_t place)
{
    size_t low = 0, high = parents->skip_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (parents->skip[middle] <= place)
            low = middle + 1;
        else
            high = middle;
    }
    return place + (int64_t)low;
}

int64_t parents_at(const struct parents *parents, const struct element *element)
{
    int64_t place;
    if (element->kind == ELEMENT_ATOM)
        return parents->atom_at[element->index];
    if (parents->dense) {
        place = (int64_t)parents->atom_count + (int64_t)element->value;
    } else {
        int64_t room = parents->room[element->index];
        __extension__ __int128 within = (__int128)element->value * room;
        place = skip_atoms(parents,
                           parents->first[element->index] + (int64_t)(within / (int64_t)element->values));
    }
    return place < parents->count ? place : parents->count - 1;
}
