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


def several(groups: NDArray[np.int64] | None) -> NDArray[np.int64] | None:
    """The groups of some examples, (n,), if there are at least two: a single one could not be resampled or held out.

    Example:
        >>> several(np.array([7, 8])).tolist(), several(np.array([7, 7]))
        ([7, 8], None)
    """
    return None if groups is None or len(np.unique(groups)) < 2 else groups


def checked_groups(groups: NDArray[np.int64] | None, part: Part, examples: str) -> NDArray[np.int64] | None:
    """The groups of a part; a test must have several, which is checked before anything is trained.

    Args:
        groups: (n,) of the part's examples, or None where none are known.
        part: its name.
        examples: what they are called, as in "texts".

    Raises:
        UserError: all of the test is one group.

    Example:
        >>> checked_groups(np.array([7, 7]), "validation", "texts").tolist()
        [7, 7]
    """
    if part == "test" and groups is not None and several(groups) is None:
        raise UserError(
            f"All test {examples} belong to one group, and intervals around their scores need several. Hold out "
            "others, by another column or --seed, or more, as in --set data.test_fraction=0.3. A file given with "
            "--test needs several groups itself."
        )
    return groups
