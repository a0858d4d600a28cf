#include "bench/migrate/redact.h"

#include "bench/base/buf.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What stands before a secret. A word begins after a blank, a comma, a quote and the like, or at the start. */
static const char *const keys[] = {"password=", "passwd=", "pwd=", "p=", "--password ", "--password=", "-p"};

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '-';
}

static bool ends_value(char c)
{
    return c == '\0' || isspace((unsigned char)c) || strchr(",;&\"')", c) != NULL;
}

/* The length of the key that stands at `at`, 0 for none. PGPASSWORD= and MYSQL_PWD= end in one. */
static size_t key_at(const char *start, const char *at)
{
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        size_t length = strlen(keys[i]);
        bool whole = at == start || !is_word(at[-1]) || (length > 2 && keys[i][0] != '-');
        if (whole && strncasecmp(at, keys[i], length) == 0 && !ends_value(at[length]))
            return length;
        if (whole && strncasecmp(at, keys[i], length) == 0 && (at[length] == '\'' || at[length] == '"'))
            return length;
    }
    return 0;
}

/* The end of the value at `at`: of a quoted one, its quote. */
static const char *value_end(const char *at)
{
    if (*at == '\'' || *at == '"') {
        const char *quote = strchr(at + 1, *at);
        return quote != NULL ? quote + 1 : at + strlen(at);
    }
    while (!ends_value(*at))
        at++;
    return at;
}

/* scheme://user:PASSWORD@host: the password's place, NULL when there is none. */
static const char *uri_password(const char *at, const char **end)
{
    if (strncmp(at, "://", 3) != 0)
        return NULL;
    const char *from = at + 3, *stop = from + strcspn(from, " \t\n\"'");
    const char *sign = memrchr(from, '@', (size_t)(stop - from));
    const char *colon = sign != NULL ? memchr(from, ':', (size_t)(sign - from)) : NULL;
    if (colon == NULL || memchr(from, '/', (size_t)(colon - from)) != NULL)
        return NULL;
    *end = sign;
    return colon + 1;
}

static size_t variable_at(const char *at)
{
    static const char *const names[] = {"PGPASSWORD", "MYSQL_PWD"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = getenv(names[i]); /* read only; nothing of ours sets the environment */
        if (value != NULL && value[0] != '\0' && strncmp(at, value, strlen(value)) == 0)
            return strlen(value);
    }
    return 0;
}

char *redact_text(struct arena *arena, const char *text)
{
    struct buf out = {0};
    const char *at = text, *end = NULL;
    while (*at != '\0') {
        size_t secret = variable_at(at), key = key_at(text, at);
        const char *password = uri_password(at, &end);
        if (secret > 0) {
            buf_puts(&out, REDACTED);
            at += secret;
        } else if (key > 0) {
            buf_printf(&out, "%.*s" REDACTED, (int)key, at);
            at = value_end(at + key);
        } else if (password != NULL) {
            buf_printf(&out, "%.*s" REDACTED, (int)(password - at), at);
            at = end;
        } else {
            buf_putc(&out, *at++);
        }
    }
    char *made = arena_strdup(arena, buf_text(&out));
    buf_free(&out);
    return made;
}
