"""Convolutional networks over words or characters with max-pooling over the text (Johnson and Zhang, 2015)."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from unspool.candidates.texts import storage, targets
from unspool.candidates.texts.arithmetic import ARITHMETIC, Floats, Task
from unspool.candidates.texts.candidate import UNLIMITED, FittedTexts, Limits
from unspool.candidates.texts.corpus import Corpus, characters
from unspool.candidates.texts.vocabulary import Unit, Vocabulary
from unspool.cores import in_parallel
from unspool.data.ragged import Ragged
from unspool.kernels import word_convolution as kernel
from unspool.kernels.word_convolution_reference import shares
from unspool.kernels.word_convolution_weights import LANES, Floats32, Loss, Training, Weights, first_vectors

_FIRST_SQUARES = 1e-3
_TEXTS = 1024  # read at a time
_LARGEST = 1 << 28  # numbers that may be drawn again for a file, which has a bit for each


@dataclass(frozen=True)
class ConvolutionTexts:
    """An ensemble of such networks with different seeds, whose scores are averaged.

    Attributes:
        name: of the candidate.
        cost: relative to that of reading the texts.
        of: "words", with the punctuation between them, or "characters".
        widths: the widths of the filters, in tokens.
        filters: the number of filters of each width.
        tokens: the size of the vocabulary, of the most frequent tokens.
        epochs: how often each text is read.
        members: the number of networks.
        limits: of the texts that it is tried on in a comparison.
    """

    name: str
    cost: float
    of: Unit = "words"
    widths: tuple[int, ...] = (1, 2, 3)
    filters: int = 256
    tokens: int = 30_000
    epochs: int = 10
    members: int = 2
    limits: Limits = UNLIMITED

    def fit(
        self, texts: Iterable[str], target: ArrayLike, task: Task, seed: int = 0, *, classes: int | None = None
    ) -> "FittedConvolutionTexts":
        """Train the members in parallel; arguments as of `TextCandidate.fit`."""
        corpus = Corpus.of(texts)
        wanted = targets.columns(target, task, classes)
        units = ARITHMETIC[task].units(wanted)
        alphabet, ragged = self._alphabet(corpus)
        numbers = ((wanted - units[0]) / units[1]).astype(np.float32)

        def member(i: int) -> Weights:
            return self._train(len(alphabet), ragged, numbers, ARITHMETIC[task].network_loss, [seed, i])

        members = list(in_parallel(member, range(self.members)))
        return FittedConvolutionTexts(self.name, task, Vocabulary(self.of, alphabet), members, units)

    def _alphabet(self, corpus: Corpus) -> tuple[list[str], Ragged]:
        """The most frequent tokens, and the texts as their numbers."""
        if self.of == "words":
            lexicon, ragged = corpus.words()
            names = lexicon.tokens()
            used, counts = np.arange(len(names)), np.bincount(ragged.flat, minlength=len(names))
        else:
            ragged = characters(corpus)
            used, counts = np.unique(ragged.flat, return_counts=True)
            names = [chr(number) for number in range(int(used.max(initial=-1)) + 1)]
        order = np.argsort(-counts, kind="stable")
        kept = used[order[: self.tokens]][counts[order[: self.tokens]] > 0]
        numbers = np.full(len(names), -1, np.int32)
        numbers[kept] = np.arange(len(kept))
        return [names[number] for number in kept.tolist()], Ragged(numbers[ragged.flat], ragged.offsets)

    def _train(self, words: int, texts: Ragged, wanted: NDArray[np.float32], loss: Loss, seed: list[int]) -> Weights:
        random = np.random.default_rng(seed)
        drawn = int(random.integers(2**62))
        weights = Weights.drawn(max(words, 1), self.widths, self.filters, wanted.shape[1], drawn)
        squares = weights.like(_FIRST_SQUARES)
        training = Training(loss, self.epochs * len(texts), drawn)
        for epoch in range(self.epochs):
            order = random.permutation(len(texts))
            kernel.train(weights, squares, training, texts, wanted, order, epoch * len(texts))
        return weights


class FittedConvolutionTexts(FittedTexts):
    """Trained convolutions.

    Attributes:
        name: of the candidate.
        task: what it predicts.
        vocabulary: the tokens that have vectors.

    Example:
        >>> few = ConvolutionTexts("small", 1.0, filters=16, members=1)
        >>> model = few.fit(["a fine film", "a dull film"] * 20, [1, 0] * 20, "binary")
        >>> (model.outputs(["a fine film", "a dull film"]) > 0.5).tolist()
        [True, False]
    """

    kind = "convolution"

    def __init__(self, name: str, task: Task, vocabulary: Vocabulary, members: list[Weights], units: Floats):
        self.name, self.task, self.vocabulary = name, task, vocabulary
        self._members, self._units = members, units

    def member_scores(self, texts: Iterable[str]) -> list[Floats]:
        """The (N, K) scores of each network, of which `scores` returns the mean."""
        ragged = self.vocabulary.read(texts)
        starts = range(0, len(ragged), _TEXTS)
        chunks = [ragged.take(np.arange(start, min(start + _TEXTS, len(ragged)))) for start in starts]
        if not chunks:
            return [np.zeros((0, len(self._members[0].head_bias))) for _ in self._members]
        found = []
        for weights in self._members:
            answers = in_parallel(partial(kernel.outputs, weights), chunks)
            found.append(np.concatenate(list(answers)).astype(np.float64) * self._units[1] + self._units[0])
        return found

    def scores(self, texts: Iterable[str]) -> Floats:
        """(N, K) log-odds, logits or numbers: see `Arithmetic`."""
        members = self.member_scores(texts)
        total = members[0]
        for one in members[1:]:
            total = total + one
        return np.asarray(total / len(members))

    def base(self) -> Floats:
        """(K,), the scores of an empty text."""
        nothing = Ragged.from_sequences([[]])
        return np.asarray(self._mean([kernel.outputs(one, nothing)[0] for one in self._members]) + self._units[0])

    def shares(self, text: str) -> Floats:
        """(T, K), what each token of a text adds to the scores of an empty text."""
        tokens = self.vocabulary.read([text])[0]
        return self._mean([shares(one, tokens) for one in self._members])

    def _mean(self, of_members: list[NDArray[Any]]) -> Floats:
        return np.asarray(np.mean(of_members, axis=0, dtype=np.float64) * self._units[1])

    def rescale(self, factor: float) -> None:
        """Multiply all later scores by a factor."""
        self._units = self._units * factor

    def shift(self, by: Floats) -> None:
        """Add (K,) numbers to all later scores."""
        added = (by / self._units[1]).astype(np.float32)
        self._members = [replace(one, head_bias=one.head_bias + added) for one in self._members]

    def state(self) -> tuple[dict[str, Any], storage.Arrays]:
        """All that `from_state` needs: plain values, and arrays by name."""
        widths, members = self._members[0].widths, len(self._members)
        plain = {"kind": self.kind, "name": self.name, "task": self.task, "of": self.vocabulary.of}
        arrays: storage.Arrays = storage.pack_strings("alphabet", self.vocabulary.tokens) | {"units": self._units}
        for i, weights in enumerate(self._members):
            for name, array in zip(_NAMES, weights.arrays(), strict=True):
                arrays[f"{name}_{i}"] = array
        seeds = [weights.seed for weights in self._members]
        return plain | {"widths": list(widths), "members": members, "seeds": seeds}, arrays

    def stored(self) -> tuple[dict[str, Any], storage.Arrays]:
        """The same as `state`, for a file: of vectors drawn with a known seed, only what training changed."""
        plain, arrays = self.state()
        for i, weights in enumerate(self._members):
            if weights.seed is not None:
                changed, values = _changes(weights.vectors, weights.seed)
                whole = weights.vectors
                if whole.size <= _LARGEST and changed.nbytes + values.nbytes < whole.nbytes:
                    del arrays[f"vectors_{i}"]
                    arrays |= {f"changed_{i}": changed, f"values_{i}": values}
        return plain, arrays

    @classmethod
    def from_state(cls, plain: dict[str, Any], arrays: storage.Arrays) -> Self:
        """Make a model of what `state` or `stored` gave, also in earlier versions, which kept no seeds."""
        widths, alphabet = tuple(plain["widths"]), storage.unpack_strings("alphabet", arrays)
        seeds, members = plain.get("seeds", [None] * plain["members"]), []
        for i in range(plain["members"]):
            bias, head, head_bias = (arrays[f"{name}_{i}"] for name in _NAMES[1:])
            vectors = arrays.get(f"vectors_{i}")
            if vectors is None:
                shape = max(len(alphabet), 1), sum(widths), bias.shape[1]
                vectors = _changed(shape, seeds[i], arrays[f"changed_{i}"], arrays[f"values_{i}"])
            weights = Weights(widths, vectors, bias, head, head_bias, seeds[i])
            weights.check()
            if len(weights.vectors) != max(len(alphabet), 1):
                raise ValueError("the vectors of a convolution do not fit its tokens")
            members.append(weights)
        return cls(plain["name"], plain["task"], Vocabulary(plain["of"], alphabet), members, arrays["units"])


def _changes(vectors: Floats32, seed: int) -> tuple[NDArray[np.uint8], Floats32]:
    """Which numbers of the vectors differ from those that were drawn, a bit for each, and these numbers."""
    changed = vectors.view(np.uint32) != first_vectors(vectors.shape, seed).view(np.uint32)
    return np.packbits(changed), vectors[changed]


def _changed(shape: tuple[int, int, int], seed: Any, changed: NDArray[np.uint8], values: Floats32) -> Floats32:
    """The vectors again.

    Raises:
        ValueError: the arrays are damaged.
    """
    size = math.prod(shape)
    if size > _LARGEST:
        raise ValueError(f"the vectors of a convolution would be {size:,} numbers; {_LARGEST:,} are allowed")
    fits = changed.dtype == np.uint8 and changed.shape == (-(-size // 8),) and values.dtype == np.float32
    if not fits or shape[2] % LANES or type(seed) is not int or seed < 0:
        raise ValueError("the changed vectors of a convolution do not fit its tokens")
    places = np.unpackbits(changed, count=size).view(bool).reshape(shape)
    if values.shape != (np.count_nonzero(places),):
        raise ValueError("the changed numbers of a convolution are not as many as its file says")
    vectors = first_vectors(shape, seed)
    vectors[places] = values
    return vectors


_NAMES = ("vectors", "bias", "head", "head_bias")

CNN = ConvolutionTexts("cnn", 14.0)
CNN_CHARACTERS = ConvolutionTexts(
    "cnn-characters", 40.0, of="characters", widths=(2, 3, 4, 5), filters=128, limits=Limits(longest=150)
)
