#include "reports/view.h"

#include "reports/metrics.h"

#include <math.h>
#include <string.h>

bool view_is(const char *text, const char *word)
{
    return text != NULL && word != NULL && strcmp(text, word) == 0;
}

int view_severity(const char *state)
{
    static const char *const states[] = {"pass", "warn", "fail", "invalid"};
    for (int i = 0; i < 4; i++)
        if (view_is(state, states[i]))
            return i;
    return 4;
}

const struct record_strategy *view_decisive(const struct record *record)
{
    const struct record_strategy *worst = NULL;
    for (size_t i = 0; i < record->strategies.count; i++) {
        const struct record_strategy *strategy = &record->strategies.items[i];
        if (strategy->candidate)
            return strategy;
        if (worst == NULL || view_severity(strategy->verdict.state) > view_severity(worst->verdict.state))
            worst = strategy;
    }
    return worst;
}

int64_t view_worst_p99_us(const struct record *record, const struct record_strategy *strategy)
{
    const struct metric_scope scope = {.record = record, .strategy = strategy};
    const struct metric_value worst = metric_measure(metric_find("app.latency.p99"), &scope);
    return isnan(worst.value) ? RECORD_NONE : (int64_t)worst.value;
}

int64_t view_rows(const struct record *record)
{
    int64_t rows = 0;
    for (size_t i = 0; i < record->data.tables.count; i++)
        rows += record->data.tables.items[i].rows > 0 ? record->data.tables.items[i].rows : 0;
    return record->data.tables.count == 0 ? RECORD_NONE : rows;
}

size_t view_count_state(const struct record *record, const struct record_strategy *strategy,
                        const char *state)
{
    size_t count = 0;
    for (size_t i = 0; i < record->thresholds.count; i++)
        count += view_is(record->thresholds.items[i].strategy, strategy->name) &&
                 view_is(record->thresholds.items[i].state, state);
    return count;
}

double view_int(const record_ints *column, size_t i)
{
    return i >= column->count || column->items[i] == RECORD_NONE ? (double)NAN : (double)column->items[i];
}

double view_real(const record_doubles *column, size_t i)
{
    return i >= column->count ? (double)NAN : column->items[i];
}

double view_end_s(const struct record_strategy *strategy)
{
    const size_t phases = strategy->phases.count;
    const struct record_series *series = &strategy->timeline.coarse;
    double end_s = phases == 0 ? 0 : fmax(strategy->phases.items[phases - 1].end_s, 0);
    if (series->t_s.count > 0)
        end_s = fmax(end_s, series->t_s.items[series->t_s.count - 1]);
    return end_s;
}

bool view_is_worse(const struct record_episode *episode, const struct record_episode *other)
{
    const struct record_victims *victims = &episode->victims, *others = &other->victims;
    return victims->longest_us > others->longest_us ||
           (victims->longest_us == others->longest_us && victims->count > others->count);
}

bool view_waited_holding(const struct record_episode *episode)
{
    return episode->waited_us > 0 && episode->window_us > 0 && episode->held_us > episode->window_us / 2 &&
           episode->waited_us + episode->held_us > episode->window_us + episode->window_us / 10;
}

/* Ties go to the earlier. */
static bool is_longer(const struct record_stage *stages, size_t a, size_t b)
{
    return stages[a].duration_us > stages[b].duration_us ||
           (stages[a].duration_us == stages[b].duration_us && a < b);
}

const struct record_stage *view_stage(const struct record_statement *statement, size_t rank)
{
    for (size_t i = 0; i < statement->stages.count; i++) {
        size_t longer = 0;
        for (size_t k = 0; k < statement->stages.count; k++)
            longer += is_longer(statement->stages.items, k, i);
        const struct record_stage *stage = &statement->stages.items[i];
        if (longer == rank)
            return stage->name != NULL && stage->duration_us > 0 ? stage : NULL;
    }
    return NULL;
}

static int64_t largest_us(const record_ints *column, size_t from, size_t to)
{
    int64_t largest = RECORD_NONE;
    for (size_t i = from; i < to && i < column->count; i++)
        if (column->items[i] > largest)
            largest = column->items[i];
    return largest;
}

static void find_scale(const struct record *record, double *low, double *high)
{
    *low = INFINITY;
    *high = 1;
    for (size_t i = 0; i < record->strategies.count; i++) {
        const record_ints *column = &record->strategies.items[i].timeline.coarse.max_us;
        for (size_t k = 0; k < column->count; k++) {
            if (column->items[k] <= 0)
                continue;
            *low = fmin(*low, (double)column->items[k]);
            *high = fmax(*high, (double)column->items[k]);
        }
    }
}

void view_sparkline(const struct record *record, const struct record_strategy *strategy, size_t columns,
                    struct buf *out)
{
    static const char *const blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    const record_ints *column = &strategy->timeline.coarse.max_us;
    double low, high;
    find_scale(record, &low, &high);
    if (column->count < columns)
        columns = column->count;
    for (size_t i = 0; i < columns; i++) {
        const int64_t us = largest_us(column, i * column->count / columns, (i + 1) * column->count / columns);
        const double share = us <= 0 || high <= low ? 0 : log((double)us / low) / log(high / low);
        buf_puts(out, us == RECORD_NONE ? " " : blocks[(int)(share * 7.999)]);
    }
}
