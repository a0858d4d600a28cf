/* One function per level of precedence, loosest first; each reads operands of the next level. */
#include "workloads/expression.h"
#include "workloads/function.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_NESTED = 100 };

struct parser {
    struct arena *arena;
    struct cursor *cursor;
    expression_slot_fn *slot;
    void *context;
    int nested; /* how deep in parentheses and signs; bounded, for the stack's sake */
    struct err *err;
};

typedef const struct expression *level_fn(struct parser *parser);

static const struct expression *disjunction(struct parser *parser);

/* All parse functions return NULL after an error. */
__attribute__((format(printf, 4, 5))) static const struct expression *
refuse(struct parser *parser, int line, int column, const char *format, ...)
{
    char message[256];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    err_at(parser->err, parser->cursor->file, line, column, "%s", message);
    return NULL;
}

/* At the place reached. */
static const struct expression *refuse_here(struct parser *parser, const char *message)
{
    return refuse(parser, parser->cursor->line, parser->cursor->column, "%s", message);
}

static struct expression *new_expression(struct parser *parser, enum expression_kind kind)
{
    struct expression *expression = arena_alloc(parser->arena, sizeof *expression);
    expression->kind = kind;
    expression->line = parser->cursor->line;
    expression->column = parser->cursor->column;
    return expression;
}

static const struct expression *constant(struct parser *parser, struct script_value value)
{
    struct expression *expression = new_expression(parser, EXPRESSION_CONSTANT);
    expression->constant = value;
    return expression;
}

/* A node over one or two operands; second NULL: one. */
static const struct expression *apply(struct parser *parser, enum expression_kind kind, const char *sign,
                                      const struct expression *first, const struct expression *second)
{
    struct expression *expression = new_expression(parser, kind);
    expression->function = sign == NULL ? NULL : function_operator(sign);
    expression->arg_count = second == NULL ? 1 : 2;
    expression->args = arena_alloc(parser->arena, 2 * sizeof *expression->args);
    expression->args[0] = *first;
    if (second != NULL)
        expression->args[1] = *second;
    return expression;
}

static bool accept(struct parser *parser, const char *sign)
{
    struct cursor *cursor = parser->cursor;
    size_t length = strlen(sign);
    cursor_skip_space(cursor);
    if ((size_t)(cursor->end - cursor->at) < length || memcmp(cursor->at, sign, length) != 0)
        return false;
    for (size_t i = 0; i < length; i++)
        cursor_step(cursor);
    return true;
}

static bool accept_word(struct parser *parser, const char *text)
{
    struct cursor before = *parser->cursor;
    struct word word = cursor_name(parser->cursor);
    if (word_is(&word, text))
        return true;
    *parser->cursor = before;
    return false;
}

/* Digits with a point or an exponent are a double, without an integer. */
static const struct expression *number(struct parser *parser, bool negative)
{
    struct cursor *cursor = parser->cursor;
    int line = cursor->line, column = cursor->column;
    char text[64] = "";
    size_t length = 0;
    bool real = false;
    for (int c; (c = cursor_peek(cursor)) >= 0 && length < sizeof text - 1; cursor_step(cursor)) {
        bool exponent_sign = (c == '+' || c == '-') && length > 0 && tolower(text[length - 1]) == 'e';
        if (!isdigit(c) && c != '.' && tolower(c) != 'e' && !exponent_sign)
            break;
        real = real || !isdigit(c);
        text[length++] = (char)c;
    }
    char *end;
    errno = 0;
    if (real) {
        double value = strtod(text, &end);
        if (*end != '\0' || errno == ERANGE)
            return refuse(parser, line, column, "\"%s\" is not a number of type double", text);
        return constant(parser, value_of_double(negative ? -value : value));
    }
    uint64_t magnitude = strtoull(text, &end, 10), most = (uint64_t)INT64_MAX + negative;
    if (errno == ERANGE || magnitude > most)
        return refuse(parser, line, column, "\"%s\" is too large for an integer of 64 bits", text);
    return constant(parser, value_of_integer((int64_t)(negative ? -magnitude : magnitude)));
}

static const struct expression *variable(struct parser *parser)
{
    cursor_step(parser->cursor);
    struct expression *expression = new_expression(parser, EXPRESSION_VARIABLE);
    bool apart = cursor_peek(parser->cursor) >= 0 && isspace(cursor_peek(parser->cursor));
    struct word name = apart ? (struct word){0} : cursor_name(parser->cursor);
    if (name.length == 0)
        return refuse_here(parser, "a variable's name should follow the colon");
    expression->column--;
    expression->variable = parser->slot(parser->context, name.text, name.length);
    return expression;
}

static const struct function *known_function(struct parser *parser, const struct word *name)
{
    const struct function *function = function_named(name->text, name->length);
    if (function != NULL)
        return function;
    const char *text = arena_strndup(parser->arena, name->text, name->length), *near = function_near(text);
    if (function_is_refused(text) || word_is(name, "case")) {
        refuse(parser, name->line, name->column, "%s is of pgbench's language, but not supported here", text);
        err_hint(parser->err,
                 "Known are arithmetic, comparisons, abs, greatest, least and the random functions.");
    } else {
        refuse(parser, name->line, name->column, "there is no function or constant named %s", text);
        if (near != NULL)
            err_hint(parser->err, "Did you mean %s?", near);
    }
    return NULL;
}

static const struct expression *arguments(struct parser *parser, const struct function *function,
                                          const struct word *name)
{
    struct expression *expression = new_expression(parser, EXPRESSION_CALL);
    expression->function = function;
    expression->args = arena_alloc(parser->arena, FUNCTION_MAX_ARGS * sizeof *expression->args);
    if (!accept(parser, "("))
        return refuse(parser, name->line, name->column, "%s needs its arguments in parentheses",
                      function->name);
    while (!accept(parser, ")")) {
        if (expression->arg_count > 0 && !accept(parser, ","))
            return refuse(parser, parser->cursor->line, parser->cursor->column,
                          "a comma or a closing parenthesis should follow in the arguments of %s",
                          function->name);
        if (expression->arg_count == FUNCTION_MAX_ARGS)
            return refuse(parser, name->line, name->column, "too many arguments for %s", function->name);
        const struct expression *arg = disjunction(parser);
        if (arg == NULL)
            return NULL;
        expression->args[expression->arg_count++] = *arg;
    }
    if (expression->arg_count < function->min_args || expression->arg_count > function->max_args) {
        return refuse(parser, name->line, name->column, "%s takes %d argument%s, not %d", function->name,
                      function->min_args, function->min_args == 1 ? "" : "s", expression->arg_count);
    }
    return expression;
}

static const struct expression *named(struct parser *parser)
{
    struct word name = cursor_name(parser->cursor);
    if (name.length == 0)
        return refuse(parser, name.line, name.column, "a number, variable or function should stand here");
    if (word_is(&name, "null"))
        return constant(parser, (struct script_value){.type = SCRIPT_NULL});
    if (word_is(&name, "true") || word_is(&name, "false"))
        return constant(parser, value_of_boolean(word_is(&name, "true")));
    const struct function *function = known_function(parser, &name);
    return function == NULL ? NULL : arguments(parser, function, &name);
}

static const struct expression *primary(struct parser *parser)
{
    cursor_skip_space(parser->cursor);
    int c = cursor_peek(parser->cursor);
    if (c >= 0 && (isdigit(c) || c == '.'))
        return number(parser, false);
    if (c == ':')
        return variable(parser);
    if (!accept(parser, "("))
        return named(parser);
    const struct expression *inner = disjunction(parser);
    if (inner != NULL && !accept(parser, ")"))
        return refuse_here(parser, "a closing parenthesis is missing");
    return inner;
}

static const struct expression *nested(struct parser *parser, level_fn *level)
{
    if (parser->nested == MOST_NESTED)
        return refuse_here(parser, "the expression is nested too deeply");
    parser->nested++;
    const struct expression *expression = level(parser);
    parser->nested--;
    return expression;
}

static const struct expression *sign(struct parser *parser)
{
    if (accept(parser, "+"))
        return nested(parser, sign);
    if (!accept(parser, "-"))
        return nested(parser, primary);
    cursor_skip_space(parser->cursor);
    if (isdigit((unsigned char)(cursor_peek(parser->cursor) < 0 ? ' ' : cursor_peek(parser->cursor))))
        return number(parser, true);
    const struct expression *operand = nested(parser, sign);
    return operand == NULL ? NULL : apply(parser, EXPRESSION_CALL, "unary -", operand, NULL);
}

/* Left-associative operators of one level: the first of `signs` that stands here. NULL-terminated, longer signs first. */
static const struct expression *chain(struct parser *parser, const char *const *signs, level_fn *operand)
{
    const struct expression *left = operand(parser);
    while (left != NULL) {
        const char *const *found = signs;
        while (*found != NULL && !accept(parser, *found))
            found++;
        if (*found == NULL)
            return left;
        const struct expression *right = operand(parser);
        left = right == NULL ? NULL : apply(parser, EXPRESSION_CALL, *found, left, right);
    }
    return NULL;
}

static const struct expression *product(struct parser *parser)
{
    static const char *const signs[] = {"*", "/", "%", NULL};
    return chain(parser, signs, sign);
}

static const struct expression *sum(struct parser *parser)
{
    static const char *const signs[] = {"+", "-", NULL};
    return chain(parser, signs, product);
}

static const struct expression *complement(struct parser *parser)
{
    if (!accept(parser, "~"))
        return sum(parser);
    const struct expression *operand = nested(parser, complement);
    return operand == NULL
               ? NULL
               : apply(parser, EXPRESSION_CALL, "#", constant(parser, value_of_integer(-1)), operand);
}

static const struct expression *bits(struct parser *parser)
{
    static const char *const signs[] = {"<<", ">>", "|", "#", "&", NULL};
    return chain(parser, signs, complement);
}

static const struct expression *comparison(struct parser *parser)
{
    static const struct {
        const char *sign, *function;
        bool swapped;
    } signs[] = {{"<=", "<=", false}, {">=", "<=", true}, {"<>", "<>", false}, {"!=", "<>", false},
                 {"<", "<", false},   {">", "<", true},   {"=", "=", false}};
    const struct expression *left = bits(parser);
    for (size_t i = 0; left != NULL && i < sizeof signs / sizeof *signs; i++) {
        if (!accept(parser, signs[i].sign))
            continue;
        const struct expression *right = bits(parser);
        if (right == NULL)
            return NULL;
        return apply(parser, EXPRESSION_CALL, signs[i].function, signs[i].swapped ? right : left,
                     signs[i].swapped ? left : right);
    }
    return left;
}

static const struct expression *test(struct parser *parser)
{
    static const struct {
        const char *word, *function;
    } tests[] = {{"null", "is null"}, {"true", "is true"}, {"false", "is false"}};
    const struct expression *operand = comparison(parser);
    if (operand == NULL)
        return NULL;
    bool negated = accept_word(parser, "notnull");
    if (negated || accept_word(parser, "isnull")) {
        operand = apply(parser, EXPRESSION_CALL, "is null", operand, NULL);
        return negated ? apply(parser, EXPRESSION_CALL, "not", operand, NULL) : operand;
    }
    if (!accept_word(parser, "is"))
        return operand;
    negated = accept_word(parser, "not");
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
        if (!accept_word(parser, tests[i].word))
            continue;
        operand = apply(parser, EXPRESSION_CALL, tests[i].function, operand, NULL);
        return negated ? apply(parser, EXPRESSION_CALL, "not", operand, NULL) : operand;
    }
    return refuse_here(parser, "IS is followed by NULL, TRUE or FALSE");
}

static const struct expression *negation(struct parser *parser)
{
    if (!accept_word(parser, "not"))
        return test(parser);
    const struct expression *operand = nested(parser, negation);
    return operand == NULL ? NULL : apply(parser, EXPRESSION_CALL, "not", operand, NULL);
}

static const struct expression *conjunction(struct parser *parser)
{
    const struct expression *left = negation(parser);
    while (left != NULL && accept_word(parser, "and")) {
        const struct expression *right = negation(parser);
        left = right == NULL ? NULL : apply(parser, EXPRESSION_AND, NULL, left, right);
    }
    return left;
}

static const struct expression *disjunction(struct parser *parser)
{
    const struct expression *left = conjunction(parser);
    while (left != NULL && accept_word(parser, "or")) {
        const struct expression *right = conjunction(parser);
        left = right == NULL ? NULL : apply(parser, EXPRESSION_OR, NULL, left, right);
    }
    return left;
}

bool expression_parse(struct arena *arena, struct cursor *cursor, expression_slot_fn *slot, void *context,
                      const struct expression **expression, struct err *err)
{
    struct parser parser = {.arena = arena, .cursor = cursor, .slot = slot, .context = context, .err = err};
    *expression = disjunction(&parser);
    if (*expression == NULL)
        return false;
    if (cursor_at_end(cursor))
        return true;
    return err_at(err, cursor->file, cursor->line, cursor->column, "an operator should stand here");
}
