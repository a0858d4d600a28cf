#include "generators/row.h"

#include "bench/base/rng.h"
#include "generators/earlier.h"
#include "generators/mend.h"
#include "generators/permute.h"
#include "generators/profiled.h"
#include "generators/row_form.h"
#include "generators/rule.h"
#include "generators/value_kind.h"
#include "generators/value_wire.h"

#include <endian.h>
#include <string.h>

enum { NULL_ONE_IN = 20 };

/* Makers of a table and, through its foreign keys, of its parents. */
struct making {
    struct arena *arena;
    uint64_t seed;
    const struct catalogue *catalogue;
    struct row_maker **makers;
    struct err *err;
};

static const char *written_columns(struct arena *arena, const struct row_maker *maker)
{
    struct buf list = {0};
    for (size_t i = 0; i < maker->table->column_count; i++)
        if (maker->recipes[i].source != RECIPE_SERVER)
            buf_printf(&list, "%s%s", list.length > 0 ? ", " : "", maker->table->columns[i].quoted);
    const char *kept = arena_strdup(arena, buf_text(&list));
    buf_free(&list);
    return kept;
}

/* Statistics may make what the type alone does not tell how to. */
static bool choose(struct making *making, const struct catalogue_table *table, size_t column, int *windows,
                   struct recipe *recipe)
{
    struct err why = {0};
    if (recipe_choose(making->arena, making->seed, table, column, windows, recipe, &why) ||
        (table->columns[column].statistics != NULL && table->columns[column].given == NULL))
        return true;
    *making->err = why;
    return false;
}

static bool make(struct making *making, size_t table)
{
    if (making->makers[table] != NULL)
        return true;
    const struct catalogue_table *self = &making->catalogue->tables[table];
    struct row_maker *maker = arena_alloc(making->arena, sizeof *maker);
    making->makers[table] = maker;
    maker->table = self;
    maker->rows = self->rows > 0 ? self->rows : 0;
    maker->recipes = arena_alloc(making->arena, (self->column_count + 1) * sizeof *maker->recipes);
    int windows = 0;
    for (size_t i = 0; i < self->column_count; i++)
        if (!choose(making, self, i, &windows, &maker->recipes[i]))
            return false;
    for (size_t i = 0; i < self->key_count; i++)
        if (self->keys[i].kind == 'f' && self->keys[i].parent >= 0 && self->keys[i].parent_values == NULL &&
            !make(making, (size_t)self->keys[i].parent))
            return false;
    if (!key_claim(making->arena, making->seed, making->catalogue, making->makers, maker, making->err))
        return false;
    if (!profiled_finish(making->arena, maker, making->err))
        return false;
    maker->columns = written_columns(making->arena, maker);
    maker->mend = mend_make(making->arena, making->seed, maker, row_write_choice);
    return true;
}

/* References that lead round to themselves through key columns would never reach a value. */
static bool ends(const struct row_maker *maker, size_t column, int depth)
{
    const struct recipe *recipe = &maker->recipes[column];
    if (recipe->source != RECIPE_REFERENCE || recipe->reference->parent == NULL)
        return true;
    return depth < 32 && ends(recipe->reference->parent,
                              recipe->reference->key->parent_columns[recipe->position], depth + 1);
}

/* Its type is one that values are made of; else only literals are. */
static bool has_form(const struct recipe *recipe)
{
    return recipe->spec.kind != NULL || recipe->spec.labels != NULL;
}

/* A reference is written in the form of the column it leads to, which may be of another type than its own. */
static bool has_binary(const struct row_maker *maker, size_t column)
{
    const struct recipe *recipe = &maker->recipes[column], *made = recipe;
    while (made->source == RECIPE_REFERENCE && made->reference->parent != NULL)
        made = &made->reference->parent->recipes[made->reference->key->parent_columns[made->position]];
    if (recipe->source == RECIPE_SERVER)
        return true;
    if (recipe->rule != NULL &&
        !(rule_has_binary(recipe->rule) &&
          (recipe->rule->told->kind != RULE_FROM || has_binary(recipe->rule->of, recipe->rule->other))))
        return false;
    if (made != recipe && !has_form(made) && !has_form(recipe))
        return false;
    if (made != recipe && !value_binary_agrees(&made->spec, &recipe->spec))
        return false;
    if (made->source == RECIPE_PROFILED)
        return render_has_binary(made->render);
    if (made->source == RECIPE_GIVEN)
        return made->spec.fields != NULL;
    struct buf ignored = {0};
    bool has = made->source == RECIPE_REFERENCE
                   ? made->spec.element == NULL && value_encode(made->spec.kind, "0", &ignored)
                   : value_has_binary(&made->spec);
    buf_free(&ignored);
    return has;
}

bool row_maker_make(struct arena *arena, uint64_t seed, const struct catalogue *catalogue, size_t table,
                    struct row_maker **maker, struct err *err)
{
    struct row_maker **makers = arena_alloc(arena, (catalogue->count + 1) * sizeof(struct row_maker *));
    struct making making = {arena, seed, catalogue, makers, err};
    if (!make(&making, table))
        return false;
    struct row_maker *self = *maker = makers[table];
    self->binary = true;
    for (size_t i = 0; i < self->table->column_count; i++) {
        if (!ends(self, i, 0))
            return err_set(err, ERR_ENVIRONMENT, "table %s, column %s: its foreign key leads back to itself",
                           self->table->name, self->table->columns[i].name);
        const struct catalogue_rule *rule = self->table->columns[i].rule;
        if (self->recipes[i].rule != NULL && !rule_ends(self, i, 0))
            return err_at(err, rule->file, rule->line, rule->place,
                          "table %s, column %s: the plan's rules lead back to it", self->table->name,
                          self->table->columns[i].name);
        self->written += self->recipes[i].source != RECIPE_SERVER;
        self->binary = self->binary && has_binary(self, i);
    }
    return true;
}

const char *row_maker_columns(const struct row_maker *maker)
{
    return maker->columns;
}

/* The unit's digit of the row's number; later units start at another place for each group, in a shuffled order. */
static int64_t digit(const struct row_maker *maker, size_t unit, int64_t row)
{
    int64_t index = row, count = maker->rows, value = 0;
    uint64_t group = 0;
    for (size_t i = 0; i <= unit; i++) {
        int64_t radix = maker->units[i].radix;
        __extension__ __int128 product = (__int128)index * radix;
        value = (int64_t)(product / count);
        __extension__ __int128 first = ((__int128)value * count + radix - 1) / radix;
        index -= (int64_t)first;
        count = (count + radix - 1) / radix;
        if (i < unit)
            group = group * 31 + (uint64_t)value;
    }
    const struct key_unit *self = &maker->units[unit];
    if (self->reference == NULL || unit == 0)
        return value;
    uint64_t domain = (uint64_t)self->domain;
    uint64_t turned = ((uint64_t)value + value_scale(rng_hash(self->stream, 1, group), domain)) % domain;
    return (int64_t)permute(self->stream, domain, turned);
}

/* What a key's values are the order of; NULL: of the rows. */
static const struct distribution *key_order(const struct reference *reference)
{
    if (reference->parent == NULL || reference->key->column_count != 1)
        return NULL;
    const struct recipe *key = &reference->parent->recipes[reference->key->parent_columns[0]];
    bool profiled = key->source == RECIPE_PROFILED && key->unique && key->follow == NULL &&
                    key->joint == NULL && key->tie == NULL && key->rule == NULL;
    return key->source == RECIPE_NUMBERED || profiled ? key->distribution : NULL;
}

/* Parents are found by where they stand in the order of their keys. */
static int64_t row_of_key(const struct reference *reference, int64_t place)
{
    const struct distribution *order = key_order(reference);
    int64_t filled = order != NULL ? distribution_filled(order) : 0;
    return filled > 0 ? distribution_row(order, place < filled ? place : place % filled) : place;
}

/* A row that references its own table has its parent before itself, in the order of the keys. */
static int64_t earlier_parent(const struct reference *reference, int64_t row)
{
    const struct distribution *order = key_order(reference);
    struct element element;
    int64_t place = order != NULL ? distribution_place(order, row) : row;
    if (!earlier_at(reference->earlier, place, &element))
        return -1;
    int64_t parent = parents_at(reference->parents, &element);
    if (parent >= place && place == 0)
        return reference->nullable ? -1 : row;
    if (parent >= place)
        parent = (int64_t)(rng_hash(reference->stream, 25, (uint64_t)row) % (uint64_t)place);
    return row_of_key(reference, parent);
}

static int64_t profiled_parent(const struct reference *reference, int64_t row)
{
    struct element element;
    if (reference->earlier != NULL)
        return earlier_parent(reference, row);
    if (reference->follow == NULL || !follow_at(reference->follow, row, &element))
        element = distribution_at(reference->fan_out, row);
    if (element.kind == ELEMENT_NULL && !reference->partial)
        return -1;
    if (element.kind == ELEMENT_NULL) /* what of the key is not null is some parent's */
        return (int64_t)(rng_hash(reference->stream, 23, (uint64_t)row) % (uint64_t)reference->parent_rows);
    return row_of_key(reference, parents_at(reference->parents, &element));
}

/* Every row its own: spread over all of them, in the order of the rows or another. */
static int64_t own_parent(const struct reference *reference, int64_t row)
{
    if (reference->self)
        return reference->nullable ? row - 1 : row;
    if (reference->order == NULL)
        return row < reference->parent_rows ? row : -1;
    int64_t place = distribution_place(reference->order, row), filled = distribution_filled(reference->order);
    if (place >= filled || place >= reference->parent_rows)
        return -1;
    __extension__ __int128 at = (__int128)place * reference->parent_rows;
    return row_of_key(reference, filled < reference->parent_rows ? (int64_t)(at / filled) : place);
}

/* The parent's row, −1 for null. A row that references its own table takes an earlier row, the first one itself. */
int64_t row_parent(const struct row_maker *maker, const struct reference *reference, int64_t row)
{
    if (reference->mode == REFERENCE_DIGIT)
        return digit(maker, reference->unit, row);
    if (reference->mode == REFERENCE_KIN)
        return kin_at(maker, reference, row);
    if (reference->parent_rows == 0)
        return -1;
    if (reference->mode == REFERENCE_PROFILED)
        return profiled_parent(reference, row);
    if (reference->mode == REFERENCE_EACH)
        return own_parent(reference, row);
    uint64_t hash = rng_hash(reference->stream, 0, (uint64_t)row);
    if (reference->nullable && value_mix(hash) % NULL_ONE_IN == 0)
        return -1;
    if (reference->self)
        return row == 0 ? (reference->nullable ? -1 : 0) : (int64_t)value_scale(hash, (uint64_t)row);
    uint64_t parents = (uint64_t)reference->parent_rows;
    return (int64_t)permute(reference->stream, parents, value_scale_low(hash, parents));
}

static void text_null(struct buf *out)
{
    buf_add(out, "\\N", 2);
}

static void text_told(const struct value_spec *spec, const char *text, struct buf *out)
{
    (void)spec;
    value_put_escaped(out, text);
}

static void binary_told(const struct value_spec *spec, const char *text, struct buf *out)
{
    value_encode(spec->kind, text, out);
}

static void text_given(const struct value_spec *spec, int64_t index, struct buf *out)
{
    buf_puts(out, spec->labels[index]);
}

static void binary_given(const struct value_spec *spec, int64_t index, struct buf *out)
{
    uint32_t bytes;
    memcpy(&bytes, spec->fields[index], sizeof bytes);
    buf_add(out, spec->fields[index], sizeof bytes + be32toh(bytes));
}

const struct form text_form = {text_null, value_draw, value_nth, text_told, render_text, text_given};
const struct form binary_form = {value_wire_put_null, value_draw_binary, value_nth_binary,
                                 binary_told,         render_binary,     binary_given};

static void write_reference(const struct row_maker *maker, const struct recipe *recipe, int64_t row,
                            const struct form *form, struct buf *out)
{
    const struct reference *reference = recipe->reference;
    const struct catalogue_key *key = reference->key;
    bool absent = reference->nulls != NULL && !recipe->column->not_null &&
                  distribution_at(reference->nulls, row).kind == ELEMENT_NULL;
    int64_t parent = absent ? -1 : row_parent(maker, reference, row);
    if (parent < 0)
        form->null(out);
    else if (reference->parent != NULL)
        row_write_value(reference->parent, key->parent_columns[recipe->position], parent, form, out);
    else
        form->told(&recipe->spec, key->parent_values[(size_t)parent * key->column_count + recipe->position],
                   out);
}

static struct element element_of(const struct recipe *recipe, int64_t row)
{
    struct element element;
    if (recipe->joint != NULL)
        return joint_at(recipe, row);
    if (recipe->tie != NULL)
        return distribution_placed(recipe->distribution, tied_place(recipe, row));
    if (recipe->follow != NULL && follow_at(recipe->follow, row, &element))
        return element;
    return distribution_at(recipe->distribution, row);
}

/* The so-manyth row of the first column's value. Where that is null, so that no key is: of the row's number. */
static void write_counted(const struct recipe *recipe, int64_t row, const struct form *form, struct buf *out)
{
    struct distribution_standing lead;
    form->nth(&recipe->spec, distribution_standing(recipe->distribution, row, &lead) ? lead.nth : row % 2,
              out);
}

static void write_drawn(const struct row_maker *maker, const struct recipe *recipe, int64_t row,
                        const struct form *form, struct buf *out)
{
    uint64_t hash = rng_hash(recipe->stream, 0, (uint64_t)row);
    if (recipe->nullable && value_mix(hash) % NULL_ONE_IN == 0)
        form->null(out);
    else if (recipe->source == RECIPE_NUMBERED)
        form->nth(&recipe->spec,
                  recipe->distribution != NULL ? distribution_place(recipe->distribution, row) : row, out);
    else if (recipe->source == RECIPE_DIGIT)
        form->nth(&recipe->spec, digit(maker, recipe->unit, row), out);
    else
        form->draw(&recipe->spec, hash, row, out);
}

void row_write_alone(const struct row_maker *maker, size_t column, int64_t row, const struct form *form,
                     struct buf *out)
{
    const struct recipe *recipe = &maker->recipes[column];
    if (recipe->source == RECIPE_PROFILED) {
        struct element element = element_of(recipe, row);
        form->rendered(recipe->render, &element, out);
    } else if (recipe->source == RECIPE_REFERENCE) {
        write_reference(maker, recipe, row, form, out);
    } else if (recipe->source == RECIPE_COUNTED) {
        write_counted(recipe, row, form, out);
    } else if (recipe->source != RECIPE_GIVEN) {
        write_drawn(maker, recipe, row, form, out);
    } else if (recipe->spec.label_count == 0) {
        form->null(out);
    } else {
        form->given(&recipe->spec, row % (int64_t)recipe->spec.label_count, out);
    }
}

void row_write_own(const struct row_maker *maker, size_t column, int64_t row, const struct form *form,
                   struct buf *out)
{
    const struct recipe *recipe = &maker->recipes[column];
    bool alone = recipe->rule == NULL && recipe->ordered == NULL;
    if (alone || !row_write_ruled(maker, column, row, form, out))
        row_write_alone(maker, column, row, form, out);
}

void row_write_value(const struct row_maker *maker, size_t column, int64_t row, const struct form *form,
                     struct buf *out)
{
    struct mend_choice choice = {.kind = MEND_OWN};
    if (maker->mend != NULL)
        choice = mend_choose(maker->mend, maker, column, row);
    if (choice.kind == MEND_OWN)
        row_write_own(maker, column, row, form, out);
    else
        row_write_mended(maker, column, row, &choice, form, out);
}

void row_write(const struct row_maker *maker, int64_t row, struct buf *out)
{
    char separator = 0;
    for (size_t i = 0; i < maker->table->column_count; i++) {
        if (maker->recipes[i].source == RECIPE_SERVER)
            continue;
        if (separator != 0)
            buf_putc(out, separator);
        row_write_value(maker, i, row, &text_form, out);
        separator = '\t';
    }
    buf_putc(out, '\n');
}

bool row_has_binary(const struct row_maker *maker)
{
    return maker->binary;
}

void row_write_binary(const struct row_maker *maker, int64_t row, struct buf *out)
{
    value_wire_16(value_wire_room(out, 2), (uint16_t)maker->written);
    for (size_t i = 0; i < maker->table->column_count; i++)
        if (maker->recipes[i].source != RECIPE_SERVER)
            row_write_value(maker, i, row, &binary_form, out);
}
