"""The choice of a forecaster: candidates are compared on rolling origins within the training part, in order of cost."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from unspool.candidates.forecasts.base import Candidate, PointModel, Points
from unspool.candidates.forecasts.blend import BLEND, Blend, chosen_weights, refined_weights
from unspool.candidates.forecasts.by_length import ByLength, by_length
from unspool.candidates.forecasts.forecaster import Forecaster, changes_of, units_of
from unspool.candidates.forecasts.local import LocalCandidate
from unspool.candidates.forecasts.ridge import LinearCandidate, RidgeCandidate
from unspool.candidates.forecasts.short_histories import widened
from unspool.candidates.forecasts.simple import NAIVE, SIMPLE
from unspool.candidates.forecasts.spread import Spread
from unspool.candidates.forecasts.training import Training
from unspool.candidates.forecasts.trees import TreesCandidate
from unspool.candidates.gains import clearly_gains
from unspool.candidates.outcome import NO_TIME, OVER_BUDGET, Choice, Heard, Tried
from unspool.candidates.saved import NOTHING_SAVED, Saved
from unspool.candidates.weighted_mean import weighted_mean
from unspool.errors import UserError

BASELINES: tuple[Candidate, ...] = (
    *(LocalCandidate(name) for name in SIMPLE),
    LocalCandidate("seasonal-naive-week"),
    LocalCandidate("theta"),
    LocalCandidate("theta-log"),
    LocalCandidate("theta-week"),
    LinearCandidate(),
    LocalCandidate("ets"),
    LocalCandidate("ets-log"),
    LocalCandidate("ets-week"),
    LocalCandidate("arima"),
    LocalCandidate("arima-log"),
    LocalCandidate("arima-week"),
)
"""The simple models that a person would use instead, in the order of their cost."""
BASELINES_OF_COVARIATES: tuple[Candidate, ...] = (RidgeCandidate(), TreesCandidate(), TreesCandidate(multiples=True))
"""Further baselines if there are covariates, which the others do not read: regressions over lags."""
CANDIDATES: tuple[Candidate, ...] = (
    *BASELINES,
    RidgeCandidate(),
    RidgeCandidate(log=True),
    TreesCandidate(),
    TreesCandidate(multiples=True),
)
"""All candidates in the order of their cost, to which `choose` may add others."""

_WHY_BLEND = "the better a model does, the more it counts"
_TITLES = {"mase": "MASE", "mae": "mean absolute error", "rmse": "root mean squared error"}
_TOGETHER = 16  # forecasts in a batch
_SLOWER = 2.0
"""A model may take this many times the time that is left, as the machine may have become busy meanwhile."""
_ALWAYS_TRIED = 2
_LEAST_SERIES = 20
"""From so many on, a model that does clearly better than the blend is taken instead of it."""
_CLEARLY = 2.0  # standard errors


def candidate_named(name: str, candidates: Sequence[Candidate]) -> Candidate:
    """The candidate of that name.

    Raises:
        UserError: there is none.
    """
    for one in candidates:
        if one.name == name:
            return one
    raise UserError(
        f"There is no model {name!r} that forecasts. There are {', '.join(one.name for one in candidates)}."
    )


def choose(
    training: Training,
    names: Sequence[str],
    *,
    more: Sequence[Candidate] = (),
    budget: float = math.inf,
    seed: int = 0,
    saved: Saved = NOTHING_SAVED,
    tell: Callable[[str], None] = lambda name: None,
    heard: Heard = lambda tried: None,
) -> Choice[Forecaster]:
    """Compare candidates on the rolling origins of validation, and fit the best to all histories.

    The `rows` of the choice continue the numbers of the series, one for each held-out forecast.

    Args:
        training: the data.
        names: of the candidates, in the order in which they are tried; "blend" adds the mean of the best.
        more: candidates besides `CANDIDATES`.
        budget: seconds for the comparison; the first two candidates are always tried.
        seed: of everything random.
        saved: results from before an interruption; new results are added.
        tell: called with the name of each candidate before it is tried.
        heard: called with the outcome of each candidate.

    Raises:
        UserError: there is no candidate of a name, or none can be fitted.
    """
    known = (*CANDIDATES, *more)
    trials = _Trials(training, seed, saved, heard)
    for name in names:
        if name != BLEND:
            trials.add(candidate_named(name, known), budget, tell)
    if not trials.points:
        first = trials.tried[0] if trials.tried else None
        raise UserError(f"No model could be fitted: {first.name}: {first.note}." if first else "No model was named.")
    weights = trials.blend() if BLEND in names else {}
    best = BLEND if weights else trials.best()
    tell(f"fitting {best} to all series")
    model: PointModel
    if weights:
        members = tuple(_fit(name, training, known, seed) for name in weights)
        model = Blend(members, np.array(list(weights.values())))
    else:
        model = _fit(best, training, known, seed)
    model = by_length(model, training.histories, training.setup)
    forecaster, held_out = with_quantiles(model, trials.points[best], training)
    shortest = min(one.origin for one in training.windows)
    spread = widened(forecaster, lambda row: training.item(training.windows[row]), training.truth, shortest)
    forecaster = replace(forecaster, spread=spread)
    lowest = f"its {_TITLES[training.measure]} is the lowest" if len(trials.points) > 1 else ""
    why = trials.why_blend() if weights else lowest
    why = "; ".join(filter(None, (why, trials.on_unread_covariates([*weights] or [best]))))
    rows = len(training.histories) + np.arange(len(training.windows))
    return Choice(best, forecaster, tuple(trials.tried), rows, held_out, why, by_time=True, points=trials.points)


class _Trials:
    """The candidates tried so far, and their forecasts in validation."""

    def __init__(self, training: Training, seed: int, saved: Saved, heard: Heard):
        self._training, self._seed, self._saved, self._heard = training, seed, saved, heard
        self._began = time.perf_counter()  # earlier by what was spent before an interruption
        self.tried: list[Tried] = []
        self.points: dict[str, Points] = {}

    def add(self, candidate: Candidate, budget: float, tell: Callable[[str], None]) -> None:
        """Try a candidate if there is budget left or if it is one of the first two."""
        kept = self._saved.found(candidate.name)
        if kept is not None:
            plain, arrays = kept
            self._began -= plain["seconds"]
            self._note(Tried(candidate.name, **plain), arrays["points"])
            return
        left = math.inf if len(self.tried) < _ALWAYS_TRIED else budget - (time.perf_counter() - self._began)
        if left < 0:
            self._note(Tried(candidate.name, None, 0.0, NO_TIME))
            return
        tell(candidate.name)
        one, points = try_candidate(candidate, self._training, self._seed, left)
        if points is not None:
            self._saved.keep(candidate.name, {"score": one.score, "seconds": one.seconds}, {"points": points})
        self._note(one, points)

    def blend(self) -> dict[str, float]:
        """Score a blend, and return the weights of its members; empty if one model does clearly better, or is alone."""
        weights = chosen_weights(self._scores(), NAIVE) if len(self.points) > 1 else {}
        if len(weights) > 1:
            errors = {name: self._training.errors(self.points[name]) for name in weights}
            weights = refined_weights(weights, errors, self._training.apart, squared=self._training.squared)
        if len(weights) <= 1:
            return {}
        points = weighted_mean([self.points[name] for name in weights], np.array(list(weights.values())))
        self._note(Tried(BLEND, self._training.score(points), 0.0, _weights_in_words(weights)), points)
        return {} if _clearly_better(self.points[self.best()], points, self._training) else weights

    def why_blend(self) -> str:
        """Why the blend is taken, even where the error of a single model is lower."""
        if self.best() == BLEND:
            return _WHY_BLEND
        return (
            f"{self.best()} has a lower {_TITLES[self._training.measure]}, but a single model is chosen only if it "
            f"beats the blend by more than {_CLEARLY:g} standard errors, both over series ({_LEAST_SERIES} or more) "
            "and over dates"
        )

    def on_unread_covariates(self, members: Sequence[str]) -> str:
        """A clause on covariates of the file that no member of the model reads; empty if there are none."""
        setup = self._training.setup
        if not setup.until_now + setup.known - setup.calendar or {*members} - {one.name for one in BASELINES}:
            return ""
        late = sum(one.lacked_time for one in self.tried)
        return "it reads no covariates" + (", unlike models that lacked time" if late else "")

    def best(self) -> str:
        """The candidate with the lowest error."""
        scores = self._scores()
        return min(scores, key=lambda name: scores[name])

    def _scores(self) -> dict[str, float]:
        return {one.name: one.score for one in self.tried if one.score is not None}

    def _note(self, one: Tried, points: Points | None = None) -> None:
        if points is not None:
            self.points[one.name] = points
        self.tried.append(one)
        self._heard(one)


def _clearly_better(points: Points, others: Points, training: Training) -> bool:
    """Whether forecasts do better than others in validation, clearly so both over series and over periods.

    Series that share their dates share what happens on them, such as a holiday, so many series on a few dates are weak
    evidence. The gain must therefore be clear over periods, too, even though there are few of them.
    """
    series = np.array([window.series for window in training.windows])
    if len(np.unique(series)) < _LEAST_SERIES:
        return False
    gains, periods = training.misses(others) - training.misses(points), training.periods()
    return clearly_gains(gains, _CLEARLY, series) and (periods is None or clearly_gains(gains, _CLEARLY, periods))


def _weights_in_words(weights: dict[str, float]) -> str:
    parts = sorted(weights.items(), key=lambda one: -one[1])
    return ", ".join(f"{100 * weight:.0f}% {name}" for name, weight in parts)


def with_quantiles(model: PointModel, points: Points, training: Training) -> tuple[Forecaster, NDArray[np.float64]]:
    """A model with quantiles from its errors in validation, and its (M, H, 3) quantile forecasts there."""
    values, scored, units = np.moveaxis(training.truth, 2, 0)
    items = training.items  # with the steps that are read in new forecasts, too
    of_items, changes = units_of(items, training.setup), changes_of(items, training.setup)
    units = np.where(units > 0, of_items[:, None], 0.0)
    errors = (values - points) / np.where(units > 0, units, 1.0)
    known = (scored * units) > 0
    usual = float(np.median(units[known])) if known.any() else 0.0
    spread = Spread.fit(errors, known, training.apart, usual, changes)
    least = 0.0 if all(one[:, 0].min() >= 0 for one in training.histories) else None
    forecaster = Forecaster(training.setup, model, spread, least)
    held_out = spread.quantiles(points, units[:, 0], changes=changes)
    return forecaster, held_out if least is None else np.maximum(held_out, least)


def fit_baseline(
    name: str,
    training: Training,
    points: Points | None,
    seed: int = 0,
    seconds: float = math.inf,
    chosen: PointModel | None = None,
) -> tuple[Forecaster, float] | None:
    """A simple model fitted to all histories, and its score in validation; None if it cannot be fitted.

    Args:
        name: of one of `BASELINES` or `BASELINES_OF_COVARIATES`.
        training: the data.
        points: its forecasts in validation, if they are known.
        seed: of everything random.
        seconds: that it may take for forecasts in validation.
        chosen: the run's own model, fitted to the same histories with the same seed; what it is or blends is not fitted
            again.
    """
    candidate = candidate_named(name, (*BASELINES, *BASELINES_OF_COVARIATES))
    if points is None:
        _, points = try_candidate(candidate, training, seed, seconds)
    if points is None:
        return None
    chosen = chosen.model if isinstance(chosen, ByLength) else chosen
    members = chosen.members if isinstance(chosen, Blend) else (chosen,)
    model = next((one for one in members if one is not None and one.name == name), None)
    if model is None:
        model = candidate.fit(training.histories, training.setup, seed)
    forecaster, _ = with_quantiles(model, points, training)
    return forecaster, training.score(points)


def _fit(name: str, training: Training, known: Sequence[Candidate], seed: int) -> PointModel:
    return candidate_named(name, known).fit(training.histories, training.setup, seed)


def try_candidate(candidate: Candidate, training: Training, seed: int, seconds: float) -> tuple[Tried, Points | None]:
    """Forecast the validation windows with a candidate that is only fitted to steps before them.

    Args:
        candidate: the candidate.
        training: the data.
        seed: of everything random.
        seconds: that it may take; it is given up as soon as it would probably take `_SLOWER` times as long.

    Returns:
        The outcome, and the (M, H) forecasts, or None.
    """
    why = candidate.missing(training.histories, training.setup)
    if why:
        return Tried(candidate.name, None, 0.0, why), None
    began, windows = time.perf_counter(), training.windows
    points = np.full((len(windows), training.setup.horizon), np.nan)
    folds, pace = _folds(training, candidate.fits), _Pace(len(windows))
    for number, (rows, cuts) in enumerate(folds, start=1):
        histories = [training.history(series, cut) for series, cut in enumerate(cuts)]
        why = candidate.missing(histories, training.setup)
        if why:
            return Tried(candidate.name, None, time.perf_counter() - began, f"in validation {why}"), None
        begin = time.perf_counter()
        model = candidate.fit(histories, training.setup, seed)
        pace.fitted(time.perf_counter() - begin, number / len(folds))
        for start in range(0, len(rows), _TOGETHER):
            some = rows[start : start + _TOGETHER]
            begin = time.perf_counter()
            points[some] = model.points([training.item(windows[row]) for row in some])
            pace.forecast(len(some), time.perf_counter() - begin)
            if pace.left and pace.expected() > _SLOWER * seconds:
                return Tried(candidate.name, None, time.perf_counter() - began, OVER_BUDGET), None
    found = training.score(points)
    seconds_taken = time.perf_counter() - began
    if not np.isfinite(points).all() or not np.isfinite(found):
        return Tried(candidate.name, None, seconds_taken, "a forecast was no finite number"), None
    return Tried(candidate.name, found, seconds_taken), points


class _Pace:
    """Estimates how long a candidate will take: fits and forecasts separately, as one fit serves many forecasts.

    The first forecasts may take longer than all others, as programs are compiled during them.

    Args:
        count: the number of forecasts in all.
    """

    def __init__(self, count: int):
        self.left = count
        self._fits = self._first = self._later = 0.0  # seconds
        self._share, self._counted = 1.0, 0  # of the fits that are done; later forecasts so far

    def fitted(self, seconds: float, share: float) -> None:
        """Record a fit, after which this share of all fits is done."""
        self._fits, self._share = self._fits + seconds, share

    def forecast(self, count: int, seconds: float) -> None:
        """Record some forecasts."""
        self.left -= count
        if self._first:
            self._later, self._counted = self._later + seconds, self._counted + count
        else:
            self._first = seconds

    def expected(self) -> float:
        """The expected seconds for all fits and forecasts."""
        each = self._later / self._counted if self._counted else 0.0
        return self._fits / self._share + self._first + each * (self._counted + self.left)


def _folds(training: Training, fits: int) -> list[tuple[list[int], NDArray[np.int64]]]:
    """Folds of validation windows, the earliest first, each with the (N,) steps of the series that come before them.

    Windows are divided by their rank in their series, so that a fold leaves about the same share of each series.
    """
    by_series: dict[int, list[int]] = {}
    for row, window in enumerate(training.windows):
        by_series.setdefault(window.series, []).append(row)
    most = max(map(len, by_series.values()))
    folds = max(1, min(fits, most))
    found = []
    for fold in range(folds):
        rows: list[int] = []
        cuts = np.array([len(one) for one in training.histories])
        for series, own in by_series.items():
            ordered = sorted(own, key=lambda row: training.windows[row].origin)
            edges = [len(ordered) * place // folds for place in (fold, fold + 1)]
            cuts[series] = training.windows[ordered[min(edges[0], len(ordered) - 1)]].origin
            rows += ordered[edges[0] : edges[1]]
        if rows:
            found.append((rows, cuts))
    return found
