"""The theta method and exponential smoothing in NumPy: what `native/smoothing.h` specifies, operation by operation.

The trainer and the runtime share this file. Every sum is taken in order and nothing is fused, so that the bits are
those of the native code.

Sources: R. J. Hyndman et al., "A state space framework for automatic forecasting using exponential smoothing methods",
International Journal of Forecasting 18 (2002), 439-454; V. Assimakopoulos and K. Nikolopoulos, "The theta model: a
decomposition approach to forecasting", International Journal of Forecasting 16 (2000), 521-530.
"""

import math
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from .histories_reference import LONGEST_SEASON, MOST_STEPS, Floats, damped_steps, in_order, of_any_history

Bools = NDArray[np.bool_]

NONE, ADDED, MULTIPLIED = 0, 1, 2
"""How a season is combined with the level."""

_LINE = 10
"""How many steps the first level and slope are taken from."""
_CYCLES = 5
"""How many seasons the first pattern is taken from at most."""
_SURE_SEASONS = 4
"""From so many on, a form without a season is compared with those that have one."""
_LEVEL = (2.0**-26, 1 - 2.0**-26)
_DAMPING = (0.8, 0.995)
_FIRST_LEVELS = (0.02, 0.08, 0.18, 0.3, 0.45, 0.62, 0.8, 0.97)
"""Where the searches begin, one per lane."""
_FIRST_OTHERS = ((), (0.03, 0.2, 0.6, 0.97), (0.05, 0.3, 0.8), (0.5, 0.95))
_ROUNDS = 60
_SEASONAL = 2.705543454095404
"""Exceeded by chance in 10% of the cases: a quantile of chi squared with one degree of freedom."""


@dataclass(frozen=True, slots=True, eq=False)
class _Form:
    """A model whose parameters are not known yet.

    Attributes:
        kind: of the season.
        trend: whether there is a damped trend.
        level: before the first step, as `slope`.
        pattern: (m,) of the season.
    """

    kind: int
    trend: bool
    level: float
    slope: float
    pattern: Floats

    @property
    def free(self) -> list[int]:
        """Which parameters are searched: 0 level, 1 trend, 2 season, 3 damping."""
        return [0, *([1] if self.trend else []), *([2] if self.kind else []), *([3] if self.trend else [])]


@dataclass(frozen=True, slots=True, eq=False)
class _Walk:
    """What filtering a history with K sets of P parameters gives.

    Attributes:
        errors: (K,) the sum of squared errors.
        gradient: (P, K) its gradient, halved.
        products: (P, P, K) the sums of products of the errors' derivatives.
        level: (K,) after the last step, as `slope`.
        season: (m, K) after the last step, by the place in the season.
        damping: (K,) phi.
    """

    errors: Floats
    gradient: Floats
    products: Floats
    level: Floats
    slope: Floats
    season: Floats
    damping: Floats


@of_any_history
def theta(history: Floats, horizon: int, season: int) -> Floats:
    """Forecast the next steps of a history (T,) by the theta method, (H,)."""
    kind, pattern = NONE, np.zeros(1)
    if season > 1 and len(history) >= 2 * season and _is_seasonal(history, season):
        kind = MULTIPLIED if history.min() > 0 else ADDED
        pattern = _pattern(history, season, kind)
        if kind == MULTIPLIED and not pattern.min() > 0:
            kind, pattern = ADDED, _pattern(history, season, ADDED)
    rest = _without(history, pattern, kind)
    _, slope = _line(rest)
    points, walk = _fitted(rest, _Form(NONE, False, float(rest[0]), 0.0, np.zeros(1)))
    best = int(np.argmin(walk.errors))
    alpha, level = _LEVEL[0] + points[0, best] * (_LEVEL[1] - _LEVEL[0]), walk.level[best]
    left = np.multiply.accumulate(np.full(len(history), 1 - alpha))[-1]
    found = level + 0.5 * slope * (np.arange(horizon) + (1 - left) / alpha)
    return _with(found, pattern, kind, len(history))


@of_any_history
def exponential_smoothing(history: Floats, horizon: int, season: int) -> Floats:
    """Forecast the next steps of a history (T,) by exponential smoothing, its form chosen by AICc, (H,).

    It has a state for each step of a season; a longer season than `LONGEST_SEASON` is removed first.
    """
    if season > LONGEST_SEASON and len(history) >= 2 * season:
        pattern = _pattern(history, season, ADDED)
        found = _smoothed(_without(history, pattern, ADDED)[-MOST_STEPS:], horizon, 1)
        return _with(found, pattern, ADDED, len(history))
    return _smoothed(history, horizon, season if season <= LONGEST_SEASON else 1)


def _smoothed(history: Floats, horizon: int, season: int) -> Floats:
    """(H,), NaN if no form can be scored."""
    kinds = [NONE]
    if season > 1 and len(history) >= max(2 * season + 5, 10 + 2 * (season // 2)):
        kinds = [ADDED, MULTIPLIED] if history.min() > 0 else [ADDED]
        kinds += [NONE] if len(history) >= _SURE_SEASONS * season else []
    best, kept, found = math.inf, kinds[0], np.full(horizon, np.nan)
    forms = [(kind, True) for kind in kinds]
    while forms:
        kind, trend = forms.pop(0)
        _, walk = _fitted(history, _first_form(history, kind, trend, season if kind else 1))
        lane = int(np.argmin(np.where(np.isnan(walk.errors), np.inf, walk.errors)))
        score = _aicc(float(walk.errors[lane]), len(history), (season if kind else 0) + (5 if trend else 2))
        if score < best:
            best, kept = score, kind
            found = _forecast(walk, lane, horizon, len(history), kind)
        if trend and not forms:  # the kind of season is known: now without a trend
            forms = [(kept, False)]
    return found


def _forecast(walk: _Walk, lane: int, horizon: int, steps: int, kind: int) -> Floats:
    found, power, damped = np.empty(horizon), 1.0, 0.0
    for ahead in range(horizon):
        power *= float(walk.damping[lane])
        damped += power
        value = float(walk.level[lane]) + damped * float(walk.slope[lane])
        season = float(walk.season[(steps + ahead) % len(walk.season), lane])
        found[ahead] = value * season if kind == MULTIPLIED else value + season
    return found


def _aicc(errors: float, steps: int, parameters: int) -> float:
    free = steps - parameters - 3
    if not free > 0 or not math.isfinite(errors):
        return math.inf
    spread = math.log(errors / steps) if errors > 0 else -math.inf
    return steps * spread + 2 * parameters + 2 * (parameters + 2) * (parameters + 3) / free


def _first_form(history: Floats, kind: int, trend: bool, season: int) -> _Form:
    """A form with its first states: a pattern from the first seasons, and a line through the first steps without it."""
    pattern, level, shift = np.zeros(1), history, 0
    if kind:
        cycles = max(min(_CYCLES, len(history) // season), -(-(_LINE + 2 * (season // 2)) // season))
        first = history[: season * cycles]
        pattern, level, shift = _pattern(first, season, kind), _moving_average(first, season), season // 2
    start, slope = _line(level[:_LINE])
    if not trend and len(history) < _LINE:
        return _Form(kind, trend, float(history[0]), 0.0, pattern)
    return _Form(kind, trend, start - slope * (1 + shift), slope if trend else 0.0, pattern)


def _fitted(history: Floats, form: _Form) -> tuple[Floats, _Walk]:
    """The best parameters (P, 8) that eight searches find, in units of their bounds, and what they give.

    A search is a damped quasi-Newton method from the best of the points that have its first alpha; its curvature begins
    as the products of the errors' derivatives and is updated as Broyden, Fletcher, Goldfarb and Shanno do.
    """
    points = _first_points(history, form)
    walk = _walk(history, form, points, True)
    curvature, damping, going = walk.products, np.full(len(points[0]), 1e-3), np.isfinite(walk.errors)
    for _ in range(_ROUNDS):
        if not going.any():
            break
        tried = np.clip(points + _steps(points, walk.gradient, curvature, damping), 0.0, 1.0)
        ahead = _walk(history, form, tried, True)
        better = going & (ahead.errors < walk.errors)
        moved = np.abs(tried - points).max(axis=0)
        ended = moved < np.where(better, 1e-10, 1e-7)  # less does not show in a sum of squares
        curvature = _updated(curvature, tried - points, ahead.gradient - walk.gradient, better)
        points = np.where(better, tried, points)
        walk = _Walk(
            *(np.where(better, getattr(ahead, name), getattr(walk, name)) for name in _Walk.__dataclass_fields__)
        )
        damping = np.where(better, np.maximum(damping * 0.1, 1e-12), np.maximum(damping * 10, 1e-4))
        going &= ~ended
    return points, walk


def _updated(curvature: Floats, moved: Floats, turned: Floats, better: Bools) -> Floats:
    """The curvature (P, P, K) after steps (P, K), by which the gradient changed by `turned`."""
    count = len(moved)
    bent = np.zeros_like(moved)
    for row in range(count):
        for column in range(count):
            bent[row] = bent[row] + curvature[row, column] * moved[column]
    along, before = np.zeros_like(moved[0]), np.zeros_like(moved[0])
    for row in range(count):
        along, before = along + moved[row] * turned[row], before + moved[row] * bent[row]
    found = np.empty_like(curvature)
    with np.errstate(all="ignore"):
        used = better & (along > 1e-8 * before) & (before > 0)
        for row in range(count):
            for column in range(count):
                change = turned[row] * turned[column] / along - bent[row] * bent[column] / before
                found[row, column] = np.where(used, curvature[row, column] + change, curvature[row, column])
    return found


def _first_points(history: Floats, form: _Form) -> Floats:
    """(P, 8) for each first alpha, the best of the other parameters in a grid."""
    others = list(product(*(_FIRST_OTHERS[one] for one in form.free[1:])))
    grid = np.array([[alpha, *rest] for rest in others for alpha in _FIRST_LEVELS]).T
    errors = _walk(history, form, grid, False).errors.reshape(len(others), -1)
    best = np.argmin(np.where(np.isnan(errors), np.inf, errors), axis=0)
    lanes = np.arange(len(_FIRST_LEVELS))
    return np.asarray(grid.reshape(len(grid), len(others), -1)[:, best, lanes])


def _steps(points: Floats, gradient: Floats, curvature: Floats, damping: Floats) -> Floats:
    """The damped quasi-Newton steps (P, K); a parameter at a bound that would leave it is held."""
    held = ((points <= 0) & (gradient > 0)) | ((points >= 1) & (gradient < 0))
    return damped_steps(gradient, curvature, damping, held)


def _walk(history: Floats, form: _Form, points: Floats, derived: bool) -> _Walk:
    """Filter a history with K sets of parameters (P, K) at once."""
    free, lanes, span = form.free, points.shape[1], _LEVEL[1] - _LEVEL[0]
    unit = {one: points[place] for place, one in enumerate(free)}
    zeros = np.zeros((len(free), lanes))
    alpha = _LEVEL[0] + unit[0] * span
    kappa, gamma, phi = np.zeros(lanes), np.zeros(lanes), np.zeros(lanes)
    d_alpha, d_kappa, d_gamma, d_phi = zeros.copy(), zeros.copy(), zeros.copy(), zeros.copy()
    d_alpha[0] = span
    if form.trend:
        kappa, phi = unit[1] * alpha * alpha, _DAMPING[0] + unit[3] * (_DAMPING[1] - _DAMPING[0])
        d_kappa[0], d_kappa[free.index(1)] = 2 * unit[1] * alpha * span, alpha * alpha
        d_phi[free.index(3)] = _DAMPING[1] - _DAMPING[0]
    if form.kind:
        gamma = unit[2] * (1 - alpha)
        d_gamma[0], d_gamma[free.index(2)] = -unit[2] * span, 1 - alpha
    level, slope = np.full(lanes, form.level), np.full(lanes, form.slope)
    season = np.repeat(form.pattern[:, None], lanes, axis=1)
    d_level, d_slope, d_season = zeros, zeros, np.zeros((len(season), *zeros.shape))
    errors, gradient, products = np.zeros(lanes), zeros.copy(), np.zeros((len(free), *zeros.shape))
    times = form.kind == MULTIPLIED
    with np.errstate(all="ignore"):
        for step, value in enumerate(history.tolist()):
            place = step % len(season)
            now, damped = season[place], phi * slope
            whole = level + damped
            error = value - (whole * now if times else whole + now)
            errors += error * error
            x, z = (error / now, error / whole) if times else (error, error)
            if derived:
                d_now, d_damped = d_season[place], phi * d_slope + d_phi * slope
                d_whole = d_level + d_damped
                d_error = -(d_whole * now + whole * d_now) if times else -(d_whole + d_now)
                gradient += d_error * error
                products += d_error[:, None] * d_error[None]
                d_x = (d_error - x * d_now) / now if times else d_error
                d_level = d_whole + alpha * d_x + d_alpha * x
                if form.trend:
                    d_slope = d_damped + kappa * d_x + d_kappa * x
                if form.kind:
                    d_z = (d_error - z * d_whole) / whole if times else d_error
                    d_season[place] = d_now + gamma * d_z + d_gamma * z
            level = whole + alpha * x
            if form.trend:
                slope = damped + kappa * x
            if form.kind:
                season[place] = now + gamma * z
    return _Walk(errors, gradient, products, level, slope, season, phi)


def _is_seasonal(history: Floats, season: int) -> bool:
    """Whether the autocorrelation at a season is more than chance, given those at shorter lags."""
    centred = history - in_order(history) / len(history)
    own = float(np.dot(centred, centred))
    shorter = 1.0
    for lag in range(1, season):
        shorter += (float(np.dot(centred[lag:], centred[:-lag])) / own) ** 2
    return len(history) * (float(np.dot(centred[season:], centred[:-season])) / own) ** 2 / shorter > _SEASONAL


def _pattern(history: Floats, season: int, kind: int) -> Floats:
    """(season,) the mean of each place in the season, without the moving average and the mean of all."""
    level, before = _moving_average(history, season), season // 2
    middle = history[before : before + len(level)]
    rest = middle / level if kind == MULTIPLIED else middle - level
    found = np.array([in_order(one := rest[(place - before) % season :: season]) / len(one) for place in range(season)])
    mean = in_order(found) / season
    return found / mean if kind == MULTIPLIED else found - mean


def _moving_average(history: Floats, season: int) -> Floats:
    """Over a season, centred: the first belongs to step `season // 2`. In an even season, the two ends count half."""
    first = history[0]
    sums = np.concatenate([[0.0], np.add.accumulate(history - first)])
    windows = sums[season:] - sums[:-season]
    if season % 2:
        return np.asarray(windows / season + first)
    return np.asarray((windows[1:] + windows[:-1]) / (2 * season) + first)


def _line(values: Floats) -> tuple[float, float]:
    """The least squares line through values at steps 0, 1, ...: its value at 0, and its slope."""
    steps = np.arange(len(values)) - (len(values) - 1) / 2
    mean = in_order(values) / len(values)
    slope = in_order(steps * (values - mean)) / in_order(steps * steps)
    return mean - slope * (len(values) - 1) / 2, slope


def _without(history: Floats, pattern: Floats, kind: int) -> Floats:
    repeated = np.resize(pattern, len(history))
    return np.asarray(history / repeated if kind == MULTIPLIED else history - repeated)


def _with(found: Floats, pattern: Floats, kind: int, steps: int) -> Floats:
    repeated = pattern[(steps + np.arange(len(found))) % len(pattern)]
    return np.asarray(found * repeated if kind == MULTIPLIED else found + repeated)
