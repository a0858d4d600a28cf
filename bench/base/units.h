/* units: durations, sizes, counts, rates and shares as people write and read them. Pure. */
#ifndef REHEARSE_BASE_UNITS_H
#define REHEARSE_BASE_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Each reads the whole text; false when it is not of the form. `*why` (static text) then says why, for an error. */
bool units_duration_ns(const char *text, int64_t *ns,
                       const char **why); /* 200ms 1.5s 5min 2h 10us 1d, 0; "5m" is refused */
bool units_bytes(const char *text, int64_t *bytes,
                 const char **why); /* 10kB 20MB 3GB (10^3), 8KiB 4MiB 1GiB, 0 */
bool units_count(const char *text, int64_t *count, const char **why);  /* 1500 24M 200k 1.5G (10^3) */
bool units_rate(const char *text, double *per_s, const char **why);    /* 1850/s 100/min */
bool units_percent(const char *text, double *ratio, const char **why); /* 95% -> 0.95 */

/* For people: "205 ms", "12.4 s", "18 m 00 s", "2.07 ms", "350 µs"; "26.5 GB"; "24.0 M"; "1 850". Return text. */
const char *units_format_duration(int64_t ns, char *text, size_t size);
const char *units_format_bytes(int64_t bytes, char *text, size_t size);
const char *units_format_count(int64_t count, char *text,
                               size_t size); /* thousands apart by a thin space U+2009 */
const char *units_format_short(int64_t count, char *text, size_t size); /* 24.0 M */

#endif
