#include "generators/check_node.h"
#include "generators/value.h"

#include "bench/db/sql.h"

#include <stdlib.h>
#include <string.h>

enum lexeme_kind { END, WORD, QUOTED, STRING, NUMBER, SIGN };

struct lexeme {
    enum lexeme_kind kind;
    const char *text; /* words folded, strings unquoted */
};

struct parsing {
    struct arena *arena;
    const struct catalogue_table *table;
    struct lexeme *list;
    size_t count, capacity, at;
    bool failed;
};

static const struct check_node *parse_or(struct parsing *p);
static const struct check_node *parse_sum(struct parsing *p);

/* ---- lexemes ---- */

static const char *unquote(struct parsing *p, const struct sql_token *token)
{
    const char *from = memchr(token->text, '\'', token->length);
    char *text = arena_alloc(p->arena, token->length + 1);
    size_t length = 0;
    if (from == NULL)
        return arena_strndup(p->arena, token->text, token->length);
    for (const char *at = from + 1; at < token->text + token->length - 1; at++) {
        bool escaped = *at == '\\' && p->table->lexis != SQL_POSTGRES;
        at += escaped;
        text[length++] = *at;
        at += !escaped && *at == '\'';
    }
    return text;
}

static const char *sign_at(const char *text)
{
    static const char *const signs[] = {"!~~*", "!~~", "~~*", "!~*", "~~", "~*", "!~", "<>", "!=",
                                        "<=",   ">=",  "||",  "::",  "<",  ">",  "=",  "~",  NULL};
    for (size_t i = 0; signs[i] != NULL; i++)
        if (strncmp(text, signs[i], strlen(signs[i])) == 0)
            return signs[i];
    return NULL;
}

static void push(struct parsing *p, enum lexeme_kind kind, const char *text)
{
    struct lexeme *lexeme = ARENA_PUSH(p->arena, p->list, p->count, p->capacity);
    lexeme->kind = kind;
    lexeme->text = text;
}

static void read_lexemes(struct parsing *p, const char *definition)
{
    struct sql_scan scan = sql_scan(p->table->lexis, definition, strlen(definition), 1, 1);
    for (struct sql_token token = sql_next(&scan); token.kind != SQL_END; token = sql_next(&scan)) {
        const char *sign = token.kind == SQL_OTHER ? sign_at(token.text) : NULL;
        if (token.kind == SQL_SPACE || token.kind == SQL_COMMENT)
            continue;
        if (token.kind == SQL_STRING)
            push(p, STRING, unquote(p, &token));
        else if (token.kind == SQL_NUMBER)
            push(p, NUMBER, arena_strndup(p->arena, token.text, token.length));
        else if (token.kind == SQL_WORD || token.kind == SQL_QUOTED)
            push(p, token.kind == SQL_WORD ? WORD : QUOTED,
                 sql_fold(p->arena, p->table->lexis, token.text, token.length));
        else
            push(p, SIGN, sign != NULL ? sign : arena_strndup(p->arena, token.text, token.length));
        for (size_t i = 1; sign != NULL && i < strlen(sign); i++)
            sql_next(&scan);
    }
    push(p, END, "");
}

static bool is(const struct parsing *p, size_t ahead, const char *text)
{
    size_t at = p->at + ahead < p->count ? p->at + ahead : p->count - 1;
    const struct lexeme *lexeme = &p->list[at];
    return (lexeme->kind == WORD || lexeme->kind == SIGN) && strcasecmp(lexeme->text, text) == 0;
}

static bool take(struct parsing *p, const char *text)
{
    bool found = is(p, 0, text);
    p->at += found;
    return found;
}

static void expect(struct parsing *p, const char *text)
{
    p->failed |= !take(p, text);
}

/* ---- nodes ---- */

static struct check_node *node_of(struct parsing *p, enum check_kind kind, const char *text)
{
    struct check_node *node = arena_alloc(p->arena, sizeof *node);
    node->kind = kind;
    node->text = text;
    return node;
}

static void add(struct parsing *p, struct check_node *node, const struct check_node *part)
{
    *ARENA_PUSH(p->arena, node->part, node->part_count, node->part_capacity) = part;
}

static const struct check_node *fail(struct parsing *p)
{
    p->failed = true;
    return node_of(p, CHECK_NULL, NULL);
}

/* Behind "::": a name of one or more words, (…), []. Distances in time are not understood. */
static void skip_type(struct parsing *p)
{
    static const char *const more[] = {"varying", "precision", "without", "with", "time", "zone", "."};
    p->failed |= is(p, 0, "interval");
    p->at++;
    for (;;) {
        size_t i = 0;
        while (i < sizeof more / sizeof *more && !is(p, 0, more[i]))
            i++;
        if (take(p, ".") || i < sizeof more / sizeof *more - 1) {
            p->at++;
        } else if (is(p, 0, "(") || is(p, 0, "[")) {
            while (!is(p, 0, ")") && !is(p, 0, "]") && p->list[p->at].kind != END)
                p->at++;
            p->at++;
        } else {
            return;
        }
    }
}

static const struct check_node *column_of(struct parsing *p, const char *name)
{
    for (size_t i = 0; i < p->table->column_count; i++) {
        const struct catalogue_column *column = &p->table->columns[i];
        const struct value_kind *kind = value_kind_find(column->base_type);
        bool truth = strcmp(column->base_type, "bool") == 0 || strcmp(column->base_type, "boolean") == 0;
        if (strcmp(column->name, name) != 0)
            continue;
        struct check_node *node = node_of(p, CHECK_COLUMN, NULL);
        node->column = i;
        node->number = kind != NULL && value_kind_is_number(kind);
        node->truth = truth;
        p->failed |= column->generated || column->base_type[0] == '_';
        return node;
    }
    return fail(p);
}

static const struct check_node *parse_function(struct parsing *p, const char *name)
{
    static const char *const known[] = {
        "length", "char_length", "character_length", "octet_length", "lower", "upper",     "btrim",
        "trim",   "abs",         "coalesce",         "greatest",     "least", "num_nulls", "num_nonnulls"};
    size_t i = 0;
    while (i < sizeof known / sizeof *known && strcasecmp(known[i], name) != 0)
        i++;
    if (i == sizeof known / sizeof *known)
        return fail(p);
    struct check_node *node = node_of(p, CHECK_FUNCTION, known[i]);
    expect(p, "(");
    do
        add(p, node, parse_or(p));
    while (take(p, ",") && !p->failed);
    expect(p, ")");
    p->failed |= i < 9 && node->part_count != 1;
    return node;
}

static const struct check_node *parse_value(struct parsing *p)
{
    const struct lexeme *lexeme = &p->list[p->at];
    if (take(p, "(")) {
        const struct check_node *inner = parse_or(p);
        expect(p, ")");
        return inner;
    }
    if (take(p, "-")) {
        struct check_node *minus = node_of(p, CHECK_ARITHMETIC, "-");
        add(p, minus, node_of(p, CHECK_NUMBER, "0"));
        add(p, minus, parse_value(p));
        return minus;
    }
    if (lexeme->kind == END || lexeme->kind == SIGN)
        return fail(p);
    p->at++;
    if (lexeme->kind == STRING || lexeme->kind == NUMBER)
        return node_of(p, lexeme->kind == STRING ? CHECK_TEXT : CHECK_NUMBER, lexeme->text);
    if (lexeme->kind == WORD && strcasecmp(lexeme->text, "null") == 0)
        return node_of(p, CHECK_NULL, NULL);
    if (lexeme->kind == WORD &&
        (strcasecmp(lexeme->text, "true") == 0 || strcasecmp(lexeme->text, "false") == 0))
        return node_of(p, CHECK_TRUTH, (*lexeme->text | 0x20) == 't' ? "t" : "f");
    if (lexeme->kind == WORD && *lexeme->text == '_' && p->list[p->at].kind == STRING)
        return parse_value(p); /* a charset before a text */
    return is(p, 0, "(") ? parse_function(p, lexeme->text) : column_of(p, lexeme->text);
}

static const struct check_node *parse_postfix(struct parsing *p)
{
    const struct check_node *node = parse_value(p);
    while (!p->failed && take(p, "::"))
        skip_type(p);
    return node;
}

static const struct check_node *parse_chain(struct parsing *p, const char *const *signs,
                                            const struct check_node *(*next)(struct parsing *))
{
    const struct check_node *left = next(p);
    for (size_t i = 0; !p->failed && signs[i] != NULL;) {
        if (!take(p, signs[i])) {
            i++;
            continue;
        }
        struct check_node *node = node_of(p, CHECK_ARITHMETIC, signs[i]);
        add(p, node, left);
        add(p, node, next(p));
        left = node;
        i = 0;
    }
    return left;
}

static const struct check_node *parse_product(struct parsing *p)
{
    static const char *const signs[] = {"*", "/", "%", NULL};
    return parse_chain(p, signs, parse_postfix);
}

static const struct check_node *parse_sum(struct parsing *p)
{
    static const char *const signs[] = {"+", "-", "||", NULL};
    return parse_chain(p, signs, parse_product);
}

/* ---- comparisons ---- */

static bool take_operator(struct parsing *p, struct check_node *node)
{
    static const struct {
        const char *sign;
        enum check_operator op;
        bool negated;
    } operators[] = {
        {"=", CHECK_EQUAL, false},
        {"<>", CHECK_UNEQUAL, false},
        {"!=", CHECK_UNEQUAL, false},
        {"<=", CHECK_LESS_EQUAL, false},
        {">=", CHECK_GREATER_EQUAL, false},
        {"<", CHECK_LESS, false},
        {">", CHECK_GREATER, false},
        {"~~", CHECK_LIKE, false},
        {"!~~", CHECK_LIKE, true},
        {"~~*", CHECK_LIKE_FOLDED, false},
        {"!~~*", CHECK_LIKE_FOLDED, true},
        {"~", CHECK_REGEX, false},
        {"!~", CHECK_REGEX, true},
        {"~*", CHECK_REGEX_FOLDED, false},
        {"!~*", CHECK_REGEX_FOLDED, true},
        {"like", CHECK_LIKE_FOLDED, false},
        {"regexp", CHECK_REGEX_FOLDED, false},
        {"rlike", CHECK_REGEX_FOLDED, false},
    };
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
        if (take(p, operators[i].sign)) {
            node->op = operators[i].op;
            node->negated = operators[i].negated;
            return true;
        }
    return false;
}

/* ANY (ARRAY[…]), ALL (ARRAY[…]), IN (…). */
static void parse_list(struct parsing *p, struct check_node *node)
{
    bool array;
    int depth = 0;
    while (take(p, "("))
        depth++;
    array = take(p, "array");
    if (array)
        expect(p, "[");
    p->failed |= depth == 0;
    do
        add(p, node, parse_sum(p));
    while (take(p, ",") && !p->failed);
    if (array)
        expect(p, "]");
    while (depth-- > 0 && !p->failed) {
        if (take(p, "::"))
            skip_type(p);
        expect(p, ")");
    }
}

static const struct check_node *parse_between(struct parsing *p, const struct check_node *left, bool negated)
{
    struct check_node *both = node_of(p, CHECK_AND, NULL), *not = node_of(p, CHECK_NOT, NULL);
    for (int i = 0; i < 2; i++) {
        struct check_node *node = node_of(p, CHECK_COMPARE, NULL);
        node->op = i == 0 ? CHECK_GREATER_EQUAL : CHECK_LESS_EQUAL;
        add(p, node, left);
        add(p, node, parse_sum(p));
        add(p, both, node);
        if (i == 0)
            expect(p, "and");
    }
    add(p, not, both);
    return negated ? not : both;
}

static const struct check_node *parse_is(struct parsing *p, const struct check_node *left)
{
    struct check_node *node = node_of(p, CHECK_IS, NULL);
    node->negated = take(p, "not");
    add(p, node, left);
    if (take(p, "distinct")) {
        expect(p, "from");
        add(p, node, parse_sum(p));
    } else if (is(p, 0, "true") || is(p, 0, "false")) {
        node->text = take(p, "true") ? "true" : (p->at++, "false");
    } else {
        expect(p, "null");
    }
    return node;
}

static const struct check_node *parse_comparison(struct parsing *p)
{
    const struct check_node *left = parse_sum(p);
    struct check_node *node = node_of(p, CHECK_COMPARE, NULL);
    if (p->failed)
        return left;
    if (take(p, "is"))
        return parse_is(p, left);
    bool negated = take(p, "not");
    add(p, node, left);
    if (take(p, "between"))
        return parse_between(p, left, negated);
    if (take(p, "in")) {
        node->op = negated ? CHECK_UNEQUAL : CHECK_EQUAL;
        node->all = negated;
        parse_list(p, node);
    } else if (take_operator(p, node)) {
        node->negated ^= negated;
        bool any = take(p, "any");
        node->all = !any && take(p, "all");
        if (any || node->all)
            parse_list(p, node);
        else
            add(p, node, parse_sum(p));
        node->all |= node->part_count == 2;
    } else {
        p->failed |= negated;
        return left;
    }
    return node;
}

static const struct check_node *parse_not(struct parsing *p)
{
    if (!take(p, "not"))
        return parse_comparison(p);
    struct check_node *node = node_of(p, CHECK_NOT, NULL);
    add(p, node, parse_not(p));
    return node;
}

static const struct check_node *parse_junction(struct parsing *p, enum check_kind kind, const char *word,
                                               const struct check_node *(*next)(struct parsing *))
{
    const struct check_node *first = next(p);
    if (p->failed || !is(p, 0, word))
        return first;
    struct check_node *node = node_of(p, kind, NULL);
    add(p, node, first);
    while (take(p, word) && !p->failed)
        add(p, node, next(p));
    return node;
}

static const struct check_node *parse_and(struct parsing *p)
{
    return parse_junction(p, CHECK_AND, "and", parse_not);
}

static const struct check_node *parse_or(struct parsing *p)
{
    return parse_junction(p, CHECK_OR, "or", parse_and);
}

const struct check_tree *check_tree_read(struct arena *arena, const struct catalogue_table *table,
                                         const char *definition)
{
    struct parsing p = {.arena = arena, .table = table};
    read_lexemes(&p, definition);
    expect(&p, "check");
    struct check_tree *tree = arena_alloc(arena, sizeof *tree);
    expect(&p, "(");
    tree->root = p.failed ? NULL : parse_or(&p);
    expect(&p, ")");
    if (is(&p, 0, "not")) /* NOT VALID, NO INHERIT */
        p.at += 2;
    if (take(&p, "no"))
        p.at++;
    return p.failed || p.list[p.at].kind != END ? NULL : tree;
}
