/* rehearse report: a record, rendered again. */
#include "bench/cli/command.h"
#include "bench/cli/outputs.h"

#include "bench/base/file.h"
#include "reports/render.h"

static bool write_rendered(const char *file, const struct record *record,
                           void (*render)(const struct record *record, struct buf *out), struct err *err)
{
    struct buf text = {0};
    if (file == NULL)
        return true;
    render(record, &text);
    bool written = file_write_atomic(file, text.data, text.length, err);
    buf_free(&text);
    return written;
}

int command_report(struct invocation *invocation, struct err *err)
{
    const struct options *options = &invocation->options;
    char *text;
    size_t length;
    struct record *record;
    if (options->places.count != 1) {
        err_set(err, ERR_USAGE, "report wants one RESULT.json");
        return err_exit_code(err->kind);
    }
    if (!file_read(invocation->arena, options->places.items[0], &text, &length, err) ||
        !record_read(invocation->arena, options->places.items[0], text, length, &record, err) ||
        !write_rendered(options->html, record, html_render, err) ||
        !write_rendered(options->md, record, markdown_render, err))
        return err_exit_code(err->kind);
    if (options->html == NULL && options->md == NULL)
        outputs_print(record, options->json, invocation->colour);
    return 0;
}
