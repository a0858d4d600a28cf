#include "bench/base/clock.h"
#include "bench/base/units.h"
#include "bench/run/plan_value.h"

#include <string.h>

enum { SESSIONS_MAX = 100000, APPS_MAX = STRATEGY_MAX_SHARES };

static bool read_rate(const struct json *load, struct plan *plan, struct err *err)
{
    const struct json *rate = json_get(load, "rate");
    const char *why;
    if (rate == NULL)
        return true;
    if (rate->type == JSON_NUMBER && rate->is_integer && rate->integer == 0) {
        plan->rate_per_s = 0;
        return true;
    }
    if (rate->type != JSON_STRING)
        return json_error(err, rate,
                          "rate: a rate in quotes is expected, as \"500/s\", or 0 for a closed loop");
    return units_rate(rate->string, &plan->rate_per_s, &why) ||
           json_error(err, rate, "rate: bad rate \"%s\": %s", rate->string, why);
}

static bool read_arrival(const struct json *load, struct err *err)
{
    const struct json *arrival;
    if (!plan_value_member(load, "arrival", JSON_STRING, "a string", &arrival, err))
        return false;
    if (arrival == NULL || strcmp(arrival->string, "constant") == 0)
        return true;
    if (strcmp(arrival->string, "poisson") != 0)
        return json_error(err, arrival, "arrival: \"constant\" is expected");
    json_error(err, arrival, "arrival \"poisson\" is not built yet");
    return err_hint(err, "Use \"constant\", or leave the key out.");
}

static bool read_protocol(const struct json *load, struct plan *plan, struct err *err)
{
    const struct json *protocol;
    if (!plan_value_member(load, "protocol", JSON_STRING, "a string", &protocol, err))
        return false;
    plan->simple_protocol = protocol != NULL && strcmp(protocol->string, "simple") == 0;
    return protocol == NULL || plan->simple_protocol || strcmp(protocol->string, "prepared") == 0 ||
           json_error(err, protocol, "protocol: \"prepared\" or \"simple\" is expected");
}

static bool read_app(struct arena *arena, const struct json *node, struct plan_app *app, struct err *err)
{
    if (!plan_value_type(node, JSON_ARRAY, "a list of \"FILE@WEIGHT\"", err))
        return false;
    if (node->child == NULL)
        return json_error(err, node, "app \"%s\" has no scripts", node->key);
    *app = (struct plan_app){.name = node->key, .place = plan_value_place(node)};
    app->entries = arena_alloc(arena, json_size(node) * sizeof *app->entries);
    for (const struct json *entry = node->child; entry != NULL; entry = entry->next) {
        if (entry->type != JSON_STRING || entry->string[0] == '\0')
            return json_error(err, entry, "\"FILE@WEIGHT\" is expected");
        app->entries[app->entry_count++] = entry->string;
    }
    return true;
}

static bool read_apps(struct arena *arena, const struct json *load, struct plan *plan, struct err *err)
{
    const struct json *apps;
    if (!plan_value_member(load, "apps", JSON_OBJECT, "an object of apps", &apps, err))
        return false;
    if (apps == NULL && json_get(load, "rate") != NULL) {
        json_error(err, json_get(load, "rate"), "a rate is given, but no apps");
        return err_hint(err, "Add \"apps\": {\"v1\": [\"workload/read.sql@1\"]} to load.");
    }
    if (apps == NULL)
        return true;
    if (apps->child == NULL || json_size(apps) > APPS_MAX)
        return json_error(err, apps, "apps: 1 to %d apps are expected", (int)APPS_MAX);
    plan->apps = arena_alloc(arena, json_size(apps) * sizeof *plan->apps);
    for (const struct json *app = apps->child; app != NULL; app = app->next) {
        if (!read_app(arena, app, &plan->apps[plan->app_count++], err))
            return false;
    }
    return true;
}

static bool read_antagonist(const struct json *node, struct plan_antagonist *antagonist, struct err *err)
{
    static const char *const keys[] = {"script", "start", "every", "hold", NULL};
    *antagonist = (struct plan_antagonist){.place = plan_value_place(node)};
    if (!plan_value_type(node, JSON_OBJECT, "an antagonist {script, start, every, hold}", err) ||
        !json_check_keys(node, keys, err) || !plan_value_string(node, "script", &antagonist->script, err) ||
        !plan_value_duration(node, "start", &antagonist->start_ns, err) ||
        !plan_value_duration(node, "every", &antagonist->every_ns, err) ||
        !plan_value_duration(node, "hold", &antagonist->hold_ns, err))
        return false;
    return antagonist->script != NULL || json_error(err, node, "an antagonist needs a script");
}

static bool read_antagonists(struct arena *arena, const struct json *load, struct plan *plan, struct err *err)
{
    const struct json *list;
    if (!plan_value_member(load, "antagonists", JSON_ARRAY, "a list", &list, err))
        return false;
    if (list == NULL || list->child == NULL)
        return true;
    plan->antagonists = arena_alloc(arena, json_size(list) * sizeof *plan->antagonists);
    for (const struct json *node = list->child; node != NULL; node = node->next) {
        if (!read_antagonist(node, &plan->antagonists[plan->antagonist_count++], err))
            return false;
    }
    return true;
}

bool plan_load(struct arena *arena, const struct json *load, struct plan *plan, struct err *err)
{
    static const char *const keys[] = {"rate", "sessions", "arrival", "warmup",   "apps", "antagonists",
                                       "pool", "baseline", "settle",  "protocol", NULL};
    static const char *const not_built[] = {"pool", NULL};
    int64_t sessions = plan->sessions;
    if (load == NULL)
        return true;
    if (!json_check_keys(load, keys, err) || !plan_value_refuse(load, not_built, err) ||
        !read_rate(load, plan, err) ||
        !plan_value_integer(load, "sessions", 1, SESSIONS_MAX, &sessions, err) || !read_arrival(load, err) ||
        !read_protocol(load, plan, err) || !plan_value_duration(load, "warmup", &plan->warmup_ns, err) ||
        !plan_value_duration(load, "baseline", &plan->baseline_ns, err) ||
        !plan_value_duration(load, "settle", &plan->settle_ns, err))
        return false;
    plan->sessions = (int)sessions;
    return read_apps(arena, load, plan, err) && read_antagonists(arena, load, plan, err);
}
