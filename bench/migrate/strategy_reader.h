/* strategy_reader: a strategy while it is read, between strategy.c (text, statements) and strategy_words.c (marks). */
#ifndef REHEARSE_MIGRATE_STRATEGY_READER_H
#define REHEARSE_MIGRATE_STRATEGY_READER_H

#include "bench/migrate/strategy.h"
#include "bench/migrate/strategy_mark.h"

enum block { BLOCK_NONE, BLOCK_PHASE, BLOCK_ROLLBACK };
enum expects { EXPECTS_NOTHING, EXPECTS_BACKFILL, EXPECTS_CHECK };

/* A phase named by a mark, looked up when the whole file is known. */
struct phase_reference {
    const char *name;
    int line, column;
};

struct late_check {
    struct strategy_check check;
    struct phase_reference after;
};

struct strategy_reader {
    struct arena *arena;
    enum sql_lexis lexis;
    const char *file;
    struct err *err;
    struct strategy *strategy;
    struct strategy_settings overrides, block_set, file_set;
    enum block block;
    enum expects expects;
    int expects_line, expects_column; /* of the mark that waits for its statement */
    struct step backfill;
    struct late_check check;
    struct late_check *late; /* checks with after= */
    size_t late_count, late_capacity;
    struct phase_reference *from; /* one per rollback */
    size_t from_count, from_capacity;
    bool raw, raw_ended; /* a begin mark was read, an end mark was read */
};

struct phase *strategy_reader_phase(struct strategy_reader *r); /* the open phase or rollback; NULL: none */
struct strategy_settings strategy_reader_settings(const struct strategy_reader *r); /* resolved, for here */
bool strategy_reader_mark(struct strategy_reader *r, const struct mark *mark);

#endif
