#include "bench/load/client.h"

#include <string.h>
#include <sys/prctl.h>

enum { STACK_BYTES = 1 << 20, SLACK_NS = 1 };
static const int64_t first_back_off_ns = 50 * NS_PER_MS, last_back_off_ns = 2 * NS_PER_S,
                     longest_nap_ns = 100 * NS_PER_MS;

struct arrival {
    int64_t index, due_ns;
    int64_t free_ns; /* when this session was free to take it */
};

static void add(_Atomic int64_t *count, int64_t more)
{
    atomic_fetch_add_explicit(count, more, memory_order_relaxed);
}

static int64_t stop_ns(const struct client *client)
{
    return atomic_load_explicit(&client->shared->stop_ns, memory_order_relaxed);
}

static bool is_abandoned(const struct client *client)
{
    return atomic_load_explicit(&client->shared->abandon, memory_order_relaxed);
}

static bool is_closed_loop(const struct client *client)
{
    return client->shared->config->rate_per_s <= 0;
}

/* Nothing is left to take: stopped, and every arrival due until then is taken. */
static bool is_over(const struct client *client)
{
    int64_t stopped_ns = stop_ns(client);
    if (is_abandoned(client))
        return true;
    return stopped_ns != CLOCK_NEVER_NS &&
           (is_closed_loop(client) ||
            atomic_load(&client->shared->next) >= schedule_count(&client->shared->schedule, stopped_ns));
}

static int64_t draw_back_off_ns(struct client *client, int attempt)
{
    int64_t most_ns = first_back_off_ns << (attempt < 6 ? attempt + 1 : 6);
    if (most_ns > last_back_off_ns)
        most_ns = last_back_off_ns;
    return first_back_off_ns + (int64_t)(rng_unit(&client->jitter) * (double)(most_ns - first_back_off_ns));
}

/* Opens a lost session again. False: the load is over. A client without a session takes no arrival. */
static bool be_connected(struct client *client)
{
    struct db_answer answer;
    for (int attempt = 0; client->player.db == NULL; attempt++) {
        int64_t wait_ns = draw_back_off_ns(client, attempt);
        for (int64_t until_ns = clock_ns() + wait_ns; clock_ns() < until_ns;) {
            if (is_over(client))
                return false;
            clock_sleep_ns(wait_ns < longest_nap_ns ? wait_ns : longest_nap_ns);
        }
        if (player_connect(&client->player, &answer)) {
            add(&client->reconnects, 1);
            atomic_store(&client->connected, true);
        }
    }
    return true;
}

/* Sleeps until the arrival is due. False: stopped before. */
static bool await_due(const struct client *client, int64_t due_ns)
{
    for (;;) {
        int64_t now_ns = clock_ns();
        if (due_ns > stop_ns(client))
            return false;
        if (now_ns >= due_ns)
            return true;
        clock_sleep_until_ns(due_ns - now_ns > longest_nap_ns ? now_ns + longest_nap_ns : due_ns);
    }
}

static bool take(struct client *client, struct arrival *arrival)
{
    struct shared *shared = client->shared;
    if (is_over(client))
        return false;
    arrival->free_ns = clock_ns();
    arrival->index = atomic_fetch_add_explicit(&shared->next, 1, memory_order_relaxed);
    if (!is_closed_loop(client)) {
        arrival->due_ns = schedule_due_ns(&shared->schedule, arrival->index);
        return await_due(client, arrival->due_ns);
    }
    arrival->due_ns = arrival->free_ns > shared->schedule.start_ns ? arrival->free_ns
                                                                   : shared->schedule.start_ns;
    return await_due(client, arrival->due_ns);
}

/* Publishes which code this client runs before it looks which code is live: pool_deploy, which changes the live code
 * before it looks at the clients, cannot miss it. */
static const struct era *enter_code(struct client *client)
{
    for (;;) {
        const struct era *era = shared_era(client->shared);
        atomic_store(&client->deploy, era->deploy);
        if (shared_era(client->shared)->deploy == era->deploy)
            return era;
    }
}

static void count_lag(struct client *client, const struct arrival *arrival, int64_t sent_ns)
{
    int64_t could_ns = arrival->due_ns > arrival->free_ns ? arrival->due_ns : arrival->free_ns;
    hist_add(&client->shared->lag[client->stripe], (sent_ns - could_ns) / NS_PER_US);
}

static void count_request(struct client *client, const struct request_span *span)
{
    shared_count(client->shared, client->stripe, span);
    atomic_store_explicit(&client->last_done_ns, span->done_ns, memory_order_relaxed);
    if (!span->finished) {
        add(&client->unfinished, 1);
        return;
    }
    add(&client->completed, 1);
    if (span->outcome != OUTCOME_OK)
        add(&client->failed, 1);
}

static void serve(struct client *client, const struct arrival *arrival)
{
    struct shared *shared = client->shared;
    struct rng rng = shared_draws(shared, arrival->index);
    const struct era *era = enter_code(client);
    int script = workload_pick(shared->config->workload, &era->mix, &rng);
    struct request_span span = {.due_ns = arrival->due_ns, .session = db_session(client->player.db)};
    span.script = (uint16_t)script;
    span.sent_ns = clock_ns();
    client->due_ns = arrival->due_ns;
    add(&client->started, 1);
    series_due(shared->series, span.due_ns);
    series_started(shared->series, span.sent_ns);
    count_lag(client, arrival, span.sent_ns);

    enum outcome outcome = player_play(&client->player, script, rng);
    span.done_ns = clock_ns();
    atomic_store(&client->deploy, CLIENT_IDLE);
    span.outcome = (uint8_t)outcome;
    span.finished = !(outcome == OUTCOME_CANCELLED && is_abandoned(client));
    count_request(client, &span);
    if (outcome_ends_session(outcome)) {
        atomic_store(&client->connected, false);
        player_disconnect(&client->player);
    }
}

static void count_statement(void *context, int slot, int64_t service_ns, enum outcome outcome)
{
    struct client *client = context;
    int64_t service_us = service_ns / NS_PER_US;
    tally_add(client->shared->tally, client->stripe, shared_phase(client->shared, client->due_ns), slot,
              service_us, service_us, outcome);
}

static void *client_main(void *context)
{
    struct client *client = context;
    struct arrival arrival;
    prctl(PR_SET_TIMERSLACK, SLACK_NS); /* the usual 50 µs would be the generator's own lateness */
    shared_pass_gate(client->shared);
    while (be_connected(client) && take(client, &arrival))
        serve(client, &arrival);
    atomic_store(&client->ended, true);
    return NULL;
}

void client_init(struct client *client, struct arena *arena, struct shared *shared, int id,
                 const char *application_name)
{
    client->shared = shared;
    client->id = id;
    client->stripe = id % shared->stripes;
    client->jitter = rng_start(rng_hash(shared->config->seed, rng_hash_text(0, "jitter"), (uint64_t)id));
    atomic_init(&client->deploy, CLIENT_IDLE);
    player_init(&client->player, arena, shared->config, id, application_name, &shared->abandon);
    client->player.told = count_statement;
    client->player.context = client;
}

bool client_start(struct client *client, struct err *err)
{
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    atomic_store(&client->connected, true);
    int error = pthread_create(&client->thread, &attributes, client_main, client);
    pthread_attr_destroy(&attributes);
    return error == 0 || err_set(err, ERR_ENVIRONMENT, "cannot start thread %d of the load: %s",
                                 client->id + 1, strerror(error));
}
