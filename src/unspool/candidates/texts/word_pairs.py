"""Words and pairs of neighbouring words, counted as scikit-learn's CountVectorizer does, in less time and memory."""

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from unspool.candidates.texts.count_matrix import CountMatrix
from unspool.data.ragged import Ragged
from unspool.kernels import ngrams

Tokenize = Callable[[str], list[str]]


class WordPairs:
    """Counts in texts the words, and the pairs of neighbouring words, that occur in training texts.

    Columns are in the order of their names; that of a pair has a space between its words, which have none.

    Example:
        >>> pairs, counts = WordPairs.fit(["b a b", "a b"], str.split, least=2)
        >>> pairs.names, counts.toarray().tolist(), pairs.read(["b b c a"]).toarray().tolist()
        (['a', 'a b', 'b'], [[1.0, 1.0, 2.0], [1.0, 1.0, 1.0]], [[1.0, 0.0, 2.0]])
    """

    def __init__(self, words: list[str], tokenize: Tokenize, pairs: ngrams.Level):
        first, last, _ = pairs.table()
        names = [*words, *(f"{words[a]} {words[b]}" for a, b in zip(first.tolist(), last.tolist(), strict=True))]
        order = sorted(range(len(names)), key=names.__getitem__)
        self.names = [names[column] for column in order]
        self._numbers = {word: number for number, word in enumerate(words)}
        self._tokenize, self._pairs = tokenize, pairs
        self._places = np.empty(len(names), np.int32)  # of each column of a CountMatrix
        self._places[order] = np.arange(len(names), dtype=np.int32)

    @classmethod
    def fit(cls, texts: Iterable[str], tokenize: Tokenize, least: int) -> tuple["WordPairs", csr_matrix]:
        """Find the words and pairs that occur in at least `least` of N texts.

        Returns:
            What reads other texts, and the (N, F) float64 counts of these. The entries of a row are in the order in
            which CountVectorizer, too, first sees what they count.
        """
        numbers: dict[str, int] = {}
        rows = ([numbers.setdefault(word, len(numbers)) for word in tokenize(text)] for text in texts)
        every = _joined(rows)
        level, words = ngrams.count(every.flat, every.offsets, None, 1, least=least)
        found = list(numbers)
        kept = [found[number] for number in level.table()[1].tolist()]
        pairs, grams = ngrams.count(words, every.offsets, words, 2, least=least)
        matrix = CountMatrix()
        matrix.add(words, every.offsets, len(kept))
        matrix.add(grams, every.offsets, len(pairs.table()[0]))
        counts = matrix.joined()
        reader = cls(kept, tokenize, pairs)
        rank = _by_appearance(counts.indices, counts.indptr, len(kept), counts.shape[1])
        sorted_by_it = csr_matrix((counts.data.astype(np.float64), rank[counts.indices], counts.indptr), counts.shape)
        sorted_by_it.sort_indices()
        columns = np.empty(len(rank), np.int32)
        columns[rank] = reader._places
        return reader, csr_matrix((sorted_by_it.data, columns[sorted_by_it.indices], counts.indptr), counts.shape)

    def read(self, texts: Iterable[str]) -> csr_matrix:
        """Count in N texts what was found: (N, F) float64, the entries of a row in the order of their columns."""
        rows = ([self._numbers.get(word, -1) for word in self._tokenize(text)] for text in texts)
        words = _joined(rows)
        matrix = CountMatrix()
        matrix.add(words.flat, words.offsets, len(self._numbers))
        grams = self._pairs.find(words.flat, words.offsets, words.flat, 2, ngrams.NOWHERE)
        matrix.add(grams, words.offsets, len(self._places) - len(self._numbers))
        counts = matrix.joined()
        found = csr_matrix((counts.data.astype(np.float64), self._places[counts.indices], counts.indptr), counts.shape)
        found.sort_indices()
        return found


def _joined(rows: Iterable[list[int]]) -> Ragged:
    arrays = [np.array(row, np.int32) for row in rows]
    return Ragged.from_lengths(np.concatenate([np.empty(0, np.int32), *arrays]), [len(one) for one in arrays])


def _by_appearance(columns: NDArray[np.int32], rows: NDArray[np.integer], words: int, width: int) -> NDArray[np.int32]:
    """The place of each column if those come first that occur in an earlier text: its words, and then its pairs."""
    first = np.empty(width, np.int64)
    owners = np.repeat(np.arange(len(rows) - 1), np.diff(rows))
    first[columns[::-1]] = owners[::-1]  # the last that is written stays
    order = np.lexsort((np.arange(width) >= words, first))  # within these, numbers are in the order of appearance
    rank = np.empty(width, np.int32)
    rank[order] = np.arange(width, dtype=np.int32)
    return rank
