/* rehearse audit: how near a filled copy is to the profile that it was made from. Reads only, but for --noise. */
#include "bench/cli/rehearse.h"

#include "bench/base/file.h"
#include "bench/base/log.h"
#include "bench/base/units.h"
#include "bench/run/guard.h"
#include "bench/run/interrupt.h"
#include "bench/run/material.h"
#include "bench/run/selects.h"
#include "bench/run/surroundings.h"
#include "bench/sandbox/sandbox.h"
#include "generators/audit.h"
#include "generators/fill.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATEMENT_TIMEOUT_NS (60 * NS_PER_S)
enum { QUERIES = 60 };

struct wanted {
    const char *dsn, *profile;
    double scale;
    const struct plan *plan; /* NULL: the flags say all */
};

static void progress(void *context, const char *table, const char *what)
{
    (void)context;
    if (table != NULL)
        log_info("audit: %s: %s", table, what);
    else
        log_debug("audit: %s", what);
}

static bool read_plan(struct invocation *invocation, struct wanted *wanted, struct err *err)
{
    struct plan *plan;
    if (!rehearse_plan(invocation, &plan, err))
        return false;
    if (plan->production)
        return err_set(err, ERR_ENVIRONMENT, "the plan says that its target is production (target.role)") ||
               err_hint(err, "name the copy with --dsn and its profile with --profile");
    wanted->plan = plan;
    wanted->scale = plan->scale;
    if (wanted->dsn == NULL)
        wanted->dsn = plan->dsn;
    if (wanted->profile == NULL && plan->profile != NULL)
        wanted->profile = file_join(invocation->arena, plan->directory, plan->profile);
    return true;
}

static bool read_scale(const char *text, double *scale, struct err *err)
{
    char *end;
    if (text == NULL)
        return true;
    *scale = strtod(text, &end);
    return (end != text && *end == '\0' && *scale > 0 && *scale <= 1e6) ||
           err_set(err, ERR_USAGE, "--scale wants a number above 0, not \"%s\"", text);
}

static bool read_wanted(struct invocation *invocation, struct wanted *wanted, struct err *err)
{
    const struct options *options = &invocation->options;
    *wanted = (struct wanted){.dsn = options->dsn, .profile = options->profile, .scale = 1};
    bool planless = options->dsn != NULL && options->profile != NULL && options->places.count == 0;
    if (!planless && !read_plan(invocation, wanted, err))
        return false;
    if (wanted->dsn == NULL)
        return err_set(err, ERR_USAGE, "audit wants the copy: --dsn DSN");
    if (wanted->profile == NULL)
        return err_set(
            err, ERR_USAGE,
            "audit wants what the copy was made from: --profile FILE, or a plan with data.profile");
    if (sandbox_is_dsn(wanted->dsn))
        return err_set(err, ERR_USAGE, "a sandbox goes when its command ends: there is no copy to audit");
    return read_scale(options->scale, &wanted->scale, err);
}

/* As fill takes them. */
static const double *rows_of(struct arena *arena, const struct wanted *wanted, const struct profile *profile)
{
    size_t count = wanted->plan == NULL ? 0 : wanted->plan->table_count;
    struct fill_table_spec *tables = arena_alloc(arena, (count + 1) * sizeof *tables);
    for (size_t i = 0; i < count; i++)
        tables[i] = (struct fill_table_spec){wanted->plan->tables[i].name, wanted->plan->tables[i].rows};
    return audit_rows(arena, profile, wanted->scale, tables, count);
}

static bool read_profile(struct arena *arena, const char *path, struct profile **profile, struct err *err)
{
    char *text;
    size_t length;
    return file_read(arena, path, &text, &length, err) &&
           profile_read(arena, path, text, length, profile, err);
}

static bool read_timeout(const char *text, int64_t *timeout_ms, struct err *err)
{
    const char *why = "";
    int64_t timeout_ns = STATEMENT_TIMEOUT_NS;
    if (text != NULL && (!units_duration_ns(text, &timeout_ns, &why) || timeout_ns < NS_PER_MS))
        return err_set(err, ERR_USAGE, "--statement-timeout \"%s\": not a duration above 0 (%s)", text, why);
    *timeout_ms = timeout_ns / NS_PER_MS;
    return true;
}

/* The plan's scripts, with what they would know of the copy. */
static bool read_statements(struct invocation *invocation, const struct plan *plan,
                            struct audit_config *config, struct err *err)
{
    static const struct rehearsal_options fills = {.allow_exec = true, .only_fills = true};
    struct arena *arena = invocation->arena;
    struct material material;
    struct pool_variable *variables;
    struct audit_statement *statements;
    size_t count;
    if (plan == NULL || plan->app_count == 0 || config->queries == 0)
        return true;
    if (!material_read(plan, &fills, db_target_lexis(config->target), arena, &material, err))
        return false;
    struct db *db = db_open(config->target, &(struct db_options){.application_name = "rehearse/audit"}, err);
    if (db == NULL)
        return false;
    bool known = surroundings_variables(db, arena, NULL, 0, &variables, &count, err);
    db_close(db);
    if (!known)
        return false;
    config->statement_count = selects_make(arena, &material.workload, variables, count, plan->seed,
                                           &statements);
    config->statements = statements;
    return true;
}

static bool read_queries(struct invocation *invocation, const struct wanted *wanted, struct db_target *source,
                         struct audit_config *config, struct err *err)
{
    const struct options *options = &invocation->options;
    config->queries = options->queries < 0 ? QUERIES : (size_t)options->queries;
    config->seed = options->seed >= 0     ? (uint64_t)options->seed
                   : wanted->plan != NULL ? wanted->plan->seed
                                          : 1;
    if (config->queries > 10000)
        return err_set(err, ERR_USAGE, "--queries wants at most 10000");
    if (wanted->plan != NULL)
        config->given = (struct audit_given){wanted->plan->columns, wanted->plan->column_count};
    if (options->source != NULL) {
        if (sandbox_is_dsn(options->source))
            return err_set(err, ERR_USAGE, "--source: a sandbox is no source");
        if (!db_target_parse(invocation->arena, options->source, source, err))
            return err_wrap(err, "--source");
        config->source_target = source;
    }
    return read_statements(invocation, wanted->plan, config, err);
}

static bool run(struct invocation *invocation, struct audit **audit, struct err *err)
{
    const struct options *options = &invocation->options;
    struct wanted wanted;
    struct profile *profile;
    struct db_target target, source;
    struct audit_config config = {.target = &target,
                                  .counts = options->counts,
                                  .noise = options->noise,
                                  .progress = progress,
                                  .session = interrupt_cancels,
                                  .interrupted = interrupt_asked};
    if (!read_wanted(invocation, &wanted, err) ||
        !read_timeout(options->statement_timeout, &config.statement_timeout_ms, err) ||
        !read_profile(invocation->arena, wanted.profile, &profile, err) ||
        !db_target_parse(invocation->arena, wanted.dsn, &target, err) ||
        !read_queries(invocation, &wanted, &source, &config, err))
        return false;
    if (options->noise &&
        !guard_check(&target, options->arm, invocation->arena, &config.expected_identity, err))
        return err_wrap(err, "--noise runs ANALYZE");
    config.source = profile;
    config.rows = rows_of(invocation->arena, &wanted, profile);
    return audit_run(&config, invocation->arena, audit, err);
}

int command_audit(struct invocation *invocation, struct err *err)
{
    struct audit *audit = NULL;
    struct buf text = {0};
    if (!run(invocation, &audit, err) || audit == NULL)
        return err_exit_code(err->kind);
    (invocation->options.json ? audit_json : audit_text)(audit, &text);
    fwrite(buf_text(&text), 1, text.length, stdout);
    buf_free(&text);
    return audit->passed ? 0 : 1;
}
