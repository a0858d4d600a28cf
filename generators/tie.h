/* tie: two columns of one row that go together: which place in the one's values goes with which place in the other's. Pure;
 * immutable once made, any thread. Private to tie*.c and row.c.
 *
 * Both columns keep their distributions: a tie is a bijection of the table's places (distribution_rank.h), so that each value
 * has its rows whatever it is tied to. Values of the finer column are packed into values of the coarser one, largest first
 * into where most room is left; what is loose (values that determine nothing) is shuffled over the room that remains, all of
 * it or within stretches. The column that leads is made by its own distribution, in its own physical order; the other one's
 * place is looked up from the leader's, never from a row. */
#ifndef REHEARSE_GENERATORS_TIE_H
#define REHEARSE_GENERATORS_TIE_H

#include "generators/distribution_rank.h"

struct tie;

enum { TIE_NULL = -1 }; /* in place of an atom */

struct tie_pair {         /* two common values that are known to meet */
    int64_t fine, coarse; /* atoms */
    double share;         /* of all rows */
};

struct tie_spec {
    uint64_t stream;
    const struct distribution *fine, *coarse; /* of as many rows */
    bool fine_leads;
    bool ordered,
        turned; /* both lie in the order of the rows: equal places go together; turned: one of them falls */
    const struct tie_pair *pairs;
    size_t pair_count;
    double degree;   /* share of the rows whose fine value has one coarse value alone */
    double distinct; /* different pairs that loose values make; 0: as many as chance does */
};

const struct tie *tie_make(struct arena *arena, const struct tie_spec *spec);
/* Of the column that is led, from the leader's. */
int64_t tie_place(const struct tie *tie, int64_t place);
/* tie_order.c. Equal ranks go together; where one column has more nulls than the other, they are spread over its ranks. filled,
 * led: rows that are not null, of the leader and the other. */
int64_t tie_in_order(int64_t place, int64_t filled, int64_t led, bool turned);

#endif
