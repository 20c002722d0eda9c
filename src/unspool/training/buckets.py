"""Sequences of different lengths, each batched with others of near length: what is paid for is real, not padding."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice, takewhile

import numpy as np
from jax import numpy as jnp
from numpy.typing import NDArray

from unspool.data.ragged import Ragged
from unspool.training.arrays import Examples
from unspool.training.programs import Loop
from unspool.training.steps import EvenPass, Pass, Stretch, on_device

SHORTEST = 16
"""Below it a step costs no less, and each length is one more program to compile."""


@dataclass(frozen=True, eq=False)
class Bucket:
    """Rows that are padded to one length.

    Attributes:
        length: what they are padded to.
        rows: (N_k,) which rows of the data they are.
    """

    length: int
    rows: NDArray[np.int64]


def bucket_length(length: int) -> int:
    """The length that a sequence is padded to: 16, 24, 32, 48, 64, 96, ...: at most half as long again.

    Few lengths mean few programs; fixed ones, that another epoch and other data find them compiled.

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


def buckets(lengths: NDArray[np.int64], batch_size: int) -> list[Bucket]:
    """Divide rows by length, such that all buckets but the longest hold whole batches.

    What would be left over in a bucket, its longest rows, goes to the next one. So a step has one shape a length, and
    the last batch of the longest bucket one more.

    Args:
        lengths: (N,) of the rows.
        batch_size: rows in a step.

    Example:
        >>> [(b.length, b.rows.tolist()) for b in buckets(np.array([3, 40, 5, 9, 20]), batch_size=2)]
        [(16, [0, 2]), (24, [3, 4]), (48, [1])]
    """
    order = np.argsort(lengths, kind="stable")
    padded = np.array([bucket_length(n) for n in lengths[order]], dtype=np.int64)
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


def batch_sequence(
    found: list[Bucket], order: NDArray[np.int32], batch_size: int
) -> tuple[list[NDArray[np.int32]], list[tuple[int, int, int]]]:
    """The batches of an epoch: rows are dealt out in `order`, and a bucket's batch goes once it is full.

    So batches of all lengths come mixed, each row once, and nothing but `order` is random.

    Args:
        found: the buckets.
        order: (N,) the epoch's order of all rows.
        batch_size: rows in a step.

    Returns:
        For each bucket the order of its own rows, counted within it; and the batches, each as (bucket, first of its
        rows in that order, how many).
    """
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    orders, batches = [], []
    for number, bucket in enumerate(found):
        within = np.argsort(place[bucket.rows], kind="stable").astype(np.int32)
        orders.append(within)
        for start in range(0, len(within), batch_size):
            last = min(start + batch_size, len(within)) - 1
            batches.append((int(place[bucket.rows[within[last]]]), number, start, last + 1 - start))
    return orders, [batch[1:] for batch in sorted(batches)]


class BucketedPass(Pass):
    """A pass over sequences in batches of near length."""

    def __init__(self, loop: Loop, examples: Examples, batch_size: int, steps_a_program: int | None = None) -> None:
        self._buckets = buckets(examples.x.lengths, batch_size)
        steps = sum(-(-len(bucket.rows) // batch_size) for bucket in self._buckets)
        super().__init__(loop, len(examples), batch_size, steps, steps_a_program)
        self._data = [on_device(examples.take(bucket.rows).padded(bucket.length).packed()) for bucket in self._buckets]

    def stretches(self, order: NDArray[np.int32]) -> Callable[[int], Stretch]:
        """Batches of one bucket and size, as many as come in a row."""
        orders, batches = batch_sequence(self._buckets, order, self.batch_size)
        device_orders = [jnp.asarray(within) for within in orders]

        def after(done: int) -> Stretch:
            number, start, size = batches[done]
            alike = takewhile(lambda batch: (batch[0], batch[2]) == (number, size), islice(batches, done, None))
            return Stretch(self._data[number], device_orders[number], start, sum(1 for _ in alike), size)

        return after


def pass_over(loop: Loop, examples: Examples, batch_size: int, steps_a_program: int | None = None) -> Pass:
    """A pass over examples of one length or of many; the arguments are those of `Pass`."""
    kind = BucketedPass if isinstance(examples.x, Ragged) else EvenPass
    return kind(loop, examples, batch_size, steps_a_program)


def sample_batch(examples: Examples, rows: int) -> Examples:
    """The first rows as a model sees them: what a model is built from."""
    first = examples.take(slice(None, rows))
    longest = int(first.x.lengths.max()) if isinstance(first.x, Ragged) else 0
    return first.padded(bucket_length(longest))
