#include "generators/check_tree.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static int fold(char c, bool folded)
{
    return folded ? tolower((unsigned char)c) : (unsigned char)c;
}

bool check_match_like(const char *pattern, const char *text, bool folded)
{
    for (; *pattern != '\0'; pattern++, text++) {
        if (*pattern == '%') {
            while (*pattern == '%')
                pattern++;
            for (; *text != '\0'; text++)
                if (check_match_like(pattern, text, folded))
                    return true;
            return *pattern == '\0';
        }
        if (*text == '\0')
            return false;
        if (*pattern == '_') { /* one character, which may be several bytes */
            while (((unsigned char)text[1] & 0xc0) == 0x80)
                text++;
            continue;
        }
        pattern += *pattern == '\\' && pattern[1] != '\0';
        if (fold(*pattern, folded) != fold(*text, folded))
            return false;
    }
    return *text == '\0';
}

/* ---- regular expressions, by trying all ways; what follows a part is told as a list of parts ---- */

struct rest { /* of the pattern, after the group that it stands in */
    const char *at, *end;
    const struct rest *next;
};

struct matching {
    const char *start;
    bool folded;
    int steps; /* no more than that */
};

enum { STEPS = 20000 };

static bool match(struct matching *m, const char *at, const char *end, const struct rest *rest,
                  const char *text);

static const char *class_end(const char *at, const char *end)
{
    at += at + 1 < end && at[1] == '^' ? 2 : 1;
    at += at < end && *at == ']';
    while (at < end && *at != ']') {
        if (*at == '[' && at + 1 < end && at[1] == ':')
            for (at += 2; at + 1 < end && !(*at == ':' && at[1] == ']'); at++)
                ;
        at += *at == '\\' || *at == ':' ? 2 : 1;
    }
    return at < end ? at + 1 : end;
}

static const char *group_end(const char *at, const char *end)
{
    int depth = 0;
    for (; at < end; at++) {
        if (*at == '\\')
            at++;
        else if (*at == '[')
            at = class_end(at, end) - 1;
        else if (*at == '(')
            depth++;
        else if (*at == ')' && --depth == 0)
            return at + 1;
    }
    return end;
}

static const char *atom_end(const char *at, const char *end)
{
    if (*at == '(')
        return group_end(at, end);
    if (*at == '[')
        return class_end(at, end);
    return at + (*at == '\\' && at + 1 < end ? 2 : 1);
}

static bool is_escaped_class(char name, char c)
{
    unsigned char u = (unsigned char)c;
    switch (name) {
    case 'd':
        return isdigit(u) != 0;
    case 'D':
        return isdigit(u) == 0;
    case 'w':
        return isalnum(u) != 0 || c == '_';
    case 'W':
        return isalnum(u) == 0 && c != '_';
    case 's':
        return isspace(u) != 0;
    case 'S':
        return isspace(u) == 0;
    default:
        return name == c;
    }
}

static bool is_named_class(const char *name, char c)
{
    static const struct {
        const char *name;
        int (*is)(int);
    } names[] = {{"alpha", isalpha}, {"digit", isdigit}, {"alnum", isalnum}, {"upper", isupper},
                 {"lower", islower}, {"space", isspace}, {"punct", ispunct}, {"xdigit", isxdigit}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strncmp(names[i].name, name, strlen(names[i].name)) == 0)
            return names[i].is((unsigned char)c) != 0;
    return false;
}

static bool in_class(const char *at, const char *end, char c, bool folded)
{
    bool negated = at[1] == '^', found = false;
    const char *last = class_end(at, end) - 1;
    for (at += negated ? 2 : 1; at < last; at++) {
        if (*at == '[' && at[1] == ':') {
            found |= is_named_class(at + 2, c);
            while (at < last && *at != ']')
                at++;
        } else if (*at == '\\') {
            found |= is_escaped_class(*++at, c);
        } else if (at + 2 < last && at[1] == '-') {
            found |= (c >= *at && c <= at[2]) ||
                     (folded && tolower((unsigned char)c) >= *at && tolower((unsigned char)c) <= at[2]) ||
                     (folded && toupper((unsigned char)c) >= *at && toupper((unsigned char)c) <= at[2]);
            at += 2;
        } else {
            found |= fold(*at, folded) == fold(c, folded);
        }
    }
    return found != negated;
}

static bool match_one(const struct matching *m, const char *at, const char *end, char c)
{
    if (c == '\0')
        return false;
    if (*at == '[')
        return in_class(at, end, c, m->folded);
    if (*at == '\\')
        return is_escaped_class(at[1], c) || (m->folded && is_escaped_class(at[1], (char)tolower(c)));
    return *at == '.' || fold(*at, m->folded) == fold(c, m->folded);
}

/* "*", "+", "?", "{2,5}"; none: once. */
static const char *read_times(const char *at, const char *end, int *least, int *most)
{
    enum { MANY = 10000 };
    *least = *most = 1;
    if (at >= end)
        return at;
    if (*at == '*' || *at == '+' || *at == '?') {
        *least = *at == '+';
        *most = *at == '?' ? 1 : MANY;
        at++;
    } else if (*at == '{' && isdigit((unsigned char)at[1])) {
        char *behind;
        *least = *most = (int)strtol(at + 1, &behind, 10);
        if (*behind == ',')
            *most = isdigit((unsigned char)behind[1]) ? (int)strtol(behind + 1, &behind, 10)
                                                      : (behind++, MANY);
        at = behind + (*behind == '}');
    }
    return at < end && *at == '?' ? at + 1 : at; /* as few as possible: the same texts match */
}

static bool match_alternatives(struct matching *m, const char *at, const char *end, const struct rest *rest,
                               const char *text)
{
    const char *from = at;
    while (at < end) {
        if (*at == '|') {
            if (match(m, from, at, rest, text))
                return true;
            from = at + 1;
        }
        at = atom_end(at, end);
    }
    return match(m, from, end, rest, text);
}

static bool match_group(struct matching *m, const char *at, const char *end, const struct rest *rest,
                        const char *text)
{
    at += at + 2 < end && at[1] == '?' && at[2] == ':' ? 3 : 1;
    return match_alternatives(m, at, end - 1, rest, text);
}

/* A group so many times more, then what follows. */
static bool repeat_group(struct matching *m, const char *at, const char *behind, int least, int most,
                         const struct rest *rest, const char *text)
{
    if (most > 0) {
        for (int times = most < 8 ? most : 8; times >= (least > 0 ? least : 1); times--) {
            struct rest chain[8];
            int copies = times > 8 ? 8 : times;
            for (int i = 0; i < copies; i++)
                chain[i] = (struct rest){at, behind, i + 1 < copies ? &chain[i + 1] : rest};
            if (match(m, chain[0].at, chain[0].end, chain[0].next, text))
                return true;
        }
    }
    return least == 0 && match(m, "", "", rest, text);
}

static bool match(struct matching *m, const char *at, const char *end, const struct rest *rest,
                  const char *text)
{
    int least, most;
    if (m->steps++ > STEPS)
        return false;
    if (at >= end)
        return rest == NULL || match(m, rest->at, rest->end, rest->next, text);
    if (*at == '^')
        return text == m->start && match(m, at + 1, end, rest, text);
    if (*at == '$')
        return *text == '\0' && match(m, at + 1, end, rest, text);
    const char *behind = atom_end(at, end), *next = read_times(behind, end, &least, &most);
    struct rest after = {next, end, rest};
    if (*at == '(')
        return least == 1 && most == 1 ? match_group(m, at, behind, &after, text)
                                       : repeat_group(m, at, behind, least, most, &after, text);
    int count = 0;
    while (count < most && match_one(m, at, behind, text[count]))
        count++;
    for (; count >= least; count--)
        if (match(m, next, end, rest, text + count))
            return true;
    return false;
}

bool check_match_regex(const char *pattern, const char *text, bool folded)
{
    struct matching m = {.start = text, .folded = folded};
    const char *end = pattern + strlen(pattern);
    do
        if (match_alternatives(&m, pattern, end, NULL, text))
            return true;
    while (*text++ != '\0');
    return false;
}
