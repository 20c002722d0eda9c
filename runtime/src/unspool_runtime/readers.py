"""Readers: raw examples to the inputs of a network."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from unspool_runtime.byte_pairs import BytePairs
from unspool_runtime.characters import Characters
from unspool_runtime.errors import InputError
from unspool_runtime.networks import Batches, Steps
from unspool_runtime.networks.batching import AT_ONCE, near_lengths, series_batches
from unspool_runtime.node import Node
from unspool_runtime.texts.lexicon import Vocabulary
from unspool_runtime.word_forms import FORMS, forms_of

START, UNKNOWN, FIRST = 1, 2, 4
"""The ids of the start of a text, of unknown words, and of the first word of a vocabulary."""
MOST_LENGTH = 1 << 24
MOST_PADDED = 1 << 20


class Reader(Protocol):
    """Reads raw examples.

    Attributes:
        reads: the kind of examples: "texts", "words" (lists of words), "series" or "ids".
        tokens: the number of different ids; 0 if it returns numbers.
        width: the numbers at each step; 0 if it returns ids.
    """

    reads: str
    tokens: int
    width: int

    @property
    def words(self) -> bytes | None:
        """How native code reads its texts (`Vocabulary.packed`); None if it does not."""

    def batches(self, examples: list[Any]) -> Batches:
        """Batches of all examples: their indices, and the inputs of the network."""


def checked_texts(examples: Sequence[Any]) -> list[str]:
    """Check that examples are texts.

    Raises:
        InputError: one is not; says which.
    """
    for place, one in enumerate(examples):
        if not isinstance(one, str):
            raise InputError(f"Example {place} (counted from 0) is {type(one).__name__}, and this model reads texts.")
    return list(examples)


class WordsReader:
    """Texts to ids of the start and of each word, of which the last `length` are kept."""

    reads, width = "texts", 0

    def __init__(self, node: Node, characters: Characters):
        vocabulary = node.strings("vocabulary")
        self._vocabulary = Vocabulary(vocabulary)
        self._length = node.whole("length", 1, MOST_LENGTH)
        self._characters = characters
        self.tokens = len(vocabulary) + FIRST
        ids = np.arange(FIRST, self.tokens, dtype=np.int32)
        self.words = self._vocabulary.packed(ids, UNKNOWN, START, length=self._length, padded=False)

    def batches(self, examples: list[Any]) -> Batches:
        """All texts, without padding but for others of their batch."""
        return _token_batches([self._ids(text) for text in checked_texts(examples)])

    def _ids(self, text: str) -> NDArray[np.int32]:
        numbers = self._vocabulary.read(text, self._characters.words)
        last = numbers[-self._length :]
        ids = np.where(last < 0, np.int32(UNKNOWN), last + np.int32(FIRST))
        return ids if len(numbers) >= self._length else np.concatenate((_START, ids))


class BytePairTextsReader:
    """Texts to ids of the start and of each byte pair, of which the last `length` are kept."""

    reads, width, words = "texts", 0, None

    def __init__(self, node: Node):
        self._pieces = BytePairs(node)
        self._length = node.whole("length", 1, MOST_LENGTH)
        self.tokens = self._pieces.size

    def batches(self, examples: list[Any]) -> Batches:
        """All texts, without padding but for others of their batch."""
        return _token_batches([self._ids(text) for text in checked_texts(examples)])

    def _ids(self, text: str) -> list[int]:
        return [START, *self._pieces.encode(text)][-self._length :]


class RankedWordsReader:
    """Texts to ids of ranked words, padded in front to a fixed length, as in Keras's IMDb data.

    Words outside the vocabulary are left out; an id that is too large, or below `skip_top`, becomes the unknown word.
    """

    reads, width = "texts", 0

    def __init__(self, node: Node):
        self.tokens = node.whole("num_words", 1, MOST_LENGTH)
        skip = node.whole("skip_top", 0, MOST_LENGTH)
        self._length = node.whole("length", 1, MOST_PADDED)

        words = node.strings("vocabulary")
        self._vocabulary = Vocabulary(words)
        self._ids = np.arange(FIRST, FIRST + len(words), dtype=np.int32)
        self._ids[(self._ids < skip) | (self._ids >= self.tokens)] = UNKNOWN
        self._start = UNKNOWN if skip > START else START
        if self.tokens <= UNKNOWN:
            raise node.wrong("there are fewer ids than those that stand for no word")
        self.words = self._vocabulary.packed(self._ids, -1, self._start, length=self._length, padded=True)

    def batches(self, examples: list[Any]) -> Batches:
        """All texts, (B, length)."""
        length = self._length
        ids = np.zeros((len(examples), length), np.int32)
        for row, text in zip(ids, checked_texts(examples), strict=True):
            numbers = self._vocabulary.read(text, Characters.plain_words)
            known = self._ids[numbers[numbers >= 0][-length:]]
            row[length - len(known) :] = known
            if len(known) < length:
                row[length - len(known) - 1] = self._start
        for start in range(0, len(ids), AT_ONCE):
            some = np.arange(start, min(start + AT_ONCE, len(ids)))
            yield some, Steps(_NOTHING, tokens=ids[start : start + AT_ONCE])


class IdsReader:
    """Token ids of the user's data to those of the network."""

    reads, width, words = "ids", 0, None

    def __init__(self, node: Node):
        self._known = node.array("known", np.int64, None)
        if (np.diff(self._known) <= 0).any():
            raise node.wrong("the known ids do not rise")
        self._length = node.whole("length", 1, MOST_LENGTH)
        self.tokens = len(self._known) + FIRST

    def batches(self, examples: list[Any]) -> Batches:
        """All sequences, without padding but for others of their batch."""
        return _token_batches([self._read(one, place)[-self._length :] for place, one in enumerate(examples)])

    def _read(self, example: Any, place: int) -> NDArray[np.int32]:
        given = np.asarray(example)
        if given.ndim != 1 or (given.size and given.dtype.kind not in "iu"):
            raise InputError(f"Example {place} (counted from 0) is no list of whole numbers, and this model reads ids.")
        ids = given.astype(np.int64)
        if not len(self._known):
            return np.full(len(ids), UNKNOWN, np.int32)
        at = np.minimum(np.searchsorted(self._known, ids), len(self._known) - 1)
        return np.where(self._known[at] == ids, at + FIRST, UNKNOWN).astype(np.int32)


def _token_batches(rows: Sequence[Sequence[int] | NDArray[np.int32]]) -> Batches:
    """Sequences of ids in batches of similar length, padded in front with 0."""
    if len(rows) == 1 and len(rows[0]):  # most calls, and no sorting or padding to wait for
        yield _FIRST, Steps(_NOTHING, tokens=np.asarray(rows[0], np.int32)[None])
        return
    for places, lengths, longest in near_lengths(rows):
        ids = np.zeros((len(places), longest), np.int32)
        for row, place, length in zip(ids, places.tolist(), lengths.tolist(), strict=True):
            row[longest - length :] = rows[place]
        yield places, Steps(_NOTHING, tokens=ids)


class WordFormsReader:
    """Lists of words to the ids of the forms of all words."""

    reads, width, words = "words", 0, None

    def __init__(self, node: Node):
        vocabulary = node.strings("vocabulary")
        self._ids = {word: number for number, word in enumerate(vocabulary, start=FIRST)}
        self.tokens = len(vocabulary) + FIRST

    def batches(self, examples: list[Any]) -> Batches:
        """All examples, padded at the end."""
        texts = checked_words(examples)
        known = {word: self._ids_of(word) for word in {word for words in texts for word in words}}
        ids = [[known[word] for word in words] for words in texts]
        for places, lengths, longest in near_lengths(ids):
            tokens = np.zeros((len(places), longest, FORMS), np.int32)
            for row, place, length in zip(tokens, places.tolist(), lengths.tolist(), strict=True):
                row[:length] = ids[place]
            yield places, Steps(_NOTHING, tokens=tokens)

    def _ids_of(self, word: str) -> list[int]:
        lower, *others = forms_of(word)
        return [self._ids.get(lower, UNKNOWN), *(self._ids.get(form, 0) for form in others)]


def checked_words(examples: Sequence[Any]) -> list[Sequence[str]]:
    """Check that examples are lists of words.

    Raises:
        InputError: one is not, or is too long; says which.
    """
    examples = [one.tolist() if isinstance(one, np.ndarray) else one for one in examples]
    for place, one in enumerate(examples):
        if not isinstance(one, list | tuple) or not all(isinstance(word, str) for word in one):
            raise InputError(f"Example {place} (counted from 0) is not a list of words, which is what this model tags.")
        if len(one) > MOST_PADDED:
            raise InputError(f"Example {place} (counted from 0) has more than {MOST_PADDED:,} words. Split it.")
    return examples


class SeriesReader:
    """Series to standardised numbers: the last steps of a series, with missing numbers filled in.

    Attributes:
        mean: (C,), subtracted from each channel.
        scale: (C,), by which each channel is divided.
        length: the most steps that are read.
        whole: whether to keep steps without any number at the end, as is needed where each step is tagged.
    """

    reads, tokens, words = "series", 0, None

    def __init__(self, node: Node):
        self.whole = False
        self.mean, self.scale = np.array(node.numbers("mean")), np.array(node.numbers("scale"))
        self.length = node.whole("length", 1, MOST_PADDED) if node.has("length") else MOST_PADDED
        self.width = len(self.mean)
        if not 0 < self.width == len(self.scale) or (self.scale <= 0).any():
            raise node.wrong("mean and scale do not fit each other")

    def batches(self, examples: list[Any]) -> Batches:
        """All series, padded at the end."""
        return series_batches(self.standardized(examples), self.width)

    def standardized(self, examples: list[Any]) -> list[NDArray[np.float32]]:
        """The last steps of N series, (T, C) each, standardised, with missing numbers filled in."""
        given = filled(present_series(examples, self.width, self.whole), self.mean)
        with np.errstate(over="ignore"):
            return [((one[-self.length :] - self.mean) / self.scale).astype(np.float32) for one in given]

    def original(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Turn standardised numbers (N, T, C) into the units of the data."""
        found: NDArray[np.float32] = (values * self.scale + self.mean).astype(np.float32)
        return found


class ImageReader:
    """Images as series, with a row for each time step, unchanged."""

    reads, tokens, words = "series", 0, None

    def __init__(self, node: Node):
        self.length = node.whole("length", 1, MOST_PADDED)
        self.width = node.whole("features", 1, MOST_LENGTH)

    def batches(self, examples: list[Any]) -> Batches:
        """All images, (B, length, features)."""
        given = checked_series(examples, self.width)
        for place, one in enumerate(given):
            if len(one) != self.length or not np.isfinite(one).all():
                raise InputError(
                    f"Example {place} (counted from 0) is {one.shape}, or not of finite numbers; this model reads "
                    f"images of {self.length} rows of {self.width} pixels."
                )
            if one.min() < 0 or one.max() > 1:
                raise InputError(
                    f"Example {place} (counted from 0) has numbers from {one.min():g} to {one.max():g}; this model "
                    "reads grey values from 0 to 1. Divide all images by the largest possible value, such as 255."
                )
        for start in range(0, len(given), AT_ONCE):
            some = np.arange(start, min(start + AT_ONCE, len(given)))
            yield some, Steps(np.stack(given[start : start + AT_ONCE]).astype(np.float32))

    def original(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return (N, T, D) unchanged."""
        return values


_NOTHING = np.zeros((0, 0), np.float32)
_START = np.array([START], np.int32)
_FIRST = np.zeros(1, np.int64)
_LARGEST = np.finfo(np.float32).max


def checked_series(examples: Sequence[Any], channels: int) -> list[NDArray[Any]]:
    """Check that examples are series (T, C), or (T,) with one channel, and return them as (T, C).

    Raises:
        InputError: one is not, or has a number that is infinite; says which.
    """
    found = []
    for place, example in enumerate(examples):
        one = as_series(example, channels)
        if one is None:
            raise InputError(
                f"Example {place} (counted from 0) is not a series of {channels} channel{'s' * (channels > 1)}: an "
                f"array (T, {channels}) of numbers."
            )
        step = too_large(one)
        if step is not None:
            raise InputError(f"Series {place}, step {step} (both counted from 0) has an infinite or too large number.")
        found.append(one)
    return found


def as_series(example: Any, channels: int) -> NDArray[Any] | None:
    """A series (T, C), or (T,) with one channel, as (T, C) in 32 or 64 bits; None if it is not a series."""
    if isinstance(example, str):
        return None
    try:
        one = np.asarray(example)
        if np.iscomplexobj(one):
            return None
        one = one if one.dtype == np.float32 else one.astype(np.float64)
    except (TypeError, ValueError, OverflowError):
        return None
    one = one[:, None] if one.ndim == 1 and channels == 1 else one
    return one if one.ndim == 2 and one.shape[1] == channels else None


def too_large(series: NDArray[Any]) -> int | None:
    """The first step with a number that is infinite or too large for 32 bits, None if there is none."""
    beyond = np.abs(series) > _LARGEST
    return int(np.argwhere(beyond)[0][0]) if beyond.any() else None


def present_series(examples: Sequence[Any], channels: int, whole: bool = False) -> list[NDArray[Any]]:
    """Check series, and cut off steps without any number at their ends, which are padding, as in training.

    Args:
        examples: the series.
        channels: how many each has.
        whole: whether to cut off nothing, as each step needs its tag.

    Raises:
        InputError: one is no series, or has no number; says which.
    """
    found = []
    for place, one in enumerate(checked_series(examples, channels)):
        if not len(one) or np.isnan(one[-1]).all():
            there = np.flatnonzero(~np.isnan(one).all(axis=1))
            if not len(there):
                raise InputError(f"Example {place} (counted from 0) has no numbers. Leave it out.")
            one = one if whole else one[: there[-1] + 1]
        found.append(one)
    return found


def filled(series: list[NDArray[Any]], otherwise: NDArray[np.float64] | None) -> list[NDArray[Any]]:
    """Fill in missing numbers (NaN) by linear interpolation along time in each channel.

    Before the first and after the last number of a channel, the nearest one is taken.

    Args:
        series: N series (T, C).
        otherwise: (C,), with which channels without any number are filled; None refuses such channels.

    Raises:
        InputError: a channel has no number, and `otherwise` is None; says which.
    """
    return [_filled(one, otherwise, place) for place, one in enumerate(series)]


def _filled(series: NDArray[Any], otherwise: NDArray[np.float64] | None, place: int) -> NDArray[Any]:
    known = ~np.isnan(series)
    if known.all():
        return series
    found, steps = series.copy(), np.arange(len(series))
    for channel in np.flatnonzero(~known.all(axis=0)).tolist():
        there = known[:, channel]
        if there.any():
            found[:, channel] = np.interp(steps, steps[there], series[there, channel])
        elif otherwise is None:
            raise InputError(
                f"Series {place} has no number in channel {channel} (both counted from 0), and this model does not "
                "know what to put there. Leave that series out."
            )
        else:
            found[:, channel] = otherwise[channel]
    return found
