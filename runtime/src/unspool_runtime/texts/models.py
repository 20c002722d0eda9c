"""The models of texts: linear and trees over n-grams, convolutions, document vectors, language models, and others."""

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from unspool_runtime.characters import Characters
from unspool_runtime.node import Node
from unspool_runtime.ragged import sums
from unspool_runtime.series.heads import Trees
from unspool_runtime.texts.columns import cells_of, read_columns
from unspool_runtime.texts.convolution import Convolution
from unspool_runtime.texts.language_model import LanguageModelTexts
from unspool_runtime.texts.lexicon import TokenNumbers
from unspool_runtime.texts.ngrams import NGrams
from unspool_runtime.texts.vectors import Vectors

Floats = NDArray[np.float64]
_AT_ONCE = 4096  # texts whose counts are in memory at a time
_SURE = 1e-3  # the least that a probability of trees can be


class TextModel(Protocol):
    """What every model of texts can do."""

    def scores(self, texts: list[str]) -> Floats:
        """(N, K) log-odds, logits or numbers."""


Beside = tuple[int, int]
"""How many columns of numbers and of categories stand beside a text."""


def read_text_model(node: Node, characters: Characters, width: int, beside: Beside = (0, 0)) -> TextModel:
    """Read a model of texts from a description.

    Args:
        node: its description.
        characters: how texts beyond ASCII are split.
        width: K, scores of a text.
        beside: columns; where there are some, texts are `TextRow`.

    Raises:
        ModelError: it is damaged, or of a kind that this version does not know.
    """
    makers: dict[str, Callable[[], TextModel]] = {
        "linear texts": lambda: LinearTexts(node, characters, width, beside),
        "convolution texts": lambda: ConvolutionTexts(node, characters, width),
        "vector texts": lambda: VectorTexts(node, characters, width),
        "language model texts": lambda: LanguageModelTexts(node, characters, width),
        "tree texts": lambda: TreeTexts(node, characters, width, beside),
        "column trees": lambda: TreeTexts(node, characters, width, beside),  # of older models, columns alone
        "blend texts": lambda: BlendTexts(node, characters, width, beside),
    }
    return makers[node.choice("kind", *makers)]()


class LinearTexts:
    """A linear model of which n-grams occur in a text, and of the columns beside it.

    The values of each kind of n-grams have length 1 together, except for "counts".
    """

    def __init__(self, node: Node, characters: Characters, width: int, beside: Beside):
        self._weighting = node.choice("weighting", "nb", "tfidf", "counts")
        self._blocks = []
        for block in node.nodes("blocks"):
            ngrams = NGrams(block, characters)
            coefficients = block.array("coefficients", np.float32, ngrams.width, width)
            weights = block.array("weights", np.float32, ngrams.width, None)
            if weights.shape[1] not in (1, width):
                raise block.wrong("the weights do not fit the scores")
            self._blocks.append((ngrams, weights, coefficients))
        self._columns = read_columns(node.node("columns"), beside) if node.has("columns") else None
        if self._columns is not None:
            self._of_columns = node.array("column_coefficients", np.float64, self._columns.width, width)
        self._constant = node.array("constant", np.float64, width)
        self._scale = node.array("scale", np.float64, 2, width)

    def scores(self, texts: list[str]) -> Floats:
        """(N, K)."""
        total = np.zeros((len(texts), len(self._constant)))
        for ngrams, weights, coefficients in self._blocks:
            products, squares = np.zeros_like(total), np.zeros((len(texts), weights.shape[1]))
            for level in ngrams.count(texts):
                weight = weights[level.columns].astype(np.float64)
                values = weight * coefficients[level.columns]
                if self._weighting != "nb":
                    data = level.counts.astype(np.float32)
                    if self._weighting == "tfidf":
                        data = 1 + np.log(data)
                    times = data.astype(np.float64)[:, None]
                    values, weight = values * times, weight * times
                products += sums(values, level.rows)
                squares += sums(weight**2, level.rows)
            norms = np.ones_like(squares) if self._weighting == "counts" else np.sqrt(squares)
            total += products / np.where(norms == 0, 1, norms) / np.sqrt(len(self._blocks))
        if self._columns is not None:
            # A sum of its own for each text: a matrix product's bits may depend on how many there are.
            encoded = self._columns.encode(cells_of(texts)).astype(np.float64)
            total += np.array([row @ self._of_columns for row in encoded])
        scores: Floats = (total + self._constant) * self._scale[0] + self._scale[1]
        return scores


class TreeTexts:
    """Trees over counts of n-grams, and over the columns beside a text."""

    def __init__(self, node: Node, characters: Characters, width: int, beside: Beside):
        self._ngrams = NGrams(node.node("ngrams"), characters) if node.has("ngrams") else None
        self._columns = read_columns(node.node("columns"), beside) if node.has("columns") else None
        features = 0 if self._ngrams is None else self._ngrams.width + 1
        features += 0 if self._columns is None else self._columns.width
        self._trees = Trees(node.node("trees"), width, features)
        self._link, self._factor = node.choice("link", "logit", "log", "identity"), node.number("factor")

    def scores(self, texts: list[str]) -> Floats:
        """(N, K)."""
        found = [self._scores(texts[first : first + _AT_ONCE]) for first in range(0, max(len(texts), 1), _AT_ONCE)]
        return np.concatenate(found)

    def _scores(self, texts: list[str]) -> Floats:
        features = np.zeros((len(texts), 0), np.float32)
        if self._ngrams is not None:
            features = _counts(self._ngrams, texts)
        if self._columns is not None:
            features = np.concatenate((features, self._columns.encode(cells_of(texts))), axis=1)
        means = self._trees(features)
        if self._link == "logit":
            means = np.clip(means, _SURE, 1 - _SURE)
            means = np.log(means / (1 - means))
        elif self._link == "log":
            means = np.log(np.maximum(means, _SURE))
        scores: Floats = means * self._factor
        return scores


def _counts(ngrams: NGrams, texts: list[str]) -> NDArray[np.float32]:
    """(N, F + 1): how often each n-gram occurs, and the sum of these counts for the shortest length."""
    found = np.zeros((len(texts), ngrams.width + 1), np.float32)
    for level in ngrams.count(texts):
        found[np.repeat(np.arange(len(texts)), np.diff(level.rows)), level.columns] = level.counts
    found[:, -1] = found[:, : ngrams.widths[0]].sum(axis=1)
    return found


class ConvolutionTexts:
    """The mean of several convolutions over the words or characters of a text."""

    def __init__(self, node: Node, characters: Characters, width: int):
        self._tokens = TokenNumbers(node, characters)
        self._members = [Convolution(one, max(self._tokens.size, 1), width) for one in node.nodes("members")]
        if not self._members:
            raise node.wrong("there is no member")
        self._units = node.array("units", np.float64, 2, 1)

    def scores(self, texts: list[str]) -> Floats:
        """(N, K)."""
        read = self._tokens.read(texts)
        found = [one(read).astype(np.float64) * self._units[1] + self._units[0] for one in self._members]
        total: Floats = sum(found[1:], found[0])
        return np.asarray(total / len(found))


class VectorTexts:
    """A linear model over vectors that tell which n-grams occur in a text."""

    def __init__(self, node: Node, characters: Characters, width: int):
        self._ngrams = NGrams(node.node("ngrams"), characters)
        self._vectors = Vectors(node, self._ngrams.width)
        size = self._vectors.width
        self._center, self._spread = node.array("center", np.float64, size), node.array("spread", np.float64, size)
        self._weights = node.array("weights", np.float64, size + 1, width)
        self._units = node.array("units", np.float64, 2, 1)

    def scores(self, texts: list[str]) -> Floats:
        """(N, K)."""
        vectors = (self._vectors(self._ngrams.occurrences(texts)) - self._center) / self._spread
        rows = vectors.astype(np.float32).astype(np.float64)
        # A sum of its own for each text: a matrix product's bits may depend on how many there are.
        found = np.array([row @ self._weights[:-1] for row in rows]).reshape(len(rows), self._weights.shape[1])
        scores: Floats = (found + self._weights[-1]) * self._units[1] + self._units[0]
        return scores


class BlendTexts:
    """The sum of the scores of several models, each times its factor."""

    def __init__(self, node: Node, characters: Characters, width: int, beside: Beside):
        self._parts = [read_text_model(one, characters, width, beside) for one in node.nodes("parts")]
        self._factors = node.array("factors", np.float64, len(self._parts))
        if not self._parts:
            raise node.wrong("there is no part")

    def scores(self, texts: list[str]) -> Floats:
        """(N, K)."""
        total: Floats = self._factors[0] * self._parts[0].scores(texts)
        for factor, part in zip(self._factors[1:], self._parts[1:], strict=True):
            total = total + factor * part.scores(texts)
        return total
