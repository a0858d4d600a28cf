#include "generators/audit_parts.h"
#include "generators/profiled.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_ORDERED = 200 }; /* rows; fewer lie on a page or two, in whatever order */

/* ---- common values ---- */

/* How common a value can be that is in no list: the rarest listed one, unless the list is complete. */
static double unlisted_share(const struct profile_column *column)
{
    double least = 1, sum = column->null_ratio;
    for (size_t i = 0; i < column->mcv_count; i++) {
        least = fmin(least, column->mcv[i].share);
        sum += column->mcv[i].share;
    }
    return column->mcv_count == 0 || sum > 0.9999 || column->bound_count == 0 ? 0 : least;
}

static double listed_share(const struct profile_column *column, const double *places, double place)
{
    for (size_t i = 0; i < column->mcv_count; i++)
        if (places[i] == place)
            return column->mcv[i].share;
    return NAN;
}

double audit_mcv(const struct profile_column *const sides[2], const struct audit_axis *axis)
{
    double sum = 0;
    for (int s = 0; s < 2; s++) {
        const struct profile_column *own = sides[s], *other = sides[1 - s];
        double unlisted = unlisted_share(other);
        for (size_t i = 0; i < own->mcv_count; i++) {
            double share = own->mcv[i].share;
            double there = listed_share(other, axis->atoms[1 - s], axis->atoms[s][i]);
            if (isnan(there))
                sum += fmax(0, share - unlisted);
            else if (s == 0) /* once */
                sum += fabs(share - there);
        }
    }
    return sum / 2;
}

double audit_mcv_ranks(const struct profile_column *const sides[2])
{
    double sum = 0;
    for (int s = 0; s < 2; s++) {
        double unlisted = unlisted_share(sides[1 - s]);
        for (size_t i = 0; i < sides[s]->mcv_count; i++)
            if (i >= sides[1 - s]->mcv_count)
                sum += fmax(0, sides[s]->mcv[i].share - unlisted);
            else if (s == 0)
                sum += fabs(sides[0]->mcv[i].share - sides[1]->mcv[i].share);
    }
    return sum / 2;
}

/* ---- cumulative shares ---- */

bool audit_curve_make(struct arena *arena, const struct profile_column *column, const double *atoms,
                      const double *bounds, struct audit_curve *curve)
{
    size_t buckets = column->bound_count > 1 ? column->bound_count - 1 : 0;
    double present = 1 - column->null_ratio, sum = 0;
    *curve = (struct audit_curve){.column = column, .atoms = atoms, .bounds = bounds};
    if (present <= 0 || (buckets == 0 && column->mcv_count == 0))
        return false;
    for (size_t i = 0; i < column->mcv_count; i++)
        curve->listed += column->mcv[i].share / present;
    curve->listed = fmin(curve->listed, 1);
    curve->filled = 1 - curve->listed;
    curve->below = arena_alloc(arena, (buckets + 1) * sizeof *curve->below);
    for (size_t i = 0; i < buckets; i++) {
        sum += column->bucket_share != NULL ? column->bucket_share[i] : 1;
        curve->below[i + 1] = sum;
    }
    for (size_t i = 0; i < buckets && sum > 0; i++)
        curve->below[i + 1] /= sum;
    /* Between the least and the greatest, or nowhere, nobody knows where the others are. */
    return buckets > 1 || curve->filled < 0.02;
}

double audit_curve_at(const struct audit_curve *curve, double place, bool inclusive)
{
    size_t count = curve->column->bound_count;
    double atoms = 0, buckets = 0;
    double present = 1 - curve->column->null_ratio;
    for (size_t i = 0; i < curve->column->mcv_count; i++)
        if (curve->atoms[i] < place || (inclusive && curve->atoms[i] == place))
            atoms += curve->column->mcv[i].share / present;
    size_t i = 0; /* bounds that are passed */
    while (i < count && (curve->bounds[i] < place || (inclusive && curve->bounds[i] == place)))
        i++;
    if (count > 1 && i == count)
        buckets = 1;
    else if (count > 1 && i > 0) {
        double low = curve->bounds[i - 1], high = curve->bounds[i];
        double within = high > low ? (place - low) / (high - low) : 0;
        buckets = curve->below[i - 1] + within * (curve->below[i] - curve->below[i - 1]);
    }
    return fmin(1, atoms + (count > 1 ? curve->filled * buckets : 0));
}

double audit_histogram(struct arena *arena, const struct profile_column *const sides[2],
                       const struct audit_axis *axis)
{
    struct audit_curve curves[2];
    double worst = 0;
    if (!axis->ordered)
        return NAN;
    for (int s = 0; s < 2; s++)
        if (!audit_curve_make(arena, sides[s], axis->atoms[s], axis->bounds[s], &curves[s]))
            return NAN;
    for (int s = 0; s < 2; s++)
        for (size_t i = 0; i < sides[s]->mcv_count + sides[s]->bound_count; i++) {
            double place = i < sides[s]->mcv_count ? axis->atoms[s][i]
                                                   : axis->bounds[s][i - sides[s]->mcv_count];
            for (int inclusive = 0; inclusive < 2; inclusive++)
                worst = fmax(worst, fabs(audit_curve_at(&curves[0], place, inclusive) -
                                         audit_curve_at(&curves[1], place, inclusive)));
        }
    return worst;
}

/* ---- children per parent ---- */

static double parents_of(const struct profile_reference *reference)
{
    double sum = 0;
    for (size_t i = 0; i < reference->count_count; i++)
        sum += (double)reference->counts[i].values;
    return sum;
}

double audit_fanout(const struct profile_reference *a, const struct profile_reference *b)
{
    double parents_a = parents_of(a), parents_b = parents_of(b), below_a = 0, below_b = 0, worst = 0;
    if (!(parents_a > 0) || !(parents_b > 0))
        return NAN;
    for (size_t i = 0, j = 0; i < a->count_count || j < b->count_count;) {
        int64_t rows = j == b->count_count || (i < a->count_count && a->counts[i].rows < b->counts[j].rows)
                           ? a->counts[i].rows
                           : b->counts[j].rows;
        for (; i < a->count_count && a->counts[i].rows == rows; i++)
            below_a += (double)a->counts[i].values;
        for (; j < b->count_count && b->counts[j].rows == rows; j++)
            below_b += (double)b->counts[j].values;
        worst = fmax(worst, fabs(below_a / parents_a - below_b / parents_b));
    }
    return worst;
}

/* ---- all of them ---- */

double audit_reported(const struct profile_column *column, double rows)
{
    double reported = column->distinct_reported;
    return reported > 0 ? reported : reported < 0 && rows > 0 ? -reported * rows : NAN;
}

static double q_error(double a, double b)
{
    return a > 0 && b > 0 ? fmax(a / b, b / a) : NAN;
}

static double true_distinct(const struct profile_column *column, double rows)
{
    return column->distinct > 0 ? column->distinct : audit_reported(column, rows);
}

/* NULL: no part of a foreign key. */
static const struct profile_reference *reference_of(const struct profile_table *table, size_t column)
{
    for (size_t i = 0; i < table->reference_count; i++)
        for (size_t c = 0; c < table->references[i].column_count; c++)
            if (table->references[i].columns[c] == column)
                return &table->references[i];
    return NULL;
}

/* PostgreSQL reports of ranges that they are all different, whatever they hold. */
static bool tells_distinct(const struct profile_column *column)
{
    return strstr(column->base, "range") == NULL || column->count_count > 0 || audit_is_unique(column);
}

static void measure_values(struct arena *arena, const struct audit_pair *pair,
                           const struct profile_table *table, const struct profile_column *const sides[2],
                           bool references, struct audit_measures *is)
{
    if (sides[0]->mcv_count + sides[0]->bound_count == 0 || sides[1]->mcv_count + sides[1]->bound_count == 0)
        return;
    struct audit_axis axis = audit_axis(arena, pair, table, sides);
    if (sides[0]->mcv_count + sides[1]->mcv_count > 0)
        is->of[AUDIT_MCV] = references ? audit_mcv_ranks(sides) : audit_mcv(sides, &axis);
    is->of[AUDIT_HISTOGRAM] = audit_histogram(arena, sides, &axis);
}

/* Of a copy of another size: as many of the parents as before have children. */
static double wanted_distinct(const struct audit_pair *pair, const struct profile_table *table,
                              const struct profile_column *column, const struct profile_reference *reference,
                              double wanted)
{
    double distinct = true_distinct(column, table->rows);
    if (reference == NULL || reference->parent < 0)
        return profiled_distinct(distinct, table->rows, llround(wanted));
    double parents = pair->source->tables[reference->parent].rows;
    double parents_wanted = audit_wanted_rows(pair, (size_t)reference->parent);
    return parents > 0 && parents_wanted > 0 ? fmin(wanted, distinct * parents_wanted / parents) : distinct;
}

struct audit_measures audit_column_measures(struct arena *arena, const struct audit_pair *pair,
                                            const struct profile_table *const tables[2],
                                            const struct profile_column *const sides[2], double wanted)
{
    struct audit_measures is;
    const struct profile_column *source = sides[0], *copy = sides[1];
    const struct profile_reference *reference = reference_of(tables[0],
                                                             (size_t)(source - tables[0]->columns));
    double rows = tables[0]->rows;
    bool same_size = fabs(wanted - rows) <= 0.001 * rows;
    for (int i = 0; i < AUDIT_METRICS; i++)
        is.of[i] = is.noise[i] = NAN;
    if (!tables[0]->analyzed || !(wanted > 0) || !(rows > 0))
        return is;
    audit_column_noise(tables, sides, wanted, &is);
    is.of[AUDIT_NULLS] = fabs(source->null_ratio - copy->null_ratio);
    if (source->null_ratio < 1 && copy->null_ratio < 1 && source->width_bytes > 0 && copy->width_bytes > 0)
        is.of[AUDIT_WIDTH] = fabs(copy->width_bytes / source->width_bytes - 1);
    if (fmin(rows, tables[1]->rows) >= LEAST_ORDERED)
        is.of[AUDIT_CORRELATION] = fabs(source->correlation - copy->correlation); /* NAN where unknown */
    if (tells_distinct(source))
        is.of[AUDIT_DISTINCT] = q_error(wanted_distinct(pair, tables[0], source, reference, wanted),
                                        true_distinct(copy, tables[1]->rows));
    if (same_size && tells_distinct(source))
        is.of[AUDIT_REPORTED] = q_error(audit_reported(source, rows), audit_reported(copy, tables[1]->rows));
    if (same_size || reference == NULL) /* else other parents, and fewer or more of them */
        measure_values(arena, pair, tables[1], sides, reference != NULL, &is);
    return is;
}
