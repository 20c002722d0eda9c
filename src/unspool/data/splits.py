"""Part of the training data set aside: stratified, seeded, and no group on both sides."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from unspool.errors import AdvisedError, UserError

FEWEST = 5
"""Of so many examples of each class, one can be held out twice, and three be trained on."""

_MOST_SHOWN = 10

Split = tuple[NDArray[np.int64], NDArray[np.int64]]


class TooFew(AdvisedError):
    """There are too few examples, or groups, of a class for a place on both sides."""


def stratified_split(labels: ArrayLike, fraction: float, seed: int, groups: ArrayLike | None = None) -> Split:
    """Split examples in two, with each class in the same share on both sides.

    With groups, whole groups are drawn, stratified by the class that most of a group's members have (the lowest, where
    several are equally common); `fraction` is then of the groups, and so of the examples where groups are of one size.
    A class that occurs in one group only stays in training, and with it that group. If there are too few groups of a
    class, but each class occurs in most groups, groups are drawn regardless of class.

    Where the fraction gives fewer examples, or groups, than there are classes, one of each class is drawn, provided
    that each has four: so of five, a test and then a validation example can be drawn.

    Args:
        labels: (N,) the class of each example.
        fraction: of the examples that go to the validation side, above 0 and below 1.
        seed: the same seed gives the same split.
        groups: (N,) a whole number for each example, or None. Examples of one group stay together.

    Returns:
        The indices of the training examples and of the validation examples, each sorted: together (N,).

    Raises:
        UserError: the fraction is out of range, or all labels are equal.
        TooFew: there are too few examples of a class.
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
    free = ~np.isin(np.arange(len(group_classes)), group_of[in_one_group(classes, members)])
    leading, counts = np.unique(group_classes[free], return_counts=True)
    free &= np.isin(group_classes, leading[counts > 1])  # one group of a kind cannot be on both sides
    drawn = np.flatnonzero(free)
    if not len(drawn) and len(group_classes) > 1 and in_one_group(classes, members).all():
        raise TooFew(
            "No group can be set aside: all examples of each label are in one group, so the label of a group that is "
            "held out would not be in training.",
            "Give other examples or groups, so that each label is in several of them.",
        )
    if len(drawn) < 2:
        raise _too_few("groups", group_classes, fraction)
    try:
        held_out = drawn[_draw(group_classes[drawn], fraction, seed, "groups")[1]]
    except TooFew:
        if not in_most_groups(classes, members):
            raise
        return random_split(members, fraction, seed, classes)
    out = np.isin(group_of, held_out)
    return np.flatnonzero(~out), np.flatnonzero(out)


def random_split(
    groups: NDArray[np.int64], fraction: float, seed: int, classes: NDArray[np.generic] | None = None
) -> Split:
    """Hold out a fraction of the groups at random; with classes, first those that leave another group of each class.

    Args:
        groups: (N,) the group of each example.
        fraction: of the groups.
        seed: the same seed gives the same split.
        classes: (N,) the class of each example, or None.

    Returns:
        The indices of the examples that are kept and of those held out, each sorted: together (N,).

    Raises:
        TooFew: there are too few groups.

    Example:
        >>> kept, held_out = random_split(np.arange(20), fraction=0.2, seed=0)
        >>> len(kept), len(held_out)
        (16, 4)
    """
    members, group_of = np.unique(groups, return_inverse=True)
    chosen = round(len(members) * fraction) or int(len(members) > 2)
    if not 0 < chosen < len(members):
        what = "examples" if len(members) == len(groups) else "groups"
        raise TooFew(
            f"There are too few {what} ({len(members):,}) to hold out {fraction:.2g} of them.",
            f"Give more, or hold out a {'smaller' if chosen else 'larger'} fraction.",
        )
    # RandomState is the one generator whose streams NumPy promises never to change.
    order = np.random.RandomState(seed).permutation(len(members))
    if classes is not None:
        names, class_of = np.unique(classes, return_inverse=True)
        last = np.zeros(len(names), np.int64)  # the position in this order of the last group of each class
        np.maximum.at(last, class_of, np.argsort(order)[group_of])
        order = np.concatenate((np.delete(order, last), order[np.unique(last)]))
    out = np.isin(group_of, order[:chosen])
    return np.flatnonzero(~out), np.flatnonzero(out)


def in_one_group(classes: NDArray[np.generic], groups: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Tell of each of N examples whether all others of its class are in its group.

    Example:
        >>> in_one_group(np.array(["a", "a", "b", "b"]), np.array([1, 2, 2, 2])).tolist()
        [False, False, True, True]
    """
    names, class_of = np.unique(classes, return_inverse=True)
    _, group_of = np.unique(groups, return_inverse=True)
    lowest = np.full(len(names), len(groups))
    highest = np.full(len(names), -1)
    np.minimum.at(lowest, class_of, group_of)
    np.maximum.at(highest, class_of, group_of)
    alone: NDArray[np.bool_] = (lowest == highest)[class_of]
    return alone


def in_most_groups(classes: NDArray[np.generic], groups: NDArray[np.generic]) -> bool:
    """Whether each class of N examples occurs in more than half of their groups.

    Example:
        >>> in_most_groups(np.array(["a", "b", "a"]), np.array([1, 1, 2]))
        False
    """
    names, class_of = np.unique(classes, return_inverse=True)
    _, group_of = np.unique(groups, return_inverse=True)
    pairs = np.unique(group_of * len(names) + class_of)
    return bool((2 * np.bincount(pairs % len(names), minlength=len(names)) > group_of.max() + 1).all())


def spare(
    classes: NDArray[np.generic], rare: NDArray[np.bool_], groups: NDArray[np.int64], seed: int
) -> NDArray[np.bool_]:
    """Tell of each of N examples whether it can be held out if each rare class keeps a group, drawn at random.

    Args:
        classes: (N,) the class of each example.
        rare: (N,) whether that class is rare.
        groups: (N,) the group of each example.
        seed: the same seed keeps the same groups.

    Example:
        >>> spare(np.array(["a", "a", "b"]), np.array([False, False, True]), np.arange(3), seed=0).tolist()
        [True, True, False]
    """
    order = np.random.RandomState(seed).permutation(np.flatnonzero(rare))
    _, first = np.unique(classes[order], return_index=True)
    free: NDArray[np.bool_] = ~np.isin(groups, groups[order[first]])
    return free


def _draw(classes: NDArray[np.generic], fraction: float, seed: int, what: str) -> Split:
    from sklearn.model_selection import StratifiedShuffleSplit  # takes most of a second to import

    counts = np.unique(classes, return_counts=True)[1]
    least = FEWEST - 1  # one may be drawn already
    few = math.ceil(fraction * len(classes)) < len(counts) and counts.min() >= least
    splitter = StratifiedShuffleSplit(n_splits=1, test_size=len(counts) if few else fraction, random_state=seed)
    try:
        training, validation = next(splitter.split(np.zeros(len(classes)), classes))
    except ValueError as error:
        raise _too_few(what, classes, fraction) from error
    return np.sort(training), np.sort(validation)


def _too_few(what: str, classes: NDArray[np.generic], fraction: float) -> TooFew:
    names, counts = np.unique(classes, return_counts=True)
    shown = [f"{count} of label {name}" for name, count in zip(names[:_MOST_SHOWN], counts, strict=False)]
    found = ", ".join([*shown, "..."] if len(names) > _MOST_SHOWN else shown)
    if what == "groups":
        found += "; a group counts for its most frequent label"
    enough = math.ceil(100 * len(names) / len(classes)) / 100  # one of each label
    more = ""
    if counts.min() > 1 and fraction < enough < 0.5:
        more = f", or hold out more, as in --set data.test_fraction={enough:g}"
    return TooFew(
        f"There are too few {what} to set aside {fraction:.2g} of them ({found}): each label needs at least two, and a "
        "place on both sides of the split.",
        f"Give {FEWEST} or more {what} of each label{more}.",
    )


def _majority_classes(
    classes: NDArray[np.generic], groups: NDArray[np.generic]
) -> tuple[NDArray[np.generic], NDArray[np.int64]]:
    """Return each group's most common class, (G,), and which group, 0 to G - 1, each example is in, (N,)."""
    names, class_of = np.unique(classes, return_inverse=True)
    _, group_of = np.unique(groups, return_inverse=True)
    pairs, counts = np.unique(group_of * len(names) + class_of, return_counts=True)
    of_group, of_class = np.divmod(pairs, len(names))
    order = np.lexsort((of_class, -counts, of_group))  # the most common class of a group first, the lowest of equals
    _, first = np.unique(of_group[order], return_index=True)
    return names[of_class[order][first]], group_of
