#include "bench/base/rng.h"
#include "generators/redact_parts.h"
#include "generators/render_letters.h"

#include <stdlib.h>
#include <string.h>

/* All texts of a pool stand in a trie, read without regard to ASCII case. Each letter becomes another of its class: siblings in
 * their order, different from each other, the choice drawn from the place in the trie alone. So texts keep their order (both by
 * code point and by letters without case), lengths, classes and common prefixes. The trie is the sorted list of words. */

enum { DRAWINGS = 8, TAILS = 8, HEX_LETTERS = 16 };

struct word {
    uint32_t *in, *out;
    size_t count;
    bool stuck; /* holds nothing that could become something else */
};

struct trie {
    struct arena *arena;
    bool hex;           /* letters up to f only, as the texts have */
    struct word *words; /* sorted, different */
    size_t count;
};

static int compare_letters(const uint32_t *a, size_t a_count, const uint32_t *b, size_t b_count)
{
    for (size_t i = 0; i < a_count && i < b_count; i++)
        if (a[i] != b[i])
            return a[i] < b[i] ? -1 : 1;
    return a_count < b_count ? -1 : a_count > b_count;
}

static int compare_words(const void *left, const void *right)
{
    const struct word *a = left, *b = right;
    return compare_letters(a->in, a->count, b->in, b->count);
}

/* What came out is a text of the source. */
static bool coincides(const struct trie *trie, const struct word *word)
{
    struct word as_source = {.in = word->out, .count = word->count};
    return bsearch(&as_source, trie->words, trie->count, sizeof *trie->words, compare_words) != NULL;
}

/* Letters behind the last place that is shared with another word. */
static void map_tail(const struct trie *trie, struct word *word, size_t depth, uint64_t node)
{
    for (uint64_t attempt = 0; attempt < TAILS; attempt++) {
        for (size_t i = depth; i < word->count; i++) {
            struct redact_class class = redact_class_of(word->in[i], trie->hex);
            word->out[i] = class.first + (uint32_t)(rng_hash(node, attempt, i) % class.count);
        }
        if (depth == word->count || word->stuck || !coincides(trie, word))
            return;
    }
}

static size_t sibling_end(const struct trie *trie, size_t at, size_t end, size_t depth)
{
    uint32_t letter = trie->words[at].in[depth];
    while (at < end && trie->words[at].in[depth] == letter)
        at++;
    return at;
}

/* Siblings of the class that the one at `at` begins. */
static uint32_t class_size(const struct trie *trie, size_t at, size_t end, size_t depth,
                           const struct redact_class *class)
{
    uint32_t count = 0;
    do {
        at = sibling_end(trie, at, end, depth);
        count++;
    } while (at < end && trie->words[at].in[depth] - class->first < class->count);
    return count;
}

/* Number `i` of `siblings` among the letters of its class, each in a part of its own. */
static uint32_t draw(const struct redact_class *class, uint64_t i, uint64_t siblings, uint64_t hash)
{
    uint64_t from = i * class->count / siblings, to = (i + 1) * class->count / siblings;
    return class->first + (uint32_t)(from + hash % (to > from ? to - from : 1));
}

struct branch {
    size_t from, to;
    uint64_t node;
};

static void map(const struct trie *trie, struct branch branch, size_t depth);

/* Words from `from` on have the same letters before depth. Returns the largest branch, the others are done. */
static struct branch map_siblings(const struct trie *trie, const struct branch *at, size_t depth)
{
    struct branch largest = {0};
    struct redact_class class = {0};
    uint64_t in_class = 0, siblings = 1, place = 0;
    for (size_t from = at->from, to; from < at->to; from = to, in_class++, place++) {
        uint32_t letter = trie->words[from].in[depth];
        to = sibling_end(trie, from, at->to, depth);
        if (letter - class.first >= class.count) {
            class = redact_class_of(letter, trie->hex);
            siblings = class_size(trie, from, at->to, depth, &class);
            in_class = 0;
        }
        uint32_t drawn = draw(&class, in_class, siblings, rng_hash(at->node, 0, place));
        for (size_t i = from; i < to; i++)
            trie->words[i].out[depth] = drawn;
        struct branch branch = {from, to, rng_hash(at->node, 1, place)}, smaller = branch;
        if (to - from > largest.to - largest.from) {
            smaller = largest;
            largest = branch;
        }
        if (smaller.to > smaller.from)
            map(trie, smaller, depth + 1);
    }
    return largest;
}

static void map(const struct trie *trie, struct branch branch, size_t depth)
{
    for (;; depth++) {
        branch.from += branch.from < branch.to && trie->words[branch.from].count == depth;
        if (branch.from >= branch.to)
            return;
        if (branch.to - branch.from == 1) {
            map_tail(trie, &trie->words[branch.from], depth, branch.node);
            return;
        }
        branch = map_siblings(trie, &branch, depth);
    }
}

static size_t coincidences(const struct trie *trie)
{
    size_t count = 0;
    for (size_t i = 0; i < trie->count; i++)
        count += !trie->words[i].stuck && coincides(trie, &trie->words[i]);
    return count;
}

/* The drawing with the fewest texts of the source. */
static void map_all(const struct trie *trie, uint64_t stream)
{
    size_t fewest = SIZE_MAX;
    uint64_t best = 0;
    for (uint64_t i = 0; i <= DRAWINGS; i++) {
        map(trie, (struct branch){0, trie->count, rng_hash(stream, 2, i < DRAWINGS ? i : best)}, 0);
        size_t count = coincidences(trie);
        if (count == 0)
            return;
        if (i < DRAWINGS && count < fewest) {
            fewest = count;
            best = i;
        }
    }
}

static struct word read_word(const struct trie *trie, enum redact_kind kind, const struct letters *letters)
{
    struct word word = {.count = letters->count, .stuck = true};
    word.in = arena_alloc(trie->arena, (letters->count + 1) * sizeof *word.in);
    word.out = arena_alloc(trie->arena, (letters->count + 1) * sizeof *word.out);
    for (size_t i = 0; i < letters->count; i++) {
        word.in[i] = redact_letter_in(kind, letters->at, i);
        word.stuck &= redact_class_of(word.in[i], trie->hex).count == 1;
    }
    return word;
}

/* Hexadecimal: digits and letters up to f in many texts, and no other letter in any. */
static bool is_hex(enum redact_kind kind, const struct letters *texts, size_t count)
{
    size_t letters = 0, digits = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < texts[i].count; j++) {
            uint32_t letter = texts[i].at[j];
            unsigned class = letters_class(letter);
            if ((class & (LETTERS_LOWER | LETTERS_UPPER)) && (letter | 0x20) > 'f')
                return false;
            letters += class == LETTERS_LOWER || class == LETTERS_UPPER;
            digits += class == LETTERS_DIGIT;
        }
    return kind == REDACT_TEXT && letters >= HEX_LETTERS && digits >= letters / 2;
}

static const char *written(struct trie *trie, enum redact_kind kind, const struct letters *source)
{
    struct word word = read_word(trie, kind, source);
    const struct word *found = bsearch(&word, trie->words, trie->count, sizeof word, compare_words);
    struct buf text = {0};
    bool upper = false;
    for (size_t i = 0; i < source->count; i++)
        upper |= source->at[i] >= 'A' && source->at[i] <= 'F';
    for (size_t i = 0; i < source->count; i++)
        letters_put(redact_letter_out(found->out[i], source->at[i], upper), &text);
    const char *kept = arena_strdup(trie->arena, buf_text(&text));
    buf_free(&text);
    return kept;
}

void redact_texts(struct arena *arena, enum redact_kind kind, uint64_t stream, const char *const *texts,
                  size_t count, const char **surrogates)
{
    struct trie trie = {.arena = arena};
    struct letters *letters = arena_alloc(arena, (count + 1) * sizeof *letters);
    for (size_t i = 0; i < count; i++)
        letters[i] = letters_read(arena, texts[i], strlen(texts[i]));
    trie.hex = is_hex(kind, letters, count);
    trie.words = arena_alloc(arena, (count + 1) * sizeof *trie.words);
    for (size_t i = 0; i < count; i++)
        trie.words[i] = read_word(&trie, kind, &letters[i]);
    if (count > 0)
        qsort(trie.words, count, sizeof *trie.words, compare_words);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || compare_words(&trie.words[trie.count - 1], &trie.words[i]) != 0)
            trie.words[trie.count++] = trie.words[i];
    map_all(&trie, stream);
    for (size_t i = 0; i < count; i++)
        surrogates[i] = written(&trie, kind, &letters[i]);
}
