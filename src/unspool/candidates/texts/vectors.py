"""Linear models over vectors of documents."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from unspool.candidates import model_files
from unspool.candidates.texts import storage, targets, vector_heads
from unspool.candidates.texts.arithmetic import ARITHMETIC, Floats, Task
from unspool.candidates.texts.candidate import FittedTexts
from unspool.candidates.texts.corpus import Corpus
from unspool.candidates.texts.ngram_features import NGramReader, NGrams
from unspool.candidates.texts.vector_training import USUAL, Inference, VectorTraining, occurrences, vectors_of
from unspool.data.ragged import Ragged
from unspool.kernels import document_vectors
from unspool.kernels.document_vectors import GramVectors

_NO_UNITS = np.array([[0.0], [1.0]])


@dataclass(frozen=True)
class VectorTexts(VectorTraining):
    """A logistic or ridge regression over the vectors of texts, see `VectorTraining`.

    If the vectors were trained once on texts with and without labels, the linear model may be a discriminant that
    learns from unlabelled texts too, see `vector_heads.best`.
    """

    def fit(
        self, texts: Iterable[str], target: ArrayLike, task: Task, seed: int = 0, *, classes: int | None = None
    ) -> "FittedVectorTexts":
        """Train vectors, then fit the regression to the inferred vectors of the training texts, or of a sample.

        Arguments as of `TextCandidate.fit`.
        """
        corpus = Corpus.of(texts)
        wanted = targets.columns(target, task, classes)
        units = ARITHMETIC[task].units(wanted)
        wanted = (wanted - units[0]) / units[1]
        found = self.trained(corpus, wanted, task, seed)
        of, (parts, groups) = found.vectors, self.among(found.rows)
        weights = vector_heads.best(of.given, of.unlabelled, wanted[found.rows], task, self.c, seed, parts, groups)
        return FittedVectorTexts(
            self.name, task, found.reader, found.model, of.center, of.spread, weights, units, found.inference
        )


class FittedVectorTexts(FittedTexts):
    """Vectors of n-grams, and a linear model over the vectors of documents.

    Attributes:
        name: of the candidate.
        task: what it predicts.

    Example:
        >>> few = VectorTexts("small", 1.0, width=16, longest=1, least=1, epochs=20, c=1.0)
        >>> texts = ["good fine nice fine good", "bad dull poor bad dull"] * 20
        >>> model = few.fit(texts, [1, 0] * 20, "binary")
        >>> (model.outputs(["fine nice good", "poor dull bad"]) > 0.5).tolist()
        [True, False]
    """

    kind = "vectors"

    def __init__(
        self,
        name: str,
        task: Task,
        reader: NGramReader,
        model: GramVectors,
        center: Floats,
        spread: Floats,
        weights: Floats,
        units: Floats,
        inference: Inference = USUAL,
    ):
        self.name, self.task, self._reader, self._model, self._inference = name, task, reader, model, inference
        self._center, self._spread, self._weights, self._units = center, spread, weights, units

    def vectors(self, texts: Iterable[str]) -> NDArray[np.float32]:
        """(N, D), the vectors of texts, each inferred independently."""
        return vectors_of(self._model, occurrences(self._reader, texts), self._inference)

    def scores(self, texts: Iterable[str]) -> Floats:
        """(N, K) log-odds, logits or numbers: see `Arithmetic`."""
        vectors = ((self.vectors(texts) - self._center) / self._spread).astype(np.float32).astype(np.float64)
        # A sum of its own for each text: a matrix product's bits may depend on how many there are.
        found = np.array([row @ self._weights[:-1] for row in vectors]).reshape(len(vectors), self._weights.shape[1])
        return np.asarray((found + self._weights[-1]) * self._units[1] + self._units[0])

    def shares(self, text: str) -> "tuple[NDArray[np.int64], NDArray[np.int64], Floats]":
        """What each of the G n-grams in a text adds to the scores of an empty text.

        This is by how much it moves the text's vector along the weights during inference.

        Returns:
            (G,) the index of the first word of each, (G,) its number of words, (G, K) what it adds.
        """
        found, _ = self._reader.places([text])
        columns, before = np.stack(found, axis=1), np.cumsum([0, *self._reader.widths[:-1]])
        starts, sizes = np.nonzero(columns >= 0)
        grams = (columns + before)[starts, sizes].astype(np.int32)
        model = replace(self._model, rate=self._inference.rate)
        moves = document_vectors.moves(model, grams, epochs=self._inference.epochs, seed=0)
        added = (moves / self._spread) @ self._weights[:-1] * self._units[1]
        return starts, sizes + self._reader.ngrams.shortest, np.asarray(added)

    def shares_vectors(self, other: "FittedVectorTexts") -> bool:
        """Whether another model was fitted to the same vectors."""
        return (
            self._model is other._model
            and self._inference == other._inference
            and np.array_equal(self._center, other._center)
            and np.array_equal(self._spread, other._spread)
        )

    def plus(self, other: "FittedVectorTexts", factors: tuple[float, float]) -> "FittedVectorTexts":
        """A model that gives the sum of both models' scores, each times its factor; they must share their vectors."""
        weights = np.zeros_like(self._weights)
        for factor, one in zip(factors, (self, other), strict=True):
            weights += factor * one._weights * one._units[1]
            weights[-1] += factor * one._units[0]
        given = self._reader, self._model, self._center, self._spread, weights, _NO_UNITS
        return FittedVectorTexts(self.name, self.task, *given, self._inference)

    def rescale(self, factor: float) -> None:
        """Multiply all later scores by a factor."""
        self._units = self._units * factor

    def shift(self, by: Floats) -> None:
        """Add (K,) numbers to all later scores."""
        self._weights = np.concatenate((self._weights[:-1], self._weights[-1:] + by / self._units[1]))

    def state(self) -> tuple[dict[str, Any], storage.Arrays]:
        """All that `from_state` needs: plain values, and arrays by name."""
        plain = {
            "kind": self.kind,
            "name": self.name,
            "task": self.task,
            "ngrams": vars(self._reader.ngrams),
            "inference": vars(self._inference),
        }
        arrays: storage.Arrays = {
            "vectors": self._model.vectors,
            "keep": self._model.keep,
            "drawn": self._model.drawn,
            "center": self._center,
            "spread": self._spread,
            "weights": self._weights,
            "units": self._units,
        }
        return plain, arrays | model_files.prefixed(self._reader.arrays(), "reader_")

    @classmethod
    def from_state(cls, plain: dict[str, Any], arrays: storage.Arrays) -> Self:
        """Make a model of what `state` gave."""
        reader = NGramReader.from_arrays(NGrams(**plain["ngrams"]), model_files.unprefixed(arrays, "reader_"))
        model = GramVectors(arrays["vectors"], arrays["keep"], arrays["drawn"])
        model.check(Ragged.from_sequences([]))
        center, spread, weights, units = linear = [arrays[name] for name in ("center", "spread", "weights", "units")]
        width = model.vectors.shape[1]
        if len(model.vectors) != sum(reader.widths) or [len(one) for one in linear] != [width, width, width + 1, 2]:
            raise ValueError("the vectors do not fit the n-grams, or the regression")
        how = Inference(**plain.get("inference", {}))  # those of earlier versions were all inferred as usual
        return cls(plain["name"], plain["task"], reader, model, center, spread, weights, units, how)


def inference_of(plain: dict[str, Any]) -> dict[str, Any]:
    """All settings of the inference in a model's plain state, for exported models."""
    return {
        "negatives": GramVectors.negatives,
        "last_rate": GramVectors.last_rate,
        "seed": 0,
        **plain.get("inference", vars(USUAL)),
    }


VECTORS = VectorTexts("vectors", 8.0)
