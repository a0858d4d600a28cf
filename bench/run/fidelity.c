#include "bench/run/fidelity.h"

#include "bench/base/log.h"
#include "bench/run/interrupt.h"
#include "generators/audit_query.h"
#include "generators/fill.h"

#include <math.h>
#include <string.h>

/* Queries have little time: what waits for the run is the run. */
enum { STATEMENT_TIMEOUT_MS = 60000, QUERIES = 40, QUERY_BUDGET_MS = 3000 };

struct record_fidelity fidelity_unknown(void)
{
    const double none = (double)NAN;
    return (struct record_fidelity){.score_ratio = none,
                                    .rows_ratio = none,
                                    .heap_pages_ratio = none,
                                    .index_pages_ratio = none,
                                    .nulls_distance_ratio = none,
                                    .width_distance_ratio = none,
                                    .mcv_distance_ratio = none,
                                    .histogram_distance_ratio = none,
                                    .correlation_distance_ratio = none,
                                    .distinct_error_ratio = none,
                                    .distinct_reported_error_ratio = none,
                                    .fanout_distance_ratio = none,
                                    .queries_count = RECORD_NONE,
                                    .queries_rows_error_median_ratio = none,
                                    .queries_rows_error_p90_ratio = none};
}

static struct record_fidelity fidelity_of(const struct audit_measures *is, double score, const char *worst)
{
    struct record_fidelity fidelity = fidelity_unknown();
    fidelity.score_ratio = score;
    fidelity.worst = worst;
    fidelity.rows_ratio = is->of[AUDIT_ROWS];
    fidelity.heap_pages_ratio = is->of[AUDIT_HEAP_PAGES];
    fidelity.index_pages_ratio = is->of[AUDIT_INDEX_PAGES];
    fidelity.nulls_distance_ratio = is->of[AUDIT_NULLS];
    fidelity.width_distance_ratio = is->of[AUDIT_WIDTH];
    fidelity.mcv_distance_ratio = is->of[AUDIT_MCV];
    fidelity.histogram_distance_ratio = is->of[AUDIT_HISTOGRAM];
    fidelity.correlation_distance_ratio = is->of[AUDIT_CORRELATION];
    fidelity.distinct_error_ratio = is->of[AUDIT_DISTINCT];
    fidelity.distinct_reported_error_ratio = is->of[AUDIT_REPORTED];
    fidelity.fanout_distance_ratio = is->of[AUDIT_FANOUT];
    return fidelity;
}

/* Only those whose rows the profile tells. */
static void record_queries(const struct audit_figures *figures, struct record_fidelity *fidelity)
{
    if (figures->rows_count == 0)
        return;
    fidelity->queries_count = (int64_t)figures->rows_count;
    fidelity->queries_rows_error_median_ratio = figures->rows_median;
    fidelity->queries_rows_error_p90_ratio = figures->rows_p90;
}

/* The record's names are as the plan, or the fill, has them: table, or
 * schema.table. */
static bool is_called(struct arena *arena, const struct audit_table *table, const char *name)
{
    return strcmp(table->name, name) == 0 ||
           strcmp(arena_printf(arena, "%s.%s", table->schema, table->name), name) == 0;
}

static struct record_fidelity fidelity_of_table(struct arena *arena, const struct audit *audit,
                                                const struct audit_table *table)
{
    struct record_fidelity fidelity = fidelity_of(&table->is, table->score,
                                                  table->worst != NULL ? table->worst->name : NULL);
    if (audit->queries != NULL) {
        struct audit_figures figures = audit_figures(arena, audit->queries->asked, audit->queries->count, -1,
                                                     table);
        record_queries(&figures, &fidelity);
    }
    return fidelity;
}

static void record_audit(struct arena *arena, const struct audit *audit, struct record *record)
{
    const struct audit_sheet *sheet = audit->copy;
    for (size_t t = 0; t < sheet->table_count; t++)
        for (size_t i = 0; i < record->data.tables.count; i++)
            if (is_called(arena, &sheet->tables[t], record->data.tables.items[i].name))
                record->data.tables.items[i].fidelity = fidelity_of_table(arena, audit, &sheet->tables[t]);
    const struct audit_table *table = sheet->worst;
    const char *worst = table == NULL ? NULL
                        : table->worst == NULL
                            ? table->name
                            : arena_printf(arena, "%s.%s", table->name, table->worst->name);
    record->data.fidelity = fidelity_of(&sheet->is, sheet->score, worst);
    if (audit->queries != NULL)
        record_queries(&audit->queries->all, &record->data.fidelity);
    if (isnan(sheet->score))
        log_info("fidelity not known: the server has no statistics of what was filled");
    else
        log_info("fidelity %.3f%s%s; rehearse audit shows all", sheet->score,
                 worst != NULL ? ", worst: " : "", worst != NULL ? worst : "");
}

bool fidelity_measure(const struct plan *plan, const struct profile *profile, const struct place *place,
                      bool with_queries, struct arena *arena, struct record *record, struct err *err)
{
    struct fill_table_spec *tables = arena_alloc(arena, (plan->table_count + 1) * sizeof *tables);
    for (size_t i = 0; i < plan->table_count; i++)
        tables[i] = (struct fill_table_spec){plan->tables[i].name, plan->tables[i].rows};
    const struct audit_config config = {
        .target = &place->target,
        .source = profile,
        .rows = audit_rows(arena, profile, plan->scale > 0 ? plan->scale : 1, tables, plan->table_count),
        .cheaply = true,
        .given = {plan->columns, plan->column_count},
        .queries = with_queries ? QUERIES : 0,
        .seed = plan->seed,
        .query_budget_ms = QUERY_BUDGET_MS,
        .statement_timeout_ms = STATEMENT_TIMEOUT_MS,
        .expected_identity = place->identity,
        .interrupted = interrupt_asked};
    struct audit *audit = NULL;
    struct err failed = {0};
    if (audit_run(&config, arena, &audit, &failed) && audit != NULL) {
        record_audit(arena, audit, record);
        return true;
    }
    if (failed.kind == ERR_INTERRUPTED) {
        *err = failed;
        return false;
    }
    log_warn("how near the data is to its profile could not be measured: %s", failed.message);
    return true;
}
