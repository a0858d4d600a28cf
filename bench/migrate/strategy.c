#include "bench/migrate/strategy.h"

#include "bench/base/clock.h"
#include "bench/base/file.h"
#include "bench/base/hash.h"
#include "bench/migrate/command.h"
#include "bench/migrate/strategy_reader.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

static const struct strategy_settings defaults = {0, 0, 0, NS_PER_S, 8 * NS_PER_S};

struct phase *strategy_reader_phase(struct strategy_reader *r)
{
    struct strategy *s = r->strategy;
    if (r->block == BLOCK_PHASE)
        return &s->phases[s->phase_count - 1];
    return r->block == BLOCK_ROLLBACK ? &s->rollbacks[s->rollback_count - 1].phase : NULL;
}

struct strategy_settings strategy_reader_settings(const struct strategy_reader *r)
{
    struct strategy_settings set = strategy_settings_over(r->overrides, r->block_set);
    return strategy_settings_over(strategy_settings_over(set, r->file_set), defaults);
}

/* True when the statement holds :name, outside strings and comments, and not as a cast. */
static bool has_variable(const struct strategy_reader *r, const char *sql, const char *name)
{
    struct sql_scan scan = sql_scan(r->lexis, sql, strlen(sql), 1, 1);
    int colons = 0;
    for (struct sql_token token = sql_next(&scan); token.kind != SQL_END; token = sql_next(&scan)) {
        if (colons == 1 && token.kind == SQL_WORD && token.length == strlen(name) &&
            memcmp(token.text, name, token.length) == 0)
            return true;
        colons = token.kind == SQL_OTHER && token.text[0] == ':' ? colons + 1 : 0;
    }
    return false;
}

static bool fail_at(struct strategy_reader *r, const struct sql_statement *statement, const char *message)
{
    return err_at(r->err, r->file, statement->line, statement->column, "%s", message);
}

static bool take_check(struct strategy_reader *r, const struct sql_statement *statement)
{
    struct strategy_check *check = &r->check.check;
    if (sql_kind(statement->lexis, statement->text) != SQL_KIND_SELECT)
        return fail_at(r, statement, "a check is one SELECT");
    check->sql = statement->text;
    if (check->after != NULL) {
        *ARENA_PUSH(r->arena, r->late, r->late_count, r->late_capacity) = r->check;
        return true;
    }
    struct phase *phase = strategy_reader_phase(r);
    *ARENA_PUSH(r->arena, phase->checks, phase->check_count, phase->check_capacity) = *check;
    return true;
}

/* What a marked file does not hold. */
static bool check_statement(struct strategy_reader *r, const struct phase *phase, const struct step *step,
                            const struct sql_statement *statement)
{
    if (step->sql_kind == SQL_KIND_BEGIN || step->sql_kind == SQL_KIND_COMMIT ||
        step->sql_kind == SQL_KIND_ROLLBACK) {
        fail_at(r, statement, "a marked file does not begin or end transactions itself");
        return err_hint(r->err, "Write tx=on at the phase whose statements are one transaction.");
    }
    if (phase->tx && sql_commits_implicitly(statement->lexis, statement->text)) {
        fail_at(r, statement, "this statement commits by itself on MySQL, and its phase is one transaction");
        return err_hint(r->err, "Leave out tx=on: a DDL cannot be taken back by a ROLLBACK there.");
    }
    if (phase->tx && step->no_transaction) {
        fail_at(r, statement, "this statement cannot be in a transaction, and its phase is one");
        return err_hint(r->err, "Leave out tx=on, or move the statement to a phase of its own.");
    }
    if (step->kind == STEP_BACKFILL &&
        (!has_variable(r, statement->text, "lo") || !has_variable(r, statement->text, "hi"))) {
        fail_at(r, statement, "the statement of a backfill names :lo and :hi");
        return err_hint(r->err, "Add: WHERE %s > :lo AND %s <= :hi", step->key, step->key);
    }
    return true;
}

static bool take_statement(struct strategy_reader *r, const struct sql_statement *statement)
{
    enum expects expects = r->expects;
    r->expects = EXPECTS_NOTHING;
    if (expects == EXPECTS_CHECK)
        return take_check(r, statement);
    struct phase *phase = strategy_reader_phase(r);
    if (phase == NULL)
        return fail_at(r, statement, "statement stands in no phase");
    struct step step = expects == EXPECTS_BACKFILL ? r->backfill
                                                   : (struct step){.kind = STEP_SQL, .wait_ns = -1};
    step.file = r->file;
    step.line = statement->line;
    step.column = statement->column;
    step.sql = statement->text;
    step.sql_kind = sql_kind(statement->lexis, statement->text);
    step.lexis = statement->lexis;
    step.no_transaction = sql_forbids_transaction(statement->lexis, statement->text);
    step.settings = strategy_reader_settings(r);
    if (r->strategy->marked && !check_statement(r, phase, &step, statement))
        return false;
    *ARENA_PUSH(r->arena, phase->steps, phase->step_count, phase->step_capacity) = step;
    return true;
}

/* A segment is the text between two marks. */
struct segment {
    struct sql_scan scan; /* from its begin; with the mode and delimiter that the text before it has set */
};

static void end_segment(struct segment *segment, const char *end)
{
    segment->scan.end = end;
}

static bool check_ended(struct strategy_reader *r, const struct segment *segment)
{
    struct sql_scan scan = segment->scan;
    struct sql_token token, last = {.kind = SQL_SEMICOLON};
    while ((token = sql_next(&scan)).kind != SQL_END) {
        if (token.kind != SQL_SPACE && token.kind != SQL_COMMENT)
            last = token;
    }
    return last.kind == SQL_SEMICOLON ||
           err_at(r->err, r->file, scan.line, 1, "the statement before this mark has no ';'");
}

static bool read_segment(struct strategy_reader *r, const struct segment *segment, bool at_end)
{
    struct sql_statement *statements = NULL;
    size_t count = 0;
    if (!sql_split_scan(r->arena, segment->scan, r->file, &statements, &count, r->err))
        return false;
    if (!at_end && !check_ended(r, segment))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!take_statement(r, &statements[i]))
            return false;
    }
    return true;
}

/* Between begin and end stands one statement, whatever is in it. */
static bool read_raw(struct strategy_reader *r, const struct mark *begin, struct sql_scan *scan)
{
    const char *from = scan->at, *line = from, *next;
    int number = scan->line;
    struct mark mark;
    for (; line < scan->end; line = next, number++) {
        const char *stop = memchr(line, '\n', (size_t)(scan->end - line));
        size_t length = (size_t)((stop ? stop : scan->end) - line);
        next = stop ? stop + 1 : scan->end;
        if (length > 0 && line[length - 1] == '\r')
            length--;
        if (!mark_is(line, length))
            continue;
        if (!mark_read(r->arena, r->file, line, length, number, &mark, r->err) ||
            !strategy_reader_mark(r, &mark))
            return false;
        if (!r->raw_ended)
            return err_at(r->err, r->file, number, mark.column, "between begin and end stands no other mark");
        r->raw_ended = false;
        while (from < line && strchr(" \t\r\n", *from) != NULL)
            from++;
        const char *end = line;
        while (end > from && strchr(" \t\r\n", end[-1]) != NULL)
            end--;
        struct sql_statement statement = {.text = arena_strndup(r->arena, from, (size_t)(end - from)),
                                          .line = begin->line + 1,
                                          .column = 1,
                                          .lexis = scan->lexis};
        if (end == from || memchr(from, '\0', (size_t)(end - from)) != NULL)
            return err_at(r->err, r->file, begin->line, begin->column, "begin: no statement follows");
        *scan = sql_scan(scan->lexis, next, (size_t)(scan->end - next), number + 1, 1);
        return take_statement(r, &statement);
    }
    return err_at(r->err, r->file, begin->line, begin->column, "begin has no end");
}

static bool read_marked(struct strategy_reader *r, const char *text, size_t length)
{
    struct sql_scan scan = sql_scan(r->lexis, text, length, 1, 1);
    struct segment segment = {scan};
    struct sql_token token;
    struct mark mark;
    while ((token = sql_next(&scan)).kind != SQL_END) {
        if (token.kind != SQL_COMMENT || token.column != 1 || !mark_is(token.text, token.length))
            continue;
        end_segment(&segment, token.text);
        if (!read_segment(r, &segment, false) ||
            !mark_read(r->arena, r->file, token.text, token.length, token.line, &mark, r->err) ||
            !strategy_reader_mark(r, &mark))
            return false;
        if (r->raw && !read_raw(r, &mark, &scan))
            return false;
        segment.scan = scan;
    }
    if (!read_segment(r, &segment, true))
        return false;
    if (r->expects != EXPECTS_NOTHING)
        return err_at(r->err, r->file, r->expects_line, r->expects_column, "%s",
                      r->expects == EXPECTS_CHECK ? "check: its SELECT is missing"
                                                  : "backfill: its statement is missing");
    return true;
}

static bool find_phase(struct strategy_reader *r, const struct phase_reference *reference, size_t *index)
{
    const char **names = arena_alloc(r->arena, (r->strategy->phase_count + 1) * sizeof *names);
    for (size_t i = 0; i < r->strategy->phase_count; i++) {
        names[i] = r->strategy->phases[i].name;
        *index = i;
        if (strcmp(names[i], reference->name) == 0)
            return true;
    }
    struct mark place = {.file = r->file, .line = reference->line};
    mark_unknown(&place, reference->column, "phase", reference->name, names, r->err);
    return false;
}

static bool attach_checks(struct strategy_reader *r)
{
    for (size_t i = 0; i < r->late_count; i++) {
        size_t index;
        if (!find_phase(r, &r->late[i].after, &index))
            return false;
        struct phase *phase = &r->strategy->phases[index];
        *ARENA_PUSH(r->arena, phase->checks, phase->check_count, phase->check_capacity) = r->late[i].check;
    }
    return true;
}

/* Gives every rollback its phase and brings them into the order of the phases. */
static bool order_rollbacks(struct strategy_reader *r)
{
    struct strategy *s = r->strategy;
    assert(s->rollback_count == 0 || r->from != NULL); /* one for each */
    for (size_t i = 0; i < s->rollback_count; i++) {
        struct strategy_rollback rollback = s->rollbacks[i];
        if (!find_phase(r, &r->from[i], &rollback.from))
            return false;
        size_t at = i;
        for (; at > 0 && s->rollbacks[at - 1].from >= rollback.from; at--) {
            if (s->rollbacks[at - 1].from == rollback.from)
                return err_at(r->err, r->file, r->from[i].line, r->from[i].column,
                              "phase \"%s\" has a rollback already", r->from[i].name);
            s->rollbacks[at] = s->rollbacks[at - 1];
        }
        s->rollbacks[at] = rollback;
    }
    return true;
}

/* Marks of other tools; each is refused by name, as running such a file plainly would run both directions. */
static const struct {
    const char *comment, *tool;
} foreign[] = {
    {"--migrate:up", "dbmate"},
    {"--+goose", "goose"},
    {"--liquibaseformattedsql", "Liquibase"},
};

static bool begins_without_blanks(const struct sql_token *token, const char *text)
{
    size_t length = strlen(text), at = 0;
    for (size_t i = 0; i < token->length && at < length; i++) {
        if (token->text[i] == ' ' || token->text[i] == '\t')
            continue;
        if (strncasecmp(&token->text[i], &text[at++], 1) != 0)
            return false;
    }
    return at == length;
}

/* The tool whose mark the comment is; NULL: none. */
static const char *foreign_tool(const struct sql_token *comment)
{
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++)
        if (begins_without_blanks(comment, foreign[i].comment))
            return foreign[i].tool;
    return NULL;
}

/* True in *marked when any line is a mark; an unmarked file of another tool is an error. */
static bool look_for_marks(struct strategy_reader *r, const char *text, size_t length, bool *marked)
{
    struct sql_scan scan = sql_scan(r->lexis, text, length, 1, 1);
    struct sql_token token, place = {0};
    const char *tool = NULL;
    *marked = false;
    while (!*marked && (token = sql_next(&scan)).kind != SQL_END) {
        if (token.kind != SQL_COMMENT || token.column != 1)
            continue;
        *marked = mark_is(token.text, token.length);
        if (tool == NULL && (tool = foreign_tool(&token)) != NULL)
            place = token;
    }
    if (*marked || tool == NULL)
        return true;
    err_at(r->err, r->file, place.line, place.column, "this is a file of %s, which is not read yet", tool);
    return err_hint(r->err, "Copy the statements of the way up into a file of their own.");
}

static bool read_bare(struct strategy_reader *r, const char *text, size_t length)
{
    struct strategy *s = r->strategy;
    struct segment segment = {sql_scan(r->lexis, text, length, 1, 1)};
    struct phase *phase = ARENA_PUSH(r->arena, s->phases, s->phase_count, s->phase_capacity);
    *phase = (struct phase){.name = "migration", .kind = PHASE_DDL, .tx = true, .hold_ns = -1, .line = 1};
    phase->tx = !sql_is_mysql(r->lexis); /* there a tool sends statement by statement */
    r->block = BLOCK_PHASE;
    phase->settings = strategy_reader_settings(r);
    if (!read_segment(r, &segment, true))
        return false;
    if (phase->step_count == 0)
        return err_at(r->err, r->file, 1, 1, "no statement");
    bool own = false;
    for (size_t i = 0; i < phase->step_count; i++) {
        const struct step *step = &phase->steps[i];
        own = own || step->sql_kind == SQL_KIND_BEGIN || step->sql_kind == SQL_KIND_COMMIT ||
              step->sql_kind == SQL_KIND_ROLLBACK;
        phase->tx = phase->tx && !step->no_transaction;
    }
    phase->tx = phase->tx && !own;
    for (size_t i = 0; own && i < phase->step_count; i++)
        phase->steps[i].settings.retries = 0;
    return true;
}

static const char *base_name(struct arena *arena, const char *file)
{
    const char *name = file_name(file);
    const char *dot = strrchr(name, '.');
    return dot == NULL || dot == name ? arena_strdup(arena, name)
                                      : arena_strndup(arena, name, (size_t)(dot - name));
}

bool strategy_read(struct arena *arena, enum sql_lexis lexis, const char *file, const char *text,
                   size_t length, const struct strategy_settings *overrides, struct strategy **strategy,
                   struct err *err)
{
    struct strategy *s = arena_alloc(arena, sizeof *s);
    struct strategy_reader r = {.arena = arena,
                                .lexis = lexis,
                                .file = arena_strdup(arena, file),
                                .err = err,
                                .strategy = s,
                                .overrides = overrides ? *overrides : strategy_settings_unset(),
                                .block_set = strategy_settings_unset(),
                                .file_set = strategy_settings_unset()};
    char hex[65];
    hash_sha256(text, length, hex);
    s->sha256 = arena_strdup(arena, hex);
    s->file = r.file;
    if (!look_for_marks(&r, text, length, &s->marked))
        return false;
    if (!s->marked) {
        s->name = base_name(arena, file);
        *strategy = s;
        return read_bare(&r, text, length);
    }
    if (!read_marked(&r, text, length) || !attach_checks(&r) || !order_rollbacks(&r))
        return false;
    if (s->phase_count == 0)
        return err_at(err, r.file, 1, 1, "a marked file needs at least one phase");
    if (s->name == NULL)
        s->name = base_name(arena, file);
    *strategy = s;
    return true;
}

struct strategy *strategy_of_command(struct arena *arena, const char *name, const char *const *argv,
                                     const struct strategy_settings *overrides)
{
    struct strategy *s = arena_alloc(arena, sizeof *s);
    struct strategy_reader r = {.arena = arena,
                                .strategy = s,
                                .overrides = overrides != NULL ? *overrides : strategy_settings_unset(),
                                .block_set = strategy_settings_unset(),
                                .file_set = strategy_settings_unset()};
    char hex[65];
    struct phase *phase = ARENA_PUSH(arena, s->phases, s->phase_count, s->phase_capacity);
    *phase = (struct phase){
        .name = "migration", .kind = PHASE_DDL, .hold_ns = -1, .settings = strategy_reader_settings(&r)};
    struct step *step = ARENA_PUSH(arena, phase->steps, phase->step_count, phase->step_capacity);
    *step = (struct step){.kind = STEP_COMMAND,
                          .sql = command_line(arena, argv),
                          .no_transaction = true,
                          .settings = phase->settings,
                          .wait_ns = -1,
                          .argv = argv};
    hash_sha256(step->sql, strlen(step->sql), hex);
    s->name = name;
    s->sha256 = arena_strdup(arena, hex);
    return s;
}

static bool phase_has_command(const struct phase *phase)
{
    for (size_t i = 0; i < phase->step_count; i++)
        if (phase->steps[i].kind == STEP_COMMAND)
            return true;
    return false;
}

bool strategy_has_command(const struct strategy *strategy)
{
    bool has = false;
    for (size_t i = 0; i < strategy->phase_count; i++)
        has = has || phase_has_command(&strategy->phases[i]);
    for (size_t i = 0; i < strategy->rollback_count; i++)
        has = has || phase_has_command(&strategy->rollbacks[i].phase);
    return has;
}
