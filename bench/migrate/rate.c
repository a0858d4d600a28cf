#include "bench/migrate/rate.h"

#include "bench/base/clock.h"

static double per_s(int64_t rows, int64_t duration_ns)
{
    return duration_ns <= 0 ? 0 : (double)rows * (double)NS_PER_S / (double)duration_ns;
}

/* Moving a window later only loses rows until its end meets the next batch: the slowest window ends just before a batch,
 * and so begins just before its start is met, or ends with the run. */
double rate_slowest(const struct rate_mark *marks, size_t count, int64_t start_ns, int64_t end_ns,
                    int64_t window_ns)
{
    int64_t inside = 0, least = INT64_MAX; /* rows of marks[first … i−1] */
    size_t first = 0;
    if (end_ns - start_ns <= window_ns) {
        for (size_t i = 0; i < count; i++)
            inside += marks[i].rows;
        return per_s(inside, end_ns - start_ns);
    }
    for (size_t i = 0; i <= count; i++) {
        int64_t from_ns = i < count ? marks[i].at_ns - window_ns : end_ns - window_ns + 1;
        while (first < i && marks[first].at_ns < from_ns)
            inside -= marks[first++].rows;
        if (from_ns > start_ns && inside < least)
            least = inside;
        if (i < count)
            inside += marks[i].rows;
    }
    return per_s(least, window_ns);
}
