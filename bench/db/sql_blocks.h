/* sql_blocks: which BEGIN … END, IF … END IF, CASE, LOOP, WHILE, REPEAT and FOR of a MySQL stored program or compound statement
 * are open, so that a semicolon inside does not end the statement. For sql_split.c alone. Pure. */
#ifndef REHEARSE_DB_SQL_BLOCKS_H
#define REHEARSE_DB_SQL_BLOCKS_H

#include "bench/db/sql_scan.h"

#include <stdint.h>

struct sql_blocks {
    int depth;               /* blocks that are open */
    uint64_t expressions;    /* bit i: block i is the CASE of an expression, in which no statement stands */
    struct sql_token opener; /* of the outermost */
    struct sql_token previous, condition; /* condition: an IF outside any block, which its THEN will open */
    int count;                            /* tokens so far */
    signed char head;
    bool program, package, handler;
    bool begins; /* a statement may begin here */
};

struct sql_blocks sql_blocks(void); /* before a statement */
/* One meaningful token of it; parens: how many stand open around it. */
void sql_blocks_take(struct sql_blocks *blocks, const struct sql_token *token, int parens);

#endif
