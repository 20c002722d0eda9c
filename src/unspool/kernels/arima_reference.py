"""Seasonal ARIMA models in NumPy: what `native/arima.h` specifies, operation by operation.

The trainer and the runtime share this file. Every sum is taken in order and nothing is fused, so that the bits are
those of the native code.

Sources: G. Box and G. Jenkins, "Time Series Analysis: Forecasting and Control" (1970); J. Monahan, "A note on
enforcing stationarity in autoregressive-moving average models", Biometrika 71 (1984), 403-404; C. Hurvich and
C. Tsai, "Regression and time series model selection in small samples", Biometrika 76 (1989), 297-307.
"""

import math
from itertools import product
from typing import NamedTuple

import numpy as np

from .histories_reference import LEAST_STEPS, LONGEST_SEASON, Floats, damped_steps, in_order, of_any_history

LANES = 8
"""Sets of parameters that are tried side by side."""

_MOST_TERMS, _MOST_SEASONAL = 3, 2
_FIRST = 0.1
_WIDTH = 2.0**-10
"""On both sides of a parameter, for the derivative."""
_BOUND = 10.0
"""Of a parameter x: a partial autocorrelation x / sqrt(1 + x^2) within .995."""
_DAMPINGS = np.array([0.0, 0.001, 0.01, 0.1, 1.0, 10.0, 100.0, 1000.0])
_ROUNDS = 30
_ENOUGH = 1e-6
"""A round that lowers the squared errors by a smaller share is the last."""


class _Form(NamedTuple):
    """How many terms a model has, each followed by those of whole seasons."""

    ar: int
    ma: int
    seasonal_ar: int
    seasonal_ma: int


@of_any_history
def arima(history: Floats, horizon: int, season: int) -> Floats:
    """Forecast the next steps of a history (T,) by a seasonal ARIMA model, its form chosen by AICc, (H,)."""
    with np.errstate(all="ignore"):
        seasonal = season > 1 and len(history) >= 2 * season + LEAST_STEPS
        levels, back = _differenced(history, season if seasonal else 1)
        kept = levels[-1]
        middle = _mean(kept) if len(levels) == 1 and not back else 0.0
        scale = math.sqrt(_mean((kept - middle) * (kept - middle)))
        found = np.zeros(horizon)
        if 0 < scale < math.inf:
            terms = season if seasonal and season <= LONGEST_SEASON else 1
            found = _continued((kept - middle) / scale, horizon, terms)
        found = middle + scale * found
        for level in reversed(levels[:-1]):
            found = np.add.accumulate(np.concatenate([level[-1:], found]))[1:]
        if back:
            whole = np.concatenate([history, found])
            for step in range(len(history), len(whole)):
                whole[step] += whole[step - season]
            found = whole[len(history) :]
    return found


def _differenced(history: Floats, season: int) -> tuple[list[Floats], bool]:
    """A history and its differences, each of the one before, and whether it has been differenced by season first.

    The last has the least mean square of all: differenced by season or not, and then at most twice from step to step.
    For the history itself, its variance counts.
    """
    least, kept, by_season = math.inf, [history], False
    for back in (False, True) if season > 1 else (False,):
        levels = [_changes(history, season) if back else history]
        for times in range(3):
            if len(levels[-1]) < LEAST_STEPS:
                break
            if times:
                levels.append(_changes(levels[-1], 1))
            size = _mean(levels[-1] * levels[-1]) if back or times else _variance(history)
            if size < least:
                least, kept, by_season = size, list(levels), back
    return kept, by_season


def _continued(values: Floats, horizon: int, season: int) -> Floats:
    """The next steps (H,) of values (T,) of mean square 1, by the form that AICc finds best."""
    best, kept, parameters = math.inf, _Form(0, 0, 0, 0), np.zeros(0)
    for form in _forms(len(values), season):
        point, errors = _fitted(values, form, season)
        score = _aicc(errors, len(values), sum(form))
        if score < best:
            best, kept, parameters = score, form, point
    return _forecast(values, kept, season, parameters, horizon)


def _forms(steps: int, season: int) -> list[_Form]:
    """All that have at most three terms, in the order in which they are compared."""
    most = min(_MOST_TERMS, steps // 3)
    seasonal = (_MOST_SEASONAL if steps >= 3 * season else 1) if season > 1 else 0
    counts = (range(seasonal + 1), range(seasonal + 1), range(most + 1), range(most + 1))
    return [_Form(ar, ma, sar, sma) for sar, sma, ar, ma in product(*counts) if ar + ma + sar + sma <= _MOST_TERMS]


def _aicc(errors: float, steps: int, terms: int) -> float:
    free = steps - terms - 2
    if not free > 0 or not math.isfinite(errors):
        return math.inf
    spread = math.log(errors / steps) if errors > 0 else -math.inf
    return steps * spread + 2 * (terms + 1) + 2 * (terms + 1) * (terms + 2) / free


def _fitted(values: Floats, form: _Form, season: int) -> tuple[Floats, float]:
    """The parameters (P,) whose squared errors are least, and their sum.

    Each round is a step of Levenberg and Marquardt's method, the best of eight dampings.
    """
    count = sum(form)
    point = np.full(count, _FIRST)
    walked = _walked(values, form, season, np.repeat(point[:, None], LANES, axis=1))
    errors = float(_squares(walked)[0])
    for _ in range(_ROUNDS if count else 0):
        beside = np.repeat(point[:, None], LANES, axis=1)
        for one in range(count):
            beside[one, 1 + 2 * one] += _WIDTH
            beside[one, 2 + 2 * one] -= _WIDTH
        walked = _walked(values, form, season, beside)
        derived = (walked[:, 1 : 1 + 2 * count : 2] - walked[:, 2 : 2 + 2 * count : 2]) * (0.5 / _WIDTH)
        gradient = np.add.accumulate(derived * walked[:, :1])[-1]
        products = np.add.accumulate(derived[:, :, None] * derived[:, None])[-1]
        tried = np.clip(point[:, None] + np.clip(_steps(gradient, products), -1.0, 1.0), -_BOUND, _BOUND)
        found = _squares(_walked(values, form, season, tried))
        lane = int(np.argmin(np.where(np.isnan(found), np.inf, found)))
        if not found[lane] < errors:
            break
        ended = not errors - found[lane] >= _ENOUGH * errors
        point, errors = tried[:, lane], float(found[lane])
        if ended:
            break
    return point, errors


def _steps(gradient: Floats, products: Floats) -> Floats:
    """(P, 8) where the damped normal equations lead, for each damping."""
    held = np.zeros((len(gradient), LANES), dtype=bool)
    gradients, curvature = (np.repeat(one[..., None], LANES, axis=-1) for one in (gradient, products))
    return damped_steps(gradients, curvature, _DAMPINGS, held)


def _walked(values: Floats, form: _Form, season: int, points: Floats) -> Floats:
    """(T, K) the errors of the forecasts of each step from those before it, with K sets of parameters (P, K).

    Steps before the first count as 0, and so do their errors.
    """
    regression, average = _weights(form, season, points)
    furthest = max([0, *(lag for lag, _ in (*regression, *average))])
    before = np.concatenate([np.zeros(furthest), values]).tolist()
    errors = np.zeros((len(before), points.shape[1]))
    for step in range(furthest, len(before)):
        error = np.full(points.shape[1], before[step])
        for lag, weight in regression:
            error -= weight * before[step - lag]
        for lag, weight in average:
            error += weight * errors[step - lag]
        errors[step] = error
    return errors[furthest:]


def _weights(form: _Form, season: int, points: Floats) -> tuple[list[tuple[int, Floats]], list[tuple[int, Floats]]]:
    """By lag, how much earlier values count in a forecast, and how much earlier errors are taken off."""
    found, start = [], 0
    parts = []
    for count in form:
        parts.append(_coefficients(points[start : start + count]))
        start += count
    for near, far in ((parts[0], parts[2]), (parts[1], parts[3])):
        lags = [(lag, one) for lag, one in enumerate(near, start=1)]
        for seasons, whole in enumerate(far, start=1):
            lags.append((seasons * season, whole))
            lags += [(seasons * season + lag, -one * whole) for lag, one in enumerate(near, start=1)]
        found.append(lags)
    return found[0], found[1]


def _coefficients(points: Floats) -> list[Floats]:
    """Of a polynomial whose roots lie outside of the unit circle, from parameters (P, K) without bounds."""
    found: list[Floats] = []
    for point in points:
        partial = point / np.sqrt(1 + point * point)
        found = [one - partial * other for one, other in zip(found, reversed(found), strict=True)] + [partial]
    return found


def _forecast(values: Floats, form: _Form, season: int, point: Floats, horizon: int) -> Floats:
    regression, average = _weights(form, season, point[:, None])
    errors = _walked(values, form, season, point[:, None])[:, 0].tolist()
    known, steps = values.tolist(), len(values)
    for step in range(steps, steps + horizon):
        found = 0.0
        for lag, weight in regression:
            if step >= lag:
                found += float(weight[0]) * known[step - lag]
        for lag, weight in average:
            if lag <= step < steps + lag:
                found -= float(weight[0]) * errors[step - lag]
        known.append(found)
    return np.array(known[steps:])


def _squares(errors: Floats) -> Floats:
    """(K,) the sum of squares of errors (T, K)."""
    return np.asarray(np.add.accumulate(errors * errors)[-1])


def _changes(values: Floats, lag: int) -> Floats:
    return np.asarray(values[lag:] - values[:-lag])


def _variance(values: Floats) -> float:
    rest = values - _mean(values)
    return _mean(rest * rest)


def _mean(values: Floats) -> float:
    return in_order(values) / len(values)
