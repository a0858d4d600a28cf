/* check_node: the tree of a CHECK constraint. Private to check_*.c. */
#ifndef REHEARSE_GENERATORS_CHECK_NODE_H
#define REHEARSE_GENERATORS_CHECK_NODE_H

#include "generators/check_tree.h"

enum check_operator {
    CHECK_EQUAL,
    CHECK_UNEQUAL,
    CHECK_LESS,
    CHECK_LESS_EQUAL,
    CHECK_GREATER,
    CHECK_GREATER_EQUAL,
    CHECK_LIKE,
    CHECK_LIKE_FOLDED,
    CHECK_REGEX,
    CHECK_REGEX_FOLDED
};

enum check_kind {
    CHECK_COLUMN,
    CHECK_NULL,
    CHECK_TRUTH,
    CHECK_NUMBER,
    CHECK_TEXT,
    CHECK_AND,
    CHECK_OR,
    CHECK_NOT,
    CHECK_COMPARE,    /* the first part with the others, of which one must agree, or all */
    CHECK_IS,         /* text NULL: null; "true", "false"; two parts: distinct from each other */
    CHECK_ARITHMETIC, /* text: its sign */
    CHECK_FUNCTION    /* text: its name */
};

struct check_node {
    enum check_kind kind;
    enum check_operator op;
    bool negated, all;
    bool number, truth; /* the column's type is one */
    size_t column;
    const char *text;
    const struct check_node **part;
    size_t part_count, part_capacity;
};

struct check_tree {
    const struct check_node *root;
};

#endif
