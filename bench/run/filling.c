#include "bench/run/filling.h"

#include "bench/base/clock.h"
#include "bench/base/log.h"
#include "bench/base/units.h"
#include "bench/run/fidelity.h"
#include "bench/run/interrupt.h"
#include "generators/fill.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { TOLD_ROWS = 100000 }; /* a table of so many has a line of its own when it is loaded */

#define LINE_EVERY_NS (5 * NS_PER_S) /* where stderr shows no status line */

struct teller {
    int64_t line_ns; /* when progress was last told as a line */
};

static void fill_progress(void *context, const struct fill_progress *progress)
{
    struct teller *teller = context;
    char line[256], rows[32], rate[32], bytes[32], eta[32];
    if (strcmp(progress->stage, "index") == 0 && progress->pieces_total > 0)
        snprintf(line, sizeof line, "fill: index, %zu of %zu indexes and constraints are back",
                 progress->pieces_done, progress->pieces_total);
    else if (progress->table == NULL || progress->table[0] == '\0')
        snprintf(line, sizeof line, "fill: %s", progress->stage);
    else
        snprintf(line, sizeof line, "fill: %s %s, %.1f %% of %s rows, %s rows/s, %s/s, eta %s",
                 progress->stage, progress->table,
                 100.0 * (double)progress->table_rows_done / (double)progress->table_rows_total,
                 units_format_short(progress->table_rows_total, rows, sizeof rows),
                 units_format_short((int64_t)progress->rows_per_s, rate, sizeof rate),
                 units_format_bytes((int64_t)progress->bytes_per_s, bytes, sizeof bytes),
                 progress->rows_per_s > 0
                     ? units_format_duration((int64_t)(progress->eta_s * NS_PER_S), eta, sizeof eta)
                     : "not known yet");
    log_status(line);
    if (strcmp(progress->stage, "loaded") == 0 && progress->table_rows_total >= TOLD_ROWS) {
        log_info("%s", line);
        return;
    }
    if (clock_ns() - teller->line_ns < LINE_EVERY_NS)
        return;
    teller->line_ns = clock_ns();
    if (!log_status_is_shown())
        log_info("%s", line);
}

static void record_tables(struct arena *arena, const struct fill_result *result, struct record *record)
{
    for (size_t i = 0; i < result->table_count; i++) {
        const struct fill_table_result *table = &result->tables[i];
        double duration_s = table->duration_ns > 0 ? (double)table->duration_ns / NS_PER_S : NAN;
        *RECORD_ADD(arena, record->data.tables) = (struct record_table){
            table->name,
            table->rows,
            table->source_rows < 0 ? RECORD_NONE : table->source_rows,
            table->bytes,
            table->index_bytes,
            duration_s,
            (double)table->rows / duration_s,
            fidelity_unknown()};
    }
}

static void tell_end(const struct fill_result *result)
{
    int64_t rows = 0;
    size_t filled = 0, held = 0;
    char text[32];
    for (size_t i = 0; i < result->table_count; i++) {
        filled += result->tables[i].filled;
        held += result->tables[i].rows > 0;
        rows += result->tables[i].filled ? result->tables[i].rows : 0;
    }
    if (filled > 0)
        log_info("filled %s rows in %.1f s", units_format_short(rows, text, sizeof text),
                 (double)result->duration_ns / NS_PER_S);
    else if (held > 0)
        log_info("nothing to fill: %zu table%s rows already", held, held == 1 ? " holds" : "s hold");
    else
        log_info("nothing to fill: no table was asked for");
}

bool filling_run(const struct plan *plan, const struct material *material, const struct place *place,
                 const struct rehearsal_options *options, struct arena *arena, struct record *record,
                 struct err *err)
{
    struct teller teller = {0};
    record->data.fidelity = fidelity_unknown();
    struct fill_table_spec *tables = arena_alloc(arena, plan->table_count * sizeof *tables);
    for (size_t i = 0; i < plan->table_count; i++)
        tables[i] = (struct fill_table_spec){plan->tables[i].name, plan->tables[i].rows};
    struct fill_config config = {.target = &place->target,
                                 .run_id = options->run_id,
                                 .unlogged = options->unlogged,
                                 .pin_stats = options->pin_stats,
                                 .expected_identity = place->identity,
                                 .schema_file = material->schema_file,
                                 .schema_text = material->schema_text,
                                 .tables = tables,
                                 .table_count = plan->table_count,
                                 .columns = plan->columns,
                                 .column_count = plan->column_count,
                                 .profile = material->profile,
                                 .scale = plan->scale,
                                 .seed = plan->seed,
                                 .progress = fill_progress,
                                 .interrupted = interrupt_asked,
                                 .context = &teller};
    struct fill_result result;
    if (place->sandbox == NULL)
        interrupt_set_last_words(
            "what the fill had made is still there; the next rehearse fill, or run, of this "
            "plan goes on from what it committed\n");
    bool filled = fill_run(&config, arena, &result, err);
    interrupt_set_last_words(NULL);
    log_status("");
    if (!filled)
        return err_wrap(err, "fill");
    record_tables(arena, &result, record);
    tell_end(&result);
    return material->profile == NULL ||
           fidelity_measure(plan, material->profile, place, !options->only_fills, arena, record, err);
}
