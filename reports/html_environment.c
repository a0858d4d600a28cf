/* html_environment: where it ran, how to run it again, and what it cannot tell. */
#include "reports/html.h"
#include "reports/words.h"

#include <math.h>
#include <stdio.h>

static void item(struct html_page *page, const char *name, const char *value)
{
    if (value == NULL || value[0] == '\0')
        return;
    buf_puts(page->out, "<dt>");
    html_text(page->out, name);
    buf_puts(page->out, "</dt><dd>");
    html_text(page->out, value);
    buf_puts(page->out, "</dd>\n");
}

static const char *or_empty(const char *text)
{
    return text == NULL ? "" : text;
}

static void pairs(struct html_page *page, const char *prefix, const record_pairs *list)
{
    for (size_t i = 0; i < list->count; i++)
        item(page, arena_printf(page->arena, "%s%s", prefix, or_empty(list->items[i].name)),
             list->items[i].value);
}

static void replica(struct html_page *page, const struct record_server *replica)
{
    item(page, replica->role == NULL ? "replica" : replica->role,
         arena_printf(page->arena, "%s, version %s", or_empty(replica->target), or_empty(replica->version)));
}

static const char *fidelity(struct html_page *page, const struct record_fidelity *is)
{
    char text[WORDS_FIDELITY_SIZE];
    return words_fidelity(is, text, sizeof text)[0] == '\0'
               ? ""
               : arena_printf(page->arena, ", fidelity %s", text);
}

static void tables(struct html_page *page)
{
    const struct record *record = page->record;
    char all[WORDS_FIDELITY_SIZE];
    item(page, "fidelity to the profile", words_fidelity(&record->data.fidelity, all, sizeof all));
    for (size_t i = 0; i < record->data.tables.count; i++) {
        const struct record_table *table = &record->data.tables.items[i];
        char rows[WORDS_SIZE], bytes[WORDS_SIZE], indexes[WORDS_SIZE], source[WORDS_SIZE];
        const char *production = table->production_rows == RECORD_NONE
                                     ? ""
                                     : arena_printf(
                                           page->arena, " (production: %s)",
                                           words_count(table->production_rows, source, sizeof source));
        item(page, arena_printf(page->arena, "table %s", or_empty(table->name)),
             arena_printf(page->arena, "%s rows%s, %s, indexes %s%s%s",
                          words_count(table->rows, rows, sizeof rows), production,
                          words_bytes(table->bytes, bytes, sizeof bytes),
                          words_bytes(table->index_bytes, indexes, sizeof indexes),
                          isnan(table->fill_duration_s) ? ", was there already" : "",
                          fidelity(page, &table->fidelity)));
    }
}

static void load(struct html_page *page)
{
    const struct record *record = page->record;
    for (size_t i = 0; i < record->load.apps.count; i++) {
        struct buf scripts = {0};
        for (size_t s = 0; s < record->load.apps.items[i].scripts.count; s++)
            buf_printf(&scripts, "%s%s", s ? ", " : "",
                       or_empty(record->load.apps.items[i].scripts.items[s]));
        item(page, arena_printf(page->arena, "app %s", or_empty(record->load.apps.items[i].name)),
             buf_text(&scripts));
        buf_free(&scripts);
    }
    for (size_t i = 0; i < record->load.antagonists.count; i++) {
        const struct record_antagonist *antagonist = &record->load.antagonists.items[i];
        item(page, "antagonist",
             arena_printf(page->arena, "%s, from %.1f s, every %.1f s, holds %.1f s",
                          or_empty(antagonist->script), antagonist->start_s, antagonist->every_s,
                          antagonist->hold_s));
    }
}

static void measuring(struct html_page *page)
{
    const struct record *record = page->record;
    char lag[WORDS_SIZE], gap[WORDS_SIZE], watcher[WORDS_SIZE], clock[WORDS_SIZE];
    item(page, "validity", record->validity.state);
    if (record->validity.generator.schedule_lag_p99_us != RECORD_NONE)
        item(page, "load generator",
             arena_printf(page->arena, "late by %s at p99; %.0f %% of the client's cores",
                          words_us(record->validity.generator.schedule_lag_p99_us, lag, sizeof lag),
                          100 * record->validity.generator.cpu_ratio));
    if (record->validity.observer.level == NULL)
        return;
    item(page, "lock observers",
         arena_printf(
             page->arena,
             "level %s, largest gap of a probe %s, of the watcher %s, clock within %s, exact waits %s",
             record->validity.observer.level,
             words_us(record->validity.observer.blind_spot_us, gap, sizeof gap),
             words_us(record->validity.observer.watcher_gap_max_us, watcher, sizeof watcher),
             words_us(record->validity.observer.clock_error_us, clock, sizeof clock),
             record->validity.observer.notices ? "yes" : "no (missing right)"));
}

static bool saw_replicas(const struct record *record)
{
    for (size_t i = 0; i < record->strategies.count; i++)
        if (record->strategies.items[i].replication.replicas.count > 0)
            return true;
    return false;
}

static void cannot_tell(struct html_page *page)
{
    buf_puts(page->out,
             "<h3>What this run cannot tell</h3>\n<p class=\"note\">Locks queue behind transactions that "
             "production has and this database had not: the antagonists are the only ones rehearsed. "
             "Durations of scans, index builds and backfills grow with the data: compare the rows above with "
             "production's. Blocking shorter than 1 ms, or shorter than the probe gap above, is not counted. "
             "Values that were filled in have the schema's types and constraints; how far they are "
             "distributed as production's is what the profile knew.");
    buf_puts(page->out, saw_replicas(page->record) ? "</p>\n" : " Replicas were not watched.</p>\n");
}

void html_environment(struct html_page *page)
{
    const struct record *record = page->record;
    char rtt[WORDS_SIZE];
    html_section(page->out, "environment", "Environment and how to run it again", NULL);
    if (record->reproduce.command != NULL) {
        buf_puts(page->out, "<p>Run it again:</p><pre>");
        html_text(page->out, record->reproduce.command);
        buf_puts(page->out, "</pre>\n");
    }
    buf_puts(page->out, "<div class=\"two\"><dl>\n");
    item(page, "target", record->environment.server.target);
    if (record->environment.server.engine != NULL)
        item(page, "server",
             arena_printf(page->arena, "%s %s", words_engine(record->environment.server.engine),
                          record->environment.server.version ? record->environment.server.version : ""));
    for (size_t i = 0; i < record->environment.replicas.count; i++)
        replica(page, &record->environment.replicas.items[i]);
    item(page, "client", record->environment.client);
    item(page, "client library", record->tool.client_version);
    if (record->environment.network.rtt_p50_us != RECORD_NONE)
        item(page, "round trip, p50", words_us(record->environment.network.rtt_p50_us, rtt, sizeof rtt));
    tables(page);
    load(page);
    measuring(page);
    buf_puts(page->out, "</dl><dl>\n");
    item(page, "seed", record->reproduce.seed);
    item(page, "plan sha256", record->reproduce.plan_sha256);
    item(page, "profile sha256", record->reproduce.profile_sha256);
    pairs(page, "sha256 of ", &record->reproduce.strategy_sha256);
    item(page, "schema sha256", record->baseline.schema_sha256);
    pairs(page, "", &record->environment.server.settings);
    buf_puts(page->out, "</dl></div>\n");
    cannot_tell(page);
    buf_puts(page->out, "</section>\n");
}
