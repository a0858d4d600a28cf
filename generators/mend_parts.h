/* mend_parts: what the files of mend share. Private to mend*.c. */
#ifndef REHEARSE_GENERATORS_MEND_PARTS_H
#define REHEARSE_GENERATORS_MEND_PARTS_H

#include "generators/check_tree.h"
#include "generators/mend.h"

enum { MEND_COLUMNS = 24, MEND_CHECKS = 64, MEND_TEAM = 5 };

struct mended { /* a column that may hold something else */
    size_t column;
    uint64_t checks;   /* that mention it */
    bool nullable;     /* and null in some of the source's rows */
    double null_ratio; /* of all rows */
    int team;          /* of columns whose nulls constraints tie together; −1 */
    double odds;       /* of null to value where both are allowed */
};

struct mend {
    uint64_t stream, serial;
    mend_write_fn *write;
    const struct check_tree **checks;
    size_t check_count, check_capacity;
    size_t *used, used_count; /* columns that the checks mention */
    struct mended *list;
    size_t count;
    int team_count;
    int *place; /* in the list, of each column; −1 */
    size_t column_count;
};

struct trial { /* a row and what is tried for it */
    const struct mend *mend;
    const struct row_maker *maker;
    int64_t row;
    const char **values; /* by column */
    struct mend_choice choice[MEND_COLUMNS];
    struct arena arena;
};

/* mend_row.c */
void mend_begin(struct trial *trial, const struct mend *mend, const struct row_maker *maker, int64_t row);
uint64_t mend_random(const struct trial *trial, size_t i, uint64_t attempt);
void mend_set(struct trial *trial, size_t i, struct mend_choice choice);
/* Not null: its own value where it has one. */
struct mend_choice mend_filled(const struct trial *trial, size_t i);
uint64_t mend_broken(const struct trial *trial,
                     uint64_t checks); /* those of the checks that the row breaks */
void mend_resolve(struct trial *trial);

/* mend_null.c: which columns of a row are null, where constraints have a say in it: of the patterns that they allow one is
 * drawn, so that each column is null as often as in the source. */
void mend_learn_nulls(struct arena *arena, struct mend *self, const struct row_maker *maker);
void mend_choose_nulls(struct trial *trial);

#endif
