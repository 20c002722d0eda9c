"""Where forecasts begin: the rolling origins of validation, and of the test, which comes after all that is learned."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from unspool.errors import AdvisedError

Drawn = Literal["series", "periods", "halves"]

SHORTEST = 3
"""Steps that a series must have before its first forecast."""
FEW_SERIES = 5
"""Up to so many series, not whole series are drawn for an interval, but periods of each."""

_TEST_SHARE, _VALIDATION_SHARE = 0.2, 0.35
"""Of a series for the origins of the test, and of what is left for those of validation, at most."""
_TESTS = 40
_VALIDATIONS, _MOST_VALIDATIONS, _MANY_SERIES = 40, 12, 200
_PERIODS = 8
"""The most forecasts without overlap of each of several series, up to `_MANY_SERIES`: series share their dates, and a
few dates are weak evidence. Of fewer than five series, there are more: `_VALIDATIONS` in all."""
_BLOCKS = 12
"""Blocks of steps that forecasts of few series are cut into, at least, so that periods can be drawn if they overlap."""


@dataclass(frozen=True, slots=True)
class Window:
    """One forecast.

    Attributes:
        series: its number.
        origin: how many of its steps are known; the next `horizon` are forecast.
        steps: which of these are scored, from and to.
    """

    series: int
    origin: int
    steps: tuple[int, int]


def shortest(horizon: int) -> int:
    """Steps of a series that is long enough to hold out a validation and a test forecast.

    Example:
        >>> shortest(12)
        27
    """
    return 2 * horizon + SHORTEST


def windows_of_test(lengths: Sequence[int], horizon: int) -> list[Window]:
    """The forecasts of the test: the last `horizon` steps of each series, and where series are few, earlier ones too.

    They take at most a fifth of a series (or the last `horizon` steps). Of few series, each forecast is cut into blocks
    of steps, see `drawn_together`.

    Args:
        lengths: steps of each of N series, at least `shortest(horizon)`.
        horizon: steps of a forecast.

    Example:
        >>> [window.origin for window in windows_of_test([100] * 6, 5)][:4]
        [95, 90, 85, 80]
        >>> len(windows_of_test([100] * 60, 5)), windows_of_test([15], 6)[:2]
        (60, [Window(series=0, origin=9, steps=(0, 1)), Window(series=0, origin=9, steps=(1, 2))])
    """
    most = max(1, _TESTS // len(lengths))
    found: list[Window] = []
    for series, length in enumerate(lengths):
        room = min(max(horizon, int(_TEST_SHARE * length)), length - horizon - SHORTEST)
        stride = horizon if len(lengths) > FEW_SERIES or room >= 3 * horizon else max(1, horizon // 3)
        count = min(most, 1 + max(0, room - horizon) // stride)
        found += [Window(series, length - horizon - stride * back, (0, horizon)) for back in range(count)]
    return found if len(lengths) > FEW_SERIES else _in_blocks(found, horizon)


def last_windows(lengths: Sequence[int], horizon: int) -> list[Window]:
    """The forecast of the last `horizon` steps of each series, in blocks of steps where series are few."""
    found = [Window(series, length - horizon, (0, horizon)) for series, length in enumerate(lengths)]
    return found if len(lengths) > FEW_SERIES else _in_blocks(found, horizon)


def _in_blocks(windows: list[Window], horizon: int) -> list[Window]:
    blocks = min(horizon, -(-_BLOCKS // len(windows)))
    edges = np.linspace(0, horizon, blocks + 1).round().astype(int).tolist()
    return [Window(one.series, one.origin, part) for one in windows for part in pairwise(edges)]


def drawn_together(windows: Sequence[Window], horizon: int, scored: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Number what is drawn as a whole for an interval: series, or if they are few, periods of `horizon` steps of each.

    What a forecast misses in one step it tends to miss in the next, and forecasts that overlap share what came. So the
    steps of a series are counted in periods from its end, and what is scored in one period is drawn together. A single
    period is halved, as scores need two (see `unit_drawn`).

    Args:
        windows: N forecasts, or blocks of them; the last one of each series goes to its end.
        horizon: steps of a forecast.
        scored: (N,) whether any step of a window is; others are drawn with those that are.

    Returns:
        (N,) the same for windows that are drawn together.

    Example:
        >>> drawn_together(windows_of_test([60], 4), 4, np.ones(12, bool)).tolist()
        [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]
    """
    if unit_drawn(windows, horizon, scored) == "series":
        return np.array([one.series for one in windows])
    periods = _periods(windows, horizon)
    there = np.flatnonzero(scored) if scored.any() else np.arange(len(windows))
    if len(np.unique(periods[there])) > 1:
        return np.where(np.isin(np.arange(len(windows)), there), periods, periods[there[0]])
    rank = np.searchsorted(there, np.arange(len(windows)))
    return np.asarray(rank >= -(-len(there) // 2), dtype=np.int64)


def unit_drawn(windows: Sequence[Window], horizon: int, scored: NDArray[np.bool_]) -> Drawn:
    """What `drawn_together` numbers: series, periods, or the halves of the only period."""
    if len({one.series for one in windows}) > FEW_SERIES:
        return "series"
    return "periods" if len(np.unique(_periods(windows, horizon)[scored])) > 1 else "halves"


def _periods(windows: Sequence[Window], horizon: int) -> NDArray[np.int64]:
    """(N,) the number of each window's series and period."""
    ends: dict[int, int] = {}
    for one in windows:
        ends[one.series] = max(ends.get(one.series, 0), one.origin + horizon)
    to_end = [ends[one.series] - one.origin - sum(one.steps) / 2 for one in windows]
    periods = [(one.series, int(steps // horizon)) for one, steps in zip(windows, to_end, strict=True)]
    return np.asarray(np.unique(np.array(periods), axis=0, return_inverse=True)[1].ravel())


def windows_of_validation(ends: Sequence[int], horizon: int, season: int) -> list[Window]:
    """The forecasts that models are compared by: at most the last third of what is before the test of each series.

    Each series has up to eight without overlap (with fewer than five series, up to forty in all), as far as there is
    room; with many series, only one. If there is room for only one forecast in all, its halves are scored separately.

    Args:
        ends: of each of N series, how many steps are before its test.
        horizon: steps of a forecast.
        season: steps of a season: where it can be, two lie before the first forecast.

    Example:
        >>> [window.origin for window in windows_of_validation([100], 10, 1)][:3]
        [90, 88, 85]
        >>> len(windows_of_validation([2000], 10, 1)), len(windows_of_validation([2000] * 6, 10, 1))
        (40, 48)
    """
    many = len(ends) >= _MANY_SERIES
    most = 1 if many else max(2, min(_MOST_VALIDATIONS, -(-_VALIDATIONS // len(ends))))
    found: list[Window] = []
    for series, end in enumerate(ends):
        last = end - horizon
        first = max(end - max(horizon, int(_VALIDATION_SHARE * end)), min(max(SHORTEST, 2 * season), last))
        apart = 1 if many else min(max(_PERIODS, _VALIDATIONS // len(ends)), 1 + (last - first) // horizon)
        count = min(max(most, apart), last - first + 1)
        origins = np.unique(np.linspace(last, first, count).round().astype(int))[::-1]
        found += [Window(series, int(origin), (0, horizon)) for origin in origins]
    return found if len(found) > 1 else _two_of(found[0], horizon)


def _two_of(only: Window, horizon: int) -> list[Window]:
    """Make two windows of one, as scores need two: its halves, or of a single step, the step before it as well."""
    if horizon == 1:
        return [replace(only, origin=max(SHORTEST, only.origin - 1)), only]
    half = horizon // 2
    return [replace(only, steps=part) for part in ((0, half), (half, horizon))]


def first_origins(windows: Sequence[Window], series: int) -> NDArray[np.int64]:
    """(N,) the earliest origin of each series.

    Example:
        >>> first_origins([Window(0, 9, (0, 3)), Window(0, 6, (0, 3))], 1).tolist()
        [6]
    """
    found = np.full(series, np.iinfo(np.int64).max)
    for window in windows:
        found[window.series] = min(found[window.series], window.origin)
    return found


def refuse_short(names: Sequence[str], lengths: Sequence[int], horizon: int, where: object) -> None:
    """Refuse a file in which no series is long enough to hold out a validation and a test forecast.

    Raises:
        UserError: names the longest, and says what to do.
    """
    longest = int(np.argmax(lengths))
    length = lengths[longest]
    if length >= shortest(horizon):
        return
    which = "the series" if len(lengths) == 1 else "the longest series"
    which += f" {names[longest]}" if names[longest] else ""
    most = (length - SHORTEST) // 2
    raise AdvisedError(
        f"{where}: the horizon of {horizon:,} is too long: to fit, compare and test models, a series needs at least "
        f"{shortest(horizon):,} steps, and {which} has {length:,}.",
        f"Give a --horizon of at most {most:,}, or longer series." if most > 0 else "Give longer series.",
    )
