#include "workloads/meta.h"

#include "bench/base/clock.h"
#include "bench/base/near.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct reader {
    struct arena *arena;
    struct cursor *cursor;
    expression_slot_fn *slot;
    void *context;
    struct script_command *command;
    struct err *err;
};

static bool refuse(struct reader *reader, const struct word *word, const char *message)
{
    return err_at(reader->err, reader->cursor->file, word->line, word->column, "%s", message);
}

/* Letters, digits and _, not beginning with a digit: what :name can name. */
static bool is_variable_name(const struct word *word)
{
    for (size_t i = 0; i < word->length; i++) {
        int c = (unsigned char)word->text[i];
        if (!isalnum(c) && c != '_' && c < 128)
            return false;
    }
    return word->length > 0 && !isdigit((unsigned char)word->text[0]);
}

static bool read_set(struct reader *reader)
{
    struct word name = cursor_word(reader->cursor);
    if (!is_variable_name(&name))
        return refuse(reader, &name, "\\set needs the name of a variable: letters, digits and _");
    if (cursor_at_end(reader->cursor))
        return refuse(reader, &name, "\\set needs an expression after the variable's name");
    reader->command->kind = SCRIPT_SET;
    reader->command->variable = reader->slot(reader->context, name.text, name.length);
    return expression_parse(reader->arena, reader->cursor, reader->slot, reader->context,
                            &reader->command->expression, reader->err);
}

static bool read_sleep_unit(struct reader *reader)
{
    static const struct {
        const char *name;
        int64_t ns;
    } units[] = {{"us", NS_PER_US}, {"ms", NS_PER_MS}, {"s", NS_PER_S}};
    struct word word = cursor_word(reader->cursor);
    if (word.length == 0)
        return true;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (!word_is(&word, units[i].name))
            continue;
        reader->command->sleep_unit_ns = units[i].ns;
        struct word rest = cursor_word(reader->cursor);
        return rest.length == 0 || refuse(reader, &rest, "nothing should follow the unit of \\sleep");
    }
    return refuse(reader, &word, "the unit of \\sleep is us, ms or s");
}

static bool read_sleep(struct reader *reader)
{
    struct script_command *command = reader->command;
    struct word word = cursor_word(reader->cursor);
    command->kind = SCRIPT_SLEEP;
    command->sleep_unit_ns = NS_PER_S;
    command->sleep_variable = -1;
    struct word name = {.text = word.text + 1, .length = word.length > 0 ? word.length - 1 : 0};
    if (word.length > 1 && word.text[0] == ':' && is_variable_name(&name)) {
        command->sleep_variable = reader->slot(reader->context, name.text, name.length);
        return read_sleep_unit(reader);
    }
    const char *text = arena_strndup(reader->arena, word.text, word.length);
    char *end;
    errno = 0;
    command->sleep_constant = strtoll(text, &end, 10);
    if (word.length == 0 || !isdigit((unsigned char)text[0]) || errno == ERANGE)
        return refuse(reader, &word, "\\sleep needs a whole number or a variable, then us, ms or s");
    if (*end == '\0')
        return read_sleep_unit(reader);
    /* The unit may stand right behind the number. */
    reader->cursor->at = word.text + (end - text);
    reader->cursor->column = word.column + (int)(end - text);
    return read_sleep_unit(reader);
}

static const struct {
    const char *name;
    bool (*read)(struct reader *reader); /* NULL: of pgbench's language, refused by name */
} commands[] = {
    {"set", read_set},     {"sleep", read_sleep},   {"if", NULL},
    {"elif", NULL},        {"else", NULL},          {"endif", NULL},
    {"gset", NULL},        {"aset", NULL},          {"setshell", NULL},
    {"shell", NULL},       {"startpipeline", NULL}, {"syncpipeline", NULL},
    {"endpipeline", NULL},
};
enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

static bool refuse_unknown(struct reader *reader, const struct word *word, const char *name)
{
    const char *names[COMMAND_COUNT + 1] = {NULL};
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        names[i] = commands[i].name;
    const char *near = near_word(name, names);
    err_at(reader->err, reader->cursor->file, word->line, word->column, "there is no command \\%s", name);
    return near == NULL ? false : err_hint(reader->err, "Did you mean \\%s?", near);
}

static bool refuse_unsupported(struct reader *reader, const struct word *word, const char *name)
{
    bool shell = strcmp(name, "shell") == 0 || strcmp(name, "setshell") == 0;
    err_at(reader->err, reader->cursor->file, word->line, word->column,
           "\\%s is of pgbench's language, but not supported here", name);
    if (shell)
        return err_hint(reader->err, "A script may not run programs; take values from \\set expressions.");
    return err_hint(reader->err,
                    "\\set and \\sleep are supported; weights (FILE@WEIGHT) choose among scripts.");
}

bool meta_parse(struct arena *arena, struct cursor *cursor, expression_slot_fn *slot, void *context,
                struct script_command *command, struct err *err)
{
    struct reader reader = {arena, cursor, slot, context, command, err};
    struct word word = cursor_word(cursor);
    const char *name = arena_strndup(arena, word.text, word.length);
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (!word_is(&word, commands[i].name))
            continue;
        return commands[i].read == NULL ? refuse_unsupported(&reader, &word, commands[i].name)
                                        : commands[i].read(&reader);
    }
    return refuse_unknown(&reader, &word, name);
}
