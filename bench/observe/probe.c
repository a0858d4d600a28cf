#include "bench/observe/probe.h"

#include "bench/observe/notice.h"

#include <stdlib.h>

#define MISSING_PAUSE_NS (100 * NS_PER_MS)
#define CANCEL_EVERY_NS  (10 * NS_PER_MS)

static void hear(void *context, const struct db_notice *said)
{
    struct probe *probe = context;
    struct notice notice = notice_read(said->routine, said->message);
    if (notice.kind == NOTICE_STILL_WAITING && probe->attribution != NULL)
        attribution_ask(probe->attribution);
    if (notice.kind == NOTICE_ACQUIRED && notice.waited_us > probe->waited_us)
        probe->waited_us = notice.waited_us;
}

bool probe_was_blocked(const struct probe_log *log, const struct probe_sample *sample)
{
    return sample->waited_us >= 0 || !sample->answered || !log->notices;
}

static void keep_sample(struct probe_log *log, struct probe_sample sample)
{
    if (log->sample_count == log->sample_capacity) {
        log->sample_capacity = log->sample_capacity > 0 ? 2 * log->sample_capacity : 64;
        log->samples = mem_realloc(log->samples, log->sample_capacity * sizeof *log->samples);
    }
    log->samples[log->sample_count++] = sample;
}

static struct db_answer ask(struct probe *probe)
{
    struct wire *wire = &probe->wire;
    enum dialect_query query = probe->log.write ? DIALECT_PROBE_WRITE : DIALECT_PROBE_READ;
    if (probe->log.write)
        return wire_ask(wire, query, probe->quoted_table, CLOCK_NEVER_NS, NULL, NULL);
    struct db_answer answer = {.outcome = OUTCOME_OK};
    if (!probe->prepared) {
        struct arena arena = {0};
        const char *sql = dialect_sql(&arena, wire->db, query, probe->quoted_table);
        answer.outcome = OUTCOME_OTHER;
        if (sql != NULL)
            answer = db_prepare(wire->db, 0, sql, CLOCK_NEVER_NS);
        arena_free(&arena);
        probe->prepared = answer.outcome == OUTCOME_OK;
    }
    return probe->prepared ? db_run(wire->db, 0, NULL, 0, CLOCK_NEVER_NS, NULL, NULL) : answer;
}

/* Prepared statements of a table that changed or went must be prepared anew; until it is there again, wait a little. */
static void recover(struct probe *probe, enum outcome outcome)
{
    probe->prepared = false;
    if (outcome_ends_session(outcome)) {
        wire_reopen(&probe->wire);
        probe->log.notices = probe->wire.notices;
    } else if (outcome == OUTCOME_PERMISSION) {
        probe->refused = true;
    } else if (outcome == OUTCOME_NO_SUCH_OBJECT) {
        pace_wait(probe->pace, clock_ns() + MISSING_PAUSE_NS);
    }
}

static void look(struct probe *probe, int64_t due_ns, int64_t period_ns)
{
    probe->waited_us = -1;
    int64_t sent_ns = clock_ns();
    struct db_answer answer = ask(probe);
    struct probe_sample sample = {sent_ns, clock_ns(), probe->waited_us, answer.outcome == OUTCOME_OK};
    bool slow = sample.done_ns - sent_ns >= PROBE_SLOW_NS;
    if (slow && probe->wire.asks && !outcome_ends_session(answer.outcome))
        sample.waited_us = wire_waited_us(&probe->wire);
    if (slow || sample.waited_us >= 0)
        keep_sample(&probe->log, sample);
    if (answer.outcome != OUTCOME_OK) {
        recover(probe, answer.outcome);
        return;
    }
    bool blocked = slow && probe_was_blocked(&probe->log, &sample);
    holes_look(&probe->log.holes, probe->pace, period_ns, due_ns, sent_ns, sample.done_ns, blocked);
}

/* The first due time of this probe's grid after `after_ns`. */
static int64_t next_due(const struct probe *probe, int64_t after_ns, int64_t period_ns)
{
    return (after_ns - probe->offset_ns) / period_ns * period_ns + period_ns + probe->offset_ns;
}

static void *run(void *context)
{
    struct probe *probe = context;
    int64_t due_ns = 0;
    while (!probe->pace->stopped && !probe->refused && probe->wire.db != NULL) {
        bool armed = probe->pace->armed, fast = probe->fast && armed;
        int64_t period_ns = fast ? probe->log.period_ns : PROBE_IDLE_NS, now_ns = clock_ns();
        due_ns = next_due(probe, due_ns > now_ns - period_ns && due_ns <= now_ns ? due_ns : now_ns,
                          period_ns);
        if (!pace_wait(probe->pace, due_ns))
            break;
        if (probe->pace->armed != armed || (probe->spare && !armed))
            continue;
        look(probe, due_ns, period_ns);
    }
    probe->ended = true;
    return NULL;
}

bool probe_start(struct probe *probe, const struct wire_config *wire, struct err *err)
{
    struct wire_config config = *wire;
    config.role = "probe";
    config.probe = true;
    config.notice = hear;
    config.context = probe;
    if (!wire_open(&probe->wire, &config, err))
        return false;
    probe->log.notices = probe->wire.notices;
    if (pthread_create(&probe->thread, NULL, run, probe) != 0)
        return err_set(err, ERR_ENVIRONMENT, "cannot start a probe thread");
    probe->started = true;
    return true;
}

void probe_join(struct probe *probe)
{
    while (probe->started && !probe->ended) {
        wire_cancel(&probe->wire);
        clock_sleep_ns(CANCEL_EVERY_NS);
    }
    if (probe->started)
        pthread_join(probe->thread, NULL);
    probe->started = false;
    holes_end(&probe->log.holes, probe->pace, probe->log.period_ns);
    wire_close(&probe->wire);
}

void probe_free(struct probe *probe)
{
    free(probe->log.samples);
    holes_free(&probe->log.holes);
}
