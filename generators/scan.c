#include "generators/scan.h"

#include "bench/base/near.h"
#include "bench/db/dialect.h"
#include "generators/scan_parts.h"

#include <stdio.h>
#include <string.h>

#define GRACE_NS (10 * NS_PER_S) /* the server's own timeout comes first */

static const struct {
    const char *name;
    enum dialect_query query;
} topics[SCAN_TOPICS] = {
    [SCAN_SERVER] = {"server", DIALECT_PROFILE_SERVER},
    [SCAN_TABLES] = {"tables", DIALECT_PROFILE_TABLES},
    [SCAN_COLUMNS] = {"columns", DIALECT_PROFILE_COLUMNS},
    [SCAN_INDEXES] = {"indexes", DIALECT_PROFILE_INDEXES},
    [SCAN_REFERENCES] = {"foreign keys", DIALECT_PROFILE_REFERENCES},
    [SCAN_GROUPS] = {"joint statistics", DIALECT_PROFILE_GROUPS},
    [SCAN_STATEMENTS] = {"schema", DIALECT_PROFILE_STATEMENTS},
};

const char *scan_topic_name(enum scan_topic topic)
{
    return topics[topic].name;
}

struct scan {
    const struct scan_config *config;
    struct arena *arena;
    struct db *db;
    struct scan_input input;
    const char *names; /* the argument of the queries */
    struct err *err;
};

struct taking {
    struct scan *scan;
    struct scan_rows *rows;
    bool failed;
};

static void take_row(void *context, int result, int columns, const char *const *values)
{
    struct taking *taking = context;
    struct scan *scan = taking->scan;
    (void)result;
    if (!taking->failed && columns == 1 && values[0] != NULL)
        taking->failed = !scan_take(scan->arena, scan->input.file, values[0], taking->rows, scan->err);
}

static bool stopped(struct scan *scan)
{
    const struct scan_config *config = scan->config;
    return config->interrupted != NULL && config->interrupted(config->context) &&
           !err_set(scan->err, ERR_INTERRUPTED, "interrupted: nothing was written");
}

/* Who interrupted it need not be told at what. */
static bool failed_at(struct scan *scan, const char *what)
{
    return !stopped(scan) && err_wrap(scan->err, "%s", what);
}

static bool refused(struct scan *scan, const struct db_answer *answer)
{
    db_answer_error(answer, scan->err);
    return answer->outcome == OUTCOME_STATEMENT_TIMEOUT &&
           err_hint(scan->err, "give it longer: --statement-timeout");
}

static void tell(struct scan *scan, const char *table, const char *what)
{
    if (scan->config->progress != NULL)
        scan->config->progress(scan->config->context, table, what);
}

/* Rows go into rows; *answer tells what became of it when it is not NULL, and no err is set then. */
static bool ask(struct scan *scan, const char *sql, struct scan_rows *rows, struct db_answer *answer)
{
    struct taking taking = {.scan = scan, .rows = rows};
    struct db_answer own;
    if (stopped(scan))
        return false;
    answer = answer == NULL ? &own : answer;
    *answer = db_exec(scan->db, sql, clock_ns() + scan->config->statement_timeout_ms * NS_PER_MS + GRACE_NS,
                      take_row, &taking);
    if (stopped(scan) || taking.failed)
        return false;
    return answer->outcome == OUTCOME_OK || (answer == &own && refused(scan, answer));
}

static const char *words(struct scan *scan, enum dialect_query query)
{
    bool begin = query == DIALECT_PROFILE_BEGIN;
    const char *limit = arena_printf(scan->arena, "%lld", (long long)scan->config->statement_timeout_ms);
    return dialect_sql(scan->arena, scan->db, query, begin ? limit : scan->names);
}

static const char *names_literal(struct scan *scan, enum sql_lexis lexis)
{
    struct buf list = {0};
    struct json_writer w = json_writer(&list);
    if (scan->config->tables == NULL)
        return "NULL";
    w.pretty = false;
    json_begin_array(&w);
    for (const char *const *name = scan->config->tables; *name != NULL; name++)
        json_write_string(&w, *name);
    json_end_array(&w);
    const char *literal = sql_quote_literal(scan->arena, lexis, buf_text(&list));
    buf_free(&list);
    return literal;
}

static bool open_scan(struct scan *scan)
{
    const struct scan_config *config = scan->config;
    struct db_options options = {.application_name = "rehearse/profile"};
    scan->db = db_open(config->target, &options, scan->err);
    if (scan->db == NULL) {
        stopped(scan); /* who interrupted it need not hear of a server that does not answer */
        return false;
    }
    if (config->session != NULL)
        config->session(config->context, scan->db);
    scan->input.engine = db_dialect(scan->db)->engine;
    scan->input.file = config->target->label;
    scan->names = names_literal(scan, db_dialect(scan->db)->lexis);
    if (words(scan, DIALECT_PROFILE_TABLES) != NULL)
        return true;
    return err_set(scan->err, ERR_ENVIRONMENT, "a profile of %s is not built yet", scan->input.engine);
}

static void close_scan(struct scan *scan)
{
    if (scan->config->session != NULL)
        scan->config->session(scan->config->context, NULL);
    db_close(scan->db);
}

static bool ask_topic(struct scan *scan, enum scan_topic topic)
{
    tell(scan, NULL, topics[topic].name);
    const char *sql = words(scan, topics[topic].query);
    return sql == NULL || ask(scan, sql, &scan->input.topics[topic], NULL) ||
           failed_at(scan, arena_printf(scan->arena, "read the %s", topics[topic].name));
}

/* Names of all tables, for one that is mistyped. */
static bool no_table(struct scan *scan, const char *name)
{
    struct err ignored = {0};
    struct db_table rows = {0};
    const char *sql = dialect_sql(scan->arena, scan->db, DIALECT_TABLES, NULL);
    err_set(scan->err, ERR_USAGE, "there is no table \"%s\"", name);
    if (sql == NULL || !db_query(scan->db, scan->arena, sql, &rows, &ignored))
        return false;
    const char **names = arena_alloc(scan->arena, (rows.rows + 1) * sizeof *names);
    for (size_t i = 0; i < rows.rows; i++)
        names[i] = db_value(&rows, i, 2);
    const char *near = near_word(name, names);
    return near != NULL && err_hint(scan->err, "did you mean %s?", near);
}

static bool check_names(struct scan *scan, const struct profile *profile)
{
    for (const char *const *name = scan->config->tables; name != NULL && *name != NULL; name++) {
        size_t i = 0;
        while (i < profile->table_count && !profile_is_called(&profile->tables[i], *name))
            i++;
        if (i == profile->table_count)
            return no_table(scan, *name);
    }
    return true;
}

static const char *job_label(struct scan *scan, const struct profile_table *table, const struct scan_job *job)
{
    if (job->kind == SCAN_ROWS)
        return "counting its rows";
    if (job->kind == SCAN_REFERENCE)
        return arena_printf(scan->arena, "counting by %s", table->references[job->item].name);
    return arena_printf(scan->arena, "counting by %s", table->columns[job->item].name);
}

static bool begin(struct scan *scan)
{
    return ask(scan, words(scan, DIALECT_PROFILE_BEGIN), NULL, NULL) || failed_at(scan, "begin to read");
}

/* A count that the server refuses, or does not finish in time, is left out. Each has a transaction of its own: a replica does not
 * keep an old snapshot for long, and ends the session, not the statement, when that is in a subtransaction. */
static bool run_job(struct scan *scan, const struct profile *profile, struct scan_job *job)
{
    const struct profile_table *table = &profile->tables[job->table];
    const char *label = arena_printf(scan->arena, "%s.%s", table->schema, table->name);
    const char *sql = dialect_sql(scan->arena, scan->db, DIALECT_PROFILE_COUNTS, job->sql);
    struct db_answer answer = {.outcome = OUTCOME_OK};
    tell(scan, label, job_label(scan, table, job));
    if (sql == NULL || !ask(scan, "ROLLBACK", NULL, NULL) || !begin(scan))
        return sql == NULL;
    job->done = ask(scan, sql, &job->rows, &answer);
    if (job->done || answer.outcome == OUTCOME_OK || scan->err->kind != ERR_NONE)
        return job->done;
    if (outcome_ends_session(answer.outcome))
        return db_answer_error(&answer, scan->err) || err_wrap(scan->err, "count %s", label);
    tell(scan, label, arena_printf(scan->arena, "not counted: %s", answer.message));
    job->rows = (struct scan_rows){0};
    return true;
}

static bool run_jobs(struct scan *scan, struct profile *profile)
{
    size_t count;
    struct scan_job *jobs = scan_jobs(scan->arena, profile, &count);
    for (size_t i = 0; i < count; i++)
        if (!run_job(scan, profile, &jobs[i]))
            return false;
    return scan_count(scan->arena, &scan->input, profile, jobs, count, scan->err);
}

/* What is missing because of the role or of the server's settings, and how to come by it. */
static void advise(struct scan *scan, const struct profile *profile)
{
    struct scan_cells cells = scan_cells(scan->arena, scan->input.topics[SCAN_SERVER].items[0]);
    bool analyzed = true;
    scan_text(&cells);
    scan_real(&cells);
    scan_flag(&cells);
    const char *unseen = scan_text(&cells), *maker = scan_text(&cells);
    for (size_t i = 0; i < profile->table_count; i++)
        analyzed &= profile->tables[i].analyzed;
    if (unseen != NULL)
        tell(scan, scan->input.file, unseen);
    if (!analyzed && unseen == NULL && maker != NULL)
        tell(scan, scan->input.file, arena_printf(scan->arena, "statistics are made by: %s", maker));
}

bool scan_run(const struct scan_config *config, struct arena *arena, struct profile **profile,
              struct err *err)
{
    struct scan scan = {.config = config, .arena = arena, .err = err};
    bool good = open_scan(&scan) && begin(&scan);
    for (int topic = 0; good && topic < SCAN_TOPICS; topic++)
        good = ask_topic(&scan, (enum scan_topic)topic);
    good = good && scan_build(arena, &scan.input, profile, err) && check_names(&scan, *profile) &&
           (!config->counts || run_jobs(&scan, *profile));
    if (good) {
        scan_widths(*profile);
        scan_facts(*profile);
        advise(&scan, *profile);
    }
    close_scan(&scan); /* which ends the transaction */
    return good;
}

static void print_query(struct scan *scan, struct buf *out, const char *head, const char *sql)
{
    const char *line = arena_printf(scan->arena, SCAN_LINE_HEAD "%s", head);
    buf_printf(out, "\nSELECT %s;\n%s;\n", sql_quote_literal(scan->arena, db_dialect(scan->db)->lexis, line),
               sql);
}

/* The keys stand in catalogues that every role may read. */
static bool print_jobs(struct scan *scan, struct buf *out)
{
    struct profile *profile;
    size_t count;
    bool good = begin(scan) && ask_topic(scan, SCAN_SERVER) && ask_topic(scan, SCAN_TABLES) &&
                ask_topic(scan, SCAN_COLUMNS) && ask_topic(scan, SCAN_INDEXES) &&
                ask_topic(scan, SCAN_REFERENCES);
    if (!good || !scan_build(scan->arena, &scan->input, &profile, scan->err))
        return false;
    struct scan_job *jobs = scan_jobs(scan->arena, profile, &count);
    for (size_t i = 0; i < count; i++) {
        const char *sql = dialect_sql(scan->arena, scan->db, DIALECT_PROFILE_COUNTS, jobs[i].sql);
        if (sql == NULL)
            continue;
        buf_printf(out, "ROLLBACK;\n%s;\n", words(scan, DIALECT_PROFILE_BEGIN));
        print_query(scan, out, arena_printf(scan->arena, "count %s", jobs[i].name), sql);
    }
    return true;
}

static bool print_script(struct scan *scan, struct buf *out)
{
    buf_puts(
        out,
        "-- Reads catalogue and statistics for a profile; changes nothing. Its output holds values of the "
        "source:\n"
        "-- keep it where production's data may be. rehearse profile OUTPUT -o profile.json redacts it.\n");
    buf_puts(out, words(scan, DIALECT_PROFILE_SCRIPT));
    buf_printf(out, "%s;\n%s;\n", words(scan, DIALECT_SETUP_SESSION), words(scan, DIALECT_PROFILE_BEGIN));
    print_query(scan, out, arena_printf(scan->arena, "engine %s", scan->input.engine),
                "SELECT 1 WHERE 1 = 0");
    for (int topic = 0; topic < SCAN_TOPICS; topic++) {
        const char *sql = words(scan, topics[topic].query);
        if (sql != NULL)
            print_query(scan, out, topics[topic].name, sql);
    }
    if (scan->config->counts && !print_jobs(scan, out))
        return false;
    print_query(scan, out, "end", "ROLLBACK");
    return true;
}

bool scan_print_sql(const struct scan_config *config, struct buf *out, struct err *err)
{
    struct arena arena = {0};
    struct scan scan = {.config = config, .arena = &arena, .err = err};
    bool good = open_scan(&scan) && print_script(&scan, out);
    close_scan(&scan);
    arena_free(&arena);
    return good;
}
