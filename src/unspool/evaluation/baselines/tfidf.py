"""Texts as the TF-IDF of their words and pairs of words, for a linear model to stand on, in little memory."""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from unspool.candidates.texts.word_pairs import Tokenize, WordPairs
from unspool.errors import UserError

if TYPE_CHECKING:
    from sklearn.feature_extraction.text import TfidfTransformer

# Leaving out what occurs in one text only keeps the vocabulary of a large collection in bounds; a small one can spare
# nothing.
_FEW_TEXTS = 1000
MOST_TEXTS = 50_000
"""Training texts that a linear model is fitted to. Of more, so many are drawn: its words and pairs lie in memory."""
_CHUNK = 5000


def parameters() -> str:
    """Return the settings that decide which features there are, for the key of a cache."""
    return f"few={_FEW_TEXTS} most={MOST_TEXTS}"


def drawn(count: int) -> NDArray[np.int64]:
    """Return the rows of N training texts that a linear model is fitted to: all, or the same `MOST_TEXTS` of them."""
    if count <= MOST_TEXTS:
        return np.arange(count)
    return np.sort(np.random.RandomState(0).choice(count, MOST_TEXTS, replace=False))


def drawn_words(count: int) -> str:
    """Say how many of N training texts `drawn` returns, to append to a title; empty if it returns all.

    Example:
        >>> drawn_words(900_000)
        ', fitted on 50,000 of 900,000 training texts'
    """
    return f", fitted on {MOST_TEXTS:,} of {count:,} training texts" if count > MOST_TEXTS else ""


def picked(texts: Iterable[str], rows: NDArray[np.int64]) -> list[str]:
    """Read all texts and keep those at `rows`.

    Example:
        >>> picked(iter("abc"), np.array([0, 2]))
        ['a', 'c']
    """
    kept = set(rows.tolist())
    return [text for row, text in enumerate(texts) if row in kept]


def in_chunks(say: Callable[[list[str]], NDArray[np.float64]], texts: Iterable[str]) -> NDArray[np.float64]:
    """Predict texts a few thousand at a time, as the features of all together would fill the memory."""
    stream, found = iter(texts), []
    while some := list(islice(stream, _CHUNK)):
        found.append(say(some))
    return np.concatenate(found)


class Features:
    """Turns texts into features: see `tfidf_features`."""

    def __init__(self, pairs: WordPairs, weights: "TfidfTransformer"):
        self._pairs, self._weights = pairs, weights

    def transform(self, texts: list[str]) -> Any:
        """(N, F) sparse."""
        return self._weights.transform(self._pairs.read(texts), copy=False)


def tfidf_features(train_texts: list[str], tokenize: Tokenize) -> tuple[Features, Any]:
    """Fit the TF-IDF of words and pairs of neighbouring words, as scikit-learn's TfidfVectorizer does.

    Counts enter as 1 + log(count), rows have length one, words and pairs in one training text only are left out
    (where there are at least 1,000 texts, and not all are: a list of names has no word twice).

    Returns:
        What turns texts into features, and the features of the training texts.

    Raises:
        UserError: no word is left.

    Source: G. Salton and C. Buckley, "Term-weighting approaches in automatic text retrieval", Information Processing
    and Management 24 (1988), 513-523; S. Wang and C. Manning, "Baselines and bigrams", ACL 2012, for how far pairs of
    words take a linear model.
    """
    from sklearn.feature_extraction.text import TfidfTransformer

    for least in (2, 1) if len(train_texts) >= _FEW_TEXTS else (1,):
        pairs, counts = WordPairs.fit(train_texts, tokenize, least)
        if pairs.names:
            weights = TfidfTransformer(sublinear_tf=True).fit(counts)
            return Features(pairs, weights), weights.transform(counts, copy=False)
    raise UserError("The TF-IDF baseline finds no words to learn from in the training texts.")
