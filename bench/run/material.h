/* material: strategies and workload of a plan, read and checked against each other. No server. Arena-owned, immutable. */
#ifndef REHEARSE_RUN_MATERIAL_H
#define REHEARSE_RUN_MATERIAL_H

#include "bench/load/pool.h"
#include "bench/migrate/strategy.h"
#include "bench/run/plan.h"
#include "bench/run/rehearsal.h"
#include "generators/profile.h"
#include "reports/record.h"
#include "workloads/workload.h"

struct material_strategy {
    const struct plan_strategy *plan;
    const struct strategy *strategy;
};

struct material {
    struct workload workload;
    int *antagonist_scripts;              /* by plan->antagonists */
    struct material_strategy *strategies; /* those that will run, in the plan's order */
    size_t strategy_count;
    struct pool_variable *defines; /* from -D */
    size_t define_count;
    const char *schema_file, *schema_text; /* NULL: none */
    const struct profile *profile;         /* NULL: none */
    const char *profile_sha256;
};

/* lexis: of the target's engine, which all SQL is written for. */
bool material_read(const struct plan *plan, const struct rehearsal_options *options, enum sql_lexis lexis,
                   struct arena *arena, struct material *material, struct err *err);
/* Hashes, load and antagonists into the record. */
void material_record(const struct material *material, const struct plan *plan, struct arena *arena,
                     struct record *record);
/* The apps and their scripts, once all are known: a load from keys is made on the server. */
void material_record_apps(const struct material *material, struct arena *arena, struct record *record);

#endif
