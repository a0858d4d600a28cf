/* scan_parts: what the files of scan share: the server's answers as JSON rows, and who makes a profile of them. Private.
 *
 * Live, the rows come from a connection; from --print-sql's output they are lines of a file. */
#ifndef REHEARSE_GENERATORS_SCAN_PARTS_H
#define REHEARSE_GENERATORS_SCAN_PARTS_H

#include "bench/base/json.h"
#include "generators/scan.h"

enum scan_topic {
    SCAN_SERVER,
    SCAN_TABLES,
    SCAN_COLUMNS,
    SCAN_INDEXES,
    SCAN_REFERENCES,
    SCAN_GROUPS,
    SCAN_STATEMENTS,
    SCAN_TOPICS
};

#define SCAN_LINE_HEAD "rehearse " /* before the name of what the next lines are, in printed output */
const char *scan_topic_name(enum scan_topic topic);

struct scan_rows {
    const struct json **items; /* arrays */
    size_t count, capacity;
};

struct scan_input {
    const char *engine;
    const char *file; /* to name in errors */
    struct scan_rows topics[SCAN_TOPICS];
};

/* One row's values, taken from left to right; broken is set when one is of another type than asked for. */
struct scan_cells {
    struct arena *arena;
    const struct json *next;
    bool broken;
};
struct scan_cells scan_cells(struct arena *arena, const struct json *row);
const char *scan_text(struct scan_cells *cells); /* NULL for null */
double scan_real(struct scan_cells *cells);      /* NAN for null */
int64_t scan_integer(struct scan_cells *cells);  /* −1 for null */
bool scan_flag(struct scan_cells *cells);
const char **scan_texts(struct scan_cells *cells, size_t *count); /* NULL for null */
double *scan_reals(struct scan_cells *cells, size_t *count);
const struct json *scan_list(struct scan_cells *cells); /* NULL for null */
/* All taken, none broken; else err names the file. */
bool scan_cells_end(const struct scan_cells *cells, const struct scan_input *input, const char *what,
                    struct err *err);

/* Parses one row; text from a server that checks no encoding is made valid first. */
bool scan_take(struct arena *arena, const char *file, const char *text, struct scan_rows *rows,
               struct err *err);

/* scan_build.c: tables, columns, indexes, references, groups. ids: of the tables, for scan_order. */
bool scan_build(struct arena *arena, const struct scan_input *input, struct profile **profile,
                struct err *err);
/* scan_order.c: the statements, so that each stands behind what it needs. */
bool scan_order(struct arena *arena, const struct scan_input *input, const char *const *ids,
                struct profile *profile, struct err *err);

/* scan_leaves.c: statistics of partitioned tables that were never analysed, from their parts'. roots: of each table that is a
 * leaf of one, the index of that one; −1. */
void scan_leaves(struct arena *arena, struct profile *profile, const int *roots);

/* scan_counts.c */
struct scan_job {
    size_t table;
    enum scan_job_kind { SCAN_COLUMN, SCAN_REFERENCE, SCAN_ROWS } kind;
    size_t item;      /* column, or reference */
    const char *name; /* JSON, on one line: of the same job in every scan */
    const char *sql;  /* SELECT of class_rows, class_values */
    struct scan_rows rows;
    bool done;
};
/* In the order of the tables. */
struct scan_job *scan_jobs(struct arena *arena, const struct profile *profile, size_t *count);
/* What came of them goes into the columns and references. */
bool scan_count(struct arena *arena, const struct scan_input *input, struct profile *profile,
                const struct scan_job *jobs, size_t count, struct err *err);
/* Merges neighbours until at most limit classes are left; both totals stay. Returns how many. */
size_t scan_thin(struct profile_count *counts, size_t count, size_t limit);

/* scan_facts.c: distinct_recover for every column. */
void scan_facts(struct profile *profile);
/* scan_widths.c: MySQL tells no column's width, MariaDB none of long texts and documents: what the others leave of a row. */
void scan_widths(struct profile *profile);
bool scan_is_unique(const struct profile_table *table, size_t column); /* alone, by an index */
/* Pages of a deduplicated b-tree that was just built over so many different keys. */
double scan_index_pages(const struct profile_index *index, double keys, double width_bytes);

#endif
