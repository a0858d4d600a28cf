/* audit: how near a filled copy is to the profile it was made from, by statistics. audit_sheet and what it needs are pure;
 * audit_run reads a server, one thread.
 *
 * A profile's literals are those that the rows were made from, so values compare directly: numbers and moments on their axis,
 * others by the order of the server. A measure is a ratio (of rows, pages, q-errors) or a difference of shares; a sheet holds
 * them of each column, table and of the database. What is scanned of the copy stays in memory.
 *
 * Scores go from 0 to 1: each measure within its limit counts 1, else the limit divided by how far it is off; a score is the
 * geometric mean of those that could be measured. Limits widen to twice the noise: by how much two samples of these sizes differ
 * of rows that are alike (a small table is a sample itself), or the copy analysed again, against itself, if that is more. In a
 * mean a column weighs what its statistics can tell: 1 while twice its noise is within the limit, then less by the square. */
#ifndef REHEARSE_GENERATORS_AUDIT_H
#define REHEARSE_GENERATORS_AUDIT_H

#include "bench/base/buf.h"
#include "bench/db/db.h"
#include "generators/profile.h"

struct audit_queries;
struct fill_column_spec;
struct fill_table_spec;

enum audit_metric {
    AUDIT_ROWS, /* copy's / wanted; worst table */
    AUDIT_HEAP_PAGES, /* per row, copy's / source's; worst table. Not of small tables, nor where the source is bloated */
    AUDIT_INDEX_PAGES, /* the same of indexes */
    AUDIT_NULLS,       /* difference of the share; worst column */
    AUDIT_WIDTH,       /* relative difference; mean of the columns */
    AUDIT_MCV,         /* total variation of the common values; mean */
    AUDIT_HISTOGRAM,   /* Kolmogorov-Smirnov distance of the values that are not null; mean */
    AUDIT_CORRELATION, /* difference; mean */
    AUDIT_DISTINCT,    /* q-error of the true number of different values; geometric mean */
    AUDIT_REPORTED,    /* of the one that the server reports; geometric mean; told, not judged */
    AUDIT_FANOUT,      /* Kolmogorov-Smirnov distance of children per parent; worst foreign key */
    AUDIT_METRICS
};

struct audit_limit {
    const char *name, *title; /* title: at most eight letters */
    double ideal, low, high;  /* high is infinite: told, not judged */
};
extern const struct audit_limit audit_limits[AUDIT_METRICS];

struct audit_measures {
    double of[AUDIT_METRICS]; /* NAN: not measured */
    double
        noise[AUDIT_METRICS]; /* how far from the ideal chance takes it; NAN: no chance in it, or unknown */
};

struct audit_given { /* columns whose values the plan says, not the profile */
    const struct fill_column_spec *columns;
    size_t count;
};

struct audit_column {
    const char *name;
    struct audit_measures is;
    double score; /* NAN: nothing could be measured */
    bool missing; /* the copy has no such column */
    bool given;   /* the plan gives its values: not compared */
};

struct audit_table {
    const char *schema, *name;
    struct audit_measures is;
    struct audit_column *columns;
    size_t column_count, missing_count;
    double score;
    const struct audit_column *worst; /* NULL: all are as they should be */
    bool missing, unknown;            /* the copy has no such table; it was never analysed */
    bool bloated; /* some of the source's pages hold less than fresh ones would: they are not compared */
};

struct audit_sheet {
    struct audit_table
        *tables; /* as in the profile; partitions stand for themselves in none: their table does */
    size_t table_count, missing_count;
    struct audit_measures is;
    double score;
    const struct audit_table *worst; /* the table of the worst column, or that is worst itself; NULL */
};

struct audit_pair {
    const struct profile *source, *copy;
    const double *rows; /* wanted, by table of the source; NULL: the source's */
    /* Places of literals of a column of the copy in the server's order; false: not known. NULL: bytes, where lists ascend so. */
    bool (*order)(void *context, const struct profile_table *table, const struct profile_column *column,
                  const char *const *literals, size_t count, double *places);
    void *context;
    struct audit_given given;
};

/* Measured and scored. noise: NULL, or of the copy against itself, which has the same tables. */
struct audit_sheet *audit_sheet(struct arena *arena, const struct audit_pair *pair,
                                const struct audit_sheet *noise);
/* How far a measure is from its ideal, 1 being its limit: noise is NAN where none is known. NAN: not measured. */
double audit_excess(enum audit_metric metric, double measure, double noise);
bool audit_passes(const struct audit_sheet *sheet);

/* Controls. Literal: the profile as if its report were the truth: as many different values as reported, in no order,
 * children even over so many parents. It is a profile, to be compared with the source. */
const struct profile *audit_naive(struct arena *arena, const struct profile *source);
enum audit_sabotage {
    AUDIT_SHUFFLED, /* no physical order */
    AUDIT_HALVED,   /* half as many different values */
    AUDIT_MOVED, /* a quarter of the common values' rows, and of the lower half of the others', went elsewhere */
    AUDIT_SABOTAGES
};
const struct profile *audit_spoil(struct arena *arena, const struct profile *copy,
                                  enum audit_sabotage sabotage);
extern const char *const audit_sabotages[AUDIT_SABOTAGES];

struct audit_statement { /* one that only reads, its variables filled in */
    const char *name, *sql;
};

struct audit_config {
    const struct db_target *target;        /* the copy, analysed */
    const struct db_target *source_target; /* NULL, or the source itself, for queries: only read */
    const struct profile *source;
    const double *rows; /* as in audit_pair */
    bool
        counts; /* count different values and children per parent: reads all rows. Small tables are counted anyway */
    bool cheaply; /* counts of small databases only, whatever the profile has */
    struct audit_given given;
    size_t queries;                           /* how many are generated; 0: none are asked */
    uint64_t seed;                            /* of them */
    const struct audit_statement *statements; /* of the workload, asked too */
    size_t statement_count;
    int64_t query_budget_ms; /* for all of them; 0: as long as it takes */
    bool noise; /* analyse once more: changes statistics, so the target must be one that may be changed */
    int64_t statement_timeout_ms;
    const char *expected_identity; /* with noise; NULL */
    void (*progress)(void *context, const char *table, const char *what);
    void (*session)(void *context, struct db *db); /* as scan_config's */
    bool (*interrupted)(void *context);
    void *context;
};

struct audit {
    const struct profile *source;
    /* naive: NULL where the server reports the truth; spoiled: where nothing measures what was */
    const struct audit_sheet *copy, *naive, *spoiled[AUDIT_SABOTAGES];
    const struct audit_queries *queries; /* NULL: not asked; audit_query.h */
    bool analysed_again;                 /* noise was measured, not only reckoned */
    bool passed;
};

/* What a fill of the profile at this scale gives each table, or what the list says; for audit_config.rows. */
const double *audit_rows(struct arena *arena, const struct profile *profile, double scale,
                         const struct fill_table_spec *tables, size_t count);
bool audit_run(const struct audit_config *config, struct arena *arena, struct audit **audit, struct err *err);
void audit_text(const struct audit *audit, struct buf *out);
void audit_json(const struct audit *audit, struct buf *out);

#endif
