/* What chance does to statistics of samples. A table that is read wholly is a sample too, of what such tables are like: of five
 * rows an order or a distribution tells next to nothing. */
#include "generators/audit_parts.h"

#include <math.h>

/* Of Kolmogorov's distribution, the mean; of a normal one, the mean distance from its middle; of widths, how much they vary. */
static const double kolmogorov_mean = 0.8687, normal_distance = 0.7979, width_variation = 0.3;

static double sample_of(const struct profile_table *table, double rows)
{
    rows = fmax(1, rows);
    return table->sample_rows > 0 ? fmin(rows, table->sample_rows) : rows;
}

static double deviation(double share)
{
    return sqrt(fmax(0, share * (1 - share)));
}

void audit_column_noise(const struct profile_table *const tables[2],
                        const struct profile_column *const sides[2], double wanted, struct audit_measures *is)
{
    double nulls = fmax(sides[0]->null_ratio, sides[1]->null_ratio), listed = 0;
    double apart = sqrt(1 / sample_of(tables[0], tables[0]->rows) + 1 / sample_of(tables[1], wanted));
    double present = apart / sqrt(fmax(1 - nulls, 1e-6));
    double order = fmin(fabs(sides[0]->correlation), fabs(sides[1]->correlation));
    for (size_t i = 0; i < sides[0]->mcv_count; i++)
        listed += deviation(sides[0]->mcv[i].share);
    is->noise[AUDIT_NULLS] = deviation(nulls) * apart;
    is->noise[AUDIT_WIDTH] = width_variation * normal_distance * present;
    is->noise[AUDIT_MCV] = listed * normal_distance * apart / 2;
    is->noise[AUDIT_HISTOGRAM] = fmin(1, kolmogorov_mean * present);
    is->noise[AUDIT_CORRELATION] = fmin(1, (1 - order * order) * normal_distance * present);
}

static double parents_of(const struct profile_reference *reference)
{
    double sum = 0;
    for (size_t i = 0; i < reference->count_count; i++)
        sum += (double)reference->counts[i].values;
    return fmax(1, sum);
}

double audit_fanout_noise(const struct profile_reference *a, const struct profile_reference *b)
{
    return fmin(1, kolmogorov_mean * sqrt(1 / parents_of(a) + 1 / parents_of(b)));
}

double audit_weight(enum audit_metric metric, double noise)
{
    const struct audit_limit *limit = &audit_limits[metric];
    double room = limit->high - limit->ideal;
    if (!(2 * noise > room))
        return 1;
    return pow(room / (2 * noise), 2);
}
