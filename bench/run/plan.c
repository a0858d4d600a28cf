#include "bench/run/plan.h"

#include "bench/base/clock.h"
#include "bench/base/file.h"
#include "bench/base/hash.h"
#include "bench/base/near.h"
#include "bench/base/units.h"
#include "bench/run/plan_value.h"

#include <stdio.h>
#include <string.h>

struct plan_reader {
    struct arena *arena;
    struct plan *plan;
    struct err *err;
};

static bool read_replicas(struct plan_reader *r, const struct json *replicas)
{
    struct plan *plan = r->plan;
    if (replicas == NULL || replicas->child == NULL)
        return true;
    const char **dsns = arena_alloc(r->arena, json_size(replicas) * sizeof *dsns);
    for (const struct json *node = replicas->child; node != NULL; node = node->next) {
        if (!plan_value_type(node, JSON_STRING, "a replica's DSN, in quotes,", r->err))
            return false;
        if (node->string[0] == '\0')
            return json_error(r->err, node, "replicas: the string is empty");
        dsns[plan->replica_count++] = node->string;
    }
    plan->replicas = dsns;
    return true;
}

static bool read_target(struct plan_reader *r, const struct json *target)
{
    static const char *const keys[] = {"dsn", "replicas", "role", NULL};
    const struct json *replicas, *role;
    struct plan *plan = r->plan;
    if (target == NULL)
        return true;
    if (!json_check_keys(target, keys, r->err) || !plan_value_string(target, "dsn", &plan->dsn, r->err) ||
        !plan_value_member(target, "replicas", JSON_ARRAY, "a list", &replicas, r->err) ||
        !plan_value_member(target, "role", JSON_STRING, "a string", &role, r->err))
        return false;
    if (!read_replicas(r, replicas))
        return false;
    plan->production = role != NULL && strcmp(role->string, "production") == 0;
    return role == NULL || plan->production || strcmp(role->string, "staging") == 0 ||
           json_error(r->err, role, "role: \"staging\" or \"production\" is expected");
}

static bool read_set(struct plan_reader *r, const struct json *strategy, struct strategy_settings *settings)
{
    const struct json *set;
    if (!plan_value_member(strategy, "set", JSON_OBJECT, "an object", &set, r->err))
        return false;
    if (set == NULL)
        return true;
    if (!json_check_keys(set, strategy_setting_keys, r->err))
        return false;
    for (const struct json *node = set->child; node != NULL; node = node->next) {
        char number[32] = "";
        const char *why;
        const char *value = node->type == JSON_STRING ? node->string : number;
        if (node->type == JSON_NUMBER && node->is_integer)
            snprintf(number, sizeof number, "%lld", (long long)node->integer);
        if (!strategy_settings_read(settings, node->key, value, &why))
            return json_error(r->err, node, "%s: bad value: %s", node->key, why);
    }
    return true;
}

static bool read_exec(struct plan_reader *r, const struct json *node, struct plan_strategy *strategy)
{
    const struct json *exec;
    if (!plan_value_member(node, "exec", JSON_ARRAY, "a list of words", &exec, r->err))
        return false;
    if (exec == NULL)
        return true;
    if (exec->child == NULL)
        return json_error(r->err, exec, "exec: the program is missing");
    const char **argv = arena_alloc(r->arena, (json_size(exec) + 1) * sizeof *argv);
    size_t count = 0;
    for (const struct json *word = exec->child; word != NULL; word = word->next) {
        if (!plan_value_type(word, JSON_STRING, "a word of the command, as text,", r->err))
            return false;
        argv[count++] = word->string;
    }
    strategy->exec = argv;
    return argv[0][0] != '\0' || json_error(r->err, exec->child, "exec: the program has no name");
}

static bool read_strategy(struct plan_reader *r, const struct json *node, struct plan_strategy *strategy)
{
    static const char *const keys[] = {"migration", "exec", "set", "candidate", NULL};
    *strategy = (struct plan_strategy){
        .name = node->key, .overrides = strategy_settings_unset(), .place = plan_value_place(node)};
    if (!plan_value_type(node, JSON_OBJECT, "{\"migration\": FILE}", r->err) ||
        !json_check_keys(node, keys, r->err))
        return false;
    if (!read_exec(r, node, strategy) ||
        !plan_value_string(node, "migration", &strategy->migration, r->err) ||
        !plan_value_bool(node, "candidate", &strategy->candidate, r->err) ||
        !read_set(r, node, &strategy->overrides))
        return false;
    if (strategy->migration != NULL && strategy->exec != NULL)
        return json_error(r->err, node, "strategy \"%s\" has both a migration and exec", node->key);
    return strategy->migration != NULL || strategy->exec != NULL ||
           json_error(r->err, node, "strategy \"%s\" needs a migration, or exec", node->key);
}

static bool read_strategies(struct plan_reader *r, const struct json *strategies)
{
    struct plan *plan = r->plan;
    bool candidate = false;
    if (strategies == NULL)
        return true;
    plan->strategies = arena_alloc(r->arena, (json_size(strategies) + 1) * sizeof *plan->strategies);
    for (const struct json *node = strategies->child; node != NULL; node = node->next) {
        struct plan_strategy *strategy = &plan->strategies[plan->strategy_count++];
        if (!read_strategy(r, node, strategy))
            return false;
        if (candidate && strategy->candidate)
            return json_error(r->err, node, "only one strategy can be the candidate");
        candidate = candidate || strategy->candidate;
    }
    return plan->strategy_count > 0 || json_error(r->err, strategies, "no strategy");
}

static bool read_threshold(struct plan_reader *r, const struct json *node, const char *metric)
{
    if (!plan_value_type(node, JSON_STRING, "a limit as \"< 500ms\", or a list of them,", r->err))
        return false;
    struct err inner = {0};
    if (threshold_parse(r->arena, metric, node->string, &r->plan->thresholds, &inner))
        return true;
    json_error(r->err, node, "%s", inner.message);
    return err_hint(r->err, "%s", inner.hint);
}

static bool read_thresholds(struct plan_reader *r, const struct json *thresholds)
{
    for (const struct json *node = thresholds ? thresholds->child : NULL; node != NULL; node = node->next) {
        if (node->type != JSON_ARRAY) {
            if (!read_threshold(r, node, node->key))
                return false;
            continue;
        }
        for (const struct json *item = node->child; item != NULL; item = item->next) {
            if (!read_threshold(r, item, node->key))
                return false;
        }
    }
    return true;
}

/* "orders" of "orders.json"; of a plan called rehearse.json the directory's name. */
static const char *default_name(struct arena *arena, const char *file)
{
    const char *name = file_name(file);
    const char *dot = strrchr(name, '.');
    size_t length = dot == NULL || dot == name ? strlen(name) : (size_t)(dot - name);
    const char *directory = file_name(file_directory(arena, file));
    bool plain = length == strlen("rehearse") && strncmp(name, "rehearse", length) == 0;
    return plain && directory[0] != '.' && directory[0] != '\0' ? directory
                                                                : arena_strndup(arena, name, length);
}

static bool read_top(struct plan_reader *r, const struct json *root)
{
    static const char *const keys[] = {"$schema", "name",       "title",      "target", "seed", "data",
                                       "load",    "strategies", "thresholds", "report", NULL};
    static const char *const not_built[] = {"report", NULL};
    const char *schema = NULL;
    int64_t seed = 1;
    const struct json *target, *data, *load, *strategies, *thresholds;
    struct plan *plan = r->plan;
    struct err *err = r->err;
    if (!plan_value_type(root, JSON_OBJECT, "a plan {…}", err) || !json_check_keys(root, keys, err) ||
        !plan_value_refuse(root, not_built, err) || !plan_value_string(root, "$schema", &schema, err) ||
        !plan_value_string(root, "name", &plan->name, err) ||
        !plan_value_string(root, "title", &plan->title, err) ||
        !plan_value_integer(root, "seed", 0, INT64_MAX, &seed, err) ||
        !plan_value_member(root, "target", JSON_OBJECT, "an object", &target, err) ||
        !plan_value_member(root, "data", JSON_OBJECT, "an object", &data, err) ||
        !plan_value_member(root, "load", JSON_OBJECT, "an object", &load, err) ||
        !plan_value_member(root, "strategies", JSON_OBJECT, "an object", &strategies, err) ||
        !plan_value_member(root, "thresholds", JSON_OBJECT, "an object", &thresholds, err))
        return false;
    plan->seed = (uint64_t)seed;
    return read_target(r, target) && plan_data(r->arena, data, plan, err) &&
           plan_load(r->arena, load, plan, err) && read_strategies(r, strategies) &&
           read_thresholds(r, thresholds);
}

bool plan_read(struct arena *arena, const char *file, const char *text, size_t length, struct plan **plan,
               struct err *err)
{
    const struct json *root;
    char hex[65];
    struct plan *p = arena_alloc(arena, sizeof *p);
    struct plan_reader r = {.arena = arena, .plan = p, .err = err};
    hash_sha256(text, length, hex);
    *p = (struct plan){.file = arena_strdup(arena, file),
                       .directory = file_directory(arena, file),
                       .sha256 = arena_strdup(arena, hex),
                       .name = default_name(arena, file),
                       .scale = 1,
                       .rate_per_s = -1,
                       .sessions = 16,
                       .baseline_ns = 10 * NS_PER_S,
                       .settle_ns = 10 * NS_PER_S};
    if (!json_parse(arena, file, text, length, JSON_RELAXED, &root, err) || !read_top(&r, root))
        return false;
    *plan = p;
    return true;
}
