#include "bench/load/antagonist.h"

#include "bench/load/player.h"

#include <stdlib.h>

static const int64_t cancel_every_ns = 100 * NS_PER_MS, poll_ns = NS_PER_MS, retry_ns = 500 * NS_PER_MS;

struct antagonist {
    struct arena arena;
    struct antagonist_config config;
    struct pool_config pool; /* a copy: the caller's may be gone by then */
    struct player player;
    atomic_bool abandon, ended;
    pthread_t thread;
    bool gone, stopped;
    int64_t zero_ns;
    struct rng rng;
    struct request_span *spans; /* the thread's until it is joined */
    size_t count, capacity;
};

static bool is_abandoned(const struct antagonist *antagonist)
{
    return atomic_load_explicit(&antagonist->abandon, memory_order_relaxed);
}

static bool be_connected(struct antagonist *antagonist)
{
    struct db_answer answer;
    while (antagonist->player.db == NULL && !is_abandoned(antagonist)) {
        if (!player_connect(&antagonist->player, &answer))
            player_sleep_until_ns(&antagonist->player, clock_ns() + retry_ns);
    }
    return antagonist->player.db != NULL;
}

static void play_once(struct antagonist *antagonist, int64_t due_ns)
{
    if (!be_connected(antagonist))
        return;
    struct request_span span = {.due_ns = due_ns,
                                .sent_ns = clock_ns(),
                                .session = db_session(antagonist->player.db),
                                .script = (uint16_t)antagonist->config.script};
    struct rng draws = rng_start(rng_next(&antagonist->rng));
    enum outcome outcome = player_play(&antagonist->player, antagonist->config.script, draws);
    span.done_ns = clock_ns();
    span.outcome = (uint8_t)outcome;
    span.finished = !(outcome == OUTCOME_CANCELLED && is_abandoned(antagonist));
    *ARENA_PUSH(&antagonist->arena, antagonist->spans, antagonist->count, antagonist->capacity) = span;
    if (outcome_ends_session(outcome))
        player_disconnect(&antagonist->player);
}

static void *antagonist_main(void *context)
{
    struct antagonist *antagonist = context;
    int64_t due_ns = antagonist->zero_ns + antagonist->config.start_ns;
    for (;;) {
        player_sleep_until_ns(&antagonist->player, due_ns);
        if (is_abandoned(antagonist))
            break;
        play_once(antagonist, due_ns);
        if (antagonist->config.every_ns <= 0)
            break;
        due_ns += antagonist->config.every_ns;
        if (due_ns < clock_ns())
            due_ns = clock_ns(); /* it took longer than its period: the next begins at once */
    }
    atomic_store(&antagonist->ended, true);
    return NULL;
}

static bool check_variables(const struct antagonist *antagonist, struct err *err)
{
    const struct script_scope *scope = &antagonist->player.scopes[antagonist->config.script];
    int line, column;
    const char *name = script_undefined(scope, &line, &column);
    return name == NULL ||
           err_at(err, scope->script->file, line, column, "variable :%s has no value here", name);
}

struct antagonist *antagonist_open(const struct antagonist_config *config, struct err *err)
{
    struct antagonist *antagonist = mem_alloc(sizeof *antagonist);
    struct db_answer answer;
    antagonist->config = *config;
    antagonist->config.pool = NULL;
    antagonist->pool = *config->pool;
    antagonist->rng = rng_start(
        rng_hash(config->pool->seed, rng_hash_text(0, "antagonist"), (uint64_t)config->script));
    const char *name = arena_printf(&antagonist->arena, "rehearse/%s/antagonist", config->pool->run_id);
    player_init(&antagonist->player, &antagonist->arena, &antagonist->pool, 0, name, &antagonist->abandon);
    player_define(&antagonist->player, "hold_ms",
                  (struct script_value){.type = SCRIPT_INTEGER, .integer = config->hold_ns / NS_PER_MS});
    if (!check_variables(antagonist, err))
        goto failed;
    if (player_connect(&antagonist->player, &answer))
        return antagonist;
    db_answer_error(&answer, err);
    err_wrap(err, "antagonist's session to %s", config->pool->target->label);
failed:
    antagonist_close(antagonist);
    return NULL;
}

void antagonist_go(struct antagonist *antagonist, int64_t zero_ns)
{
    antagonist->zero_ns = zero_ns;
    antagonist->gone = pthread_create(&antagonist->thread, NULL, antagonist_main, antagonist) == 0;
}

void antagonist_stop(struct antagonist *antagonist)
{
    if (antagonist == NULL || antagonist->stopped)
        return;
    antagonist->stopped = true;
    atomic_store(&antagonist->abandon, true);
    if (!antagonist->gone)
        return;
    for (int64_t next_ns = 0; !atomic_load(&antagonist->ended); clock_sleep_ns(poll_ns)) {
        if (clock_ns() < next_ns)
            continue;
        player_cancel(&antagonist->player);
        next_ns = clock_ns() + cancel_every_ns;
    }
    pthread_join(antagonist->thread, NULL);
}

void antagonist_close(struct antagonist *antagonist)
{
    if (antagonist == NULL)
        return;
    antagonist_stop(antagonist);
    player_free(&antagonist->player);
    arena_free(&antagonist->arena);
    free(antagonist);
}

const struct request_span *antagonist_spans(const struct antagonist *antagonist, size_t *count)
{
    *count = antagonist->count;
    return antagonist->spans;
}
