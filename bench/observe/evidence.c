#include "bench/observe/evidence.h"

size_t evidence_first_run(const struct evidence *evidence, int64_t at_ns)
{
    size_t low = 0, high = evidence->watcher->run_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (evidence->watcher->runs[middle].last_sent_ns < at_ns)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int64_t evidence_watcher_gap_ns(const struct evidence *evidence, struct interval window)
{
    int64_t longest_ns = interval_longest_ns(&evidence->watcher->holes.list, window);
    return longest_ns > evidence->watcher_period_ns ? longest_ns : evidence->watcher_period_ns;
}

/* Holes that all probes of this kind on this table share, the longest that meets the window; −1 without such probes. */
static int64_t shared_gap_ns(const struct evidence *evidence, int table, bool write, struct interval window)
{
    struct interval_list shared = {0};
    int probes = 0;
    int64_t period_ns = 0;
    for (size_t i = 0; i < evidence->probe_count; i++) {
        const struct probe_log *log = evidence->probes[i];
        if (log->table != table || log->write != write)
            continue;
        struct interval_list met = {0};
        if (probes++ == 0)
            for (size_t j = 0; j < log->holes.list.count; j++)
                interval_add(&met, log->holes.list.items[j].start_ns, log->holes.list.items[j].end_ns);
        else
            interval_meet(&shared, &log->holes.list, &met);
        interval_free(&shared);
        shared = met;
        period_ns = log->period_ns;
    }
    int64_t longest_ns = interval_longest_ns(&shared, window);
    interval_free(&shared);
    if (probes == 0)
        return -1;
    return longest_ns > period_ns / probes ? longest_ns : period_ns / probes;
}

int64_t evidence_probe_gap_ns(const struct evidence *evidence, int table, struct interval window)
{
    int64_t longest_ns = 0;
    for (int i = 0; i < (int)evidence->tables->count; i++) {
        if (table >= 0 && table != i)
            continue;
        int64_t read_ns = shared_gap_ns(evidence, i, false, window);
        int64_t write_ns = shared_gap_ns(evidence, i, true, window);
        longest_ns = read_ns > longest_ns ? read_ns : longest_ns;
        longest_ns = write_ns > longest_ns ? write_ns : longest_ns;
    }
    return longest_ns;
}

bool evidence_probes_late(const struct evidence *evidence, int table, struct interval window)
{
    for (size_t i = 0; i < evidence->probe_count; i++) {
        const struct probe_log *log = evidence->probes[i];
        if ((table < 0 || log->table == table) && interval_longest_ns(&log->holes.late, window) > 0)
            return true;
    }
    return false;
}

bool evidence_lists_locks(const struct evidence *evidence)
{
    return evidence->watcher->source != WATCHER_NOTHING || evidence->dialect->locks_untold == NULL;
}

const char *evidence_object_name(const struct evidence *evidence, uint32_t object)
{
    const struct tables_object *known = tables_object(evidence->tables, object);
    const struct watcher_log *log = evidence->watcher;
    const char *name = known != NULL ? known->name : "";
    for (size_t i = 0; i < log->name_count && known == NULL; i++) {
        if (log->names[i].object == object)
            name = log->names[i].name;
    }
    return name;
}
