"""Several models as one: the mean of their forecasts, of as many as do best in validation.

Source: R. Caruana et al., "Ensemble selection from libraries of models" (2004): the model that helps most is added,
again and again, one perhaps several times; how often it was added is its weight.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.candidates.forecasts.base import LOADERS, Arrays, PointModel, Points, Setup, Steps, model_of

BLEND = "blend"
_ADDED = 8
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

    def parts(self) -> tuple[dict[str, Any], Arrays]:
        """What the model is, and its arrays."""
        arrays: Arrays = {"weights": self.weights}
        described = []
        for index, member in enumerate(self.members):
            description, found = member.parts()
            described.append(description)
            arrays |= {f"member{index}/{name}": one for name, one in found.items()}
        return {"kind": BLEND, "members": described}, arrays

    @classmethod
    def from_parts(cls, description: dict[str, Any], arrays: Arrays, setup: Setup) -> "Blend":
        """Make it again.

        Raises:
            KeyError, TypeError, ValueError: the parts were altered.
        """
        members = description["members"]
        weights = np.asarray(arrays["weights"], dtype=np.float64)
        if not 0 < len(members) <= _MOST_MEMBERS or weights.shape != (len(members),) or not np.isfinite(weights).all():
            raise ValueError("a blend has one weight for each member")
        made = []
        for index, one in enumerate(members):
            if one["kind"] == BLEND:
                raise ValueError("a blend is no member of a blend")
            prefix = f"member{index}/"
            own = {name.removeprefix(prefix): found for name, found in arrays.items() if name.startswith(prefix)}
            made.append(model_of(one, own, setup))
        return cls(tuple(made), weights)


LOADERS[BLEND] = Blend.from_parts


def mean_of(points: Sequence[Points], weights: NDArray[np.float64]) -> Points:
    """The weighted mean of forecasts, each (N, H)."""
    total = np.zeros_like(points[0])
    for one, weight in zip(points, weights, strict=True):
        total += weight * one
    return total


def chosen_weights(points: Mapping[str, Points], score: Callable[[Points], float]) -> dict[str, float]:
    """Which models make the best mean, and how much each counts.

    Args:
        points: by name, what each forecast in validation, (N, H).
        score: how good forecasts are; lower is better.

    Example:
        >>> points = {"low": np.array([[0.0]]), "high": np.array([[2.0]]), "far": np.array([[9.0]])}
        >>> chosen_weights(points, lambda one: float(np.abs(one - 1.0).mean()))
        {'low': 0.5, 'high': 0.5}
    """
    added: list[str] = []
    best, kept = np.inf, 0
    for _ in range(_ADDED):
        tried = {name: score(np.mean([points[one] for one in (*added, name)], axis=0)) for name in points}
        name = min(tried, key=lambda one: tried[one])
        added.append(name)
        if tried[name] < best:
            best, kept = tried[name], len(added)
    added = added[:kept]
    return {name: added.count(name) / len(added) for name in dict.fromkeys(added)}
