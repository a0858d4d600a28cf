/* sql_lex: how long the token at a scan's place is. For sql_scan.c and sql_scan_mysql.c alone. Pure.
 *
 * Each sql_length_* answers bytes; 0: the token has no end. */
#ifndef REHEARSE_DB_SQL_LEX_H
#define REHEARSE_DB_SQL_LEX_H

#include "bench/db/sql_scan.h"

bool sql_is_space(char c);
bool sql_is_digit(char c);
bool sql_in_word(char c); /* letters, digits, _ $ and all above ASCII */
bool sql_in_line(char c); /* no end of line */

char sql_peek(const struct sql_scan *scan, size_t ahead);         /* NUL beyond the end */
size_t sql_run(const struct sql_scan *scan, bool (*holds)(char)); /* ≥ 1 */
size_t sql_length_quoted(const struct sql_scan *scan, size_t prefix, bool backslashes);

size_t sql_classify_mysql(const struct sql_scan *scan, enum sql_token_kind *kind);
/* What the token changes in the scan; the scan stands behind it already. */
void sql_follow_mysql(struct sql_scan *scan, const struct sql_token *token);

#endif
