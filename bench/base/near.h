/* near: "did you mean". Pure. */
#ifndef REHEARSE_BASE_NEAR_H
#define REHEARSE_BASE_NEAR_H

/* The word of the NULL-terminated list nearest to `word` by Damerau-Levenshtein distance (optimal string alignment),
 * NULL when none is near enough (distance above a third of the length, at least 1). */
const char *near_word(const char *word, const char *const *words);

#endif
