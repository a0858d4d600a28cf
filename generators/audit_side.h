/* audit_side: one of the two databases that queries compare: its statistics, and a session. Private to audit*.c. One thread. */
#ifndef REHEARSE_GENERATORS_AUDIT_SIDE_H
#define REHEARSE_GENERATORS_AUDIT_SIDE_H

#include "generators/audit_parts.h"
#include "generators/audit_query.h"

struct audit_known { /* of a column, learned when it is first asked for */
    const struct profile_column *column;
    struct audit_axis axis;
    struct audit_curve curve;
    bool curved, counted;
    const char **rest; /* values among the bounds, the common ones first: a sample of the rows in no list */
    size_t rest_count;
};

struct audit_side {
    struct arena *arena;
    const struct profile *profile; /* whose statistics */
    const struct profile
        *server;   /* what the session sees: the same, or of the copy where only a profile is known */
    struct db *db; /* sorts literals, and runs what is asked if `runs` */
    bool runs;
    int64_t statement_timeout_ms;
    const struct audit_config *config; /* who may stop what is asked */
    struct audit_orders orders;
    struct audit_known *known;
    size_t known_count, known_capacity;
};

struct audit_drawn {
    const char *literals[AUDIT_PLACES]; /* NULL: not known on this side */
    double share;                       /* of all rows that it leaves, by the statistics; NAN unknown */
};

/* Literals for a predicate on this side's column. settle: its places move to those that the side has. False: the side has
 * none there. */
bool audit_draw(struct audit_side *side, const struct profile_table *table,
                const struct profile_column *column, struct audit_predicate *predicate, bool settle,
                struct audit_drawn *drawn);

/* The query for this side's server. NULL: it has no such table, column, or literal. */
const char *audit_sql(struct audit_side *side, const struct audit_query *query,
                      const struct audit_drawn *drawn);
struct audit_seen audit_see(struct audit_side *side, const char *sql);

/* audit_ask.c. copy, live: scanned; live is NULL without a source. What cannot be asked is left out. False: interrupted, or the
 * source does not let one in. */
bool audit_ask(const struct audit_config *config, struct arena *arena, const struct profile *copy,
               const struct profile *live, struct audit_queries **queries, struct err *err);

/* audit_report_queries.c. NULL: nothing was asked. */
void audit_queries_text(const struct audit_queries *queries, struct buf *out);
void audit_queries_json(const struct audit_queries *queries, struct json_writer *w); /* a member "queries" */

#endif
