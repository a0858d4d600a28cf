#include "reports/markdown.h"

#include "reports/render.h"
#include "reports/view.h"
#include "reports/words.h"

#include <math.h>
#include <string.h>

enum {
    MARKDOWN_MAX_BYTES = 59000, /* PRODUCT: under 60,000 characters; a character is a byte or more */
    LINES_SHOWN = 12,           /* of each list of warnings */
    HEAD_MAX_BYTES = 30000,     /* verdict and tables; the rest is left to the folded details */
};

static void put_cell(struct buf *out, const char *text)
{
    buf_puts(out, " ");
    markdown_text(out, text);
    buf_puts(out, " |");
}

static void put_title(struct buf *out, const struct record *record)
{
    buf_puts(out, "<!-- rehearse:");
    markdown_comment(out, record->run.name);
    buf_printf(out, " -->\n## %s %s: ", words_symbol(record->verdict.state),
               words_verdict(record->verdict.state));
    markdown_text(out, record->run.title != NULL ? record->run.title : record->run.name);
    buf_puts(out, "\n\n");
    markdown_text(out, record->verdict.sentence);
    buf_puts(out, "\n");
}

static void put_lines(struct buf *out, const char *before, const char *name, const record_strings *list)
{
    for (size_t i = 0; i < list->count && i < LINES_SHOWN; i++) {
        buf_printf(out, "- ! %s", before);
        if (name != NULL) {
            markdown_code(out, name, false);
            buf_puts(out, ": ");
        }
        markdown_text(out, list->items[i]);
        buf_puts(out, "\n");
    }
    if (list->count > LINES_SHOWN)
        buf_printf(out, "- %zu more in the record\n", list->count - LINES_SHOWN);
}

static void put_warnings(struct buf *out, const struct record *record, const struct record_strategy *decisive)
{
    buf_puts(out, "\n");
    put_lines(out, "", NULL, &record->validity.reasons);
    if (decisive != NULL)
        put_lines(out, "", NULL, &decisive->notes);
    for (size_t i = 0; i < record->strategies.count; i++)
        put_lines(out, "left behind by ", record->strategies.items[i].name,
                  &record->strategies.items[i].leftovers);
}

static void put_threshold(struct buf *out, const struct record_threshold *threshold)
{
    char figure[WORDS_SIZE], clock[WORDS_SIZE], selector[2 * WORDS_SIZE];
    buf_printf(out, "| %s | ", words_symbol(threshold->state));
    markdown_text(out, words_title(threshold));
    if (words_selector(threshold, selector, sizeof selector)[0] != '\0') {
        buf_puts(out, " ");
        markdown_code(out, selector, true);
    }
    buf_puts(out, " |");
    buf_puts(out, view_is(threshold->level, "warn") ? " warn" : "");
    put_cell(out, threshold->limit);
    put_cell(out,
             isnan(threshold->measured) ? "not measured" : words_measured(threshold, figure, sizeof figure));
    if (isnan(threshold->used_ratio))
        buf_puts(out, " – |");
    else
        buf_printf(out, " %.0f %% |", threshold->used_ratio * 100);
    if (threshold->phase != NULL) {
        buf_puts(out, " ");
        markdown_code(out, threshold->phase, true);
        if (!isnan(threshold->at_s))
            buf_printf(out, " at %s", words_clock(threshold->at_s, clock, sizeof clock));
    }
    buf_puts(out, " |\n");
}

static void put_thresholds(struct buf *out, const struct record *record,
                           const struct record_strategy *strategy)
{
    size_t left_out = 0;
    buf_puts(out, "\n| | Check | Limit | Measured | Used | Where |\n|---|---|---|--:|--:|---|\n");
    for (size_t i = 0; i < record->thresholds.count; i++) {
        if (!view_is(record->thresholds.items[i].strategy, strategy->name))
            continue;
        if (out->length < HEAD_MAX_BYTES)
            put_threshold(out, &record->thresholds.items[i]);
        else
            left_out++;
    }
    if (left_out > 0)
        buf_printf(out, "\n%zu more %s in the record.\n", left_out,
                   words_plural((int64_t)left_out, "threshold is", "thresholds are"));
}

static void put_strategy(struct buf *out, const struct record *record, const struct record_strategy *strategy)
{
    char figure[WORDS_SIZE];
    const struct record_totals *totals = &strategy->totals;
    buf_puts(out, "| ");
    markdown_code(out, strategy->name, true);
    buf_printf(out, "%s | %s %s | ", strategy->candidate ? " candidate" : "",
               words_symbol(strategy->verdict.state), words_verdict(strategy->verdict.state));
    view_sparkline(record, strategy, 24, out);
    buf_printf(out, " | %s", words_us(totals->stall_max_us, figure, sizeof figure));
    buf_printf(out, " | %s", words_us(view_worst_p99_us(record, strategy), figure, sizeof figure));
    buf_printf(out, " | %s", words_count(totals->failed, figure, sizeof figure));
    buf_printf(out, " | %s", words_seconds(totals->duration_s, figure, sizeof figure));
    buf_printf(out, " | %s", words_bytes(totals->wal_bytes, figure, sizeof figure));
    const double back_s = strategy->rollback.rehearsed ? strategy->rollback.duration_s : (double)NAN;
    buf_printf(out, " | %s |\n", words_seconds(back_s, figure, sizeof figure));
}

static void put_strategies(struct buf *out, const struct record *record)
{
    buf_printf(out,
               "\n| Strategy | Verdict | Max latency | Longest stall | Worst p99 | Failed | Took | %s | "
               "Rollback |\n"
               "|---|---|---|--:|--:|--:|--:|--:|--:|\n",
               words_log(record->environment.server.engine));
    size_t i = 0;
    for (; i < record->strategies.count && out->length < HEAD_MAX_BYTES; i++)
        put_strategy(out, record, &record->strategies.items[i]);
    if (i < record->strategies.count)
        buf_printf(out, "\n%zu more %s in the record.\n", record->strategies.count - i,
                   words_plural((int64_t)(record->strategies.count - i), "strategy is", "strategies are"));
}

/* Folded sections, in the order in which they are worth the room. */
typedef void put_section(struct buf *out, const struct record *record,
                         const struct record_strategy *strategy);

static void put_others(struct buf *out, const struct record *record, const struct record_strategy *decisive)
{
    for (size_t i = 0; i < record->strategies.count; i++) {
        const struct record_strategy *strategy = &record->strategies.items[i];
        if (strategy == decisive)
            continue;
        buf_puts(out, "- ");
        markdown_text(out, strategy->verdict.sentence);
        buf_puts(out, "\n");
    }
}

static void put_phases(struct buf *out, const struct record *record, const struct record_strategy *strategy)
{
    char figure[WORDS_SIZE];
    (void)record;
    buf_puts(
        out,
        "| Phase | Kind | Took | Requests | Failed | p50 | p99 | max |\n|---|---|--:|--:|--:|--:|--:|--:|\n");
    for (size_t i = 0; i < strategy->phases.count; i++) {
        const struct record_phase *phase = &strategy->phases.items[i];
        const struct record_latency *all = &phase->latency.all;
        buf_puts(out, "| ");
        markdown_code(out, phase->name, true);
        buf_puts(out, " | ");
        markdown_text(out, phase->kind);
        buf_printf(out, " | %s", words_seconds(phase->end_s - phase->start_s, figure, sizeof figure));
        buf_printf(out, " | %s", words_count(all->count, figure, sizeof figure));
        buf_printf(out, " | %s", words_count(phase->outcomes.failed, figure, sizeof figure));
        buf_printf(out, " | %s", words_us(all->p50_us, figure, sizeof figure));
        buf_printf(out, " | %s", words_us(all->p99_us, figure, sizeof figure));
        buf_printf(out, " | %s |\n", words_us(all->max_us, figure, sizeof figure));
    }
}

static void put_blocked_by(struct buf *out, const struct record_episode *episode)
{
    if (episode->blockers.count == 0 || view_is(episode->blockers.items[0].role, "migration"))
        return;
    char who[2 * WORDS_SIZE];
    markdown_code(out, words_blocker(&episode->blockers.items[0], who, sizeof who), true);
}

static void put_episodes(struct buf *out, const struct record *record, const struct record_strategy *strategy)
{
    char figure[WORDS_SIZE], sql[256];
    (void)record;
    buf_puts(out,
             "| At | Phase | Statement | Lock | Waited | Held | Outcome | Requests | Longest | Blocked by |\n"
             "|---|---|---|---|--:|--:|---|--:|--:|---|\n");
    for (size_t i = 0; i < strategy->episodes.count; i++) {
        const struct record_episode *episode = &strategy->episodes.items[i];
        buf_printf(out, "| %s | ", words_clock(episode->start_s, figure, sizeof figure));
        markdown_code(out, episode->phase, true);
        buf_puts(out, " | ");
        markdown_code(out, words_shorten(episode->statement, 60, sql, sizeof sql), true);
        buf_puts(out, " | ");
        markdown_text(out, episode->lock_mode);
        buf_puts(out, " ");
        markdown_code(out, episode->object, true);
        buf_printf(out, " | %s", words_us(episode->waited_us, figure, sizeof figure));
        buf_printf(out, " | %s", words_us(episode->held_us, figure, sizeof figure));
        buf_puts(out, " | ");
        markdown_text(out, episode->outcome);
        buf_printf(out, " | %s", words_count(episode->victims.count, figure, sizeof figure));
        buf_printf(out, " | %s | ", words_us(episode->victims.longest_us, figure, sizeof figure));
        put_blocked_by(out, episode);
        buf_puts(out, " |\n");
    }
}

static void put_replicas(struct buf *out, const struct record *record, const struct record_strategy *strategy)
{
    char figure[WORDS_SIZE];
    (void)record;
    buf_puts(
        out,
        "| Replica | Lag, longest | p99 | Behind by, at most | Not known for |\n|---|--:|--:|--:|--:|\n");
    for (size_t i = 0; i < strategy->replication.replicas.count; i++) {
        const struct record_replica *replica = &strategy->replication.replicas.items[i];
        buf_puts(out, "| ");
        markdown_code(out, replica->name, true);
        buf_printf(out, " | %s", words_seconds(replica->lag_max_s, figure, sizeof figure));
        buf_printf(out, " | %s", words_seconds(replica->lag_p99_s, figure, sizeof figure));
        buf_printf(out, " | %s", words_bytes(replica->lag_max_bytes, figure, sizeof figure));
        buf_printf(out, " | %s |\n", words_seconds(replica->unknown_s, figure, sizeof figure));
    }
}

static void put_checks(struct buf *out, const struct record *record, const struct record_strategy *strategy)
{
    (void)record;
    buf_puts(out, "| | Check | Found | Expected |\n|---|---|---|---|\n");
    for (size_t i = 0; i < strategy->checks.count; i++) {
        const struct record_check *check = &strategy->checks.items[i];
        buf_printf(out, "| %s |", words_symbol(check->state));
        put_cell(out, check->name);
        buf_puts(out, " ");
        markdown_code(out, check->found != NULL ? check->found : check->message, true);
        buf_puts(out, " | ");
        markdown_code(out, check->expect, true);
        buf_puts(out, " |\n");
    }
}

/* Where most of its time went. */
static void put_stages(struct buf *out, const struct record_statement *statement)
{
    enum { SHOWN = 3 };
    char figure[WORDS_SIZE];
    const struct record_stage *stage;
    for (size_t rank = 0; rank < SHOWN && (stage = view_stage(statement, rank)) != NULL; rank++) {
        buf_puts(out, rank == 0 ? ": " : ", ");
        markdown_text(out, stage->name);
        buf_printf(out, " %s", words_us(stage->duration_us, figure, sizeof figure));
    }
}

/* The last lines that a command printed, each an item: wherever the section is cut, it stays well-formed. */
static void put_output(struct buf *out, const record_strings *output)
{
    enum { SHOWN = 20 };
    const size_t from = output->count > SHOWN ? output->count - SHOWN : 0;
    if (from > 0)
        buf_printf(out, "  - … %zu %s before, in the record\n", from,
                   words_plural((int64_t)from, "line", "lines"));
    for (size_t i = from; i < output->count; i++) {
        char line[640];
        if (words_shorten(output->items[i], 150, line, sizeof line)[0] == '\0')
            continue;
        buf_puts(out, "  - ");
        markdown_code(out, line, false);
        buf_puts(out, "\n");
    }
}

static void put_sql(struct buf *out, const struct record *record, const struct record_strategy *strategy)
{
    char figure[WORDS_SIZE];
    (void)record;
    for (size_t i = 0; i < strategy->phases.count; i++)
        for (size_t k = 0; k < strategy->phases.items[i].statements.count; k++) {
            const struct record_statement *statement = &strategy->phases.items[i].statements.items[k];
            buf_puts(out, "- ");
            markdown_code(out, statement->sql, false);
            buf_printf(out, " %s, ", words_us(statement->duration_us, figure, sizeof figure));
            markdown_text(out, statement->outcome == NULL ? "not run" : statement->outcome);
            if (statement->attempts.count > 1)
                buf_printf(out, " at attempt %zu", statement->attempts.count);
            put_stages(out, statement);
            buf_puts(out, "\n");
            put_output(out, &statement->output);
        }
}

static void put_replica_server(struct buf *out, const struct record_server *replica)
{
    buf_puts(out, "- ");
    markdown_text(out, replica->role);
    buf_puts(out, ": ");
    markdown_code(out, replica->target, false);
    buf_puts(out, ", version ");
    markdown_code(out, replica->version, false);
    buf_puts(out, "\n");
}

static void put_environment(struct buf *out, const struct record *record,
                            const struct record_strategy *strategy)
{
    char server[2 * WORDS_SIZE], fidelity[WORDS_FIDELITY_SIZE];
    (void)strategy;
    words_fidelity(&record->data.fidelity, fidelity, sizeof fidelity);
    words_server(record->environment.server.engine, record->environment.server.version, server,
                 sizeof server);
    const struct {
        const char *name, *value;
    } rows[] = {{"server", record->environment.server.engine == NULL ? NULL : server},
                {"target", record->environment.server.target},
                {"client", record->environment.client},
                {"fidelity to the profile", fidelity[0] == '\0' ? NULL : fidelity},
                {"seed", record->reproduce.seed},
                {"plan sha256", record->reproduce.plan_sha256},
                {"again", record->reproduce.command},
                {"run", record->run.id}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].value == NULL)
            continue;
        buf_printf(out, "- %s: ", rows[i].name);
        markdown_code(out, rows[i].value, false);
        buf_puts(out, "\n");
    }
    for (size_t i = 0; i < record->environment.replicas.count; i++)
        put_replica_server(out, &record->environment.replicas.items[i]);
}

static bool has_others(const struct record *record, const struct record_strategy *strategy)
{
    (void)strategy;
    return record->strategies.count > 1;
}

static bool has_phases(const struct record *record, const struct record_strategy *strategy)
{
    (void)record;
    return strategy->phases.count > 0;
}

static bool has_episodes(const struct record *record, const struct record_strategy *strategy)
{
    (void)record;
    return strategy->episodes.count > 0;
}

static bool has_replicas(const struct record *record, const struct record_strategy *strategy)
{
    (void)record;
    return strategy->replication.replicas.count > 0;
}

static bool has_checks(const struct record *record, const struct record_strategy *strategy)
{
    (void)record;
    return strategy->checks.count > 0;
}

static const struct {
    const char *title;
    bool (*wanted)(const struct record *record, const struct record_strategy *strategy);
    put_section *put;
} sections[] = {
    {"Other strategies", has_others, put_others},
    {"Phases", has_phases, put_phases},
    {"Locks and who waited", has_episodes, put_episodes},
    {"Replicas", has_replicas, put_replicas},
    {"Validation", has_checks, put_checks},
    {"Environment and how to run it again", has_phases, put_environment},
    {"Migration SQL as run", has_phases, put_sql},
};

void markdown_render(const struct record *record, struct buf *out)
{
    const struct record_strategy *strategy = view_decisive(record);
    struct buf section = {0};
    const size_t start = out->length;
    put_title(out, record);
    put_warnings(out, record, strategy);
    if (strategy == NULL) {
        put_environment(&section, record, NULL);
        markdown_fold(out, "Environment and how to run it again", &section, start + MARKDOWN_MAX_BYTES);
        buf_free(&section);
        return;
    }
    put_thresholds(out, record, strategy);
    put_strategies(out, record);
    for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++) {
        if (!sections[i].wanted(record, strategy))
            continue;
        buf_clear(&section);
        sections[i].put(&section, record, strategy);
        markdown_fold(out, sections[i].title, &section, start + MARKDOWN_MAX_BYTES);
    }
    buf_free(&section);
}
