"""Whether models can learn labels from the training examples, and be compared on some that are held out."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from unspool.data.labels import Label, shown
from unspool.data.splits import in_one_group
from unspool.errors import AdvisedError


def refuse_unlearnable(labels: Sequence[Label], groups: NDArray[np.int64] | None) -> None:
    """Refuse examples from which no classification can be learned, before anything is trained.

    Args:
        labels: the label of each training and validation example, N of them.
        groups: (N,) of the examples, or None.

    Raises:
        UserError: all have the same label; or all labels, or all but one, are in one group each, so that models cannot
            be compared on groups that are held out.

    Example:
        >>> refuse_unlearnable(["a", "b", "a", "b"], np.array([1, 1, 2, 2]))
        >>> refuse_unlearnable(["a", "a"], None)
        Traceback (most recent call last):
        ...
        unspool.errors.AdvisedError: All 2 training and validation examples have the label a. ...
    """
    names = sorted({shown(label) for label in labels})
    if len(names) == 1:
        raise AdvisedError(
            f"All {len(labels):,} training and validation examples have the label {names[0]}.",
            "Hold out other examples for the test (by another column, or at random), or give training examples of the "
            "other labels.",
        )
    if groups is None or len(np.unique(groups)) < 2:
        return
    each = np.array([shown(label) for label in labels])
    if len(np.unique(each[~in_one_group(each, groups)])) < 2:
        alone = np.unique(each[in_one_group(each, groups)]).tolist()
        raise AdvisedError(
            f"Models cannot be compared on groups that are held out: all training and validation examples of "
            f"{alone[0]}{' are' if len(alone) == 1 else ', and of other labels, are each'} in one group.",
            "Give examples of at least two labels in several groups each, or leave the groups out.",
        )
