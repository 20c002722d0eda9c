"""What models that forecast have in common: what they read, what they give, how they are kept.

An item is one forecast to make, (T + H, C): T steps that are known and H to forecast. Its columns are the target,
covariates known until now, and covariates known ahead; of the H steps only the last are known, the others are NaN.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from unspool.candidates.forecasts.setup import Setup as Setup
from unspool.candidates.forecasts.setup import Steps as Steps

Points = NDArray[np.float64]
"""(N, H) forecasts, one number for each step."""
Arrays = dict[str, NDArray[Any]]


class PointModel(Protocol):
    """A fitted model that forecasts one number a step."""

    @property
    def name(self) -> str:
        """Its key."""

    def points(self, items: Sequence[Steps]) -> Points:
        """Forecast N items (T_i + H, C), (N, H)."""

    def state(self) -> tuple[dict[str, Any], Arrays]:
        """What the model is, as plain values, and its arrays."""


class Candidate(Protocol):
    """A model that can be fitted."""

    @property
    def name(self) -> str:
        """Its key."""

    @property
    def fits(self) -> int:
        """How often it is refitted as the rolling origins of validation move on; 0 for a model without a fit."""

    def missing(self, histories: Sequence[Steps], setup: Setup) -> str:
        """Why it cannot be used for such series; nothing where it can."""

    def fit(self, histories: Sequence[Steps], setup: Setup, seed: int) -> PointModel:
        """Fit it to N series (T_i, C)."""


LOADERS: dict[str, Callable[[dict[str, Any], Arrays, Setup], PointModel]] = {}
"""What makes a model again from its state, by its kind."""


def item_of(history: Steps, ahead: Steps | None, setup: Setup) -> Steps:
    """An item of a history (T, C), of which the last steps are read, and of what is known ahead, (H, K) or None.

    Example:
        >>> item_of(np.ones((3, 1), np.float32), None, Setup(2, 1)).ravel().tolist()
        [1.0, 1.0, 1.0, nan, nan]
    """
    future = np.full((setup.horizon, setup.width), np.nan, dtype=np.float32)
    if ahead is not None and setup.known:
        future[:, setup.width - setup.known :] = ahead
    return np.concatenate([history[-setup.most_steps :], future])


def history_of(item: Steps, setup: Setup) -> NDArray[np.float64]:
    """(T,) the known values of an item's target."""
    return item[: len(item) - setup.horizon, 0].astype(np.float64)


def model_of(description: dict[str, Any], arrays: Arrays, setup: Setup) -> PointModel:
    """Make a model again from its state.

    Raises:
        KeyError, TypeError, ValueError: they were altered.
    """
    kind = description["kind"]
    if kind not in LOADERS:
        raise ValueError(f"there is no kind {kind!r}")
    return LOADERS[kind](description, arrays, setup)
