#include "bench/observe/notice.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *phrase;
    enum notice_kind kind;
} PHRASES[] = {
    {" still waiting for ", NOTICE_STILL_WAITING},
    {" acquired ", NOTICE_ACQUIRED},
};

/* " after 198.599 ms" at the end of the message, in whole microseconds; −1 when it does not stand there. */
static int64_t read_waited_us(const char *message)
{
    const char *after = NULL;
    for (const char *at = strstr(message, " after "); at != NULL; at = strstr(at + 1, " after "))
        after = at;
    if (after == NULL)
        return -1;
    char *end;
    const char *digits = after + strlen(" after ");
    if (*digits < '0' || *digits > '9')
        return -1;
    double waited_ms = strtod(digits, &end);
    if (strncmp(end, " ms", 3) != 0 || waited_ms > 1e12)
        return -1;
    return (int64_t)(waited_ms * 1000.0 + 0.5);
}

static uint32_t read_relation(const char *message)
{
    const char *at = strstr(message, " relation ");
    return at == NULL ? 0 : (uint32_t)strtoul(at + strlen(" relation "), NULL, 10);
}

struct notice notice_read(const char *routine, const char *message)
{
    if (routine == NULL || message == NULL || strcmp(routine, "ProcSleep") != 0)
        return (struct notice){0};
    for (size_t i = 0; i < sizeof PHRASES / sizeof *PHRASES; i++) {
        if (strstr(message, PHRASES[i].phrase) == NULL)
            continue;
        int64_t waited_us = read_waited_us(message);
        if (waited_us < 0)
            break;
        return (struct notice){PHRASES[i].kind, waited_us, read_relation(message)};
    }
    return (struct notice){0};
}
