"""Vectors of documents, which are trained without labels, or guided by them (DV-ngrams)."""

import hashlib
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Self

import numpy as np
from numpy.typing import NDArray

from unspool.candidates.texts import vector_heads
from unspool.candidates.texts.arithmetic import ARITHMETIC, Floats, Task
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


@dataclass(frozen=True)
class VectorTraining:
    """A vector for each text that predicts its n-grams of words, for linear models over vectors.

    If there are classes or labels, informative n-grams are sampled more often in training. If there are also texts
    without labels, and few with labels, vectors are instead trained once on all texts, without any label, and shared by
    all folds of a cross-validation: held-out texts are read, but never their labels.

    Vectors are inferred in two ways (`INFERENCES`), and cross-validation of a regression decides which is used.

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
            choose the inference and a linear model; None draws them at random.
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
    def settings(self) -> tuple[int, ...]:
        """What decides, with the texts and the seed, what is trained."""
        return self.width, self.longest, self.least, self.epochs, self.by_labels, id(self.unlabelled)

    @property
    def learns_once(self) -> bool:
        """Whether all folds of a cross-validation share the vectors, as these do not depend on labels."""
        return len(self.unlabelled) > 0 and not self.by_labels

    def trained(self, corpus: Corpus, wanted: Floats, task: Task, seed: int) -> "TrainedVectors":
        """Train vectors of n-grams, and infer those of texts; the corpus keeps them for the next model.

        Args:
            corpus: N texts.
            wanted: (N, K), from `targets.columns`; numbers standardised.
            task: what they are of.
            seed: of everything random.
        """
        key = "vectors", seed, *self.settings
        if not self.learns_once:
            labels = task, hashlib.sha256(wanted.tobytes()).digest()
            return corpus.own((*key, *labels), lambda: self._guided(corpus, wanted, task, seed))
        shared = corpus.kept(key, partial(self._without_labels, seed=seed), _take)
        rows = np.arange(len(corpus))
        scaled = [StandardisedVectors.of(vectors, others) for vectors, others in shared.vectors]
        best = self._choice([one.given for one in scaled], rows, wanted, task, seed)
        return TrainedVectors(shared.reader, shared.model, INFERENCES[best], rows, scaled[best])

    def _choice(self, alternatives: list[Floats], rows: Rows, wanted: Floats, task: Task, seed: int) -> int:
        return vector_heads.choice(alternatives, wanted[rows], task, self.c, seed, *self.among(rows))

    def among(self, rows: Rows) -> tuple[list[tuple[Rows, Rows]] | None, NDArray[np.int64] | None]:
        """The parts and the groups of some of the texts."""
        return self.parts and vector_heads.among(rows, self.parts), None if self.groups is None else self.groups[rows]

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

    def _guided(self, corpus: Corpus, wanted: Floats, task: Task, seed: int) -> "TrainedVectors":
        """Train vectors on all texts, guided by labels, and infer those of at most `_REGRESSED` labelled texts."""
        began = time.perf_counter()
        every = Corpus([*corpus, *self.unlabelled]) if self.unlabelled else corpus
        least, epochs = self._least_and_epochs(len(every)) if self.unlabelled else (self.least, self.epochs)
        reader = NGramReader.find(NGrams("words", 1, self.longest, least), every)
        grams = occurrences(reader, every)
        labelled = grams.take(np.arange(len(corpus))) if self.unlabelled else grams
        keep = self._kept(labelled, wanted, task, sum(reader.widths))
        model = self._train(grams, keep, epochs, seed, _GUIDED_NEGATIVES)
        drawn = np.random.default_rng(seed).permutation(len(corpus))[:_REGRESSED]
        some, rows = np.sort(drawn[: vector_heads.COMPARED]), np.sort(drawn)
        compared = [StandardisedVectors.of(vectors_of(model, grams.take(some), how)) for how in INFERENCES]
        best = self._choice([one.given for one in compared], some, wanted, task, seed)
        vectors = compared[best]
        if len(some) < len(rows):
            vectors = StandardisedVectors.of(vectors_of(model, grams.take(rows), INFERENCES[best]))
        return TrainedVectors(reader, model, INFERENCES[best], rows, vectors, time.perf_counter() - began)

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
class StandardisedVectors:
    """Vectors of texts, less their mean and over their standard deviation.

    Attributes:
        given: (N, D) of texts with a label.
        unlabelled: (M, D) of others.
        center: (D,) the mean of both.
        spread: (D,) the standard deviation.
    """

    given: Floats
    unlabelled: Floats
    center: Floats
    spread: Floats

    @classmethod
    def of(cls, vectors: NDArray[np.float32], others: NDArray[np.float32] | None = None) -> Self:
        """Standardise (N, D) vectors of texts with a label, and (M, D) of others, if there are any."""
        known = (vectors if others is None else np.concatenate((vectors, others))).astype(np.float64)
        center, spread = known.mean(axis=0), known.std(axis=0)
        spread[spread == 0] = 1
        given, unlabelled = np.split((known - center) / spread, [len(vectors)])
        return cls(given, unlabelled, center, spread)


@dataclass(frozen=True, eq=False)
class TrainedVectors:
    """Vectors of n-grams, and of texts that a linear model is to be fitted to.

    Attributes:
        reader: of n-grams.
        model: the vectors of n-grams.
        inference: how vectors of texts are inferred.
        rows: (N,), ascending, of the labelled texts whose vectors follow.
        vectors: of these texts, and of some without a label.
        seconds: that training took, perhaps for another model; 0 if all folds share it.
    """

    reader: NGramReader
    model: GramVectors
    inference: Inference
    rows: Rows
    vectors: StandardisedVectors
    seconds: float = 0.0

    def of(self, texts: Corpus) -> NDArray[np.float32]:
        """(L, D) standardised vectors of the texts that the vectors were trained on, as float32: there may be many."""
        found = np.empty((len(texts), len(self.vectors.center)), np.float32)
        found[self.rows] = self.vectors.given
        others = np.setdiff1d(np.arange(len(texts)), self.rows)
        if len(others):
            new = vectors_of(self.model, occurrences(self.reader, texts.take(others)), self.inference)
            found[others] = (new - self.vectors.center) / self.vectors.spread
        return found


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
