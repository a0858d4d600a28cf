/* check_tree: a CHECK constraint as a tree that is evaluated over the values of a row. Pure; immutable once read, any thread.
 *
 * Understood: AND, OR, NOT, comparisons, IN, ANY and ALL of lists, BETWEEN, LIKE, regular expressions without references,
 * IS (NOT) NULL, TRUE, FALSE, DISTINCT FROM; + - * / % ||; length, lower, upper, trim, abs, coalesce, greatest, least,
 * num_nulls, num_nonnulls. Casts are looked through. Moments are compared as they are written, texts byte by byte. */
#ifndef REHEARSE_GENERATORS_CHECK_TREE_H
#define REHEARSE_GENERATORS_CHECK_TREE_H

#include "generators/catalogue.h"

struct check_tree;

/* NULL: something in it is not understood. definition: "CHECK (…)". */
const struct check_tree *check_tree_read(struct arena *arena, const struct catalogue_table *table,
                                         const char *definition);
/* values: of the table's columns, NULL is null; asked only of the columns it mentions. As the server has it, null is no
 * violation. */
bool check_tree_holds(const struct check_tree *tree, const char *const *values);
/* The same, as if whatever is compared by size were in the order wanted: only what is null, and what is equal, may break it. */
bool check_tree_may_hold(const struct check_tree *tree, const char *const *values);
void check_tree_mentions(const struct check_tree *tree, bool *columns); /* sets those it mentions */

/* What every text of the column begins with, as LIKE or ^ demand it; NULL: nothing is known. */
const char *check_tree_head(struct arena *arena, const struct check_tree *tree, size_t column);

/* check_match.c: LIKE, and the regular expressions that constraints are made of: . [] \\d \\w \\s groups | * + ? {} ^ $ */
bool check_match_like(const char *pattern, const char *text, bool folded);
bool check_match_regex(const char *pattern, const char *text, bool folded);

#endif
