"""What was decided about the parts, in sentences without a full stop."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.data.kept_in_cache import shown_path
from unspool.data.parts import TEST, TRAINING, VALIDATION, Parts
from unspool.data.splits import in_one_group
from unspool.data.tables.split_names import PARTS

_MOST_NAMED = 10

NOT_WHOLE = ", so that one group may be in several parts"
"""Said of parts by time where rows have groups."""


def said_words(split: str | None, test: object | None, what: str, validation: object | None = None) -> Iterator[str]:
    """Say which parts are known from a file, in sentences without a full stop.

    Args:
        split: the column that tells the parts, or None.
        test: the test file, or None.
        what: the rows are, such as "texts".
        validation: the validation file, or None.
    """
    if split is not None:
        yield f"column {split} says which {what} are for training, validation and the test"
    more = "" if split is None else ", besides those that the column names"
    if validation is not None:
        yield f"{what} for validation are those of {shown_path(str(validation))}{more}"
    if test is not None:
        yield f"the test is {shown_path(str(test))}{more}"


def drawn_words(given: Parts, how: str, what: str) -> Iterator[str]:
    """Say which parts `draw_parts` draws beside those that are given, and how, unless it draws none.

    Example:
        >>> list(drawn_words(np.array([0, 0, 2], dtype=np.int8), "at random", "rows"))
        ['rows for validation are drawn from the others: at random']
    """
    drawn = [name for name, part in (("validation", VALIDATION), ("test", TEST)) if part not in given]
    if drawn:
        yield f"{what} for {' and '.join(drawn)} are drawn from the others: {how}"


def kept_words(
    given: Parts, classes: NDArray[Any] | None, groups: NDArray[np.int64] | None, by: str | None
) -> Iterator[str]:
    """Say which classes `split_by_chance` keeps in training because all of their rows are in one group.

    Args:
        given: (N,) the part of each row before any was drawn.
        classes: (N,) the class of each, or None.
        groups: (N,) the group of each, or None.
        by: the column of the groups, or None where rows are not drawn by group.

    Example:
        >>> groups = np.array([1, 2, 3, 3])
        >>> list(kept_words(np.zeros(4, np.int8), np.array(["a", "a", "b", "b"], object), groups, "author"))
        ['labels that stay in training, as each has one author only: b']
    """
    if classes is None or groups is None or by is None or {VALIDATION, TEST} <= set(given.tolist()):
        return
    free = given == TRAINING
    alone = np.unique(classes[free][in_one_group(classes[free], groups[free])].astype(str))
    if len(alone):
        more = ", ..." if len(alone) > _MOST_NAMED else ""
        named = ", ".join(alone[:_MOST_NAMED])
        yield f"labels that stay in training, as each has one {by} only: {named}{more}"


def uneven_words(parts: Parts, given: Parts, groups: NDArray[np.int64] | None) -> Iterator[str]:
    """Point out a large group that was drawn for validation or the test, if less than half is left for training.

    Args:
        parts: (N,) the part of each example.
        given: (N,) the same before any was drawn.
        groups: (N,) the group of each, or None where they are not drawn by group.

    Example:
        >>> groups, parts = np.array([1, 2, 3, 3, 3, 3]), np.array([0, 1, 2, 2, 2, 2], np.int8)
        >>> print(*uneven_words(parts, np.zeros(6, np.int8), groups))
        only 1 of 6 examples is left for training: the largest group, with 4, was drawn for the test; try another \
--seed, or name a column that says which examples are for training, validation and the test (--split)
    """
    free = given == TRAINING
    if groups is None or not free.any():
        return
    members, counts = np.unique(groups[free], return_counts=True)
    largest = int(counts.max())
    part = int(parts[free][groups[free] == members[counts.argmax()]][0])
    left, total = int((parts[free] == TRAINING).sum()), int(free.sum())
    if part != TRAINING and 2 * left < total:
        name = "the test" if part == TEST else PARTS[part]
        yield (
            f"only {left:,} of {total:,} examples {'is' if left == 1 else 'are'} left for training: the largest group, "
            f"with {largest:,}, was drawn for {name}; try another --seed, or name a column that says which examples "
            "are for training, validation and the test (--split)"
        )


def shared_words(parts: Parts, given: Parts, groups: NDArray[np.int64] | None) -> Iterator[str]:
    """Point out groups of which a file or a column has put some examples into training and some into another part.

    Args:
        parts: (N,) the part of each example.
        given: (N,) the same before any was drawn.
        groups: (N,) the group of each, or None.

    Example:
        >>> parts = np.array([0, 0, 0, 2, 2], np.int8)
        >>> print(*shared_words(parts, parts, np.array([1, 2, 3, 3, 4])))
        1 of the 2 test groups also occurs in training: the scores do not show how good the model is for new \
groups. To hold out whole groups, leave out --split, --validation and --test
    """
    if groups is None:
        return
    training = np.unique(groups[parts == TRAINING])
    for part, name in ((VALIDATION, "validation"), (TEST, "test")):
        there = np.unique(groups[given == part])
        shared = int(np.isin(there, training).sum())
        if shared:
            occur = "occurs" if shared == 1 else "occur"
            yield (
                f"{shared:,} of the {len(there):,} {name} groups also {occur} in training: the scores do not show how "
                "good the model is for new groups. To hold out whole groups, leave out --split, --validation and --test"
            )
