"""What models forecast from: lags, seasonal lags, differences and covariates of an item, scaled by the item itself.

The operations are those of training in their order, on the same shapes: trees may answer quite differently where a
number differs in its last bit.
"""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from unspool_runtime.forecasts.histories import Setup, Steps
from unspool_runtime.node import Node

Floats = NDArray[np.float64]

MOST_NUMBERS = 1 << 26
"""That are read of all steps ahead together."""
_LEAST_SCALED, _SCALED_SEASONS = 64, 8
"""Steps, and seasons, that the scale of an item is taken from."""
_MOST_RECENT = 48


@dataclass(frozen=True, slots=True)
class Lags:
    """Which lags are read.

    Attributes:
        setup: of the series.
        near: the last steps, one by one.
        week: steps of a longer season; 0 for none.
        log: whether logarithms are forecast.
    """

    setup: Setup
    near: int
    week: int
    log: bool

    @classmethod
    def read(cls, node: Node, setup: Setup) -> "Lags":
        """Read the "lags" of a description.

        Raises:
            ModelError: they are out of bounds.
        """
        near, week = node.whole("near", 1, setup.most_steps), node.whole("week", 0, setup.most_steps)
        if not node.flag("covariates"):
            setup = replace(setup, until_now=0, known=0)
        found = cls(setup, near, week, node.flag("log"))
        if setup.horizon * found.width > MOST_NUMBERS:
            raise node.wrong("it reads more numbers than any model does")
        return found

    @property
    def shared(self) -> int:
        """F, numbers that are read once for all steps ahead."""
        return self.near + len({1, 3, self.setup.season}) + 3 * self.setup.until_now

    @property
    def own(self) -> int:
        """G, numbers that are read for each step ahead."""
        return 4 + bool(self.week) + 2 * self.setup.known

    @property
    def width(self) -> int:
        """F + G."""
        return self.shared + self.own


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """What is read of an item.

    Attributes:
        shared: (1, F) the same for every step ahead.
        own: (1, H, G) of each step.
        base: (1, H) the seasonal naive forecast, scaled, from which a model's answer is counted.
        level: (1,) that is taken off.
        scale: (1,) that is divided by, if it is not 0.
    """

    shared: Floats = field(repr=False)
    own: Floats = field(repr=False)
    base: Floats = field(repr=False)
    level: Floats = field(repr=False)
    scale: Floats = field(repr=False)

    @classmethod
    def of(cls, item: Steps, lags: Lags) -> "Features":
        """Read an item."""
        setup, origin = lags.setup, len(item) - lags.setup.horizon
        season, ahead = setup.season, np.arange(setup.horizon)
        values = item[:origin, 0].astype(np.float64)
        back = max(lags.near + 1, 2 * season + 1, season + lags.near, lags.week)
        past = _logs(values[np.maximum(origin - 1 - np.arange(back)[::-1], 0)][None], lags)
        values = _logs(values, lags)
        scale, profile = _scale(values, season), _profile(values, season)
        unit = np.where(scale > 0, scale, 1.0)
        width = past.shape[1]
        level = past[:, -season:].mean(axis=1) if season > 1 else past[:, -1]
        scaled = (past - level[:, None]) / unit[:, None]
        differences = scaled[:, season:] - scaled[:, :-season]
        means = [differences[:, -count:].mean(axis=1) for count in sorted({1, 3, season})]
        shared = [scaled[:, -lags.near :], np.stack(means, axis=1), _now(item, setup)]
        same = width - season + ahead % season
        changed = differences[:, np.minimum(same - season, width - season - 1)]
        own = [scaled[:, same], scaled[:, same - season], changed]
        own.append(profile[:, ahead % season] / unit[:, None] - scaled[:, same])
        if lags.week:
            own.append(scaled[:, width - lags.week + ahead % lags.week])
        known = item[:, item.shape[1] - setup.known :].astype(np.float64)
        before = known[np.maximum(origin + ahead - season * (ahead // season + 1), 0)][None]
        together = [np.stack(own, axis=2), known[origin:][None], known[origin:][None] - before]
        return cls(np.concatenate(shared, axis=1), np.concatenate(together, axis=2), scaled[:, same], level, scale)

    def forecasts(self, said: Floats, lags: Lags) -> Floats:
        """(H,) forecasts in the unit of the series, from (1, H) answers; its level if the scale is 0."""
        found = (said + self.base) * self.scale[:, None] + self.level[:, None]
        return np.asarray((np.exp(np.minimum(found, 700.0)) if lags.log else found)[0])


def _logs(values: Floats, lags: Lags) -> Floats:
    return np.asarray(np.log(np.maximum(values, 1e-9))) if lags.log else values


def _now(item: Steps, setup: Setup) -> Floats:
    """(1, 3 U) covariates known until now: the last, the mean of the last season, and the change over a season."""
    last = len(item) - setup.horizon - 1
    covered = item[:, 1 : 1 + setup.until_now].astype(np.float64)
    recent = np.maximum(last - np.arange(max(1, min(setup.season, _MOST_RECENT))), 0)
    now, earlier = covered[[last]], covered[[max(last - setup.season, 0)]]
    return np.concatenate([now, covered[recent][None].mean(axis=1), now - earlier], axis=1)


def _scale(values: Floats, season: int) -> Floats:
    """(1,) the mean change of the last steps: over a season, or else from step to step; 0 if nothing changes."""
    most = max(_LEAST_SCALED, _SCALED_SEASONS * season)
    found = np.zeros(1)
    for lag in (1, season):  # that over a season goes first, where there is one
        if len(values) > lag:
            changes = np.abs(values[lag:] - values[:-lag])
            sums, end = np.concatenate([[0.0], np.cumsum(changes)]), len(changes)
            start = max(end - most, 0)
            mean = (sums[end] - sums[start]) / max(end - start, 1)
            if mean > 1e-9 * abs(values[-1]):
                found[0] = mean
    return found


def _profile(values: Floats, season: int) -> Floats:
    """(1, season) the mean of the last seasons, each less its own mean; 0 before there is one."""
    total, count = np.zeros((1, season)), 0
    for back in range(1, _SCALED_SEASONS + 1) if season > 1 else ():
        begin = len(values) - back * season
        if begin < 0:
            break
        one = values[begin : begin + season][None]
        total += one - one.mean(axis=1, keepdims=True)
        count += 1
    return total / max(count, 1)
