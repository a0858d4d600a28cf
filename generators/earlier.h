/* earlier: which parent a row has that refers to its own table: one of the rows before it, so that no tree has a circle.
 *
 * A bijection of the rows that have a parent to the ranks of the fan-out, with the wanted correlation as far as parents that
 * come first allow it. Made by one thread, then immutable; O(1), 100 KB for any number of rows. */
#ifndef REHEARSE_GENERATORS_EARLIER_H
#define REHEARSE_GENERATORS_EARLIER_H

#include "generators/profiled.h"

struct earlier;

/* fan_out keeps the order of the rows (correlation 1). The nth parent by rank is before the nth row, nearly everywhere. */
bool earlier_suffices(const struct distribution *fan_out, const struct parents *parents);
const struct earlier *earlier_make(struct arena *arena, uint64_t stream, const struct distribution *fan_out,
                                   const struct parents *parents, double correlation);
/* false: the row has none. Hardly ever it is the row itself or a later one. */
bool earlier_at(const struct earlier *earlier, int64_t row, struct element *element);

#endif
