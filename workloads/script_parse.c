#include "bench/base/buf.h"
#include "bench/base/hash.h"
#include "workloads/meta.h"
#include "workloads/script.h"

#include "bench/base/file.h"
#include "bench/db/db.h"

#include <ctype.h>
#include <string.h>

enum { NAME_BYTES = 60, VALUE_BYTES = 32 };

struct parser {
    struct arena *arena;
    struct script *script;
    struct sql_scan scan;
    struct err *err;
    size_t command_capacity, variable_capacity;
    const char *next_name; /* from "-- name:", for the next statement */
    /* The statement being read; begin is NULL between statements. */
    const char *begin, *piece; /* piece: where the text after the last variable begins */
    int line, column, depth;
    struct buf sql;
    struct script_piece pieces[DB_MAX_PARAMS + 1];
    int params[DB_MAX_PARAMS];
    int param_count;
};

static int slot(void *context, const char *name, size_t length)
{
    struct parser *parser = context;
    struct script *script = parser->script;
    for (size_t i = 0; i < script->variable_count; i++) {
        if (strlen(script->variables[i]) == length && memcmp(script->variables[i], name, length) == 0)
            return (int)i;
    }
    *ARENA_PUSH(parser->arena, script->variables, script->variable_count,
                parser->variable_capacity) = arena_strndup(parser->arena, name, length);
    return (int)script->variable_count - 1;
}

static struct script_command *new_command(struct parser *parser, int line, int column)
{
    struct script *script = parser->script;
    struct script_command *command = ARENA_PUSH(parser->arena, script->commands, script->command_count,
                                                parser->command_capacity);
    command->line = line;
    command->column = column;
    return command;
}

static void *arena_copy(struct arena *arena, const void *from, size_t bytes)
{
    return memcpy(arena_alloc(arena, bytes + 1), from, bytes);
}

static bool is_write(enum sql_kind kind)
{
    return kind != SQL_KIND_SELECT && kind != SQL_KIND_BEGIN && kind != SQL_KIND_COMMIT &&
           kind != SQL_KIND_ROLLBACK;
}

static void end_pieces(struct parser *parser, struct script_command *command, const char *end)
{
    parser->pieces[parser->param_count] = (struct script_piece){
        parser->piece, end > parser->piece ? (size_t)(end - parser->piece) : 0, -1};
    command->piece_count = (size_t)parser->param_count + 1;
    command->pieces = arena_copy(parser->arena, parser->pieces,
                                 command->piece_count * sizeof *command->pieces);
    command->rendered_bytes = (size_t)(end - parser->begin) + (size_t)parser->param_count * VALUE_BYTES + 1;
}

/* Makes a command of what was read since the statement's begin, if anything. end: where the text ends. */
static void end_statement(struct parser *parser, const char *end)
{
    if (parser->begin == NULL)
        return;
    while (end > parser->begin && isspace((unsigned char)end[-1]))
        end--;
    while (parser->sql.length > 0 && isspace((unsigned char)parser->sql.data[parser->sql.length - 1]))
        parser->sql.data[--parser->sql.length] = '\0';
    struct script_command *command = new_command(parser, parser->line, parser->column);
    command->kind = SCRIPT_SQL;
    command->sql = arena_strdup(parser->arena, buf_text(&parser->sql));
    command->sql_simple = arena_strndup(parser->arena, parser->begin, (size_t)(end - parser->begin));
    command->statement = parser->script->statement_count++;
    command->name = parser->next_name != NULL
                        ? parser->next_name
                        : sql_redact(parser->arena, parser->scan.lexis, command->sql_simple, NAME_BYTES);
    command->param_count = parser->param_count;
    command->params = arena_copy(parser->arena, parser->params, (size_t)parser->param_count * sizeof(int));
    command->sql_kind = sql_kind(parser->scan.lexis, command->sql);
    end_pieces(parser, command, end);
    parser->script->writes = parser->script->writes || is_write(command->sql_kind);
    parser->next_name = parser->begin = NULL;
    buf_clear(&parser->sql);
}

static void begin_statement(struct parser *parser, const struct sql_token *token)
{
    if (parser->begin != NULL)
        return;
    parser->begin = parser->piece = token->text;
    parser->line = token->line;
    parser->column = token->column;
    parser->depth = parser->param_count = 0;
}

static bool is_sign(const struct sql_token *token, char sign)
{
    return token->kind == SQL_OTHER && token->length == 1 && token->text[0] == sign;
}

static bool add_variable(struct parser *parser, const struct sql_token *colon, const struct sql_token *name)
{
    int count = parser->param_count;
    if (count == DB_MAX_PARAMS)
        return err_at(parser->err, parser->script->file, colon->line, colon->column,
                      "a statement holds at most %d variables", DB_MAX_PARAMS);
    int variable = slot(parser, name->text, name->length);
    parser->params[count] = variable;
    parser->pieces[count] = (struct script_piece){parser->piece, (size_t)(colon->text - parser->piece),
                                                  variable};
    parser->piece = name->text + name->length;
    parser->param_count++;
    buf_printf(&parser->sql, "$%d", parser->param_count);
    return true;
}

/* A colon begins a variable when a name follows at once; one after another they are a cast. */
static bool take_colon(struct parser *parser, const struct sql_token *colon)
{
    struct sql_scan after = parser->scan;
    struct sql_token next = sql_next(&after);
    if (next.kind == SQL_WORD) {
        parser->scan = after;
        return add_variable(parser, colon, &next);
    }
    buf_putc(&parser->sql, ':');
    if (is_sign(&next, ':')) {
        buf_putc(&parser->sql, ':');
        parser->scan = after;
    }
    return true;
}

static void take_comment(struct parser *parser, const struct sql_token *token)
{
    static const char mark[] = "name:";
    const char *text = token->text + 2, *end = token->text + token->length;
    if (parser->begin != NULL) {
        buf_add(&parser->sql, token->text, token->length);
        return;
    }
    while (text < end && isspace((unsigned char)*text))
        text++;
    if (token->text[0] != '-' || (size_t)(end - text) < sizeof mark - 1 ||
        memcmp(text, mark, sizeof mark - 1) != 0)
        return;
    text += sizeof mark - 1;
    while (text < end && isspace((unsigned char)*text))
        text++;
    while (end > text && isspace((unsigned char)end[-1]))
        end--;
    if (end > text)
        parser->next_name = arena_strndup(parser->arena, text, (size_t)(end - text));
}

static bool take_meta(struct parser *parser, const struct sql_token *backslash)
{
    end_statement(parser, backslash->text);
    struct cursor cursor = {parser->script->file, parser->scan.at, parser->scan.end, parser->scan.line,
                            parser->scan.column};
    struct script_command *command = new_command(parser, backslash->line, backslash->column);
    if (!meta_parse(parser->arena, &cursor, slot, parser, command, parser->err))
        return false;
    parser->scan = sql_scan(parser->scan.lexis, cursor.at, (size_t)(cursor.end - cursor.at), cursor.line,
                            cursor.column);
    return true;
}

static bool take_text(struct parser *parser, const struct sql_token *token)
{
    begin_statement(parser, token);
    if (is_sign(token, ':'))
        return take_colon(parser, token);
    parser->depth += is_sign(token, '(') - is_sign(token, ')');
    buf_add(&parser->sql, token->text, token->length);
    return true;
}

static bool take(struct parser *parser, const struct sql_token *token)
{
    if (token->kind == SQL_BAD)
        return err_at(parser->err, parser->script->file, token->line, token->column,
                      "this string, comment or quoted identifier does not end");
    if (token->kind == SQL_COMMENT) {
        take_comment(parser, token);
    } else if (token->kind == SQL_SPACE) {
        if (parser->begin != NULL)
            buf_add(&parser->sql, token->text, token->length);
    } else if (token->kind == SQL_SEMICOLON && parser->depth <= 0) {
        end_statement(parser, token->text);
    } else if (is_sign(token, '\\')) {
        return take_meta(parser, token);
    } else {
        return take_text(parser, token);
    }
    return true;
}

static char *script_name(struct arena *arena, const char *file)
{
    char *name = arena_strdup(arena, file_name(file));
    size_t length = strlen(name);
    if (length > 4 && strcmp(name + length - 4, ".sql") == 0)
        name[length - 4] = '\0';
    return name;
}

static struct script *new_script(struct arena *arena, const char *file, const char *text, size_t length)
{
    struct script *script = arena_alloc(arena, sizeof *script);
    char hex[65];
    hash_sha256(text, length, hex);
    script->file = arena_strdup(arena, file);
    script->name = script_name(arena, file);
    script->text_sha256 = arena_strdup(arena, hex);
    return script;
}

bool script_parse(struct arena *arena, enum sql_lexis lexis, const char *file, const char *text,
                  size_t length, struct script **script, struct err *err)
{
    const char *kept = arena_strndup(arena, text, length);
    struct parser parser = {.arena = arena,
                            .script = new_script(arena, file, text, length),
                            .scan = sql_scan(lexis, kept, length, 1, 1),
                            .err = err};
    struct sql_token token;
    bool ok = true;
    while (ok && (token = sql_next(&parser.scan)).kind != SQL_END)
        ok = take(&parser, &token);
    if (ok)
        end_statement(&parser, kept + length);
    buf_free(&parser.sql);
    *script = parser.script;
    if (ok && parser.script->statement_count == 0)
        return err_at(err, file, 1, 1, "the script holds no SQL statement");
    return ok;
}
