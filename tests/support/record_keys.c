/* Prints the record's members as the code has them, one "path kind" per line, for tests/house/schema_agrees. */
#include "reports/record_fields.h"

#include <stdio.h>

static const char *const kinds[] = {
    [RECORD_TEXT] = "text",     [RECORD_INT] = "int",       [RECORD_REAL] = "real",
    [RECORD_BOOL] = "bool",     [RECORD_MAYBE] = "maybe",   [RECORD_TEXTS] = "texts",
    [RECORD_INTS] = "ints",     [RECORD_REALS] = "reals",   [RECORD_PAIRS] = "pairs",
    [RECORD_COUNTS] = "counts", [RECORD_OBJECT] = "object", [RECORD_SPREAD] = "",
    [RECORD_ARRAY] = "objects",
};

static void print_shape(const struct record_shape *shape, const char *prefix)
{
    for (size_t i = 0; i < shape->count; i++) {
        const struct record_field *field = &shape->fields[i];
        char path[512];
        if (field->kind == RECORD_SPREAD) {
            print_shape(field->shape, prefix);
            continue;
        }
        snprintf(path, sizeof path, "%s.%s%s", prefix, field->key, field->kind == RECORD_ARRAY ? "[]" : "");
        printf("%s %s\n", path, kinds[field->kind]);
        if (field->shape != NULL)
            print_shape(field->shape, path);
    }
}

int main(void)
{
    print_shape(&record_shape, "$");
    return 0;
}
