"""Several models as one: the mean of their forecasts, each weighted by how sure validation is that it does best.

Sources: L. Breiman, "Bagging predictors", Machine Learning 24 (1996), 123-140: the choice of one model is repeated on
bootstrap samples of validation, and the models that were chosen are averaged; P. Bickel, F. Götze and W. van Zwet,
"Resampling fewer than n observations", Statistica Sinica 7 (1997), 1-31.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.candidates.forecasts.base import LOADERS, Arrays, PointModel, Points, Setup, Steps, model_of

BLEND = "blend"
_DRAWS = 200
_LEAST_SHARE = 0.05
"""Of the draws: a model that does best in fewer is not worth the time that its forecasts take."""
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


def chosen_weights(
    errors: Mapping[str, NDArray[np.float64]], groups: NDArray[np.int64], drawn: int, seed: int
) -> dict[str, float]:
    """Which models make a good mean, and how much each counts: the share of draws in which it does best.

    Args:
        errors: by name, the error of each of M forecasts in validation, (M,), 0 of one that does not count.
        groups: (M,) which forecasts are drawn together.
        drawn: groups that are drawn at a time, with replacement; fewer than there are where they are alike.
        seed: of the draws.

    Returns:
        By name, above 0, their sum 1. Models that do best in few draws are left out.

    Example:
        >>> errors = {"calm": np.array([1.0, 2.0]), "bold": np.array([2.0, 1.0]), "wild": np.array([9.0, 9.0])}
        >>> list(chosen_weights(errors, np.arange(2), 2, seed=0))
        ['calm', 'bold']
    """
    names = list(errors)
    _, groups = np.unique(groups, return_inverse=True)
    by_group = np.stack([np.bincount(groups, errors[name]) for name in names])
    by_group = by_group[:, by_group.max(axis=0) > 0]
    if not by_group.shape[1]:
        return {names[0]: 1.0}
    shares = np.full(by_group.shape[1], 1 / by_group.shape[1])
    counts = np.random.default_rng(seed).multinomial(drawn, shares, size=_DRAWS)
    best = np.argmin(np.einsum("dg,mg->dm", counts, by_group), axis=1)
    won = np.bincount(best, minlength=len(names)) / _DRAWS
    won[won < _LEAST_SHARE] = 0.0
    return {name: float(share) for name, share in zip(names, won / won.sum(), strict=True) if share}
