"""The parts of data: which rows are trained on, which stop the training, and which are the test."""

import numpy as np
from numpy.typing import NDArray

from unspool.data.cell_values import fingerprint
from unspool.data.tables.split_names import PARTS, Part

TRAINING, VALIDATION, TEST = 0, 1, 2
"""The numbers of the parts, in the order of `split_names.PARTS`."""

Parts = NDArray[np.int8]


def known_parts(said: Parts | None, count: int) -> Parts:
    """The part of each of N rows as a file says it; all are in training where it says nothing."""
    return np.full(count, TRAINING, dtype=np.int8) if said is None else said


def with_more_rows(
    known: Parts,
    groups: NDArray[np.int64] | None,
    count: int,
    part: int,
    own: NDArray[np.int64] | None = None,
) -> tuple[Parts, NDArray[np.int64] | None]:
    """The parts and the groups of a file's rows, followed by those of a second file, all of whose rows are in one part.

    Args:
        known: the parts of the file.
        groups: of the file; None returns none for the other file either.
        count: of the other file's rows.
        part: of them, `VALIDATION` or `TEST`.
        own: (count,) the groups of the other file; None gives each row one of its own.
    """
    parts = np.concatenate([known, np.full(count, part, dtype=np.int8)])
    if groups is None:
        return parts, None
    apart = [fingerprint(f"{PARTS[part]} {position}") for position in range(count)] if own is None else own
    return parts, np.concatenate([groups, np.array(apart, dtype=np.int64)])


def count_by_part(parts: Parts) -> dict[Part, int]:
    """Count the rows of each part."""
    return {part: int(count) for part, count in zip(PARTS, np.bincount(parts, minlength=len(PARTS)), strict=True)}
