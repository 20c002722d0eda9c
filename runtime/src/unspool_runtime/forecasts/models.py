"""The models that forecast: naive ones, smoothing, models over lags, blends; and their quantiles."""

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

import numpy as np

from unspool_runtime.forecasts.estimated import KINDS, continued
from unspool_runtime.forecasts.features import features_of, forecasts_of, read_lags
from unspool_runtime.forecasts.lags import Floats
from unspool_runtime.forecasts.network import LagNetwork
from unspool_runtime.forecasts.scale import change_by_place, recent_change, seasonal_error
from unspool_runtime.forecasts.setup import MOST_ANSWER, MOST_GROWTH, Setup, Steps
from unspool_runtime.forecasts.simple import SIMPLE, without_pattern
from unspool_runtime.node import Node
from unspool_runtime.series.heads import Trees

IN_LOGARITHMS = {f"{method} of logarithms": method for method in KINDS}
"""By kind, which method continues the logarithms, counted from the last one."""
RELATIVE_TREES = "relative lag trees"
"""The kind of trees that read and forecast multiples of the usual value."""
MOST_SEASONS = 100
"""That a model may take as one."""
_SIMPLE = {
    "last value": "naive",
    "last season": "seasonal-naive",
    "drift": "drift",
    "median": "median",
    "season mean": "seasonal-mean",
    "season median": "seasonal-median",
}
"""By kind, what the trainer calls it."""


class PointModel(Protocol):
    """What every model that forecasts can do."""

    def points(self, item: Steps) -> Floats:
        """(H,) what is forecast of an item."""


class Forecaster:
    """A model, and how far it is off.

    Args:
        node: the "model" of a description: a model's `point`, and what is added to it in units of the series for the
            quantiles .1 (`low`) and .9 (`high`), F64 (H); no forecast is below `least`, null or a number, unless a
            value of its history is; `unit`, null or a number, is the unit of a series that has none of its own;
            `short`, F64 (K, 2), if present, has in each row a length of histories, in steps, and how many times as wide
            intervals are from this length on; `place` and `recent`, if present, are the powers of the change by place
            in the season and of the recent change, by which intervals are scaled.
        setup: what is read and given.
    """

    def __init__(self, node: Node, setup: Setup):
        node.choice("kind", "forecaster")
        self._setup, self._model = setup, read_point_model(node.node("point"), setup)
        self._low, self._high = (node.array(name, np.float64, setup.horizon) for name in ("low", "high"))
        self._least = node.number("least") if node.has("least") else None
        self._usual_unit = node.number("unit") if node.has("unit") else 0.0
        self._place, self._recent = (node.number(one) if node.has(one) else 0.0 for one in ("place", "recent"))
        self._short = node.array("short", np.float64, None, 2) if node.has("short") else np.array([[1.0, 1.0]])
        steps, wider = self._short.T
        if not len(steps) or steps[0] != 1 or (np.diff(steps) <= 0).any() or (wider < 1).any():
            raise node.wrong("the steps in 'short' do not increase from 1, or a factor is below 1")

    def quantiles(self, item: Steps) -> Floats:
        """(H, 3) the quantiles .1, .5 and .9."""
        points = self._model.points(item)
        history = item[: len(item) - self._setup.horizon, 0].astype(np.float64)
        season, horizon = self._setup.season, self._setup.horizon
        unit = seasonal_error(history, season) or self._usual_unit
        unit *= float(self._short[np.searchsorted(self._short[:, 0], len(history), side="right") - 1, 1])
        unit *= recent_change(history, season) ** self._recent
        units = unit * change_by_place(history, season, horizon) ** self._place
        found = np.stack([points + units * self._low, points, points + units * self._high], axis=1)
        return found if self._least is None or (history < self._least).any() else np.maximum(found, self._least)


def read_point_model(node: Node, setup: Setup, within: bool = False) -> PointModel:
    """Read a model that forecasts one number a step.

    Args:
        node: its description.
        setup: what is read and given.
        within: whether it is part of a blend, and so may be neither a blend nor a model by length.

    Raises:
        ModelError: it is damaged, or of a kind that this version does not know.
    """
    makers: dict[str, Callable[[Node, Setup], PointModel]] = {
        **dict.fromkeys(_SIMPLE, Simple),
        **dict.fromkeys((*KINDS, *IN_LOGARITHMS), Estimated),
        "longer season": LongerSeason,
        "longer pattern": LongerPattern,
        "lag linear": LagLinear,
        **dict.fromkeys(("lag trees", RELATIVE_TREES), LagTrees),
        "lag network": LagNetwork,
    }
    if not within:
        makers |= {"blend forecasts": Blend, "by length": ByLength}
    return makers[node.choice("kind", *makers)](node, setup)


class Simple:
    """The last value; the last season again; the last value and the mean change at each step; or a mean of seasons."""

    def __init__(self, node: Node, setup: Setup):
        self._kind, self._setup = node.text("kind"), setup

    def points(self, item: Steps) -> Floats:
        """(H,)."""
        horizon = self._setup.horizon
        history = item[: len(item) - horizon, 0].astype(np.float64)
        return SIMPLE[_SIMPLE[self._kind]](history, horizon, self._setup.season)


class Estimated:
    """The theta method, exponential smoothing or ARIMA, estimated from each history or from its logarithms."""

    def __init__(self, node: Node, setup: Setup):
        self._kind, self._setup = node.text("kind"), setup

    def points(self, item: Steps) -> Floats:
        """(H,)."""
        horizon, season = self._setup.horizon, self._setup.season
        history = item[: len(item) - horizon, 0].astype(np.float64)
        method = IN_LOGARITHMS.get(self._kind)
        if method is None:
            return continued(self._kind, history, horizon, season)
        if not history.min() > 0:
            return continued(method, history, horizon, season)
        found = continued(method, np.log(history) - np.log(history[-1]), horizon, season)
        return np.asarray(history[-1] * np.exp(np.minimum(found, MOST_GROWTH)))


class LongerSeason:
    """A simple model with several seasons as one, or with the season if a history is shorter than two of these."""

    def __init__(self, node: Node, setup: Setup):
        point, seasons = node.node("point"), node.whole("seasons", 2, MOST_SEASONS)
        point.choice("kind", *_SIMPLE)
        longer = replace(setup, season=seasons * setup.season)
        self._least = 2 * longer.season + setup.horizon
        self._usual, self._longer = Simple(point, setup), Simple(point, longer)

    def points(self, item: Steps) -> Floats:
        """(H,)."""
        return (self._longer if len(item) >= self._least else self._usual).points(item)


class LongerPattern:
    """A method's forecast of a history without the pattern of several seasons, which is added back."""

    def __init__(self, node: Node, setup: Setup):
        self._kind, self._setup = node.node("point").choice("kind", *KINDS), setup
        self._longer = node.whole("seasons", 2, MOST_SEASONS) * setup.season

    def points(self, item: Steps) -> Floats:
        """(H,)."""
        horizon, season = self._setup.horizon, self._setup.season
        history = item[: len(item) - horizon, 0].astype(np.float64)
        if len(history) < 2 * self._longer:
            return continued(self._kind, history, horizon, season)
        rest, ahead = without_pattern(history, horizon, self._longer)
        return np.asarray(ahead + continued(self._kind, rest, horizon, season))


class LagLinear:
    """A linear model for each step ahead, over lags."""

    def __init__(self, node: Node, setup: Setup):
        self._lags = read_lags(node.node("lags"), setup)
        self._weights = node.array("weights", np.float64, setup.horizon, self._lags.width)
        self._intercept = node.array("intercept", np.float64, setup.horizon)

    def points(self, item: Steps) -> Floats:
        """(H,)."""
        lags, width = self._lags.of_item(item), self._lags.shared
        features = features_of(item, lags)
        shared = features.shared @ self._weights[:, :width].T
        own = np.einsum("nhg,hg->nh", features.own, self._weights[:, width:])
        return forecasts_of(shared + own + self._intercept, MOST_ANSWER, features, lags)


class LagTrees:
    """Trees over lags, whose sum is the answer: one model for all steps ahead, which reads which step it is."""

    def __init__(self, node: Node, setup: Setup):
        self._lags = read_lags(node.node("lags"), setup, relative=node.text("kind") == RELATIVE_TREES)
        self._trees = Trees(node.node("trees"), 1, self._lags.width + 1)
        self._base = node.number("base")

    def points(self, item: Steps) -> Floats:
        """(H,)."""
        lags, horizon = self._lags.of_item(item), self._lags.setup.horizon
        features = features_of(item, lags)
        shared = np.broadcast_to(features.shared, (horizon, features.shared.shape[1]))
        rows = np.concatenate([shared, features.own[0], np.arange(horizon, dtype=np.float64)[:, None]], axis=1)
        said = self._base + self._trees(rows.astype(np.float32))[:, 0] * self._trees.count
        return forecasts_of(said[None], MOST_ANSWER, features, lags)


class Blend:
    """The weighted mean of models."""

    def __init__(self, node: Node, setup: Setup):
        self._parts = [read_point_model(one, setup, within=True) for one in node.nodes("parts")]
        self._weights = node.array("weights", np.float64, len(self._parts))
        if not self._parts:
            raise node.wrong("there is no part")

    def points(self, item: Steps) -> Floats:
        """(H,)."""
        found = [weight * part.points(item) for weight, part in zip(self._weights, self._parts, strict=True)]
        total: Floats = sum(found[1:], found[0])
        return total


class ByLength:
    """A model, and a linear one over the last values in its place if a history is shorter than a season."""

    def __init__(self, node: Node, setup: Setup):
        point, shorter = node.node("point"), node.node("shorter")
        if point.text("kind") == "by length":
            raise point.wrong("a model by length is no part of another")
        self._setup, self._model = setup, read_point_model(point, setup)
        shorter.choice("kind", "lag linear")
        self._shorter = LagLinear(shorter, replace(setup, season=1))

    def points(self, item: Steps) -> Floats:
        """(H,)."""
        short = len(item) - self._setup.horizon < self._setup.season
        return (self._shorter if short else self._model).points(item)
