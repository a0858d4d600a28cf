/* rehearse profile: what a source database looks like, without its rows. Reads only; needs no arming. */
#include "bench/cli/rehearse.h"

#include "bench/base/file.h"
#include "bench/base/log.h"
#include "bench/base/units.h"
#include "bench/run/interrupt.h"
#include "bench/sandbox/sandbox.h"
#include "generators/redact.h"
#include "generators/scan.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define STATEMENT_TIMEOUT_NS (60 * NS_PER_S)

/* "a, b" as a NULL-terminated list; NULL stays NULL. */
static const char *const *split(struct arena *arena, const char *text)
{
    size_t count = 0, capacity = 0;
    const char **items = NULL;
    if (text == NULL)
        return NULL;
    while (*text != '\0') {
        text += strspn(text, " ,");
        size_t length = strcspn(text, ",");
        if (length > 0)
            *ARENA_PUSH(arena, items, count, capacity) = arena_strndup(arena, text, length);
        text += length;
    }
    *ARENA_PUSH(arena, items, count, capacity) = NULL;
    return items;
}

static void progress(void *context, const char *table, const char *what)
{
    (void)context;
    if (table != NULL)
        log_info("profile: %s: %s", table, what);
    else
        log_debug("profile: %s", what);
}

/* An argument is a plan, whose target it then is, or what came of --print-sql. */
static bool is_plan(const char *place)
{
    struct stat info;
    const char *dot = strrchr(place, '.');
    return (dot != NULL && strcmp(dot, ".json") == 0) || (stat(place, &info) == 0 && S_ISDIR(info.st_mode));
}

static bool find_dsn(struct invocation *invocation, const char **dsn, struct err *err)
{
    const struct options *options = &invocation->options;
    struct plan *plan;
    *dsn = options->dsn;
    if (options->places.count > 1 || (options->places.count == 1 && options->dsn != NULL))
        return err_set(err, ERR_USAGE,
                       "profile wants one source: --dsn, a plan, or the output of --print-sql");
    if (options->places.count == 1) {
        if (!rehearse_plan(invocation, &plan, err))
            return false;
        *dsn = plan->dsn;
    }
    if (*dsn == NULL)
        return err_set(err, ERR_USAGE, "profile wants its source: --dsn DSN") ||
               err_hint(err, "it is only read: catalogue and statistics, in one transaction");
    return !sandbox_is_dsn(*dsn) || err_set(err, ERR_USAGE, "a sandbox holds nothing to profile");
}

static bool read_timeout(const char *text, int64_t *timeout_ms, struct err *err)
{
    const char *why = "";
    int64_t timeout_ns = STATEMENT_TIMEOUT_NS;
    if (text != NULL && !units_duration_ns(text, &timeout_ns, &why))
        return err_set(err, ERR_USAGE, "--statement-timeout \"%s\": not a duration (%s)", text, why);
    if (timeout_ns < NS_PER_MS)
        return err_set(err, ERR_USAGE, "--statement-timeout \"%s\": 1 ms is the least", text);
    *timeout_ms = timeout_ns / NS_PER_MS;
    return true;
}

static bool configure(struct invocation *invocation, struct scan_config *config, struct db_target *target,
                      struct err *err)
{
    const struct options *options = &invocation->options;
    const char *dsn;
    *config = (struct scan_config){.target = target,
                                   .tables = split(invocation->arena, options->tables),
                                   .counts = options->counts,
                                   .progress = progress,
                                   .session = interrupt_cancels,
                                   .interrupted = interrupt_asked};
    return find_dsn(invocation, &dsn, err) &&
           read_timeout(options->statement_timeout, &config->statement_timeout_ms, err) &&
           db_target_parse(invocation->arena, dsn, target, err);
}

static bool put(const char *out, const struct buf *text, struct err *err)
{
    if (out != NULL && strcmp(out, "-") != 0)
        return file_write_atomic(out, text->data, text->length, err);
    return fwrite(buf_text(text), 1, text->length, stdout) == text->length ||
           err_set(err, ERR_ENVIRONMENT, "cannot write standard output");
}

static bool print_sql(struct invocation *invocation, struct err *err)
{
    struct scan_config config;
    struct db_target target;
    struct buf sql = {0};
    bool good = configure(invocation, &config, &target, err) && scan_print_sql(&config, &sql, err) &&
                put(invocation->options.out, &sql, err);
    buf_free(&sql);
    return good;
}

static bool read_source(struct invocation *invocation, struct profile **profile, struct err *err)
{
    const struct options *options = &invocation->options;
    struct scan_config config;
    struct db_target target;
    char *text;
    size_t length;
    if (options->places.count == 1 && options->dsn == NULL && !is_plan(options->places.items[0])) {
        if (options->tables != NULL || options->counts)
            return err_set(err, ERR_USAGE,
                           "what is read was chosen when its SQL was printed: give --tables and "
                           "--counts there");
        return file_read(invocation->arena, options->places.items[0], &text, &length, err) &&
               scan_read(invocation->arena, options->places.items[0], text, length, profile, err);
    }
    return configure(invocation, &config, &target, err) && scan_run(&config, invocation->arena, profile, err);
}

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

static void warn_unknown(const struct profile *profile)
{
    size_t unknown = 0;
    for (size_t i = 0; i < profile->table_count; i++) {
        const struct profile_table *table = &profile->tables[i];
        if (table->analyzed || ++unknown > 5)
            continue;
        log_warn("profile: %s.%s was never analysed: nothing is known of its values (ANALYZE it there)%s",
                 table->schema, table->name,
                 strcmp(table->kind, "partitioned") == 0 ? "; autovacuum leaves partitioned tables to you"
                                                         : "");
    }
    if (unknown > 5)
        log_warn("profile: and %zu more were never analysed", unknown - 5);
}

/* What a statement makes: its words up to what the object is made of. */
static size_t head_of(const char *sql)
{
    static const char *const ends[] = {"\n", " AS ", " USING ", " (SFUNC", " (FUNCTION"};
    size_t length = strlen(sql);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        const char *end = strstr(sql, ends[i]);
        if (end != NULL && (size_t)(end - sql) < length)
            length = (size_t)(end - sql);
    }
    return length;
}

static void warn_left_out(const struct profile *profile)
{
    enum { TOLD = 5 };
    for (size_t i = 0; i < profile->left_out_count && i < TOLD; i++)
        log_warn("profile: left out, because it needs what does not travel: %.*s",
                 (int)head_of(profile->left_out[i]), profile->left_out[i]);
    if (profile->left_out_count > TOLD)
        log_warn("profile: and %zu more are left out", profile->left_out_count - TOLD);
}

/* CREATE STATISTICS was run, but what came of it is shown to the table's owner only. */
static void warn_unseen(const struct profile *profile)
{
    for (size_t t = 0; t < profile->table_count; t++) {
        const struct profile_table *table = &profile->tables[t];
        for (size_t g = 0; g < table->group_count; g++) {
            const struct profile_group *group = &table->groups[g];
            if (group->distinct > 0 || group->mcv_count > 0 || group->dependency_count > 0)
                continue;
            log_warn(
                "profile: %s.%s: its joint statistics are not shown to this role: profile as its owner, or "
                "ANALYZE it if it never was",
                table->schema, table->name);
            break;
        }
    }
}

/* No profile leaves with the source's values in it. */
static bool redact(struct invocation *invocation, struct profile *profile, struct err *err)
{
    struct redact_rules rules = {.literals = split(invocation->arena, invocation->options.literals)};
    size_t columns = 0, stayed = 0;
    if (!redact_profile(profile, invocation->arena, &rules, err))
        return false;
    for (size_t t = 0; t < profile->table_count; t++)
        for (size_t c = 0; c < profile->tables[t].column_count; c++) {
            columns += profile->tables[t].columns[c].stayed_count > 0;
            stayed += profile->tables[t].columns[c].stayed_count;
        }
    if (stayed > 0 && !invocation->options.audit)
        log_info("profile: %zu value%s of %zu column%s cannot be changed, like 2 between 1 and 3, and leave: "
                 "--audit lists them",
                 stayed, plural(stayed), columns, plural(columns));
    return true;
}

static bool write_profile(struct invocation *invocation, const struct profile *profile, struct err *err)
{
    const struct options *options = &invocation->options;
    struct buf text = {0};
    size_t columns = 0;
    (options->audit ? redact_audit : profile_write)(profile, &text);
    bool good = put(options->out, &text, err);
    buf_free(&text);
    for (size_t i = 0; i < profile->table_count; i++)
        columns += profile->tables[i].column_count;
    if (good && options->out != NULL && !options->audit)
        log_info("%s: %zu table%s, %zu column%s, %zu statement%s", options->out, profile->table_count,
                 plural(profile->table_count), columns, plural(columns), profile->statement_count,
                 plural(profile->statement_count));
    return good;
}

static bool read_profile(struct arena *arena, const char *path, struct profile **profile, struct err *err)
{
    char *text;
    size_t length;
    return file_read(arena, path, &text, &length, err) &&
           profile_read(arena, path, text, length, profile, err);
}

/* As diff(1): 0 the same, 1 different, 2 trouble. */
static int diff(struct invocation *invocation, struct err *err)
{
    const struct text_list *places = &invocation->options.places;
    struct profile *a, *b;
    struct buf lines = {0};
    if (places->count != 3)
        err_set(err, ERR_USAGE, "profile diff wants two profiles: diff A.json B.json");
    else if (read_profile(invocation->arena, places->items[1], &a, err) &&
             read_profile(invocation->arena, places->items[2], &b, err)) {
        size_t differences = profile_diff(a, b, &lines);
        fputs(buf_text(&lines), stdout);
        buf_free(&lines);
        return differences > 0;
    }
    return err_exit_code(ERR_USAGE);
}

int command_profile(struct invocation *invocation, struct err *err)
{
    const struct options *options = &invocation->options;
    struct profile *profile = NULL;
    if (options->places.count > 0 && strcmp(options->places.items[0], "diff") == 0)
        return diff(invocation, err);
    if (options->print_sql && (options->audit || options->literals != NULL)) {
        err_set(err, ERR_USAGE, "--audit and --literals are for what came of --print-sql, not for the SQL");
        return err_exit_code(err->kind);
    }
    if (options->print_sql) {
        print_sql(invocation, err);
        return err_exit_code(err->kind);
    }
    if (read_source(invocation, &profile, err) && profile != NULL) {
        warn_unknown(profile);
        warn_unseen(profile);
        warn_left_out(profile);
        if (redact(invocation, profile, err))
            write_profile(invocation, profile, err);
    }
    return err_exit_code(err->kind);
}
