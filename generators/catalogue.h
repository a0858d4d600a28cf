/* catalogue: the tables of a database as fill needs them: columns, constraints, indexes, in load order (parents first). */
#ifndef REHEARSE_GENERATORS_CATALOGUE_H
#define REHEARSE_GENERATORS_CATALOGUE_H

#include "bench/base/arena.h"
#include "bench/db/db.h"

#include <stdbool.h>
#include <stdint.h>

struct profile_column;
struct profile_table;

struct catalogue_given { /* the plan's word on a column: one of these in each row, by turns */
    const char *const *values;
    size_t count; /* 0: null in every row */
};

/* The plan's word on what a column has to do with another one. */
struct catalogue_rule {
    enum {
        RULE_FROM,    /* holds what the other one does */
        RULE_AFTER,   /* is later, or more, than the other one */
        RULE_FOLLOWS, /* each of the other one's values goes with one of its own */
    } kind;
    size_t other;                    /* column; with key: of the parent table */
    const struct catalogue_key *key; /* foreign key that leads to the other one's row; NULL: the same row */
    double share;                    /* from, follows: of the rows */
    bool moments;                    /* after: what follows is µs, else numbers */
    double low, median, high;        /* of the distance; median NAN: any in between as likely */
    double nulls;                    /* share of rows that are null; NAN: as the statistics say */
    size_t when;                     /* null where this column … */
    const char *const *when_values;  /* … holds one of these, as text; NULL: no such rule */
    size_t when_count;
    const char *file; /* where the plan says so */
    int line, place;
};

struct catalogue_column {
    const char *name, *quoted, *type, *base_type;
    const char *default_text;  /* NULL: none */
    const char *const *labels; /* enum or CHECK … IN list; NULL: none */
    size_t label_count;
    const char *sequence;             /* qualified and quoted, NULL: none */
    int max_length, precision, scale; /* −1: none */
    bool not_null, generated, identity_always;
    const struct profile_column *statistics; /* of its source; NULL: not known */
    const struct catalogue_given *given;     /* NULL: nothing */
    const struct catalogue_rule *rule;       /* NULL: none */
};

struct catalogue_key { /* primary key, unique, foreign key */
    const char *name, *definition;
    size_t *columns, column_count;
    size_t *parent_columns;
    /* f, parent filled by somebody else: its keys, row by row; NULL: made by fill */
    const char **parent_values;
    size_t parent_value_rows;
    int parent; /* f: index of the table, −1 not in the catalogue */
    char kind;  /* p u f */
    bool validated;
    bool total; /* nulls are equal (u) or all or none (f: MATCH FULL) */
};

struct catalogue_index {
    const char *name, *quoted, *definition;
    bool unique, primary, constraint, valid;
};

struct catalogue_check {
    const char *name, *definition;
};

struct catalogue_table {
    int64_t id;
    const char *schema, *name, *quoted;
    const char *seed_name; /* what its rows depend on; NULL: quoted */
    enum sql_lexis lexis;  /* of its definitions */
    bool has_rows;         /* holds rows already: left alone */
    const char *kind;      /* "", partitioned, partition, child: the last two are never filled by name */
    int64_t rows;          /* to be made; −1: not asked for */
    const struct profile_table *profile; /* of its source; NULL: not known */
    struct catalogue_column *columns;
    size_t column_count;
    struct catalogue_key *keys;
    size_t key_count;
    struct catalogue_index *indexes;
    size_t index_count;
    struct catalogue_check *checks;
    size_t check_count;
};

struct catalogue {
    struct catalogue_table *tables; /* parents before children, as far as they form no circle */
    size_t count;
};

bool catalogue_read(struct db *db, struct arena *arena, struct catalogue *catalogue, struct err *err);
int catalogue_find(const struct catalogue *catalogue, const char *name); /* "t" or "s.t"; −1 */

/* The same on every server: without the database, where a database is a schema. */
static inline const char *catalogue_seed_name(const struct catalogue_table *table)
{
    return table->seed_name != NULL ? table->seed_name : table->quoted;
}

#endif
