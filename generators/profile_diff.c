#include "generators/profile.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct differ {
    struct buf *out;
    size_t lines;
    char place[512]; /* "public.orders.status" */
};

static void say(struct differ *d, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(struct differ *d, const char *format, ...)
{
    va_list args;
    d->lines++;
    va_start(args, format);
    buf_vprintf(d->out, format, args);
    va_end(args);
    buf_putc(d->out, '\n');
}

static void compare_text(struct differ *d, const char *what, const char *a, const char *b)
{
    a = a == NULL ? "none" : a;
    b = b == NULL ? "none" : b;
    if (strcmp(a, b) != 0)
        say(d, "%s: %s %s -> %s", d->place, what, a, b);
}

static const char *real_text(double value, char text[32])
{
    if (isnan(value))
        return "unknown";
    bool whole = fabs(value) < 0x1p53 && value == floor(value);
    snprintf(text, 32, whole ? "%.0f" : "%.6g", value);
    return text;
}

static void compare_real(struct differ *d, const char *what, double a, double b)
{
    char from[32], to[32];
    if (a != b && !(isnan(a) && isnan(b)))
        say(d, "%s: %s %s -> %s", d->place, what, real_text(a, from), real_text(b, to));
}

static void compare_flag(struct differ *d, const char *what, bool a, bool b)
{
    if (a != b)
        say(d, "%s: %s %s -> %s", d->place, what, a ? "yes" : "no", b ? "yes" : "no");
}

static bool same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* How many of a list are not at the same place in the other, with the same share. */
static void compare_atoms(struct differ *d, const char *what, const struct profile_atom *a, size_t a_count,
                          const struct profile_atom *b, size_t b_count)
{
    size_t longer = a_count > b_count ? a_count : b_count, differ = 0;
    for (size_t i = 0; i < longer; i++)
        differ += i >= a_count || i >= b_count || a[i].share != b[i].share ||
                  !same_text(a[i].value, b[i].value);
    if (differ > 0)
        say(d, "%s: %s: %zu of %zu differ", d->place, what, differ, longer);
}

static void compare_bounds(struct differ *d, const struct profile_column *a, const struct profile_column *b)
{
    size_t longer = a->bound_count > b->bound_count ? a->bound_count : b->bound_count, differ = 0;
    for (size_t i = 0; i < longer; i++)
        differ += i >= a->bound_count || i >= b->bound_count || strcmp(a->bounds[i], b->bounds[i]) != 0;
    if (differ > 0)
        say(d, "%s: bounds: %zu of %zu differ", d->place, differ, longer);
}

static void compare_reals(struct differ *d, const char *what, const double *a, size_t a_count,
                          const double *b, size_t b_count)
{
    size_t count_a = a == NULL ? 0 : a_count, count_b = b == NULL ? 0 : b_count;
    size_t longer = count_a > count_b ? count_a : count_b, differ = 0;
    for (size_t i = 0; i < longer; i++)
        differ += i >= count_a || i >= count_b || a[i] != b[i];
    if (differ > 0)
        say(d, "%s: %s: %zu of %zu differ", d->place, what, differ, longer);
}

static void compare_counts(struct differ *d, const struct profile_count *a, size_t a_count,
                           const struct profile_count *b, size_t b_count)
{
    size_t longer = a_count > b_count ? a_count : b_count, differ = 0;
    for (size_t i = 0; i < longer; i++)
        differ += i >= a_count || i >= b_count || a[i].rows != b[i].rows || a[i].values != b[i].values;
    if (differ > 0)
        say(d, "%s: counts: %zu of %zu differ", d->place, differ, longer);
}

static void compare_column(struct differ *d, const struct profile_column *a, const struct profile_column *b)
{
    static const char *const values[] = {"none", "shape", "kept"};
    compare_text(d, "type", a->type, b->type);
    compare_text(d, "values", values[a->values], values[b->values]);
    compare_flag(d, "not null", a->not_null, b->not_null);
    compare_real(d, "null_ratio", a->null_ratio, b->null_ratio);
    compare_real(d, "width_bytes", a->width_bytes, b->width_bytes);
    compare_real(d, "distinct_reported", a->distinct_reported, b->distinct_reported);
    compare_real(d, "distinct", a->distinct, b->distinct);
    compare_text(d, "distinct_by", a->distinct_by, b->distinct_by);
    compare_real(d, "distinct_ratio", a->distinct_ratio, b->distinct_ratio);
    compare_real(d, "correlation", a->correlation, b->correlation);
    compare_atoms(d, "mcv", a->mcv, a->mcv_count, b->mcv, b->mcv_count);
    compare_bounds(d, a, b);
    size_t buckets_a = a->bound_count > 0 ? a->bound_count - 1 : 0,
           buckets_b = b->bound_count > 0 ? b->bound_count - 1 : 0;
    compare_reals(d, "bucket_share", a->bucket_share, buckets_a, b->bucket_share, buckets_b);
    compare_reals(d, "bucket_distinct", a->bucket_distinct, buckets_a, b->bucket_distinct, buckets_b);
    compare_atoms(d, "elements", a->elements, a->element_count, b->elements, b->element_count);
    compare_reals(d, "element_counts", a->element_counts, a->element_count_count, b->element_counts,
                  b->element_count_count);
    compare_counts(d, a->counts, a->count_count, b->counts, b->count_count);
}

static void compare_index(struct differ *d, const struct profile_index *a, const struct profile_index *b)
{
    bool same = a->column_count == b->column_count;
    for (size_t i = 0; same && i < a->column_count; i++)
        same = a->columns[i] == b->columns[i];
    if (!same)
        say(d, "%s: columns differ", d->place);
    compare_text(d, "method", a->method, b->method);
    compare_flag(d, "unique", a->unique, b->unique);
    compare_flag(d, "primary", a->primary, b->primary);
    compare_flag(d, "partial", a->partial, b->partial);
    compare_flag(d, "deduplicated", a->deduplicated, b->deduplicated);
    compare_real(d, "bytes", (double)a->bytes, (double)b->bytes);
    compare_real(d, "pages", (double)a->pages, (double)b->pages);
    compare_real(d, "rows", (double)a->rows, (double)b->rows);
    compare_reals(d, "prefix_distinct", a->prefix_distinct, a->column_count, b->prefix_distinct,
                  b->column_count);
}

static bool same_places(const size_t *a, const size_t *b, size_t count)
{
    return memcmp(a, b, count * sizeof *a) == 0;
}

static bool same_group(const struct profile_group *a, const struct profile_group *b)
{
    bool same = a->column_count == b->column_count && same_places(a->columns, b->columns, a->column_count) &&
                a->distinct == b->distinct && a->mcv_count == b->mcv_count &&
                a->dependency_count == b->dependency_count;
    for (size_t i = 0; same && i < a->mcv_count; i++) {
        same = a->mcv[i].share == b->mcv[i].share;
        for (size_t c = 0; same && c < a->column_count; c++)
            same = same_text(a->mcv[i].values[c], b->mcv[i].values[c]);
    }
    for (size_t i = 0; same && i < a->dependency_count; i++) {
        const struct profile_dependency *x = &a->dependencies[i], *y = &b->dependencies[i];
        same = x->from_count == y->from_count && same_places(x->from, y->from, x->from_count) &&
               x->to == y->to && x->degree == y->degree;
    }
    return same;
}

static void compare_groups(struct differ *d, const struct profile_table *a, const struct profile_table *b)
{
    size_t longer = a->group_count > b->group_count ? a->group_count : b->group_count, differ = 0;
    for (size_t i = 0; i < longer; i++)
        differ += i >= a->group_count || i >= b->group_count || !same_group(&a->groups[i], &b->groups[i]);
    if (differ > 0)
        say(d, "%s: joint statistics: %zu of %zu differ", d->place, differ, longer);
}

/* What both have is compared, what one has alone is said. Items are found by the name they begin with. */
static void compare_named(struct differ *d, const char *what, const void *a, size_t a_count, const void *b,
                          size_t b_count, size_t size,
                          void (*compare)(struct differ *d, const void *a, const void *b))
{
    size_t end = strlen(d->place);
    for (int side = 0; side < 2; side++) {
        const char *here = side == 0 ? a : b, *there = side == 0 ? b : a;
        size_t here_count = side == 0 ? a_count : b_count, there_count = side == 0 ? b_count : a_count;
        for (size_t i = 0; i < here_count; i++) {
            const char *name = *(const char *const *)(const void *)(here + i * size);
            size_t j = 0;
            while (j < there_count &&
                   strcmp(*(const char *const *)(const void *)(there + j * size), name) != 0)
                j++;
            snprintf(d->place + end, sizeof d->place - end, ".%s", name);
            if (j == there_count)
                say(d, "%s: %s only in %s", d->place, what, side == 0 ? "the first" : "the second");
            else if (side == 0)
                compare(d, here + i * size, there + j * size);
        }
        d->place[end] = '\0';
    }
}

static void column_pair(struct differ *d, const void *a, const void *b)
{
    compare_column(d, a, b);
}

static void index_pair(struct differ *d, const void *a, const void *b)
{
    compare_index(d, a, b);
}

static void reference_pair(struct differ *d, const void *a, const void *b)
{
    const struct profile_reference *x = a, *y = b;
    if (x->column_count != y->column_count || !same_places(x->columns, y->columns, x->column_count))
        say(d, "%s: columns differ", d->place);
    compare_counts(d, x->counts, x->count_count, y->counts, y->count_count);
}

static void compare_table(struct differ *d, const struct profile_table *a, const struct profile_table *b)
{
    compare_text(d, "kind", a->kind, b->kind);
    compare_real(d, "rows", a->rows, b->rows);
    compare_real(d, "pages", (double)a->pages, (double)b->pages);
    compare_real(d, "bytes", (double)a->bytes, (double)b->bytes);
    compare_real(d, "toast_bytes", (double)a->toast_bytes, (double)b->toast_bytes);
    compare_real(d, "index_bytes", (double)a->index_bytes, (double)b->index_bytes);
    compare_flag(d, "analyzed", a->analyzed, b->analyzed);
    compare_real(d, "sample_rows", a->sample_rows, b->sample_rows);
    compare_named(d, "column", a->columns, a->column_count, b->columns, b->column_count, sizeof *a->columns,
                  column_pair);
    compare_named(d, "index", a->indexes, a->index_count, b->indexes, b->index_count, sizeof *a->indexes,
                  index_pair);
    compare_named(d, "foreign key", a->references, a->reference_count, b->references, b->reference_count,
                  sizeof *a->references, reference_pair);
    compare_groups(d, a, b);
}

static void compare_tables(struct differ *d, const struct profile *a, const struct profile *b, bool second)
{
    for (size_t i = 0; i < a->table_count; i++) {
        const struct profile_table *table = &a->tables[i],
                                   *other = profile_find(b, table->schema, table->name);
        snprintf(d->place, sizeof d->place, "%s.%s", table->schema, table->name);
        if (other == NULL)
            say(d, "%s: table only in %s", d->place, second ? "the second" : "the first");
        else if (!second)
            compare_table(d, table, other);
    }
}

/* Statements are told by their first words: the rest is the schema's own business. */
static void compare_statements(struct differ *d, const struct profile *a, const struct profile *b,
                               bool second)
{
    for (size_t i = 0; i < a->statement_count; i++) {
        size_t j = 0;
        while (j < b->statement_count && strcmp(a->statements[i].sql, b->statements[j].sql) != 0)
            j++;
        if (j == b->statement_count)
            say(d, "statement only in %s: %.*s", second ? "the second" : "the first",
                (int)strcspn(a->statements[i].sql, "\n"), a->statements[i].sql);
    }
}

size_t profile_diff(const struct profile *a, const struct profile *b, struct buf *out)
{
    struct differ d = {.out = out, .place = "server"};
    compare_text(&d, "engine", a->engine, b->engine);
    compare_text(&d, "version", a->version, b->version);
    compare_real(&d, "level", a->level, b->level);
    compare_tables(&d, a, b, false);
    compare_tables(&d, b, a, true);
    compare_statements(&d, a, b, false);
    compare_statements(&d, b, a, true);
    return d.lines;
}
