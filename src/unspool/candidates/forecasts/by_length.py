"""A model, and another one in its place where a history is shorter than a season."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from unspool.candidates.forecasts.base import LOADERS, Arrays, PointModel, Points, Setup, Steps, model_of
from unspool.candidates.forecasts.blend import Blend
from unspool.candidates.forecasts.lags import Lags, origins_of
from unspool.candidates.forecasts.ridge import Ridge, fit_to_last_values
from unspool.candidates.model_files import prefixed, unprefixed

KIND = "by-length"

_OVER_LAGS = {"linear-lags", "ridge", "ridge-log", "trees", "trees-multiples", "network"}
"""The models that learn from windows, and so only from histories as long as these."""


@dataclass(frozen=True, slots=True, eq=False)
class ByLength:
    """Forecasts by one model, and by another one if a history is shorter than a season.

    Attributes:
        setup: of the series.
        model: for histories of at least a season.
        shorter: over the last values and the covariates; it knows no season.
    """

    setup: Setup
    model: PointModel
    shorter: Ridge = field(repr=False)

    @property
    def name(self) -> str:
        """Of the model."""
        return self.model.name

    def points(self, items: Sequence[Steps]) -> Points:
        """Forecast N items, (N, H)."""
        short = np.array([len(item) - self.setup.horizon < self.setup.season for item in items], dtype=bool)
        found = np.empty((len(items), self.setup.horizon))
        rest, few = ([item for item, one in zip(items, short, strict=True) if one == which] for which in (False, True))
        if rest:
            found[~short] = self.model.points(rest)
        if few:
            found[short] = self.shorter.points(few)
        return found

    def state(self) -> tuple[dict[str, Any], Arrays]:
        """What the model is, and its arrays."""
        (model, arrays), (shorter, of_shorter) = self.model.state(), self.shorter.state()
        both = prefixed(arrays, "model/") | prefixed(of_shorter, "shorter/")
        return {"kind": KIND, "model": model, "shorter": shorter}, both

    @classmethod
    def from_state(cls, description: dict[str, Any], arrays: Arrays, setup: Setup) -> "ByLength":
        """Make it again.

        Raises:
            KeyError, TypeError, ValueError: the state was altered.
        """
        if description["model"]["kind"] == KIND:
            raise ValueError("a model by length is no part of another")
        model = model_of(description["model"], unprefixed(arrays, "model/"), setup)
        shorter = Ridge.from_state(description["shorter"], unprefixed(arrays, "shorter/"), _without_season(setup))
        return cls(setup, model, shorter)


LOADERS[KIND] = ByLength.from_state


def by_length(model: PointModel, histories: Sequence[Steps], setup: Setup) -> PointModel:
    """A model that also serves for histories of less than a season, if it has not learned from any.

    Models over lags learn from windows of whole seasons if the series are long. In a shorter history, the value one
    season before is unknown; with the first value in its place, errors were several times those of the last value. A
    ridge regression on the last few values is trained on the same series and needs no season.

    Args:
        model: fitted to the histories.
        histories: N series (T_i, C).
        setup: of the series.
    """
    members = model.members if isinstance(model, Blend) else (model,)
    if setup.season == 1 or not any(one.name in _OVER_LAGS for one in members):
        return model
    lengths = [len(one) for one in histories]
    origins = origins_of(lengths, setup.horizon, Lags.suited(setup, lengths, log=False))
    if any(len(some) and some[0] < setup.season for some in origins):
        return model
    return ByLength(setup, model, fit_to_last_values(histories, _without_season(setup)))


def _without_season(setup: Setup) -> Setup:
    return replace(setup, season=1)
