/* audit_parts: what the files of audit share. Private. */
#ifndef REHEARSE_GENERATORS_AUDIT_PARTS_H
#define REHEARSE_GENERATORS_AUDIT_PARTS_H

#include "generators/audit.h"

/* audit_axis.c: the literals of two columns on one axis; [0] is the source's. */
struct audit_axis {
    double *atoms[2], *bounds[2];
    bool ordered; /* else equal places are equal values, and that is all */
};
struct audit_axis audit_axis(struct arena *arena, const struct audit_pair *pair,
                             const struct profile_table *table, const struct profile_column *const sides[2]);

/* audit_column.c. wanted: rows of the copy. */
struct audit_measures audit_column_measures(struct arena *arena, const struct audit_pair *pair,
                                            const struct profile_table *const tables[2],
                                            const struct profile_column *const sides[2], double wanted);
double audit_mcv(const struct profile_column *const sides[2], const struct audit_axis *axis);
/* By rank: of foreign keys, whose values are those that the copy's parents have. */
double audit_mcv_ranks(const struct profile_column *const sides[2]);
double audit_histogram(struct arena *arena, const struct profile_column *const sides[2],
                       const struct audit_axis *axis);
struct audit_curve { /* of rows that are not null */
    const struct profile_column *column;
    const double *atoms, *bounds;
    double *below;         /* share of the rows in buckets below each bound */
    double filled, listed; /* shares of buckets, of atoms */
};
/* False: nobody knows where the rows are. */
bool audit_curve_make(struct arena *arena, const struct profile_column *column, const double *atoms,
                      const double *bounds, struct audit_curve *curve);
/* Share at places below this one, or also at it. */
double audit_curve_at(const struct audit_curve *curve, double place, bool inclusive);
/* Of shares of parents with so many children. */
double audit_fanout(const struct profile_reference *a, const struct profile_reference *b);
double audit_reported(const struct profile_column *column, double rows); /* NAN unknown */
bool audit_is_unique(const struct profile_column *column);
bool audit_is_given(const struct audit_given *given, const struct profile_table *table, const char *column);

/* audit_noise.c: how far apart two samples of rows that are alike are; samples as the tables have them,
 * rows as the source has and as are wanted. */
void audit_column_noise(const struct profile_table *const tables[2],
                        const struct profile_column *const sides[2], double wanted,
                        struct audit_measures *is);
double audit_fanout_noise(const struct profile_reference *a, const struct profile_reference *b);
/* In a mean: 0 … 1. */
double audit_weight(enum audit_metric metric, double noise);

/* audit_table.c */
const struct profile_table *audit_find(const struct profile *copy, const struct profile_table *table);
const struct profile_column *audit_find_column(const struct profile_table *table, const char *name);
/* Rows and pages; sets bloated. */
void audit_measure_table(struct audit_table *audit, const struct audit_pair *pair,
                         const struct profile_table *source, const struct profile_table *copy,
                         double wanted_rows);
double audit_wanted_rows(const struct audit_pair *pair, size_t table); /* −1 unknown */
bool audit_counts_as_table(const struct profile_table *table);

/* audit_grade.c. Aggregates and scores; noise may be NULL. */
void audit_widen(struct audit_sheet *sheet, const struct audit_sheet *noise);
void audit_collect(struct audit_sheet *sheet);
void audit_grade(struct audit_sheet *sheet);

/* audit_count.c: the true numbers, where they are cheap or were asked for; what cannot be counted is left as it was. */
bool audit_count(struct db *db, const struct audit_config *config, struct arena *arena, struct profile *copy,
                 struct err *err);

/* audit_order.c. Of literals as the server sorts the column; orders: struct audit_orders. */
struct audit_orders {
    struct db *db;
    struct arena *arena;
    struct audit_ordered {
        uint64_t key;
        double *places;
        size_t count;
        bool known;
    } * items;
    size_t count, capacity;
};
bool audit_order(void *orders, const struct profile_table *table, const struct profile_column *column,
                 const char *const *literals, size_t count, double *places);

#endif
