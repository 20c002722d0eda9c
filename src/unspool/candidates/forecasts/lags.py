"""What models forecast from: lags, seasonal lags, differences and covariates, each window scaled by itself.

The trainer and the runtime share this file: trees may answer quite differently where a number differs in its last bit.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .setup import Setup, Steps

Floats = NDArray[np.float64]

MOST_WINDOWS, MOST_NUMBERS = 20_000, 20_000_000
"""The most windows to train on, and the most numbers in all their histories."""

DAYS_OF_WEEK = 7

_FIRST_ORIGIN = 3  # steps before the earliest origin of training
LEAST_LAGS, _MOST_LAGS = 6, 48
_LEAST_SCALED, _SCALED_SEASONS = 64, 8
"""A window's scale is taken from its last 64 steps, or 8 seasons if these are longer."""
_LEAST_VALUE = 1e-9  # smaller values are raised to it before a logarithm is taken
_LEAST_DAY, _MOST_DAY, _MINUTES = 24, 288, 1_440
_EARLIER, _SPANS = (1, 2, 3), (3, 7)
"""Steps before, and steps of which the mean is taken, where earlier covariates are read."""


def week_of(setup: Setup) -> int:
    """The steps in a week if a season is a day of 24 to 288 steps of whole minutes; otherwise 0.

    Example:
        >>> [week_of(Setup(1, season)) for season in (24, 12, 52)]
        [168, 0, 0]
    """
    is_day = setup.by_day and _LEAST_DAY <= setup.season <= _MOST_DAY and _MINUTES % setup.season == 0
    return DAYS_OF_WEEK * setup.season if is_day else 0


@dataclass(frozen=True, slots=True)
class Lags:
    """Which lags are read.

    Attributes:
        setup: of the series.
        near: the last steps, one by one.
        week: steps of a longer season; 0 for none.
        log: whether logarithms are forecast.
        relative: whether values are read and forecast as multiples of the usual value, instead of as differences from
            the last season: a value of 0, such as the sales of a closed shop, is then read as 0 in every series.
        lagged: of how many covariates known ahead, the first ones, earlier values are read, too: a river rises for days
            after the rain.
    """

    setup: Setup
    near: int
    week: int = 0
    log: bool = False
    relative: bool = False
    lagged: int = 0

    @classmethod
    def suited(
        cls, setup: Setup, lengths: Sequence[int], log: bool, seasons: int = 1, relative: bool = False
    ) -> "Lags":
        """What suits series of such lengths; the near lags are those of so many seasons."""
        season, typical = setup.season, int(np.median(lengths))
        near = int(np.clip(max(seasons * season, LEAST_LAGS), 1, min(_MOST_LAGS, max(LEAST_LAGS, typical // 4))))
        week = week_of(setup)
        return cls(setup, near, week if typical >= 3 * week else 0, log, relative)

    def options(self) -> tuple["Lags", ...]:
        """The lags to compare: these and, if there are covariates known ahead, those that also read earlier ones."""
        covariates = self.setup.known - self.setup.calendar
        return (self, replace(self, lagged=covariates)) if covariates else (self,)

    def of_item(self, item: Steps) -> "Lags":
        """How an item (T + H, C) is read: without logarithms if a value of its history is negative.

        Features and answers are scaled, so the same model serves with and without logarithms.
        """
        negative = self.log and bool((item[: len(item) - self.setup.horizon, 0] < 0).any())
        return replace(self, log=False) if negative else self

    def state(self) -> dict[str, Any]:
        """What `from_state` needs beside the setup."""
        names = ("near", "week", "log", "relative", "lagged")
        return {name: getattr(self, name) for name in names}

    @classmethod
    def from_state(cls, content: dict[str, Any], setup: Setup) -> "Lags":
        """Rebuild lags from `state`.

        Raises:
            KeyError, TypeError, ValueError: the state was altered.
        """
        relative = content.get("relative", False)  # not in earlier models
        lagged = int(content.get("lagged", 0))
        lags = cls(setup, int(content["near"]), int(content["week"]), content["log"], relative, lagged)
        if not all(isinstance(one, bool | np.bool_) for one in (lags.log, lags.relative)):
            raise ValueError("log or relative is neither true nor false")
        bounds = ((lags.near, 1, setup.most_steps), (lags.week, 0, setup.most_steps), (lags.lagged, 0, setup.known))
        if not all(least <= one <= most for one, least, most in bounds):
            raise ValueError("the lags are out of bounds")
        return lags

    @property
    def back(self) -> int:
        """S, steps of a window that are read."""
        return max(self.near + 1, 2 * self.setup.season + 1, self.setup.season + self.near, self.week)

    @property
    def shared(self) -> int:
        """F, features that are the same for every step ahead."""
        return self.near + len({1, 3, self.setup.season}) + 3 * self.setup.until_now

    @property
    def own(self) -> int:
        """G, features of each step ahead."""
        return 4 + bool(self.week) + self.of_known

    @property
    def of_known(self) -> int:
        """Of these, the last ones, which are read of covariates known ahead."""
        return 2 * self.setup.known + len((*_EARLIER, *_SPANS)) * self.lagged

    @property
    def width(self) -> int:
        """F + G."""
        return self.shared + self.own


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """N windows, gathered from series.

    Attributes:
        past: (N, S) values of the target before each origin, the first repeated where a series is shorter.
        scale: (N,) the usual change over a season (or from step to step) before each origin or, with relative lags, the
            usual value; 0 if nothing changes or all values are 0.
        profile: (N, season) how far each place of the coming season was from the mean of its season, on average.
        now: (N, 3 U) covariates known until now: the last, the mean of the last season, and the change over a season.
        ahead: (N, H, K) what is known ahead of each step.
        before: (N, H, K) the same a season (or several) earlier, of steps that are known.
        earlier: (N, H, 5 L) the L covariates whose earlier values are read: those of the last steps, one by one, and
            means of the last few.
        future: (N, H) what came, NaN where it is to be forecast.
    """

    past: Floats = field(repr=False)
    scale: Floats = field(repr=False)
    profile: Floats = field(repr=False)
    now: Floats = field(repr=False)
    ahead: Floats = field(repr=False)
    before: Floats = field(repr=False)
    earlier: Floats = field(repr=False)
    future: Floats = field(repr=False)

    def __len__(self) -> int:
        return len(self.past)

    def take(self, rows: NDArray[np.int64]) -> "Windows":
        """Some of them."""
        return Windows(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))

    def changing(self) -> "Windows":
        """Those that a model can learn from: nothing scales the others, whose forecasts do not ask the model either."""
        kept = np.flatnonzero(self.scale > 0)
        return self.take(kept) if 0 < len(kept) < len(self) else self

    @classmethod
    def of_items(cls, items: Sequence[Steps], lags: Lags) -> "Windows":
        """The windows of items (T_i + H, C), one for each."""
        return cls.gather(items, [np.array([len(item) - lags.setup.horizon]) for item in items], lags)

    @classmethod
    def gather(cls, series: Sequence[Steps], origins: Sequence[NDArray[np.int64]], lags: Lags) -> "Windows":
        """Gather the windows that begin their forecast at `origins`, some of each series (T_i, C)."""
        setup, parts = lags.setup, []
        horizon, season = setup.horizon, setup.season
        ahead = np.arange(horizon)
        seasons = season * (ahead // season + 1)  # how far back the same place in the season is known
        for steps, begins in zip(series, origins, strict=True):
            if not len(begins):
                continue
            own = steps[:, 0].astype(np.float64)
            own = _positive(own) if lags.log else own
            past = own[np.maximum(begins[:, None] - 1 - np.arange(lags.back)[::-1], 0)]
            places = begins[:, None] + ahead
            covered = steps[:, 1 : 1 + setup.until_now].astype(np.float64)
            recent = np.maximum(begins[:, None] - 1 - np.arange(max(1, min(season, 48))), 0)
            earlier = covered[np.maximum(begins - 1 - season, 0)]
            last = covered[begins - 1]
            now = np.concatenate([last, covered[recent].mean(axis=1), last - earlier], axis=1)
            known = steps[:, 1 + setup.until_now :].astype(np.float64)
            parts.append(
                (
                    past,
                    _scales(own, begins, lags),
                    _profiles(own, begins, lags),
                    now,
                    known[places],
                    known[np.maximum(places - seasons, 0)],
                    _earlier(known[:, : lags.lagged], places),
                    own[places],
                )
            )
        return cls(*(np.concatenate(one) for one in zip(*parts, strict=True)))


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """What is read of N windows, scaled.

    Attributes:
        shared: (N, F) the same for every step ahead.
        own: (N, H, G) of each step.
        base: (N, H) the seasonal naive forecast, from which the model's answer is counted; 0 with relative lags.
        level: (N,) that is subtracted; 0 with relative lags.
        scale: (N,) that is divided by; where it is 0, nothing is divided.
    """

    shared: Floats = field(repr=False)
    own: Floats = field(repr=False)
    base: Floats = field(repr=False)
    level: Floats = field(repr=False)
    scale: Floats = field(repr=False)

    @classmethod
    def of(cls, windows: Windows, lags: Lags) -> "Features":
        """Scale windows, and read them."""
        setup, past = lags.setup, np.log(windows.past) if lags.log else windows.past
        season, width, unit = setup.season, past.shape[1], _unit(windows.scale)
        level = past[:, -season:].mean(axis=1) if season > 1 else past[:, -1]
        level = np.zeros(len(past)) if lags.relative else level
        scaled = (past - level[:, None]) / unit[:, None]
        differences = scaled[:, season:] - scaled[:, :-season]
        means = [differences[:, -count:].mean(axis=1) for count in sorted({1, 3, season})]
        shared = np.concatenate([scaled[:, -lags.near :], np.stack(means, axis=1), windows.now], axis=1)
        ahead = np.arange(setup.horizon)
        same = width - season + ahead % season
        profile = windows.profile[:, ahead % season] / unit[:, None]
        profile = profile + scaled[:, -season:].mean(axis=1)[:, None] if lags.relative else profile - scaled[:, same]
        changed = differences[:, np.minimum(same - season, width - season - 1)]
        own = [scaled[:, same], scaled[:, same - season], changed, profile]
        if lags.week:
            own.append(scaled[:, width - lags.week + ahead % lags.week])
        together = [np.stack(own, axis=2), windows.ahead, windows.ahead - windows.before, windows.earlier]
        base = np.zeros_like(scaled[:, same]) if lags.relative else scaled[:, same]
        return cls(shared, np.concatenate(together, axis=2), base, level, windows.scale)

    def answers(self, windows: Windows, lags: Lags) -> Floats:
        """(N, H) what the model is to say: what came, scaled, less the base."""
        future = np.log(windows.future) if lags.log else windows.future
        return np.asarray((future - self.level[:, None]) / _unit(self.scale)[:, None] - self.base)

    def forecasts(self, said: Floats, lags: Lags) -> Floats:
        """(N, H) forecasts in the unit of each series, from what the model said; the level where the scale is 0."""
        found = (said + self.base) * self.scale[:, None] + self.level[:, None]
        return np.exp(np.minimum(found, 700.0)) if lags.log else found


def _earlier(known: Floats, places: NDArray[np.int64]) -> Floats:
    """(N, H, 5 L) earlier values of covariates (T, L) at the places (N, H); the first value stands for those before it.

    Means are summed one by one, as NumPy's own order of sums depends on what stands beside.
    """

    def at(back: int) -> Floats:
        return known[np.maximum(places - back, 0)]

    means = [sum((at(back) for back in range(1, span)), at(0)) / span for span in _SPANS]
    return np.concatenate([*map(at, _EARLIER), *means], axis=2)


def _positive(values: Floats) -> Floats:
    """Values that all have a logarithm: those that are not positive are raised to the smallest positive one.

    Models of logarithms are fitted to positive series only; a later history may still have a zero, whose logarithm
    must not outweigh all others.
    """
    positive = values[values > 0]
    return np.maximum(values, max(float(positive.min()), _LEAST_VALUE) if len(positive) else _LEAST_VALUE)


def _unit(scale: Floats) -> Floats:
    return np.where(scale > 0, scale, 1.0)


def _scales(values: Floats, begins: NDArray[np.int64], lags: Lags) -> Floats:
    """(N,) the mean change before each origin: over a season, or else from step to step; 0 if nothing changes.

    With relative lags, the mean absolute value instead.
    """
    if lags.log:
        values = np.log(values)
    most = max(_LEAST_SCALED, _SCALED_SEASONS * lags.setup.season)
    if lags.relative:
        return _running_means(np.abs(values), begins, most)
    found = np.zeros(len(begins))
    for lag in (1, lags.setup.season):  # that over a season goes first, where there is one
        if len(values) > lag:
            means = _running_means(np.abs(values[lag:] - values[:-lag]), begins - lag, most)
            found = np.where(means > 1e-9 * np.abs(values[begins - 1]), means, found)
    return found


def _profiles(values: Floats, begins: NDArray[np.int64], lags: Lags) -> Floats:
    """(N, season) the mean of the last seasons before each origin, each less its own mean; 0 before there is one."""
    if lags.log:
        values = np.log(values)
    season = lags.setup.season
    sums, counts = np.zeros((len(begins), season)), np.zeros(len(begins))
    for back in range(1, _SCALED_SEASONS + 1) if season > 1 else ():
        there = np.flatnonzero(begins >= back * season)
        if not len(there):
            break
        one = values[begins[there, None] - back * season + np.arange(season)]
        sums[there] += one - one.mean(axis=1, keepdims=True)
        counts[there] += 1
    return np.asarray(sums / np.maximum(counts, 1)[:, None])


def _running_means(values: Floats, ends: NDArray[np.int64], most: int) -> Floats:
    """(N,) the mean of at most so many values before each end; 0 where there is none."""
    sums = np.concatenate([[0.0], np.cumsum(np.nan_to_num(values))])
    ends = np.maximum(ends, 0)
    starts = np.maximum(ends - most, 0)
    return np.asarray((sums[ends] - sums[starts]) / np.maximum(ends - starts, 1))


def origins_of(lengths: Sequence[int], horizon: int, lags: Lags) -> list[NDArray[np.int64]]:
    """The origins that a model is trained at: all that leave `horizon` steps, or an even sample if they are too many.

    Origins before which there is no whole season are left out if there are others. Of many series, each is sampled at
    other steps than the one before, so that all seasons occur.

    Args:
        lengths: steps of each series.
        horizon: steps to forecast.
        lags: what is read at each origin.

    Example:
        >>> setup = Setup(2, 1)
        >>> [one.tolist() for one in origins_of([8, 4], 2, Lags(setup, 3))]
        [[3, 4, 5, 6], [2]]
    """
    wanted = 2 * lags.setup.season + 1 if lags.setup.season > 1 else _FIRST_ORIGIN
    found = []
    for length in lengths:
        last = length - horizon
        first = min(max(_FIRST_ORIGIN, wanted), max(_FIRST_ORIGIN, last - 2 * lags.setup.season), last)
        found.append(np.arange(max(first, 1), last + 1))
    total = sum(map(len, found))
    most = min(MOST_WINDOWS, MOST_NUMBERS // lags.back)
    every = -(-total // most)
    return [one[::-1][number % every :: every][::-1] for number, one in enumerate(found)] if every > 1 else found


def too_few_windows(what: str, least: int, histories: Sequence[Steps], setup: Setup) -> str:
    """Why there is too little to train on, as in "trees need 500 windows to learn from"; empty if there is enough."""
    lengths = [len(one) for one in histories]
    windows = sum(map(len, origins_of(lengths, setup.horizon, Lags.suited(setup, lengths, log=False))))
    return "" if windows >= least else f"{what} {least:,} windows to learn from; there are {windows:,}"
