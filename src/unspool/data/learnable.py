"""Labels that models cannot learn, or cannot be compared on."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from unspool.data.labels import Label, shown
from unspool.data.splits import in_one_group
from unspool.errors import AdvisedError


def refuse_unlearnable(labels: Sequence[Label], groups: NDArray[np.int64] | None) -> None:
    """Refuse labels that no classifier can learn, before training starts.

    Args:
        labels: N, of the examples to learn from.
        groups: (N,) of the examples, or None.

    Raises:
        UserError: all examples have the same label, or fewer than two labels occur in several groups.

    Example:
        >>> refuse_unlearnable(["a", "b", "a", "b"], np.array([1, 1, 2, 2]))
        >>> refuse_unlearnable(["a", "a"], None)
        Traceback (most recent call last):
        ...
        unspool.errors.AdvisedError: All 2 examples to learn from have the label a. ...
    """
    names = sorted({shown(label) for label in labels})
    if len(names) == 1:
        raise AdvisedError(
            f"All {len(labels):,} examples to learn from have the label {names[0]}.",
            "Give some of other labels, or choose the test examples by another column or at random.",
        )
    if groups is None or len(np.unique(groups)) < 2:
        return
    each = np.array([shown(label) for label in labels])
    if len(np.unique(each[~in_one_group(each, groups)])) < 2:
        alone = np.unique(each[in_one_group(each, groups)]).tolist()
        others = len(alone) - 1
        more = f", as are those of {others:,} other label{'s' * (others > 1)}" if others else ""
        raise AdvisedError(
            f"Models cannot be compared on held-out groups: all examples of label {alone[0]} are in one group{more}.",
            "Give examples of at least two labels in several groups each, or leave the groups out.",
        )
