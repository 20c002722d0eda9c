"""Several models as one: the mean of their forecasts, in which those that do better in validation count more.

Sources: J. Bates and C. Granger, "The combination of forecasts", Operational Research Quarterly 20 (1969), 451-468;
J. Stock and M. Watson, "Combination forecasts of output growth in a seven-country data set", Journal of Forecasting 23
(2004), 405-430: weights by inverted errors, whose covariances few forecasts cannot tell.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.candidates.forecasts.base import LOADERS, Arrays, PointModel, Points, Setup, Steps, model_of
from unspool.candidates.model_files import prefixed, unprefixed

BLEND = "blend"
_POWER = 8
_LEAST_SHARE = 0.03
"""Of all weights: a model that counts for less is not worth the time that its forecasts take."""
_MOST_MEMBERS = 16


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
        return mean_of([member.points(items) for member in self.members], self.weights)

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


def mean_of(points: Sequence[Points], weights: NDArray[np.float64]) -> Points:
    """The weighted mean of forecasts, each (N, H)."""
    total = np.zeros_like(points[0])
    for one, weight in zip(points, weights, strict=True):
        total += weight * one
    return total


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
    least = _LEAST_SHARE * sum(powers.values())
    kept = {name: power for name, power in powers.items() if power >= least}
    return {name: power / sum(kept.values()) for name, power in kept.items()}
