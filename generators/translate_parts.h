/* translate_parts: what the files of translate share. Private to translate*.c.
 *
 * Reading (translate_read.c) fills tables, types, checks and actions from the profile; types are chosen (translate_type.c);
 * then everything is written (translate.c, translate_column.c). */
#ifndef REHEARSE_GENERATORS_TRANSLATE_PARTS_H
#define REHEARSE_GENERATORS_TRANSLATE_PARTS_H

#include "generators/translate.h"

struct translate_type {
    const char *text; /* as the target writes it */
    int chars;        /* of a string that can stand in an index; 0: no string */
    int bytes;        /* the same of other types */
    bool open; /* a string of any length: an index takes its beginning, a default stands in parentheses */
    bool number, moment; /* literals stand without quotes; the clock is a default */
    bool unindexed;
    int digits; /* of a moment's fraction */
};

struct translate_column {
    const char *name;         /* as the source's; quoted for the target */
    const char *type;         /* as the source writes it; of a domain, the type under it */
    const char *default_text; /* as the source writes it; NULL: none */
    const char **labels;      /* of an enum */
    size_t label_count;
    bool automatic, generated;
    bool keyed;     /* in a unique or primary key, or a reference: its whole value is compared */
    bool referring; /* in a reference from here */
    struct translate_type made;
};

struct translate_table {
    const struct profile_table *source;
    const char *name; /* as the target has it, not quoted; NULL: left out */
    struct translate_column *columns;
};

struct translate_kind { /* a type that the source defines: enum or domain */
    const char *name, *under;
    const char **labels;
    size_t label_count;
    const char *default_text, *check; /* of a domain; the latter on VALUE */
};

struct translate_check {
    size_t table;
    const char *name, *definition;
};

struct translate_action { /* of a reference */
    size_t table;
    const char *name, *on_delete, *on_update;
};

struct translate {
    struct arena *arena;
    const struct profile *profile;
    const struct translate_target *target;
    struct translate_table *tables;
    struct translate_kind *kinds;
    struct translate_check *checks;
    struct translate_action *actions;
    const char **names; /* that are taken */
    size_t kind_count, kind_room, check_count, check_room, action_count, action_room, name_count, name_room,
        statement_room, note_room;
    struct translation out;
};

void translate_note(struct translate *self, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *translate_quote(const struct translate *self, const char *name);
/* The name, or one that is not taken and not too long. */
const char *translate_name(struct translate *self, const char *table, const char *name);
void translate_add(struct translate *self, const char *stage, int table, const char *sql);

/* translate_read.c: what the source's statements tell beyond the profile's lists, into self. */
void translate_read(struct translate *self);
/* The text of a string token. */
const char *translate_unquote(struct arena *arena, enum sql_lexis lexis, const char *text, size_t length);

/* translate_type.c: made of every column; children of references as their parents. */
void translate_types(struct translate *self);
bool translate_index_fits(const struct profile_index *index);

/* translate_column.c */
void translate_column_put(struct translate *self, size_t table, size_t column, struct buf *out);
/* What a check says, for the target; false: nothing that can be said there. */
bool translate_check_put(struct translate *self, size_t table, const char *definition, struct buf *out);

#endif
