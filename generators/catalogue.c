#include "generators/catalogue.h"

#include "bench/base/json.h"
#include "bench/db/dialect.h"
#include "generators/check.h"

#include <stdlib.h>
#include <string.h>

/* So the tables are called that a fill keeps of itself while it is at work. */
static const char unfinished[] = "rehearse_unfinished_fill";

struct reader {
    struct db *db;
    struct db_table kinds; /* as DIALECT_BULK_TABLES */
    struct arena *arena;
    struct err *err;
};

static bool ask(struct reader *reader, enum dialect_query query, int64_t id, struct db_table *answer)
{
    char *sql = dialect_sql(reader->arena, reader->db, query,
                            arena_printf(reader->arena, "%lld", (long long)id));
    if (sql == NULL)
        return err_set(reader->err, ERR_ENVIRONMENT, "this server does not describe its tables");
    return db_query(reader->db, reader->arena, sql, answer, reader->err);
}

static bool yes(const char *text)
{
    return text != NULL && (*text == '1' || *text == 't');
}

static int64_t number(const char *text)
{
    return text == NULL ? -1 : strtoll(text, NULL, 10);
}

static const char **read_list(struct reader *reader, const char *text, size_t *count)
{
    const struct json *root;
    *count = 0;
    if (text == NULL ||
        !json_parse(reader->arena, "catalogue", text, strlen(text), JSON_STRICT, &root, reader->err))
        return NULL;
    const char **list = arena_alloc(reader->arena, (json_size(root) + 1) * sizeof *list);
    for (const struct json *item = root->child; item != NULL; item = item->next)
        list[(*count)++] = item->string;
    return list;
}

/* A set holds any of its members: the combinations in the order of the server, of as many members as one can list. */
static void list_combinations(struct arena *arena, struct catalogue_column *column)
{
    enum { MEMBERS = 8 };
    size_t members = column->label_count < MEMBERS ? column->label_count : MEMBERS;
    const char **list = arena_alloc(arena, ((size_t)1 << members) * sizeof *list);
    size_t count = 0;
    for (unsigned mask = 1; mask < 1U << members; mask++) {
        const char *text = "";
        for (size_t i = 0; i < members; i++)
            if (mask >> i & 1)
                text = arena_printf(arena, "%s%s%s", text, *text == '\0' ? "" : ",", column->labels[i]);
        list[count++] = text;
    }
    column->labels = list;
    column->label_count = count;
}

static bool read_columns(struct reader *reader, struct catalogue_table *table)
{
    struct db_table rows = {0};
    if (!ask(reader, DIALECT_COLUMNS, table->id, &rows))
        return false;
    table->columns = arena_alloc(reader->arena, (rows.rows + 1) * sizeof *table->columns);
    table->column_count = rows.rows;
    for (size_t i = 0; i < rows.rows; i++) {
        const char *generated = db_value(&rows, i, 6);
        struct catalogue_column *column = &table->columns[i];
        *column = (struct catalogue_column){
            .name = db_value(&rows, i, 1),
            .quoted = sql_quote(reader->arena, db_dialect(reader->db)->lexis, NULL, db_value(&rows, i, 1)),
            .type = db_value(&rows, i, 2),
            .base_type = db_value(&rows, i, 3),
            .not_null = yes(db_value(&rows, i, 4)),
            .default_text = db_value(&rows, i, 5),
            .generated = generated != NULL && *generated == 's',
            .identity_always = generated != NULL && *generated == 'a',
            .max_length = (int)number(db_value(&rows, i, 8)),
            .precision = (int)number(db_value(&rows, i, 9)),
            .scale = (int)number(db_value(&rows, i, 10)),
            .sequence = db_value(&rows, i, 11),
        };
        column->labels = read_list(reader, db_value(&rows, i, 7), &column->label_count);
        if (column->labels != NULL && strcmp(column->base_type, "set") == 0)
            list_combinations(reader->arena, column);
    }
    return true;
}

static size_t column_index(const struct catalogue_table *table, const char *name)
{
    size_t i = 0;
    while (i < table->column_count && strcmp(table->columns[i].name, name) != 0)
        i++;
    return i;
}

static size_t *indexes_of(struct reader *reader, const struct catalogue_table *table, const char *json,
                          size_t *count)
{
    const char **names = read_list(reader, json, count);
    size_t *list = arena_alloc(reader->arena, (*count + 1) * sizeof *list);
    for (size_t i = 0; i < *count; i++)
        list[i] = column_index(table, names[i]);
    return list;
}

static int table_of(const struct catalogue *catalogue, int64_t id)
{
    for (size_t i = 0; i < catalogue->count; i++)
        if (catalogue->tables[i].id == id)
            return (int)i;
    return -1;
}

static void read_key(struct reader *reader, const struct catalogue *catalogue, struct catalogue_table *table,
                     const struct db_table *rows, size_t i)
{
    struct catalogue_key *key = &table->keys[table->key_count++];
    *key = (struct catalogue_key){.kind = *db_value(rows, i, 1),
                                  .name = db_value(rows, i, 0),
                                  .definition = db_value(rows, i, 5),
                                  .parent = -1,
                                  .validated = yes(db_value(rows, i, 6))};
    key->columns = indexes_of(reader, table, db_value(rows, i, 2), &key->column_count);
    key->total = strstr(key->definition, "MATCH FULL") || strstr(key->definition, "NULLS NOT DISTINCT");
    if (key->kind != 'f')
        return;
    size_t count;
    key->parent = table_of(catalogue, number(db_value(rows, i, 3)));
    if (key->parent >= 0)
        key->parent_columns = indexes_of(reader, &catalogue->tables[key->parent], db_value(rows, i, 4),
                                         &count);
}

/* A CHECK that lists the values of a column gives its labels, as an enum does. */
static void read_check(struct reader *reader, struct catalogue_table *table,
                       const struct catalogue_check *check)
{
    for (size_t i = 0; i < table->column_count; i++) {
        struct check_bounds bounds = {0};
        check_read(reader->arena, table->lexis, check->definition, table->columns[i].name, &bounds);
        if (bounds.labels != NULL) {
            table->columns[i].labels = bounds.labels;
            table->columns[i].label_count = bounds.label_count;
        }
        if (bounds.not_null)
            table->columns[i].not_null = true;
    }
}

static void add_check(struct reader *reader, struct catalogue_table *table, const char *name,
                      const char *definition)
{
    struct catalogue_check *check = &table->checks[table->check_count++];
    *check = (struct catalogue_check){name, definition};
    read_check(reader, table, check);
}

/* A row that no partition takes is refused as by a CHECK. */
static void read_limits(struct reader *reader, struct catalogue_table *table)
{
    for (size_t i = 0; i < reader->kinds.rows; i++) {
        const char *limit = db_value(&reader->kinds, i, 2);
        if (limit != NULL && number(db_value(&reader->kinds, i, 0)) == table->id)
            add_check(reader, table, "partitions", limit);
    }
}

static bool read_constraints(struct reader *reader, const struct catalogue *catalogue,
                             struct catalogue_table *table)
{
    struct db_table rows = {0};
    if (!ask(reader, DIALECT_CONSTRAINTS, table->id, &rows))
        return false;
    table->keys = arena_alloc(reader->arena, (rows.rows + 1) * sizeof *table->keys);
    table->checks = arena_alloc(reader->arena, (rows.rows + reader->kinds.rows + 1) * sizeof *table->checks);
    for (size_t i = 0; i < rows.rows; i++) {
        char kind = *db_value(&rows, i, 1);
        if (kind == 'c')
            add_check(reader, table, db_value(&rows, i, 0), db_value(&rows, i, 5));
        else if (kind != 'x')
            read_key(reader, catalogue, table, &rows, i);
    }
    read_limits(reader, table);
    return true;
}

static bool read_indexes(struct reader *reader, struct catalogue_table *table)
{
    struct db_table rows = {0};
    if (!ask(reader, DIALECT_INDEXES, table->id, &rows))
        return false;
    table->indexes = arena_alloc(reader->arena, (rows.rows + 1) * sizeof *table->indexes);
    table->index_count = rows.rows;
    for (size_t i = 0; i < rows.rows; i++)
        table->indexes[i] = (struct catalogue_index){
            .name = db_value(&rows, i, 1),
            .quoted = sql_quote(reader->arena, db_dialect(reader->db)->lexis, table->schema,
                                db_value(&rows, i, 1)),
            .definition = db_value(&rows, i, 4),
            .unique = yes(db_value(&rows, i, 2)),
            .primary = yes(db_value(&rows, i, 3)),
            .constraint = yes(db_value(&rows, i, 5)),
            .valid = yes(db_value(&rows, i, 6)),
        };
    return true;
}

/* One look suffices, however many there are. */
static bool look_for_rows(struct reader *reader, struct catalogue_table *table)
{
    struct db_table rows = {0};
    if (!db_query(reader->db, reader->arena,
                  arena_printf(reader->arena, "SELECT 1 FROM %s LIMIT 1", table->quoted), &rows, reader->err))
        return false;
    table->has_rows = rows.rows > 0;
    return true;
}

static const char *kind_of(const struct db_table *kinds, const char *id)
{
    for (size_t i = 0; i < kinds->rows; i++)
        if (strcmp(db_value(kinds, i, 0), id) == 0)
            return db_value(kinds, i, 1);
    return "";
}

static const char *database_name(struct reader *reader)
{
    struct err ignored = {0};
    struct db_table rows = {0};
    char *sql = dialect_sql(reader->arena, reader->db, DIALECT_DATABASE, NULL);
    bool ok = sql != NULL && db_query(reader->db, reader->arena, sql, &rows, &ignored);
    return ok && rows.rows == 1 ? db_value(&rows, 0, 0) : NULL;
}

static bool read_tables(struct reader *reader, struct catalogue *catalogue)
{
    struct db_table rows = {0}, *kinds = &reader->kinds;
    char *sql = dialect_sql(reader->arena, reader->db, DIALECT_BULK_TABLES, NULL);
    if (!ask(reader, DIALECT_TABLES, 0, &rows) ||
        (sql != NULL && !db_query(reader->db, reader->arena, sql, kinds, reader->err)))
        return false;
    const char *database = database_name(reader);
    catalogue->tables = arena_alloc(reader->arena, (rows.rows + 1) * sizeof *catalogue->tables);
    for (size_t i = 0; i < rows.rows; i++) {
        if (strncmp(db_value(&rows, i, 2), unfinished, sizeof unfinished - 1) == 0)
            continue;
        catalogue->tables[catalogue->count++] = (struct catalogue_table){
            .id = number(db_value(&rows, i, 0)),
            .schema = db_value(&rows, i, 1),
            .name = db_value(&rows, i, 2),
            .kind = kind_of(kinds, db_value(&rows, i, 0)),
            .quoted = sql_quote(reader->arena, db_dialect(reader->db)->lexis, db_value(&rows, i, 1),
                                db_value(&rows, i, 2)),
            .seed_name = database != NULL && strcmp(database, db_value(&rows, i, 1)) == 0
                             ? sql_quote(reader->arena, db_dialect(reader->db)->lexis, NULL,
                                         db_value(&rows, i, 2))
                             : NULL,
            .lexis = db_dialect(reader->db)->lexis,
            .rows = -1,
        };
    }
    return true;
}

static void visit(const struct catalogue *catalogue, size_t table, size_t *place, size_t *next)
{
    if (place[table] != 0)
        return;
    place[table] = SIZE_MAX; /* on the way: a circle of references ends here */
    const struct catalogue_table *self = &catalogue->tables[table];
    for (size_t i = 0; i < self->key_count; i++)
        if (self->keys[i].kind == 'f' && self->keys[i].parent >= 0)
            visit(catalogue, (size_t)self->keys[i].parent, place, next);
    place[table] = ++*next;
}

static void parents_first(struct arena *arena, struct catalogue *catalogue)
{
    size_t *place = arena_alloc(arena, (catalogue->count + 1) * sizeof *place), next = 0;
    for (size_t i = 0; i < catalogue->count; i++)
        visit(catalogue, i, place, &next);
    struct catalogue_table *sorted = arena_alloc(arena, (catalogue->count + 1) * sizeof *sorted);
    for (size_t i = 0; i < catalogue->count; i++)
        sorted[place[i] - 1] = catalogue->tables[i];
    for (size_t i = 0; i < catalogue->count; i++)
        for (size_t j = 0; j < sorted[i].key_count; j++)
            if (sorted[i].keys[j].parent >= 0)
                sorted[i].keys[j].parent = (int)place[sorted[i].keys[j].parent] - 1;
    catalogue->tables = sorted;
}

bool catalogue_read(struct db *db, struct arena *arena, struct catalogue *catalogue, struct err *err)
{
    struct reader reader = {.db = db, .arena = arena, .err = err};
    *catalogue = (struct catalogue){0};
    if (!read_tables(&reader, catalogue))
        return false;
    for (size_t i = 0; i < catalogue->count; i++)
        if (!read_columns(&reader, &catalogue->tables[i]))
            return false;
    for (size_t i = 0; i < catalogue->count; i++) {
        struct catalogue_table *table = &catalogue->tables[i];
        if (!read_constraints(&reader, catalogue, table) || !read_indexes(&reader, table) ||
            !look_for_rows(&reader, table))
            return err_wrap(err, "table %s", table->name);
    }
    parents_first(arena, catalogue);
    return true;
}

int catalogue_find(const struct catalogue *catalogue, const char *name)
{
    const char *dot = strchr(name, '.');
    int found = -1;
    for (size_t i = 0; i < catalogue->count; i++) {
        const struct catalogue_table *table = &catalogue->tables[i];
        if (dot != NULL && strncmp(table->schema, name, (size_t)(dot - name)) == 0 &&
            strlen(table->schema) == (size_t)(dot - name) && strcmp(table->name, dot + 1) == 0)
            return (int)i;
        if (strcmp(table->name, name) == 0 && (found < 0 || strcmp(table->schema, "public") == 0))
            found = (int)i;
    }
    return found;
}
