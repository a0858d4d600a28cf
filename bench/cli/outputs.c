#include "bench/cli/outputs.h"

#include "bench/base/clock.h"
#include "bench/base/file.h"
#include "reports/render.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char *default_directory(struct arena *arena, const char *name)
{
    char now[32];
    clock_format_rfc3339(clock_wall_us(), now);
    char *safe = arena_strdup(arena, name);
    for (char *c = safe; *c != '\0'; c++)
        if (!isalnum((unsigned char)*c) && strchr("-_.", *c) == NULL)
            *c = '_';
    return arena_printf(arena, "rehearse-out/%.4s%.2s%.2sT%.2s%.2s%.2sZ-%s", now, now + 5, now + 8, now + 11,
                        now + 14, now + 17, safe);
}

bool outputs_prepare(struct arena *arena, const char *given, const char *name, const char **directory,
                     struct err *err)
{
    *directory = given != NULL ? given : default_directory(arena, name);
    if (access(file_join(arena, *directory, "result.json"), F_OK) == 0) {
        err_set(err, ERR_USAGE, "%s already holds a result.json", *directory);
        return err_hint(err, "choose another directory with -o");
    }
    return file_make_directories(*directory, err);
}

static bool write_one(struct arena *arena, const char *directory, const char *name, const struct buf *text,
                      struct err *err)
{
    struct err failed = {0};
    if (file_write_atomic(file_join(arena, directory, name), text->data, text->length, &failed))
        return true;
    if (err->kind == ERR_NONE)
        *err = failed;
    return false;
}

bool outputs_write(struct arena *arena, const char *directory, struct record *record, struct err *err)
{
    struct buf json = {0}, html = {0}, markdown = {0};
    struct err failed = {0};
    record_write(record, &json);
    html_render(record, &html);
    markdown_render(record, &markdown);
    write_one(arena, directory, "result.json", &json, &failed);
    write_one(arena, directory, "report.html", &html, &failed);
    write_one(arena, directory, "report.md", &markdown, &failed);
    buf_free(&json);
    buf_free(&html);
    buf_free(&markdown);
    if (failed.kind != ERR_NONE)
        *err = failed;
    return failed.kind == ERR_NONE;
}

void outputs_print(const struct record *record, bool json, bool colour)
{
    struct buf text = {0};
    if (json)
        record_write(record, &text);
    else
        text_render(record, colour, &text);
    fwrite(text.data, 1, text.length, stdout);
    buf_free(&text);
}
