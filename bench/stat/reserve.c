#include "bench/stat/reserve.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

void *reserve_memory(size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
                        0);
    if (memory == MAP_FAILED) {
        fprintf(stderr, "rehearse: cannot reserve %zu bytes: %s\n", bytes, strerror(errno));
        exit(70);
    }
    /* One touched slot must cost one small page. A kernel without huge pages refuses; nothing is lost then. */
    (void)madvise(memory, bytes, MADV_NOHUGEPAGE);
    return memory;
}

void release_memory(void *memory, size_t bytes)
{
    if (memory != NULL)
        munmap(memory, bytes);
}
