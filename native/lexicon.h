// Texts to the numbers of their tokens, and the tokens by number: a dictionary that grows as it reads.
//
// A plain C interface: no XLA, no Python. Texts are UTF-8, end to end in one block. A text is cut into pieces at ASCII white
// space and at HTML line breaks (`<br>`, `<br />`, `<BR/>`). Of a piece of ASCII characters the tokens are, in lower case,
//
//   words         [a-z0-9]+(?:'[a-z]+)?
//   punctuation   [!-/:-@\[-`{-~]+        a run of it is one token, as in `...` and `?!`
//
// and every other character parts tokens. A piece that holds other characters needs Unicode's tables, which are not here:
// such pieces are a second dictionary, numbered from -1 downwards, whose tokens the caller finds and puts in their place;
// it is emptied when the next texts are read.
// The same texts give the same numbers, in the order of first appearance. A lexicon is used by one thread at a time.
#ifndef UNSPOOL_LEXICON_H_
#define UNSPOOL_LEXICON_H_

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// A new and empty lexicon, to be freed; nullptr where there is not enough memory.
void* unspool_lexicon_new(void);
void unspool_lexicon_free(void* lexicon);

// Reads `texts` texts: text i is bytes[starts[i] .. starts[i+1]). Writes the numbers of all tokens, one text after the other,
// to `ids`, which must have room for one a byte, and where each text's begin to `offsets` (texts + 1). With `grow` a new
// token gets the next number, else it is left out of the dictionary and its number is `unknown`; pieces always get one.
// Returns how many numbers were written, or -1 where there is not enough memory (the lexicon may then be freed and nothing else).
int64_t unspool_lexicon_read(void* lexicon, const char* bytes, const int64_t* starts, int64_t texts, int32_t grow,
                             int32_t unknown, int32_t* ids, int64_t* offsets);

// Adds one token, given as UTF-8 and whatever it is made of, and returns its number; -1 where there is not enough memory.
int32_t unspool_lexicon_add(void* lexicon, const char* bytes, int64_t length);

// Adds `count` tokens at once, token i being bytes[starts[i] .. starts[i+1]). Returns how many tokens there are then, or -1
// where there is not enough memory.
int64_t unspool_lexicon_load(void* lexicon, const char* bytes, const int64_t* starts, int64_t count);

// The number of a token, or -1 where it has none.
int32_t unspool_lexicon_find(void* lexicon, const char* bytes, int64_t length);

// The words of one text in ASCII by the convention of Keras's Tokenizer: in lower case, parted by white space (as Python's
// `str.split` has it), by HTML line breaks and by punctuation but the apostrophe. Writes the number of each, or -1, to `ids`,
// which must have room for size / 2 + 1. Returns how many there are, or -1 where there is not enough memory. Several threads may call it
// and `unspool_lexicon_find` at once, and one more may call `unspool_lexicon_read` without `grow`; no other function may run meanwhile.
int64_t unspool_lexicon_words(void* lexicon, const char* bytes, int64_t size, int32_t* ids);

// How many tokens (which = 0) or pieces (which = 1) there are, and how many bytes they take end to end.
int64_t unspool_lexicon_size(void* lexicon, int32_t which, int64_t* bytes);

// Writes all of them end to end to `bytes`, and to `starts` (size + 1) where each begins.
void unspool_lexicon_copy(void* lexicon, int32_t which, char* bytes, int64_t* starts);

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // UNSPOOL_LEXICON_H_
