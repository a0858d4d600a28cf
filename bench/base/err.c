#include "bench/base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool err_set(struct err *err, enum err_kind kind, const char *format, ...)
{
    va_list args;
    *err = (struct err){.kind = kind};
    va_start(args, format);
    vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    return false;
}

bool err_at(struct err *err, const char *file, int line, int column, const char *format, ...)
{
    va_list args;
    *err = (struct err){.kind = ERR_USAGE, .line = line, .column = column};
    snprintf(err->file, sizeof err->file, "%s", file != NULL ? file : "");
    va_start(args, format);
    vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    return false;
}

bool err_hint(struct err *err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(err->hint, sizeof err->hint, format, args);
    va_end(args);
    return false;
}

bool err_wrap(struct err *err, const char *format, ...)
{
    char inner[sizeof err->message];
    va_list args;
    memcpy(inner, err->message, sizeof inner);
    va_start(args, format);
    int length = vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    if (length >= 0 && (size_t)length < sizeof err->message)
        snprintf(err->message + length, sizeof err->message - (size_t)length, ": %.*s",
                 (int)sizeof err->message - length, inner);
    return false;
}

void err_text(const struct err *err, char *text, int size)
{
    if (err->file[0] != '\0' && err->line > 0 && err->column > 0)
        snprintf(text, (size_t)size, "%s:%d:%d: %s", err->file, err->line, err->column, err->message);
    else if (err->file[0] != '\0' && err->line > 0)
        snprintf(text, (size_t)size, "%s:%d: %s", err->file, err->line, err->message);
    else if (err->file[0] != '\0')
        snprintf(text, (size_t)size, "%s: %s", err->file, err->message);
    else
        snprintf(text, (size_t)size, "%s", err->message);
}

int err_exit_code(enum err_kind kind)
{
    static const int codes[] = {
        [ERR_NONE] = 0,     [ERR_USAGE] = 2,     [ERR_ENVIRONMENT] = 3,   [ERR_INVALID] = 4,
        [ERR_LEFTOVER] = 5, [ERR_INTEGRITY] = 6, [ERR_INTERRUPTED] = 130, [ERR_INTERNAL] = 70,
    };
    return codes[kind];
}
