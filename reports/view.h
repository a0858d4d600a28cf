/* view: questions every report asks of a record. Pure; results point into the record. */
#ifndef REHEARSE_REPORTS_VIEW_H
#define REHEARSE_REPORTS_VIEW_H

#include "reports/record.h"

/* The strategy whose verdict is the run's: the candidate, else the worst; NULL when none ran. */
const struct record_strategy *view_decisive(const struct record *record);
int view_severity(const char *state); /* pass 0, warn 1, fail 2, invalid 3, aborted (or not judged) 4 */

/* The worst p99 of the phases that count (see metrics.h); RECORD_NONE when nothing was measured. */
int64_t view_worst_p99_us(const struct record *record, const struct record_strategy *strategy);
int64_t view_rows(const struct record *record); /* of all tables; RECORD_NONE without tables */
size_t view_count_state(const struct record *record, const struct record_strategy *strategy,
                        const char *state);       /* the strategy's thresholds in that state */
bool view_is(const char *text, const char *word); /* equal; NULL equals nothing */
/* A column of a series at bin i: NaN where it has a gap, or ends before. */
double view_int(const record_ints *column, size_t i);
double view_real(const record_doubles *column, size_t i);
/* How far a strategy's charts go: its last phase's end, or where its timeline goes on longer; 0 when it has neither. */
double view_end_s(const struct record_strategy *strategy);

/* Its longest victim waited longer; as long, and it has more of them. */
bool view_is_worse(const struct record_episode *episode, const struct record_episode *other);

/* It waited for a stronger lock while it held one already that shut others out: held and waited overlap. */
bool view_waited_holding(const struct record_episode *episode);

/* The stage of a statement that took its rank-th longest, from 0; NULL: there are no more that took any time. */
const struct record_stage *view_stage(const struct record_statement *statement, size_t rank);

/* Adds a line of `columns` characters ▁ … █, the logarithm of the highest latency over the strategy, a space for a gap;
 * the scale is the record's, so that the lines of strategies compare. */
void view_sparkline(const struct record *record, const struct record_strategy *strategy, size_t columns,
                    struct buf *out);

#endif
