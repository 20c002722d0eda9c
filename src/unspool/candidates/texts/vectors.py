"""Linear models over vectors of documents, which are trained without labels, or guided by them (DV-ngrams)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from unspool.candidates import model_files
from unspool.candidates.texts import storage, targets, vector_heads
from unspool.candidates.texts.arithmetic import ARITHMETIC, Floats, Task
from unspool.candidates.texts.candidate import FittedTexts
from unspool.candidates.texts.corpus import Corpus
from unspool.candidates.texts.count_matrix import CountMatrix
from unspool.candidates.texts.folds import Rows
from unspool.candidates.texts.ngram_features import NGramReader, NGrams
from unspool.candidates.texts.weighting import column_weights
from unspool.data.ragged import Ragged
from unspool.data.tokenizers.lexicon import in_batches
from unspool.kernels import document_vectors
from unspool.kernels.document_vectors import LANES, GramVectors
from unspool.kernels.plain import aligned_zeros

WIDTH_STEP = LANES  # the width of vectors is a multiple of it
_START = 0.1  # vectors of documents are uniform from minus this to this
_POWER = 0.75  # of how often an n-gram is used, in drawing negatives (Mikolov et al., 2013)
_DRAWN = 1 << 20  # at least one each, and so many in all
_LEAST_KEPT, _KEPT_BY_RATIO = 0.25, 1.5
_GUIDED_NEGATIVES = 3  # per n-gram in training, if labels decide how often n-grams are used (see LOG.md)
_REGRESSED = 10_000  # texts to whose vectors the linear model is fitted, at most
_SHARED = 10_000  # texts without a label that the linear model learns from, besides the vectors
_MANY_TEXTS, _LEAST_OF_MANY, _EPOCHS_OF_MANY = 30_000, 10, 6
_CHARACTERS_A_SECOND = 4_000_000  # that training on texts reads in all epochs together, roughly, on one core


@dataclass(frozen=True)
class Inference:
    """How the vector of a text is inferred.

    Attributes:
        rate: of the first step.
        epochs: how often the text is read, 1 to 100.
    """

    rate: float = GramVectors.rate
    epochs: int = 5

    def __post_init__(self) -> None:
        if type(self.epochs) is not int or not (0 < self.rate <= 1 and 1 <= self.epochs <= 100):
            raise ValueError(f"vectors cannot be inferred at rate {self.rate} in {self.epochs} epochs")


USUAL = Inference()
INFERENCES = (USUAL, Inference(rate=0.03, epochs=3))
"""Those that are compared. The second takes smaller and fewer steps, which suit long texts: with so many n-grams, the
usual steps fit the vector to the words that happen to occur (see LOG.md)."""


def inference_of(plain: dict[str, Any]) -> dict[str, Any]:
    """All settings of the inference in a model's plain state, for exported models."""
    return {
        "negatives": GramVectors.negatives,
        "last_rate": GramVectors.last_rate,
        "seed": 0,
        **plain.get("inference", vars(USUAL)),
    }


@dataclass(frozen=True)
class VectorTexts:
    """A vector for each text that predicts its n-grams of words, and a logistic or ridge regression on the vectors.

    If there are classes or labels, informative n-grams are sampled more often in training. If there are also texts
    without labels, and few with labels, vectors are instead trained once on all texts, without any label, and shared by
    all folds of a cross-validation: held-out texts are read, but never their labels. The linear model may then be a
    discriminant that learns from unlabelled texts too, see `vector_heads.best`.

    Vectors are inferred in two ways (`INFERENCES`), and cross-validation of the regression decides which is used.

    Attributes:
        name: of the candidate.
        cost: relative to that of reading the texts.
        width: numbers in a vector.
        longest: words in the longest n-grams.
        least: how many texts an n-gram must occur in.
        epochs: how often each text is read.
        c: inverse of the penalty of the regression.
        unlabelled: texts without labels to learn from as well.
        by_labels: whether labels decide how often an n-gram is sampled even if there are unlabelled texts; then each
            fold of a cross-validation trains its own vectors, on its training texts and the unlabelled ones.
        parts: of the texts that it will be fitted to: for each fold the rows to fit to and those to hold out, to
            choose the inference and the linear model; None draws them at random.
        groups: (N,) of the texts that it will be fitted to, see `clearly_gains`; or None.
    """

    name: str
    cost: float
    width: int = 96
    longest: int = 3
    least: int = 4
    epochs: int = 8
    c: float = 0.01
    unlabelled: Sequence[str] = ()
    by_labels: bool = False
    parts: list[tuple[Rows, Rows]] | None = field(default=None, repr=False, compare=False)
    groups: NDArray[np.int64] | None = field(default=None, repr=False, compare=False)

    @property
    def learns_once(self) -> bool:
        """Whether all folds of a cross-validation share the vectors, as these do not depend on labels."""
        return len(self.unlabelled) > 0 and not self.by_labels

    def fit(
        self, texts: Iterable[str], target: ArrayLike, task: Task, seed: int = 0, *, classes: int | None = None
    ) -> "FittedVectorTexts":
        """Train vectors, then fit the regression to the inferred vectors of the training texts, or of a sample.

        Arguments as of `TextCandidate.fit`.
        """
        corpus = Corpus.of(texts)
        wanted = targets.columns(target, task, classes)
        units = ARITHMETIC[task].units(wanted)
        parts, groups = self.parts, self.groups
        if self.learns_once:
            key = ("vectors", self.width, self.longest, self.least, self.epochs, seed, id(self.unlabelled))
            shared = corpus.kept(key, partial(self._without_labels, seed=seed), _take)
            reader, model, found = shared.reader, shared.model, shared.vectors
        else:
            every = Corpus([*corpus, *self.unlabelled]) if self.unlabelled else corpus
            least, epochs = self._least_and_epochs(len(every)) if self.unlabelled else (self.least, self.epochs)
            reader = NGramReader.find(NGrams("words", 1, self.longest, least), every)
            grams = occurrences(reader, every)
            labelled = grams.take(np.arange(len(corpus))) if self.unlabelled else grams
            keep = self._kept(labelled, wanted, task, sum(reader.widths))
            model = self._train(grams, keep, epochs, seed, _GUIDED_NEGATIVES)
            shown = np.sort(np.random.default_rng(seed).permutation(len(corpus))[:_REGRESSED])
            each = [vectors_of(model, grams.take(shown), how) for how in INFERENCES]
            found = tuple((vectors, vectors[:0]) for vectors in each)
            wanted, groups = wanted[shown], None if groups is None else groups[shown]
            parts = parts and vector_heads.among(shown, parts)
        wanted = (wanted - units[0]) / units[1]
        scaled = [_Standardised.of(vectors, others) for vectors, others in found]
        best = vector_heads.choice([one.given for one in scaled], wanted, task, self.c, seed, parts, groups)
        one = scaled[best]
        weights = vector_heads.best(one.given, one.unlabelled, wanted, task, self.c, seed, parts, groups)
        return FittedVectorTexts(
            self.name, task, reader, model, one.center, one.spread, weights, units, INFERENCES[best]
        )

    def seconds_of(self, texts: Sequence[str]) -> float:
        """The seconds that training on these texts and the unlabelled ones probably takes."""
        _, epochs = self._least_and_epochs(len(texts) + len(self.unlabelled))
        return epochs * (sum(map(len, texts)) + sum(map(len, self.unlabelled))) / _CHARACTERS_A_SECOND

    def without_labels(self, texts: Iterable[str], seed: int = 0) -> tuple[NGramReader, Ragged, GramVectors]:
        """Train vectors on texts without labels; return the reader of n-grams, the texts' n-grams, and the vectors."""
        corpus = Corpus.of(texts)
        least, epochs = self._least_and_epochs(len(corpus))
        reader = NGramReader.find(NGrams("words", 1, self.longest, least), corpus)
        grams = occurrences(reader, corpus)
        return reader, grams, self._train(grams, np.ones(sum(reader.widths), np.float32), epochs, seed)

    def _without_labels(self, labelled: Corpus, seed: int) -> "_Shared":
        """Train vectors on all texts, and infer those of the labelled texts and of some unlabelled ones."""
        reader, grams, model = self.without_labels([*labelled, *self.unlabelled], seed)
        drawn = np.random.default_rng(seed).permutation(len(self.unlabelled))[:_SHARED]
        shown = grams.take(np.concatenate((np.arange(len(labelled)), len(labelled) + np.sort(drawn))))
        each = [vectors_of(model, shown, how) for how in INFERENCES]
        return _Shared(reader, model, tuple((one[: len(labelled)], one[len(labelled) :]) for one in each))

    def _least_and_epochs(self, count: int) -> tuple[int, int]:
        """How many of `count` texts an n-gram must occur in, and how often each text is read."""
        return (_LEAST_OF_MANY, _EPOCHS_OF_MANY) if count > _MANY_TEXTS else (self.least, self.epochs)

    def _train(
        self,
        grams: Ragged,
        keep: NDArray[np.float32],
        epochs: int,
        seed: int,
        negatives: int = GramVectors.training_negatives,
    ) -> GramVectors:
        random, count = np.random.default_rng(seed), len(keep)
        used = (np.bincount(grams.flat, minlength=count) * keep) ** _POWER
        shares = np.maximum(np.rint(used / max(float(used.sum()), 1e-9) * _DRAWN), 1).astype(np.int64)
        drawn = np.repeat(np.arange(count, dtype=np.int32), shares)
        model = GramVectors(aligned_zeros(count, self.width), keep, drawn, training_negatives=negatives)
        documents = random.uniform(-_START, _START, (len(grams), self.width)).astype(np.float32)
        stream = int(random.integers(2**62))
        for epoch in range(epochs):
            document_vectors.train(
                model,
                grams,
                documents,
                random.permutation(len(grams)),
                first=epoch * len(grams),
                steps=epochs * len(grams),
                seed=stream,
            )
        return model

    def _kept(self, grams: Ragged, wanted: Floats, task: Task, count: int) -> NDArray[np.float32]:
        if ARITHMETIC[task].numbers:
            return np.ones(count, np.float32)
        counts = CountMatrix()
        counts.add(grams.flat, grams.offsets, count)
        ratios = np.abs(column_weights(counts.joined(), wanted, "nb", 0)).max(axis=1)
        return np.asarray(np.clip(_KEPT_BY_RATIO * ratios, _LEAST_KEPT, 1), np.float32)


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


@dataclass(frozen=True, eq=False)
class _Shared:
    """What is trained without labels.

    Attributes:
        reader: of n-grams.
        model: the vectors of n-grams.
        vectors: for each of `INFERENCES`, (N, D) of the labelled texts and (M, D) of others.
    """

    reader: NGramReader
    model: GramVectors
    vectors: tuple[tuple[NDArray[np.float32], NDArray[np.float32]], ...]


def _take(shared: _Shared, rows: NDArray[np.int64]) -> _Shared:
    return replace(shared, vectors=tuple((labelled[rows], others) for labelled, others in shared.vectors))


@dataclass(frozen=True, eq=False)
class _Standardised:
    """Vectors of texts with and without a label, less the mean of both and over their spread, (D,) each."""

    given: Floats
    unlabelled: Floats
    center: Floats
    spread: Floats

    @classmethod
    def of(cls, vectors: NDArray[np.float32], others: NDArray[np.float32]) -> Self:
        known = np.concatenate((vectors, others)).astype(np.float64)
        center, spread = known.mean(axis=0), known.std(axis=0)
        spread[spread == 0] = 1
        given, unlabelled = np.split((known - center) / spread, [len(vectors)])
        return cls(given, unlabelled, center, spread)


def vectors_of(model: GramVectors, grams: Ragged, how: Inference = USUAL) -> NDArray[np.float32]:
    """(N, D), the vectors of texts, given as n-grams (`occurrences`), each inferred independently."""
    return document_vectors.infer(replace(model, rate=how.rate), grams, epochs=how.epochs, seed=0)


def occurrences(reader: NGramReader, texts: Iterable[str]) -> Ragged:
    """All occurrences of n-grams in texts, ordered by their first word, and from short to long.

    Example:
        >>> reader, _ = NGramReader.fit(NGrams("words", 1, 2, least=1), ["a b"])
        >>> occurrences(reader, ["a b", "b c"]).tolist()
        [[0, 2, 1], [1]]
    """
    before = np.cumsum([0, *reader.widths[:-1]]).astype(np.int32)
    flats, lengths = [np.empty(0, np.int32)], [np.empty(0, np.int64)]
    for some in in_batches(texts):
        found, offsets = reader.places(some)
        columns = [np.where(grams < 0, grams, grams + start) for grams, start in zip(found, before, strict=True)]
        flat = np.stack(columns, axis=1).reshape(-1)
        kept = flat >= 0
        flats.append(flat[kept])
        lengths.append(np.diff(np.concatenate((np.zeros(1, np.int64), np.cumsum(kept)))[offsets * len(found)]))
    return Ragged.from_lengths(np.concatenate(flats), np.concatenate(lengths))


VECTORS = VectorTexts("vectors", 8.0)
