/* workload: the application as rehearse plays it: scripts in pgbench's language, and apps (versions of the code), each a
 * weighted choice of scripts. Read once into an arena, immutable afterwards, shared by all clients.
 *
 * A slot (see tally.h) is a script's requests (slots 0 … script_count−1) or one SQL statement of a script (after them). */
#ifndef REHEARSE_WORKLOADS_WORKLOAD_H
#define REHEARSE_WORKLOADS_WORKLOAD_H

#include "bench/base/arena.h"
#include "bench/base/err.h"
#include "bench/base/rng.h"
#include "bench/db/sql.h"
#include "workloads/script.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WORKLOAD_MAX_APPS = 16 };

struct app_entry {
    int script; /* index into the workload's scripts */
    double weight;
};

struct app {
    const char *name;
    struct app_entry *entries;
    size_t entry_count;
    double weight_sum;
};

struct workload {
    struct arena *arena;
    enum sql_lexis lexis;
    struct script **scripts;
    size_t script_count, script_capacity;
    struct app *apps;
    size_t app_count, app_capacity;
};

/* Which apps are live and with what share; shares sum to 1. A plain value. */
struct app_mix {
    struct {
        int app;
        double share;
    } parts[WORKLOAD_MAX_APPS];
    int count;
};

void workload_init(struct workload *workload, struct arena *arena, enum sql_lexis lexis);
/* Adds an app from entries "FILE@WEIGHT" (weight 1 when left out), files relative to directory. The same file named by
 * two apps is one script. place: for errors about an entry (file:line:column of the plan), may be NULL. */
bool workload_add_app(struct workload *workload, const char *name, const char *directory,
                      const char *const *entries, size_t count, struct err *err);
/* A script that stands alone (antagonist, -f text). Returns its index through *script. */
bool workload_add_script(struct workload *workload, const char *directory, const char *file, int *script,
                         struct err *err);
/* pgbench's built-ins by name: tpcb-like, simple-update, select-only. */
bool workload_add_builtin(struct workload *workload, const char *name, int *script, struct err *err);
/* A script from text instead of a file (generated load): name stands for the file in errors and reports. */
bool workload_add_text(struct workload *workload, const char *name, const char *text, int *script,
                       struct err *err);

int workload_app(const struct workload *workload, const char *name); /* −1 when there is none */
int workload_slots(const struct workload *workload);
const char *workload_slot_name(const struct workload *workload,
                               int slot); /* script's name, or the statement's */
bool workload_slot_is_script(const struct workload *workload, int slot);
int workload_slot_of_statement(const struct workload *workload, int script, int statement);
/* Draws a script for one arrival: app by share, script by weight. */
int workload_pick(const struct workload *workload, const struct app_mix *mix, struct rng *rng);

/* True when any script of app has a statement that names both the table and the column (words as the engine folds them).
 * *where gets the script's file:line in the workload's arena. For refusing a rollback under a live app. */
bool workload_app_names(const struct workload *workload, int app, const char *table, const char *column,
                        const char **where);
/* True when any statement of the script mentions the table (unqualified name). For victims of an episode. */
bool workload_script_touches(const struct workload *workload, int script, const char *table);

#endif
