#include "generators/mend_parts.h"

#include "bench/base/rng.h"

#include <string.h>

enum { SINGLE_TRIES = 24, ALL_TRIES = 60, FILLED = 250, ALL = 100 };

/* As it stands in the table; NULL: null. */
static const char *unescaped(struct arena *arena, const char *text)
{
    if (strcmp(text, "\\N") == 0)
        return NULL;
    char *copy = arena_strdup(arena, text), *to = copy;
    for (const char *at = copy; *at != '\0'; at++) {
        bool escaped = *at == '\\' && at[1] != '\0';
        at += escaped;
        *to++ = !escaped ? *at : *at == 't' ? '\t' : *at == 'n' ? '\n' : *at == 'r' ? '\r' : *at;
    }
    *to = '\0';
    return copy;
}

static void load(struct trial *trial, size_t column)
{
    static const struct mend_choice own = {.kind = MEND_OWN};
    int place = trial->mend->place[column];
    struct buf text = {0};
    trial->mend->write(trial->maker, column, trial->row, place < 0 ? &own : &trial->choice[place], &text);
    trial->values[column] = unescaped(&trial->arena, buf_text(&text));
    buf_free(&text);
}

void mend_begin(struct trial *trial, const struct mend *mend, const struct row_maker *maker, int64_t row)
{
    *trial = (struct trial){.mend = mend, .maker = maker, .row = row};
    trial->values = arena_alloc(&trial->arena, (mend->column_count + 1) * sizeof *trial->values);
    for (size_t i = 0; i < mend->used_count; i++)
        load(trial, mend->used[i]);
}

uint64_t mend_broken(const struct trial *trial, uint64_t checks)
{
    uint64_t broken = 0;
    for (size_t i = 0; i < trial->mend->check_count; i++)
        if ((checks >> i & 1) && !check_tree_holds(trial->mend->checks[i], trial->values))
            broken |= UINT64_C(1) << i;
    return broken;
}

uint64_t mend_random(const struct trial *trial, size_t i, uint64_t attempt)
{
    return rng_hash(trial->mend->stream + i * 256 + attempt, 31, (uint64_t)trial->row);
}

void mend_set(struct trial *trial, size_t i, struct mend_choice choice)
{
    trial->choice[i] = choice;
    load(trial, trial->mend->list[i].column);
}

struct mend_choice mend_filled(const struct trial *trial, size_t i)
{
    if (trial->values[trial->mend->list[i].column] != NULL)
        return trial->choice[i];
    return (struct mend_choice){.kind = MEND_OTHER, .draw = mend_random(trial, i, FILLED)};
}

/* Keeps it if the check holds then, and no other is broken by it. */
static bool attempt(struct trial *trial, size_t i, struct mend_choice choice, uint64_t check)
{
    const struct mended *of = &trial->mend->list[i];
    struct mend_choice before = trial->choice[i];
    const char *value = trial->values[of->column];
    uint64_t broken = mend_broken(trial, of->checks);
    mend_set(trial, i, choice);
    uint64_t after = mend_broken(trial, of->checks);
    if (!(after & check) && !(after & ~broken))
        return true;
    trial->choice[i] = before;
    trial->values[of->column] = value;
    return false;
}

/* Nulls are what they are: others have chosen them. */
static struct mend_choice drawn(const struct trial *trial, size_t i, uint64_t nth)
{
    return (struct mend_choice){.kind = MEND_OTHER, .draw = mend_random(trial, i, nth)};
}

static bool is_null(const struct trial *trial, size_t i)
{
    return trial->values[trial->mend->list[i].column] == NULL;
}

/* Another value of one of the check's columns, the last one first: what is later depends on what was before. */
static bool change_one(struct trial *trial, uint64_t check)
{
    for (uint64_t nth = 0; nth < SINGLE_TRIES; nth++)
        for (size_t i = trial->mend->count; i-- > 0;)
            if ((trial->mend->list[i].checks & check) && !is_null(trial, i) &&
                attempt(trial, i, drawn(trial, i, nth), check))
                return true;
    return false;
}

/* Other values of all of its columns; they stay if no other check is broken by them. */
static bool change_all(struct trial *trial, uint64_t check, uint64_t broken)
{
    struct mend_choice before[MEND_COLUMNS];
    memcpy(before, trial->choice, sizeof before);
    for (uint64_t nth = 0; nth < ALL_TRIES; nth++) {
        for (size_t i = 0; i < trial->mend->count; i++)
            if ((trial->mend->list[i].checks & check) && !is_null(trial, i))
                mend_set(trial, i, drawn(trial, i, ALL + nth));
        uint64_t after = mend_broken(trial, UINT64_MAX);
        if (!(after & check) && !(after & ~broken))
            return true;
    }
    for (size_t i = 0; i < trial->mend->count; i++)
        if (trial->mend->list[i].checks & check)
            mend_set(trial, i, before[i]);
    return false;
}

/* Where nothing else helps, and the source has nulls. */
static bool make_null(struct trial *trial, uint64_t check)
{
    static const struct mend_choice null = {.kind = MEND_NULL};
    for (size_t i = trial->mend->count; i-- > 0;)
        if ((trial->mend->list[i].checks & check) && trial->mend->list[i].nullable &&
            attempt(trial, i, null, check))
            return true;
    return false;
}

void mend_resolve(struct trial *trial)
{
    mend_choose_nulls(trial);
    uint64_t broken = mend_broken(trial, UINT64_MAX), hopeless = 0;
    while (broken & ~hopeless) {
        uint64_t check = (broken & ~hopeless) & -(broken & ~hopeless);
        if (!change_one(trial, check) && !change_all(trial, check, broken) && !make_null(trial, check))
            hopeless |= check;
        broken = mend_broken(trial, UINT64_MAX);
    }
}
