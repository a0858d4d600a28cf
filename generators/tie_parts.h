/* tie_parts: what the files that find ties share. Private to tie_find.c and tie_judge.c. */
#ifndef REHEARSE_GENERATORS_TIE_PARTS_H
#define REHEARSE_GENERATORS_TIE_PARTS_H

#include "generators/profiled.h"
#include "generators/tie.h"

#define TIE_IN_ORDER 0.5 /* such a column lies in the order of the rows */

struct end { /* a column */
    struct recipe *recipe;
    const struct distribution *distribution; /* NULL: it cannot be tied */
    double known;                            /* different values of the source, null too */
    double distinct, order;                  /* order: how far it lies in the order of the rows, ties apart */
    double alike;                            /* how likely two rows have the same value */
    bool fixed;                              /* made by others: it may lead, but not be led */
    bool reached;
    size_t part; /* of the forest */
};

struct link {
    size_t fine, coarse;               /* columns */
    double degrees[2];                 /* fine determines coarse, and the other way round; NAN */
    double distinct;                   /* pairs as the statistics report them; 0 */
    bool counted;                      /* these are all pairs, not those of a sample */
    double degree;                     /* as it is to be made */
    const struct profile_group *group; /* that has common pairs; NULL */
    bool told;                         /* by the plan */
    bool ordered;                      /* a CHECK keeps one below the other */
    bool kept;
};

struct finding {
    struct arena *arena;
    struct row_maker *maker;
    const struct profile_table *source;
    struct end *ends;
    struct link *links;
    size_t link_count, link_capacity;
};

/* How many different pairs an index of both holds, as far as its size tells; 0: it does not. */
double tie_pairs_of_index(const struct finding *f, const struct link *link,
                          const struct profile_index *index);
/* Whether two columns go together more than by chance, and how much. */
void tie_judge(const struct finding *f, struct link *link);

#endif
