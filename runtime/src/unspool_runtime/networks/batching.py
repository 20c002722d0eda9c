"""Batches of examples of similar length."""

from collections.abc import Iterator, Sequence, Sized

import numpy as np
from numpy.typing import NDArray

from unspool_runtime.networks.network import Batches
from unspool_runtime.networks.program import Steps

AT_ONCE = 64
"""Examples that are computed together, of similar length."""


def near_lengths(rows: Sequence[Sized]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], int]]:
    """Batches of examples of similar length: their positions, their lengths, and the greatest length, at least 1."""
    lengths = np.array([len(row) for row in rows])
    order = np.argsort(lengths, kind="stable")
    for start in range(0, len(rows), AT_ONCE):
        some = order[start : start + AT_ONCE]
        yield some, lengths[some], max(int(lengths[some[-1]]), 1)


def series_batches(rows: Sequence[NDArray[np.float32]], width: int) -> Batches:
    """Series (T, C) of `width` channels in batches of similar length, padded at the end."""
    for places, lengths, longest in near_lengths(rows):
        values = np.zeros((len(places), longest, width), np.float32)
        for row, place, length in zip(values, places.tolist(), lengths.tolist(), strict=True):
            row[:length] = rows[place]
        yield places, Steps(values, (np.arange(longest) < lengths[:, None]).view(np.uint8))
