#include "bench/cli/rehearse.h"

#include "bench/base/clock.h"
#include "bench/base/file.h"
#include "bench/base/log.h"
#include "bench/base/rng.h"
#include "bench/base/units.h"
#include "bench/cli/outputs.h"
#include "bench/run/quick.h"
#include "bench/run/rehearsal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

static bool is_directory(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* "400", "400/s" or "24000/min". */
static bool read_rate(const char *text, double *rate_per_s, struct err *err)
{
    const char *why;
    char *end;
    *rate_per_s = strtod(text, &end);
    if (end != text && *end == '\0' && *rate_per_s >= 0)
        return true;
    if (units_rate(text, rate_per_s, &why))
        return true;
    return err_set(err, ERR_USAGE, "-R wants requests a second, not \"%s\"", text);
}

static bool quick_flags(const struct options *options, struct quick *quick, struct err *err)
{
    *quick = (struct quick){.dsn = options->dsn,
                            .scripts = options->scripts.items,
                            .script_count = options->scripts.count,
                            .builtins = options->builtins.items,
                            .builtin_count = options->builtins.count,
                            .sessions = (int)options->sessions,
                            .rate_per_s = -1,
                            .watch_ns = options->watch_ns,
                            .has_seed = options->seed >= 0,
                            .seed = (uint64_t)options->seed};
    if (options->sessions == 0 || options->sessions > 10000)
        return err_set(err, ERR_USAGE, "-c wants 1 to 10000 sessions");
    if (options->protocol != NULL && strcmp(options->protocol, "simple") == 0)
        quick->simple_protocol = true;
    else if (options->protocol != NULL && strcmp(options->protocol, "prepared") != 0)
        return err_set(err, ERR_USAGE, "-M is prepared or simple, not \"%s\"", options->protocol);
    return options->rate == NULL || read_rate(options->rate, &quick->rate_per_s, err);
}

static bool read_plan_file(struct arena *arena, const char *file, struct plan **plan, struct err *err)
{
    char *text;
    size_t length;
    return file_read(arena, file, &text, &length, err) && plan_read(arena, file, text, length, plan, err);
}

/* A file that is not there is told before what the plan made of it lacks. */
static bool plan_one_file(struct arena *arena, const char *file, const struct quick *quick,
                          struct plan **plan, struct err *err)
{
    if (strcmp(file, "-") != 0 && access(file, R_OK) != 0)
        return err_set(err, ERR_USAGE, "cannot open %s: %s", file, strerror(errno));
    *plan = quick_plan(arena, file, quick);
    return true;
}

bool rehearse_plan(struct invocation *invocation, struct plan **plan, struct err *err)
{
    const struct options *options = &invocation->options;
    struct quick quick;
    if (!quick_flags(options, &quick, err))
        return false;
    if (options->places.count > 1)
        return err_set(err, ERR_USAGE, "one plan or SQL file at a time, not also \"%s\"",
                       options->places.items[1]);
    const char *place = options->places.count == 1 ? options->places.items[0] : "rehearse.json";
    if (strcmp(place, "-") == 0 || ends_with(place, ".sql"))
        return plan_one_file(invocation->arena, place, &quick, plan, err);
    if (is_directory(place))
        place = file_join(invocation->arena, place, "rehearse.json");
    if (options->places.count == 0 && access(place, F_OK) != 0) {
        err_set(err, ERR_USAGE, "no plan: there is no rehearse.json here");
        return err_hint(err, "name a plan or an SQL file; rehearse demo needs neither");
    }
    if (!read_plan_file(invocation->arena, place, plan, err))
        return false;
    quick_override(invocation->arena, *plan, &quick);
    return true;
}

static bool read_level(const char *text, enum observe_level *level, struct err *err)
{
    static const char *const names[] = {
        [OBSERVE_FULL] = "full", [OBSERVE_IDLE] = "idle", [OBSERVE_OFF] = "off"};
    *level = OBSERVE_FULL;
    for (int i = 0; text != NULL && i < 3; i++) {
        if (strcmp(names[i], text) == 0) {
            *level = (enum observe_level)i;
            return true;
        }
    }
    return text == NULL || err_set(err, ERR_USAGE, "--observe is full, idle or off, not \"%s\"", text);
}

/* Short enough for application_name, different for every run. */
static const char *new_run_id(struct arena *arena)
{
    static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";
    uint64_t number = rng_hash((uint64_t)clock_wall_us(), (uint64_t)getpid(), (uint64_t)clock_ns());
    char *id = arena_alloc(arena, 11);
    for (int i = 0; i < 10; i++, number >>= 5)
        id[i] = digits[number & 31];
    return id;
}

int rehearse_plan_run(struct invocation *invocation, struct plan *plan, struct err *err)
{
    const struct options *options = &invocation->options;
    struct rehearsal_options wanted = {.only = options->strategies.items,
                                       .only_count = options->strategies.count,
                                       .arm_database = options->arm,
                                       .allow_exec = options->allow_exec,
                                       .run_id = new_run_id(invocation->arena),
                                       .defines = options->defines.items,
                                       .define_count = options->defines.count,
                                       .argc = invocation->argc,
                                       .argv = invocation->argv};
    const char *directory;
    struct record *record;
    if (!read_level(options->observe, &wanted.level, err))
        return err_exit_code(err->kind);
    struct rehearsal *rehearsal = rehearsal_open(plan, &wanted, invocation->arena, err);
    if (rehearsal == NULL || !outputs_prepare(invocation->arena, options->out, plan->name, &directory, err) ||
        !rehearsal_run(rehearsal, &record, err))
        return err_exit_code(err->kind);
    struct err unwritten = {0};
    bool written = outputs_write(invocation->arena, directory, record, &unwritten);
    outputs_print(record, options->json, invocation->colour);
    if (!written) {
        *err = unwritten;
        return err_exit_code(ERR_ENVIRONMENT);
    }
    log_info("report: %s/report.html", directory);
    return (int)record->run.exit_code;
}
