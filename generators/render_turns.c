#include "bench/base/rng.h"
#include "generators/render_kind.h"

#include <math.h>
#include <string.h>

/* Arrays and documents of few values are drawn, so that two may be alike: where they are not many, all are made once, and each
 * is drawn again until it is neither a common value nor one of those before it. How often is kept. */

enum { MOST = 5000, TRIES = 255, RENDERS = 200000 };

struct seen { /* hashes, open addressing; 0 is empty */
    uint64_t *at;
    size_t mask;
};

/* Without regard to quotes and blanks, which servers put otherwise than we do. */
static uint64_t hash_of(const char *text)
{
    uint64_t hash = 1;
    for (; *text != '\0'; text++)
        if (strchr("\" \\", *text) == NULL)
            hash = value_mix(hash + (unsigned char)*text);
    return hash | 1;
}

static bool add(struct seen *seen, uint64_t hash)
{
    size_t i = hash >> 20 & seen->mask;
    while (seen->at[i] != 0 && seen->at[i] != hash)
        i = (i + 1) & seen->mask;
    bool is_new = seen->at[i] == 0;
    seen->at[i] = hash;
    return is_new;
}

static struct seen remember_atoms(struct arena *arena, const struct profile_column *statistics, size_t values)
{
    struct seen seen = {.mask = 1};
    while (seen.mask < 2 * (values + statistics->mcv_count))
        seen.mask *= 2;
    seen.at = arena_alloc(arena, seen.mask * sizeof *seen.at);
    seen.mask--;
    for (size_t i = 0; i < statistics->mcv_count; i++)
        add(&seen, hash_of(statistics->mcv[i].value));
    return seen;
}

/* False: no more are to be made. */
static bool find_turn(struct render *render, struct seen *seen, const struct element *element, int *renders)
{
    uint8_t *turn = &render->turns[element->index * render->turn_values + element->value];
    struct buf text = {0};
    bool found = false;
    for (int tries = 0; !found && tries < TRIES && *renders < RENDERS; tries++, (*renders)++) {
        *turn = (uint8_t)tries;
        buf_clear(&text);
        render->values->plain(render, element, &text);
        found = add(seen, hash_of(buf_text(&text)));
    }
    if (!found)
        *turn = 0;
    buf_free(&text);
    return *renders < RENDERS;
}

void render_turns_make(const struct render_ask *ask, struct render *render)
{
    double distinct = ask->statistics->distinct;
    size_t buckets = render_buckets(ask->statistics);
    if ((render->list == NULL && render->document == NULL) || render->values == NULL || buckets == 0 ||
        !(distinct > 0) || distinct > MOST)
        return;
    struct arena scratch = {0};
    int renders = 0;
    bool more = true;
    size_t values = (size_t)ceil(distinct / (double)buckets) + 2;
    struct seen seen = remember_atoms(&scratch, ask->statistics, values * buckets);
    render->turns = arena_alloc(ask->arena, values * buckets);
    render->turn_values = values;
    for (size_t value = 0; value < values && more; value++)
        for (size_t bucket = 0; bucket < buckets && more; bucket++)
            more = find_turn(render, &seen,
                             &(struct element){ELEMENT_BUCKET, (uint32_t)bucket, value, values}, &renders);
    arena_free(&scratch);
}
