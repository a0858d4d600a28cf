#include "generators/check_tree.h"

#include "generators/check_node.h"
#include "generators/value.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct value { /* text NULL, and no number: null */
    enum { NOTHING, TRUTH, NUMBER, TEXT } kind;
    long double number; /* of a truth 0 or 1 */
    const char *text;
};

struct evaluation {
    const char *const *values;
    bool lenient; /* sizes are as wanted */
    struct arena scratch;
};

static struct value evaluate(struct evaluation *e, const struct check_node *node);

static struct value truth(bool holds)
{
    return (struct value){.kind = TRUTH, .number = holds};
}

static struct value number(long double value)
{
    return (struct value){.kind = NUMBER, .number = value};
}

static const char *text_of(struct evaluation *e, const struct value *value)
{
    return value->kind == TEXT ? value->text : arena_printf(&e->scratch, "%.*Lg", 18, value->number);
}

static long double number_of(const struct value *value)
{
    return value->kind == TEXT ? strtold(value->text, NULL) : value->number;
}

static bool truth_of(const struct value *value)
{
    return value->kind == TEXT ? strchr("tTyY1", *value->text) != NULL && *value->text != '\0'
                               : value->number != 0;
}

static struct value column(const struct evaluation *e, const struct check_node *node)
{
    const char *text = e->values[node->column];
    if (text == NULL)
        return (struct value){0};
    if (node->number)
        return number(strtold(text, NULL));
    if (node->truth)
        return truth(strchr("tT1", *text) != NULL && *text != '\0');
    return (struct value){.kind = TEXT, .text = text};
}

static int compare(struct evaluation *e, const struct value *a, const struct value *b)
{
    if (a->kind == TEXT && b->kind == TEXT)
        return strcmp(a->text, b->text);
    if (a->kind == TRUTH || b->kind == TRUTH)
        return (int)truth_of(a) - (int)truth_of(b);
    (void)e;
    long double left = number_of(a), right = number_of(b);
    return left < right ? -1 : left > right;
}

static bool matches(struct evaluation *e, enum check_operator op, const struct value *a,
                    const struct value *b)
{
    if (e->lenient && op >= CHECK_LESS && op <= CHECK_GREATER_EQUAL)
        return true;
    switch (op) {
    case CHECK_EQUAL:
        return compare(e, a, b) == 0;
    case CHECK_UNEQUAL:
        return compare(e, a, b) != 0;
    case CHECK_LESS:
        return compare(e, a, b) < 0;
    case CHECK_LESS_EQUAL:
        return compare(e, a, b) <= 0;
    case CHECK_GREATER:
        return compare(e, a, b) > 0;
    case CHECK_GREATER_EQUAL:
        return compare(e, a, b) >= 0;
    case CHECK_LIKE:
        return check_match_like(text_of(e, b), text_of(e, a), false);
    case CHECK_LIKE_FOLDED:
        return check_match_like(text_of(e, b), text_of(e, a), true);
    case CHECK_REGEX:
        return check_match_regex(text_of(e, b), text_of(e, a), false);
    case CHECK_REGEX_FOLDED:
    default:
        return check_match_regex(text_of(e, b), text_of(e, a), true);
    }
}

static struct value comparison(struct evaluation *e, const struct check_node *node)
{
    struct value a = evaluate(e, node->part[0]);
    bool unknown = false;
    if (a.kind == NOTHING)
        return a;
    for (size_t i = 1; i < node->part_count; i++) { /* one, or those of a list */
        struct value b = evaluate(e, node->part[i]);
        unknown |= b.kind == NOTHING;
        bool holds = b.kind != NOTHING && matches(e, node->op, &a, &b) != node->negated;
        if (b.kind != NOTHING && holds != node->all)
            return truth(holds);
    }
    return unknown ? (struct value){0} : truth(node->all);
}

static struct value junction(struct evaluation *e, const struct check_node *node)
{
    bool unknown = false, ends = node->kind == CHECK_OR;
    for (size_t i = 0; i < node->part_count; i++) {
        struct value part = evaluate(e, node->part[i]);
        unknown |= part.kind == NOTHING;
        if (part.kind != NOTHING && truth_of(&part) == ends)
            return truth(ends);
    }
    return unknown ? (struct value){0} : truth(!ends);
}

static struct value is_what(struct evaluation *e, const struct check_node *node)
{
    struct value a = evaluate(e, node->part[0]);
    bool holds;
    if (node->part_count == 2) {
        struct value b = evaluate(e, node->part[1]);
        holds = a.kind == NOTHING || b.kind == NOTHING ? (a.kind == NOTHING) != (b.kind == NOTHING)
                                                       : compare(e, &a, &b) != 0;
    } else if (node->text == NULL) {
        holds = a.kind == NOTHING;
    } else {
        holds = a.kind != NOTHING && truth_of(&a) == (*node->text == 't');
    }
    return truth(holds != node->negated);
}

static struct value arithmetic(struct evaluation *e, const struct check_node *node)
{
    struct value a = evaluate(e, node->part[0]), b = evaluate(e, node->part[1]);
    if (a.kind == NOTHING || b.kind == NOTHING)
        return (struct value){0};
    if (*node->text == '|')
        return (struct value){.kind = TEXT,
                              .text = arena_printf(&e->scratch, "%s%s", text_of(e, &a), text_of(e, &b))};
    long double left = number_of(&a), right = number_of(&b);
    switch (*node->text) {
    case '+':
        return number(left + right);
    case '-':
        return number(left - right);
    case '*':
        return number(left * right);
    default:
        break;
    }
    if (right == 0)
        return (struct value){0};
    return number(*node->text == '%' ? fmodl(left, right) : left / right);
}

static size_t characters(const char *text)
{
    size_t count = 0;
    for (; *text != '\0'; text++)
        count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

static struct value count_nulls(struct evaluation *e, const struct check_node *node)
{
    int nulls = 0;
    for (size_t i = 0; i < node->part_count; i++)
        nulls += evaluate(e, node->part[i]).kind == NOTHING;
    return number(strcmp(node->text, "num_nulls") == 0 ? nulls : (int)node->part_count - nulls);
}

/* coalesce, greatest, least. */
static struct value choice(struct evaluation *e, const struct check_node *node)
{
    struct value best = {0};
    int wanted = *node->text == 'g' ? 1 : -1;
    for (size_t i = 0; i < node->part_count; i++) {
        struct value part = evaluate(e, node->part[i]);
        if (part.kind == NOTHING)
            continue;
        if (best.kind == NOTHING || (*node->text != 'c' && compare(e, &part, &best) * wanted > 0))
            best = part;
        if (*node->text == 'c')
            break;
    }
    return best;
}

static struct value changed(struct evaluation *e, const char *name, const char *text)
{
    char *copy = arena_strdup(&e->scratch, text);
    size_t length = strlen(copy);
    if (*name == 'l' || *name == 'u') {
        for (char *at = copy; *at != '\0'; at++)
            if ((*at >= 'A' && *at <= 'Z' && *name == 'l') || (*at >= 'a' && *at <= 'z' && *name == 'u'))
                *at ^= 0x20;
        return (struct value){.kind = TEXT, .text = copy};
    }
    while (length > 0 && copy[length - 1] == ' ')
        copy[--length] = '\0';
    return (struct value){.kind = TEXT, .text = copy + strspn(copy, " ")};
}

static struct value function(struct evaluation *e, const struct check_node *node)
{
    if (strncmp(node->text, "num_", 4) == 0)
        return count_nulls(e, node);
    if (strcmp(node->text, "coalesce") == 0 || strcmp(node->text, "greatest") == 0 ||
        strcmp(node->text, "least") == 0)
        return choice(e, node);
    struct value a = evaluate(e, node->part[0]);
    if (a.kind == NOTHING)
        return a;
    if (strcmp(node->text, "abs") == 0)
        return number(fabsl(number_of(&a)));
    if (strcmp(node->text, "octet_length") == 0)
        return number((long double)strlen(text_of(e, &a)));
    if (strstr(node->text, "length") != NULL)
        return number((long double)characters(text_of(e, &a)));
    return changed(e, node->text, text_of(e, &a));
}

static struct value evaluate(struct evaluation *e, const struct check_node *node)
{
    struct value part;
    switch (node->kind) {
    case CHECK_COLUMN:
        return column(e, node);
    case CHECK_NULL:
        return (struct value){0};
    case CHECK_TRUTH:
        return truth(*node->text == 't');
    case CHECK_NUMBER:
        return number(strtold(node->text, NULL));
    case CHECK_TEXT:
        return (struct value){.kind = TEXT, .text = node->text};
    case CHECK_AND:
    case CHECK_OR:
        return junction(e, node);
    case CHECK_NOT:
        part = evaluate(e, node->part[0]);
        return part.kind == NOTHING ? part : truth(!truth_of(&part));
    case CHECK_COMPARE:
        return comparison(e, node);
    case CHECK_IS:
        return is_what(e, node);
    case CHECK_ARITHMETIC:
        return arithmetic(e, node);
    case CHECK_FUNCTION:
    default:
        return function(e, node);
    }
}

static bool is_no_violation(const struct check_tree *tree, const char *const *values, bool lenient)
{
    struct evaluation e = {.values = values, .lenient = lenient};
    struct value all = evaluate(&e, tree->root);
    bool holds = all.kind == NOTHING || truth_of(&all);
    arena_free(&e.scratch);
    return holds;
}

bool check_tree_holds(const struct check_tree *tree, const char *const *values)
{
    return is_no_violation(tree, values, false);
}

bool check_tree_may_hold(const struct check_tree *tree, const char *const *values)
{
    return is_no_violation(tree, values, true);
}

static void mention(const struct check_node *node, bool *columns)
{
    if (node->kind == CHECK_COLUMN)
        columns[node->column] = true;
    for (size_t i = 0; i < node->part_count; i++)
        mention(node->part[i], columns);
}

void check_tree_mentions(const struct check_tree *tree, bool *columns)
{
    mention(tree->root, columns);
}

/* Up to the first character that stands for others; of an expression none that may be left out or come again. */
static const char *head_of(struct arena *arena, const char *pattern, bool regex)
{
    char *head = arena_strdup(arena, pattern);
    size_t length = 0;
    if (regex && (*pattern++ != '^' || strchr(pattern, '|') != NULL))
        return NULL;
    for (; *pattern != '\0' && strchr(regex ? ".[](){}*+?^$" : "%_", *pattern) == NULL; pattern++) {
        if (*pattern == '\\' && regex && strchr("dDwWsSmMyYbB", pattern[1]) != NULL)
            break;
        pattern += *pattern == '\\' && pattern[1] != '\0';
        head[length++] = *pattern;
    }
    if (regex && length > 0 && *pattern != '\0' && strchr("*?{", *pattern) != NULL)
        length--;
    head[length] = '\0';
    return length > 0 ? head : NULL;
}

static const char *find_head(struct arena *arena, const struct check_node *node, size_t column)
{
    for (size_t i = 0; node->kind == CHECK_AND && i < node->part_count; i++) {
        const char *head = find_head(arena, node->part[i], column);
        if (head != NULL)
            return head;
    }
    if (node->kind != CHECK_COMPARE || node->negated || node->part_count != 2 ||
        node->part[0]->kind != CHECK_COLUMN || node->part[0]->column != column ||
        node->part[1]->kind != CHECK_TEXT || node->op < CHECK_LIKE)
        return NULL;
    return head_of(arena, node->part[1]->text, node->op >= CHECK_REGEX);
}

const char *check_tree_head(struct arena *arena, const struct check_tree *tree, size_t column)
{
    return find_head(arena, tree->root, column);
}
