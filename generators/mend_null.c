#include "generators/mend_parts.h"

#include "bench/base/rng.h"

#include <math.h>
#include <string.h>

enum { SAMPLE = 8000, PATTERNS = 1 << MEND_TEAM, ROUNDS = 60 };

struct team { /* its columns, of the list */
    size_t at[MEND_TEAM];
    size_t count;
    uint64_t checks;
};

static struct team team_of(const struct mend *mend, int number)
{
    struct team team = {0};
    for (size_t i = 0; i < mend->count && team.count < MEND_TEAM; i++)
        if (mend->list[i].team == number) {
            team.at[team.count++] = i;
            team.checks |= mend->list[i].checks;
        }
    return team;
}

static bool may_hold(const struct trial *trial, uint64_t checks)
{
    for (size_t i = 0; i < trial->mend->check_count; i++)
        if ((checks >> i & 1) && !check_tree_may_hold(trial->mend->checks[i], trial->values))
            return false;
    return true;
}

/* Bit p: the columns whose bit is set in p may be null together, the others not. All, where none may. */
static uint32_t allowed(struct trial *trial, const struct team *team)
{
    const char *own[MEND_TEAM], *filled[MEND_TEAM];
    uint32_t patterns = 0;
    for (size_t i = 0; i < team->count; i++) {
        const struct mended *of = &trial->mend->list[team->at[i]];
        struct mend_choice before = trial->choice[team->at[i]];
        own[i] = trial->values[of->column];
        mend_set(trial, team->at[i], mend_filled(trial, team->at[i]));
        filled[i] = trial->values[of->column];
        trial->choice[team->at[i]] = before;
    }
    for (uint32_t p = 0; p < 1U << team->count; p++) {
        for (size_t i = 0; i < team->count; i++)
            trial->values[trial->mend->list[team->at[i]].column] = p >> i & 1 ? NULL : filled[i];
        patterns |= (uint32_t)may_hold(trial, team->checks) << p;
    }
    for (size_t i = 0; i < team->count; i++)
        trial->values[trial->mend->list[team->at[i]].column] = own[i];
    return patterns != 0 ? patterns : UINT32_MAX >> (PATTERNS - (1 << team->count));
}

/* Running sums of the patterns' weights. */
static double weigh(const struct mend *mend, const struct team *team, uint32_t patterns, double *sums)
{
    double sum = 0;
    for (uint32_t p = 0; p < 1U << team->count; p++) {
        double weight = patterns >> p & 1;
        for (size_t i = 0; i < team->count; i++)
            weight *= p >> i & 1 ? mend->list[team->at[i]].odds : 1;
        sums[p] = sum += weight;
    }
    return sum;
}

/* Rows of one table go round the circle by the golden section, so that shares come out evenly. */
static double even_chance(const struct trial *trial, int number)
{
    uint64_t start = rng_hash(trial->mend->stream, 32, (uint64_t)number);
    return (double)((start + (uint64_t)trial->row * UINT64_C(0x9e3779b97f4a7c15)) >> 11) * 0x1p-53;
}

void mend_choose_nulls(struct trial *trial)
{
    static const struct mend_choice null = {.kind = MEND_NULL};
    for (int number = 0; number < trial->mend->team_count; number++) {
        const struct team team = team_of(trial->mend, number);
        double sums[PATTERNS], sum = weigh(trial->mend, &team, allowed(trial, &team), sums),
                               at = even_chance(trial, number) * sum;
        uint32_t p = 0;
        while (p + 1 < 1U << team.count && sums[p] <= at)
            p++;
        for (size_t i = 0; i < team.count; i++) {
            bool is_null = trial->values[trial->mend->list[team.at[i]].column] == NULL;
            if (is_null != (p >> i & 1))
                mend_set(trial, team.at[i], p >> i & 1 ? null : mend_filled(trial, team.at[i]));
        }
    }
}

/* ---- making ---- */

static int64_t sampled(const struct row_maker *maker, int64_t i)
{
    __extension__ __int128 row = (__int128)i * maker->rows / (maker->rows < SAMPLE ? maker->rows : SAMPLE);
    return (int64_t)row;
}

/* Whether it is null makes a difference to a check, in some row. */
static bool matters(const struct mend *self, const struct row_maker *maker, size_t i)
{
    enum { ROWS = 200 };
    const struct team alone = {.at = {i}, .count = 1, .checks = self->list[i].checks};
    bool found = false;
    for (int64_t s = 0; s < ROWS && s < maker->rows && !found; s++) {
        struct trial trial;
        mend_begin(&trial, self, maker, s * (maker->rows / (maker->rows < ROWS ? maker->rows : ROWS)));
        found = allowed(&trial, &alone) != 3;
        arena_free(&trial.arena);
    }
    return found;
}

static void join_teams(struct mend *self, const struct row_maker *maker)
{
    for (size_t i = 0; i < self->count; i++) {
        struct mended *of = &self->list[i];
        of->team = of->nullable && of->null_ratio < 1 && matters(self, maker, i) ? self->team_count++ : -1;
    }
    for (size_t i = 0; i < self->count; i++)
        for (size_t j = 0; j < i; j++) {
            int from = self->list[i].team, to = self->list[j].team;
            if (from < 0 || to < 0 || from == to || !(self->list[i].checks & self->list[j].checks) ||
                team_of(self, from).count + team_of(self, to).count > MEND_TEAM)
                continue;
            for (size_t k = 0; k < self->count; k++)
                self->list[k].team = self->list[k].team == from ? to : self->list[k].team;
        }
}

/* Odds are moved until each column is null as often as it should be: by less than they should, as the others move too. */
static void fit(struct mend *self, const struct team *team, const uint32_t *patterns, int64_t rows)
{
    static const double damping = 0.4;
    for (int round = 0; round < ROUNDS; round++) {
        double null[MEND_TEAM] = {0}, sums[PATTERNS];
        for (int64_t s = 0; s < rows; s++) {
            double sum = weigh(self, team, patterns[s], sums), last = 0;
            for (uint32_t p = 0; p < 1U << team->count; last = sums[p++])
                for (size_t i = 0; i < team->count; i++)
                    null[i] += p >> i & 1 ? (sums[p] - last) / sum / (double)rows : 0;
        }
        for (size_t i = 0; i < team->count; i++) {
            struct mended *of = &self->list[team->at[i]];
            double wanted = fmin(fmax(of->null_ratio, 1e-6), 1 - 1e-6),
                   found = fmin(fmax(null[i], 1e-6), 1 - 1e-6);
            of->odds *= pow(wanted / (1 - wanted) * (1 - found) / found, damping);
            of->odds = fmin(fmax(of->odds, 1e-9), 1e9);
        }
    }
}

void mend_learn_nulls(struct arena *arena, struct mend *self, const struct row_maker *maker)
{
    int64_t rows = maker->rows < SAMPLE ? maker->rows : SAMPLE;
    join_teams(self, maker);
    uint32_t *patterns = arena_alloc(arena, (size_t)(rows + 1) * sizeof *patterns);
    for (int number = 0; number < self->team_count; number++) {
        const struct team team = team_of(self, number);
        for (int64_t s = 0; s < rows && team.count > 0; s++) {
            struct trial trial;
            mend_begin(&trial, self, maker, sampled(maker, s));
            patterns[s] = allowed(&trial, &team);
            arena_free(&trial.arena);
        }
        for (size_t i = 0; i < team.count; i++)
            self->list[team.at[i]].odds = 1;
        if (team.count > 0)
            fit(self, &team, patterns, rows);
    }
}
