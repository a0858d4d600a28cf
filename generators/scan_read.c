#include "generators/scan.h"

#include "generators/scan_parts.h"

#include <string.h>

/* The output of --print-sql: a line "rehearse TOPIC" before the rows of each query, rows as JSON, one a line. */
struct reading {
    struct arena *arena;
    const char *file;
    int line;
    struct scan_input input;
    struct scan_job *counted; /* name and rows only */
    size_t counted_count, counted_capacity;
    struct scan_rows *rows; /* of what is being read; NULL before the first head */
    bool complete;
    struct err *err;
};

static bool read_head(struct reading *r, const char *head)
{
    static const char *const engines[] = {"postgresql", "mariadb", "mysql"};
    for (int topic = 0; topic < SCAN_TOPICS; topic++)
        if (strcmp(head, scan_topic_name((enum scan_topic)topic)) == 0) {
            r->rows = &r->input.topics[topic];
            return true;
        }
    r->rows = NULL;
    for (size_t i = 0; i < sizeof engines / sizeof *engines; i++)
        if (strncmp(head, "engine ", 7) == 0 && strcmp(head + 7, engines[i]) == 0)
            r->input.engine = engines[i];
    if (strncmp(head, "count ", 6) == 0) {
        struct scan_job *job = ARENA_PUSH(r->arena, r->counted, r->counted_count, r->counted_capacity);
        job->name = arena_strdup(r->arena, head + 6);
        r->rows = &job->rows;
    }
    r->complete = strcmp(head, "end") == 0;
    return r->rows != NULL || r->complete || strncmp(head, "engine ", 7) == 0 ||
           err_at(r->err, r->file, r->line, 1, "there is no such part: \"%.60s\"", head);
}

/* Rows are arrays; what else a client prints (SET, BEGIN) tells nothing. */
static bool read_line(struct reading *r, const char *line)
{
    size_t head = strlen(SCAN_LINE_HEAD);
    if (strncmp(line, SCAN_LINE_HEAD, head) == 0)
        return read_head(r, line + head);
    if (line[0] != '[')
        return true;
    if (r->rows == NULL)
        return err_at(r->err, r->file, r->line, 1, "a row before its head: the beginning is missing");
    if (scan_take(r->arena, r->file, line, r->rows, r->err))
        return true;
    r->err->line = r->line;
    return false;
}

static bool read_lines(struct reading *r, const char *text, size_t length)
{
    const char *end = text + length;
    while (text < end) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        stop = stop == NULL ? end : stop;
        size_t bytes = (size_t)(stop - text);
        bytes -= bytes > 0 && text[bytes - 1] == '\r';
        r->line++;
        if (!read_line(r, arena_strndup(r->arena, text, bytes)))
            return false;
        text = stop + 1;
    }
    if (r->input.engine == NULL)
        return err_at(r->err, r->file, 0, 0, "this is no output of rehearse profile --print-sql");
    return r->complete || err_at(r->err, r->file, 0, 0, "the output is cut off: its end is missing");
}

/* Counts of what the profile does not have are of another schema than the rest: an error. */
static bool match(struct reading *r, struct scan_job *jobs, size_t count)
{
    for (size_t i = 0; i < r->counted_count; i++) {
        size_t j = 0;
        while (j < count && strcmp(jobs[j].name, r->counted[i].name) != 0)
            j++;
        if (j == count)
            return err_at(r->err, r->file, 0, 0, "counts of what the schema does not have: %.100s",
                          r->counted[i].name);
        jobs[j].rows = r->counted[i].rows;
        jobs[j].done = true;
    }
    return true;
}

bool scan_read(struct arena *arena, const char *file, const char *text, size_t length,
               struct profile **profile, struct err *err)
{
    struct reading r = {.arena = arena, .file = file, .input.file = file, .err = err};
    size_t count;
    if (!read_lines(&r, text, length) || !scan_build(arena, &r.input, profile, err))
        return false;
    struct scan_job *jobs = scan_jobs(arena, *profile, &count);
    if (!match(&r, jobs, count) ||
        (r.counted_count > 0 && !scan_count(arena, &r.input, *profile, jobs, count, err)))
        return false;
    scan_widths(*profile);
    scan_facts(*profile);
    return true;
}
