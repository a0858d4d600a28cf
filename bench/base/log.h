/* log: lines on stderr for a person. Any thread; a line is written in one piece.
 *
 * Text from servers may be passed in: control characters are replaced before they reach a terminal. The level is set
 * once in main. Never pass a DSN, a password or a row's value. */
#ifndef REHEARSE_BASE_LOG_H
#define REHEARSE_BASE_LOG_H

#include <stdbool.h>

enum log_level { LOG_LEVEL_QUIET, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

void log_set_level(enum log_level level);
enum log_level log_level(void);
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The redrawn status line of a terminal, "" to remove it; log lines go above it. No-op when stderr is no terminal. */
void log_status(const char *line);
bool log_status_is_shown(void); /* stderr is a terminal that shows it */

#endif
