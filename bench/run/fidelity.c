#include "bench/run/fidelity.h"

#include "bench/base/log.h"
#include "bench/run/interrupt.h"
#include "generators/audit.h"
#include "generators/fill.h"

#include <math.h>
#include <string.h>

enum { STATEMENT_TIMEOUT_MS = 60000 };

struct record_fidelity fidelity_unknown(void)
{
    return (struct record_fidelity){(double)NAN, NULL,        (double)NAN, (double)NAN, (double)NAN,
                                    (double)NAN, (double)NAN, (double)NAN, (double)NAN, (double)NAN,
                                    (double)NAN, (double)NAN, (double)NAN};
}

static struct record_fidelity fidelity_of(const struct audit_measures *is, double score, const char *worst)
{
    return (struct record_fidelity){.score_ratio = score,
                                    .worst = worst,
                                    .rows_ratio = is->of[AUDIT_ROWS],
                                    .heap_pages_ratio = is->of[AUDIT_HEAP_PAGES],
                                    .index_pages_ratio = is->of[AUDIT_INDEX_PAGES],
                                    .nulls_distance_ratio = is->of[AUDIT_NULLS],
                                    .width_distance_ratio = is->of[AUDIT_WIDTH],
                                    .mcv_distance_ratio = is->of[AUDIT_MCV],
                                    .histogram_distance_ratio = is->of[AUDIT_HISTOGRAM],
                                    .correlation_distance_ratio = is->of[AUDIT_CORRELATION],
                                    .distinct_error_ratio = is->of[AUDIT_DISTINCT],
                                    .distinct_reported_error_ratio = is->of[AUDIT_REPORTED],
                                    .fanout_distance_ratio = is->of[AUDIT_FANOUT]};
}

/* The record's names are as the plan, or the fill, has them: table, or
 * schema.table. */
static bool is_called(struct arena *arena, const struct audit_table *table, const char *name)
{
    return strcmp(table->name, name) == 0 ||
           strcmp(arena_printf(arena, "%s.%s", table->schema, table->name), name) == 0;
}

static void record_sheet(struct arena *arena, const struct audit_sheet *sheet, struct record *record)
{
    for (size_t t = 0; t < sheet->table_count; t++)
        for (size_t i = 0; i < record->data.tables.count; i++)
            if (is_called(arena, &sheet->tables[t], record->data.tables.items[i].name))
                record->data.tables.items[i].fidelity = fidelity_of(
                    &sheet->tables[t].is, sheet->tables[t].score,
                    sheet->tables[t].worst != NULL ? sheet->tables[t].worst->name : NULL);
    const struct audit_table *table = sheet->worst;
    const char *worst = table == NULL ? NULL
                        : table->worst == NULL
                            ? table->name
                            : arena_printf(arena, "%s.%s", table->name, table->worst->name);
    record->data.fidelity = fidelity_of(&sheet->is, sheet->score, worst);
    log_info("fidelity %.3f%s%s; rehearse audit shows all", sheet->score, worst != NULL ? ", worst: " : "",
             worst != NULL ? worst : "");
}

static bool interrupted(void *context)
{
    (void)context;
    return interrupt_requested();
}

bool fidelity_measure(const struct plan *plan, const struct profile *profile, const struct place *place,
                      struct arena *arena, struct record *record, struct err *err)
{
    struct fill_table_spec *tables = arena_alloc(arena, (plan->table_count + 1) * sizeof *tables);
    for (size_t i = 0; i < plan->table_count; i++)
        tables[i] = (struct fill_table_spec){plan->tables[i].name, plan->tables[i].rows};
    const struct audit_config config = {
        .target = &place->target,
        .source = profile,
        .rows = audit_rows(arena, profile, plan->scale > 0 ? plan->scale : 1, tables, plan->table_count),
        .cheaply = true,
        .statement_timeout_ms = STATEMENT_TIMEOUT_MS,
        .expected_identity = place->identity,
        .interrupted = interrupted};
    struct audit *audit = NULL;
    struct err failed = {0};
    if (audit_run(&config, arena, &audit, &failed) && audit != NULL) {
        record_sheet(arena, audit->copy, record);
        return true;
    }
    if (failed.kind == ERR_INTERRUPTED) {
        *err = failed;
        return false;
    }
    log_warn("how near the data is to its profile could not be measured: %s", failed.message);
    return true;
}
