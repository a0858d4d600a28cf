#include "bench/observe/episode_parts.h"

#include <stdlib.h>

#define HERD_NS                                                                                              \
    (5 * NS_PER_MS) /* woken sessions and the watcher's end of the window may differ by this much */
#define BACKLOG_NS (1 * NS_PER_MS) /* sent this much after it was due, a request stood in the backlog */

enum { TOP_MAX = 8 };

/* The requests that one episode held up, by index. */
struct victims {
    size_t *requests;
    size_t count, capacity;
    struct interval *in_flight; /* of those that were sent */
    size_t in_flight_count;
};

static int64_t end_of(const struct request_span *request)
{
    return request->done_ns;
}

static int64_t response_ns(const struct request_span *request)
{
    return end_of(request) - request->due_ns;
}

static bool is_shut_out(const struct episode_input *input, const struct victim_rule *rule, int script)
{
    bool writes = input->script_writes == NULL || input->script_writes[script];
    uint64_t shut = writes ? rule->shut_to_reads | rule->shut_to_writes : rule->shut_to_reads;
    return (input->script_tables[script] & shut) != 0;
}

static bool was_held_in_flight(const struct episode_join *join, const struct episode *episode,
                               const struct victim_rule *rule, const struct request_span *request)
{
    if (request->sent_ns == 0 || request->sent_ns >= episode->end_ns)
        return false;
    if (rule->sessions != NULL)
        return session_set_has(rule->sessions, request->session);
    bool failed = request->outcome != OUTCOME_OK || !request->finished;
    return is_shut_out(join->input, rule, request->script) &&
           (failed || end_of(request) >= episode->end_ns - HERD_NS);
}

static bool was_held_in_backlog(const struct episode *episode, const struct request_span *request)
{
    if (request->due_ns >= episode->end_ns)
        return false;
    if (request->sent_ns == 0)
        return true;
    return request->sent_ns >= episode->end_ns - HERD_NS && request->sent_ns - request->due_ns >= BACKLOG_NS;
}

static struct interval blocked_part(const struct episode *episode, int64_t from_ns, int64_t to_ns)
{
    return (struct interval){
        from_ns > episode->start_ns ? from_ns : episode->start_ns,
        to_ns < episode->end_ns ? to_ns : episode->end_ns,
    };
}

static void collect(const struct episode_join *join, struct episode *episode, const struct victim_rule *rule,
                    struct arena *scratch, struct victims *victims)
{
    const struct episode_input *input = join->input;
    size_t in_flight_capacity = 0;
    for (size_t i = 0; i < input->request_count; i++) {
        const struct request_span *request = &input->requests[i];
        struct interval blocked = blocked_part(episode, request->due_ns, end_of(request));
        if (blocked.end_ns <= blocked.start_ns)
            continue;
        bool in_flight = was_held_in_flight(join, episode, rule, request);
        if (!in_flight && !was_held_in_backlog(episode, request))
            continue;
        *ARENA_PUSH(scratch, victims->requests, victims->count, victims->capacity) = i;
        episode->victim_session_us += (blocked.end_ns - blocked.start_ns) / NS_PER_US;
        int64_t response_us = response_ns(request) / NS_PER_US;
        if (response_us > episode->victim_longest_us)
            episode->victim_longest_us = response_us;
        if (in_flight)
            *ARENA_PUSH(scratch, victims->in_flight, victims->in_flight_count,
                        in_flight_capacity) = blocked_part(episode, request->sent_ns, end_of(request));
    }
    episode->victim_count = (int64_t)victims->count;
    episode->victim_sessions = (int64_t)interval_depth_max(victims->in_flight, victims->in_flight_count);
}

static int longest_first(const void *left, const void *right, void *context)
{
    const struct episode_input *input = context;
    const struct request_span *requests = input->requests;
    int64_t a = response_ns(&requests[*(const size_t *)left]),
            b = response_ns(&requests[*(const size_t *)right]);
    return (a < b) - (a > b);
}

/* Keeps, of the victims sorted by length, the longest of each session, and those that never had one. */
static size_t keep_one_per_session(const struct request_span *requests, size_t *sorted, size_t count,
                                   struct arena *scratch)
{
    struct session_set seen = {0};
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        int32_t session = requests[sorted[i]].session;
        if (session != 0 && session_set_has(&seen, session))
            continue;
        if (session != 0)
            session_set_add(scratch, &seen, session);
        sorted[kept++] = sorted[i];
    }
    return kept;
}

static void choose_top(const struct episode_join *join, struct episode *episode, struct victims *victims,
                       struct arena *scratch)
{
    if (victims->count == 0)
        return;
    const struct request_span *requests = join->input->requests;
    struct episode_input input = *join->input;
    qsort_r(victims->requests, victims->count, sizeof *victims->requests, longest_first, &input);
    size_t count = keep_one_per_session(requests, victims->requests, victims->count, scratch);
    episode->top_count = count < TOP_MAX ? count : TOP_MAX;
    episode->top = arena_alloc(join->arena, TOP_MAX * sizeof *episode->top);
    for (size_t i = 0; i < episode->top_count; i++) {
        size_t pick = episode->top_count == 1 ? 0 : i * (count - 1) / (episode->top_count - 1);
        const struct request_span *request = &requests[victims->requests[pick]];
        episode->top[i] = (struct episode_victim){
            .session = request->session,
            .script = join->input->script_names[request->script],
            .due_ns = request->due_ns,
            .sent_ns = request->sent_ns,
            .done_ns = request->done_ns,
            .finished = request->finished != 0,
        };
    }
}

void episode_victims(const struct episode_join *join, struct episode *episode, const struct victim_rule *rule)
{
    struct arena scratch = {0};
    struct victims victims = {0};
    collect(join, episode, rule, &scratch, &victims);
    choose_top(join, episode, &victims, &scratch);
    arena_free(&scratch);
}
