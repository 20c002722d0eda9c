"""The groups of a part's examples, of which whole ones are drawn for an interval."""

import numpy as np
from numpy.typing import NDArray

from unspool.data.tables.split_names import Part
from unspool.errors import UserError


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
