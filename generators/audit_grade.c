#include "generators/audit_parts.h"

#include <math.h>
#include <string.h>

const struct audit_limit audit_limits[AUDIT_METRICS] = {
    [AUDIT_ROWS] = {"rows", "rows", 1, 0.995, 1.005},
    [AUDIT_HEAP_PAGES] = {"heap_pages", "heap", 1, 0.97, 1.03},
    [AUDIT_INDEX_PAGES] = {"index_pages", "index", 1, 0.93, 1.08},
    [AUDIT_NULLS] = {"nulls", "nulls", 0, 0, 0.008},
    [AUDIT_WIDTH] = {"width", "width", 0, 0, 0.02},
    [AUDIT_MCV] = {"mcv", "mcv", 0, 0, 0.01},
    [AUDIT_HISTOGRAM] = {"histogram", "hist", 0, 0, 0.02},
    [AUDIT_CORRELATION] = {"correlation", "corr", 0, 0, 0.02},
    [AUDIT_DISTINCT] = {"distinct", "distinct", 1, 1, 1.10},
    [AUDIT_REPORTED] = {"distinct_reported", "reported", 1, 1, INFINITY},
    [AUDIT_FANOUT] = {"fanout", "children", 0, 0, 0.05},
};

static const double least_grade =
    0.001; /* one measure that is all wrong is no reason to see nothing of the others */

/* ---- of columns to tables, of tables to the database ---- */

struct sum {
    double sum, weights, noise; /* noise: weighted too */
    double worst, worst_noise;
    size_t count, noisy; /* noisy: whose noise is known */
};

static bool is_mean(enum audit_metric metric)
{
    return metric == AUDIT_WIDTH || metric == AUDIT_MCV || metric == AUDIT_HISTOGRAM ||
           metric == AUDIT_CORRELATION;
}

static bool is_logarithmic(enum audit_metric metric)
{
    return metric == AUDIT_DISTINCT || metric == AUDIT_REPORTED;
}

static void add(enum audit_metric metric, const struct audit_measures *is, struct sum *sum)
{
    double value = is->of[metric], noise = is->noise[metric];
    if (isnan(value))
        return;
    double weight = is_mean(metric) ? audit_weight(metric, noise) : 1;
    if (sum->count++ == 0 ||
        audit_excess(metric, value, noise) > audit_excess(metric, sum->worst, sum->worst_noise)) {
        sum->worst = value;
        sum->worst_noise = noise;
    }
    sum->sum += weight * (is_logarithmic(metric) ? log(value) : value);
    sum->noise += isnan(noise) ? 0 : weight * noise;
    sum->noisy += isnan(noise) ? 0 : 1;
    sum->weights += weight;
}

static void result(enum audit_metric metric, const struct sum *sum, struct audit_measures *is)
{
    is->of[metric] = is->noise[metric] = (double)NAN;
    if (sum->count == 0)
        return;
    double mean = sum->sum / sum->weights;
    bool worst = !is_mean(metric) && !is_logarithmic(metric);
    is->of[metric] = worst ? sum->worst : is_logarithmic(metric) ? exp(mean) : mean;
    is->noise[metric] = worst ? sum->worst_noise : sum->noisy > 0 ? sum->noise / sum->weights : (double)NAN;
}

static bool is_of_columns(enum audit_metric metric)
{
    return metric != AUDIT_ROWS && metric != AUDIT_HEAP_PAGES && metric != AUDIT_INDEX_PAGES &&
           metric != AUDIT_FANOUT;
}

void audit_collect(struct audit_sheet *sheet)
{
    struct sum all[AUDIT_METRICS] = {0};
    for (size_t t = 0; t < sheet->table_count; t++) {
        struct audit_table *table = &sheet->tables[t];
        struct sum sums[AUDIT_METRICS] = {0};
        for (enum audit_metric m = 0; m < AUDIT_METRICS; m++) {
            for (size_t c = 0; is_of_columns(m) && c < table->column_count; c++) {
                add(m, &table->columns[c].is, &sums[m]);
                add(m, &table->columns[c].is, &all[m]);
            }
            if (is_of_columns(m))
                result(m, &sums[m], &table->is);
            else
                add(m, &table->is, &all[m]);
        }
    }
    for (enum audit_metric m = 0; m < AUDIT_METRICS; m++)
        result(m, &all[m], &sheet->is);
}

/* ---- scores ---- */

double audit_excess(enum audit_metric metric, double measure, double noise)
{
    const struct audit_limit *limit = &audit_limits[metric];
    double room = measure < limit->ideal ? limit->ideal - limit->low : limit->high - limit->ideal;
    if (!isnan(noise))
        room = fmax(room, 2 * noise);
    if (isinf(room) && !isnan(measure))
        return fabs(measure - limit->ideal) * 1e-9; /* not judged, but the worst is the worst */
    return fabs(measure - limit->ideal) / room;
}

static bool is_judged(enum audit_metric metric)
{
    return isfinite(audit_limits[metric].high);
}

static double score(const struct audit_measures *is)
{
    double sum = 0;
    int count = 0;
    for (enum audit_metric m = 0; m < AUDIT_METRICS; m++) {
        double excess = audit_excess(m, is->of[m], is->noise[m]);
        if (isnan(excess) || !is_judged(m))
            continue;
        sum += log(fmax(least_grade, excess <= 1 ? 1 : 1 / excess));
        count++;
    }
    return count == 0 ? (double)NAN : exp(sum / count);
}

/* ---- noise that was measured ---- */

/* As audit_find. */
static const struct audit_table *noise_table(const struct audit_sheet *noise, const struct audit_table *table)
{
    const struct audit_table *found = NULL;
    for (size_t i = 0; noise != NULL && i < noise->table_count; i++) {
        const struct audit_table *other = &noise->tables[i];
        if (strcmp(other->name, table->name) != 0)
            continue;
        if (strcmp(other->schema, table->schema) == 0)
            return other;
        found = found != NULL ? found : other;
    }
    return found;
}

static const struct audit_measures *noise_column(const struct audit_table *noise, const char *name)
{
    for (size_t i = 0; noise != NULL && i < noise->column_count; i++)
        if (strcmp(noise->columns[i].name, name) == 0)
            return &noise->columns[i].is;
    return NULL;
}

static void widen(struct audit_measures *is, const struct audit_measures *noise)
{
    for (enum audit_metric m = 0; noise != NULL && m < AUDIT_METRICS; m++)
        is->noise[m] = fmax(is->noise[m],
                            fabs(noise->of[m] - audit_limits[m].ideal)); /* a number, if one is */
}

void audit_widen(struct audit_sheet *sheet, const struct audit_sheet *noise)
{
    for (size_t t = 0; t < sheet->table_count; t++) {
        struct audit_table *table = &sheet->tables[t];
        const struct audit_table *other = noise_table(noise, table);
        widen(&table->is, other != NULL ? &other->is : NULL);
        for (size_t c = 0; c < table->column_count; c++)
            widen(&table->columns[c].is, noise_column(other, table->columns[c].name));
    }
}

/* ---- scores of tables and of the database ---- */

static void grade_table(struct audit_table *table)
{
    double share = table->column_count > 0 ? 1 - (double)table->missing_count / (double)table->column_count
                                           : 1;
    table->score = table->missing ? 0 : table->unknown ? (double)NAN : share * score(&table->is);
    for (size_t c = 0; c < table->column_count; c++) {
        struct audit_column *column = &table->columns[c];
        column->score = column->missing ? 0 : score(&column->is);
        if (column->score < 1 && (table->worst == NULL || column->score < table->worst->score))
            table->worst = column;
    }
}

static bool is_worse(const struct audit_table *a, const struct audit_table *b)
{
    double score_a = a->worst != NULL ? fmin(a->score, a->worst->score) : a->score;
    double score_b = b->worst != NULL ? fmin(b->score, b->worst->score) : b->score;
    return score_a < score_b;
}

void audit_grade(struct audit_sheet *sheet)
{
    for (size_t t = 0; t < sheet->table_count; t++) {
        struct audit_table *table = &sheet->tables[t];
        grade_table(table);
        bool flawed = table->score < 1 || table->worst != NULL;
        if (flawed && (sheet->worst == NULL || is_worse(table, sheet->worst)))
            sheet->worst = table;
    }
    double share = sheet->table_count > 0 ? 1 - (double)sheet->missing_count / (double)sheet->table_count : 1;
    double own = score(&sheet->is);
    sheet->score = sheet->missing_count > 0 && sheet->missing_count == sheet->table_count ? 0 : share * own;
}

bool audit_passes(const struct audit_sheet *sheet)
{
    bool measured = false;
    for (enum audit_metric m = 0; m < AUDIT_METRICS; m++) {
        double excess = audit_excess(m, sheet->is.of[m], sheet->is.noise[m]);
        measured |= !isnan(excess);
        if (excess > 1 && is_judged(m))
            return false;
    }
    for (size_t t = 0; t < sheet->table_count; t++)
        if (sheet->tables[t].missing || sheet->tables[t].unknown || sheet->tables[t].missing_count > 0)
            return false;
    return measured;
}
