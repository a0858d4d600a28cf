#include "generators/mend_parts.h"

#include "bench/base/rng.h"
#include "generators/profile.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

enum { SAMPLE = 500 };

static bool is_keyed(const struct catalogue_table *table, size_t column)
{
    for (size_t i = 0; i < table->key_count; i++)
        for (size_t c = 0; table->keys[i].kind != 'f' && c < table->keys[i].column_count; c++)
            if (table->keys[i].columns[c] == column)
                return true;
    return false;
}

static bool may_change(const struct row_maker *maker, size_t column)
{
    const struct recipe *recipe = &maker->recipes[column];
    if (is_keyed(maker->table, column) || recipe->unique || recipe->leads || recipe->follow != NULL ||
        recipe->rule != NULL)
        return false;
    if (recipe->source == RECIPE_REFERENCE)
        return recipe->reference->key->column_count == 1 && recipe->reference->parent != NULL &&
               !recipe->reference->self && !recipe->column->not_null;
    return recipe->source == RECIPE_DRAWN ||
           (recipe->source == RECIPE_PROFILED && recipe->distribution != NULL);
}

static double null_ratio(const struct recipe *recipe)
{
    static const double drawn = 0.05; /* as columns without statistics have it */
    return recipe->column->statistics != NULL ? recipe->column->statistics->null_ratio : drawn;
}

/* Columns of one row are asked for one after the other. */
struct mend_choice mend_choose(const struct mend *mend, const struct row_maker *maker, size_t column,
                               int64_t row)
{
    static _Thread_local struct {
        uint64_t serial;
        int64_t row;
        struct mend_choice choice[MEND_COLUMNS];
    } last;
    static _Thread_local const struct mend *busy; /* a rule asks for the column it follows */
    int place = mend->place[column];
    if (place < 0 || busy == mend)
        return (struct mend_choice){.kind = MEND_OWN};
    if (last.serial != mend->serial || last.row != row) {
        const struct mend *before = busy;
        struct trial trial;
        busy = mend;
        mend_begin(&trial, mend, maker, row);
        mend_resolve(&trial);
        busy = before;
        last.serial = mend->serial;
        last.row = row;
        memcpy(last.choice, trial.choice, sizeof last.choice);
        arena_free(&trial.arena);
    }
    return last.choice[place];
}

/* ---- making ---- */

static size_t mentioned(const struct check_tree *tree, bool *columns, size_t count)
{
    size_t found = 0;
    memset(columns, 0, count * sizeof *columns);
    check_tree_mentions(tree, columns);
    for (size_t i = 0; i < count; i++)
        found += columns[i];
    return found;
}

/* One column alone is mostly made as its constraints want it. */
static void take_checks(struct arena *arena, struct mend *self, const struct row_maker *maker)
{
    const struct catalogue_table *table = maker->table;
    bool *columns = arena_alloc(arena, (table->column_count + 1) * sizeof *columns);
    for (size_t i = 0; i < table->check_count; i++) {
        const struct check_tree *tree = check_tree_read(arena, table, table->checks[i].definition);
        if (tree == NULL || mentioned(tree, columns, table->column_count) == 0 ||
            self->check_count == MEND_CHECKS)
            continue;
        *ARENA_PUSH(arena, self->checks, self->check_count, self->check_capacity) = tree;
    }
}

static void take_columns(struct arena *arena, struct mend *self, const struct row_maker *maker)
{
    size_t count = self->column_count = maker->table->column_count;
    bool *columns = arena_alloc(arena, (count + 1) * sizeof *columns);
    self->used = arena_alloc(arena, (count + 1) * sizeof *self->used);
    self->list = arena_alloc(arena, MEND_COLUMNS * sizeof *self->list);
    self->place = arena_alloc(arena, (count + 1) * sizeof *self->place);
    self->used_count = self->count = 0;
    for (size_t i = 0; i < self->check_count; i++)
        check_tree_mentions(self->checks[i], columns);
    for (size_t i = 0; i < count; i++) {
        self->place[i] = -1;
        if (!columns[i])
            continue;
        self->used[self->used_count++] = i;
        if (self->count == MEND_COLUMNS || !may_change(maker, i))
            continue;
        const struct recipe *recipe = &maker->recipes[i];
        self->place[i] = (int)self->count;
        self->list[self->count++] = (struct mended){.column = i,
                                                    .team = -1,
                                                    .nullable = !recipe->column->not_null &&
                                                                null_ratio(recipe) > 0,
                                                    .null_ratio = null_ratio(recipe)};
    }
}

static uint64_t checks_of(const struct mend *self, size_t column, struct arena *arena)
{
    bool *columns = arena_alloc(arena, (self->column_count + 1) * sizeof *columns);
    uint64_t checks = 0;
    for (size_t c = 0; c < self->check_count; c++) {
        mentioned(self->checks[c], columns, self->column_count);
        checks |= columns[column] ? UINT64_C(1) << c : 0;
    }
    return checks;
}

static int64_t sampled(const struct row_maker *maker, int64_t i)
{
    __extension__ __int128 row = (__int128)i * maker->rows / (maker->rows < SAMPLE ? maker->rows : SAMPLE);
    return (int64_t)row;
}

/* Which checks the rows would break, of those of one column; all of several are kept. */
static void keep_broken(struct arena *arena, struct mend *self, const struct row_maker *maker)
{
    bool *broken = arena_alloc(arena, (self->check_count + 1) * sizeof *broken);
    bool *columns = arena_alloc(arena, (self->column_count + 1) * sizeof *columns);
    for (int64_t i = 0; i < SAMPLE && i < maker->rows; i++) {
        struct trial trial;
        mend_begin(&trial, self, maker, sampled(maker, i));
        for (size_t c = 0; c < self->check_count; c++)
            broken[c] |= !check_tree_holds(self->checks[c], trial.values);
        arena_free(&trial.arena);
    }
    size_t kept = 0;
    for (size_t c = 0; c < self->check_count; c++)
        if (broken[c] || mentioned(self->checks[c], columns, self->column_count) > 1)
            self->checks[kept++] = self->checks[c];
    self->check_count = kept;
}

const struct mend *mend_make(struct arena *arena, uint64_t seed, const struct row_maker *maker,
                             mend_write_fn *write)
{
    static _Atomic uint64_t serials = 1;
    struct mend *self = arena_alloc(arena, sizeof *self);
    if (maker->table->check_count == 0 || maker->rows <= 0)
        return NULL;
    *self = (struct mend){.write = write, .serial = atomic_fetch_add(&serials, 1)};
    self->stream = rng_hash_text(rng_hash_text(seed, catalogue_seed_name(maker->table)), "mend");
    take_checks(arena, self, maker);
    take_columns(arena, self, maker);
    if (self->check_count == 0 || self->count == 0)
        return NULL;
    keep_broken(arena, self, maker);
    take_columns(arena, self, maker);
    for (size_t i = 0; i < self->count; i++)
        self->list[i].checks = checks_of(self, self->list[i].column, arena);
    if (self->check_count == 0 || self->count == 0)
        return NULL;
    mend_learn_nulls(arena, self, maker);
    return self;
}
