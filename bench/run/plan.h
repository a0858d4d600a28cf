/* plan: rehearse.json, read strictly: one rehearsal. Errors carry file:line:column. Read once, immutable afterwards. */
#ifndef REHEARSE_RUN_PLAN_H
#define REHEARSE_RUN_PLAN_H

#include "bench/base/arena.h"
#include "bench/base/err.h"
#include "bench/migrate/strategy.h"
#include "generators/fill.h"
#include "reports/threshold.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct plan_place { /* where a value stands in the plan, for errors found later */
    const char *file;
    int line, column;
};

struct plan_table {
    const char *name;
    int64_t rows; /* −1: as many as the profile says */
    struct plan_place place;
};

struct plan_app {
    const char *name;
    const char **entries; /* "FILE@WEIGHT" */
    size_t entry_count;
    struct plan_place place;
};

struct plan_antagonist {
    const char *script;
    int64_t start_ns, every_ns, hold_ns;
    struct plan_place place;
};

struct plan_strategy {
    const char *name, *migration; /* migration: file, relative to the plan; NULL when exec is given */
    const char *const *exec;      /* argv, NULL-terminated; NULL when migration is given */
    struct strategy_settings overrides;
    bool candidate;
    struct plan_place place;
};

enum plan_reset { PLAN_RESET_DEFAULT, PLAN_RESET_COPY, PLAN_RESET_NONE };

struct plan {
    const char *file, *directory, *sha256;
    const char *name, *title;
    const char *dsn;
    const char *const *replicas; /* DSNs; a sandbox with replica=1 needs none */
    size_t replica_count;
    bool production; /* target.role is production: nothing but profile may run */
    uint64_t seed;
    const char *schema, *profile; /* files, NULL */
    double scale;                 /* of the profile's rows */
    struct plan_table *tables;
    size_t table_count;
    struct fill_column_spec *columns; /* data.tables.T.columns */
    size_t column_count, column_capacity;
    enum plan_reset reset;
    double rate_per_s; /* 0: closed loop; −1: not said (capacity probe) */
    int sessions;
    bool simple_protocol;
    int64_t warmup_ns, baseline_ns, settle_ns;
    struct plan_app *apps; /* the first is live in the baseline */
    size_t app_count;
    struct plan_antagonist *antagonists;
    size_t antagonist_count;
    struct plan_strategy *strategies;
    size_t strategy_count;
    struct thresholds thresholds;
};

/* Keys of PRODUCT that are not built yet (pool …) are refused by name. */
bool plan_read(struct arena *arena, const char *file, const char *text, size_t length, struct plan **plan,
               struct err *err);

#endif
