/* player: one session that plays scripts. Used by clients and antagonists; each player belongs to one thread, except
 * player_cancel (any). Everything that playing needs is allocated when the player is made. */
#ifndef REHEARSE_LOAD_PLAYER_H
#define REHEARSE_LOAD_PLAYER_H

#include "bench/load/pool.h"

#include <pthread.h>
#include <stdatomic.h>

/* Called after each SQL statement, on the player's thread. slot: see tally.h. */
typedef void player_statement_fn(void *context, int slot, int64_t service_ns, enum outcome outcome);

struct player {
    const struct pool_config *config;
    const atomic_bool *abandon; /* once true nothing more is sent: what runs ends as cancelled */
    struct db_options options;
    pthread_mutex_t guard; /* of db against player_cancel; not taken while playing */
    struct db *db;         /* NULL while not connected */
    struct script_scope *scopes;
    bool *prepared; /* by statement slot − script count; of this connection */
    char (*texts)[32];
    const char **values;
    char *message;             /* the simple protocol's */
    player_statement_fn *told; /* may be NULL */
    void *context;
};

void player_init(struct player *player, struct arena *arena, const struct pool_config *config, int client_id,
                 const char *application_name, const atomic_bool *abandon);
void player_free(struct player *player); /* disconnects */
bool player_define(struct player *player, const char *name, struct script_value value);

bool player_connect(struct player *player, struct db_answer *answer);
void player_disconnect(struct player *player);
/* Prepares all of a script; false: err names the statement's file and line. */
bool player_prepare(struct player *player, int script, struct err *err);
/* Runs it once with draws from rng. A failed request leaves no transaction open. */
enum outcome player_play(struct player *player, int script, struct rng rng);
void player_cancel(struct player *player);
/* Sleeps until then, or less when abandon is set. */
void player_sleep_until_ns(const struct player *player, int64_t until_ns);

#endif
