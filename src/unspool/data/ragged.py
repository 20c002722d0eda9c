"""Many sequences of different lengths in two flat arrays."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


def offsets_of(lengths: ArrayLike) -> NDArray[np.int64]:
    """Where each of N sequences begins that lie end to end, and where the last ends: (N,) to (N + 1,).

    Example:
        >>> offsets_of([3, 0, 1]).tolist()
        [0, 3, 3, 4]
    """
    return np.concatenate(([0], np.cumsum(lengths, dtype=np.int64)))


@dataclass(frozen=True, slots=True, eq=False)
class Ragged:
    """N sequences of numbers, end to end: token ids, a label a step, or vectors.

    Sequence i is `flat[offsets[i]:offsets[i + 1]]`.

    Attributes:
        flat: (M, ...) the steps of all sequences one after the other; of a sequence of token ids or labels (M,).
        offsets: (N + 1,) where each begins; the first is 0, the last M, and none is smaller than the one before.

    Raises:
        ValueError: the offsets do not describe `flat`.

    Example:
        >>> sequences = Ragged.from_sequences([[7, 8, 9], [], [5]])
        >>> len(sequences), sequences[0].tolist(), sequences.lengths.tolist()
        (3, [7, 8, 9], [3, 0, 1])
    """

    flat: NDArray[Any]
    offsets: NDArray[np.int64]

    def __post_init__(self) -> None:
        if self.flat.ndim < 1 or self.offsets.ndim != 1 or len(self.offsets) == 0:
            raise ValueError("flat must have a dimension, offsets one dimension and at least one entry.")
        if self.offsets[0] != 0 or self.offsets[-1] != len(self.flat) or np.any(np.diff(self.offsets) < 0):
            raise ValueError("offsets must rise from 0 to the length of flat.")

    @classmethod
    def from_lengths(cls, flat: NDArray[Any], lengths: ArrayLike) -> "Ragged":
        """Cut `flat`, (M, ...), into sequences of the given lengths, (N,), which sum to M."""
        return cls(flat, offsets_of(lengths))

    @classmethod
    def from_sequences(cls, sequences: Iterable[Sequence[int] | NDArray[np.integer]]) -> "Ragged":
        """Lay N sequences of whole numbers end to end."""
        sequences = list(sequences)
        lengths = np.array([len(sequence) for sequence in sequences], dtype=np.int64)
        flat = np.fromiter(chain.from_iterable(sequences), dtype=np.int32, count=int(lengths.sum()))
        return cls.from_lengths(flat, lengths)

    @classmethod
    def from_arrays(cls, arrays: Iterable[ArrayLike]) -> "Ragged":
        """Lay N arrays (T_i, ...) end to end: whole numbers become int32, others float32.

        Raises:
            ValueError: there is no array, one does not hold numbers, their shapes differ in more than the first
                dimension, or an integer does not fit in int32.

        Example:
            >>> walks = Ragged.from_arrays([np.zeros((3, 2)), np.ones((1, 2))])
            >>> walks.flat.shape, walks.flat.dtype.name, walks.lengths.tolist()
            ((4, 2), 'float32', [3, 1])
        """
        parts = [_as_array(array, number) for number, array in enumerate(arrays)]
        if not parts:
            raise ValueError("there is no array: give one for each sequence.")
        for number, part in enumerate(parts):
            if part.shape[1:] != parts[0].shape[1:]:
                raise ValueError(
                    f"array {number:,} (counted from 0) has the shape {part.shape}, but the first {parts[0].shape}: "
                    "only the number of steps, the first dimension, may differ."
                )
        flat = np.concatenate(parts)
        kind = np.float32 if flat.dtype.kind == "f" else np.int32
        sequences = cls.from_lengths(flat, [len(part) for part in parts])
        refuse_large_integers(sequences)
        return cls(flat.astype(kind, copy=False), sequences.offsets)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """(N,) how long each sequence is."""
        return np.diff(self.offsets)

    @property
    def width(self) -> int:
        """How many numbers a step has."""
        return math.prod(self.flat.shape[1:])

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, index: int) -> NDArray[Any]:
        # range counts a negative index from the end and refuses one that is too large, as a list does.
        position = range(len(self))[index]
        return self.flat[self.offsets[position] : self.offsets[position + 1]]

    def __iter__(self) -> Iterator[NDArray[Any]]:
        for index in range(len(self)):
            yield self[index]

    def take(self, indices: ArrayLike) -> "Ragged":
        """Return the sequences at `indices`, (K,), in that order, as a new Ragged.

        Example:
            >>> Ragged.from_sequences([[7, 8, 9], [], [5]]).take([2, 0]).tolist()
            [[5], [7, 8, 9]]
        """
        chosen = np.asarray(indices, dtype=np.int64)
        return self._cut(self.offsets[:-1][chosen], self.lengths[chosen])

    def with_more(self, other: "Ragged") -> "Ragged":
        """The sequences of both, those of `other` last."""
        lengths = np.concatenate([self.lengths, other.lengths])
        return Ragged.from_lengths(np.concatenate([self.flat, other.flat]), lengths)

    def last(self, length: int) -> "Ragged":
        """Keep the last `length` steps of each sequence.

        Example:
            >>> Ragged.from_sequences([[1, 2, 3], [4], []]).last(2).tolist()
            [[2, 3], [4], []]
        """
        kept = np.minimum(self.lengths, length)
        return self._cut(self.offsets[1:] - kept, kept)

    def _cut(self, starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> "Ragged":
        offsets = offsets_of(lengths)
        return Ragged(self.flat[np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], lengths)], offsets)

    def load(self) -> "Ragged":
        """Give the sequences themselves: they are in memory, unlike those of a `StoredRagged`."""
        return self

    def pieces(self) -> Iterator["Ragged"]:
        """Give all sequences at once, where a `StoredRagged` gives some at a time."""
        yield self

    def tolist(self) -> list[list[Any]]:
        """Return the sequences as lists of plain numbers, or of lists of them."""
        return [sequence.tolist() for sequence in self]


def _as_array(given: ArrayLike, number: int) -> NDArray[Any]:
    try:
        array = np.asarray(given)
    except ValueError as error:  # rows of different lengths
        raise ValueError(f"array {number:,} (counted from 0) has rows of different lengths.") from error
    if array.dtype.kind not in "fiub":
        what = "is a text" if isinstance(given, str) else f"has dtype {array.dtype}"
        raise ValueError(
            f"array {number:,} (counted from 0) {what}, but sequences are of numbers. Number the tokens of texts, for "
            "example with unspool.data.Vocabulary."
        )
    if array.ndim == 0:
        raise ValueError(
            f"array {number:,} (counted from 0) is a single number, but each must have the shape (steps, ...)."
        )
    return array


def refuse_large_integers(sequences: Ragged, begun: int = 0) -> None:
    """Refuse integers that do not fit in int32, which models read.

    Args:
        sequences: of any numbers.
        begun: how many sequences are before these, for the message.

    Raises:
        ValueError: gives the first such integer, its position, and what to do.
    """
    flat, kept = sequences.flat, np.iinfo(np.int32)
    if flat.dtype.kind not in "iu" or np.can_cast(flat.dtype, kept.dtype) or not flat.size:
        return
    if kept.min <= flat.min() and flat.max() <= kept.max:
        return
    wrong = (flat < kept.min) | (flat > kept.max)
    at = np.unravel_index(int(np.argmax(wrong)), wrong.shape)
    row = int(np.searchsorted(sequences.offsets, at[0], side="right")) - 1
    raise ValueError(
        f"sequence {begun + row:,} (counted from 0) has the integer {flat[at]:,}, but integers must be from "
        f"{kept.min:,} to {kept.max:,}. Number ids and labels from 0, and give quantities as floats."
    )
