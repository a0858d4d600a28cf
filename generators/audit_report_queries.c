#include "generators/audit_side.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { NAME_WIDTH = 26, MOST_TOLD = 12 };
static const double worth_telling = 1.7; /* times as many rows, or as few */

static void put_number(struct buf *out, double number)
{
    char text[32] = "-";
    if (!isnan(number))
        snprintf(text, sizeof text, "%.3f", number);
    buf_printf(out, " %9s", text);
}

static void put_figures(struct buf *out, const char *name, const struct audit_figures *is)
{
    char plans[32] = "-";
    if (is->plan_count > 0)
        snprintf(plans, sizeof plans, "%.0f of %zu", is->same_plan_ratio * (double)is->plan_count,
                 is->plan_count);
    buf_printf(out, "%-*s %7zu", NAME_WIDTH, name, is->count);
    put_number(out, is->rows_median);
    put_number(out, is->rows_p90);
    put_number(out, is->touched_median);
    put_number(out, is->touched_p90);
    buf_printf(out, " %11s\n", plans);
}

static bool is_off(const struct audit_asked *asked)
{
    return asked->copy.failed || asked->source.failed || asked->rows_q > worth_telling ||
           asked->same_plan == 0;
}

static void put_rows(struct buf *out, double rows)
{
    if (isnan(rows))
        buf_puts(out, "?");
    else
        buf_printf(out, "%.0f", rows);
}

static void put_off(struct buf *out, const struct audit_asked *asked)
{
    buf_printf(out, "  %s: ", asked->name);
    if (asked->source.failed || asked->copy.failed) {
        buf_printf(out, "%s did not answer it\n", asked->source.failed ? "the source" : "the copy");
        return;
    }
    put_rows(out, asked->source.rows);
    buf_puts(out, " rows -> ");
    put_rows(out, asked->copy.rows);
    if (asked->same_plan == 0)
        buf_printf(out, "; plan %s -> %s", asked->source.plan, asked->copy.plan);
    buf_putc(out, '\n');
}

void audit_queries_text(const struct audit_queries *queries, struct buf *out)
{
    size_t told = 0;
    if (queries == NULL)
        return;
    buf_printf(out, "\n%-*s %7s %9s %9s %9s %9s %11s\n", NAME_WIDTH,
               queries->beside_source ? "queries, beside the source" : "queries, by the profile", "asked",
               "rows q", "p90", "touched q", "p90", "same plan");
    for (int kind = 0; kind < AUDIT_KINDS; kind++)
        if (queries->of[kind].count > 0)
            put_figures(out, audit_kinds[kind], &queries->of[kind]);
    put_figures(out, "all", &queries->all);
    if (queries->beside_source)
        buf_printf(out, "%-*s %7s %9.3f %9.3f %9s %9s %10.0f%%\n", NAME_WIDTH, "limit", "",
                   audit_most_rows_median, audit_most_rows_p90, "-", "-", 100 * audit_least_same_plans);
    if (queries->skipped > 0)
        buf_printf(out, "%zu more were not asked: there was no time left\n", queries->skipped);
    for (size_t i = 0; i < queries->count; i++)
        if (is_off(&queries->asked[i]) && told++ < MOST_TOLD)
            put_off(out, &queries->asked[i]);
    if (told > MOST_TOLD)
        buf_printf(out, "  and %zu more; --json lists all\n", told - MOST_TOLD);
}

/* ---- JSON ---- */

static void put_member(struct json_writer *w, const char *key, double number)
{
    json_key(w, key);
    json_write_double(w, number);
}

static void put_count(struct json_writer *w, const char *key, size_t count)
{
    json_key(w, key);
    json_write_int(w, (int64_t)count);
}

static void put_figures_json(struct json_writer *w, const char *key, const struct audit_figures *is)
{
    json_key(w, key);
    json_begin_object(w);
    put_count(w, "count", is->count);
    put_count(w, "rows_count", is->rows_count);
    put_member(w, "rows_q_median", is->rows_median);
    put_member(w, "rows_q_p90", is->rows_p90);
    put_count(w, "touched_count", is->touched_count);
    put_member(w, "touched_q_median", is->touched_median);
    put_member(w, "touched_q_p90", is->touched_p90);
    put_count(w, "plans_count", is->plan_count);
    put_member(w, "same_plan_ratio", is->same_plan_ratio);
    json_end_object(w);
}

static void put_text(struct json_writer *w, const char *key, const char *text)
{
    json_key(w, key);
    json_write_string(w, text);
}

static void put_asked(struct json_writer *w, const struct audit_asked *asked)
{
    json_begin_object(w);
    put_text(w, "kind", audit_kinds[asked->kind]);
    put_text(w, "name", asked->name);
    put_text(w, "table", asked->table);
    put_member(w, "source_rows", asked->source.rows);
    put_member(w, "copy_rows", asked->copy.rows);
    put_member(w, "rows_q", asked->rows_q);
    put_member(w, "source_touched", asked->source.touched);
    put_member(w, "copy_touched", asked->copy.touched);
    put_member(w, "touched_q", asked->touched_q);
    json_key(w, "same_plan");
    if (asked->same_plan < 0)
        json_write_null(w);
    else
        json_write_bool(w, asked->same_plan == 1);
    put_text(w, "source_plan", asked->source.plan);
    put_text(w, "copy_plan", asked->copy.plan);
    json_key(w, "failed");
    json_write_bool(w, asked->source.failed || asked->copy.failed);
    json_end_object(w);
}

void audit_queries_json(const struct audit_queries *queries, struct json_writer *w)
{
    json_key(w, "queries");
    if (queries == NULL) {
        json_write_null(w);
        return;
    }
    json_begin_object(w);
    put_text(w, "compared_with", queries->beside_source ? "source" : "profile");
    put_count(w, "skipped", queries->skipped);
    put_figures_json(w, "all", &queries->all);
    for (int kind = 0; kind < AUDIT_KINDS; kind++)
        put_figures_json(w, audit_kinds[kind], &queries->of[kind]);
    json_key(w, "list");
    json_begin_array(w);
    for (size_t i = 0; i < queries->count; i++)
        put_asked(w, &queries->asked[i]);
    json_end_array(w);
    json_end_object(w);
}
