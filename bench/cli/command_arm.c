/* rehearse arm: marks a database as staging. */
#include "bench/cli/command.h"

#include "bench/base/clock.h"
#include "bench/base/units.h"
#include "bench/run/guard.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_EXPIRY_NS (INT64_C(30) * 24 * 3600 * NS_PER_S)

static bool read_expiry(const char *text, int64_t *expires_after_ns, struct err *err)
{
    const char *why = "";
    *expires_after_ns = DEFAULT_EXPIRY_NS;
    if (text != NULL && !units_duration_ns(text, expires_after_ns, &why))
        return err_set(err, ERR_USAGE, "--expires \"%s\": not a duration (%s)", text, why);
    return *expires_after_ns > 0 ||
           err_set(err, ERR_USAGE, "--expires \"%s\": it would be over at once", text);
}

/* The name as typed at the prompt, in the arena; NULL at the end of input. */
static const char *ask(struct arena *arena, const char *label, const char *database)
{
    char line[256];
    fprintf(stderr,
            "%s\nRuns may create, fill, lock and change everything in this database. Never arm production.\n"
            "Type the database's name (%s) to arm it: ",
            label, database);
    if (fgets(line, sizeof line, stdin) == NULL)
        return NULL;
    line[strcspn(line, "\n")] = '\0';
    return arena_strdup(arena, line);
}

int command_arm(struct invocation *invocation, struct err *err)
{
    const struct options *options = &invocation->options;
    struct db_target target;
    const char *database, *typed = options->name;
    int64_t expires_after_ns;
    char *sql;
    if (options->places.count != 1)
        err_set(err, ERR_USAGE, "arm wants one DSN");
    else if (read_expiry(options->expires, &expires_after_ns, err) &&
             db_target_parse(invocation->arena, options->places.items[0], &target, err) &&
             guard_database(&target, invocation->arena, &database, err)) {
        if (options->print_sql) {
            if (guard_print_sql(&target, expires_after_ns, invocation->arena, &sql, err))
                fputs(sql, stdout);
        } else {
            if (typed == NULL)
                typed = ask(invocation->arena, target.label, database);
            if (typed == NULL)
                err_set(err, ERR_USAGE, "nothing was typed; --name DBNAME names the database in scripts");
            else if (guard_arm(&target, typed, expires_after_ns, err))
                printf("armed: %s\n", target.label);
        }
    }
    return err_exit_code(err->kind);
}
