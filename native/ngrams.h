// N-grams of tokens (words, characters), found level by level and kept where they occur in enough documents.
//
// A plain C interface. Documents are numbers of tokens end to end; document i is tokens[offsets[i] .. offsets[i+1]). A negative
// token is in no n-gram. An n-gram of n tokens is its first n-1, which are an n-gram themselves, and one token more, so that a
// pair of numbers stands for it exactly, whatever its length. An n-gram occurs in at most as many documents as each of its parts:
// those of level n are looked for only where both parts of level n-1 were kept.
//
// At each position a level's number of the n-gram that begins there is kept, or -1. Level 1 is `unspool_ngrams_extend` with
// `grams` nullptr: the tokens themselves, renumbered.
#ifndef UNSPOOL_NGRAMS_H_
#define UNSPOOL_NGRAMS_H_

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Counts the n-grams of the next level, keeps those of at least `least` documents, numbers them from 0 in the order of first
// appearance, and writes at each position the number of the one that begins there, or -1.
//   tokens   (M)      as above
//   offsets  (N + 1)
//   grams    (M)      the numbers of the level before, as this function writes them; nullptr at level 1
//   size              n, how many tokens the new n-grams have
//   apart             a token that may stand only first or last in an n-gram of two tokens or more; a negative one for none
//   found    (M)      written; may be the same array as `grams`
//   table             written: what `unspool_ngrams_table` reads, to be freed with `unspool_ngrams_free`; nullptr: no memory
// Returns how many were kept, or -1 where there is not enough memory.
int64_t unspool_ngrams_count(const int32_t* tokens, const int64_t* offsets, int64_t documents, const int32_t* grams,
                             int32_t size, int32_t apart, int32_t least, int32_t* found, void** table);

// Finds the n-grams of a table in other documents; arguments as above.
void unspool_ngrams_find(const void* table, const int32_t* tokens, const int64_t* offsets, int64_t documents,
                         const int32_t* grams, int32_t size, int32_t apart, int32_t* found);

// Writes for each n-gram, by number, the number of its first n-1 tokens (the level before; 0 at level 1), its last token, and in
// how many documents it occurs.
void unspool_ngrams_table(const void* table, int32_t* first, int32_t* last, int32_t* documents);

// A table from what `unspool_ngrams_table` wrote; `documents` may be nullptr. nullptr where there is not enough memory.
void* unspool_ngrams_load(int64_t count, const int32_t* first, const int32_t* last, const int32_t* documents);
void unspool_ngrams_free(void* table);

// The distinct n-grams of each document, in the order of first appearance.
//   grams    (M)      numbers, or -1
//   features          how many numbers there are
//   columns  (M)      written: the numbers of document i at columns[rows[i] .. rows[i+1])
//   counts   (M)      written: how often each occurs in the document; nullptr where not wanted
//   rows     (N + 1)  written
// Returns rows[N], or -1 where there is not enough memory. `columns` may be the same array as `grams`.
int64_t unspool_ngrams_distinct(const int32_t* grams, const int64_t* offsets, int64_t documents, int64_t features,
                                int32_t* columns, int32_t* counts, int64_t* rows);

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // UNSPOOL_NGRAMS_H_
