#include "bench/base/rng.h"
#include "generators/permute.h"
#include "generators/profiled.h"

#include "bench/db/sql.h"

#include <math.h>
#include <string.h>

struct claim {
    struct arena *arena;
    uint64_t seed;
    const struct catalogue *catalogue;
    struct row_maker *const *makers;
    struct row_maker *maker;
    struct err *err;
    bool in_expression; /* what is unique is made from the columns */
};

static bool refuse(const struct claim *claim, const char *key, const char *why)
{
    err_set(claim->err, ERR_ENVIRONMENT, "table %s, %s: %s", claim->maker->table->name, key, why);
    return false;
}

/* The table and column a value is first made in: foreign keys that share a column must agree on it. */
static const struct recipe *origin(const struct row_maker *maker, size_t column, int depth)
{
    const struct recipe *recipe = &maker->recipes[column];
    if (recipe->source != RECIPE_REFERENCE || recipe->reference->parent == NULL || depth > 16)
        return recipe;
    return origin(recipe->reference->parent, recipe->reference->key->parent_columns[recipe->position],
                  depth + 1);
}

static bool already_held(const struct claim *claim, const struct catalogue_key *key)
{
    const struct row_maker *parent = claim->makers[key->parent];
    for (size_t i = 0; i < key->column_count; i++)
        if (parent == NULL ||
            origin(claim->maker, key->columns[i], 0) != origin(parent, key->parent_columns[i], 0))
            return false;
    return true;
}

/* The columns that are taken come, in the parent too, from the same table, so from the same row of it. */
static bool shares(const struct claim *claim, const struct catalogue_key *key, size_t taken)
{
    const struct row_maker *parent = key->parent >= 0 && key->parent_values == NULL
                                         ? claim->makers[key->parent]
                                         : NULL;
    size_t agreeing = 0;
    const struct reference *first = NULL;
    for (size_t i = 0; parent != NULL && i < key->column_count; i++) {
        const struct recipe *recipe = &claim->maker->recipes[key->columns[i]];
        if (recipe->source != RECIPE_REFERENCE || recipe->reference->parent == NULL)
            continue;
        bool same = origin(claim->maker, key->columns[i], 0) == origin(parent, key->parent_columns[i], 0);
        agreeing += same && (first == NULL || first == recipe->reference);
        first = recipe->reference;
    }
    return agreeing == taken && taken < key->column_count &&
           (parent == claim->maker || parent->columns != NULL);
}

static bool some_nullable(const struct claim *claim, const struct catalogue_key *key)
{
    for (size_t i = 0; i < key->column_count; i++) {
        const struct recipe *recipe = &claim->maker->recipes[key->columns[i]];
        if (recipe->source == RECIPE_DRAWN && recipe->column->statistics != NULL && !recipe->column->not_null)
            return true;
    }
    return false;
}

static bool claim_reference(struct claim *claim, const struct catalogue_key *key)
{
    struct row_maker *maker = claim->maker;
    size_t taken = 0;
    bool nullable = true;
    for (size_t i = 0; i < key->column_count; i++) {
        const struct recipe *recipe = &maker->recipes[key->columns[i]];
        taken += recipe->source == RECIPE_REFERENCE || recipe->source == RECIPE_SERVER ||
                 recipe->source == RECIPE_GIVEN;
        if (recipe->source != RECIPE_REFERENCE)
            nullable = nullable && !recipe->column->not_null;
    }
    if (taken > 0 && already_held(claim, key))
        return true;
    if (taken > 0 && !shares(claim, key, taken))
        return refuse(claim, key->name,
                      "it shares columns with another foreign key, whose values it cannot follow");
    struct reference *reference = &maker->references[maker->reference_count++];
    *reference = (struct reference){
        .key = key, .nullable = nullable, .statistics = maker->recipes[key->columns[0]].column->statistics};
    if (key->parent >= 0 && claim->catalogue->tables[key->parent].profile != NULL)
        reference->source_rows = claim->catalogue->tables[key->parent].profile->rows;
    reference->partial = !key->total && !nullable && some_nullable(claim, key);
    reference->stream = rng_hash_text(rng_hash_text(claim->seed, catalogue_seed_name(maker->table)),
                                      key->name);
    reference->parent = key->parent >= 0 && key->parent_values == NULL ? claim->makers[key->parent] : NULL;
    reference->self = reference->parent == maker;
    reference->parent_rows = reference->parent != NULL ? reference->parent->rows
                                                       : (int64_t)key->parent_value_rows;
    if (reference->parent_rows == 0 && !nullable && maker->rows > 0)
        return refuse(claim, key->name, "it references a table that is empty and has no rows in the plan");
    for (size_t i = 0; i < key->column_count; i++) {
        struct recipe *recipe = &maker->recipes[key->columns[i]];
        if (recipe->source == RECIPE_REFERENCE) {
            reference->mode = REFERENCE_KIN;
            reference->shared = key->columns[i];
            continue;
        }
        recipe->source = RECIPE_REFERENCE;
        recipe->reference = reference;
        recipe->position = i;
    }
    return true;
}

static bool is_referenced(const struct claim *claim, size_t column)
{
    for (size_t i = 0; i < claim->catalogue->count; i++) {
        const struct catalogue_table *table = &claim->catalogue->tables[i];
        for (size_t j = 0; j < table->key_count; j++)
            for (size_t k = 0; table->keys[j].parent >= 0 && k < table->keys[j].column_count; k++)
                if (&claim->catalogue->tables[table->keys[j].parent] == claim->maker->table &&
                    table->keys[j].parent_columns[k] == column)
                    return true;
    }
    return false;
}

/* Keys whose rows have been moved do not lie in their order. Where the primary key says how rows lie, they do. */
static void choose_order(const struct claim *claim, struct recipe *recipe)
{
    static const double ordered = 0.99;
    const struct profile_column *statistics = recipe->column->statistics;
    if (statistics == NULL || !isfinite(statistics->correlation) || statistics->correlation >= ordered ||
        sql_is_mysql(claim->maker->table->lexis) || claim->maker->rows < 2)
        return;
    const struct distribution_spec spec = {
        .stream = recipe->stream, .rows = claim->maker->rows, .correlation = statistics->correlation};
    recipe->distribution = distribution_make(claim->arena, &spec);
}

/* Makes one column unique by the row's number. */
static bool number_column(const struct claim *claim, size_t column, bool no_null)
{
    struct recipe *recipe = &claim->maker->recipes[column];
    if (recipe->source != RECIPE_DRAWN || (recipe->spec.kind == NULL && recipe->spec.labels == NULL))
        return false;
    int64_t low, high;
    struct value_spec wide = recipe->spec;
    if (wide.labels == NULL && wide.element == NULL && value_kind_is_integer(wide.kind)) {
        value_kind_range(wide.kind, &low, &high);
        if (!recipe->capped)
            wide.high = high;
        if (wide.low < 1)
            wide.low = 1;
    } else if (wide.labels == NULL && wide.element == NULL && value_kind_is_number(wide.kind)) {
        if (recipe->column->precision < 0)
            wide.high = wide.low + INT64_C(1000000000000);
    }
    if (value_capacity(&wide) < claim->maker->rows)
        return false;
    recipe->spec = wide;
    recipe->source = RECIPE_NUMBERED;
    recipe->nullable = recipe->nullable && !no_null && !is_referenced(claim, column);
    choose_order(claim, recipe);
    return true;
}

static bool is_unique_alone(const struct recipe *recipe)
{
    return recipe->source == RECIPE_NUMBERED || recipe->unique ||
           (recipe->source == RECIPE_REFERENCE && recipe->reference->mode == REFERENCE_EACH &&
            recipe->reference->key->column_count == 1);
}

/* A foreign key whose columns are the unique key, or part of it: every row its own parent. */
static bool own_parent(const struct claim *claim, struct reference *reference)
{
    if (reference->mode != REFERENCE_PICK)
        return reference->mode == REFERENCE_EACH;
    if (reference->parent_rows < claim->maker->rows && !reference->nullable)
        return false;
    reference->mode = REFERENCE_EACH;
    return true;
}

static struct reference *reference_of(const struct claim *claim, size_t column)
{
    const struct recipe *recipe = &claim->maker->recipes[column];
    if (recipe->source != RECIPE_REFERENCE)
        return NULL;
    return &claim->maker->references[recipe->reference - claim->maker->references];
}

static bool within(const struct catalogue_key *inner, const size_t *columns, size_t count)
{
    for (size_t i = 0; i < inner->column_count; i++) {
        size_t at = 0;
        while (at < count && columns[at] != inner->columns[i])
            at++;
        if (at == count)
            return false;
    }
    return true;
}

static bool add_units(const struct claim *claim, const size_t *columns, size_t count)
{
    struct row_maker *maker = claim->maker;
    for (size_t i = 0; i < count; i++) {
        struct reference *reference = reference_of(claim, columns[i]);
        struct recipe *recipe = &maker->recipes[columns[i]];
        struct key_unit unit = {.reference = reference, .column = columns[i], .stream = recipe->stream};
        if (reference != NULL) {
            if (reference->mode == REFERENCE_DIGIT)
                continue; /* another column of the same foreign key */
            if (reference->mode != REFERENCE_PICK || !within(reference->key, columns, count))
                return false;
            unit.domain = reference->parent_rows;
            reference->mode = REFERENCE_DIGIT;
            reference->nullable = false;
            reference->unit = maker->unit_count;
        } else {
            if (recipe->source != RECIPE_DRAWN || recipe->spec.kind == NULL ||
                value_capacity(&recipe->spec) == 0)
                return false;
            unit.domain = value_capacity(&recipe->spec);
            recipe->source = RECIPE_DIGIT;
            recipe->nullable = false;
            recipe->unit = maker->unit_count;
        }
        maker->units[maker->unit_count++] = unit;
    }
    return true;
}

static int64_t up(int64_t value, int64_t by)
{
    return (value + by - 1) / by;
}

/* Parents and labels take what they have; numbers and texts share the rest, the last of them most of it. */
static bool choose_radices(struct row_maker *maker)
{
    int64_t rest = maker->rows > 0 ? maker->rows : 1;
    size_t last = maker->unit_count;
    for (size_t i = 0; i < maker->unit_count; i++) {
        struct key_unit *unit = &maker->units[i];
        if (unit->reference == NULL && unit->domain > 1000) {
            last = i;
            continue;
        }
        unit->radix = unit->domain < rest ? unit->domain : rest;
        if (unit->radix == 0)
            return false;
        rest = up(rest, unit->radix);
    }
    for (size_t i = 0; i < maker->unit_count; i++)
        if (maker->units[i].radix == 0) {
            int64_t most = i == last ? maker->units[i].domain : 100;
            maker->units[i].radix = most < rest ? most : rest;
            rest = up(rest, maker->units[i].radix);
        }
    return rest == 1;
}

/* Texts, times and identifiers can carry the row's number without looking odd. */
static bool number_any(const struct claim *claim, const size_t *columns, size_t count, bool integers,
                       bool no_null)
{
    for (size_t i = 0; i < count; i++) {
        const struct recipe *recipe = &claim->maker->recipes[columns[i]];
        bool plain = recipe->source == RECIPE_DRAWN && recipe->spec.labels == NULL &&
                     recipe->spec.kind != NULL;
        if (plain && (integers || !value_kind_is_number(recipe->spec.kind)) &&
            number_column(claim, columns[i], no_null))
            return true;
    }
    return false;
}

/* By its statistics, when they leave room for as many values as there are rows. Numbers are counted instead: nothing tells
 * where a sparse one came from. */
static bool profile_column(const struct claim *claim, size_t column, bool no_null)
{
    struct recipe *recipe = &claim->maker->recipes[column];
    struct err ignored = {0};
    bool counted = recipe->spec.kind != NULL && recipe->spec.labels == NULL &&
                   value_kind_is_integer(recipe->spec.kind);
    if (!profiled_is_known(recipe) || counted || recipe->column->statistics->mcv_count > 0 ||
        !profiled_make(claim->arena, claim->maker, recipe, NULL, &ignored) ||
        !render_differs_folded(recipe->render))
        return false;
    int64_t filled = distribution_filled(recipe->distribution);
    recipe->unique = distribution_distinct(recipe->distribution) >= filled &&
                     (!no_null || filled == claim->maker->rows);
    if (recipe->unique)
        recipe->source = RECIPE_PROFILED;
    return recipe->unique;
}

static bool too_many(const struct claim *claim, const char *key)
{
    err_set(claim->err, ERR_ENVIRONMENT, "table %s, %s: %lld different keys cannot be made from its columns",
            claim->maker->table->name, key, (long long)claim->maker->rows);
    return err_hint(claim->err, "give the table fewer rows: data.tables.%s.rows", claim->maker->table->name);
}

static bool claim_unique(struct claim *claim, const char *name, const size_t *columns, size_t count,
                         bool no_null)
{
    for (size_t i = 0; i < count; i++)
        if (columns[i] < claim->maker->table->column_count &&
            is_unique_alone(&claim->maker->recipes[columns[i]]))
            return true;
    if (count > 0) {
        struct reference *reference = reference_of(claim, columns[0]);
        if (reference != NULL && within(reference->key, columns, count) &&
            reference->key->column_count == count && own_parent(claim, reference))
            return true;
    }
    if (count == 1 && !claim->in_expression && columns[0] < claim->maker->table->column_count &&
        profile_column(claim, columns[0], no_null))
        return true;
    if (count > 1 && !claim->in_expression && claim->maker->table->profile != NULL &&
        pair_claim(claim->arena, claim->maker, columns, count))
        return true;
    if (number_any(claim, columns, count, count == 1, no_null))
        return true;
    if (claim->maker->unit_count == 0 && count > 1 && add_units(claim, columns, count) &&
        choose_radices(claim->maker))
        return true;
    return (claim->maker->unit_count == 0 && number_any(claim, columns, count, true, no_null)) ||
           too_many(claim, name);
}

static bool is_text(const struct claim *claim, size_t column)
{
    const struct value_kind *kind = claim->maker->recipes[column].spec.kind;
    return kind == NULL || value_kind_is_text(kind);
}

/* Columns named between the first parentheses of CREATE UNIQUE INDEX … (…), in expressions too. */
static size_t index_columns(struct claim *claim, const char *definition, size_t *columns, bool *plain)
{
    struct sql_scan scan = sql_scan(claim->maker->table->lexis, definition, strlen(definition), 1, 1);
    int depth = 0;
    size_t count = 0;
    for (struct sql_token token = sql_next(&scan); token.kind != SQL_END; token = sql_next(&scan)) {
        bool open = token.kind == SQL_OTHER && *token.text == '(';
        claim->in_expression |= open && depth > 0;
        depth += open - (token.kind == SQL_OTHER && *token.text == ')');
        if (depth == 0 && token.kind == SQL_OTHER && *token.text == ')')
            break;
        if (depth == 0 || (token.kind != SQL_WORD && token.kind != SQL_QUOTED))
            continue;
        const char *name = sql_fold(claim->arena, claim->maker->table->lexis, token.text, token.length);
        for (size_t i = 0; i < claim->maker->table->column_count; i++)
            if (strcmp(claim->maker->table->columns[i].name, name) == 0) {
                columns[count++] = i;
                plain[i] = depth == 1;
            }
    }
    return count;
}

static bool claim_keys(struct claim *claim, char kind, bool single)
{
    const struct catalogue_table *table = claim->maker->table;
    for (size_t i = 0; i < table->key_count; i++) {
        const struct catalogue_key *key = &table->keys[i];
        if (key->kind == kind && (key->column_count == 1) == single &&
            !claim_unique(claim, key->name, key->columns, key->column_count, kind == 'p' || key->total))
            return false;
    }
    return true;
}

static bool claim_unique_indexes(struct claim *claim)
{
    const struct catalogue_table *table = claim->maker->table;
    for (size_t i = 0; i < table->index_count; i++) {
        const struct catalogue_index *index = &table->indexes[i];
        if (!index->unique || index->constraint)
            continue;
        size_t *columns = arena_alloc(claim->arena, (strlen(index->definition) + 1) * sizeof *columns);
        claim->in_expression = false;
        bool *plain = arena_alloc(claim->arena, table->column_count + 1), told = false;
        size_t count = index_columns(claim, index->definition, columns, plain);
        for (size_t j = 0; claim->in_expression && j < count && !told; j++)
            told = plain[columns[j]] && !is_text(claim, columns[j]) &&
                   alone_claim(claim->arena, claim->maker, columns[j]);
        for (size_t j = 0; claim->in_expression && j < count && !told; j++)
            told = plain[columns[j]] && !is_text(claim, columns[j]) &&
                   number_column(claim, columns[j], false);
        if (told)
            continue;
        if (!claim_unique(claim, index->name, columns, count,
                          strstr(index->definition, "NULLS NOT DISTINCT") != NULL))
            return false;
    }
    return true;
}

static bool claim_parts(struct claim *claim)
{
    const struct catalogue_table *table = claim->maker->table;
    for (size_t i = 0; i < table->key_count; i++)
        for (size_t j = 0; j < table->key_count; j++) {
            const struct catalogue_key *part = key_part(claim->arena, claim->catalogue, claim->maker,
                                                        &table->keys[i], &table->keys[j]);
            if (part != NULL && claim->makers[table->keys[i].parent] != claim->maker &&
                !claim_reference(claim, part))
                return false;
        }
    return true;
}

static bool has_null(const struct catalogue_table *table, const struct catalogue_key *key)
{
    for (size_t i = 0; i < key->column_count; i++)
        if (!table->columns[key->columns[i]].not_null)
            return true;
    return false;
}

/* The widest first: narrower ones follow them. Of those that share columns, one that may be null can do with what the other
 * leaves. Those to the table itself come last: the rows' values are made by the others. */
static bool claim_references(struct claim *claim, bool to_itself)
{
    const struct catalogue_table *table = claim->maker->table;
    for (size_t turn = 2 * table->column_count + 1; turn > 1; turn--)
        for (size_t i = 0; i < table->key_count; i++) {
            const struct catalogue_key *key = &table->keys[i];
            bool itself = key->parent >= 0 && &claim->catalogue->tables[key->parent] == table;
            if (key->kind == 'f' && key->column_count == turn / 2 && itself == to_itself &&
                has_null(table, key) == (turn % 2 == 0) && !claim_reference(claim, key))
                return false;
        }
    return true;
}

bool key_claim(struct arena *arena, uint64_t seed, const struct catalogue *catalogue,
               struct row_maker *const *makers, struct row_maker *maker, struct err *err)
{
    struct claim claim = {arena, seed, catalogue, makers, maker, err, false};
    const struct catalogue_table *table = maker->table;
    maker->references = arena_alloc(arena, (2 * table->key_count + 1) * sizeof *maker->references);
    maker->units = arena_alloc(arena, (table->column_count + 1) * sizeof *maker->units);
    if (!claim_parts(&claim))
        return false;
    if (!claim_references(&claim, false) || !claim_references(&claim, true) ||
        !claim_keys(&claim, 'p', true) || !claim_keys(&claim, 'u', true) || !claim_keys(&claim, 'p', false) ||
        !claim_keys(&claim, 'u', false) || !claim_unique_indexes(&claim))
        return false;
    pair_claim_indexes(arena, maker);
    return true;
}
