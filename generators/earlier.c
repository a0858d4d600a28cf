#include "generators/earlier.h"

#include "bench/base/rng.h"
#include "generators/distribution_rank.h"
#include "generators/permute.h"

#include <math.h>

/* Children in the order of their rows and parents by rank are cut into as many blocks each; a matrix says how many children
 * of a block have their parents in which block (Sinkhorn: rows and columns have the sums they must have). Only cells whose
 * parents are all before their children are filled, and the diagonal: there ranks keep the order of the rows, which is valid
 * because the sorted parents are before the sorted children. So each rank is taken once: children per parent are exact. */

enum { BLOCKS = 64, LEAST = 16, TURNS = 60, LAST_TURNS = 500, STEPS = 20 };

struct earlier {
    const struct distribution *fan_out;
    uint64_t key;
    size_t count;
    int64_t start[BLOCKS + 1];
    int64_t across[BLOCKS][BLOCKS + 1]; /* children of a block before those with parents in another */
    int64_t down[BLOCKS][BLOCKS];       /* ranks of a parents' block before those of a children's block */
    bool kept[BLOCKS], kept_parents[BLOCKS]; /* order matters */
};

struct matrix {
    double at[BLOCKS][BLOCKS];
    bool allowed[BLOCKS][BLOCKS], loose[BLOCKS][BLOCKS]; /* loose: any of the one with any of the other */
};

static double size_of(const struct earlier *self, size_t block)
{
    return (double)(self->start[block + 1] - self->start[block]);
}

/* −1 … 1 */
static double middle(const struct earlier *self, size_t block)
{
    return (double)(self->start[block] + self->start[block + 1]) / (double)self->start[self->count] - 1;
}

static void scale_lines(const struct earlier *self, struct matrix *matrix, bool rows)
{
    for (size_t i = 0; i < self->count; i++) {
        double sum = 0;
        for (size_t j = 0; j < self->count; j++)
            sum += rows ? matrix->at[i][j] : matrix->at[j][i];
        for (size_t j = 0; sum > 0 && j < self->count; j++)
            *(rows ? &matrix->at[i][j] : &matrix->at[j][i]) *= size_of(self, i) / sum;
    }
}

/* tilt 0: any valid parent as likely as another; the more it is below 0, the more children and parents lie the other way. */
static void balance(const struct earlier *self, struct matrix *matrix, double tilt, int turns)
{
    for (size_t i = 0; i < self->count; i++)
        for (size_t j = 0; j < self->count; j++)
            matrix->at[i][j] = matrix->allowed[i][j] ? exp(tilt * middle(self, i) * middle(self, j)) : 0;
    for (int turn = 0; turn < turns; turn++) {
        scale_lines(self, matrix, true);
        scale_lines(self, matrix, false);
    }
}

static double correlation_of(const struct earlier *self, const struct matrix *matrix)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < self->count; i++) {
        squares += size_of(self, i) * middle(self, i) * middle(self, i);
        for (size_t j = 0; j < self->count; j++)
            sum += matrix->at[i][j] * middle(self, i) * middle(self, j);
    }
    return squares > 0 ? sum / squares : 1;
}

static void aim(const struct earlier *self, struct matrix *matrix, double correlation)
{
    double low = -8, high = 0;
    balance(self, matrix, 0, LAST_TURNS);
    double own = correlation_of(self, matrix);
    if (!isfinite(correlation))
        return;
    for (int i = 0; i < STEPS && correlation < own - 1e-3; i++) {
        double tilt = (low + high) / 2;
        balance(self, matrix, tilt, i + 1 < STEPS ? TURNS : LAST_TURNS);
        *(correlation_of(self, matrix) < correlation ? &low : &high) = tilt;
    }
    double keep = own < 1 ? fmin(1, fmax(0, (correlation - own) / (1 - own))) : 0;
    for (size_t i = 0; i < self->count && keep > 0; i++)
        for (size_t j = 0; j < self->count; j++)
            matrix->at[i][j] = (1 - keep) * matrix->at[i][j] + (i == j ? keep * size_of(self, i) : 0);
}

/* A cell is better for what is left of a block's children: valid, and lacking more. */
static bool is_better(const struct matrix *matrix, const double *lack, size_t row, size_t a, size_t b)
{
    if (matrix->allowed[row][a] != matrix->allowed[row][b])
        return matrix->allowed[row][a];
    return lack[a] > lack[b];
}

/* Whole numbers with the same sums. lack: what a block of parents should have given so far, and has not. */
static void round_off(const struct earlier *self, const struct matrix *matrix, int64_t whole[BLOCKS][BLOCKS])
{
    int64_t room[BLOCKS];
    double lack[BLOCKS] = {0};
    for (size_t j = 0; j < self->count; j++)
        room[j] = self->start[j + 1] - self->start[j];
    for (size_t i = 0; i < self->count; i++) {
        int64_t left = self->start[i + 1] - self->start[i];
        for (size_t j = 0; j < self->count; j++) {
            lack[j] += matrix->at[i][j];
            int64_t here = lack[j] > 0 && matrix->allowed[i][j] ? (int64_t)floor(lack[j] + 1e-9) : 0;
            here = here < left ? here : left;
            whole[i][j] = here < room[j] ? here : room[j];
            room[j] -= whole[i][j];
            left -= whole[i][j];
            lack[j] -= (double)whole[i][j];
        }
        for (; left > 0; left--) {
            size_t best = self->count;
            for (size_t j = 0; j < self->count; j++)
                if (room[j] > 0 && (best == self->count || is_better(matrix, lack, i, j, best)))
                    best = j;
            whole[i][best]++;
            room[best]--;
            lack[best]--;
        }
    }
}

/* Children who have but one block of parents take it whole. */
static void leave_single(const struct earlier *self, struct matrix *matrix)
{
    bool again = true;
    bool whole[BLOCKS] = {false};
    while (again) {
        again = false;
        for (size_t i = 0; i < self->count; i++) {
            size_t choices = 0;
            for (size_t j = 0; j < self->count; j++)
                choices += matrix->allowed[i][j];
            if (choices > 1 || whole[i])
                continue;
            again = whole[i] = true;
            for (size_t k = 0; k < self->count; k++)
                matrix->allowed[k][i] = matrix->allowed[k][i] && k == i;
        }
    }
}

static void lay_out(struct earlier *self, const struct matrix *matrix)
{
    int64_t whole[BLOCKS][BLOCKS];
    round_off(self, matrix, whole);
    for (size_t i = 0; i < self->count; i++)
        for (size_t j = 0; j < self->count; j++) {
            self->across[i][j + 1] = self->across[i][j] + whole[i][j];
            if (i + 1 < self->count)
                self->down[i + 1][j] = self->down[i][j] + whole[i][j];
            bool tight = whole[i][j] > 0 && !matrix->loose[i][j];
            self->kept[i] = self->kept[i] || tight;
            self->kept_parents[j] = self->kept_parents[j] || tight;
        }
}

static int64_t parent_at(const struct distribution *fan_out, const struct parents *parents, int64_t rank)
{
    struct element element = distribution_ranked(fan_out, rank);
    return parents_at(parents, &element);
}

bool earlier_suffices(const struct distribution *fan_out, const struct parents *parents)
{
    enum { LOOKS = 2000 };
    static const double few = 0.02;
    int64_t filled = distribution_filled(fan_out), late = 0;
    int64_t looks = filled < LOOKS ? filled : LOOKS;
    for (int64_t i = 0; i < looks; i++) {
        int64_t rank = filled / looks * i;
        late += parent_at(fan_out, parents, rank) >= distribution_row(fan_out, rank);
    }
    return (double)late <= few * (double)looks + 1;
}

const struct earlier *earlier_make(struct arena *arena, uint64_t stream, const struct distribution *fan_out,
                                   const struct parents *parents, double correlation)
{
    struct earlier *self = arena_alloc(arena, sizeof *self);
    struct matrix *matrix = arena_alloc(arena, sizeof *matrix);
    int64_t filled = distribution_filled(fan_out);
    self->fan_out = fan_out;
    self->key = rng_hash(stream, 24, 0);
    self->count = (size_t)fmin(BLOCKS, fmax(1, sqrt((double)filled / LEAST))); /* so many in a cell */
    for (size_t i = 0; i <= self->count; i++)
        self->start[i] = (int64_t)((double)filled * (double)i / (double)self->count);
    self->start[self->count] = filled;
    for (size_t i = 0; filled > 0 && i < self->count; i++)
        for (size_t j = 0; j < self->count; j++) {
            matrix->loose[i][j] = parent_at(fan_out, parents, self->start[j + 1] - 1) <
                                  distribution_row(fan_out, self->start[i]);
            matrix->allowed[i][j] = i == j || matrix->loose[i][j];
        }
    leave_single(self, matrix);
    size_t classes;
    double ties = 0;
    const struct profile_count *counts = distribution_counts(fan_out, &classes);
    for (size_t i = 0; i < classes; i++)
        ties += (double)counts[i].values * pow((double)counts[i].rows / (double)filled, 2);
    aim(self, matrix, ties < 1 ? fmax(-1, (correlation - ties) / (1 - ties)) : 1);
    lay_out(self, matrix);
    return self;
}

/* The block in which a number lies. */
static size_t block_of(const int64_t *start, size_t count, int64_t at)
{
    size_t low = 0, high = count;
    while (high - low > 1) {
        size_t half = low + (high - low) / 2;
        *(start[half] <= at ? &low : &high) = half;
    }
    return low;
}

static int64_t shuffled(const struct earlier *self, size_t what, size_t block, int64_t at)
{
    uint64_t count = (uint64_t)(self->start[block + 1] - self->start[block]);
    return (int64_t)permute(self->key + what * BLOCKS + block, count, (uint64_t)at);
}

bool earlier_at(const struct earlier *earlier, int64_t row, struct element *element)
{
    struct distribution_standing child;
    if (!distribution_standing(earlier->fan_out, row, &child))
        return false;
    size_t i = block_of(earlier->start, earlier->count, child.rank);
    int64_t at = child.rank - earlier->start[i];
    if (!earlier->kept[i])
        at = shuffled(earlier, 0, i, at);
    size_t j = 0, high = earlier->count; /* the first block that ends behind it */
    while (j < high) {
        size_t half = j + (high - j) / 2;
        bool before = earlier->across[i][half + 1] <= at;
        j = before ? half + 1 : j;
        high = before ? high : half;
    }
    int64_t parent = earlier->down[i][j] + at - earlier->across[i][j];
    if (!earlier->kept_parents[j])
        parent = shuffled(earlier, 1, j, parent);
    *element = distribution_ranked(earlier->fan_out, earlier->start[j] + parent);
    return true;
}
