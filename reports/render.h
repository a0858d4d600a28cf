/* render: a record as people read it. Pure functions of the record: no server, no clock, no files. */
#ifndef REHEARSE_REPORTS_RENDER_H
#define REHEARSE_REPORTS_RENDER_H

#include "reports/record.h"

void html_render(const struct record *record, struct buf *out);     /* one self-contained page */
void markdown_render(const struct record *record, struct buf *out); /* under 60,000 characters */
void text_render(const struct record *record, bool colour,
                 struct buf *out); /* the terminal's block of ✓ ! ✗ lines */

#endif
