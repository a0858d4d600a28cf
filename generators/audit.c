#include "generators/audit_parts.h"

#include "bench/db/dialect.h"
#include "generators/audit_side.h"
#include "generators/scan.h"

#include <math.h>
#include <string.h>

enum { CHEAP_ROWS = 1000000 };

struct auditing {
    const struct audit_config *config;
    struct arena *arena;
    struct db *db;                       /* counts, sorts, analyses */
    struct profile *copy, *again, *live; /* live: the source as it is now */
    struct audit_queries *queries;
    struct audit_orders orders;
    struct err *err;
};

static bool scan(struct auditing *self, bool counts, struct profile **profile)
{
    const struct audit_config *config = self->config;
    const struct scan_config scanning = {.target = config->target,
                                         .counts = counts,
                                         .statement_timeout_ms = config->statement_timeout_ms,
                                         .progress = config->progress,
                                         .session = config->session,
                                         .interrupted = config->interrupted,
                                         .context = config->context};
    return scan_run(&scanning, self->arena, profile, self->err) || err_wrap(self->err, "the copy");
}

static void tell(struct auditing *self, const char *table, const char *what)
{
    if (self->config->progress != NULL)
        self->config->progress(self->config->context, table, what);
}

static bool analyze(struct auditing *self)
{
    for (size_t t = 0; t < self->copy->table_count; t++) {
        const struct profile_table *table = &self->copy->tables[t];
        if (!audit_counts_as_table(table) || audit_find(self->config->source, table) == NULL)
            continue;
        const char *quoted = sql_quote(self->arena, db_lexis(self->db), table->schema, table->name);
        tell(self, quoted, "is analysed once more");
        if (self->config->interrupted != NULL && self->config->interrupted(self->config->context))
            return err_set(self->err, ERR_INTERRUPTED, "interrupted");
        if (!db_command(self->db, dialect_sql(self->arena, self->db, DIALECT_BULK_FINISH, quoted), self->err))
            return err_wrap(self->err, "noise");
    }
    return true;
}

/* The rows are the same: what was counted stays. */
static void keep_counted(const struct profile *copy, struct profile *again)
{
    for (size_t t = 0; t < again->table_count; t++) {
        const struct profile_table *table = audit_find(copy, &again->tables[t]);
        for (size_t c = 0; table != NULL && c < again->tables[t].column_count; c++) {
            struct profile_column *column = &again->tables[t].columns[c];
            const struct profile_column *counted = audit_find_column(table, column->name);
            if (counted == NULL || counted->distinct_by == NULL ||
                strcmp(counted->distinct_by, "counted") != 0)
                continue;
            column->distinct = counted->distinct;
            column->distinct_by = counted->distinct_by;
        }
    }
}

static const struct audit_sheet *compare(struct auditing *self, const struct profile *source,
                                         const struct profile *copy, const double *rows,
                                         const struct audit_sheet *noise)
{
    const struct audit_pair pair = {.source = source,
                                    .copy = copy,
                                    .rows = rows,
                                    .order = audit_order,
                                    .context = &self->orders,
                                    .given = self->config->given};
    return audit_sheet(self->arena, &pair, noise);
}

/* A server that reports true numbers, and no order, is not misunderstood by who takes it literally. */
static bool is_ideal(const struct audit_sheet *sheet)
{
    for (enum audit_metric m = 0; m < AUDIT_METRICS; m++)
        if (fabs(sheet->is.of[m] - audit_limits[m].ideal) > 1e-3)
            return false;
    return true;
}

/* What was spoiled is not measured here. */
static bool is_alike(const struct audit_sheet *a, const struct audit_sheet *b)
{
    for (enum audit_metric m = 0; m < AUDIT_METRICS; m++)
        if (a->is.of[m] != b->is.of[m] && !(isnan(a->is.of[m]) && isnan(b->is.of[m])))
            return false;
    return true;
}

static struct audit *judge(struct auditing *self)
{
    const struct audit_config *config = self->config;
    struct audit *audit = arena_alloc(self->arena, sizeof *audit);
    audit->source = config->source;
    const struct audit_sheet *noise = self->again != NULL ? compare(self, self->copy, self->again, NULL, NULL)
                                                          : NULL;
    audit->analysed_again = noise != NULL;
    audit->copy = compare(self, config->source, self->copy, config->rows, noise);
    audit->naive = compare(self, config->source, audit_naive(self->arena, config->source), NULL, noise);
    if (is_ideal(audit->naive))
        audit->naive = NULL;
    for (enum audit_sabotage s = 0; s < AUDIT_SABOTAGES; s++) {
        audit->spoiled[s] = compare(self, config->source, audit_spoil(self->arena, self->copy, s),
                                    config->rows, noise);
        if (is_alike(audit->spoiled[s], audit->copy))
            audit->spoiled[s] = NULL;
    }
    audit->queries = self->queries;
    audit->passed = audit_passes(audit->copy) && (self->queries == NULL || audit_queries_pass(self->queries));
    return audit;
}

/* A profile with counts asks for the copy's, which takes reading all of it. */
static bool wants_counts(const struct audit_config *config)
{
    double rows = 0;
    for (size_t t = 0; t < config->source->table_count; t++) {
        double wanted = config->rows != NULL ? config->rows[t] : config->source->tables[t].rows;
        rows += audit_counts_as_table(&config->source->tables[t]) ? fmax(wanted, 0) : 0;
    }
    return config->counts || (config->source->level > 0 && (!config->cheaply || rows <= CHEAP_ROWS));
}

/* Statistics with their literals, which stay in memory: parameters are drawn from them. */
static bool scan_source(struct auditing *self)
{
    const struct audit_config *config = self->config;
    const struct profile *source = config->source;
    const char **names = arena_alloc(self->arena, (source->table_count + 1) * sizeof *names);
    for (size_t t = 0; t < source->table_count; t++)
        names[t] = arena_printf(self->arena, "%s.%s", source->tables[t].schema, source->tables[t].name);
    const struct scan_config scanning = {.target = config->source_target,
                                         .tables = names,
                                         .statement_timeout_ms = config->statement_timeout_ms,
                                         .progress = config->progress,
                                         .session = config->session,
                                         .interrupted = config->interrupted,
                                         .context = config->context};
    return scan_run(&scanning, self->arena, &self->live, self->err) || err_wrap(self->err, "the source");
}

static bool ask(struct auditing *self)
{
    const struct audit_config *config = self->config;
    if (config->queries + config->statement_count == 0)
        return true;
    if (config->source_target != NULL && !scan_source(self))
        return false;
    return audit_ask(config, self->arena, self->copy, self->live, &self->queries, self->err);
}

static bool look(struct auditing *self)
{
    const struct audit_config *config = self->config;
    if (!scan(self, wants_counts(config), &self->copy) ||
        !audit_count(self->db, config, self->arena, self->copy, self->err) || !ask(self))
        return false;
    if (!config->noise)
        return true;
    if (!analyze(self) || !scan(self, false, &self->again))
        return false;
    keep_counted(self->copy, self->again);
    return true;
}

bool audit_run(const struct audit_config *config, struct arena *arena, struct audit **audit, struct err *err)
{
    const struct db_options options = {.application_name = "rehearse/audit",
                                       .expected_identity = config->expected_identity};
    struct auditing self = {
        .config = config, .arena = arena, .db = db_open(config->target, &options, err), .err = err};
    if (self.db == NULL)
        return false;
    self.orders = (struct audit_orders){.db = self.db, .arena = arena};
    bool seen = look(&self);
    if (seen)
        *audit = judge(&self);
    db_close(self.db);
    return seen;
}
