#include "bench/load/player.h"

#include "bench/db/dialect.h"

#include <string.h>

static const int64_t default_deadline_ns = 600 * NS_PER_S, longest_nap_ns = 50 * NS_PER_MS;

/* The largest text of any statement of the workload with its variables filled in. */
static size_t largest_message(const struct workload *workload)
{
    size_t bytes = 1;
    for (size_t i = 0; i < workload->script_count; i++) {
        const struct script *script = workload->scripts[i];
        for (size_t j = 0; j < script->command_count; j++) {
            if (script->commands[j].rendered_bytes > bytes)
                bytes = script->commands[j].rendered_bytes;
        }
    }
    return bytes;
}

static size_t statement_total(const struct workload *workload)
{
    return (size_t)workload_slots(workload) - workload->script_count;
}

bool player_define(struct player *player, const char *name, struct script_value value)
{
    bool known = false;
    for (size_t i = 0; i < player->config->workload->script_count; i++)
        known = script_define(&player->scopes[i], name, value) || known;
    return known;
}

void player_init(struct player *player, struct arena *arena, const struct pool_config *config, int client_id,
                 const char *application_name, const atomic_bool *abandon)
{
    const struct workload *workload = config->workload;
    *player = (struct player){.config = config, .abandon = abandon};
    player->options = (struct db_options){.application_name = application_name,
                                          .expected_identity = config->expected_identity,
                                          .as_user = true};
    pthread_mutex_init(&player->guard, NULL);
    player->scopes = arena_alloc(arena, (workload->script_count + 1) * sizeof *player->scopes);
    player->prepared = arena_alloc(arena, statement_total(workload) + 1);
    player->texts = arena_alloc(arena, DB_MAX_PARAMS * sizeof *player->texts);
    player->values = arena_alloc(arena, DB_MAX_PARAMS * sizeof *player->values);
    player->message = arena_alloc(arena, largest_message(workload));
    for (size_t i = 0; i < workload->script_count; i++)
        player->scopes[i] = script_scope(arena, workload->scripts[i], config->seed);
    player_define(player, "client_id", (struct script_value){.type = SCRIPT_INTEGER, .integer = client_id});
    for (size_t i = 0; i < config->variable_count; i++)
        player_define(player, config->variables[i].name, config->variables[i].value);
}

void player_free(struct player *player)
{
    if (player->config == NULL)
        return;
    player_disconnect(player);
    pthread_mutex_destroy(&player->guard);
}

static void swap_session(struct player *player, struct db *db)
{
    pthread_mutex_lock(&player->guard);
    struct db *old = player->db;
    player->db = db;
    pthread_mutex_unlock(&player->guard);
    db_close(old);
    memset(player->prepared, 0, statement_total(player->config->workload));
}

bool player_connect(struct player *player, struct db_answer *answer)
{
    struct db *db = db_open_outcome(player->config->target, &player->options, answer);
    if (db != NULL)
        swap_session(player, db);
    return db != NULL;
}

void player_disconnect(struct player *player)
{
    swap_session(player, NULL);
}

void player_cancel(struct player *player)
{
    pthread_mutex_lock(&player->guard);
    if (player->db != NULL)
        db_cancel(player->db);
    pthread_mutex_unlock(&player->guard);
}

static bool is_abandoned(const struct player *player)
{
    return atomic_load_explicit(player->abandon, memory_order_relaxed);
}

void player_sleep_until_ns(const struct player *player, int64_t until_ns)
{
    for (int64_t now_ns; (now_ns = clock_ns()) < until_ns && !is_abandoned(player);)
        clock_sleep_until_ns(until_ns - now_ns > longest_nap_ns ? now_ns + longest_nap_ns : until_ns);
}

static int64_t deadline_ns(const struct player *player)
{
    int64_t limit_ns = player->config->request_deadline_ns;
    return clock_ns() + (limit_ns > 0 ? limit_ns : default_deadline_ns);
}

static struct db_answer run_prepared(struct player *player, const struct script_scope *scope,
                                     const struct script_command *command, int id)
{
    struct db_answer answer = {.outcome = OUTCOME_OK};
    if (!player->prepared[id]) {
        answer = db_prepare(player->db, id, command->sql, deadline_ns(player));
        player->prepared[id] = answer.outcome == OUTCOME_OK;
    }
    if (answer.outcome != OUTCOME_OK)
        return answer;
    for (int i = 0; i < command->param_count; i++)
        player->values[i] = script_value_text(scope, command->params[i], player->texts[i]);
    answer = db_run(player->db, id, player->values, command->param_count, deadline_ns(player), NULL, NULL);
    if (answer.outcome == OUTCOME_SCHEMA_CHANGED)
        player->prepared[id] =
            false; /* one failure per session, as a pooled application has; then it is prepared anew */
    return answer;
}

static enum outcome run_statement(struct player *player, int script, const struct script_scope *scope,
                                  const struct script_command *command)
{
    const struct workload *workload = player->config->workload;
    int slot = workload_slot_of_statement(workload, script, command->statement);
    struct db_answer answer;
    if (is_abandoned(player))
        return OUTCOME_CANCELLED;
    int64_t sent_ns = clock_ns();
    if (player->config->protocol == POOL_PREPARED) {
        answer = run_prepared(player, scope, command, slot - (int)workload->script_count);
    } else {
        script_render(scope, command, player->message);
        answer = db_exec(player->db, player->message, deadline_ns(player), NULL, NULL);
    }
    if (player->told != NULL)
        player->told(player->context, slot, clock_ns() - sent_ns, answer.outcome);
    return answer.outcome;
}

static enum outcome run_command(struct player *player, int script, struct script_scope *scope,
                                const struct script_command *command)
{
    const char *why;
    switch (command->kind) {
    case SCRIPT_SQL:
        return run_statement(player, script, scope, command);
    case SCRIPT_SET:
        return script_set(scope, command, &why) ? OUTCOME_OK : OUTCOME_OTHER;
    case SCRIPT_SLEEP:
        player_sleep_until_ns(player, clock_ns() + script_sleep_ns(scope, command));
        return OUTCOME_OK;
    }
    return OUTCOME_OTHER;
}

/* Leaves no transaction behind. A script that ends inside one has failed: its work is never seen by anyone. */
static enum outcome end_transaction(struct player *player, enum outcome outcome)
{
    if (outcome_ends_session(outcome) || !db_in_transaction(player->db))
        return outcome;
    const char *rollback = db_dialect(player->db)->text(DIALECT_ROLLBACK, db_version(player->db));
    struct db_answer answer = db_exec(player->db, rollback, deadline_ns(player), NULL, NULL);
    if (outcome == OUTCOME_OK)
        return outcome_ends_session(answer.outcome) ? answer.outcome : OUTCOME_OTHER;
    return outcome;
}

enum outcome player_play(struct player *player, int script, struct rng rng)
{
    struct script_scope *scope = &player->scopes[script];
    const struct script *played = scope->script;
    enum outcome outcome = OUTCOME_OK;
    scope->rng = rng;
    for (size_t i = 0; i < played->command_count && outcome == OUTCOME_OK; i++)
        outcome = run_command(player, script, scope, &played->commands[i]);
    return end_transaction(player, outcome);
}

/* The script is at fault, unless the role or the server is. */
static bool not_prepared(const struct script *script, const struct script_command *command,
                         const struct db_answer *answer, struct err *err)
{
    err_at(err, script->file, command->line, command->column, "the server does not prepare this: %s",
           answer->message);
    if (answer->outcome != OUTCOME_PERMISSION && !outcome_ends_session(answer->outcome))
        return false;
    err->kind = ERR_ENVIRONMENT;
    return answer->outcome == OUTCOME_PERMISSION
               ? err_hint(err, "grant the right to the role that the DSN names, or use another")
               : false;
}

bool player_prepare(struct player *player, int script, struct err *err)
{
    const struct workload *workload = player->config->workload;
    const struct script *read = workload->scripts[script];
    for (size_t i = 0; i < read->command_count; i++) {
        const struct script_command *command = &read->commands[i];
        if (command->kind != SCRIPT_SQL)
            continue;
        int id = workload_slot_of_statement(workload, script, command->statement) -
                 (int)workload->script_count;
        if (player->prepared[id])
            continue;
        struct db_answer answer = db_prepare(player->db, id, command->sql, deadline_ns(player));
        if (answer.outcome != OUTCOME_OK)
            return not_prepared(read, command, &answer, err);
        player->prepared[id] = true;
    }
    return true;
}
