/* profile: what a source database looks like: its schema, row counts and statistics. No rows.
 *
 * Read from a server by scan, redacted by redact before anybody sees it, written and read as JSON (docs/profile.schema.json);
 * immutable afterwards, in one arena, shared by all threads. Every literal is canonical text: what a cast to text gives in a
 * session after DIALECT_SETUP_SESSION. Where a column's values are not kept, literals are surrogates of the same type, shape
 * and order: who generates from a profile need not know. */
#ifndef REHEARSE_GENERATORS_PROFILE_H
#define REHEARSE_GENERATORS_PROFILE_H

#include "bench/base/buf.h"
#include "bench/db/sql.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What of the source's values stands in a column: nothing, surrogates of their shape, themselves. */
enum profile_values { PROFILE_NONE, PROFILE_SHAPE, PROFILE_KEPT };

struct profile_atom { /* one common value */
    double share;     /* of all rows, nulls included */
    const char *value;
};

/* Counts of counts: so many values (for a foreign key: parents) occur in so many rows each. */
struct profile_count {
    int64_t rows, values;
};

struct profile_column {
    const char *name, *type, *base; /* type as the source writes it, base as catalogue_column.base_type */
    enum profile_values values;
    bool not_null, listed; /* listed: the schema lists its values (enum, boolean, CHECK); not written */
    double null_ratio, width_bytes; /* width: as stored; NAN unknown */
    double distinct_reported;       /* > 0 a number, < 0 minus a share of the rows, 0 unknown */
    double distinct;                /* the true number as far as it can be recovered; 0 unknown */
    const char *distinct_by;  /* unique, mcv, counts, density, tail, index, parent, reported; NULL unknown */
    double distinct_ratio;    /* what that would report / reported: 1 is a perfect self-test; NAN */
    double correlation;       /* physical order, −1 … 1; NAN unknown */
    struct profile_atom *mcv; /* by falling share */
    const char **bounds; /* of rows in no atom and not null, ascending as the server sorts: buckets + 1 */
    double *bucket_share, *bucket_distinct; /* of the rows in buckets; NULL: all the same; unknown */
    struct profile_atom *elements;          /* of an array: share of the non-null rows that hold it */
    double *element_counts;                 /* distinct elements per array, ascending quantiles; NULL */
    struct profile_count *counts;           /* L1, ascending rows; NULL: not asked */
    size_t mcv_count, bound_count, element_count, element_count_count, count_count;
    const char **stayed; /* literals of the source that redaction found no surrogate for; not written */
    size_t stayed_count;
};

struct profile_index {
    const char *name, *method;
    int *columns; /* −1: an expression */
    size_t column_count;
    bool unique, primary, partial, deduplicated; /* the last: equal keys are stored once */
    int64_t bytes, pages, rows;                  /* −1 unknown */
    double *prefix_distinct;                     /* of the first 1 … column_count columns; NULL */
};

struct profile_reference { /* foreign key */
    const char *name;
    size_t *columns, *parent_columns, column_count, count_count;
    int parent;                   /* index of the table; −1 outside the profile */
    struct profile_count *counts; /* children per parent, 0 rows included; NULL: not asked */
};

struct profile_group { /* columns whose values go together */
    size_t *columns, column_count, mcv_count, dependency_count;
    double distinct; /* 0 unknown */
    struct profile_group_atom {
        double share;
        const char **values; /* one per column, NULL is null */
    } * mcv;
    struct profile_dependency {
        size_t *from, from_count, to; /* columns of the table */
        double degree;
    } * dependencies;
};

struct profile_table {
    const char *schema, *name, *kind; /* kind: "", partitioned, partition, child */
    double rows, sample_rows; /* −1: never analysed; sample of the statistics, 0: they are of all rows */
    int64_t pages, bytes, toast_bytes, index_bytes; /* −1 unknown; bytes with toast, without indexes */
    bool analyzed;
    struct profile_column *columns;
    struct profile_index *indexes;
    struct profile_reference *references;
    struct profile_group *groups;
    size_t column_count, index_count, reference_count, group_count;
};

/* In the order in which an empty database takes them. Stages: before (schemas, types, functions, sequences), table, index,
 * key, reference, after (views, triggers). Owners, grants, policies, comments and table spaces do not travel. */
struct profile_statement {
    const char *stage, *sql;
    int table; /* index; −1 none */
};

struct profile {
    const char *engine, *version; /* "postgresql" "mariadb" "mysql" */
    enum sql_lexis lexis;
    int level;                    /* 0 catalogue only, 1 counts of counts too */
    struct profile_table *tables; /* by schema, then name */
    struct profile_statement *statements;
    const char **left_out; /* statements that need what does not travel, as a foreign table; not written */
    size_t table_count, statement_count, left_out_count;
};

/* profile_write.c, profile_read.c. Written the same for the same source, byte by byte. */
void profile_write(const struct profile *profile, struct buf *out);
bool profile_read(struct arena *arena, const char *file, const char *text, size_t length,
                  struct profile **profile, struct err *err);
/* profile_diff.c. One line for each table, column, statistic and statement that differs; returns how many. */
size_t profile_diff(const struct profile *a, const struct profile *b, struct buf *out);

const struct profile_table *profile_find(const struct profile *profile, const char *schema, const char *name);
bool profile_is_called(const struct profile_table *table, const char *name); /* "t" or "s.t" */

#endif
