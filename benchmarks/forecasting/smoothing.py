"""Exponential smoothing and the theta method, as statsmodels has them: what a person would use, and what ours replaced.

Sources: R. J. Hyndman et al., "A state space framework for automatic forecasting using exponential smoothing methods",
International Journal of Forecasting 18 (2002), 439-454; V. Assimakopoulos and K. Nikolopoulos, "The theta model: a
decomposition approach to forecasting", International Journal of Forecasting 16 (2000), 521-530.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from unspool.candidates.forecasts.simple import naive, seasonal_naive

_LONGEST_SEASON = 24
"""Of which a smoothed season has a state for each step; a longer one is taken off first."""
_MOST_STEPS = 1_000
"""Of a history that are smoothed: earlier ones hardly count."""
_LEAST = 5


def exponential_smoothing(history: NDArray[np.float64], horizon: int, season: int) -> NDArray[np.float64]:
    """Holt and Winters' exponential smoothing: the kind of season, then a damped trend or none, chosen by AICc.

    A season of more than 24 steps is taken off by its means first, and put back. Of a constant or very short history it
    is the last value.
    """
    history = history[-max(_MOST_STEPS, 3 * season) :]
    if np.ptp(history) == 0 or len(history) < _LEAST:
        return naive(history, horizon, season)
    if season > _LONGEST_SEASON and len(history) >= 2 * season:
        pattern = _pattern(history, season)
        rest = history - np.resize(pattern, len(history))
        start = len(history) % season
        return _smoothed(rest[-_MOST_STEPS:], horizon, 1) + np.resize(np.roll(pattern, -start), horizon)
    return _smoothed(history, horizon, season if season <= _LONGEST_SEASON else 1)


def _pattern(history: NDArray[np.float64], season: int) -> NDArray[np.float64]:
    """(season,) the mean of each place in the season, without the mean of all and the trend."""
    level = np.convolve(history, np.ones(season) / season, mode="valid")
    centred = np.full(len(history), np.nan)
    before = season // 2
    centred[before : before + len(level)] = history[before : before + len(level)] - level
    places = np.arange(len(history)) % season
    found = np.array([np.nanmean(centred[places == place]) for place in range(season)])
    return np.asarray(found - found.mean())


def _smoothed(history: NDArray[np.float64], horizon: int, season: int) -> NDArray[np.float64]:
    from statsmodels.tsa.holtwinters import ExponentialSmoothing

    seasonal = season > 1 and len(history) >= 2 * season + _LEAST
    kinds: tuple[str | None, ...] = (None,)
    if seasonal:
        kinds = ("add", "mul") if history.min() > 0 else ("add",)
    start = "heuristic" if len(history) >= max(10, 2 * season) else "estimated"
    best, kept, forecast = np.inf, kinds[0], seasonal_naive(history, horizon, season)
    forms: list[tuple[str | None, str | None, bool]] = [(kind, "add", True) for kind in kinds]
    with _quiet():
        while forms:
            kind, trend, damped = forms.pop(0)
            try:
                periods = season if kind else None
                model = ExponentialSmoothing(
                    history,
                    trend=trend,
                    damped_trend=damped,
                    seasonal=kind,
                    seasonal_periods=periods,
                    initialization_method=start,
                )
                fitted = model.fit()
                found, score = np.asarray(fitted.forecast(horizon), dtype=np.float64), float(fitted.aicc)
            except (ValueError, ZeroDivisionError, np.linalg.LinAlgError):
                found, score = np.full(horizon, np.nan), np.inf
            if np.isfinite(found).all() and score < best:
                best, kept, forecast = score, kind, found
            if damped and not forms:  # the kind of season is known: now without a trend
                forms = [(kept, None, False)]
    return forecast


def theta(history: NDArray[np.float64], horizon: int, season: int) -> NDArray[np.float64]:
    """The theta method; a season is taken off first where a test finds one."""
    from statsmodels.tsa.forecasting.theta import ThetaModel

    history = history[-max(_MOST_STEPS, 3 * season) :]
    if np.ptp(history) == 0 or len(history) < _LEAST:
        return naive(history, horizon, season)
    with _quiet():
        try:
            seasonal = season > 1 and len(history) >= 2 * season
            method = "auto" if history.min() > 0 else "additive"
            model = ThetaModel(
                history, period=season if seasonal else 1, deseasonalize=seasonal, use_test=True, method=method
            )
            found = np.asarray(model.fit(disp=False).forecast(horizon), dtype=np.float64)
        except (ValueError, ZeroDivisionError, np.linalg.LinAlgError):
            return seasonal_naive(history, horizon, season)
    return found if np.isfinite(found).all() else seasonal_naive(history, horizon, season)


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the warnings of a search for parameters that stops early: what it found is scored like any other."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield
