#include "workloads/draw.h"

#include <math.h>

static const double two_pi = 6.283185307179586476925;

/* A share below 1 may be rounded to 1: that is still the last of the range. */
static int64_t at_share(int64_t low, int64_t high, double share)
{
    double width = (double)(high - low) + 1, steps = floor(width * share);
    return steps >= width ? high : low + (int64_t)steps;
}

int64_t draw_uniform(struct rng *rng, int64_t low, int64_t high)
{
    return low + (int64_t)rng_below(rng, (uint64_t)(high - low) + 1);
}

/* Box and Muller's normal deviate, drawn again until it is within ±parameter, spread over the range. */
int64_t draw_gaussian(struct rng *rng, int64_t low, int64_t high, double parameter)
{
    double deviate;
    do {
        double radius = sqrt(-2 * log(1 - rng_unit(rng)));
        deviate = radius * sin(two_pi * (1 - rng_unit(rng)));
    } while (deviate < -parameter || deviate >= parameter);
    return at_share(low, high, (deviate + parameter) / (2 * parameter));
}

/* The inverse of the distribution function, cut off at exp(−parameter). */
int64_t draw_exponential(struct rng *rng, int64_t low, int64_t high, double parameter)
{
    double cut = exp(-parameter), uniform = 1 - rng_unit(rng);
    return at_share(low, high, -log(cut + (1 - cut) * uniform) / parameter);
}

/* Luc Devroye: Non-Uniform Random Variate Generation (1986), pages 550–551: rejection from the continuous envelope.
 * The chance of k is proportional to k^−s, for k in 1 … n, exactly, at a cost that does not depend on n. */
int64_t draw_zipfian(struct rng *rng, int64_t low, int64_t high, double s)
{
    double n = (double)(high - low + 1), b = pow(2, s - 1), x, t;
    if (n <= 1)
        return low;
    double accept;
    do {
        double u = 1 - rng_unit(rng), v = rng_unit(rng);
        x = floor(pow(u, -1 / (s - 1)));
        t = pow(1 + 1 / x, s - 1);
        accept = v * x * (t - 1) / (b - 1) * b / t;
    } while (!(accept <= 1 && x <= n));
    return low - 1 + (int64_t)x;
}
