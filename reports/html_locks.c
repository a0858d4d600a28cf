/* html_locks: strip of all episodes, the worst one as a Gantt chart in milliseconds, and the table of all. */
#include "reports/chart.h"
#include "reports/html.h"
#include "reports/view.h"
#include "reports/words.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    WIDTH = 1262,
    LABEL = 330,
    RIGHT = 14,
    WORDS_ROOM = 190, /* right of the bars, for what is said of the last */
    LETTER = 7,       /* as wide as a character gets */
    ROW = 19,
    BAR = 11,
    TABLE_ROWS = 60,
    BLOCKER_ROWS = 12,
    VICTIM_ROWS = 24,
    BLOCKER_SIZE = 2 * WORDS_SIZE
};

static const struct record_episode *worst(const struct record_strategy *strategy)
{
    const struct record_episode *found = NULL;
    for (size_t i = 0; i < strategy->episodes.count; i++) {
        const struct record_episode *episode = &strategy->episodes.items[i];
        if (found == NULL || view_is_worse(episode, found))
            found = episode;
    }
    return found;
}

/* Gantt: one row a session, x in seconds from the episode's start. */

struct gantt {
    struct html_page *page;
    double from_s, to_s; /* run time at both edges */
    int rows, at;
};

static double gantt_x(const struct gantt *gantt, double at_s)
{
    double share = (at_s - gantt->from_s) / (gantt->to_s - gantt->from_s);
    share = share < 0 ? 0 : share > 1 ? 1 : share;
    return LABEL + share * (WIDTH - LABEL - WORDS_ROOM);
}

static void gantt_label(struct gantt *gantt, const char *text)
{
    char shortened[96];
    buf_printf(gantt->page->out, "<text class=\"strong\" x=\"0\" y=\"%d\">", gantt->at * ROW + BAR);
    html_text(gantt->page->out, words_shorten(text, 44, shortened, sizeof shortened));
    buf_puts(gantt->page->out, "</text>");
}

static void gantt_bar(struct gantt *gantt, double from_s, double to_s, const char *class, const char *colour,
                      const char *title)
{
    double x = gantt_x(gantt, from_s), width = gantt_x(gantt, to_s) - x;
    if (isnan(x) || isnan(width))
        return;
    buf_printf(
        gantt->page->out,
        "<rect class=\"%s\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" rx=\"2\" fill=\"%s\"><title>",
        class, x, gantt->at * ROW + 2, width < 1.5 ? 1.5 : width, BAR, colour);
    html_text(gantt->page->out, title);
    buf_puts(gantt->page->out, "</title></rect>");
}

/* Words right of a place; inside the bar that ends there when there is no room. */
static void gantt_words(struct gantt *gantt, double at_s, const char *text)
{
    double x = gantt_x(gantt, at_s) + 5;
    bool inside = x + (double)strlen(text) * LETTER > WIDTH;
    buf_printf(gantt->page->out, "<text x=\"%.1f\" y=\"%d\"%s>", inside ? x - 10 : x, gantt->at * ROW + BAR,
               inside ? " text-anchor=\"end\" class=\"on-bar\" fill=\"#fff\"" : " class=\"halo\"");
    html_text(gantt->page->out, text);
    buf_puts(gantt->page->out, "</text>");
}

static void blocker_row(struct gantt *gantt, const struct record_episode *episode,
                        const struct record_blocker *blocker)
{
    char label[256], age[WORDS_SIZE], who[2 * WORDS_SIZE], words[WORDS_SIZE + 64];
    const char *query = blocker->query == NULL ? "" : blocker->query;
    snprintf(label, sizeof label, "%s%s%s", words_blocker(blocker, who, sizeof who), query[0] ? ": " : "",
             query);
    gantt_label(gantt, label);
    double until_s = isnan(blocker->until_s) ? episode->end_s : blocker->until_s;
    double since_s = blocker->xact_age_us == RECORD_NONE
                         ? gantt->from_s
                         : episode->start_s - (double)blocker->xact_age_us / 1e6;
    gantt_bar(gantt, since_s, until_s, "blk", "#667085", "holds what the migration waits for");
    if (blocker->xact_age_us == RECORD_NONE)
        snprintf(words, sizeof words, "%.40s", blocker->state ? blocker->state : "");
    else
        snprintf(words, sizeof words, "%.40s, open for %s when seen", blocker->state ? blocker->state : "",
                 words_us(blocker->xact_age_us, age, sizeof age));
    gantt_words(gantt, until_s, words);
    gantt->at++;
}

static void migration_row(struct gantt *gantt, const struct record_episode *episode)
{
    char waited[WORDS_SIZE], held[WORDS_SIZE], words[3 * WORDS_SIZE];
    double granted_s = episode->start_s + (double)episode->waited_us / 1e6;
    if (view_waited_holding(episode)) /* when it waited is not known then */
        granted_s = episode->start_s + (double)(episode->window_us - episode->held_us) / 1e6;
    bool gave_up = !view_is(episode->outcome, "ok") && episode->held_us <= 0;
    gantt_label(gantt, episode->statement ? episode->statement : "migration");
    if (episode->waited_us == RECORD_NONE && episode->held_us == RECORD_NONE) {
        gantt_bar(gantt, episode->start_s, episode->end_s, "hatch", "#d08a1d",
                  "waits for its lock or holds it: the server lists no locks");
        gantt_words(gantt, episode->end_s, "queued or held");
        gantt->at++;
        return;
    }
    if (episode->waited_us > 0)
        gantt_bar(gantt, episode->start_s, granted_s, "hatch", "#d08a1d",
                  "waits for its lock; everybody after it waits too");
    if (episode->held_us > 0)
        gantt_bar(gantt, granted_s, granted_s + (double)episode->held_us / 1e6, "held", "#b42318",
                  "holds its lock");
    if (gave_up)
        snprintf(words, sizeof words, "waited %s, %s", words_us(episode->waited_us, waited, sizeof waited),
                 episode->outcome == NULL ? "never granted" : episode->outcome);
    else
        snprintf(words, sizeof words,
                 view_waited_holding(episode) ? "waited %s while it held %s" : "waited %s, held %s",
                 words_us(episode->waited_us, waited, sizeof waited),
                 words_us(episode->held_us, held, sizeof held));
    const double held_until_s = granted_s + (double)episode->held_us / 1e6;
    gantt_words(gantt, episode->held_us > 0 ? fmax(episode->end_s, held_until_s) : episode->end_s, words);
    gantt->at++;
}

static void victim_row(struct gantt *gantt, const struct record_victim *victim)
{
    char label[128], took[WORDS_SIZE];
    snprintf(label, sizeof label, "%s %s", victim->session == NULL ? "" : victim->session,
             victim->script == NULL ? "" : victim->script);
    gantt_label(gantt, label);
    bool never_sent = isnan(victim->sent_s);
    gantt_bar(gantt, victim->due_s, never_sent ? victim->done_s : victim->sent_s, "hatch", "#d08a1d",
              "due, no session was free");
    if (!never_sent)
        gantt_bar(gantt, victim->sent_s, victim->done_s, "wait", "#d08a1d", "sent, waiting");
    gantt_words(gantt, victim->done_s, words_us(victim->response_us, took, sizeof took));
    gantt->at++;
}

/* A round length that goes at most seven times into the span. */
static double round_step(double span_s)
{
    static const double factors[] = {1, 2, 5, 10};
    const double power = pow(10, floor(log10(span_s / 7)));
    size_t i = 0;
    while (i < 3 && factors[i] * power < span_s / 7)
        i++;
    return factors[i] * power;
}

/* Ticks count from the episode's start. */
static void gantt_axis(struct gantt *gantt, const struct record_episode *episode)
{
    const double step_s = round_step(gantt->to_s - gantt->from_s);
    if (!isfinite(step_s) || step_s <= 0)
        return;
    for (int i = 0; i <= 7 && episode->start_s + i * step_s <= gantt->to_s; i++) {
        char text[WORDS_SIZE];
        words_us((int64_t)llround(i * step_s * 1e6), text, sizeof text);
        buf_printf(gantt->page->out, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>",
                   gantt_x(gantt, episode->start_s + i * step_s), gantt->at * ROW + 14, i == 0 ? "0" : text);
    }
}

/* Has a row of its own: one of the first blockers, and not the migration. */
static bool is_foreign(const struct record_episode *episode, size_t i)
{
    return i < BLOCKER_ROWS && !view_is(episode->blockers.items[i].role, "migration");
}

static void gantt(struct html_page *page, const struct record_episode *episode)
{
    double end_s = episode->end_s;
    for (size_t i = 0; i < episode->victims.top.count; i++)
        if (episode->victims.top.items[i].done_s > end_s)
            end_s = episode->victims.top.items[i].done_s;
    double margin_s = (end_s - episode->start_s) * 0.08 + 0.001;
    struct gantt chart = {.page = page, .from_s = episode->start_s - margin_s, .to_s = end_s + margin_s};
    size_t foreign = 0;
    for (size_t i = 0; i < episode->blockers.count; i++)
        foreign += is_foreign(episode, i);
    size_t victims = episode->victims.top.count < VICTIM_ROWS ? episode->victims.top.count : VICTIM_ROWS;
    chart.rows = (int)(foreign + (episode->migration_part ? 1 : 0) + victims + 1);
    buf_printf(page->out,
               "<svg viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" " CHART_FONT
               " role=\"img\" aria-label=\"Who waited "
               "for whom\">",
               WIDTH, chart.rows * ROW, WIDTH, chart.rows * ROW);
    for (size_t i = 0; i < episode->blockers.count; i++)
        if (is_foreign(episode, i))
            blocker_row(&chart, episode, &episode->blockers.items[i]);
    if (episode->migration_part)
        migration_row(&chart, episode);
    for (size_t i = 0; i < victims; i++)
        victim_row(&chart, &episode->victims.top.items[i]);
    gantt_axis(&chart, episode);
    buf_puts(page->out, "</svg>\n");
}

static void worst_title(struct html_page *page, const struct record_episode *episode)
{
    char at[WORDS_SIZE], count[WORDS_SIZE], longest[WORDS_SIZE];
    buf_puts(page->out, "<h3>Worst episode, ");
    html_text(page->out, episode->phase);
    buf_printf(page->out, " at %s: %s %s waited, the longest %s</h3>\n",
               words_clock(episode->start_s, at, sizeof at),
               words_count(episode->victims.count, count, sizeof count),
               words_plural(episode->victims.count, "request", "requests"),
               words_us(episode->victims.longest_us, longest, sizeof longest));
}

/* The strip: when anything was blocked at all. */
static void strip(struct html_page *page, const struct record_strategy *strategy)
{
    double end_s = view_end_s(strategy);
    if (end_s <= 0)
        return;
    struct chart chart = chart_begin(page->out, WIDTH, 44, CHART_LINEAR, 0, end_s, 0, 1,
                                     "When something was blocked");
    double drawn = 0; /* episodes closer than a pixel are one */
    for (size_t i = 0; i < strategy->episodes.count; i++) {
        const struct record_episode *episode = &strategy->episodes.items[i];
        double x = chart_x(&chart, episode->start_s), end = fmax(chart_x(&chart, episode->end_s), x + 2);
        if (!(end > drawn + 0.5))
            continue;
        drawn = end;
        buf_printf(page->out,
                   "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"12\" fill=\"%s\"/>",
                   episode->held_us > 0 ? "held" : "wait", x, chart.top, end - x,
                   episode->held_us > 0 ? "#b42318" : "#d08a1d");
    }
    chart_grid_time(&chart);
    chart_end(&chart);
}

static const char *root_text(struct html_page *page, const struct record_episode *episode)
{
    for (size_t i = 0; i < episode->blockers.count; i++) {
        const struct record_blocker *blocker = &episode->blockers.items[i];
        if (blocker->depth == 0 && !view_is(blocker->role, "migration"))
            return words_blocker(blocker, arena_alloc(page->arena, BLOCKER_SIZE), BLOCKER_SIZE);
    }
    return "–";
}

static void table_row(struct html_page *page, const struct record_episode *episode, size_t number)
{
    struct buf *out = page->out;
    char text[160];
    buf_printf(out, "<tr><td>%zu</td>", number);
    html_cell(out, "n", words_clock(episode->start_s, text, sizeof text));
    html_cell(out, "", episode->phase);
    buf_puts(out, "<td class=\"wide\">");
    html_code(out, words_shorten(episode->statement ? episode->statement : "not the migration", 60, text,
                                 sizeof text));
    if (episode->attempt > 1)
        buf_printf(out, " <span class=\"sub\">attempt %lld</span>", (long long)episode->attempt);
    buf_puts(out, "</td><td>");
    html_text(out, episode->lock_mode);
    buf_puts(out, " <span class=\"sub\">");
    html_text(out, episode->object);
    buf_puts(out, "</span></td>");
    html_cell(out, "r", words_us(episode->waited_us, text, sizeof text));
    html_cell(out, "r", words_us(episode->held_us, text, sizeof text));
    html_cell(out, "r", words_us(episode->window_us, text, sizeof text));
    buf_puts(out, "<td>");
    html_text(out, view_is(episode->outcome, "ok") ? "granted" : episode->outcome);
    buf_puts(out, episode->degraded ? "<br><span class=\"sub\">degraded</span></td>" : "</td>");
    html_cell(out, "r", words_count(episode->victims.count, text, sizeof text));
    html_cell(out, "r", words_us(episode->victims.longest_us, text, sizeof text));
    html_cell(out, "root", root_text(page, episode));
    buf_puts(out, "</tr>\n");
}

static void table(struct html_page *page, const struct record_strategy *strategy)
{
    size_t shown = strategy->episodes.count < TABLE_ROWS ? strategy->episodes.count : TABLE_ROWS;
    buf_puts(
        page->out,
        "<h3>All "
        "episodes</h3>\n<table><thead><tr><th>#</th><th>At</th><th>Phase</th><th>Statement</th><th>Lock</th>"
        "<th class=\"r\">Waited</th><th class=\"r\">Held</th><th class=\"r\">Others shut "
        "out</th><th>Outcome</th>"
        "<th class=\"r\">Requests blocked</th><th class=\"r\">Longest victim</th><th>Root "
        "blocker</th></tr></thead><tbody>\n");
    for (size_t i = 0; i < shown; i++)
        table_row(page, &strategy->episodes.items[i], i + 1);
    buf_puts(page->out, "</tbody></table>\n");
    html_left_out(page->out, strategy->episodes.count - shown);
    for (size_t i = 0; i < shown; i++)
        if (strategy->episodes.items[i].degraded) {
            buf_puts(page->out,
                     "<p class=\"note\">Degraded: nobody looked for more than 5 ms of that time, so "
                     "the true figures may differ by as much as that gap.</p>\n");
            break;
        }
}

void html_locks(struct html_page *page, const struct record_strategy *strategy)
{
    const struct record_episode *episode = worst(strategy);
    if (episode == NULL) {
        buf_puts(
            page->out,
            "<p class=\"note\">Nobody was blocked for longer than the floor of the observers (1 ms).</p>\n");
        return;
    }
    buf_puts(page->out,
             "<p class=\"key\"><span><svg width=\"12\" height=\"10\" aria-hidden=\"true\"><rect "
             "class=\"blk\" width=\"12\" height=\"10\" fill=\"#8b95a7\"/></svg>root blocker</span>\n"
             "<span><svg width=\"12\" height=\"10\" aria-hidden=\"true\"><rect class=\"hatch\" width=\"12\" "
             "height=\"10\" fill=\"#d08a1d\"/></svg>waiting for its turn</span>\n"
             "<span><svg width=\"12\" height=\"10\" aria-hidden=\"true\"><rect class=\"held\" width=\"12\" "
             "height=\"10\" fill=\"#b42318\"/></svg>migration holding</span>\n"
             "<span><svg width=\"12\" height=\"10\" aria-hidden=\"true\"><rect class=\"wait\" width=\"12\" "
             "height=\"10\" fill=\"#d08a1d\"/></svg>application waiting</span></p>\n");
    strip(page, strategy);
    worst_title(page, episode);
    gantt(page, episode);
    table(page, strategy);
}
