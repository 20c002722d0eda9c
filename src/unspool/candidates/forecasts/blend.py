"""Several models as one: the mean of their forecasts, in which those that do better in validation count more.

Sources: J. Bates and C. Granger, "The combination of forecasts", Operational Research Quarterly 20 (1969), 451-468;
J. Stock and M. Watson, "Combination forecasts of output growth in a seven-country data set", Journal of Forecasting 23
(2004), 405-430: weights by inverted errors, whose covariances few forecasts cannot tell; F. Diebold and P. Pauly, "The
use of prior information in forecast combination", International Journal of Forecasting 6 (1990), 503-508: many can.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.candidates.forecasts.base import LOADERS, Arrays, PointModel, Points, Setup, Steps, model_of
from unspool.candidates.heads.calibration import softmax
from unspool.candidates.model_files import prefixed, unprefixed
from unspool.candidates.weighted_mean import weighted_mean
from unspool.lazy_module import LazyModule

optimize = LazyModule("scipy.optimize")

BLEND = "blend"
_POWER = 8
_LEAST_SHARE = 0.03
"""Of all weights: a model that counts for less is not worth the time that its forecasts take."""
_MOST_MEMBERS = 32
_HELD_BY = 50.0
"""The number of non-overlapping forecasts that count as much as the weights suggested by errors alone."""
_SMALLEST = -50.0  # lower bound of the logits, so that no share is 0 and all have a logarithm
_ROUNDED = 0.05  # of the mean absolute error: the loss is roughly quadratic below, so that its gradient is smooth


@dataclass(frozen=True, slots=True, eq=False)
class Blend:
    """The weighted mean of models.

    Attributes:
        members: the models.
        weights: (members,) above 0, their sum 1.
    """

    members: tuple[PointModel, ...]
    weights: NDArray[np.float64] = field(repr=False)
    name: str = BLEND

    def points(self, items: Sequence[Steps]) -> Points:
        """Forecast N items, (N, H)."""
        return weighted_mean([member.points(items) for member in self.members], self.weights)

    def state(self) -> tuple[dict[str, Any], Arrays]:
        """What the model is, and its arrays."""
        arrays: Arrays = {"weights": self.weights}
        described = []
        for index, member in enumerate(self.members):
            description, found = member.state()
            described.append(description)
            arrays |= prefixed(found, f"member{index}/")
        return {"kind": BLEND, "members": described}, arrays

    @classmethod
    def from_state(cls, description: dict[str, Any], arrays: Arrays, setup: Setup) -> "Blend":
        """Make it again.

        Raises:
            KeyError, TypeError, ValueError: the state was altered.
        """
        members = description["members"]
        weights = np.asarray(arrays["weights"], dtype=np.float64)
        if not 0 < len(members) <= _MOST_MEMBERS or weights.shape != (len(members),) or not np.isfinite(weights).all():
            raise ValueError("a blend has one weight for each member")
        made = []
        for index, one in enumerate(members):
            if one["kind"] == BLEND:
                raise ValueError("a blend is no member of a blend")
            made.append(model_of(one, unprefixed(arrays, f"member{index}/"), setup))
        return cls(tuple(made), weights)


LOADERS[BLEND] = Blend.from_state


def chosen_weights(scores: Mapping[str, float], naive: Collection[str]) -> dict[str, float]:
    """Which models make a good mean, and how much each counts: by the eighth power of its score, inverted.

    One that is 10% worse than another counts less than half as much.

    Args:
        scores: by name, how far each is off in validation.
        naive: which are left out unless they do better than all others: those others learn whatever is in them.

    Returns:
        By name, above 0, their sum 1. Models that hardly count are left out.

    Example:
        >>> chosen_weights({"flat": 1.5, "line": 1.0, "curve": 1.0, "noise": 2.0}, naive=["flat"])
        {'line': 0.5, 'curve': 0.5}
    """
    bar = min((score for name, score in scores.items() if name not in naive), default=np.inf)
    counted = {name: score for name, score in scores.items() if name not in naive or score < bar}
    best = min(counted.values())
    powers = {name: (best / score) ** _POWER if score > best else 1.0 for name, score in counted.items()}
    return _kept(powers)


def refined_weights(
    weights: Mapping[str, float], errors: Mapping[str, NDArray[np.float64]], apart: float, *, squared: bool = False
) -> dict[str, float]:
    """Weights that minimise the error of the blend; the fewer forecasts, the closer they stay to the given weights.

    The given weights reflect only how large each model's errors are. If five of seven models err in the same way, such
    as those that forecast the mean of counts that are mostly 0, they outweigh the two that are right.

    Args:
        weights: by name, above 0, their sum 1.
        errors: by name, (S,) how far each model is off at each step of validation, in units of each series.
        apart: the number of forecasts in validation that do not overlap.
        squared: whether to minimise half the mean squared error instead of the mean absolute error.

    Returns:
        By name, above 0, their sum 1. Models that hardly count are left out.

    Example:
        >>> wave = np.sin(np.arange(100))
        >>> errors = {"right": 0.1 * wave, "high": 1 + 0.1 * wave, "as high": 1 - 0.1 * wave}
        >>> even = dict.fromkeys(errors, 1 / 3)
        >>> {name: round(weight, 2) for name, weight in refined_weights(even, errors, apart=1).items()}
        {'right': 0.34, 'high': 0.33, 'as high': 0.33}
        >>> list(refined_weights(even, errors, apart=1_000))
        ['right']
    """
    given = np.array(list(weights.values()))
    mean = weighted_mean([errors[name] for name in weights], given)
    usual = float(np.sqrt((mean**2).mean()) if squared else np.abs(mean).mean())
    if usual == 0:
        return dict(weights)
    parts, held = [errors[name] / usual for name in weights], _HELD_BY / apart

    def loss(logits: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        shares = _shares_of(logits)
        mixed = weighted_mean(parts, shares)
        size = mixed**2 / 2 if squared else np.sqrt(mixed**2 + _ROUNDED**2)
        slope = mixed if squared else mixed / size
        drawn = np.log(shares / given)
        slopes = np.array([(one * slope).mean() for one in parts]) + held * (drawn + 1)
        return float(size.mean() + held * (shares * drawn).sum()), shares * (slopes - (shares * slopes).sum())

    found = optimize.minimize(loss, np.log(given), jac=True, method="L-BFGS-B")
    return _kept(dict(zip(weights, _shares_of(found.x).tolist(), strict=True)))


def _shares_of(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(softmax(np.maximum(logits - logits.max(), _SMALLEST)[None])[0])


def _kept(counted: Mapping[str, float]) -> dict[str, float]:
    """Of those that count, their shares; the others are left out."""
    least = _LEAST_SHARE * sum(counted.values())
    kept = {name: one for name, one in counted.items() if one >= least}
    return {name: one / sum(kept.values()) for name, one in kept.items()}
