/* markdown: text of others inside GitHub's and GitLab's Markdown, so that it stays text. Pure.
 *
 * Text from a database or file goes through markdown_code; what the program says through markdown_text. */
#ifndef REHEARSE_REPORTS_MARKDOWN_H
#define REHEARSE_REPORTS_MARKDOWN_H

#include "bench/base/buf.h"

#include <stdbool.h>
#include <stddef.h>

/* Escaped: no emphasis, link, mention, issue number, HTML or table cell begins in it. NULL adds nothing. */
void markdown_text(struct buf *out, const char *text);
/* A code span on one line whose fence no run of backticks in the text closes; in_table: pipes escaped as GFM wants. */
void markdown_code(struct buf *out, const char *text, bool in_table);
void markdown_comment(struct buf *out, const char *text); /* inside <!-- -->: letters, digits, dots, dashes */

/* Adds body folded under a title while out stays within max_bytes: cut after a whole line where it would not, and says so. */
void markdown_fold(struct buf *out, const char *title, const struct buf *body, size_t max_bytes);

#endif
