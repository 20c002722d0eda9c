"""N-grams of words or characters as features: a matrix of counts with a column for each n-gram."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from unspool.candidates.texts.corpus import Corpus, characters
from unspool.candidates.texts.count_matrix import CountMatrix
from unspool.candidates.texts.storage import Arrays, pack_strings, unpack_strings
from unspool.candidates.texts.vocabulary import Unit, Vocabulary
from unspool.kernels import ngrams


@dataclass(frozen=True)
class NGrams:
    """A kind of n-grams.

    Attributes:
        of: "words", with the punctuation between them, or "characters".
        shortest: the number of tokens in the shortest n-grams.
        longest: the number of tokens in the longest.
        least: how many training texts an n-gram must occur in.
        within_words: whether n-grams of characters have spaces only at their ends.
    """

    of: Unit
    shortest: int
    longest: int
    least: int = 2
    within_words: bool = False


class NGramReader:
    """Counts in texts the n-grams that were found in training texts.

    Attributes:
        ngrams: their kind.
        widths: the number of columns for each length of n-grams, from the shortest.

    Example:
        >>> reader, counts = NGramReader.fit(NGrams("words", 1, 2), ["a b a", "a b c"])
        >>> reader.names(), counts.toarray().tolist(), reader.read(["b a b"]).toarray().tolist()
        (['a', 'b', 'a b'], [[2, 1, 1], [1, 1, 1]], [[1, 2, 1]])
    """

    def __init__(self, of: NGrams, alphabet: list[str], levels: list[tuple[NDArray[np.int32], NDArray[np.int32]]]):
        self.ngrams = of
        self._vocabulary = Vocabulary(of.of, alphabet)
        self._tables = levels
        self._apart = _boundary(of, alphabet)
        self.widths = [len(alphabet), *(len(first) for first, _ in levels)][of.shortest - 1 :]

    @cached_property
    def _levels(self) -> list[ngrams.Level]:
        return [ngrams.load(first, last) for first, last in self._tables]

    @classmethod
    def fit(cls, of: NGrams, texts: Iterable[str]) -> tuple[Self, csr_array]:
        """Find the n-grams of texts, and count them.

        Returns:
            The reader, and the (N, F) counts that its `read` returns for these texts.
        """
        counts = CountMatrix()
        return cls._found(of, Corpus.of(texts), counts), counts.joined()

    @classmethod
    def find(cls, of: NGrams, texts: Iterable[str]) -> Self:
        """Find the n-grams of texts, as `fit` does, without counting them."""
        return cls._found(of, Corpus.of(texts), None)

    @classmethod
    def _found(cls, of: NGrams, corpus: Corpus, counts: CountMatrix | None) -> Self:
        """Find n-grams one length after another, as each needs a number for every token of all texts in memory."""
        if of.of == "words":
            lexicon, ragged = corpus.words()
        else:
            ragged = characters(corpus)
        offsets = ragged.offsets
        level, tokens = ngrams.count(ragged.flat, offsets, None, 1, least=of.least)
        del ragged
        kept = level.table()[1].tolist()
        if of.of == "words":
            every = lexicon.tokens()
            alphabet = [every[number] for number in kept]
        else:
            alphabet = [chr(number) for number in kept]
        apart = _boundary(of, alphabet)
        if counts is not None and of.shortest == 1:
            counts.add(tokens, offsets, len(alphabet))
        grams, tables = tokens, []
        for size in range(2, of.longest + 1):
            into = None if grams is tokens else grams
            level, grams = ngrams.count(tokens, offsets, grams, size, apart, of.least, out=into)
            tables.append(level.table()[:2])
            del level  # the next one needs room
            if counts is not None and size >= of.shortest:
                counts.add(grams, offsets, len(tables[-1][0]))
        return cls(of, alphabet, tables)

    def read(self, texts: Iterable[str]) -> csr_array:
        """Count the n-grams of texts.

        Returns:
            (N, F) unsigned counts; columns by length, then by number.
        """
        found, offsets = self.places(texts)
        counts = CountMatrix()
        for grams, width in zip(found, self.widths, strict=True):
            counts.add(grams, offsets, width)
        return counts.joined()

    def places(self, texts: Iterable[str]) -> tuple[list[NDArray[np.int32]], NDArray[np.int64]]:
        """For each length (M,) n-grams that begin at the tokens of all texts, or -1; and (N + 1,) offsets of texts."""
        tokens = self._vocabulary.read(texts)
        grams, found = tokens.flat, [tokens.flat]
        for size, level in enumerate(self._levels, 2):
            grams = level.find(tokens.flat, tokens.offsets, grams, size, self._apart)
            found.append(grams)
        return found[self.ngrams.shortest - 1 :], tokens.offsets

    def reduced(self, columns: NDArray[np.int64]) -> Self:
        """A reader of some columns, (K,) rising. With an n-gram, they have both its parts.

        The parts are the n-gram without its first and without its last token.

        Example:
            >>> reader, _ = NGramReader.fit(NGrams("characters", 1, 2), ["ab", "ab", "cab"])
            >>> reader.names(), reader.reduced(np.array([0, 1, 2, 4])).names()
            ([' ', 'a', 'b', ' a', 'ab', 'b '], [' ', 'a', 'b', 'ab'])
        """
        numbers = np.full(sum(self.widths), -1, np.int32)
        ends = np.cumsum([0, *self.widths])
        kept = [columns[(columns >= low) & (columns < high)] - low for low, high in pairwise(ends)]
        for low, some in zip(ends, kept, strict=False):
            numbers[low + some] = np.arange(len(some))
        alphabet = [self._vocabulary.tokens[place] for place in kept[0].tolist()]
        tables = []
        for low, (first, last), some in zip(ends, self._tables, kept[1:], strict=False):
            tables.append((numbers[low + first[some]], numbers[last[some]]))
        return type(self)(self.ngrams, alphabet, tables)

    def names(self) -> list[str]:
        """The n-gram of each column, words with a space between them."""
        between = " " if self.ngrams.of == "words" else ""
        tokens = level = self._vocabulary.tokens
        found = [level]
        for first, last in self._tables:
            level = [level[a] + between + tokens[b] for a, b in zip(first.tolist(), last.tolist(), strict=True)]
            found.append(level)
        return [name for level in found[self.ngrams.shortest - 1 :] for name in level]

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle and copy the arrays alone: the hash tables are native."""
        return type(self).from_arrays, (self.ngrams, self.arrays())

    def arrays(self) -> Arrays:
        """All that `from_arrays` needs besides `ngrams`."""
        found = pack_strings("alphabet", self._vocabulary.tokens)
        for size, (first, last) in enumerate(self._tables, 2):
            found |= {f"first_{size}": first, f"last_{size}": last}
        return found

    @classmethod
    def from_arrays(cls, of: NGrams, arrays: Arrays) -> Self:
        """Make a reader from its `arrays`.

        Raises:
            ValueError: the arrays are not those of a reader.
        """
        alphabet = unpack_strings("alphabet", arrays)
        tables, before = [], len(alphabet)
        for size in range(2, of.longest + 1):
            first, last = arrays[f"first_{size}"], arrays[f"last_{size}"]
            for column, most in ((first, before), (last, len(alphabet))):
                if column.dtype != np.int32 or column.shape != first.shape or column.ndim != 1:
                    raise ValueError(f"the n-grams of {size} are not columns of whole numbers")
                if len(column) and not (column.min() >= 0 and column.max() < most):
                    raise ValueError(f"the n-grams of {size} name parts that are not there")
            tables.append((first, last))
            before = len(first)
        if of.of == "characters" and any(len(one) != 1 for one in alphabet):
            raise ValueError("a character is none")
        return cls(of, alphabet, tables)


def _boundary(of: NGrams, alphabet: list[str]) -> int:
    """The number of the token that no n-gram may contain except at its ends."""
    return alphabet.index(" ") if of.within_words and " " in alphabet else ngrams.NOWHERE


def read_features(corpus: Corpus, of: NGrams) -> tuple[NGramReader, csr_array]:
    """A reader of the n-grams of a corpus, and their counts; cached for all its parts (see `Corpus.limited`).

    The counts of a part have the columns of the whole corpus; the caller must ignore those that occur in fewer than
    `of.least` of its texts.
    """

    def take(found: tuple[NGramReader, Any], rows: NDArray[np.int64]) -> tuple[NGramReader, csr_array]:
        return found[0], found[1][rows]

    return corpus.kept(of, lambda whole: NGramReader.fit(of, whole), take, limited=True)
