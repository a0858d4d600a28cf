#include "bench/db/postgres.h"

#include <libpq-fe.h>
#include <string.h>

static bool starts(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

bool postgres_accepts(const char *dsn)
{
    if (starts(dsn, "postgresql://") || starts(dsn, "postgres://"))
        return true;
    const char *equals = strchr(dsn, '=');
    const char *scheme = strstr(dsn, "://");
    return equals != NULL && (scheme == NULL || equals < scheme);
}

static const char *option(const PQconninfoOption *options, const char *keyword)
{
    for (; options->keyword != NULL; options++)
        if (strcmp(options->keyword, keyword) == 0 && options->val != NULL && options->val[0] != '\0')
            return options->val;
    return NULL;
}

/* What libpq marks as not to be shown (dispchar "*") is a secret. */
static const char *find_secret(const PQconninfoOption *options)
{
    for (; options->keyword != NULL; options++)
        if (options->dispchar[0] == '*' && options->val != NULL && options->val[0] != '\0')
            return options->keyword;
    return NULL;
}

static bool refuse_secret(const char *keyword, struct err *err)
{
    err_set(err, ERR_USAGE, "the DSN holds a secret (%s): it would be seen in process lists and logs",
            keyword);
    return err_hint(err, "leave it out and use ~/.pgpass, PGPASSWORD or a service file");
}

/* libpq's complaint quotes what it could not read, which may be a part of a password with a space in it. */
static bool refuse_form(const char *dsn, const char *why, struct err *err)
{
    bool quotable = why != NULL && strstr(dsn, "pass") == NULL && strchr(dsn, '@') == NULL;
    err_set(err, ERR_USAGE, "the DSN cannot be read%s%.*s", quotable ? ": " : "",
            quotable ? (int)strcspn(why, "\n") : 0, quotable ? why : "");
    return err_hint(err, "write postgresql://user@host:port/database or key=value pairs as libpq reads them");
}

/* As a person would write it: what the DSN says, else what PG* variables and service files say. */
static const char *label(struct arena *arena, const PQconninfoOption *said, const PQconninfoOption *around)
{
    const char *service = option(said, "service"), *host = option(said, "host"), *port = option(said, "port");
    const char *user = option(said, "user"), *database = option(said, "dbname");
    if (service != NULL && host == NULL)
        return arena_printf(arena, "service=%s", service);
    host = host != NULL ? host : option(said, "hostaddr");
    host = host != NULL ? host : option(around, "host");
    port = port != NULL ? port : option(around, "port");
    user = user != NULL ? user : option(around, "user");
    database = database != NULL ? database : option(around, "dbname");
    database = database != NULL ? database : user;
    const char *at = user != NULL ? "@" : "";
    user = user != NULL ? user : "";
    database = database != NULL ? database : "";
    if (host == NULL || host[0] == '/' || host[0] == '@')
        return arena_printf(arena, "postgresql://%s%s/%s%s%s", user, at, database,
                            host != NULL ? "?host=" : "", host != NULL ? host : "");
    return arena_printf(arena, "postgresql://%s%s%s%s%s/%s", user, at, host, port != NULL ? ":" : "",
                        port != NULL ? port : "", database);
}

static const char *said_or_around(struct arena *arena, const PQconninfoOption *said,
                                  const PQconninfoOption *around, const char *keyword)
{
    const char *value = option(said, keyword);
    value = value != NULL ? value : option(around, keyword);
    return value != NULL ? arena_strdup(arena, value) : "";
}

/* For other programs. With a service file nothing else is known: "" stands for what libpq finds by itself. */
static void describe(struct arena *arena, const PQconninfoOption *said, const PQconninfoOption *around,
                     struct db_target *target)
{
    const char *host = said_or_around(arena, said, around, "host");
    bool is_socket = host[0] == '/' || host[0] == '@';
    target->host = is_socket ? "" : host;
    target->socket = is_socket ? host : "";
    target->port = said_or_around(arena, said, around, "port");
    target->user = said_or_around(arena, said, around, "user");
    target->database = said_or_around(arena, said, around, "dbname");
    if (target->database[0] == '\0')
        target->database = target->user;
}

bool postgres_parse(struct arena *arena, const char *dsn, struct db_target *target, struct err *err)
{
    char *why = NULL;
    PQconninfoOption *said = PQconninfoParse(dsn, &why), *around = PQconndefaults();
    bool ok = false;
    if (said == NULL || around == NULL) {
        refuse_form(dsn, why, err);
        goto out;
    }
    const char *secret = find_secret(said);
    if (secret != NULL) {
        refuse_secret(secret, err);
        goto out;
    }
    target->label = label(arena, said, around);
    describe(arena, said, around, target);
    ok = true;
out:
    PQfreemem(why);
    PQconninfoFree(said);
    PQconninfoFree(around);
    return ok;
}
