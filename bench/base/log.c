#include "bench/base/log.h"

#include "bench/base/buf.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static _Atomic int current_level = LOG_LEVEL_INFO;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static char status[512]; /* what stands on the terminal's last line; guarded by mutex */

void log_set_level(enum log_level level)
{
    atomic_store(&current_level, (int)level);
}

enum log_level log_level(void)
{
    return (enum log_level)atomic_load(&current_level);
}

/* Control characters become blanks: those of ASCII, and those that UTF-8 writes as C2 80 … C2 9F. */
static void strip(char *text)
{
    for (unsigned char *at = (unsigned char *)text; *at != '\0'; at++) {
        bool wide = at[0] == 0xC2 && at[1] >= 0x80 && at[1] <= 0x9F;
        if (wide)
            *at++ = ' ';
        if (wide || *at < ' ' || *at == 0x7F)
            *at = ' ';
    }
}

__attribute__((format(printf, 2, 0))) static void print_line(const char *prefix, const char *format,
                                                             va_list args)
{
    struct buf line = {0};
    buf_puts(&line, prefix);
    size_t start = line.length;
    buf_vprintf(&line, format, args);
    strip(line.data + start);
    buf_putc(&line, '\n');
    pthread_mutex_lock(&mutex);
    if (status[0] != '\0')
        fputs("\r\033[K", stderr);
    fwrite(line.data, 1, line.length, stderr);
    fputs(status, stderr);
    fflush(stderr);
    pthread_mutex_unlock(&mutex);
    buf_free(&line);
}

#define LOG_FUNCTION(name, level, prefix)                                                                    \
    void name(const char *format, ...)                                                                       \
    {                                                                                                        \
        va_list args;                                                                                        \
        if (log_level() < (level))                                                                           \
            return;                                                                                          \
        va_start(args, format);                                                                              \
        print_line(prefix, format, args);                                                                    \
        va_end(args);                                                                                        \
    }

LOG_FUNCTION(log_warn, LOG_LEVEL_WARN, "warning: ")
LOG_FUNCTION(log_info, LOG_LEVEL_INFO, "")
LOG_FUNCTION(log_debug, LOG_LEVEL_DEBUG, "debug: ")

bool log_status_is_shown(void)
{
    return isatty(STDERR_FILENO) && log_level() >= LOG_LEVEL_INFO;
}

void log_status(const char *line)
{
    if (!log_status_is_shown())
        return;
    pthread_mutex_lock(&mutex);
    snprintf(status, sizeof status, "%s", line);
    fprintf(stderr, "\r\033[K%s", status);
    fflush(stderr);
    pthread_mutex_unlock(&mutex);
}
