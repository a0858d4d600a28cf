/* audit_query: queries by which a copy is compared with what it is a copy of. All but audit_ask are pure.
 *
 * A predicate names no value but a place: for = and IN the share of the rows that hold more common values, for ranges the
 * share of the rows that lie below. Each side draws its own literals at these places from its own statistics, so that a copy
 * whose values are surrogates is asked the same. Literals stay in memory. */
#ifndef REHEARSE_GENERATORS_AUDIT_QUERY_H
#define REHEARSE_GENERATORS_AUDIT_QUERY_H

#include "bench/base/json.h"
#include "generators/audit.h"

enum audit_kind { AUDIT_SINGLE, AUDIT_JOIN, AUDIT_MULTI, AUDIT_WORKLOAD, AUDIT_KINDS };
extern const char *const audit_kinds[AUDIT_KINDS];

enum audit_operator { AUDIT_EQUAL, AUDIT_ANY, AUDIT_BETWEEN, AUDIT_BELOW, AUDIT_FROM, AUDIT_IS_NULL };
enum { AUDIT_PLACES = 3, AUDIT_JOINED = 3, AUDIT_PREDICATES = 3 };

struct audit_predicate {
    size_t at;                           /* which of the query's tables */
    const struct profile_column *column; /* of the reference's table */
    enum audit_operator operator;
    double places[AUDIT_PLACES]; /* 0 … 1, of the rows that are not null */
    size_t place_count;
};

struct audit_query {
    enum audit_kind kind;
    const struct profile_table
        *tables[AUDIT_JOINED]; /* of the reference; each the parent of the one before */
    const struct profile_reference *references[AUDIT_JOINED - 1];
    struct audit_predicate predicates[AUDIT_PREDICATES];
    size_t table_count, predicate_count;
};

/* Up to `wanted` queries, all different: half of them of one column, a quarter each of joins along foreign keys and of several
 * columns, as far as there are any. The same for the same reference and seed. given: NULL, or columns to leave out. */
size_t audit_queries_make(struct arena *arena, const struct profile *reference, uint64_t seed, size_t wanted,
                          const struct audit_given *given, struct audit_query **queries);
/* "orders -> customer: orders.state = (at .312), customer.city between (.10, .30)". No literal. */
const char *audit_query_name(struct arena *arena, const struct audit_query *query);

/* ---- what a server says of a query ---- */

struct audit_seen {
    double rows, touched; /* NAN unknown */
    const char *plan;     /* node types, relations and indexes as they are nested; NULL unknown */
    bool failed;          /* refused, or took too long */
};
/* Of a plan as the server gives it in JSON. */
struct audit_seen audit_plan_read(struct arena *arena, const struct json *root);

struct audit_asked {
    enum audit_kind kind;
    const char *name, *schema, *table; /* table: the first; of the workload's NULL */
    struct audit_seen source,
        copy;                 /* source.rows: of a profile alone what it says, where it follows from it */
    double rows_q, touched_q; /* q-errors; NAN */
    int same_plan;            /* 1, 0, −1 unknown */
};

struct audit_figures { /* NAN: none was measured */
    size_t count, rows_count, touched_count, plan_count;
    double rows_median, rows_p90, touched_median, touched_p90, same_plan_ratio;
};
struct audit_figures audit_figures(struct arena *arena, const struct audit_asked *asked, size_t count,
                                   int kind /* −1: all */, const struct audit_table *table /* NULL: all */);

struct audit_queries {
    bool beside_source; /* else the profile alone says what to expect */
    struct audit_asked *asked;
    size_t count, skipped; /* skipped: there was no time for */
    struct audit_figures all, of[AUDIT_KINDS];
};
/* The greater by the smaller, neither less than 1. NAN where one is not known. */
double audit_query_error(double a, double b);
/* Figures as promised: same plans, rows. Only beside the source; what is not known passes. */
bool audit_queries_pass(const struct audit_queries *queries);
extern const double audit_least_same_plans, audit_most_rows_median, audit_most_rows_p90;

#endif
