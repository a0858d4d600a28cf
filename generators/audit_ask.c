#include "bench/db/dialect.h"
#include "generators/audit_side.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Room for those that turn out to have nothing to draw. */
enum { SPARE = 2, GRACE_MS = 2000 };

/* ---- SQL ---- */

static const char *column_name(const struct audit_side *side, size_t table, const char *name)
{
    const char *quoted = sql_quote(side->arena, db_lexis(side->db), NULL, name);
    return quoted != NULL ? arena_printf(side->arena, "q%zu.%s", table, quoted) : NULL;
}

static bool put_predicate(const struct audit_side *side, const struct audit_predicate *predicate,
                          const struct audit_drawn *drawn, struct buf *sql)
{
    const char *name = column_name(side, predicate->at, predicate->column->name);
    const char *literals[AUDIT_PLACES] = {NULL};
    for (size_t i = 0; i < predicate->place_count; i++) {
        literals[i] = drawn->literals[i] == NULL
                          ? NULL
                          : sql_quote_literal(side->arena, db_lexis(side->db), drawn->literals[i]);
        if (literals[i] == NULL)
            return false;
    }
    switch (predicate->operator) {
    case AUDIT_EQUAL:
        buf_printf(sql, "%s = %s", name, literals[0]);
        return true;
    case AUDIT_ANY:
        buf_printf(sql, "%s IN (%s", name, literals[0]);
        for (size_t i = 1; i < predicate->place_count; i++)
            buf_printf(sql, ", %s", literals[i]);
        buf_putc(sql, ')');
        return true;
    case AUDIT_BETWEEN:
        buf_printf(sql, "%s >= %s AND %s < %s", name, literals[0], name, literals[1]);
        return true;
    case AUDIT_BELOW:
        buf_printf(sql, "%s < %s", name, literals[0]);
        return true;
    case AUDIT_FROM:
        buf_printf(sql, "%s >= %s", name, literals[0]);
        return true;
    case AUDIT_IS_NULL:
        buf_printf(sql, "%s IS NULL", name);
        return true;
    }
    return false;
}

static void put_join(const struct audit_side *side, const struct audit_query *query, size_t at,
                     struct buf *sql)
{
    const struct profile_reference *reference = query->references[at - 1];
    for (size_t c = 0; c < reference->column_count; c++) {
        const char *child = query->tables[at - 1]->columns[reference->columns[c]].name;
        const char *parent = query->tables[at]->columns[reference->parent_columns[c]].name;
        buf_printf(sql, "%s%s = %s", c > 0 ? " AND " : " ON ", column_name(side, at, parent),
                   column_name(side, at - 1, child));
    }
}

const char *audit_sql(struct audit_side *side, const struct audit_query *query,
                      const struct audit_drawn *drawn)
{
    struct buf sql = {0};
    const char *text = NULL;
    bool sayable = true;
    buf_puts(&sql, "SELECT q0.* FROM ");
    for (size_t i = 0; sayable && i < query->table_count; i++) {
        const struct profile_table *table = audit_find(side->server, query->tables[i]);
        const char *quoted = table == NULL
                                 ? NULL
                                 : sql_quote(side->arena, db_lexis(side->db), table->schema, table->name);
        sayable = quoted != NULL;
        buf_printf(&sql, "%s%s AS q%zu", i > 0 ? " JOIN " : "", sayable ? quoted : "", i);
        if (sayable && i > 0)
            put_join(side, query, i, &sql);
    }
    for (size_t i = 0; sayable && i < query->predicate_count; i++) {
        buf_puts(&sql, i > 0 ? " AND " : " WHERE ");
        sayable = put_predicate(side, &query->predicates[i], &drawn[i], &sql);
    }
    if (sayable)
        text = arena_strdup(side->arena, buf_text(&sql));
    buf_free(&sql);
    return text;
}

/* ---- what a server says ---- */

static void take_text(void *context, int result, int columns, const char *const *values)
{
    (void)result;
    if (columns >= 1 && values[0] != NULL)
        buf_puts(context, values[0]);
}

static void take_number(void *context, int result, int columns, const char *const *values)
{
    (void)result;
    if (columns >= 1 && values[columns - 1] != NULL)
        *(double *)context += strtod(values[columns - 1], NULL);
}

static bool exec(struct audit_side *side, enum dialect_query query, const char *argument, db_row_fn *rows,
                 void *context)
{
    const char *sql = dialect_sql(side->arena, side->db, query, argument);
    const struct audit_config *config = side->config;
    int64_t deadline_ns = clock_ns() + (side->statement_timeout_ms + GRACE_MS) * NS_PER_MS;
    if (sql == NULL || (config->interrupted != NULL && config->interrupted(config->context)))
        return false;
    if (config->session != NULL)
        config->session(config->context, side->db);
    enum outcome outcome = db_exec(side->db, sql, deadline_ns, rows, context).outcome;
    if (config->session != NULL)
        config->session(config->context, NULL);
    return outcome == OUTCOME_OK;
}

static double touched_so_far(struct audit_side *side)
{
    double sum = 0;
    return exec(side, DIALECT_COMPARE_TOUCHED, NULL, take_number, &sum) ? sum : (double)NAN;
}

/* Where the plan does not say what came of it; asking itself is taken off. */
static void see_rows(struct audit_side *side, const char *sql, struct audit_seen *seen)
{
    double rows = 0, first = touched_so_far(side), before = touched_so_far(side);
    seen->failed = !exec(side, DIALECT_COMPARE_ROWS, sql, take_number, &rows);
    if (seen->failed)
        return;
    seen->rows = rows;
    seen->touched = fmax(0, touched_so_far(side) - before - (before - first));
}

struct audit_seen audit_see(struct audit_side *side, const char *sql)
{
    struct audit_seen seen = {.rows = NAN, .touched = NAN, .failed = true};
    struct buf text = {0};
    const struct json *root;
    struct err ignored = {0};
    if (exec(side, DIALECT_COMPARE_PLAN, sql, take_text, &text) &&
        json_parse(side->arena, "plan", buf_text(&text), text.length, JSON_STRICT, &root, &ignored))
        seen = audit_plan_read(side->arena, root);
    buf_free(&text);
    if (!seen.failed && isnan(seen.rows))
        see_rows(side, sql, &seen);
    return seen;
}

/* ---- both sides ---- */

struct asking {
    const struct audit_config *config;
    struct arena *arena;
    struct audit_side reference, copy;
    struct audit_queries *queries;
    int64_t until_ns;
    struct err *err;
};

static bool stopped(const struct asking *self)
{
    return self->config->interrupted != NULL && self->config->interrupted(self->config->context);
}

static void compare(const struct asking *self, struct audit_asked *asked)
{
    asked->rows_q = audit_query_error(asked->source.rows, asked->copy.rows);
    asked->touched_q = (double)NAN;
    asked->same_plan = -1;
    if (!self->reference.runs || db_dialect(self->reference.db) != db_dialect(self->copy.db))
        return;
    asked->touched_q = audit_query_error(asked->source.touched, asked->copy.touched);
    if (asked->source.plan != NULL && asked->copy.plan != NULL)
        asked->same_plan = strcmp(asked->source.plan, asked->copy.plan) == 0;
}

/* What a profile alone lets one expect: of one predicate on the first table, every row of which has its parents. */
static double expected(const struct asking *self, const struct audit_query *query,
                       const struct audit_drawn *drawn)
{
    const struct profile_table *table = query->tables[0];
    size_t at = (size_t)(table - self->reference.profile->tables);
    double rows = self->config->rows != NULL ? self->config->rows[at] : table->rows;
    bool follows = query->predicate_count == 1 && query->predicates[0].at == 0 && rows >= 0;
    for (size_t i = 0; i + 1 < query->table_count; i++)
        for (size_t c = 0; c < query->references[i]->column_count; c++)
            follows &= query->tables[i]->columns[query->references[i]->columns[c]].not_null;
    return follows ? rows * drawn[0].share : (double)NAN;
}

static bool is_as_large(const struct asking *self, const struct audit_query *query)
{
    for (size_t i = 0; i < query->table_count; i++) {
        const struct profile_table *table = audit_find(self->copy.profile, query->tables[i]);
        if (table == NULL || !(fabs(table->rows - query->tables[i]->rows) <= 0.02 * query->tables[i]->rows))
            return false;
    }
    return true;
}

static bool draw(struct audit_side *side, struct audit_query *query, bool settle, struct audit_drawn *drawn)
{
    for (size_t i = 0; i < query->predicate_count; i++) {
        struct audit_predicate *predicate = &query->predicates[i];
        const struct profile_table *table = audit_find(side->profile, query->tables[predicate->at]);
        const struct profile_column *column = table != NULL
                                                  ? audit_find_column(table, predicate->column->name)
                                                  : NULL;
        if (column == NULL || !audit_draw(side, table, column, predicate, settle, &drawn[i]))
            return false;
    }
    return true;
}

/* False: there is nothing to ask. */
static bool ask(struct asking *self, struct audit_query *query, struct audit_asked *asked)
{
    struct audit_drawn there[AUDIT_PREDICATES], here[AUDIT_PREDICATES];
    const char *source_sql = NULL;
    if ((self->reference.runs && !is_as_large(self, query)) || !draw(&self->reference, query, true, there) ||
        !draw(&self->copy, query, false, here))
        return false;
    const char *sql = audit_sql(&self->copy, query, here);
    if (self->reference.runs)
        source_sql = audit_sql(&self->reference, query, there);
    if (sql == NULL || (self->reference.runs && source_sql == NULL))
        return false;
    *asked = (struct audit_asked){.kind = query->kind,
                                  .name = audit_query_name(self->arena, query),
                                  .schema = query->tables[0]->schema,
                                  .table = query->tables[0]->name};
    asked->source = (struct audit_seen){.rows = expected(self, query, there), .touched = NAN};
    if (self->reference.runs)
        asked->source = audit_see(&self->reference, source_sql);
    asked->copy = audit_see(&self->copy, sql);
    compare(self, asked);
    return true;
}

static void ask_statement(struct asking *self, const struct audit_statement *statement,
                          struct audit_asked *asked)
{
    *asked = (struct audit_asked){.kind = AUDIT_WORKLOAD, .name = statement->name};
    asked->source = (struct audit_seen){.rows = NAN, .touched = NAN};
    if (self->reference.runs)
        asked->source = audit_see(&self->reference, statement->sql);
    asked->copy = audit_see(&self->copy, statement->sql);
    compare(self, asked);
}

/* False: interrupted. *late: its time is over. */
static bool goes_on(struct asking *self, bool *late)
{
    *late = clock_ns() > self->until_ns;
    return !stopped(self) || err_set(self->err, ERR_INTERRUPTED, "interrupted");
}

static bool ask_all(struct asking *self)
{
    const struct audit_config *config = self->config;
    struct audit_queries *queries = self->queries;
    struct audit_query *made;
    bool late = false;
    size_t wanted = config->queries;
    size_t count = audit_queries_make(self->arena, self->reference.profile, config->seed, SPARE * wanted,
                                      &config->given, &made);
    queries->asked = arena_alloc(self->arena,
                                 (wanted + config->statement_count + 1) * sizeof *queries->asked);
    for (size_t i = 0; i < count && queries->count < wanted && !late; i++) {
        queries->count += ask(self, &made[i], &queries->asked[queries->count]);
        if (!goes_on(self, &late))
            return false;
    }
    queries->skipped = late ? wanted - queries->count : 0;
    for (size_t i = 0; i < config->statement_count; i++) {
        if (!goes_on(self, &late))
            return false;
        queries->skipped += late;
        if (!late)
            ask_statement(self, &config->statements[i], &queries->asked[queries->count++]);
    }
    return true;
}

static void summarize(struct asking *self)
{
    struct audit_queries *queries = self->queries;
    queries->all = audit_figures(self->arena, queries->asked, queries->count, -1, NULL);
    for (int kind = 0; kind < AUDIT_KINDS; kind++)
        queries->of[kind] = audit_figures(self->arena, queries->asked, queries->count, kind, NULL);
}

/* ---- sessions ---- */

static bool open_side(struct asking *self, const struct db_target *target, struct audit_side *side)
{
    const struct db_options options = {.application_name = "rehearse/audit"};
    const char *limit = arena_printf(self->arena, "%lld", (long long)side->statement_timeout_ms);
    side->db = db_open(target, &options, self->err);
    if (side->db == NULL)
        return false;
    const char *sql = dialect_sql(self->arena, side->db, DIALECT_COMPARE_SETUP, limit);
    return sql != NULL ? db_command(side->db, sql, self->err)
                       : err_set(self->err, ERR_ENVIRONMENT, "%s: queries are not compared there",
                                 db_dialect(side->db)->engine);
}

static void apply_setting(void *context, int result, int columns, const char *const *values)
{
    (void)result;
    if (columns == 1 && values[0] != NULL)
        buf_printf(context, "%s%c", values[0], '\n');
}

/* Plans are to differ by the data, not by how the servers are set. */
static void copy_settings(struct asking *self)
{
    struct buf settings = {0};
    if (self->reference.runs && db_dialect(self->reference.db) == db_dialect(self->copy.db) &&
        exec(&self->reference, DIALECT_COMPARE_PLANNER, NULL, apply_setting, &settings))
        for (char *line = settings.data, *end; line != NULL && (end = strchr(line, '\n')) != NULL;
             line = end + 1) {
            *end = '\0';
            db_exec(self->copy.db, line, clock_ns() + 5 * NS_PER_S, NULL,
                    NULL); /* not all versions know all */
        }
    buf_free(&settings);
}

static bool open_both(struct asking *self, const struct profile *copy, const struct profile *live)
{
    const struct audit_config *config = self->config;
    self->copy = (struct audit_side){.arena = self->arena,
                                     .profile = copy,
                                     .server = copy,
                                     .runs = true,
                                     .config = config,
                                     .statement_timeout_ms = config->statement_timeout_ms};
    if (config->query_budget_ms > 0 && config->query_budget_ms < config->statement_timeout_ms)
        self->copy.statement_timeout_ms = config->query_budget_ms;
    self->reference = self->copy;
    if (!open_side(self, config->target, &self->copy))
        return err_wrap(self->err, "the copy");
    if (live != NULL) {
        self->reference.profile = self->reference.server = live;
        return open_side(self, config->source_target, &self->reference) || err_wrap(self->err, "the source");
    }
    self->reference.profile = config->source;
    self->reference.runs = false;
    self->reference.db = self->copy.db;
    return true;
}

bool audit_ask(const struct audit_config *config, struct arena *arena, const struct profile *copy,
               const struct profile *live, struct audit_queries **queries, struct err *err)
{
    struct asking self = {.config = config,
                          .arena = arena,
                          .queries = arena_alloc(arena, sizeof *self.queries),
                          .until_ns = config->query_budget_ms > 0
                                          ? clock_ns() + config->query_budget_ms * NS_PER_MS
                                          : CLOCK_NEVER_NS,
                          .err = err};
    self.queries->beside_source = live != NULL;
    bool asked = open_both(&self, copy, live);
    if (asked) {
        copy_settings(&self);
        asked = ask_all(&self);
        summarize(&self);
    }
    if (self.reference.db != self.copy.db)
        db_close(self.reference.db);
    db_close(self.copy.db);
    *queries = self.queries;
    return asked;
}
