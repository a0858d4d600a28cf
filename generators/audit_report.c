#include "bench/base/json.h"
#include "generators/audit_side.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { NAME_WIDTH = 26, CELL_WIDTH = 9 };

/* ---- text ---- */

static void cell(struct buf *out, enum audit_metric metric, double measure, const char *mark)
{
    char text[32] = "-";
    if (!isnan(measure))
        snprintf(text, sizeof text, audit_limits[metric].ideal > 0 ? "%.3f%s" : "%.4f%s", measure, mark);
    buf_printf(out, " %*s", CELL_WIDTH, text);
}

static void row(const char *name, const struct audit_measures *is, double score, const char *rest,
                struct buf *out)
{
    buf_printf(out, "%-*s", NAME_WIDTH, name);
    for (enum audit_metric m = 0; m < AUDIT_METRICS; m++)
        cell(out, m, is->of[m], audit_excess(m, is->of[m], is->noise[m]) > 1 ? "!" : " ");
    char text[16] = "-";
    if (!isnan(score))
        snprintf(text, sizeof text, "%.3f", score);
    buf_printf(out, " %6s%s%s\n", text, rest[0] != '\0' ? "  " : "", rest);
}

static void head(struct buf *out)
{
    buf_printf(out, "%-*s", NAME_WIDTH, "");
    for (enum audit_metric m = 0; m < AUDIT_METRICS; m++)
        buf_printf(out, " %*s ", CELL_WIDTH - 1, audit_limits[m].title);
    buf_printf(out, " %6s  %s\n", "score", "worst");
}

static void limits(struct buf *out)
{
    buf_printf(out, "%-*s", NAME_WIDTH, "limit");
    for (enum audit_metric m = 0; m < AUDIT_METRICS; m++) {
        const struct audit_limit *limit = &audit_limits[m];
        char text[32] = "-";
        if (isfinite(limit->high) && limit->low < limit->ideal)
            snprintf(text, sizeof text, "%.2f..%.2f", limit->low, limit->high);
        else if (isfinite(limit->high))
            snprintf(text, sizeof text, "%.3f ", limit->high);
        buf_printf(out, " %*s", CELL_WIDTH, text);
    }
    buf_putc(out, '\n');
}

/* "customer_id (distinct)": of a column the measure that is furthest off. */
static void put_worst(const struct audit_column *column, struct buf *out)
{
    enum audit_metric worst = 0;
    double most = 1;
    if (column->missing) {
        buf_printf(out, "%s (missing)", column->name);
        return;
    }
    for (enum audit_metric m = 0; m < AUDIT_METRICS; m++) {
        double excess = audit_excess(m, column->is.of[m], column->is.noise[m]);
        if (excess > most) {
            most = excess;
            worst = m;
        }
    }
    buf_printf(out, "%s (%s)", column->name, audit_limits[worst].title);
}

/* "by the plan: region, kind". */
static void put_given(const struct audit_table *table, struct buf *out)
{
    bool first = true;
    for (size_t c = 0; c < table->column_count; c++) {
        if (!table->columns[c].given)
            continue;
        buf_printf(out, "%s%s",
                   !first            ? ", "
                   : out->length > 0 ? "; by the plan: "
                                     : "by the plan: ",
                   table->columns[c].name);
        first = false;
    }
}

static void put_table(const struct audit_table *table, struct buf *out)
{
    struct buf name = {0}, rest = {0};
    buf_printf(&name, "%s.%s", table->schema, table->name);
    if (table->missing)
        buf_puts(&rest, "the copy has no such table");
    else if (table->unknown)
        buf_puts(&rest, "never analysed");
    else if (table->worst != NULL)
        put_worst(table->worst, &rest);
    if (table->bloated)
        buf_printf(&rest, "%spages of the source are not fresh", rest.length > 0 ? "; " : "");
    put_given(table, &rest);
    row(buf_text(&name), &table->is, table->score, buf_text(&rest), out);
    buf_free(&name);
    buf_free(&rest);
}

static void verdict(const struct audit *audit, struct buf *out)
{
    const struct audit_sheet *sheet = audit->copy;
    if (isnan(sheet->score)) {
        buf_puts(out, "\nfidelity not known: the copy has no statistics (ANALYZE makes them)\n");
        return;
    }
    buf_printf(out, "\nfidelity %.3f, %s", sheet->score,
               audit->passed ? "within the limits" : "beyond the limits");
    if (sheet->worst != NULL) {
        buf_printf(out, "; worst: %s.%s", sheet->worst->schema, sheet->worst->name);
        if (sheet->worst->worst != NULL) {
            buf_putc(out, '.');
            put_worst(sheet->worst->worst, out);
        }
    }
    buf_putc(out, '\n');
}

/* As if it were a copy: the ideal, and as far from it as chance goes. */
static struct audit_measures audit_noise_measures(const struct audit *audit)
{
    struct audit_measures is;
    for (enum audit_metric m = 0; m < AUDIT_METRICS; m++) {
        is.noise[m] = (double)NAN;
        is.of[m] = audit_limits[m].ideal + audit->copy->is.noise[m];
    }
    return is;
}

void audit_text(const struct audit *audit, struct buf *out)
{
    head(out);
    for (size_t t = 0; t < audit->copy->table_count; t++)
        put_table(&audit->copy->tables[t], out);
    row("database", &audit->copy->is, audit->copy->score, "", out);
    limits(out);
    struct audit_measures noise = audit_noise_measures(audit);
    row("noise", &noise, NAN,
        audit->analysed_again ? "analysed again, against itself"
                              : "samples of these sizes, of rows that are alike",
        out);
    if (audit->naive != NULL)
        row("naive", &audit->naive->is, audit->naive->score, "the report taken literally", out);
    static const char *const what[AUDIT_SABOTAGES] = {"the copy in no order", "half as many different values",
                                                      "a quarter of the common rows moved"};
    for (enum audit_sabotage s = 0; s < AUDIT_SABOTAGES; s++)
        if (audit->spoiled[s] != NULL)
            row(audit_sabotages[s], &audit->spoiled[s]->is, audit->spoiled[s]->score, what[s], out);
    audit_queries_text(audit->queries, out);
    verdict(audit, out);
}

/* ---- JSON ---- */

static void put_measures(struct json_writer *w, const struct audit_measures *is)
{
    json_key(w, "measures");
    json_begin_object(w);
    for (enum audit_metric m = 0; m < AUDIT_METRICS; m++) {
        json_key(w, audit_limits[m].name);
        json_write_double(w, is->of[m]);
    }
    json_end_object(w);
}

static void put_score(struct json_writer *w, double score)
{
    json_key(w, "score");
    json_write_double(w, score);
}

static void put_text(struct json_writer *w, const char *key, const char *text)
{
    json_key(w, key);
    json_write_string(w, text);
}

static void put_flag(struct json_writer *w, const char *key, bool flag)
{
    json_key(w, key);
    json_write_bool(w, flag);
}

static void put_columns(struct json_writer *w, const struct audit_table *table)
{
    json_key(w, "columns");
    json_begin_array(w);
    for (size_t c = 0; c < table->column_count; c++) {
        json_begin_object(w);
        put_text(w, "name", table->columns[c].name);
        put_flag(w, "missing", table->columns[c].missing);
        put_flag(w, "given", table->columns[c].given);
        put_score(w, table->columns[c].score);
        put_measures(w, &table->columns[c].is);
        json_end_object(w);
    }
    json_end_array(w);
}

static void put_tables(struct json_writer *w, const struct audit_sheet *sheet)
{
    json_key(w, "tables");
    json_begin_array(w);
    for (size_t t = 0; t < sheet->table_count; t++) {
        const struct audit_table *table = &sheet->tables[t];
        json_begin_object(w);
        put_text(w, "schema", table->schema);
        put_text(w, "name", table->name);
        put_flag(w, "missing", table->missing);
        put_flag(w, "analyzed", !table->missing && !table->unknown);
        put_flag(w, "source_bloated", table->bloated);
        put_score(w, table->score);
        put_text(w, "worst_column", table->worst != NULL ? table->worst->name : NULL);
        put_measures(w, &table->is);
        put_columns(w, table);
        json_end_object(w);
    }
    json_end_array(w);
}

static void put_sheet(struct json_writer *w, const char *key, const struct audit_sheet *sheet)
{
    json_key(w, key);
    if (sheet == NULL) {
        json_write_null(w);
        return;
    }
    json_begin_object(w);
    put_score(w, sheet->score);
    put_measures(w, &sheet->is);
    json_end_object(w);
}

static void put_limits(struct json_writer *w)
{
    json_key(w, "limits");
    json_begin_object(w);
    for (enum audit_metric m = 0; m < AUDIT_METRICS; m++) {
        json_key(w, audit_limits[m].name);
        json_begin_array(w);
        json_write_double(w, audit_limits[m].low);
        json_write_double(w, isfinite(audit_limits[m].high) ? audit_limits[m].high : (double)NAN);
        json_end_array(w);
    }
    json_end_object(w);
}

void audit_json(const struct audit *audit, struct buf *out)
{
    const struct audit_sheet *sheet = audit->copy;
    struct json_writer w = json_writer(out);
    json_begin_object(&w);
    put_score(&w, sheet->score);
    put_flag(&w, "passed", audit->passed);
    put_text(&w, "worst_table", sheet->worst != NULL ? sheet->worst->name : NULL);
    put_text(&w, "worst_column",
             sheet->worst != NULL && sheet->worst->worst != NULL ? sheet->worst->worst->name : NULL);
    put_measures(&w, &sheet->is);
    put_limits(&w);
    struct audit_measures noise = audit_noise_measures(audit);
    json_key(&w, "noise");
    json_begin_object(&w);
    put_text(&w, "by", audit->analysed_again ? "analysed again" : "sample sizes");
    put_measures(&w, &noise);
    json_end_object(&w);
    put_sheet(&w, "naive", audit->naive);
    for (enum audit_sabotage s = 0; s < AUDIT_SABOTAGES; s++)
        put_sheet(&w, audit_sabotages[s], audit->spoiled[s]);
    put_tables(&w, sheet);
    audit_queries_json(audit->queries, &w);
    json_end_object(&w);
    buf_putc(out, '\n');
}
