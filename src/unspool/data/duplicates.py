"""Examples that occur more than once: how they are counted, and kept together when parts are drawn."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unspool.data.parts import Parts
from unspool.data.tables.split_names import PARTS, Part

EARLIER: dict[Part, str] = {"validation": "training", "test": "training or validation"}
"""What a model may have learned from before it is scored on a part: many learn from validation in the end, too."""

COMMON = 0.1
"""Copies of an example that makes up a larger share than this, such as "none" or a series of zeros, are not kept
together."""

_FEWEST_OTHERS = 10
"""Different examples beside the common ones; where there are fewer, copies are kept together, however common."""


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Examples that stand more than once, as many rows in each part; near-duplicates include duplicates.

    Attributes:
        within: rows that have a duplicate in their own part.
        near_within: rows that have a near-duplicate in their own part.
        from_earlier: rows of validation that have a duplicate in training, and of the test that have one in training or
            validation.
        near_from_earlier: the same for near-duplicates.
        contradictory: rows of which a duplicate has another label, in whatever part.
    """

    within: dict[Part, int]
    near_within: dict[Part, int]
    from_earlier: dict[Part, int]
    near_from_earlier: dict[Part, int]
    contradictory: int


def count_duplicates(
    prints: NDArray[np.int64], near: NDArray[np.generic], parts: Parts, labels: Iterable[object]
) -> Duplicates:
    """Count the duplicates among N examples.

    Args:
        prints: (N,) equal for equal examples.
        near: (N, K) what near-duplicates have in common, as from `bands`.
        parts: (N,) the part of each.
        labels: N labels.
    """
    number_of: dict[object, int] = {}
    labelled = np.array([number_of.setdefault(label, len(number_of)) for label in labels], dtype=np.int64)
    return Duplicates(
        within=_within(prints, parts),
        near_within=_within(near, parts),
        from_earlier=_from_earlier(prints, parts),
        near_from_earlier=_from_earlier(near, parts),
        contradictory=int(np.count_nonzero(contradictions(prints, labelled))),
    )


def repeated_in_words(prints: NDArray[np.int64], parts: Parts, what: tuple[str, str], same: str) -> list[str]:
    """Say how many examples of validation and test are in the parts before, too, and what is done about it.

    Args:
        prints: (N,) equal for equal examples.
        parts: (N,) the part of each.
        what: an example, and several.
        same: what they have in common with an earlier one, as in "the same source".

    Example:
        >>> prints, parts = np.array([7, 8, 7, 9]), np.array([0, 0, 2, 2], dtype=np.int8)
        >>> print(*repeated_in_words(prints, parts, ("pair", "pairs"), "the same source"))
        1 pair of test has the same source as a pair of training or validation (50.0% of test): kept; the scores of \
test may be too high
    """
    found = []
    for part, count in _from_earlier(prints, parts).items():
        if count:
            share = count / np.count_nonzero(parts == PARTS.index(part))
            have = f"{what[0]} of {part} has" if count == 1 else f"{what[1]} of {part} have"
            found.append(
                f"{count:,} {have} {same} as a {what[0]} of {EARLIER[part]} ({share:.1%} of {part}): kept; the scores "
                f"of {part} may be too high"
            )
    return found


def has_twin(keys: NDArray[np.generic], among: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell of each row whether some other row, of those in `among`, has the same key.

    Args:
        keys: (N,) one key of each row, or (N, K) several: one in common is enough. A key of 0 is none.
        among: (N,) which rows count as the other one.

    Returns:
        (N,)

    Example:
        >>> has_twin(np.array([7, 8, 7, 8]), np.array([True, True, True, False])).tolist()
        [True, False, True, True]
    """
    found = np.zeros(len(keys), dtype=bool)
    for column in keys.T if keys.ndim == 2 else [keys]:
        _, number = np.unique(column, return_inverse=True)
        count = np.bincount(number[among], minlength=number.max(initial=0) + 1)
        found |= (count[number] > among) & (column != 0)
    return found


def contradictions(keys: NDArray[np.generic], labels: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell of each row whether a row with the same key, (N,), has another label, (N,).

    Example:
        >>> contradictions(np.array([7, 8, 7, 8]), np.array([0, 1, 1, 1])).tolist()
        [True, False, True, False]
    """
    _, number = np.unique(keys, return_inverse=True)
    lowest = np.full(number.max(initial=0) + 1, np.iinfo(np.int64).max)
    highest = np.full_like(lowest, -1)
    np.minimum.at(lowest, number, labels)
    np.maximum.at(highest, number, labels)
    differ: NDArray[np.bool_] = lowest != highest
    return differ[number]


def _within(keys: NDArray[np.generic], parts: Parts) -> dict[Part, int]:
    return {
        part: int(np.count_nonzero(has_twin(keys, parts == number) & (parts == number)))
        for number, part in enumerate(PARTS)
    }


def _from_earlier(keys: NDArray[np.generic], parts: Parts) -> dict[Part, int]:
    return {
        part: int(np.count_nonzero(has_twin(keys, parts < number) & (parts == number)))
        for number, part in enumerate(PARTS)
    }


def copies_together(prints: NDArray[np.int64], what: str) -> tuple[NDArray[np.int64] | None, str]:
    """Rows with the same fingerprint as a group, where there are some that are not too common, and that in words.

    Args:
        prints: (N,) of the rows.
        what: such rows are, such as "copies of one text".
    """
    rare = rare_copies(prints)
    different, drawn = len(np.unique(prints)), len(np.unique(rare))
    if different == len(prints):
        return None, "at random"
    but = " unless they make up more than a tenth" if drawn > different else ""
    return rare if drawn < len(rare) else None, f"at random, {what} together{but}"


def rare_copies(prints: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number N examples so that copies have the same number, unless they make up more than a tenth of all.

    Otherwise, all copies of a common example would go to training, and the scores would not hold for data like these.
    With fewer than 10 different other examples, all copies have the same number, however common.

    Args:
        prints: (N,) equal for equal examples.

    Example:
        >>> rare_copies(np.array([7, 8, 7, *range(20, 37)])).tolist()[:4]
        [0, 1, 0, 2]
        >>> rare_copies(np.array([7, 7, 7, *range(20, 37)])).tolist()[:4]
        [18, 19, 20, 1]
        >>> rare_copies(np.array([7, 8, 7])).tolist()
        [0, 1, 0]
    """
    different, number, counts = np.unique(prints, return_inverse=True, return_counts=True)
    of_common = counts > COMMON * len(prints)
    if np.sum(~of_common) < _FEWEST_OTHERS:
        return number
    common = np.flatnonzero(of_common[number])
    number[common] = len(different) + np.arange(len(common))
    return number
