#include "workloads/workload.h"

#include "bench/base/file.h"
#include "workloads/builtin.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int find_script(const struct workload *workload, const char *file)
{
    for (size_t i = 0; i < workload->script_count; i++) {
        if (strcmp(workload->scripts[i]->file, file) == 0)
            return (int)i;
    }
    return -1;
}

static bool add_text(struct workload *workload, const char *file, const char *text, size_t length,
                     int *script, struct err *err)
{
    struct script *parsed;
    if (!script_parse(workload->arena, workload->lexis, file, text, length, &parsed, err))
        return false;
    *script = (int)workload->script_count;
    /* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers */
    *ARENA_PUSH(workload->arena, workload->scripts, workload->script_count,
                workload->script_capacity) = parsed;
    return true;
}

bool workload_add_text(struct workload *workload, const char *name, const char *text, int *script,
                       struct err *err)
{
    return add_text(workload, name, text, strlen(text), script, err);
}

bool workload_add_script(struct workload *workload, const char *directory, const char *file, int *script,
                         struct err *err)
{
    char *path = file_join(workload->arena, directory, file), *text;
    size_t length;
    *script = find_script(workload, path);
    if (*script >= 0)
        return true;
    if (!file_read(workload->arena, path, &text, &length, err)) {
        err->kind = ERR_USAGE;
        return false;
    }
    return add_text(workload, path, text, length, script, err);
}

bool workload_add_builtin(struct workload *workload, const char *name, int *script, struct err *err)
{
    const char *text = builtin_text(name), *near = builtin_near(name);
    if (text != NULL)
        return (*script = find_script(workload, name)) >= 0 ||
               workload_add_text(workload, name, text, script, err);
    err_set(err, ERR_USAGE, "there is no built-in script \"%s\"", name);
    return near != NULL ? err_hint(err, "Did you mean %s?", near)
                        : err_hint(err, "Built in are tpcb-like, simple-update and select-only.");
}

/* "FILE@WEIGHT", 1 without one. A name may hold an @; the last one counts when a number follows. */
static bool read_weight(char *entry, double *weight, struct err *err)
{
    char *at = strrchr(entry, '@'), *end;
    *weight = 1;
    if (at == NULL)
        return true;
    *weight = strtod(at + 1, &end);
    if (at[1] == '\0' || *end != '\0' || !isfinite(*weight) || *weight < 0)
        return err_set(err, ERR_USAGE, "\"%s\" is no weight: a number, 0 or more, should follow the @",
                       at + 1);
    *at = '\0';
    return true;
}

bool workload_add_app(struct workload *workload, const char *name, const char *directory,
                      const char *const *entries, size_t count, struct err *err)
{
    struct app app = {.name = arena_strdup(workload->arena, name), .entry_count = count};
    if (workload_app(workload, name) >= 0)
        return err_set(err, ERR_USAGE, "app %s is given twice", name);
    if (workload->app_count == WORKLOAD_MAX_APPS)
        return err_set(err, ERR_USAGE, "there are more than %d apps", WORKLOAD_MAX_APPS);
    app.entries = arena_alloc(workload->arena, (count + 1) * sizeof *app.entries);
    for (size_t i = 0; i < count; i++) {
        char *file = arena_strdup(workload->arena, entries[i]);
        if (!read_weight(file, &app.entries[i].weight, err) ||
            !workload_add_script(workload, directory, file, &app.entries[i].script, err))
            return err_wrap(err, "app %s", name);
        app.weight_sum += app.entries[i].weight;
    }
    if (!(app.weight_sum > 0))
        return err_set(err, ERR_USAGE, "app %s has no script with a weight above 0", name);
    *ARENA_PUSH(workload->arena, workload->apps, workload->app_count, workload->app_capacity) = app;
    return true;
}
