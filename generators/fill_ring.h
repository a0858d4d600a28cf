/* fill_ring: one stream's rows, made by a thread of their own while another sends them. Private to fill*.c.
 *
 * A few buffers go round, so that memory does not grow with the table. The maker takes chunks from the target's counter
 * and ends a range after so many; who sends begins a range, pulls until it ends, commits, and begins the next, whose rows are
 * made meanwhile. */
#ifndef REHEARSE_GENERATORS_FILL_RING_H
#define REHEARSE_GENERATORS_FILL_RING_H

#include "generators/fill_parts.h"

struct fill_ring;

/* NULL when no thread could be started. */
struct fill_ring *fill_ring_start(struct fill_crew *crew, struct fill_target *target);
bool fill_ring_begin(struct fill_ring *ring);                  /* waits for rows; false: there are no more */
long fill_ring_pull(void *ring, char *bytes, size_t capacity); /* a db_fill_fn, up to the end of the range */
/* Of the range that ended: its chunks ("0-63,70") and its rows. */
const char *fill_ring_range(const struct fill_ring *ring);
int64_t fill_ring_range_rows(const struct fill_ring *ring);
void fill_ring_stop(struct fill_ring *ring);

#endif
