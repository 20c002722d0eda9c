"""Batches of sequences of similar length (buckets), so that little time is spent on padding."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from jax import numpy as jnp
from numpy.typing import NDArray

from unspool.training.arrays import filled
from unspool.training.examples import Examples
from unspool.training.programs import Loop
from unspool.training.sequences import LengthGroups, with_step_weights
from unspool.training.steps import EvenPass, Pass, Stretch

SHORTEST = 16
"""The shortest padded length: shorter ones save no time, and each length is one more program to compile."""

SHORTEST_JOINT, LAST_FOURTH = 8, 24
"""If each row has several sequences, the padded lengths between these are the multiples of 4."""

FEWEST_BATCHES = 4
"""The fewest batches in a bucket by several lengths: compiling its program takes as long as many batches."""

FEWEST_FINER = 24
"""The fewest batches in a bucket with a length that `bucket_length` never gives: it saves less per batch."""

BLOCK_TOKENS = 1 << 20
"""Numbers of a bucket that are padded and put on the device at once: 4 MiB, or one batch if that is larger."""


@dataclass(frozen=True, eq=False)
class Bucket:
    """Rows that are padded to the same length.

    Attributes:
        length: of the padded rows.
        rows: (N_k,) indices of the rows in the data.
    """

    length: int
    rows: NDArray[np.int64]


def bucket_length(length: int) -> int:
    """The length that a sequence is padded to: 16, 24, 32, 48, 64, 96, ..., at most half as long again from 17 on.

    Few lengths mean few programs to compile, and fixed ones that programs are reused in other epochs and for other
    data.

    Example:
        >>> [bucket_length(n) for n in (0, 16, 17, 25, 100, 130)]
        [16, 16, 24, 32, 128, 192]
    """
    power = SHORTEST
    while power < length:
        if length <= power + power // 2:
            return power + power // 2
        power *= 2
    return power


def joint_bucket_length(length: int) -> int:
    """The length that a sequence is padded to together with others in its row: 8, 12, 16, 20, 24, 32, 48, 64, ...

    Most words have 5 to 10 letters, and most sentences 10 to 20 subwords: with the lengths of `bucket_length`, half
    or a quarter of the steps would be padding.

    Example:
        >>> [joint_bucket_length(n) for n in (0, 9, 17, 25, 100)]
        [8, 12, 20, 32, 128]
    """
    return max(SHORTEST_JOINT, -(-length // 4) * 4) if length <= LAST_FOURTH else bucket_length(length)


def buckets(lengths: NDArray[np.int64], batch_size: int) -> list[Bucket]:
    """Divide rows into buckets by length; all but the longest bucket hold whole batches.

    The longest rows of a bucket that would not fill a batch go to the next bucket. So there is one shape of batch for
    each length, and one more for the last batch.

    Example:
        >>> [(b.length, b.rows.tolist()) for b in buckets(np.array([3, 40, 5, 9, 20]), batch_size=2)]
        [(16, [0, 2]), (24, [3, 4]), (48, [1])]
    """
    order = np.argsort(lengths, kind="stable")
    different, length_of = np.unique(lengths[order], return_inverse=True)
    padded = np.array([bucket_length(n) for n in different.tolist()], dtype=np.int64)[length_of]
    found = []
    start = 0
    for length in np.unique(padded):
        stop = int(np.searchsorted(padded, length, side="right"))
        if length != padded[-1]:
            stop -= (stop - start) % batch_size
        if stop > start:
            found.append(Bucket(int(length), order[start:stop]))
            start = stop
    return found


@dataclass(frozen=True, eq=False)
class JointBucket:
    """Rows with several sequences each, such as a source and a target, that are padded to the same lengths.

    Attributes:
        lengths: of each padded sequence.
        rows: (N_k,) indices of the rows in the data.
        batch_size: rows per batch.
    """

    lengths: tuple[int, ...]
    rows: NDArray[np.int64]
    batch_size: int


@dataclass(frozen=True)
class BatchLimits:
    """How large a batch may be.

    Attributes:
        rows: the most rows.
        tokens: the most time steps, padding included, of the longest of several sequences; a batch has one row at
            least. None for no limit.
    """

    rows: int
    tokens: int | None = None

    def size(self, lengths: Sequence[int]) -> int:
        """The number of rows in a batch whose sequences are padded to these lengths.

        Example:
            >>> limits = BatchLimits(100, tokens=4096)
            >>> [limits.size((length, 16)) for length in (16, 64, 8192)]
            [100, 64, 1]
        """
        return self.rows if self.tokens is None else max(1, min(self.rows, self.tokens // max(*lengths, 1)))


def joint_buckets(
    groups: list[NDArray[np.int64]], batch_size: int, batch_tokens: int | None = None
) -> list[JointBucket]:
    """Divide rows into buckets by several lengths: by the first, then each of these by the others.

    All buckets but the last hold whole batches, and with several lengths at least `FEWEST_BATCHES` of them, or
    `FEWEST_FINER`: each bucket is one more program to compile, and there are many pairs of lengths. The rows that
    remain in a bucket go to the next.

    Args:
        groups: for each sequence of a row, the (N,) lengths in all rows.
        batch_size: rows per batch.
        batch_tokens: see `BatchLimits`; buckets of long rows then have smaller batches.

    Example:
        >>> sources, targets = np.array([3, 40, 5, 9, 20]).repeat(24), np.array([30, 9, 5, 7, 8]).repeat(24)
        >>> [(b.lengths, len(b.rows)) for b in joint_buckets([sources, targets], batch_size=1)]
        [((8, 8), 24), ((8, 32), 24), ((12, 8), 24), ((20, 8), 24), ((48, 12), 24)]
        >>> [(b.lengths, len(b.rows)) for b in joint_buckets([sources[::6], targets[::6]], batch_size=1)]
        [((16, 16), 8), ((16, 32), 4), ((24, 16), 4), ((48, 16), 4)]
    """
    limits = BatchLimits(batch_size, batch_tokens)
    if len(groups) == 1 and batch_tokens is None:
        return [JointBucket((bucket.length,), bucket.rows, batch_size) for bucket in buckets(groups[0], batch_size)]
    found, rest = _divided(np.arange(len(groups[0])), groups, limits)
    if len(rest):
        longest = tuple(joint_bucket_length(int(lengths[rest].max())) for lengths in groups)
        found.append(JointBucket(longest, rest, limits.size(longest)))
    return found


def _divided(
    rows: NDArray[np.int64], groups: list[NDArray[np.int64]], limits: BatchLimits, outer: tuple[int, ...] = ()
) -> tuple[list[JointBucket], NDArray[np.int64]]:
    """The buckets of some rows, padded to `outer` in their earlier lengths, and the rows that remain."""
    first, *others = groups
    padded = np.array([joint_bucket_length(int(length)) for length in first[rows]], dtype=np.int64)
    found: list[JointBucket] = []
    rest = rows[:0]
    there = set(padded.tolist())
    for length in sorted(there | {bucket_length(one) for one in there}):
        rest = np.concatenate([rest, rows[padded == length]])
        lengths = (*outer, length)
        if others:
            inner, rest = _divided(rest, others, limits, lengths)
            found += inner
            continue
        rest = rest[np.argsort(first[rest], kind="stable")]
        size = limits.size(lengths)
        batches = len(rest) // size
        if batches >= (FEWEST_BATCHES if all(map(_is_usual, lengths)) else FEWEST_FINER):
            found.append(JointBucket(lengths, rest[: batches * size], size))
            rest = rest[batches * size :]
    return found, rest


def _is_usual(length: int) -> bool:
    return length == bucket_length(length)


def batch_sequence(
    found: Sequence[JointBucket], order: NDArray[np.int32]
) -> tuple[list[NDArray[np.int32]], list[tuple[int, int, int]]]:
    """The batches of an epoch: rows enter their buckets in `order`, and each batch comes when it is full.

    So batches of all lengths are mixed, each row occurs once, and nothing but `order` is random.

    Args:
        found: the buckets.
        order: (N,) the epoch's order of all rows.

    Returns:
        For each bucket the order of its rows, as indices within it; and the batches, each as (index of its bucket,
        place of its first row in that order, number of rows).
    """
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    orders, batches = [], []
    for number, bucket in enumerate(found):
        within = np.argsort(place[bucket.rows], kind="stable").astype(np.int32)
        orders.append(within)
        for start in range(0, len(within), bucket.batch_size):
            last = min(start + bucket.batch_size, len(within)) - 1
            batches.append((int(place[bucket.rows[within[last]]]), number, start, last + 1 - start))
    return orders, [batch[1:] for batch in sorted(batches)]


@dataclass(frozen=True, eq=False)
class _Block:
    """`rows` rows of a bucket on the device, from place `start` in the epoch's order."""

    start: int
    rows: int
    data: Any


class BucketedPass(Pass):
    """A pass over sequences in batches of similar length.

    One block of each bucket at a time is padded and put on the device, in the epoch's order. So the sequences may be in
    a file: memory grows with the number of buckets, not of sequences.
    """

    def __init__(
        self,
        loop: Loop,
        examples: Examples,
        batch_size: int,
        steps_a_program: int | None = None,
        batch_tokens: int | None = None,
    ) -> None:
        examples = with_step_weights(examples)
        self._groups = LengthGroups.of(examples)
        self._buckets = joint_buckets(self._groups.lengths, batch_size, batch_tokens)
        steps = sum(-(-len(bucket.rows) // bucket.batch_size) for bucket in self._buckets)
        super().__init__(loop, len(examples), batch_size, steps, steps_a_program)
        self._examples = examples

    @property
    def examples_a_step(self) -> int:
        """The number of examples in a batch; if batches differ in size, the mean, rounded up."""
        differ = len({bucket.batch_size for bucket in self._buckets}) > 1
        return -(-self.count // self.steps) if differ else self.batch_size

    @property
    def buckets_in_words(self) -> list[str]:
        """The lengths, the number of rows and the rows per batch of each bucket."""
        return [f"{bucket.lengths}: {len(bucket.rows)} rows by {bucket.batch_size}" for bucket in self._buckets]

    def stretches(self, order: NDArray[np.int32]) -> Callable[[int], Stretch]:
        """Consecutive batches of the same bucket, block and size."""
        orders, batches = batch_sequence(self._buckets, order)
        blocks: dict[int, _Block] = {}

        def after(done: int) -> Stretch:
            number, start, size = batches[done]
            block = blocks.get(number)
            if block is None or not block.start <= start < block.start + block.rows:
                blocks.pop(number, None)  # before the next one takes its place in memory
                block = blocks[number] = self._block(self._buckets[number], orders[number], start)
            stop = block.start + block.rows
            end = done + 1
            while end < len(batches) and batches[end][::2] == (number, size) and batches[end][1] < stop:
                end += 1
            return Stretch(block.data, start - block.start, end - done, size)

        return after

    def _block(self, bucket: JointBucket, within: NDArray[np.int32], start: int) -> "_Block":
        """Put the block with place `start` of a bucket's order on the device; all blocks have the same shape."""
        numbers = bucket.batch_size * max(1, self._groups.numbers_a_row(self._examples, bucket.lengths))
        batches = max(1, BLOCK_TOKENS // numbers)
        rows = min(batches * bucket.batch_size, len(bucket.rows))
        first = start // rows * rows
        chosen = bucket.rows[within[first : first + rows]]
        data = filled(self._groups.padded(self._examples.take(chosen), bucket.lengths).packed(), rows)
        return _Block(first, rows, jax.tree.map(jnp.asarray, data))


def pass_over(
    loop: Loop,
    examples: Examples,
    batch_size: int,
    steps_a_program: int | None = None,
    batch_tokens: int | None = None,
) -> Pass:
    """A pass over examples of one length or of several; arguments as of `Pass` and `joint_buckets`.

    Raises:
        ValueError: there is a limit of tokens, but all examples have one length.
    """
    if examples.ragged:
        return BucketedPass(loop, examples, batch_size, steps_a_program, batch_tokens)
    if batch_tokens is not None:
        raise ValueError("batch_tokens is for sequences of different lengths: give batch_size alone")
    return EvenPass(loop, examples, batch_size, steps_a_program)


def sample_batch(examples: Examples, rows: int) -> Examples:
    """The first rows as a model reads them, to build it from."""
    first = with_step_weights(examples.take(slice(None, rows)))
    groups = LengthGroups.of(first)
    return groups.padded(first, tuple(bucket_length(int(lengths.max())) for lengths in groups.lengths))
