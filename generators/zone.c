#include "generators/zone.h"

#include <math.h>

__extension__ typedef unsigned __int128 wide;

/* n / d for n < 2^64 / d, from ratio_of(1, d); and in general a monotone map of 0 … d·k−1 onto 0 … k−1. */
static uint64_t scale(uint64_t n, uint64_t ratio)
{
    return (uint64_t)((wide)(n + 1) * ratio >> 64);
}

static uint64_t ratio_of(uint64_t values, uint64_t rows)
{
    return (uint64_t)((((wide)values << 64) - 1) / rows);
}

/* ---- making ---- */

/* One part of a bucket while its zones are made. */
struct build {
    struct zones *zones;
    const struct segment *segment;
    uint64_t places;       /* of the bucket */
    uint64_t first, value; /* place or value of the bucket its first value has; values so far */
};

static uint64_t place_of(const struct build *build, uint64_t value)
{
    if (!build->segment->placed)
        return build->first + value;
    return build->first +
           (uint64_t)((wide)value * (uint64_t)build->segment->capacity / (uint64_t)build->segment->values);
}

static struct zone *push_zone(struct zones *zones, uint64_t rows, uint64_t values)
{
    uint64_t *start = ARENA_PUSH(zones->arena, zones->start, zones->start_count, zones->start_capacity);
    *start = start[-1] + rows;
    *ARENA_PUSH(zones->arena, zones->values, zones->value_count, zones->value_capacity) = values;
    return ARENA_PUSH(zones->arena, zones->list, zones->count, zones->capacity);
}

static void push_class(struct zones *zones, const struct zone_class *class)
{
    *ARENA_PUSH(zones->arena, zones->classes, zones->class_count, zones->class_capacity) = *class;
}

static struct zone *push_part(struct build *build, uint64_t rows, uint64_t values)
{
    struct zone *zone = push_zone(build->zones, rows, values);
    uint64_t first = place_of(build, build->value), room = place_of(build, build->value + values) - first;
    *zone = (struct zone){.first = first,
                          .whole = room / values,
                          .part = (uint64_t)(((wide)(room % values) << 64) / values),
                          .places = build->places,
                          .index = (uint32_t)build->segment->index,
                          .classes = (uint32_t)build->zones->class_count};
    for (int i = 0; i < ZONE_CLASSES; i++)
        zone->end[i] = INT32_MAX;
    build->value += values;
    return zone;
}

static void push_even(struct build *build, uint64_t rows, uint64_t values)
{
    push_part(build, rows, values);
    push_class(build->zones, &(struct zone_class){.ratio = ratio_of(values, rows)});
}

/* Blocks, each with these classes. */
static void push_blocks(struct build *build, uint64_t blocks, const struct profile_count *class, size_t count)
{
    uint64_t rows = 0, values = 0;
    for (size_t i = 0; i < count; i++) {
        rows += (uint64_t)(class[i].rows * class[i].values);
        values += (uint64_t) class[i].values;
    }
    struct zone *zone = push_part(build, rows * blocks, values * blocks);
    zone->ratio = blocks > 1 ? ratio_of(1, rows) : 0;
    zone->block_rows = rows;
    zone->block_values = values;
    struct zone_class next = {0};
    for (size_t i = 0; i < count; i++) {
        next.rows = (uint64_t) class[i].rows;
        next.ratio = ratio_of(1, next.rows);
        push_class(build->zones, &next);
        next.start += (uint64_t)(class[i].rows * class[i].values);
        next.first += (uint64_t) class[i].values;
        if (i + 1 < count)
            zone->end[i] = (int32_t)next.start;
    }
}

static bool is_even(const struct profile_count *class, size_t count)
{
    return count == 1 || (count == 2 && class[1].rows == class[0].rows + 1);
}

/* Beyond what a product of 64 bits holds: each class for itself. */
static bool is_huge(uint64_t blocks, const struct profile_count *class, size_t count)
{
    double rows = 0;
    for (size_t i = 0; i < count; i++)
        rows += (double)class[i].rows * (double)class[i].values;
    return rows >= 0x1p31 || rows * (double)blocks * rows > 0x1p63;
}

static void push_pattern(struct build *build, uint64_t blocks, struct profile_count *class, size_t count)
{
    if (is_even(class, count)) {
        uint64_t rows = 0, values = 0;
        for (size_t i = 0; i < count; i++) {
            rows += (uint64_t)(class[i].rows * class[i].values) * blocks;
            values += (uint64_t) class[i].values * blocks;
        }
        push_even(build, rows, values);
    } else if (is_huge(blocks, class, count)) {
        for (size_t i = 0; i < count; i++) {
            uint64_t values = (uint64_t) class[i].values * blocks;
            push_even(build, (uint64_t) class[i].rows * values, values);
        }
    } else {
        push_blocks(build, blocks, class, count);
    }
}

/* Small blocks that repeat, so that frequent values lie among rare ones; what does not divide evenly goes to fewer, larger ones. */
static void push_classes(struct build *build, const struct profile_count *class, size_t count)
{
    enum { LEVELS = 3 };
    static const int64_t block_values = 64;
    int64_t left[ZONE_CLASSES];
    for (size_t i = 0; i < count; i++)
        left[i] = class[i].values;
    for (int level = 0; level < LEVELS; level++) {
        int64_t values = 0;
        for (size_t i = 0; i < count; i++)
            values += left[i];
        int64_t blocks = level + 1 == LEVELS || values < 2 * block_values ? 1 : values / block_values;
        struct profile_count block[ZONE_CLASSES];
        size_t used = 0;
        for (size_t i = 0; i < count; i++) {
            int64_t each = left[i] / blocks;
            left[i] -= each * blocks;
            if (each > 0)
                block[used++] = (struct profile_count){.rows = class[i].rows, .values = each};
        }
        if (used > 0)
            push_pattern(build, (uint64_t)blocks, block, used);
        if (blocks == 1)
            break;
    }
}

/* A few classes at a time; which come first turns from part to part. */
static void push_segment(struct build *build, size_t turn)
{
    const struct spectrum *spectrum = &build->segment->spectrum;
    if (is_even(spectrum->classes, spectrum->count)) {
        push_even(build, (uint64_t)build->segment->rows, (uint64_t)build->segment->values);
        return;
    }
    size_t groups = (spectrum->count + ZONE_CLASSES - 1) / ZONE_CLASSES;
    for (size_t i = 0; i < groups; i++) {
        size_t group = (i + turn) % groups;
        size_t from = group * spectrum->count / groups, to = (group + 1) * spectrum->count / groups;
        push_classes(build, spectrum->classes + from, to - from);
    }
}

static void push_atom(struct zones *zones, const struct segment *segment)
{
    struct zone zone = {.index = (uint32_t)segment->index};
    for (int i = 0; i < ZONE_CLASSES; i++)
        zone.end[i] = INT32_MAX;
    *push_zone(zones, (uint64_t)segment->rows, 1) = zone;
}

static bool same_bucket(const struct segment *a, const struct segment *b)
{
    return !a->atom && !b->atom && a->index == b->index;
}

/* The places of a bucket: its capacity where values have places, else its values. */
static uint64_t count_places(const struct segments *segments, size_t first)
{
    const struct segment *of = &segments->list[first];
    if (of->placed)
        return (uint64_t)segments->spec->bucket_capacity[of->index];
    uint64_t values = 0;
    for (size_t i = first; i < segments->count; i++) {
        if (!segments->list[i].atom && segments->list[i].index != of->index)
            break;
        values += same_bucket(of, &segments->list[i]) ? (uint64_t)segments->list[i].values : 0;
    }
    return values;
}

static void make_guide(struct zones *zones, uint64_t rows)
{
    uint64_t most = zones->count < 128 ? 1024 : 8 * zones->count; /* seldom a border between two entries */
    while (rows >> zones->shift >= most)
        zones->shift++;
    size_t entries = (size_t)(rows >> zones->shift) + 1;
    zones->guide = arena_alloc(zones->arena, entries * sizeof *zones->guide);
    uint32_t zone = 0;
    for (size_t i = 0; i < entries; i++) {
        while (zone + 1 < zones->count && zones->start[zone + 1] <= (uint64_t)i << zones->shift)
            zone++;
        zones->guide[i] = zone;
    }
}

void zones_make(struct zones *zones, const struct segments *segments)
{
    *zones = (struct zones){.arena = segments->arena};
    *ARENA_PUSH(zones->arena, zones->start, zones->start_count, zones->start_capacity) = 0;
    push_class(zones, &(struct zone_class){0}); /* the atoms': all rows the same value */
    struct build build = {.zones = zones};
    for (size_t i = 0; i < segments->count; i++) {
        const struct segment *segment = &segments->list[i];
        if (segment->atom) {
            push_atom(zones, segment);
            continue;
        }
        if (build.segment == NULL || build.segment->index != segment->index) {
            build.places = count_places(segments, i);
            build.first = 0;
        }
        build.first = segment->placed ? (uint64_t)segment->place : build.first;
        build.segment = segment;
        build.value = 0;
        push_segment(&build, i);
        build.first += (uint64_t)segment->values;
    }
    make_guide(zones, (uint64_t)segments->rows);
}

/* ---- using ---- */

static uint64_t place_in(const struct zone *zone, uint64_t value)
{
    return zone->first + value * zone->whole + (uint64_t)((wide)value * zone->part >> 64);
}

/* The same steps for every kind of zone: a branch that depends on the row would cost more than all of them. */
static uint64_t value_in(const struct zones *zones, const struct zone *zone, uint64_t offset)
{
    uint64_t block = scale(offset, zone->ratio), row = offset - block * zone->block_rows;
    int32_t near = row < INT32_MAX ? (int32_t)row : INT32_MAX - 1, passed = 0;
    for (int i = 0; i < ZONE_CLASSES; i++)
        passed += near >= zone->end[i];
    const struct zone_class *class = &zones->classes[zone->classes + (uint32_t)passed];
    return block * zone->block_values + class->first + scale(row - class->start, class->ratio);
}

static inline size_t zone_of(const struct zones *zones, uint64_t rank)
{
    size_t at = zones->guide[rank >> zones->shift];
    while (rank >= zones->start[at + 1])
        at++;
    return at;
}

struct element zones_at(const struct zones *zones, uint64_t rank)
{
    size_t at = zone_of(zones, rank);
    const struct zone *zone = &zones->list[at];
    return (struct element){.kind = zone->places == 0 ? ELEMENT_ATOM : ELEMENT_BUCKET,
                            .index = zone->index,
                            .value = place_in(zone, value_in(zones, zone, rank - zones->start[at])),
                            .values = zone->places};
}

/* The first row of an even zone that holds this value or a later one. */
static uint64_t first_row(uint64_t ratio, uint64_t value)
{
    return value == 0 ? 0 : (uint64_t)(((wide)value * ((wide)1 << 64) + ratio - 1) / ratio) - 1;
}

static uint64_t rows_of(const struct zones *zones, size_t at, uint64_t value)
{
    const struct zone *zone = &zones->list[at];
    const struct zone_class *class = &zones->classes[zone->classes];
    if (class->rows == 0) {
        uint64_t end = value + 1 == zones->values[at] ? zones->start[at + 1] - zones->start[at]
                                                      : first_row(class->ratio, value + 1);
        return end - first_row(class->ratio, value);
    }
    for (int i = 0; zone->end[i] < INT32_MAX && value % zone->block_values >= class[1].first; i++)
        class ++;
    return class->rows;
}

void zones_nth(const struct zones *zones, uint64_t rank, int64_t *nth, int64_t *count)
{
    size_t at = zone_of(zones, rank);
    const struct zone *zone = &zones->list[at];
    const struct zone_class *class = &zones->classes[zone->classes];
    uint64_t offset = rank - zones->start[at];
    if (zone->places == 0) {
        *nth = (int64_t)offset;
        *count = (int64_t)(zones->start[at + 1] - zones->start[at]);
    } else if (class->rows == 0) {
        uint64_t value = value_in(zones, zone, offset);
        *nth = (int64_t)(offset - first_row(class->ratio, value));
        *count = (int64_t)rows_of(zones, at, value);
    } else {
        uint64_t row = offset - scale(offset, zone->ratio) * zone->block_rows;
        for (int i = 0; zone->end[i] < INT32_MAX && (int64_t)row >= zone->end[i]; i++)
            class ++;
        *nth = (int64_t)((row - class->start) % class->rows);
        *count = (int64_t) class->rows;
    }
}

/* Which value of the zone has this place; false: none. */
static bool find_value(const struct zone *zone, uint64_t values, uint64_t place, uint64_t *value)
{
    if (place < zone->first)
        return false;
    double each = (double)zone->whole + (double)zone->part * 0x1p-64;
    double guess = (double)(place - zone->first) / each;
    uint64_t low = guess > 2 ? (uint64_t)guess - 2 : 0, high = values - 1;
    if (guess > 0x1p50) /* a double tells no neighbours apart any more */
        low = 0;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (place_in(zone, middle) < place)
            low = middle + 1;
        else
            high = middle;
    }
    *value = low;
    return place_in(zone, low) == place;
}

int64_t zones_rows(const struct zones *zones, const struct element *element)
{
    for (size_t i = 0; i < zones->count; i++) {
        const struct zone *zone = &zones->list[i];
        if (zone->index != element->index || (zone->places == 0) != (element->kind == ELEMENT_ATOM))
            continue;
        uint64_t value;
        if (zone->places == 0)
            return (int64_t)(zones->start[i + 1] - zones->start[i]);
        if (find_value(zone, zones->values[i], element->value, &value))
            return (int64_t)rows_of(zones, i, value);
    }
    return 0;
}
