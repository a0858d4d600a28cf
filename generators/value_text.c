#include "generators/value_kind.h"
#include "generators/value_wire.h"

#include <string.h>

enum shape { SENTENCE, WORDS, NAME, FIRST, LAST, EMAIL, CODE, PHONE, URL, PLACE, ONE_OF };

struct value_vocabulary {
    const char *part; /* of a column's name */
    enum shape shape;
    const char *words[7];
};

static const struct value_vocabulary vocabularies[] = {
    {"email", EMAIL, {NULL}},
    {"first_name", FIRST, {NULL}},
    {"given_name", FIRST, {NULL}},
    {"last_name", LAST, {NULL}},
    {"surname", LAST, {NULL}},
    {"phone", PHONE, {NULL}},
    {"url", URL, {NULL}},
    {"link", URL, {NULL}},
    {"status", ONE_OF, {"active", "pending", "closed", "paused", "archived"}},
    {"state", ONE_OF, {"active", "pending", "closed", "paused", "archived"}},
    {"currency", ONE_OF, {"EUR", "USD", "GBP", "CHF", "JPY"}},
    {"country", ONE_OF, {"DE", "US", "FR", "GB", "JP", "BR"}},
    {"locale", ONE_OF, {"de", "en", "fr", "ja"}},
    {"kind", ONE_OF, {"standard", "express", "gift", "return"}},
    {"type", ONE_OF, {"standard", "express", "gift", "return"}},
    {"city", PLACE, {NULL}},
    {"street", PLACE, {NULL}},
    {"address", PLACE, {NULL}},
    {"description", SENTENCE, {NULL}},
    {"body", SENTENCE, {NULL}},
    {"note", SENTENCE, {NULL}},
    {"comment", SENTENCE, {NULL}},
    {"message", SENTENCE, {NULL}},
    {"code", CODE, {NULL}},
    {"sku", CODE, {NULL}},
    {"token", CODE, {NULL}},
    {"hash", CODE, {NULL}},
    {"ref", CODE, {NULL}},
    {"slug", CODE, {NULL}},
    {"key", CODE, {NULL}},
    {"name", NAME, {NULL}},
    {"", WORDS, {NULL}},
};

static const char *const first_names[] = {"Ada",  "Ben",  "Chen", "Dora", "Emil", "Fay", "Goran", "Hana",
                                          "Ines", "Jona", "Kai",  "Lena", "Milo", "Nia", "Omar",  "Pia"};
static const char *const last_names[] = {"Arndt",  "Bauer", "Costa", "Dietz", "Evans", "Fuchs",
                                         "Greco",  "Haas",  "Ito",   "Jones", "Kraus", "Lopez",
                                         "Moreau", "Novak", "Okoye", "Park"};
static const char *const words[] = {"amber",  "basket", "cedar",  "delta",  "ember",   "forest", "garden",
                                    "harbor", "island", "jacket", "kettle", "lantern", "meadow", "north",
                                    "olive",  "paper",  "quiet",  "river",  "silver",  "timber", "umber",
                                    "velvet", "window", "yellow", "zephyr", "and",     "with",   "small",
                                    "large",  "blue",   "from",   "over"};
static const char *const places[] = {"Lindau", "Porto", "Kyoto",  "Bergen",
                                     "Leeds",  "Graz",  "Austin", "Recife"};

static const char *pick(const char *const *list, size_t count, uint64_t hash)
{
    return list[value_scale(hash, count)];
}
#define PICK(list, hash) pick(list, sizeof(list) / sizeof *(list), hash)

const struct value_vocabulary *value_vocabulary_find(const char *column)
{
    size_t i = 0;
    while (strcasestr(column, vocabularies[i].part) == NULL)
        i++;
    return &vocabularies[i];
}

static void put_words(struct buf *out, uint64_t hash, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        if (i > 0)
            buf_putc(out, ' ');
        hash = value_mix(hash + 1);
        buf_puts(out, PICK(words, hash));
    }
}

static void put_code(struct buf *out, uint64_t bits, int digits)
{
    char text[16];
    for (int i = digits; i-- > 0; bits /= 36)
        text[i] = "0123456789abcdefghijklmnopqrstuvwxyz"[bits % 36];
    buf_add(out, text, (size_t)digits);
}

static void put_lower(struct buf *out, const char *text)
{
    for (; *text != '\0'; text++)
        buf_putc(out, (char)(*text | 0x20));
}

static void put_email(struct buf *out, uint64_t hash, uint64_t number)
{
    put_lower(out, PICK(first_names, hash));
    buf_putc(out, '.');
    put_lower(out, PICK(last_names, value_mix(hash)));
    value_put_int(out, (int64_t)number);
    buf_puts(out, "@example.com");
}

static void put_name(struct buf *out, uint64_t hash)
{
    buf_puts(out, PICK(first_names, hash));
    buf_putc(out, ' ');
    buf_puts(out, PICK(last_names, value_mix(hash)));
}

static size_t word_count(const struct value_vocabulary *vocabulary)
{
    size_t count = 0;
    while (vocabulary->words[count] != NULL)
        count++;
    return count;
}

static void put_shape(const struct value_vocabulary *vocabulary, uint64_t hash, struct buf *out)
{
    uint64_t more = value_mix(hash ^ 0x5bd1e995);
    switch (vocabulary->shape) {
    case SENTENCE:
        put_words(out, more, 4 + value_scale_low(hash, 24));
        break;
    case WORDS:
        put_words(out, more, 1 + value_scale_low(hash, 4));
        break;
    case NAME:
        put_name(out, hash);
        break;
    case FIRST:
        buf_puts(out, PICK(first_names, hash));
        break;
    case LAST:
        buf_puts(out, PICK(last_names, hash));
        break;
    case EMAIL:
        put_email(out, hash, more % 10000);
        break;
    case CODE:
        put_code(out, more, 10);
        break;
    case PHONE:
        buf_puts(out, "+49 30 ");
        value_put_padded(out, more % 10000000, 7);
        break;
    case URL:
        buf_puts(out, "https://example.com/");
        put_code(out, more, 8);
        break;
    case PLACE:
        buf_puts(out, PICK(places, hash));
        break;
    case ONE_OF:
        buf_puts(out, vocabulary->words[value_scale_low(hash, word_count(vocabulary))]);
        break;
    }
}

void value_text_draw(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    (void)row;
    size_t start = out->length;
    put_shape(spec->vocabulary, hash, out);
    size_t limit = spec->length < 0 ? SIZE_MAX : (size_t)spec->length;
    if (out->length - start > limit) {
        out->length = start + limit;
        while (out->length > start + 1 && out->data[out->length - 1] == ' ')
            out->length--;
        out->data[out->length] = '\0';
    }
}

/* Where there is room the number stands behind words, else it is all there is. */
enum { ROOMY_LENGTH = 44, CODE_DIGITS = 12 };

void value_text_nth(const struct value_spec *spec, uint64_t index, struct buf *out)
{
    uint64_t hash = value_mix(index + 1);
    if (spec->length >= 0 && spec->length < ROOMY_LENGTH) {
        put_code(out, index, spec->length < CODE_DIGITS ? spec->length : CODE_DIGITS);
        return;
    }
    if (spec->vocabulary->shape == EMAIL) {
        put_email(out, hash, index);
        return;
    }
    buf_puts(out, PICK(words, hash));
    buf_putc(out, '-');
    value_put_int(out, (int64_t)index + 1);
}

/* No text that is made holds a character that the text format escapes. */
void value_text_draw_binary(const struct value_spec *spec, uint64_t hash, int64_t row, struct buf *out)
{
    size_t start = value_wire_open(out);
    value_text_draw(spec, hash, row, out);
    value_wire_close(out, start);
}

void value_text_nth_binary(const struct value_spec *spec, uint64_t index, struct buf *out)
{
    size_t start = value_wire_open(out);
    value_text_nth(spec, index, out);
    value_wire_close(out, start);
}

int64_t value_text_capacity(const struct value_spec *spec)
{
    int64_t count = 1;
    for (int i = 0;
         i < CODE_DIGITS && (spec->length < 0 || i < spec->length) && count < INT64_C(1000000000000000); i++)
        count *= 36;
    return count;
}
