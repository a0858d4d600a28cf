#include "bench/base/clock.h"
#include "bench/base/units.h"
#include "bench/migrate/command.h"
#include "bench/migrate/strategy_reader.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { KEYS_MAX = 12 };

struct word {
    const char *name;
    const char *keys[KEYS_MAX];
    bool settings;             /* the keys of `set` are allowed too */
    int least_bare, most_bare; /* words without '=' */
    bool needs_block;
    bool (*apply)(struct strategy_reader *r, const struct mark *mark);
};

static bool bad_value(struct strategy_reader *r, const struct mark *mark, const struct mark_word *word,
                      const char *why)
{
    return err_at(r->err, mark->file, mark->line, word->value ? word->value_column : word->column,
                  "%s: bad value \"%s\": %s", word->value ? word->text : mark->word,
                  word->value ? word->value : word->text, why);
}

static const struct mark_word *find_key(const struct mark *mark, const char *key)
{
    for (int i = 0; i < mark->count; i++) {
        if (mark->words[i].value != NULL && strcasecmp(mark->words[i].text, key) == 0)
            return &mark->words[i];
    }
    return NULL;
}

static const char *value_of(const struct mark *mark, const char *key)
{
    const struct mark_word *word = find_key(mark, key);
    return word ? word->value : NULL;
}

static const struct mark_word *bare_word(const struct mark *mark)
{
    for (int i = 0; i < mark->count; i++) {
        if (mark->words[i].value == NULL)
            return &mark->words[i];
    }
    return NULL;
}

static bool key_duration(struct strategy_reader *r, const struct mark *mark, const char *key, int64_t *ns)
{
    const struct mark_word *word = find_key(mark, key);
    const char *why;
    return word == NULL || units_duration_ns(word->value, ns, &why) || bad_value(r, mark, word, why);
}

static bool key_count(struct strategy_reader *r, const struct mark *mark, const char *key, int64_t most,
                      int64_t *count)
{
    const struct mark_word *word = find_key(mark, key);
    const char *why;
    if (word == NULL)
        return true;
    if (!units_count(word->value, count, &why))
        return bad_value(r, mark, word, why);
    return (*count >= 1 && *count <= most) || bad_value(r, mark, word, "out of range");
}

/* The index of the key's value among the choices, `otherwise` when the key is absent, −1 after an error. */
static int key_choice(struct strategy_reader *r, const struct mark *mark, const char *key,
                      const char *const *choices, int otherwise)
{
    const struct mark_word *word = find_key(mark, key);
    if (word == NULL)
        return otherwise;
    for (int i = 0; choices[i] != NULL; i++) {
        if (strcasecmp(choices[i], word->value) == 0)
            return i;
    }
    mark_unknown(mark, word->value_column, key, word->value, choices, r->err);
    return -1;
}

static bool read_settings(struct strategy_reader *r, const struct mark *mark, struct strategy_settings *set)
{
    for (size_t i = 0; strategy_setting_keys[i] != NULL; i++) {
        const struct mark_word *word = find_key(mark, strategy_setting_keys[i]);
        const char *why;
        if (word != NULL && !strategy_settings_read(set, strategy_setting_keys[i], word->value, &why))
            return bad_value(r, mark, word, why);
    }
    return true;
}

static bool fail_mark(struct strategy_reader *r, const struct mark *mark, const char *message)
{
    return err_at(r->err, mark->file, mark->line, mark->column, "%s: %s", mark->word, message);
}

static struct step *push_step(struct strategy_reader *r, const struct mark *mark, enum step_kind kind)
{
    struct phase *phase = strategy_reader_phase(r);
    struct step *step = ARENA_PUSH(r->arena, phase->steps, phase->step_count, phase->step_capacity);
    *step = (struct step){.kind = kind,
                          .file = r->file,
                          .line = mark->line,
                          .column = 1,
                          .settings = strategy_reader_settings(r),
                          .wait_ns = -1};
    return step;
}

/* min=11, min=10.11 */
static bool key_version(struct strategy_reader *r, const struct mark *mark, struct strategy *s)
{
    const struct mark_word *word = find_key(mark, "min");
    int length = 0;
    if (word == NULL)
        return true;
    bool good = sscanf(word->value, "%d%n", &s->min_version, &length) == 1 && s->min_version > 0;
    if (good && word->value[length] == '.')
        good = sscanf(word->value + length + 1, "%d", &s->min_minor) == 1 && s->min_minor >= 0;
    good = good && s->min_version < 100000 && s->min_minor < 100000;
    good = good && word->value[strspn(word->value, "0123456789.")] == '\0';
    return good || bad_value(r, mark, word, "wanted: a version like 11 or 10.11");
}

static bool apply_strategy(struct strategy_reader *r, const struct mark *mark)
{
    static const char *const engines[] = {"postgresql", "mysql", "mariadb", NULL};
    struct strategy *s = r->strategy;
    if (s->name != NULL || s->phase_count > 0)
        return fail_mark(r, mark, "stands once, before the first phase");
    int engine = key_choice(r, mark, "engine", engines, 3);
    if (engine < 0 || !key_version(r, mark, s))
        return false;
    s->name = bare_word(mark)->text;
    s->engine = engines[engine];
    return true;
}

static bool apply_set(struct strategy_reader *r, const struct mark *mark)
{
    struct phase *phase = strategy_reader_phase(r);
    if (phase != NULL && phase->tx)
        return fail_mark(r, mark, "cannot change inside one transaction: give the keys to the phase");
    return read_settings(r, mark, &r->file_set) &&
           (r->block == BLOCK_NONE || read_settings(r, mark, &r->block_set));
}

/* What phase and rollback have in common. */
static bool start_block(struct strategy_reader *r, const struct mark *mark, enum block block,
                        struct phase *phase)
{
    static const char *const kinds[] = {"ddl", "data", "app", "check", NULL}; /* enum phase_kind */
    static const char *const switches[] = {"off", "on", NULL};
    int kind = key_choice(r, mark, "kind", kinds, PHASE_DDL);
    int tx = kind < 0 ? -1 : key_choice(r, mark, "tx", switches, 0);
    phase->hold_ns = -1;
    phase->line = mark->line;
    r->block_set = strategy_settings_unset();
    if (tx < 0 || !key_duration(r, mark, "hold", &phase->hold_ns) || !read_settings(r, mark, &r->block_set))
        return false;
    phase->kind = (enum phase_kind)kind;
    phase->tx = tx == 1;
    r->block = block;
    phase->settings = strategy_reader_settings(r);
    return true;
}

static bool apply_phase(struct strategy_reader *r, const struct mark *mark)
{
    struct strategy *s = r->strategy;
    const char *name = bare_word(mark)->text;
    for (size_t i = 0; i < s->phase_count; i++) {
        if (strcmp(s->phases[i].name, name) == 0)
            return err_at(r->err, mark->file, mark->line, bare_word(mark)->column,
                          "duplicate phase \"%s\", first at line %d", name, s->phases[i].line);
    }
    struct phase *phase = ARENA_PUSH(r->arena, s->phases, s->phase_count, s->phase_capacity);
    *phase = (struct phase){.name = name};
    return start_block(r, mark, BLOCK_PHASE, phase);
}

static bool apply_rollback(struct strategy_reader *r, const struct mark *mark)
{
    struct strategy *s = r->strategy;
    const struct mark_word *from = find_key(mark, "from");
    if (s->phase_count == 0)
        return fail_mark(r, mark, "no phase stands before it");
    struct phase_reference *reference = ARENA_PUSH(r->arena, r->from, r->from_count, r->from_capacity);
    *reference = (struct phase_reference){from ? from->value : s->phases[s->phase_count - 1].name, mark->line,
                                          from ? from->value_column : mark->column};
    struct strategy_rollback *rollback = ARENA_PUSH(r->arena, s->rollbacks, s->rollback_count,
                                                    s->rollback_capacity);
    *rollback = (struct strategy_rollback){
        .phase = {.name = arena_printf(r->arena, "rollback %s", reference->name)}};
    return start_block(r, mark, BLOCK_ROLLBACK, &rollback->phase);
}

static bool add_share(struct strategy_reader *r, const struct mark *mark, const struct mark_word *word,
                      struct step *step)
{
    const char *why;
    double share = 1;
    if (word->value != NULL && !units_percent(word->value, &share, &why))
        return bad_value(r, mark, word, why);
    for (int i = 0; i < step->share_count; i++) {
        if (strcmp(step->shares[i].name, word->text) == 0)
            return err_at(r->err, mark->file, mark->line, word->column, "app \"%s\" is named twice",
                          word->text);
    }
    if (step->share_count == STRATEGY_MAX_SHARES)
        return fail_mark(r, mark, "too many apps");
    step->shares[step->share_count++] = (struct app_share){word->text, share};
    return true;
}

static bool refuse_in_transaction(struct strategy_reader *r, const struct mark *mark)
{
    if (!strategy_reader_phase(r)->tx)
        return true;
    fail_mark(r, mark, "not possible in a phase that is one transaction");
    return err_hint(r->err,
                    "Leave out tx=on, or put the statements that belong together in a phase of their own.");
}

static bool apply_app(struct strategy_reader *r, const struct mark *mark)
{
    if (!refuse_in_transaction(r, mark))
        return false;
    if (mark->count == 0)
        return fail_mark(r, mark, "name the apps that are live, as v2 or v1=50% v2=50%");
    struct step *step = push_step(r, mark, STEP_APP);
    double sum = 0;
    for (int i = 0; i < mark->count; i++) {
        if (!add_share(r, mark, &mark->words[i], step))
            return false;
        sum += step->shares[i].share;
    }
    if (fabs(sum - 1) < 1e-9)
        return true;
    return err_at(r->err, mark->file, mark->line, mark->column, "app: the shares add up to %g %%, not 100 %%",
                  sum * 100);
}

static bool apply_wait(struct strategy_reader *r, const struct mark *mark)
{
    const struct mark_word *word = bare_word(mark);
    const char *why;
    if (!refuse_in_transaction(r, mark))
        return false;
    struct step *step = push_step(r, mark, STEP_WAIT);
    bool lag = strncasecmp(word->text, "lag<", 4) == 0;
    if (!units_duration_ns(lag ? word->text + 4 : word->text, lag ? &step->wait_lag_ns : &step->wait_ns,
                           &why))
        return bad_value(r, mark, word, why);
    if (!lag && find_key(mark, "timeout") != NULL)
        return fail_mark(r, mark, "timeout belongs to a condition, as in lag<1s timeout=5min");
    return key_duration(r, mark, "timeout", &step->wait_timeout_ns);
}

static bool apply_command(struct strategy_reader *r, const struct mark *mark)
{
    if (!refuse_in_transaction(r, mark))
        return false;
    const char **argv = arena_alloc(r->arena, (size_t)(mark->count + 1) * sizeof *argv);
    for (int i = 0; i < mark->count; i++)
        argv[i] = mark->words[i].text;
    if (argv[0][0] == '\0')
        return fail_mark(r, mark, "the program has no name");
    struct step *step = push_step(r, mark, STEP_COMMAND);
    step->argv = argv;
    step->sql = command_line(r->arena, argv);
    step->no_transaction = true;
    return true;
}

static bool key_rate(struct strategy_reader *r, const struct mark *mark, const char *key, double *per_s)
{
    const struct mark_word *word = find_key(mark, key);
    const char *why;
    return word == NULL || units_rate(word->value, per_s, &why) || bad_value(r, mark, word, why);
}

static void expect(struct strategy_reader *r, const struct mark *mark, enum expects what)
{
    r->expects = what;
    r->expects_line = mark->line;
    r->expects_column = mark->column;
}

static bool apply_backfill(struct strategy_reader *r, const struct mark *mark)
{
    static const char *const policies[] = {"retry", "fail", NULL};
    struct step *b = &r->backfill;
    int64_t threads = 1;
    *b = (struct step){.kind = STEP_BACKFILL, .wait_ns = -1, .batch_rows = 10000};
    b->table = value_of(mark, "table");
    b->key = value_of(mark, "key");
    if (!refuse_in_transaction(r, mark))
        return false;
    if (b->table == NULL || b->key == NULL)
        return fail_mark(r, mark, "table= and key= are needed");
    if (find_key(mark, "batch") != NULL && find_key(mark, "target") != NULL)
        return fail_mark(r, mark, "batch and target exclude each other");
    int policy = key_choice(r, mark, "on_deadlock", policies, 0);
    if (policy < 0 || !key_count(r, mark, "batch", INT64_C(1) << 53, &b->batch_rows) ||
        !key_duration(r, mark, "target", &b->target_ns) || !key_duration(r, mark, "pause", &b->pause_ns) ||
        !key_duration(r, mark, "max_lag", &b->max_lag_ns) ||
        !key_rate(r, mark, "max_rate", &b->max_rows_per_s) || !key_count(r, mark, "threads", 256, &threads))
        return false;
    b->threads = (int)threads;
    b->retry_deadlock = policy == 0;
    expect(r, mark, EXPECTS_BACKFILL);
    return true;
}

static bool apply_check(struct strategy_reader *r, const struct mark *mark)
{
    const struct mark_word *after = find_key(mark, "after");
    r->check = (struct late_check){0};
    struct strategy_check *check = &r->check.check;
    check->text = bare_word(mark)->text;
    check->expect = value_of(mark, "expect");
    check->file = r->file;
    check->line = mark->line;
    if (check->expect == NULL)
        return fail_mark(r, mark, "expect= is needed: a value, or same");
    if (!key_duration(r, mark, "timeout", &check->timeout_ns))
        return false;
    if (after != NULL) {
        check->after = after->value;
        r->check.after = (struct phase_reference){after->value, mark->line, after->value_column};
        if (r->block == BLOCK_ROLLBACK)
            r->block = BLOCK_NONE;
    } else if (r->block == BLOCK_NONE) {
        return fail_mark(r, mark, "stands in no phase: say after=PHASE");
    }
    expect(r, mark, EXPECTS_CHECK);
    return true;
}

static bool apply_begin(struct strategy_reader *r, const struct mark *mark)
{
    (void)mark;
    r->raw = true;
    return true;
}

static bool apply_end(struct strategy_reader *r, const struct mark *mark)
{
    if (!r->raw)
        return fail_mark(r, mark, "no begin mark stands before it");
    r->raw = false;
    r->raw_ended = true;
    return true;
}

static const struct word words[] = {
    {"strategy", {"engine", "min"}, false, 1, 1, false, apply_strategy},
    {"set", {NULL}, true, 0, 0, false, apply_set},
    {"phase", {"kind", "hold", "tx"}, true, 1, 1, false, apply_phase},
    {"app", {NULL}, false, 0, 1, true, apply_app},
    {"wait", {"timeout"}, false, 1, 1, true, apply_wait},
    {"command", {NULL}, false, 1, MARK_MAX_WORDS, true, apply_command},
    {"backfill",
     {"table", "key", "batch", "target", "pause", "max_lag", "max_rate", "threads", "on_deadlock"},
     false,
     0,
     0,
     true,
     apply_backfill},
    {"rollback", {"from", "hold", "tx"}, true, 0, 0, false, apply_rollback},
    {"check", {"expect", "after", "timeout"}, false, 1, 1, false, apply_check},
    {"begin", {NULL}, false, 0, 0, false, apply_begin},
    {"end", {NULL}, false, 0, 0, false, apply_end},
};
enum { WORDS = sizeof words / sizeof words[0] };

static const struct word *find_word(struct strategy_reader *r, const struct mark *mark)
{
    const char *known[WORDS + 1] = {NULL};
    for (int i = 0; i < WORDS; i++) {
        if (strcasecmp(words[i].name, mark->word) == 0)
            return &words[i];
        known[i] = words[i].name;
    }
    mark_unknown(mark, mark->column, "mark", mark->word, known, r->err);
    return NULL;
}

static bool check_key(struct strategy_reader *r, const struct mark *mark, const struct word *word, int index)
{
    const char *known[KEYS_MAX + 8] = {NULL};
    const struct mark_word *key = &mark->words[index];
    int count = 0;
    for (int i = 0; word->keys[i] != NULL; i++)
        known[count++] = word->keys[i];
    for (int i = 0; word->settings && strategy_setting_keys[i] != NULL; i++)
        known[count++] = strategy_setting_keys[i];
    bool found = false;
    for (int i = 0; i < count; i++)
        found = found || strcasecmp(known[i], key->text) == 0;
    if (!found)
        return mark_unknown(mark, key->column, "key", key->text, known, r->err);
    if (find_key(mark, key->text) != key)
        return err_at(r->err, mark->file, mark->line, key->column, "duplicate key \"%s\"", key->text);
    return true;
}

static bool check_words(struct strategy_reader *r, const struct mark *mark, const struct word *word)
{
    int bare = 0;
    bool free_keys = word->apply == apply_app;
    for (int i = 0; i < mark->count; i++) {
        bare += mark->words[i].value == NULL;
        if (bare > word->most_bare)
            return err_at(r->err, mark->file, mark->line, mark->words[i].column,
                          "%s: \"%s\" is not expected here", mark->word, mark->words[i].text);
        if (mark->words[i].value != NULL && !free_keys && !check_key(r, mark, word, i))
            return false;
    }
    return bare >= word->least_bare || fail_mark(r, mark, "a name or value is expected after it");
}

bool strategy_reader_mark(struct strategy_reader *r, const struct mark *mark)
{
    const struct word *word = find_word(r, mark);
    if (word == NULL || !check_words(r, mark, word))
        return false;
    bool raw = word->apply == apply_begin || word->apply == apply_end;
    if (r->expects != EXPECTS_NOTHING && !raw)
        return err_at(r->err, r->file, r->expects_line, r->expects_column, "%s",
                      r->expects == EXPECTS_CHECK ? "check: its SELECT is missing"
                                                  : "backfill: its statement is missing");
    if (word->needs_block && r->block == BLOCK_NONE)
        return fail_mark(r, mark, "stands in no phase");
    return word->apply(r, mark);
}
