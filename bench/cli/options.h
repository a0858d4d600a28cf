/* options: the flags of the command line, from one const table. Main thread. */
#ifndef REHEARSE_CLI_OPTIONS_H
#define REHEARSE_CLI_OPTIONS_H

#include "bench/base/arena.h"
#include "bench/base/err.h"
#include "bench/observe/observer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Which verbs a flag belongs to. */
enum {
    VERB_RUN = 1,
    VERB_CHECK = 2,
    VERB_FILL = 4,
    VERB_REPORT = 8,
    VERB_ARM = 16,
    VERB_DEMO = 32,
    VERB_CLEAN = 64,
    VERB_PROFILE = 128,
    VERB_AUDIT = 256,
    VERB_ALL = 511
};

struct text_list {
    const char **items;
    size_t count, capacity;
};

struct options {
    const char *dsn, *out, *arm, *engine, *name, *html, *md, *color, *observe, *protocol, *rate, *expires;
    const char *tables, *literals, *statement_timeout;               /* of profile */
    const char *profile, *scale, *source;                            /* of audit */
    struct text_list strategies, scripts, builtins, defines, places; /* places: what is not a flag */
    int64_t sessions, seed, queries;                                 /* −1: not said */
    int64_t watch_ns;                                                /* −T; −1: not said */
    bool json, quiet, verbose, print_sql, help, allow_exec, unlogged, pin_stats, execute, counts, audit,
        noise;
};

/* Values stand attached ("-c16", "--rate=400") or in the next word; "--" ends the flags; of repeated flags that are no list
 * the last counts. Texts point into argv. */
bool options_read(struct arena *arena, int argc, char **argv, unsigned verb, struct options *options,
                  struct err *err);
/* The flags of a verb with what they mean, on stdout, within 80 columns. */
void options_print(unsigned verb);

#endif
