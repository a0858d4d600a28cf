#include "generators/ordered.h"
#include "generators/row_form.h"
#include "generators/rule.h"

#include <string.h>

/* Columns that depend on others of their row, or of a parent's: as the plan or a CHECK says. */

static bool is_null(const struct buf *out, size_t from)
{
    size_t length = out->length - from;
    return (length == 2 && memcmp(out->data + from, "\\N", 2) == 0) ||
           (length == 4 && memcmp(out->data + from, "\xff\xff\xff\xff", 4) == 0);
}

static bool write_copied(const struct row_maker *maker, const struct recipe *recipe, int64_t row,
                         const struct form *form, struct buf *out)
{
    const struct rule *rule = recipe->rule;
    int64_t from = rule->reference != NULL ? row_parent(maker, rule->reference, row) : row;
    size_t start = out->length;
    if (from < 0 || !rule_copies(rule, row))
        from = rule_drawn(rule, row);
    if (from < 0)
        return false;
    row_write_value(rule->of, rule->other, from, form, out);
    if (recipe->column->not_null && is_null(out, start))
        out->length = start;
    return out->length > start;
}

static bool write_later(const struct row_maker *maker, const struct recipe *recipe, int64_t row,
                        const struct form *form, struct buf *out)
{
    const struct rule *rule = recipe->rule;
    struct buf text = {0};
    bool null = rule_is_null(rule, row);
    if (!null && rule->told->when_values != NULL) {
        row_write_value(maker, rule->told->when, row, &text_form, &text);
        null = rule_is_null_beside(rule, buf_text(&text));
        buf_clear(&text);
    }
    if (!null)
        row_write_value(maker, rule->other, row, &text_form, &text);
    null = (null || is_null(&text, 0)) && !recipe->column->not_null;
    bool done = null || rule_put_later(rule, buf_text(&text), row, form == &binary_form, out);
    if (null)
        form->null(out);
    buf_free(&text);
    return done;
}

/* The row's values of all columns that are to be in order, as text; which of them belongs here is written as its column
 * does. */
static bool write_ordered(const struct row_maker *maker, size_t column, int64_t row, const struct form *form,
                          struct buf *out)
{
    const struct ordered *ordered = maker->recipes[column].ordered;
    struct buf text = {0};
    size_t start[ORDERED_MOST], at = 0;
    const char *texts[ORDERED_MOST];
    int64_t raised;
    for (size_t i = 0; i < ordered->count; i++) {
        start[i] = text.length;
        row_write_alone(maker, ordered->columns[i], row, &text_form, &text);
        buf_putc(&text, '\0');
        at = ordered->columns[i] == column ? i : at;
    }
    for (size_t i = 0; i < ordered->count; i++)
        texts[i] = text.data + start[i];
    int pick = ordered_pick(ordered, texts, at, &raised);
    buf_free(&text);
    if (pick < 0)
        ordered_put(ordered, raised, form == &binary_form, out);
    else
        row_write_alone(maker, ordered->columns[pick], row, form, out);
    return true;
}

bool row_write_ruled(const struct row_maker *maker, size_t column, int64_t row, const struct form *form,
                     struct buf *out)
{
    const struct recipe *recipe = &maker->recipes[column];
    if (recipe->rule == NULL)
        return write_ordered(maker, column, row, form, out);
    return recipe->rule->told->kind == RULE_FROM ? write_copied(maker, recipe, row, form, out)
                                                 : write_later(maker, recipe, row, form, out);
}
