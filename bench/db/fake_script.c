#include "bench/db/fake.h"

#include "bench/base/file.h"
#include "bench/base/units.h"

#include <stdlib.h>
#include <string.h>

/* One line, read word by word. */
struct line {
    struct arena *arena;
    const char *file, *start, *at;
    int number;
    struct err *err;
};

static bool refuse(const struct line *line, const char *what)
{
    return err_at(line->err, line->file, line->number, (int)(line->at - line->start) + 1, "%s", what);
}

static bool at_end(struct line *line)
{
    line->at += strspn(line->at, " \t\r");
    return *line->at == '\0' || *line->at == '#';
}

static const char *word(struct line *line)
{
    if (at_end(line))
        return "";
    size_t length = strcspn(line->at, " \t\r#\"");
    const char *text = arena_strndup(line->arena, line->at, length);
    line->at += length;
    return text;
}

static bool expect(struct line *line, const char *wanted)
{
    const char *found = word(line);
    return strcmp(found, wanted) == 0 || refuse(line, arena_printf(line->arena, "expected \"%s\"", wanted));
}

static bool quoted(struct line *line, const char **text)
{
    const char *close;
    if (at_end(line) || *line->at != '"' || (close = strchr(line->at + 1, '"')) == NULL) {
        refuse(line, "expected a text in double quotes");
        return false;
    }
    *text = arena_strndup(line->arena, line->at + 1, (size_t)(close - line->at - 1));
    line->at = close + 1;
    return true;
}

static bool duration(struct line *line, int64_t *ns)
{
    const char *why = NULL;
    return units_duration_ns(word(line), ns, &why) || refuse(line, why != NULL ? why : "expected a duration");
}

static bool count(struct line *line, int64_t *number)
{
    const char *why = NULL;
    return units_count(word(line), number, &why) || refuse(line, why != NULL ? why : "expected a number");
}

static bool read_takes(struct line *line, struct fake_rule *rule)
{
    rule->verb = FAKE_TAKES;
    return duration(line, &rule->to_ns);
}

static bool read_rows(struct line *line, struct fake_rule *rule)
{
    rule->verb = FAKE_ROWS;
    return count(line, &rule->rows);
}

static bool read_returns(struct line *line, struct fake_rule *rule)
{
    rule->verb = FAKE_RETURNS;
    do {
        if (rule->value_count == FAKE_MAX_VALUES)
            return refuse(line, "too many values");
        if (!quoted(line, &rule->values[rule->value_count++]))
            return false;
    } while (!at_end(line));
    return true;
}

static bool read_fails(struct line *line, struct fake_rule *rule)
{
    const char *why = NULL;
    rule->verb = FAKE_FAILS;
    rule->share = 1;
    if (!outcome_from_name(word(line), &rule->outcome) || rule->outcome == OUTCOME_OK)
        return refuse(line, "expected the name of an outcome that is a failure");
    return at_end(line) || units_percent(word(line), &rule->share, &why) ||
           refuse(line, "expected a percentage");
}

static const struct {
    const char *word;
    bool (*read)(struct line *line, struct fake_rule *rule);
} verbs[] = {{"takes", read_takes}, {"rows", read_rows}, {"returns", read_returns}, {"fails", read_fails}};

static bool read_on(struct line *line, struct fake_world *world)
{
    struct fake_rule *rule = ARENA_PUSH(line->arena, world->rules, world->rule_count, world->rule_capacity);
    if (!quoted(line, &rule->match))
        return false;
    const char *verb = word(line);
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
        if (strcmp(verbs[i].word, verb) == 0)
            return verbs[i].read(line, rule);
    return refuse(line, "expected takes, rows, returns or fails");
}

static bool read_lock(struct line *line, struct fake_world *world)
{
    struct fake_rule *rule = ARENA_PUSH(line->arena, world->rules, world->rule_count, world->rule_capacity);
    rule->verb = FAKE_LOCK;
    return quoted(line, &rule->match) && expect(line, "from") && duration(line, &rule->from_ns) &&
           expect(line, "to") && duration(line, &rule->to_ns);
}

static bool read_table(struct line *line, struct fake_world *world)
{
    struct fake_table *table = ARENA_PUSH(line->arena, world->tables, world->table_count,
                                          world->table_capacity);
    const char *name;
    if (!quoted(line, &name))
        return false;
    const char *dot = strchr(name, '.');
    table->schema = dot == NULL ? "public" : arena_strndup(line->arena, name, (size_t)(dot - name));
    table->name = dot == NULL ? name : dot + 1;
    return expect(line, "rows") && count(line, &table->rows);
}

static bool read_seed(struct line *line, struct fake_world *world)
{
    int64_t seed;
    if (!count(line, &seed))
        return false;
    world->seed = (uint64_t)seed;
    return true;
}

static bool read_latency(struct line *line, struct fake_world *world)
{
    return duration(line, &world->latency_ns);
}

static bool read_unarmed(struct line *line, struct fake_world *world)
{
    (void)line;
    world->unarmed = true;
    return true;
}

static const struct {
    const char *word;
    bool (*read)(struct line *line, struct fake_world *world);
} statements[] = {{"on", read_on},     {"lock", read_lock},       {"table", read_table},
                  {"seed", read_seed}, {"latency", read_latency}, {"unarmed", read_unarmed}};

static bool read_line(struct line *line, struct fake_world *world)
{
    if (at_end(line))
        return true;
    const char *first = word(line);
    for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++) {
        if (strcmp(statements[i].word, first) != 0)
            continue;
        if (!statements[i].read(line, world))
            return false;
        return at_end(line) || refuse(line, "nothing more was expected here");
    }
    return refuse(line, "expected on, lock, table, seed, latency or unarmed");
}

bool fake_script_read(struct arena *arena, const char *file, struct fake_world *world, struct err *err)
{
    char *text, *next = NULL;
    size_t length;
    if (!file_read(arena, file, &text, &length, err))
        return false;
    *world = (struct fake_world){.file = arena_strdup(arena, file), .seed = 1};
    for (int number = 1; text != NULL; text = next, number++) {
        char *end = strchr(text, '\n');
        next = end == NULL ? NULL : end + 1;
        if (end != NULL)
            *end = '\0';
        struct line line = {arena, world->file, text, text, number, err};
        if (!read_line(&line, world))
            return false;
    }
    return true;
}
