#include "generators/distinct_leaves.h"
#include "generators/scan_parts.h"
#include "generators/tie_parts.h"

#include <math.h>

/* Below these it is chance: share of the rows; different pairs for each that there would be by chance. */
static const double least_degree = 0.1, most_by_chance = 0.7;
/* So much more are pairs than values only by error of the estimate. */
static const double slack = 1.1;

/* Values with few rows in the sample determine whatever they stand beside. */
static double degree_of(const struct finding *f, const struct link *link)
{
    double rows = f->source->sample_rows > 0 ? fmin(f->source->sample_rows, f->source->rows)
                                             : f->source->rows;
    const struct end *fine = &f->ends[link->fine], *coarse = &f->ends[link->coarse];
    double chance = exp(-rows / fmax(1, fine->known) * (1 - coarse->alike));
    return isnan(link->degrees[0]) || chance > 0.8 ? NAN : (link->degrees[0] - chance) / (1 - chance);
}

/* Different pairs by chance: each of the finer column's values beside each of the coarser one's. */
static double pairs_by_chance(const struct finding *f, const struct link *link)
{
    const struct profile_column *coarse = f->ends[link->coarse].recipe->column->statistics;
    double rows = f->source->rows, rest = 1 - coarse->null_ratio, sum = 0;
    double fine = f->ends[link->fine].known, others = f->ends[link->coarse].known - (double)coarse->mcv_count;
    for (size_t i = 0; i < coarse->mcv_count; i++) {
        sum -= fine * expm1(-rows * coarse->mcv[i].share / fine);
        rest -= coarse->mcv[i].share;
    }
    if (others >= 1 && rest > 0)
        sum -= others * fine * expm1(-rows * rest / (others * fine));
    return fmin(rows, sum);
}

/* Pages of an index of both when they are independent or, without the coarser one, when it says nothing more: what is common
 * takes fewer bytes than as many keys of the same rows each. NAN: not known. */
static double pages_of(const struct finding *f, const struct end *fine, const struct end *coarse,
                       double width)
{
    enum { MOST = 100000 };
    static const struct profile_count all = {1, 1};
    const struct profile_count *counts[2] = {NULL, &all};
    size_t classes[2] = {0, 1};
    double rows[2] = {(double)f->maker->rows, 1};
    if (fine->distribution != NULL)
        counts[0] = distribution_counts(fine->distribution, &classes[0]);
    if (coarse != NULL) {
        classes[1] = 0;
        rows[1] = rows[0];
        if (coarse->distribution != NULL)
            counts[1] = distribution_counts(coarse->distribution, &classes[1]);
    }
    if (classes[0] * classes[1] == 0 || classes[0] * classes[1] > MOST)
        return NAN;
    struct distinct_leaves leaves = distinct_leaves_make(width);
    for (size_t i = 0; i < classes[0]; i++)
        for (size_t j = 0; j < classes[1]; j++)
            distinct_leaves_add(&leaves,
                                (double)counts[0][i].rows / rows[0] * (double)counts[1][j].rows / rows[1] *
                                    f->source->rows,
                                (double)counts[0][i].values * (double)counts[1][j].values, coarse != NULL);
    return distinct_leaves_pages(&leaves);
}

/* The pages it would have if all keys had as many rows each: as far between the least and the most as it is with its own. */
static double evened(const struct finding *f, const struct link *link, double pages, double width,
                     double least, double most)
{
    double low = pages_of(f, &f->ends[link->fine], NULL, width);
    double high = pages_of(f, &f->ends[link->fine], &f->ends[link->coarse], width);
    return isfinite(low) && isfinite(high) && high > low
               ? least + (pages - low) / (high - low) * (most - least)
               : pages;
}

double tie_pairs_of_index(const struct finding *f, const struct link *link, const struct profile_index *index)
{
    static const double clear = 1.08, near = 1.04;
    double width = f->source->columns[index->columns[0]].width_bytes +
                   f->source->columns[index->columns[1]].width_bytes;
    double low = fmax(1, f->ends[link->fine].known), high = pairs_by_chance(f, link);
    if (index->prefix_distinct != NULL)
        return index->prefix_distinct[1];
    if (index->column_count != 2 || !index->deduplicated || index->rows < 1 || index->pages < 2 ||
        !isfinite(width))
        return 0;
    double least = scan_index_pages(index, low, width), most = scan_index_pages(index, high, width);
    if (most < clear * least)
        return 0;
    double pages = evened(f, link, (double)index->pages, width, least, most);
    if (pages <= near * least)
        return low;
    for (int i = 0; i < 40; i++) {
        double middle = (low + high) / 2;
        *(scan_index_pages(index, middle, width) < pages ? &low : &high) = middle;
    }
    return low;
}

static double reported(const struct finding *f, size_t column)
{
    double distinct = f->ends[column].recipe->column->statistics->distinct_reported;
    return distinct < 0 ? -distinct * f->source->rows : distinct;
}

/* Estimates of pairs and of values err alike: it is their ratio that tells. */
void tie_judge(const struct finding *f, struct link *link)
{
    const struct end *fine = &f->ends[link->fine], *coarse = &f->ends[link->coarse];
    double degree = degree_of(f, link), chance = pairs_by_chance(f, link);
    double finest = link->counted ? fine->known : fmax(reported(f, link->fine), reported(f, link->coarse));
    bool single = link->distinct > 0 && finest > 0 && link->distinct <= slack * finest;
    if (link->told || link->ordered || fine->known < 2 || coarse->known < 2)
        return;
    if (single && chance > 1.5 * fine->known && (isnan(degree) || degree >= least_degree))
        degree = fmax(isnan(degree) ? 1 : degree, link->degrees[0] > 0 ? link->degrees[0] : 1);
    link->degree = isnan(degree) ? 0 : fmin(1, degree);
    bool few = link->distinct > 0 && link->distinct < most_by_chance * chance;
    link->kept = link->degree >= least_degree || few;
    link->distinct = few && link->degree < 1
                         ? profiled_distinct(link->distinct, f->source->rows, f->maker->rows)
                         : 0;
    /* What lies in the order of the rows stays there. */
    if (fabs(fine->order) > TIE_IN_ORDER && fabs(coarse->order) < TIE_IN_ORDER && fine->known > 1000)
        link->kept = false;
}
