"""Parts drawn once, from a seed: by chance, by whole groups, or the newest rows."""

import contextlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.data.names_in_words import first_few
from unspool.data.parts import TEST, TRAINING, VALIDATION, Parts
from unspool.data.splits import (
    FEWEST,
    Split,
    TooFew,
    in_most_groups,
    in_one_group,
    random_split,
    spare,
    stratified_split,
)
from unspool.data.tables.split_names import PARTS
from unspool.errors import AdvisedError, UserError

FRACTION = 0.1
"""Of the rows for validation, and as many for the test."""

RARE = 10
"""Labels with fewer examples are drawn as one label, and stay in training if they have fewer than this to spare."""

_MOST_SHOWN = 10

_FEWEST_AT_RANDOM = 20
"""The fewest rows or groups to hold out regardless of class, if classes outnumber those to hold out."""


def draw_parts(
    count: int,
    *,
    classes: NDArray[Any] | None = None,
    groups: NDArray[np.int64] | None = None,
    by: str | None = None,
    times: NDArray[np.float64] | None = None,
    given: Parts | None = None,
    fractions: tuple[float, float] = (FRACTION, FRACTION),
    seed: int = 0,
    fewest: int = 2,
    fewest_validation: int = 1,
) -> Parts:
    """Part the rows into training, validation and test.

    With times, the newest rows are the test and those before them validation; rows of one time stay together. Otherwise
    rows are drawn, with each class in the same share everywhere, and whole groups at a time: of five or more, the test
    gets at least `fewest`, and validation at least `fewest_validation`. If classes are too small for a share of
    validation, it is drawn regardless of class. What is given stays: a test or a validation part that is there already
    is not drawn again.

    Args:
        count: N, how many rows.
        classes: (N,) the class of each, its number or its name, or None where there are no classes.
        groups: (N,) the group of each, or None.
        by: where the groups stand, as errors name it: "column author", or "array groups" of a .npz file. None if there
            are no groups, or they are copies of one example.
        times: (N,) the time of each, or None.
        given: (N,) the part of each row that is known from elsewhere, or None. Training rows among them may be drawn.
        fractions: of the rows that go to validation and to the test.
        seed: the same seed gives the same parts.
        fewest: how many rows, or groups, the test needs at least.
        fewest_validation: how many validation needs at least.

    Returns:
        (N,) the part of each row: 0 training, 1 validation, 2 test.

    Raises:
        UserError: a fraction is out of range, or there are too few rows, groups, times or examples of a class.

    Example:
        >>> parts = draw_parts(100, classes=np.arange(100) % 2)
        >>> np.bincount(parts).tolist(), np.bincount(parts[::2]).tolist()
        ([80, 10, 10], [40, 5, 5])
    """
    parts = np.zeros(count, dtype=np.int8) if given is None else given.copy()
    validation, test = (
        0.0 if part in parts else fraction for part, fraction in zip((VALIDATION, TEST), fractions, strict=True)
    )
    for fraction in fractions:
        if not 0 < fraction < 0.5:
            raise UserError(f"A fraction to hold out is {fraction}: it must lie between 0 and 0.5, as in 0.1.")
    start = np.flatnonzero(parts == TRAINING)
    missing = [part for part in (VALIDATION, TEST) if part not in parts]
    rest = validation / (1 - test) - 1e-9  # scikit-learn rounds up, so that a mere rounding error would take a row more
    for part, fraction, least in (
        (TEST, test, fewest),
        (VALIDATION, rest if validation else 0.0, fewest_validation),
    ):
        if fraction:
            free = np.flatnonzero(parts == TRAINING)
            if times is not None:
                _, held_out = _by_time(times[free], fraction)
            else:
                try:
                    held_out = _at_least(least, free, classes, groups, fraction, seed, part)
                except TooFew as error:
                    if groups is None:
                        raise
                    if by is None:
                        _at_least(least, free, classes, None, fraction, seed, part)  # copies may not be the cause
                        raise _too_few_different(start, classes, groups, missing) from error
                    raise _too_few_groups(start, classes, groups, by, missing, error) from error
                one = part == TEST and _units(free[held_out], groups) == 1  # and intervals need several
                if one and by is not None and groups is not None and _units(free, groups) < FEWEST:
                    raise _too_few_groups(start, classes, groups, by, missing)
            parts[free[held_out]] = part
    return parts


def _at_least(
    least: int,
    free: NDArray[np.int64],
    classes: NDArray[Any] | None,
    groups: NDArray[np.int64] | None,
    fraction: float,
    seed: int,
    part: int,
) -> NDArray[np.int64]:
    """Which of the rows `free` (M,) are held out: of five or more rows or groups of them, so many at least."""
    _, held_out = _drawn(free, classes, groups, fraction, seed, part)
    there = _units(free, groups)
    if there >= FEWEST and _units(free[held_out], groups) < least:
        enough = (least - 0.3) / there  # whether it is rounded or rounded up
        _, held_out = _drawn(free, classes, groups, min(enough, 0.5), seed, part)
    return held_out


def _too_few_groups(
    rows: NDArray[np.int64],
    classes: NDArray[Any] | None,
    groups: NDArray[np.int64],
    by: str,
    missing: list[int],
    error: TooFew | None = None,
) -> TooFew:
    """Say that too few groups of the rows (M,) can be held out: there are fewer than five, or else as in `error`."""
    of_table = by.startswith("column")
    there = _units(rows, groups)
    if error is not None and there >= FEWEST:
        problem, advice, _ = error.args
        more = "; or name a column with more groups (--group; in Python group=)" if of_table else ""
        return TooFew(
            f"{problem} Groups are the examples with the same value in {by}.", advice.removesuffix(".") + f"{more}."
        )
    found = "only one value" if there == 1 else f"only {there} different values"
    enough = FEWEST if TEST in missing else 3
    advice = f"Use data with at least {enough} groups" + (
        ", or a column with more of them (--group; in Python group=). " if of_table else ". "
    )
    if there == FEWEST - 1 and (classes is None or in_most_groups(classes[rows], groups[rows])):
        options = [f"--set data.{PARTS[part]}_fraction={0.4 if part == TEST else 0.2}" for part in missing[::-1]]
        advice += f"Four are enough if you hold out more: {' '.join(options)}. "
    return TooFew(
        f"{by[0].upper()}{by[1:]} has {found}{' in training' * (len(rows) < len(groups))}, so there are too few groups "
        f"to hold out whole ones for {_in_words(missing)}.",
        f"{advice}You can also train without groups; the scores then say nothing about new groups.",
    )


def _too_few_different(
    rows: NDArray[np.int64], classes: NDArray[Any] | None, prints: NDArray[np.int64], missing: list[int]
) -> TooFew:
    """Say that too few of the rows (M,) are different, by their `prints` (N,), and which classes have fewest."""
    few = []
    if classes is not None:
        of = {name: len(np.unique(prints[rows][classes[rows] == name])) for name in np.unique(classes[rows])}
        few = [f"label {name}: {count}" for name, count in of.items() if count < FEWEST]
    shown = f" ({first_few(few, _MOST_SHOWN)})" if few else ""
    return TooFew(
        f"Too few examples are different to hold some out for {_in_words(missing)}: {_units(rows, prints):,} of "
        f"{len(rows):,}{shown}. Copies of an example are kept together.",
        f"Use data with more different examples{' of each label' * (classes is not None)}.",
    )


def _in_words(parts: list[int]) -> str:
    return " and ".join("the test" if part == TEST else PARTS[part] for part in parts)


def _units(rows: NDArray[np.int64], groups: NDArray[np.int64] | None) -> int:
    """How many rows, or groups of them, there are: these are drawn, and resampled for the intervals of scores."""
    return len(rows) if groups is None else len(np.unique(groups[rows]))


def _drawn(
    free: NDArray[np.int64],
    classes: NDArray[Any] | None,
    groups: NDArray[np.int64] | None,
    fraction: float,
    seed: int,
    part: int,
) -> Split:
    draw = draw_validation if part == VALIDATION else split_by_chance
    of_free, of_classes = None if groups is None else groups[free], None if classes is None else classes[free]
    return draw(len(free), of_classes, of_free, fraction, seed + part)


def draw_validation(
    count: int,
    classes: NDArray[Any] | None,
    groups: NDArray[np.int64] | None,
    fraction: float,
    seed: int,
) -> Split:
    """Do as `split_by_chance`, or draw at random if some classes have too few examples for their share of it.

    Even then, each class keeps a row or a group in training if enough others can be drawn.
    """
    try:
        return split_by_chance(count, classes, groups, fraction, seed)
    except TooFew:
        return random_split(np.arange(count) if groups is None else groups, fraction, seed, classes)


def split_by_chance(
    count: int,
    classes: NDArray[Any] | None,
    groups: NDArray[np.int64] | None,
    fraction: float,
    seed: int,
) -> Split:
    """Hold out a fraction of the rows, drawn with each class in the same share, and whole groups at a time.

    Args:
        count: N, how many rows.
        classes: (N,) the class of each, or None.
        groups: (N,) the group of each, or None.
        fraction: of the rows that are held out.
        seed: the same seed gives the same rows.

    Returns:
        The rows that are kept and those held out, each sorted: together (N,). Classes of fewer than 10 rows are drawn
        as one class where two others have as many, and each keeps a row, with its group. If fewer than 10 rows or
        groups of them are left to draw, all are kept, with their groups; if these are more than half of all groups, or
        too few are left, their rows go where their groups go. A class whose rows are all in one group is kept, with
        that group. If there are more classes than rows or groups to hold out, these are drawn regardless of class, and
        each class keeps one.

    Raises:
        UserError: there are too few rows, groups or examples of a class.
    """
    if classes is None:
        return random_split(np.arange(count) if groups is None else groups, fraction, seed)
    _, class_of, counts = np.unique(classes, return_inverse=True, return_counts=True)
    common = (counts >= RARE)[class_of] if np.count_nonzero(counts >= RARE) > 1 else np.ones(count, dtype=bool)
    units = np.arange(count) if groups is None else groups
    drawn = spare(class_of, ~common, units, seed)
    left = len(np.unique(units[drawn]))
    if len(np.unique(units[drawn & ~common])) >= RARE and (groups is None or 2 * left >= len(np.unique(groups))):
        with contextlib.suppress(TooFew):
            return _stratified(np.where(common, class_of, -1), groups, drawn, fraction, seed)
    attempts = [common]
    if groups is not None and not common.all():
        apart = common & ~np.isin(groups, groups[~common])
        follow = common & ~np.isin(groups, groups[~common & in_one_group(classes, groups)])
        enough = 2 * len(np.unique(groups[apart])) >= len(np.unique(groups))
        attempts = [apart, follow] if enough else [follow, apart]
    errors = []
    for some in attempts:
        try:
            return _stratified(classes, groups, some, fraction, seed)
        except TooFew as error:
            errors.append(error)
    return _regardless_of_class(classes, units, fraction, seed, errors[0])


def _regardless_of_class(
    classes: NDArray[Any], groups: NDArray[np.int64], fraction: float, seed: int, error: TooFew
) -> Split:
    """Hold out groups at random if classes outnumber the groups to be held out, as with short texts they share.

    Raises:
        TooFew: `error`, where classes do not, or if so few groups are no test, or training would lack a class.
    """
    total, names = len(np.unique(groups)), len(np.unique(classes))
    if not _FEWEST_AT_RANDOM <= round(total * fraction) < min(names, total - names):
        raise error
    return random_split(groups, fraction, seed, classes)


def _stratified(
    classes: NDArray[Any], groups: NDArray[np.int64] | None, drawn: NDArray[np.bool_], fraction: float, seed: int
) -> Split:
    """Split by the classes of the rows in `drawn`, (N,); with groups, the other rows go where their groups go.

    Raises:
        TooFew: only some rows are drawn, and there are too few groups of them.
    """
    rows = np.flatnonzero(drawn)
    if not drawn.all() and len(np.unique(classes[rows])) < 2:
        raise TooFew(
            "Too few groups can be set aside: each of the others has all examples of a label, and without it that "
            "label would not be in training.",
            "Give other examples or groups, so that each label is in several of them, or leave rare labels out.",
        )
    _, held_out = stratified_split(classes[rows], fraction, seed, None if groups is None else groups[rows])
    out = np.zeros(len(drawn), dtype=bool)
    out[rows[held_out]] = True
    if groups is not None:
        out = _leaving_each_class(classes, groups, np.isin(groups, groups[out]))
    return np.flatnonzero(~out), np.flatnonzero(out)


def _leaving_each_class(classes: NDArray[Any], groups: NDArray[np.int64], out: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return one group to training for each class that would have none there, unless that empties the held-out part.

    A group is drawn by its most frequent class, so it may take rarer classes with it.
    """
    left = out.copy()
    for name in np.setdiff1d(classes[out], classes[~out]):
        of_class = classes == name
        if left[of_class].all():
            left &= groups != groups[of_class].min()
    return left if left.any() else out


def _by_time(times: NDArray[np.float64], fraction: float) -> Split:
    if not len(times):
        raise UserError("There are no rows to hold some out by time. Give more rows.")
    first = np.sort(times)[min(round(len(times) * (1 - fraction)), len(times) - 1)]
    newest = times >= first
    if newest.all():
        raise AdvisedError(
            f"Rows cannot be held out by time: too many of the {len(times):,} rows have the same time.",
            "Give another time column, or none.",
        )
    return np.flatnonzero(~newest), np.flatnonzero(newest)
