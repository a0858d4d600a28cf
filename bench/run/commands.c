#include "bench/run/commands.h"

#include "bench/migrate/command.h"

#include <stdio.h>
#include <string.h>

enum { SUMMARY_BYTES = 110 };

/* What is done with each command; false ends the walk. */
typedef bool visit_fn(void *context, const struct material_strategy *strategy, const struct step *step);

static bool visit_phase(const struct material_strategy *strategy, const struct phase *phase, visit_fn *visit,
                        void *context)
{
    for (size_t i = 0; i < phase->step_count; i++)
        if (phase->steps[i].kind == STEP_COMMAND && !visit(context, strategy, &phase->steps[i]))
            return false;
    return true;
}

static bool visit_all(const struct material *material, visit_fn *visit, void *context)
{
    for (size_t i = 0; i < material->strategy_count; i++) {
        const struct material_strategy *which = &material->strategies[i];
        for (size_t p = 0; p < which->strategy->phase_count; p++)
            if (!visit_phase(which, &which->strategy->phases[p], visit, context))
                return false;
        for (size_t b = 0; b < which->strategy->rollback_count; b++)
            if (!visit_phase(which, &which->strategy->rollbacks[b].phase, visit, context))
                return false;
    }
    return true;
}

struct list {
    struct arena *arena;
    const char **items;
    size_t count, capacity;
};

static bool add_line(void *context, const struct material_strategy *strategy, const struct step *step)
{
    struct list *list = context;
    *ARENA_PUSH(list->arena, list->items, list->count,
                list->capacity) = arena_printf(list->arena, "%s: %s", strategy->plan->name, step->sql);
    return true;
}

const char *const *commands_list(const struct material *material, struct arena *arena, size_t *count)
{
    struct list list = {.arena = arena};
    visit_all(material, add_line, &list);
    *count = list.count;
    return list.items;
}

/* An argument in words is what the command is about: the statement of a schema change. */
static bool is_in_words(const char *argument)
{
    return strchr(argument, ' ') != NULL;
}

/* At most SUMMARY_BYTES of a line, and not half a character. */
static const char *shortened(struct arena *arena, const char *line, bool more)
{
    size_t length = strlen(line);
    if (length > SUMMARY_BYTES) {
        for (length = SUMMARY_BYTES; length > 0 && ((unsigned char)line[length] & 0xC0) == 0x80;)
            length--;
        more = true;
    }
    return arena_printf(arena, "external command: %.*s%s", (int)length, line, more ? " …" : "");
}

const char *commands_summary(struct arena *arena, const char *const *argv)
{
    size_t count = 1, kept = 1; /* the program is always there */
    bool words = false;
    for (; argv[count] != NULL; count++)
        words = words || is_in_words(argv[count]);
    const char **shown = arena_alloc(arena, (count + 1) * sizeof *shown);
    const char *slash = strrchr(argv[0], '/');
    shown[0] = slash != NULL ? slash + 1 : argv[0];
    for (size_t i = 1; i < count; i++)
        if (!words || is_in_words(argv[i]) ||
            (i + 1 < count && argv[i][0] == '-' && is_in_words(argv[i + 1])))
            shown[kept++] = argv[i];
    shown[kept] = NULL;
    return shortened(arena, command_line(arena, shown), kept < count);
}

bool commands_allow(const struct material *material, bool allowed, struct arena *arena, struct err *err)
{
    size_t count;
    const char *const *lines = commands_list(material, arena, &count);
    if (allowed || count == 0)
        return true;
    const char *all = "";
    for (size_t i = 0; i < count; i++)
        all = arena_printf(arena, "%s%s%s", all, i > 0 ? "; " : "", lines[i]);
    err_set(err, ERR_USAGE, "the plan runs external commands, which is not allowed: %s", all);
    return err_hint(err, "read them, then say --allow-exec; or choose another strategy with --strategy");
}

struct search {
    struct arena *arena;
    const struct db_target *target;
    struct err *err;
};

static void blame(const struct step *step, struct err *err)
{
    if (step->file == NULL)
        return;
    snprintf(err->file, sizeof err->file, "%s", step->file);
    err->line = step->line;
    err->column = step->column;
}

static bool find(void *context, const struct material_strategy *strategy, const struct step *step)
{
    const struct search *search = context;
    const char *file;
    if (command_find(search->arena, step->argv[0], &file, search->err))
        return true;
    blame(step, search->err);
    return err_wrap(search->err, "strategy %s", strategy->plan->name);
}

static bool fill(void *context, const struct material_strategy *strategy, const struct step *step)
{
    const struct search *search = context;
    const char *const *filled;
    if (command_resolve(search->arena, step->argv, search->target, &filled, search->err))
        return true;
    blame(step, search->err);
    return err_wrap(search->err, "strategy %s", strategy->plan->name);
}

bool commands_find(const struct material *material, struct arena *arena, struct err *err)
{
    struct search search = {arena, NULL, err};
    return visit_all(material, find, &search);
}

bool commands_fill(const struct material *material, const struct db_target *target, struct arena *arena,
                   struct err *err)
{
    struct search search = {arena, target, err};
    return visit_all(material, fill, &search);
}
