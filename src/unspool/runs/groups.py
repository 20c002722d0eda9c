"""The groups of a part's examples, of which whole ones are drawn for an interval."""

import numpy as np
from numpy.typing import NDArray

from unspool.data.tables.split_names import Part
from unspool.errors import UserError


def copies_as_groups(prints: NDArray[np.int64]) -> NDArray[np.int64] | None:
    """Number the examples of a test set that was drawn with copies together, copies alike; None if there are no copies.

    Copies count as one draw, so intervals treat them as one group. In a test set that was given, each example is a draw
    of its own.

    Args:
        prints: (n,) of the test examples, the same for copies.

    Example:
        >>> copies_as_groups(np.array([9, 8, 9])).tolist()
        [1, 0, 1]
    """
    different, number = np.unique(prints, return_inverse=True)
    return number if 1 < len(different) < len(number) else None


def scored_groups(groups: NDArray[np.int64] | None, part: Part, examples: str) -> NDArray[np.int64] | None:
    """The groups of a part, where there are several: of one, nothing could be drawn.

    Args:
        groups: (n,) of the part's examples, or None where none are known.
        part: its name.
        examples: what they are called, as in "texts".

    Raises:
        UserError: all of the test is one group, which is better said before anything is trained.

    Example:
        >>> scored_groups(np.array([7, 8]), "test", "texts").tolist()
        [7, 8]
    """
    if groups is None or len(np.unique(groups)) > 1:
        return groups
    if part == "test":
        raise UserError(
            f"All test {examples} belong to one group, and intervals around their scores need several. Give more "
            "groups, or hold out more of them, as in --set data.test_fraction=0.3."
        )
    return None
