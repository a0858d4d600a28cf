#include "generators/fill_ring.h"

#include <stdlib.h>
#include <string.h>

enum { SLOTS = 4, SLOT_BYTES = 128 * 1024 };

struct slot {
    struct buf bytes;
    struct buf chunks; /* of the range that ends with this slot */
    int64_t rows;
    bool ends_range;
};

struct fill_ring {
    struct fill_crew *crew;
    struct fill_target *target;
    pthread_t maker;
    pthread_mutex_t lock; /* of made, sent, ended, quit */
    pthread_cond_t changed;
    unsigned made, sent; /* slots so far */
    bool ended, quit;
    struct slot slots[SLOTS];
    struct buf chunks;   /* maker: of the range under way */
    int64_t first, last; /* maker: the run of chunks that chunks does not tell yet; first −1: none */
    size_t at;           /* sender: bytes taken from its slot */
    struct buf range;    /* sender: of the range that ended */
    int64_t range_rows;  /* sender: of the range under way, or that ended */
};

/* NULL: nobody wants more. */
static struct slot *free_slot(struct fill_ring *ring)
{
    pthread_mutex_lock(&ring->lock);
    while (ring->made - ring->sent == SLOTS && !ring->quit)
        pthread_cond_wait(&ring->changed, &ring->lock);
    struct slot *slot = ring->quit ? NULL : &ring->slots[ring->made % SLOTS];
    pthread_mutex_unlock(&ring->lock);
    return slot;
}

static void publish(struct fill_ring *ring)
{
    pthread_mutex_lock(&ring->lock);
    ring->made++;
    pthread_cond_signal(&ring->changed);
    pthread_mutex_unlock(&ring->lock);
}

static int64_t take_chunk(struct fill_target *target)
{
    for (;;) {
        int64_t chunk = atomic_fetch_add(&target->next, 1);
        if (chunk >= target->chunk_count)
            return -1;
        if (!target->done[chunk])
            return chunk;
    }
}

static void tell_run(struct fill_ring *ring)
{
    if (ring->first < 0)
        return;
    buf_printf(&ring->chunks, "%s%lld", ring->chunks.length > 0 ? "," : "", (long long)ring->first);
    if (ring->last > ring->first)
        buf_printf(&ring->chunks, "-%lld", (long long)ring->last);
    ring->first = -1;
}

static void note_chunk(struct fill_ring *ring, int64_t chunk)
{
    if (ring->first < 0 || ring->last + 1 != chunk) {
        tell_run(ring);
        ring->first = chunk;
    }
    ring->last = chunk;
}

static bool stopped(const struct fill_ring *ring)
{
    return atomic_load_explicit(&ring->crew->stop, memory_order_relaxed);
}

/* Into the slot that is being filled, and the next ones. NULL: broken off. */
static struct slot *make_chunk(struct fill_ring *ring, struct slot *slot, int64_t chunk)
{
    const struct fill_target *target = ring->target;
    int64_t row = chunk * target->chunk_rows, rows = target->table->rows;
    int64_t end = row + target->chunk_rows < rows ? row + target->chunk_rows : rows;
    while (slot != NULL && row < end) {
        int64_t first = row;
        for (; row < end && slot->bytes.length < SLOT_BYTES; row++)
            target->write(target->maker, row, &slot->bytes);
        slot->rows += row - first;
        if (slot->bytes.length < SLOT_BYTES)
            continue;
        publish(ring);
        slot = stopped(ring) ? NULL : free_slot(ring);
    }
    return slot;
}

static struct slot *end_range(struct fill_ring *ring, struct slot *slot)
{
    tell_run(ring);
    struct buf told = slot->chunks;
    slot->chunks = ring->chunks;
    ring->chunks = told;
    buf_clear(&ring->chunks);
    slot->ends_range = true;
    publish(ring);
    return free_slot(ring);
}

static void *make_all(void *argument)
{
    struct fill_ring *ring = argument;
    struct slot *slot = free_slot(ring);
    int64_t taken = 0, chunk;
    while (slot != NULL && !stopped(ring) && (chunk = take_chunk(ring->target)) >= 0) {
        note_chunk(ring, chunk);
        slot = make_chunk(ring, slot, chunk);
        if (slot != NULL && ++taken == ring->target->range_chunks) {
            slot = end_range(ring, slot);
            taken = 0;
        }
    }
    if (slot != NULL && taken > 0 && !stopped(ring))
        end_range(ring, slot);
    pthread_mutex_lock(&ring->lock);
    ring->ended = true;
    pthread_cond_signal(&ring->changed);
    pthread_mutex_unlock(&ring->lock);
    return NULL;
}

struct fill_ring *fill_ring_start(struct fill_crew *crew, struct fill_target *target)
{
    struct fill_ring *ring = mem_alloc(sizeof *ring);
    ring->crew = crew;
    ring->target = target;
    ring->first = -1;
    pthread_mutex_init(&ring->lock, NULL);
    pthread_cond_init(&ring->changed, NULL);
    if (pthread_create(&ring->maker, NULL, make_all, ring) == 0)
        return ring;
    free(ring);
    return NULL;
}

/* The slot to send, NULL: there is none, or none yet when not waiting. */
static struct slot *full_slot(struct fill_ring *ring, bool waiting)
{
    pthread_mutex_lock(&ring->lock);
    while (waiting && ring->made == ring->sent && !ring->ended)
        pthread_cond_wait(&ring->changed, &ring->lock);
    struct slot *slot = ring->made == ring->sent ? NULL : &ring->slots[ring->sent % SLOTS];
    pthread_mutex_unlock(&ring->lock);
    return slot;
}

static void release(struct fill_ring *ring, struct slot *slot)
{
    atomic_fetch_add_explicit(&ring->target->rows_done, slot->rows, memory_order_relaxed);
    atomic_fetch_add_explicit(&ring->crew->rows, slot->rows, memory_order_relaxed);
    ring->range_rows += slot->rows;
    ring->at = 0;
    buf_clear(&slot->bytes);
    slot->rows = 0;
    slot->ends_range = false;
    pthread_mutex_lock(&ring->lock);
    ring->sent++;
    pthread_cond_signal(&ring->changed);
    pthread_mutex_unlock(&ring->lock);
}

bool fill_ring_begin(struct fill_ring *ring)
{
    ring->range_rows = 0;
    return full_slot(ring, true) != NULL;
}

static size_t take(struct fill_ring *ring, const struct slot *slot, char *bytes, size_t capacity)
{
    size_t part = slot->bytes.length - ring->at;
    part = part < capacity ? part : capacity;
    if (part > 0)
        memcpy(bytes, slot->bytes.data + ring->at, part);
    ring->at += part;
    atomic_fetch_add_explicit(&ring->target->bytes_done, (int64_t)part, memory_order_relaxed);
    atomic_fetch_add_explicit(&ring->crew->bytes, (int64_t)part, memory_order_relaxed);
    return part;
}

/* Rows that end without the end of a range were broken off: they are not to be kept. */
long fill_ring_pull(void *context, char *bytes, size_t capacity)
{
    struct fill_ring *ring = context;
    size_t length = 0;
    while (length < capacity && !stopped(ring)) {
        struct slot *slot = full_slot(ring, length == 0);
        if (slot == NULL)
            return length > 0 ? (long)length : -1;
        length += take(ring, slot, bytes + length, capacity - length);
        if (ring->at < slot->bytes.length || (slot->ends_range && length > 0))
            return (long)length;
        bool ends = slot->ends_range;
        if (ends) {
            struct buf told = ring->range;
            ring->range = slot->chunks;
            slot->chunks = told;
        }
        release(ring, slot);
        if (ends)
            return 0;
    }
    return stopped(ring) ? -1 : (long)length;
}

const char *fill_ring_range(const struct fill_ring *ring)
{
    return buf_text(&ring->range);
}

int64_t fill_ring_range_rows(const struct fill_ring *ring)
{
    return ring->range_rows;
}

void fill_ring_stop(struct fill_ring *ring)
{
    pthread_mutex_lock(&ring->lock);
    ring->quit = true;
    pthread_cond_signal(&ring->changed);
    pthread_mutex_unlock(&ring->lock);
    pthread_join(ring->maker, NULL);
    pthread_cond_destroy(&ring->changed);
    pthread_mutex_destroy(&ring->lock);
    for (int i = 0; i < SLOTS; i++) {
        buf_free(&ring->slots[i].bytes);
        buf_free(&ring->slots[i].chunks);
    }
    buf_free(&ring->chunks);
    buf_free(&ring->range);
    free(ring);
}
