/* rule: the plan's word on a column that depends on another one: a copy of it, mostly, or so much later. Private to row.c.
 *
 * The other column's value is made anew by its own recipe, never looked up, whether it stands in the same row or in a
 * parent's. What is drawn (which rows copy, how much later) is a function of seed, table, column and row. Immutable once
 * made, any thread. */
#ifndef REHEARSE_GENERATORS_RULE_H
#define REHEARSE_GENERATORS_RULE_H

#include "generators/recipe.h"

struct rule_step; /* how a distance is counted */

struct rule {
    const struct catalogue_rule *told;
    const struct row_maker *of; /* whose the other column is */
    size_t other;
    const struct reference *reference; /* that leads there; NULL: the same row */
    uint64_t stream;
    double copies; /* from: share of the rows … */
    bool draws;    /* … and the others hold what any row of the other column's table does */
    const struct distribution *nulls; /* after; NULL: none but where the other one is null */
    const struct rule_step *step;
    bool binary;
};

/* After keys and foreign keys have claimed theirs, for all columns of a table. */
bool rules_make(struct arena *arena, struct row_maker *maker, struct err *err);
bool rule_ends(const struct row_maker *maker, size_t column, int depth); /* false: it leads back to itself */
bool rule_has_binary(const struct rule *rule);

/* The row that it is made from; −1: it is made by itself. row_parent is asked but for those that copy. */
bool rule_copies(const struct rule *rule, int64_t row);
int64_t rule_drawn(const struct rule *rule, int64_t row);
bool rule_is_null(const struct rule *rule, int64_t row);
bool rule_is_null_beside(const struct rule *rule, const char *text);
/* The other one's value, as db_load reads it, and the row's distance. false: it is no number or moment. */
bool rule_put_later(const struct rule *rule, const char *text, int64_t row, bool binary, struct buf *out);

#endif
