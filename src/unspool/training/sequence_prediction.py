"""Predictions for sequences of different lengths, each computed with others of near length."""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import numpy as np
from numpy.typing import NDArray

from unspool.data.ragged import Ragged
from unspool.training.arrays import filled, first_rows
from unspool.training.buckets import SHORTEST, bucket_length, joint_buckets
from unspool.training.examples import Examples, Nested
from unspool.training.sequences import LengthGroups

RAGGED_BATCHES_A_PROGRAM = 8
"""For sequences of one bucket; fixed, so that more of them share one compiled program."""

Loop = Callable[..., Any]
"""(x, steps, *, batch_size) to outputs."""


def predict_sequences(loop: Loop, x: Nested, size: int) -> Any:
    """Compute outputs over examples of which some inputs are ragged.

    Programs have one number of rows for each bucket, the last filled up with empty ones.

    Args:
        loop: the model's compiled loop.
        x: nested arrays (N, ...) and `Sequences`.
        size: examples in a step.

    Returns:
        For each output an array (N, ...), or a Ragged of N sequences where it has a step for each of an input's.

    Raises:
        ValueError: an output grows with an input in another way.
    """
    examples = Examples(x)
    groups = LengthGroups.of(examples)
    rows_a_program = RAGGED_BATCHES_A_PROGRAM * size
    parts, order, lengths = [], [], []
    for bucket in joint_buckets(groups.lengths, size):
        for start in range(0, len(bucket.rows), rows_a_program):
            rows = bucket.rows[start : start + rows_a_program]
            data = filled(groups.padded(examples.take(rows), bucket.lengths).x, rows_a_program)
            result = loop(data, np.int32(-(-len(rows) // size)), batch_size=size)
            parts.append(first_rows(len(rows), result))
            order.append(rows)
            lengths.append(bucket.lengths)
    follows = _follows(loop, examples, groups, parts, lengths)
    places = np.argsort(np.concatenate(order))
    joined = [
        _joined([jax.tree.leaves(part)[number] for part in parts], groups, group, order, places)
        for number, group in enumerate(follows)
    ]
    return jax.tree.unflatten(jax.tree.structure(parts[0]), joined)


def _joined(
    parts: list[NDArray[Any]],
    groups: LengthGroups,
    group: int | None,
    order: list[NDArray[np.int64]],
    places: NDArray[np.int64],
) -> Any:
    """The parts of one output, one after the other, in the order of the examples."""
    if group is None:
        return np.concatenate(parts)[places]
    lengths = groups.lengths[group]
    flat = [part[_present(lengths[rows], part.shape[1])] for part, rows in zip(parts, order, strict=True)]
    return Ragged.from_lengths(np.concatenate(flat), lengths[np.concatenate(order)]).take(places)


def _present(lengths: NDArray[np.int64], longest: int) -> NDArray[np.bool_]:
    """Which of the steps are there, (N, longest), where padding is in front."""
    present: NDArray[np.bool_] = np.arange(longest) >= longest - lengths[:, None]
    return present


def _follows(
    loop: Loop, examples: Examples, groups: LengthGroups, parts: list[Any], lengths: list[tuple[int, ...]]
) -> list[int | None]:
    """For each output the group of inputs that it has a step for each of, or None."""
    shapes = [[leaf.shape for leaf in jax.tree.leaves(part)] for part in parts]
    grows = (len(shape) > 1 and shape[1] in some for part, some in zip(shapes, lengths, strict=True) for shape in part)
    follows: list[int | None] = [None] * len(shapes[0])
    if any(grows):
        follows = _followed(partial(_shapes, loop, examples, groups), len(groups.lengths))
    for number, group in enumerate(follows):
        rests = {part[number][1 if group is None else 2 :] for part in shapes}
        fits = group is None or all(part[number][1] == some[group] for part, some in zip(shapes, lengths, strict=True))
        if len(rests) > 1 or not fits:
            raise ValueError(
                "the model's outputs grow with its input in another way than a step for each of its steps: predict "
                "sequences of one length at a time, as an array"
            )
    return follows


def _followed(shapes: Callable[[list[int]], list[tuple[int, ...]]], groups: int) -> list[int | None]:
    """Lengthen one group of inputs after the other and look which outputs grow with it."""
    base = [SHORTEST] * groups
    before = shapes(base)
    follows: list[int | None] = [None] * len(before)
    for group in range(groups):
        longer = [*base]
        longer[group] = bucket_length(SHORTEST + 1)
        for number, (was, now) in enumerate(zip(before, shapes(longer), strict=True)):
            if len(was) > 1 and was[1] != now[1]:
                follows[number] = group
    return follows


def _shapes(loop: Loop, examples: Examples, groups: LengthGroups, lengths: list[int]) -> list[tuple[int, ...]]:
    """The shapes of all outputs for inputs of these lengths; nothing is computed."""
    none = np.zeros(0, np.int64)
    data = filled(groups.padded(examples.take(none), tuple(lengths)).x, 1)
    outputs = jax.eval_shape(partial(loop, batch_size=1), data, np.int32(1))
    return [leaf.shape for leaf in jax.tree.leaves(outputs)]
