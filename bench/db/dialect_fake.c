#include "bench/db/dialect_postgres.h"
#include "bench/db/fake.h"

#include <stdio.h>
#include <string.h>

/* A server that speaks PostgreSQL's words, with a catalogue of its own: each question is a word that fake_catalogue knows. */
static const char *const texts[DIALECT_QUERY_COUNT] = {
    [DIALECT_NOW] = "FAKE now",
    [DIALECT_VERSION] = "FAKE version",
    [DIALECT_IDENTITY] = "FAKE identity",
    [DIALECT_SCHEMA] = "FAKE default",
    [DIALECT_DATABASE] = "FAKE database",
    [DIALECT_SETTINGS] = "FAKE nothing",
    [DIALECT_TABLES] = "FAKE tables",
    [DIALECT_COLUMNS] = "FAKE nothing of {}",
    [DIALECT_CONSTRAINTS] = "FAKE nothing of {}",
    [DIALECT_INDEXES] = "FAKE nothing of {}",
    [DIALECT_FINGERPRINT] = "FAKE schema",
    [DIALECT_LOCKS] = "FAKE nothing",
    [DIALECT_SESSIONS] = "FAKE nothing",
    [DIALECT_STATEMENT] = "FAKE nothing of {}",
    [DIALECT_LOG_BYTES] = "FAKE zero",
    [DIALECT_DATABASE_BYTES] = "FAKE zero",
    [DIALECT_FOREIGN_WRITERS] = "FAKE nothing of {}",
    [DIALECT_BEGIN] = "BEGIN",
    [DIALECT_COMMIT] = "COMMIT",
    [DIALECT_ROLLBACK] = "ROLLBACK",
    [DIALECT_SET_LOCK_TIMEOUT] = "SET lock_timeout = {}",
    [DIALECT_SET_STATEMENT_TIMEOUT] = "SET statement_timeout = {}",
    [DIALECT_SETUP_SESSION] = "FAKE nothing",
    [DIALECT_SETUP_MIGRATION] = "FAKE nothing",
    [DIALECT_SETUP_PROBE] = "FAKE nothing",
    [DIALECT_PROBE_READ] = "SELECT 1 FROM {} LIMIT 0",
    [DIALECT_PROBE_WRITE] = "LOCK TABLE {} IN ROW EXCLUSIVE MODE",
    [DIALECT_MARKER_CREATE] = "FAKE nothing",
    [DIALECT_MARKER_READ] = "FAKE marker",
    [DIALECT_MARKER_WRITE] = "FAKE nothing of {}",
    [DIALECT_MARKER_DROP] = "FAKE nothing",
};

static const char *text(enum dialect_query query, int version)
{
    (void)version;
    return texts[query];
}

static const char *version_label(int version, char label[32])
{
    snprintf(label, 32, "%d.%d", version / 10000, version % 10000);
    return label;
}

const struct dialect dialect_fake = {
    .engine = "fake",
    .lexis = SQL_POSTGRES,
    .ddl_is_transactional = true,
    .lock_modes = postgres_lock_modes,
    .text = text,
    .version_label = version_label,
    .expected_lock = postgres_expected_lock,
};

struct question {
    const struct fake_world *world;
    db_row_fn *rows;
    void *context;
    int64_t count;
};

static void give(struct question *question, int columns, const char *const *values)
{
    question->count++;
    if (question->rows != NULL)
        question->rows(question->context, 0, columns, values);
}

static void give_number(struct question *question, int64_t number)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%lld", (long long)number);
    give(question, 1, (const char *const[]){digits});
}

static void now(struct question *question)
{
    give_number(question, clock_wall_us());
}

static void version(struct question *question)
{
    give(question, 2, (const char *const[]){"1.0 (scripted)", "10000"});
}

static void identity(struct question *question)
{
    char name[300];
    snprintf(name, sizeof name, "fake/%s", question->world->file);
    give(question, 1, (const char *const[]){name});
}

static void database(struct question *question)
{
    give(question, 1, (const char *const[]){"fake"});
}

static void default_schema(struct question *question)
{
    give(question, 1, (const char *const[]){"public"});
}

static void tables(struct question *question)
{
    for (size_t i = 0; i < question->world->table_count; i++) {
        const struct fake_table *table = &question->world->tables[i];
        char id[24], rows[24], bytes[24];
        snprintf(id, sizeof id, "%zu", i + 1);
        snprintf(rows, sizeof rows, "%lld", (long long)table->rows);
        snprintf(bytes, sizeof bytes, "%lld", (long long)table->rows * 100);
        give(question, 7, (const char *const[]){id, table->schema, table->name, rows, bytes, "0", id});
    }
}

static void schema(struct question *question)
{
    for (size_t i = 0; i < question->world->table_count; i++) {
        char line[300];
        snprintf(line, sizeof line, "relation %s.%s", question->world->tables[i].schema,
                 question->world->tables[i].name);
        give(question, 1, (const char *const[]){line});
    }
}

static void zero(struct question *question)
{
    give_number(question, 0);
}

/* Nothing is there to protect: armed for good, unless the script wants a run refused. */
static void marker(struct question *question)
{
    char name[300];
    if (question->world->unarmed)
        return;
    snprintf(name, sizeof name, "fake/%s", question->world->file);
    give(question, 2, (const char *const[]){name, "4102444800000000"});
}

static void nothing(struct question *question)
{
    (void)question;
}

static const struct {
    const char *word;
    void (*answer)(struct question *question);
} questions[] = {
    {"now", now},         {"version", version},       {"identity", identity}, {"database", database},
    {"tables", tables},   {"schema", schema},         {"zero", zero},         {"marker", marker},
    {"nothing", nothing}, {"default", default_schema}};

bool fake_catalogue(const struct fake_world *world, const char *sql, db_row_fn *rows, void *context,
                    int64_t *count)
{
    struct question question = {.world = world, .rows = rows, .context = context};
    if (strncmp(sql, "FAKE ", 5) != 0)
        return false;
    size_t length = strcspn(sql + 5, " ");
    for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++) {
        if (strlen(questions[i].word) == length && strncmp(sql + 5, questions[i].word, length) == 0) {
            questions[i].answer(&question);
            *count = question.count;
            return true;
        }
    }
    return false;
}
