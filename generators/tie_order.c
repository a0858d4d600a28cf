#include "generators/tie.h"

#include <stdlib.h>

__extension__ typedef __int128 wide;

/* Of each `of` places so many are left out, evenly: how many up to this one. */
static int64_t left_out(int64_t place, int64_t out, int64_t of)
{
    return of > 0 ? (int64_t)((wide)(place + 1) * out / of) : 0;
}

/* The nth place that is not left out. */
static int64_t kept_place(int64_t n, int64_t out, int64_t of)
{
    int64_t place = (int64_t)((wide)n * of / (of - out));
    while (place + 1 - left_out(place, out, of) < n + 1)
        place++;
    while (place > 0 && place - left_out(place - 1, out, of) >= n + 1)
        place--;
    return place;
}

int64_t tie_in_order(int64_t place, int64_t filled, int64_t led, bool turned)
{
    int64_t out = llabs(filled - led);
    if (turned && place < filled)
        place = filled - 1 - place;
    if (filled >= led) {
        int64_t before = place < filled ? left_out(place, out, filled) : 0;
        if (place >= filled)
            return place;
        return before > left_out(place - 1, out, filled) ? led + before - 1 : place - before;
    }
    if (place < filled)
        return kept_place(place, out, led);
    int64_t nth = place - filled;
    return nth < out ? (int64_t)(((wide)(nth + 1) * led + out - 1) / out) - 1 : place;
}
