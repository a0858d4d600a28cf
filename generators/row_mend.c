#include "generators/mend.h"
#include "generators/row_form.h"
#include "generators/value_kind.h"

/* Columns that hold something else than their own value, as the constraints of their row want it. */

/* A parent that another row has. */
static int64_t other_parent(const struct row_maker *maker, const struct reference *reference, uint64_t hash)
{
    enum { TRIES = 16 };
    int64_t parent = -1;
    for (int i = 0; i < TRIES && parent < 0; i++, hash = value_mix(hash))
        parent = row_parent(maker, reference, (int64_t)value_scale(hash, (uint64_t)maker->rows));
    return parent;
}

static void write_parent(const struct row_maker *maker, const struct recipe *recipe, uint64_t hash,
                         const struct form *form, struct buf *out)
{
    const struct reference *reference = recipe->reference;
    int64_t parent = other_parent(maker, reference, hash);
    if (parent < 0)
        form->null(out);
    else
        row_write_value(reference->parent, reference->key->parent_columns[recipe->position], parent, form,
                        out);
}

void row_write_mended(const struct row_maker *maker, size_t column, int64_t row,
                      const struct mend_choice *choice, const struct form *form, struct buf *out)
{
    const struct recipe *recipe = &maker->recipes[column];
    if (choice->kind == MEND_NULL) {
        form->null(out);
    } else if (recipe->source == RECIPE_REFERENCE) {
        write_parent(maker, recipe, choice->draw, form, out);
    } else if (recipe->source == RECIPE_PROFILED) {
        struct element element = distribution_quantile(recipe->distribution,
                                                       (double)(choice->draw >> 11) * 0x1p-53);
        form->rendered(recipe->render, &element, out);
    } else {
        form->draw(&recipe->spec, choice->draw, row, out);
    }
}

void row_write_choice(const struct row_maker *maker, size_t column, int64_t row,
                      const struct mend_choice *choice, struct buf *out)
{
    if (choice->kind == MEND_OWN)
        row_write_own(maker, column, row, &text_form, out);
    else
        row_write_mended(maker, column, row, choice, &text_form, out);
}
