/* Plans as servers give them in JSON, whichever: what a node is, which relation and index it reads. */
#include "generators/audit_query.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool is_one_of(const char *word, const char *const *words)
{
    for (; word != NULL && *words != NULL; words++)
        if (strcmp(word, *words) == 0)
            return true;
    return false;
}

static void separate(struct buf *out)
{
    size_t length = out->length;
    if (length > 0 && strchr("( ", out->data[length - 1]) == NULL)
        buf_putc(out, ' ');
}

/* Values that make a plan what it is; conditions, costs and names of outputs do not. */
static void put_labels(struct buf *out, const struct json *object)
{
    static const char *const labels[] = {
        "Node Type",  "Join Type",  "Strategy",    "Partial Mode", "Subplan Name", "Relation Name",
        "Index Name", "table_name", "access_type", "key",          "index_name",   "join_algorithm",
        "join_type",  NULL};
    for (const struct json *member = object->child; member != NULL; member = member->next)
        if (member->type == JSON_STRING && is_one_of(member->key, labels)) {
            separate(out);
            buf_puts(out, member->string);
        }
}

static void put_shape(struct arena *arena, struct buf *out, const struct json *node);

static int by_text(const void *left, const void *right)
{
    const struct buf *a = left, *b = right;
    return strcmp(a->data, b->data);
}

/* In what order the parts of a partitioned table are read is chance, where all of them are. */
static bool is_unordered(const struct json *object)
{
    const struct json *type = json_get(object, "Node Type");
    return type != NULL && type->type == JSON_STRING && strcmp(type->string, "Append") == 0;
}

static void put_list(struct arena *arena, struct buf *out, const struct json *list, bool unordered)
{
    size_t count = 0;
    struct buf *parts = arena_alloc(arena, (json_size(list) + 1) * sizeof *parts);
    for (const struct json *child = list->child; child != NULL; child = child->next) {
        parts[count] = (struct buf){0};
        put_shape(arena, &parts[count], child);
        if (parts[count].length > 0)
            count++;
        else
            buf_free(&parts[count]);
    }
    if (unordered && count > 1)
        qsort(parts, count, sizeof *parts, by_text);
    for (size_t i = 0; i < count; i++) {
        buf_printf(out, "%s%s", i == 0 ? "(" : ", ", buf_text(&parts[i]));
        buf_free(&parts[i]);
    }
    if (count > 0)
        buf_putc(out, ')');
}

static void put_child(struct arena *arena, struct buf *out, const struct json *node, const struct json *child)
{
    static const char *const steps[] = {"filesort",           "temporary_table",    "nested_loop",
                                        "block-nl-join",      "materialized",       "grouping_operation",
                                        "ordering_operation", "duplicates_removal", "union_result",
                                        "read_sorted_file",   "buffer_result",      NULL};
    struct buf inner = {0};
    if (is_one_of(child->key, steps)) {
        separate(out);
        buf_puts(out, child->key);
    }
    if (child->type == JSON_ARRAY) {
        put_list(arena, out, child, is_unordered(node));
        return;
    }
    put_shape(arena, &inner, child);
    if (inner.length > 0) {
        separate(out);
        buf_puts(out, buf_text(&inner));
    }
    buf_free(&inner);
}

static void put_shape(struct arena *arena, struct buf *out, const struct json *node)
{
    if (node->type == JSON_OBJECT)
        put_labels(out, node);
    for (const struct json *child = node->child; child != NULL; child = child->next)
        if (child->type == JSON_OBJECT || child->type == JSON_ARRAY)
            put_child(arena, out, node, child);
}

static double number(const struct json *object, const char *key)
{
    const struct json *member = object != NULL ? json_get(object, key) : NULL;
    return member != NULL && member->type == JSON_NUMBER ? member->number : (double)NAN;
}

struct audit_seen audit_plan_read(struct arena *arena, const struct json *root)
{
    struct buf shape = {0};
    const struct json *first = root->type == JSON_ARRAY ? root->child : root;
    const struct json *top = first != NULL && first->type == JSON_OBJECT ? json_get(first, "Plan") : NULL;
    if (first != NULL)
        put_shape(arena, &shape, first);
    struct audit_seen seen = {.rows = number(top, "Actual Rows") * number(top, "Actual Loops"),
                              .touched = number(top, "Shared Hit Blocks") + number(top, "Shared Read Blocks"),
                              .plan = shape.length > 0 ? arena_strdup(arena, buf_text(&shape)) : NULL};
    buf_free(&shape);
    return seen;
}

/* ---- figures ---- */

const double audit_least_same_plans = 0.95, audit_most_rows_median = 1.05, audit_most_rows_p90 = 1.7;

double audit_query_error(double a, double b)
{
    if (isnan(a) || isnan(b))
        return (double)NAN;
    a = fmax(a, 1);
    b = fmax(b, 1);
    return fmax(a / b, b / a);
}

static int by_size(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* NAN of none. */
static double quantile(const double *sorted, size_t count, double share)
{
    return count == 0 ? (double)NAN : sorted[(size_t)fmin((double)count - 1, floor(share * (double)count))];
}

static bool is_of(const struct audit_asked *asked, int kind, const struct audit_table *table)
{
    return (kind < 0 || (int)asked->kind == kind) &&
           (table == NULL || (asked->table != NULL && strcmp(asked->table, table->name) == 0 &&
                              strcmp(asked->schema, table->schema) == 0));
}

struct audit_figures audit_figures(struct arena *arena, const struct audit_asked *asked, size_t count,
                                   int kind, const struct audit_table *table)
{
    struct audit_figures is = {0};
    double *rows = arena_alloc(arena, (count + 1) * sizeof *rows), same = 0;
    double *touched = arena_alloc(arena, (count + 1) * sizeof *touched);
    for (size_t i = 0; i < count; i++) {
        if (!is_of(&asked[i], kind, table))
            continue;
        is.count++;
        if (!isnan(asked[i].rows_q))
            rows[is.rows_count++] = asked[i].rows_q;
        if (!isnan(asked[i].touched_q))
            touched[is.touched_count++] = asked[i].touched_q;
        is.plan_count += asked[i].same_plan >= 0;
        same += asked[i].same_plan == 1;
    }
    qsort(rows, is.rows_count, sizeof *rows, by_size);
    qsort(touched, is.touched_count, sizeof *touched, by_size);
    is.rows_median = quantile(rows, is.rows_count, 0.5);
    is.rows_p90 = quantile(rows, is.rows_count, 0.9);
    is.touched_median = quantile(touched, is.touched_count, 0.5);
    is.touched_p90 = quantile(touched, is.touched_count, 0.9);
    is.same_plan_ratio = is.plan_count > 0 ? same / (double)is.plan_count : (double)NAN;
    return is;
}

bool audit_queries_pass(const struct audit_queries *queries)
{
    const struct audit_figures *is = &queries->all;
    return !queries->beside_source ||
           !(is->same_plan_ratio < audit_least_same_plans || is->rows_median > audit_most_rows_median ||
             is->rows_p90 > audit_most_rows_p90);
}
