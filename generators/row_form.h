/* row_form: a column's writer in one format: what a recipe says, said in text or in binary. Private to row*.c. */
#ifndef REHEARSE_GENERATORS_ROW_FORM_H
#define REHEARSE_GENERATORS_ROW_FORM_H

#include "generators/profiled.h"

struct form {
    void (*null)(struct buf *out);
    void (*draw)(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out);
    void (*nth)(const struct value_spec *spec, int64_t index, struct buf *out);
    void (*told)(const struct value_spec *spec, const char *text,
                 struct buf *out); /* as the server told it */
    void (*rendered)(const struct render *render, const struct element *element, struct buf *out);
    void (*given)(const struct value_spec *spec, int64_t index, struct buf *out); /* one of the labels */
};

extern const struct form text_form, binary_form;

void row_write_value(const struct row_maker *maker, size_t column, int64_t row, const struct form *form,
                     struct buf *out);
/* The same, but for rules and CHECKs that make it depend on other columns. */
void row_write_alone(const struct row_maker *maker, size_t column, int64_t row, const struct form *form,
                     struct buf *out);

/* The same, as rules and orders have it, whatever else constraints want of the row. */
void row_write_own(const struct row_maker *maker, size_t column, int64_t row, const struct form *form,
                   struct buf *out);

/* row_mend.c: something else, as chosen. */
struct mend_choice;
void row_write_mended(const struct row_maker *maker, size_t column, int64_t row,
                      const struct mend_choice *choice, const struct form *form, struct buf *out);
void row_write_choice(const struct row_maker *maker, size_t column, int64_t row,
                      const struct mend_choice *choice, struct buf *out);

/* row_rule.c. false: the row is none of those that a rule or a CHECK makes so. */
bool row_write_ruled(const struct row_maker *maker, size_t column, int64_t row, const struct form *form,
                     struct buf *out);

#endif
