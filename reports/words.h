/* words: how figures and states read, in every report the same. Pure; text is written into the caller's buffer.
 *
 * Figures are UTF-8: thousands are apart by a thin space (U+2009). */
#ifndef REHEARSE_REPORTS_WORDS_H
#define REHEARSE_REPORTS_WORDS_H

#include "reports/record.h"

enum { WORDS_SIZE = 64 }; /* room for any figure */

/* A value in a unit of struct record_threshold (us s bytes ratio count per_s): "205 ms", "26.5 GB", "99.1 %", "1 850/s";
 * "–" for NaN. Returns text. */
const char *words_value(double value, const char *unit, char *text, size_t size);
/* A limit as a person would write it: "500 ms", "5 min", "60 GB". */
const char *words_limit(double value, const char *unit, char *text, size_t size);
const char *words_us(int64_t us, char *text, size_t size);       /* "–" for RECORD_NONE */
const char *words_seconds(double s, char *text, size_t size);    /* a length: "18 m 00 s"; "–" for NaN */
const char *words_count(int64_t count, char *text, size_t size); /* "–" for RECORD_NONE */
const char *words_bytes(int64_t bytes, char *text, size_t size);
const char *words_clock(double s, char *text,
                        size_t size); /* a place in time: "2:08", "1:02:08"; "" for NaN */
/* What a threshold measured: "205 ms", and "+58 %" where the limit is relative to the baseline. */
const char *words_measured(const struct record_threshold *threshold, char *text, size_t size);
bool words_is_relative(const struct record_threshold *threshold);  /* judged as a ratio to the baseline */
const char *words_title(const struct record_threshold *threshold); /* "longest application stall" */
/* "{phase=backfill}", as the plan has it; "" when the threshold looks at everything. */
const char *words_selector(const struct record_threshold *threshold, char *text, size_t size);

const char *words_symbol(const char *state);  /* ✓ ! ✗ –, for thresholds, checks and verdicts alike */
const char *words_verdict(const char *state); /* PASS, "PASS, with warnings", FAIL, INVALID, ABORTED */

/* "session 41877 of reporting", "the antagonist, session 41877", "the application, session 41877". */
const char *words_blocker(const struct record_blocker *blocker, char *text, size_t size);
const char *words_engine(const char *engine); /* "postgresql" is "PostgreSQL"; "" for NULL */
/* What the bytes of wal.bytes are on this engine: "WAL", "Redo+binlog". */
const char *words_log(const char *engine);
/* "PostgreSQL 15.20": the engine, and the version without what the packager says of it. */
const char *words_server(const char *engine, const char *version, char *text, size_t size);
enum { WORDS_FIDELITY_SIZE = 400 };
/* "0.940 (worst: orders.note); rows of 40 queries within a factor of 1.02 (median), 1.31 (90 %)"; "" where nothing was
 * measured. */
const char *words_fidelity(const struct record_fidelity *is, char *text, size_t size);
const char *words_plural(int64_t count, const char *one, const char *many);

/* The first words of a statement that say what it does: "ALTER TABLE", "CREATE INDEX CONCURRENTLY"; "" for NULL. */
const char *words_command(const char *sql, char *text, size_t size);
/* Of an external command: "pt-online-schema-change", without its directory. */
const char *words_program(const char *line, char *text, size_t size);
/* One line of at most `width` characters, white space folded, "…" where it was cut; bytes of any encoding fit the text. */
const char *words_shorten(const char *sql, size_t width, char *text, size_t size);

#endif
