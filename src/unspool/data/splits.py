"""Part of the training data set aside: stratified, seeded, and no group on both sides."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from unspool.errors import UserError

Split = tuple[NDArray[np.int64], NDArray[np.int64]]


def stratified_split(labels: ArrayLike, fraction: float, seed: int, groups: ArrayLike | None = None) -> Split:
    """Split examples in two, with each class in the same share on both sides.

    With groups, whole groups are drawn, stratified by the class that most of a group's members have (the lowest, where
    several are equally common); `fraction` is then of the groups, and so of the examples where groups are of one size.

    Args:
        labels: (N,) the class of each example.
        fraction: of the examples that go to the validation side, above 0 and below 1.
        seed: the same seed gives the same split.
        groups: (N,) a whole number for each example, or None. Examples of one group stay together.

    Returns:
        The indices of the training examples and of the validation examples, each sorted: together (N,).

    Raises:
        UserError: the fraction is out of range, all labels are equal, or there are too few examples of a class.
        ValueError: labels and groups have no common length.

    Example:
        >>> training, validation = stratified_split([0, 1] * 10, fraction=0.2, seed=0)
        >>> len(training), [index % 2 for index in validation.tolist()].count(1)
        (16, 2)
    """
    classes = np.asarray(labels)
    if not 0 < fraction < 1:
        raise UserError(f"The validation fraction is {fraction}: it must lie between 0 and 1, as in 0.1.")
    names = np.unique(classes)
    if len(names) < 2:
        found = f"all {len(classes)} examples have the label {names[0]}" if len(names) else "there are no examples"
        raise UserError(f"Nothing can be learned from one class: {found}. Give examples of at least two labels.")
    if groups is None:
        return _draw(classes, fraction, seed, "examples")
    members = np.asarray(groups)
    if members.shape != classes.shape:
        raise ValueError(f"groups has the shape {members.shape}, labels {classes.shape}.")
    group_classes, group_of = _majority_classes(classes, members)
    training, _ = _draw(group_classes, fraction, seed, "groups")
    in_training = np.isin(group_of, training)
    return np.flatnonzero(in_training), np.flatnonzero(~in_training)


def _draw(classes: NDArray[np.generic], fraction: float, seed: int, what: str) -> Split:
    from sklearn.model_selection import StratifiedShuffleSplit  # takes most of a second to import

    splitter = StratifiedShuffleSplit(n_splits=1, test_size=fraction, random_state=seed)
    try:
        training, validation = next(splitter.split(np.zeros(len(classes)), classes))
    except ValueError as error:
        names, counts = np.unique(classes, return_counts=True)
        found = ", ".join(f"{count} of label {name}" for name, count in zip(names, counts, strict=True))
        raise UserError(
            f"There are too few {what} to set aside {fraction:g} of them ({found}): "
            "each label needs at least two, and a place on both sides. Give more examples or another fraction."
        ) from error
    return np.sort(training), np.sort(validation)


def _majority_classes(
    classes: NDArray[np.generic], groups: NDArray[np.generic]
) -> tuple[NDArray[np.generic], NDArray[np.int64]]:
    """Return each group's most common class, (G,), and which group, 0 to G - 1, each example is in, (N,)."""
    names, class_of = np.unique(classes, return_inverse=True)
    members, group_of = np.unique(groups, return_inverse=True)
    counts = np.zeros((len(members), len(names)), dtype=np.int64)
    np.add.at(counts, (group_of, class_of), 1)
    return names[counts.argmax(axis=1)], group_of
