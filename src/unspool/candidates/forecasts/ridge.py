"""Ridge regression over lags: one linear model for each step ahead, over all series, each window scaled by itself."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from unspool.candidates.forecasts.base import LOADERS, Arrays, PointModel, Points, Setup, Steps
from unspool.candidates.forecasts.lags import LEAST_LAGS, Features, Floats, Lags, Windows, origins_of
from unspool.candidates.forecasts.setup import MOST_ANSWER

PENALTIES = tuple(float(10.0**power) for power in np.arange(-3.0, 3.5, 0.5))
"""Per window, of features whose variance is 1."""

_HELD_OUT = 0.25
_LEAST_WINDOWS = 8
_LEAST_SPREAD = 1e-3
"""Of a feature in units of the usual change: what varies by less is rounding, of which much would be made."""


@dataclass(frozen=True, slots=True, eq=False)
class Ridge:
    """A linear model for each step ahead.

    Attributes:
        name: of the candidate.
        lags: what is read.
        weights: (H, F + G) for features as they are.
        intercept: (H,).
    """

    name: str
    lags: Lags
    weights: Floats = field(repr=False)
    intercept: Floats = field(repr=False)

    def points(self, items: Sequence[Steps]) -> Points:
        """Forecast N items, (N, H), one by one: what stands beside an item changes no bit of its forecast."""
        found = np.empty((len(items), self.lags.setup.horizon))
        for row, item in enumerate(items):
            lags = self.lags.of_item(item)
            features = Features.of(Windows.of_items([item], lags), lags)
            found[row] = features.forecasts(self.said(features), lags)[0]
        return found

    def said(self, features: Features) -> Floats:
        """(N, H) scaled answers."""
        width = features.shared.shape[1]
        shared = features.shared @ self.weights[:, :width].T
        own = np.einsum("nhg,hg->nh", features.own, self.weights[:, width:])
        return np.asarray(np.clip(shared + own + self.intercept, -MOST_ANSWER, MOST_ANSWER))

    def state(self) -> tuple[dict[str, Any], Arrays]:
        """What the model is, and its arrays."""
        arrays: Arrays = {"weights": self.weights, "intercept": self.intercept}
        return {"kind": "ridge", "name": self.name, "lags": self.lags.state()}, arrays

    @classmethod
    def from_state(cls, description: dict[str, Any], arrays: Arrays, setup: Setup) -> "Ridge":
        """Make it again.

        Raises:
            KeyError, TypeError, ValueError: the state was altered.
        """
        lags = Lags.from_state(description["lags"], setup)
        weights, intercept = (np.asarray(arrays[name], dtype=np.float64) for name in ("weights", "intercept"))
        if weights.shape != (setup.horizon, lags.width) or intercept.shape != (setup.horizon,):
            raise ValueError("the weights do not suit the lags")
        return cls(str(description["name"]), lags, weights, intercept)


LOADERS["ridge"] = Ridge.from_state


@dataclass(frozen=True, slots=True)
class RidgeCandidate:
    """Ridge regression of values or of logarithms, to be compared; later windows choose its penalty."""

    log: bool = False
    fits: int = 4

    @property
    def name(self) -> str:
        """Its key."""
        return "ridge-log" if self.log else "ridge"

    def missing(self, histories: Sequence[Steps], setup: Setup) -> str:
        """Too few windows, or values without a logarithm."""
        if self.log and not all(one[:, 0].min() > 0 for one in histories):
            return "a series has a value that is not positive"
        return too_few(histories, setup)

    def fit(self, histories: Sequence[Steps], setup: Setup, seed: int) -> PointModel:
        """Fit it to N series (T_i, C)."""
        lengths = [len(one) for one in histories]
        options = Lags.suited(setup, lengths, self.log).options()
        lags, penalty, _ = min(((one, *_best_penalty(histories, one)) for one in options), key=lambda one: one[2])
        windows = Windows.gather(histories, origins_of(lengths, setup.horizon, lags), lags)
        return _fitted(self.name, windows, lags, [penalty])[0]


@dataclass(frozen=True, slots=True)
class LinearCandidate:
    """The simple form of the same: a linear model over lags alone, with a small fixed penalty.

    The lags are those of two seasons, or the last 48 and the one a season before.
    """

    name: str = "linear-lags"
    fits: int = 4

    def missing(self, histories: Sequence[Steps], setup: Setup) -> str:
        """Too few windows."""
        return too_few(histories, setup)

    def fit(self, histories: Sequence[Steps], setup: Setup, seed: int) -> PointModel:
        """Fit it to the target of N series (T_i, C)."""
        alone = replace(setup, until_now=0, known=0)
        lags = Lags.suited(alone, [len(one) for one in histories], log=False, seasons=2)
        targets = [one[:, :1] for one in histories]
        windows = Windows.gather(targets, origins_of([len(one) for one in targets], setup.horizon, lags), lags)
        fitted = _fitted(self.name, windows, lags, [0.01], lags_only=True)[0]
        return LinearLags(fitted)


@dataclass(frozen=True, slots=True, eq=False)
class LinearLags:
    """A ridge that reads no covariates."""

    fitted: Ridge

    @property
    def name(self) -> str:
        """Of the candidate."""
        return self.fitted.name

    def points(self, items: Sequence[Steps]) -> Points:
        """Forecast N items, (N, H)."""
        return self.fitted.points([item[:, :1] for item in items])

    def state(self) -> tuple[dict[str, Any], Arrays]:
        """What the model is, and its arrays."""
        description, arrays = self.fitted.state()
        return description | {"kind": "linear-lags"}, arrays

    @classmethod
    def from_state(cls, description: dict[str, Any], arrays: Arrays, setup: Setup) -> "LinearLags":
        """Make it again."""
        return cls(Ridge.from_state(description, arrays, replace(setup, until_now=0, known=0)))


LOADERS["linear-lags"] = LinearLags.from_state


def fit_to_last_values(histories: Sequence[Steps], setup: Setup) -> Ridge:
    """A ridge over the last few values of N series (T_i, C), and their covariates; `setup` has no season."""
    lags = Lags(setup, LEAST_LAGS)
    windows = Windows.gather(histories, origins_of([len(one) for one in histories], setup.horizon, lags), lags)
    return _fitted("last-values", windows, lags, [_best_penalty(histories, lags)[0]])[0]


def too_few(histories: Sequence[Steps], setup: Setup) -> str:
    """Why there are too few windows to learn from; nothing where there are enough."""
    windows = sum(max(0, len(one) - setup.horizon - 2) for one in histories)
    return "" if windows >= _LEAST_WINDOWS else f"there are only {windows} windows to learn from"


def held_out_windows(histories: Sequence[Steps], lags: Lags) -> tuple[Windows | None, Windows | None]:
    """Windows to learn from, and later ones to choose by; None where there are too few of them."""
    setup = lags.setup
    ends = [len(one) for one in histories]
    cuts = [int(end - max(1, _HELD_OUT * max(0, end - setup.horizon))) for end in ends]
    early = origins_of([max(cut, 0) for cut in cuts], setup.horizon, lags)
    early = [one[one >= 2] for one in early]
    late = [np.arange(max(2, cut), max(2, end - setup.horizon + 1)) for cut, end in zip(cuts, ends, strict=True)]
    late = [one[:: max(1, sum(map(len, late)) // 2_000)] for one in late]
    if sum(map(len, early)) < _LEAST_WINDOWS or not sum(map(len, late)):
        return None, None
    return Windows.gather(histories, early, lags), Windows.gather(histories, late, lags)


def mean_error(points: Points, windows: Windows) -> float:
    """The mean absolute error of forecasts (N, H), in units of the windows: the same with logarithms and without."""
    units = np.abs(np.diff(windows.past, axis=1)).mean(axis=1)
    off = np.abs(points - windows.future).mean(axis=1)
    return float((off / np.where(units > 0, units, 1.0)).mean())


def _best_penalty(histories: Sequence[Steps], lags: Lags) -> tuple[float, float]:
    """The penalty that does best on later windows, and its error on them."""
    early, late = held_out_windows(histories, lags)
    if early is None or late is None:
        return 1.0, 0.0
    models, features = _fitted("", early, lags, PENALTIES), Features.of(late, lags)
    errors = [mean_error(features.forecasts(model.said(features), lags), late) for model in models]
    best = int(np.argmin(errors))
    return PENALTIES[best], errors[best]


def _fitted(
    name: str, windows: Windows, lags: Lags, penalties: Sequence[float], lags_only: bool = False
) -> list[Ridge]:
    """A model for each penalty; `lags_only` gives no weight to anything but past values.

    These are the near lags and, if a season is longer than they are, the value one season before: the model predicts
    the difference from that value, and could not cancel it out otherwise.
    """
    windows = windows.changing()
    features = Features.of(windows, lags)
    answers = np.clip(features.answers(windows, lags), -MOST_ANSWER, MOST_ANSWER)
    horizon, count = answers.shape[1], len(answers)
    width = features.shared.shape[1] + features.own.shape[2]
    weights = np.zeros((len(penalties), horizon, width))
    least = np.full(width, 1e-9)  # of covariates, which are in units of their own
    least[: features.shared.shape[1] - 3 * lags.setup.until_now] = _LEAST_SPREAD
    least[features.shared.shape[1] : width - lags.of_known] = _LEAST_SPREAD
    intercepts = np.zeros((len(penalties), horizon))
    lagged = np.arange(width) < lags.near
    if lags.setup.season > lags.near:
        lagged[features.shared.shape[1]] = True
    for step in range(horizon):
        read = np.concatenate([features.shared, features.own[:, step]], axis=1)
        if lags_only:
            read[:, ~lagged] = 0.0
        middle, spread = read.mean(axis=0), read.std(axis=0)
        used = spread > least
        centred = (read[:, used] - middle[used]) / spread[used]
        mean = answers[:, step].mean()
        values, vectors = np.linalg.eigh(centred.T @ centred / count)
        turned = vectors.T @ (centred.T @ (answers[:, step] - mean) / count)
        for index, penalty in enumerate(penalties):
            found = vectors @ (turned / (np.maximum(values, 0) + penalty))
            weights[index, step, used] = found / spread[used]
            intercepts[index, step] = mean - weights[index, step] @ middle
    return [Ridge(name, lags, one, offset) for one, offset in zip(weights, intercepts, strict=True)]
