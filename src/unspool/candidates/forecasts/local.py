"""Models whose forecast depends on nothing but the history of the target: naive ones, smoothing and theta."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.candidates.forecasts.base import LOADERS, Arrays, Points, Setup, Steps, history_of
from unspool.candidates.forecasts.simple import SIMPLE, Continue
from unspool.candidates.forecasts.smoothing import INSTALL, SMOOTHING, has_statsmodels, require_statsmodels


@dataclass(frozen=True, slots=True)
class Local:
    """A model whose forecast depends on nothing but the history of the target; it keeps no numbers."""

    name: str
    go_on: Continue
    setup: Setup

    def points(self, items: Sequence[Steps]) -> Points:
        """Forecast N items, (N, H)."""
        setup = self.setup
        found = np.empty((len(items), setup.horizon))
        for row, item in enumerate(items):
            history = history_of(item, setup)
            if self.name in SMOOTHING:
                found[row] = _smoothed(self.name, history.tobytes(), setup.horizon, setup.season)
            else:
                found[row] = self.go_on(history, setup.horizon, setup.season)
        return found

    def parts(self) -> tuple[dict[str, Any], Arrays]:
        """Its name."""
        return {"kind": "local", "name": self.name}, {}


@lru_cache(maxsize=1024)
def _smoothed(name: str, history: bytes, horizon: int, season: int) -> NDArray[np.float64]:
    """The same forecast is asked for as a baseline, as a part of a blend, and by checks; it takes long to compute."""
    return np.asarray(SMOOTHING[name](np.frombuffer(history), horizon, season))


@dataclass(frozen=True, slots=True)
class LocalCandidate:
    """A model of `Local`, to be compared."""

    name: str
    go_on: Continue
    fits: int = 0

    def missing(self, histories: Sequence[Steps], setup: Setup) -> str:
        """A library that is not installed, or a season that there is not."""
        if self.name in SMOOTHING and not has_statsmodels():
            return f"statsmodels is not installed: {INSTALL}"
        return "there is no season" if self.name == "seasonal-naive" and setup.season == 1 else ""

    def fit(self, histories: Sequence[Steps], setup: Setup, seed: int) -> Local:
        """There is nothing to fit."""
        return Local(self.name, self.go_on, setup)


def _again(description: dict[str, Any], arrays: Arrays, setup: Setup) -> Local:
    name = str(description["name"])
    if name in SMOOTHING:
        require_statsmodels(name)
    return Local(name, (SIMPLE | SMOOTHING)[name], setup)


LOADERS["local"] = _again
