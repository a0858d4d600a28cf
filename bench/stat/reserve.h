/* reserve: address space that costs memory only where it is written. Zeroed. Any thread.
 *
 * No room to reserve ends the process with a message, as arena's allocations do. */
#ifndef REHEARSE_STAT_RESERVE_H
#define REHEARSE_STAT_RESERVE_H

#include <stddef.h>

void *reserve_memory(size_t bytes);
void release_memory(void *memory, size_t bytes); /* accepts NULL */

#endif
