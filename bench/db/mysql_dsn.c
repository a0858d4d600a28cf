#include "bench/db/mysql.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool starts(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* As Percona's tools write it: single letters. No keyword of libpq has one letter. */
static bool is_lettered(const char *dsn)
{
    return isalpha((unsigned char)dsn[0]) && dsn[1] == '=';
}

bool mysql_accepts(const char *dsn)
{
    return starts(dsn, "mysql://") || starts(dsn, "mariadb://") || is_lettered(dsn);
}

static bool refuse_password(struct err *err)
{
    err_set(err, ERR_USAGE, "the DSN holds a password: it would be seen in process lists and logs");
    return err_hint(err, "leave it out and write it to [client] or [rehearse] of an option file, such as "
                         "~/.my.cnf of mode 600");
}

/* Never quotes the DSN: whatever it is, it may hold a password. */
static bool refuse_form(const char *why, struct err *err)
{
    err_set(err, ERR_USAGE, "the DSN cannot be read: %s", why);
    return err_hint(err,
                    "write mysql://user@host:port/database, mysql://user@localhost/database?socket=/path or "
                    "h=host,P=port,u=user,D=database");
}

static bool take_port(const char *text, unsigned *port, struct err *err)
{
    char *end;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    if (!isdigit((unsigned char)text[0]) || *end != '\0' || value == 0 || value > 65535)
        return refuse_form("the port is no number from 1 to 65535", err);
    *port = (unsigned)value;
    return true;
}

static const struct {
    const char *name;
    enum mysql_tls tls;
} tls_modes[] = {
    {"disabled", MYSQL_TLS_DISABLED},        {"preferred", MYSQL_TLS_PREFERRED},
    {"required", MYSQL_TLS_REQUIRED},        {"verify-ca", MYSQL_TLS_CA},
    {"verify-identity", MYSQL_TLS_IDENTITY},
};

static bool take_tls(const char *text, enum mysql_tls *tls, struct err *err)
{
    for (size_t i = 0; i < sizeof tls_modes / sizeof tls_modes[0]; i++)
        if (strcasecmp(text, tls_modes[i].name) == 0) {
            *tls = tls_modes[i].tls;
            return true;
        }
    return refuse_form("ssl-mode is disabled, preferred, required, verify-ca or verify-identity", err);
}

static int hex(char c)
{
    return isdigit((unsigned char)c)    ? c - '0'
           : isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10
                                        : -1;
}

/* One part of a URI; "" when empty, NULL when it holds a bad escape or a NUL. */
static char *decode(struct arena *arena, const char *text, size_t length)
{
    char *out = arena_alloc(arena, length + 1);
    size_t at = 0;
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if (c == '%') {
            int high = i + 2 < length ? hex(text[i + 1]) : -1, low = i + 2 < length ? hex(text[i + 2]) : -1;
            if (high < 0 || low < 0 || high + low == 0)
                return NULL;
            c = (char)(high * 16 + low);
            i += 2;
        }
        out[at++] = c;
    }
    out[at] = '\0';
    return out;
}

static const char *or_null(const char *text)
{
    return text != NULL && text[0] != '\0' ? text : NULL;
}

static bool take_option(struct mysql_world *world, const char *key, const char *value, struct err *err)
{
    const struct {
        const char *key;
        const char **to;
    } texts[] = {{"socket", &world->socket},
                 {"ssl-ca", &world->ssl_ca},
                 {"ssl-cert", &world->ssl_cert},
                 {"ssl-key", &world->ssl_key},
                 {"defaults-file", &world->defaults_file}};
    if (starts(key, "pass"))
        return refuse_password(err);
    if (strcmp(key, "ssl-mode") == 0)
        return take_tls(value, &world->tls, err);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (strcmp(key, texts[i].key) == 0) {
            *texts[i].to = or_null(value);
            return true;
        }
    return refuse_form(
        "the options after ? are socket, ssl-mode, ssl-ca, ssl-cert, ssl-key and defaults-file", err);
}

static bool parse_options(struct arena *arena, const char *at, struct mysql_world *world, struct err *err)
{
    while (*at != '\0') {
        size_t length = strcspn(at, "&"), name = strcspn(at, "=&");
        const char *key = decode(arena, at, name);
        const char *value = name < length ? decode(arena, at + name + 1, length - name - 1) : "";
        if (key == NULL || value == NULL)
            return refuse_form("a % is not followed by two hexadecimal digits", err);
        if (!take_option(world, key, value, err))
            return false;
        at += length + (at[length] == '&');
    }
    return true;
}

/* host, host:port, [address]:port */
static bool parse_host(struct arena *arena, const char *text, size_t length, struct mysql_world *world,
                       struct err *err)
{
    const char *close = length > 0 && text[0] == '[' ? memchr(text, ']', length) : NULL;
    const char *from = close != NULL ? close + 1 : text;
    const char *colon = memchr(from, ':', length - (size_t)(from - text));
    const char *host = close != NULL ? decode(arena, text + 1, (size_t)(close - text) - 1)
                                     : decode(arena, text, colon != NULL ? (size_t)(colon - text) : length);
    if (host == NULL)
        return refuse_form("a % is not followed by two hexadecimal digits", err);
    world->host = or_null(host);
    return colon == NULL ||
           take_port(arena_strndup(arena, colon + 1, length - (size_t)(colon + 1 - text)), &world->port, err);
}

static bool parse_uri(struct arena *arena, const char *dsn, struct mysql_world *world, struct err *err)
{
    const char *at = strstr(dsn, "://") + 3;
    size_t authority = strcspn(at, "/?");
    const char *sign = memrchr(at, '@', authority);
    if (sign != NULL) {
        size_t length = (size_t)(sign - at), user = strcspn(at, ":@");
        if (user + 1 < length)
            return refuse_password(err);
        world->user = decode(arena, at, user < length ? user : length);
        if (world->user == NULL)
            return refuse_form("a % is not followed by two hexadecimal digits", err);
        world->user = or_null(world->user);
        authority -= length + 1;
        at = sign + 1;
    }
    if (!parse_host(arena, at, authority, world, err))
        return false;
    at += authority;
    if (*at == '/') {
        size_t length = strcspn(++at, "?");
        const char *database = decode(arena, at, length);
        if (database == NULL)
            return refuse_form("a % is not followed by two hexadecimal digits", err);
        world->database = or_null(database);
        at += length;
    }
    return *at != '?' || parse_options(arena, at + 1, world, err);
}

static bool take_letter(struct mysql_world *world, char key, const char *value, struct err *err)
{
    value = or_null(value);
    switch (key) {
    case 'h':
        world->host = value;
        return true;
    case 'P':
        return value == NULL || take_port(value, &world->port, err);
    case 'u':
        world->user = value;
        return true;
    case 'D':
        world->database = value;
        return true;
    case 'S':
        world->socket = value;
        return true;
    case 'F':
        world->defaults_file = value;
        return true;
    case 'p':
        return refuse_password(err);
    default:
        return refuse_form("the keys are h, P, u, D, S and F", err);
    }
}

static bool parse_letters(struct arena *arena, const char *at, struct mysql_world *world, struct err *err)
{
    while (*at != '\0') {
        size_t length = strcspn(at, ",");
        if (!is_lettered(at))
            return refuse_form("a key is one letter and followed by =", err);
        if (!take_letter(world, at[0], arena_strndup(arena, at + 2, length - 2), err))
            return false;
        at += length + (at[length] == ',');
    }
    return true;
}

static void encode(struct buf *out, const char *text)
{
    for (; text != NULL && *text != '\0'; text++) {
        if (isalnum((unsigned char)*text) || strchr("-._~/", *text) != NULL)
            buf_putc(out, *text);
        else
            buf_printf(out, "%%%02X", (unsigned)(unsigned char)*text);
    }
}

/* A URI that can be given as DSN again. */
static const char *label(struct arena *arena, const char *scheme, const struct mysql_world *world)
{
    struct buf out = {0};
    bool is_address = world->host != NULL && strchr(world->host, ':') != NULL;
    buf_puts(&out, scheme);
    encode(&out, world->user);
    buf_puts(&out, world->user != NULL ? "@" : "");
    if (is_address)
        buf_printf(&out, "[%s]", world->host);
    else
        encode(&out, world->host != NULL ? world->host : "localhost");
    if (world->port != 0)
        buf_printf(&out, ":%u", world->port);
    buf_puts(&out, "/");
    encode(&out, world->database);
    const char *const keys[] = {"socket=", "defaults-file="};
    const char *const values[] = {world->socket, world->defaults_file};
    const char *mark = "?";
    for (int i = 0; i < 2; i++) {
        if (values[i] == NULL)
            continue;
        buf_printf(&out, "%s%s", mark, keys[i]);
        encode(&out, values[i]);
        mark = "&";
    }
    const char *text = arena_strdup(arena, buf_text(&out));
    buf_free(&out);
    return text;
}

static const char *said(const char *text)
{
    return text != NULL ? text : "";
}

bool mysql_parse(struct arena *arena, const char *dsn, struct db_target *target, struct err *err)
{
    struct mysql_world *world = arena_alloc(arena, sizeof *world);
    *world = (struct mysql_world){.tls = MYSQL_TLS_PREFERRED};
    if (!(is_lettered(dsn) ? parse_letters(arena, dsn, world, err) : parse_uri(arena, dsn, world, err)))
        return false;
    if (world->tls == MYSQL_TLS_CA && world->ssl_ca == NULL)
        return refuse_form("ssl-mode=verify-ca needs ssl-ca", err);
    target->world = world;
    target->label = label(arena, starts(dsn, "mariadb://") ? "mariadb://" : "mysql://", world);
    target->host = world->socket != NULL ? "" : said(world->host);
    target->port = world->port != 0 ? arena_printf(arena, "%u", world->port) : "";
    target->socket = said(world->socket);
    target->user = said(world->user);
    target->database = said(world->database);
    return true;
}
