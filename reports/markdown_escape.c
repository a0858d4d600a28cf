#include "reports/markdown.h"

#include <ctype.h>
#include <string.h>

#define ZERO_WIDTH_SPACE "\xE2\x80\x8B"

/* GFM links "www." and "scheme://" by itself. */
static bool begins_link(const char *text, const char *c)
{
    return strncmp(c, "://", 3) == 0 || (*c == '.' && c - text >= 3 && strncasecmp(c - 3, "www", 3) == 0);
}

void markdown_text(struct buf *out, const char *text)
{
    for (const char *c = text == NULL ? "" : text; *c != '\0'; c++) {
        if (iscntrl((unsigned char)*c))
            buf_putc(out, ' ');
        else if (*c == '<' || *c == '>' || *c == '&')
            buf_puts(out, *c == '<' ? "&lt;" : *c == '>' ? "&gt;" : "&amp;");
        else if (*c == '@' || *c == '#')
            buf_printf(out, "%s%c%s", *c == '#' ? "\\" : "", *c, ZERO_WIDTH_SPACE);
        else if (strchr("\\`*_{}[]|~$", *c) != NULL)
            buf_printf(out, "\\%c", *c);
        else if (begins_link(text, c))
            buf_printf(out, "%s%c", ZERO_WIDTH_SPACE, *c);
        else
            buf_putc(out, *c);
    }
}

static size_t longest_run(const char *text)
{
    size_t longest = 0, run = 0;
    for (const char *c = text; *c != '\0'; c++) {
        run = *c == '`' ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    return longest;
}

static void put_fence(struct buf *out, size_t length)
{
    for (size_t i = 0; i < length; i++)
        buf_putc(out, '`');
}

void markdown_code(struct buf *out, const char *text, bool in_table)
{
    if (text == NULL || text[strspn(text, " \t\r\n")] == '\0')
        return; /* an empty code span is not one */
    const size_t fence = longest_run(text) + 1;
    const size_t length = strlen(text);
    const bool pad = text[0] == '`' || text[length - 1] == '`';
    put_fence(out, fence);
    buf_puts(out, pad ? " " : "");
    for (const char *c = text; *c != '\0'; c++) {
        if (iscntrl((unsigned char)*c))
            buf_putc(out, ' ');
        else if (*c == '|' && in_table)
            buf_puts(out, "\\|");
        else
            buf_putc(out, *c);
    }
    buf_puts(out, pad ? " " : "");
    put_fence(out, fence);
}

void markdown_comment(struct buf *out, const char *text)
{
    bool dash = true; /* two dashes in a row would end the comment in some readers */
    for (const char *c = text == NULL ? "" : text; *c != '\0'; c++) {
        const bool plain = isalnum((unsigned char)*c) || *c == '.' || *c == '_' || (*c == '-' && !dash);
        buf_putc(out, plain ? *c : '_');
        dash = *c == '-';
    }
}

void markdown_fold(struct buf *out, const char *title, const struct buf *body, size_t max_bytes)
{
    static const char cut_note[] = "\nCut here: the record has the rest.\n";
    const size_t frame = strlen(title) + sizeof cut_note + 64;
    if (out->length + frame >= max_bytes)
        return;
    size_t room = max_bytes - out->length - frame, length = body->length;
    if (length > room)
        for (length = room; length > 0 && body->data[length - 1] != '\n';)
            length--;
    buf_printf(out, "\n<details><summary>%s</summary>\n\n", title);
    buf_add(out, buf_text(body), length);
    buf_printf(out, "%s\n</details>\n", length < body->length ? cut_note : "");
}
