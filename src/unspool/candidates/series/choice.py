"""Candidates compared inside the training part, in the order of their cost, within a budget of time."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from unspool.candidates.folds import numbered
from unspool.candidates.gains import clearly_gains
from unspool.candidates.model_files import prefixed, unprefixed
from unspool.candidates.outcome import BUDGET, NO_TIME, OVER_BUDGET, Choice, Compared, Heard, Tried
from unspool.candidates.pace import Pace, TooSlowError
from unspool.candidates.saved import NOTHING_SAVED, Saved
from unspool.candidates.series.base import (
    Arrays,
    Candidate,
    Fitted,
    Outputs,
    Rows,
    Series,
    Target,
    Task,
    Terms,
    as_scored,
    model_of,
)
from unspool.candidates.series.blend import LEAST_TO_FIT, Blend
from unspool.candidates.series.encoded import (
    BOOSTED,
    COMPETITION,
    CONVOLUTION,
    FOREST,
    MINIROCKET,
    QUANTILE,
    RAW_VALUES,
    STATISTICS,
)
from unspool.candidates.series.neighbours import EUCLIDEAN, WARPED
from unspool.candidates.series.recurrent import RECURRENT
from unspool.candidates.series.standardised import Standardised
from unspool.candidates.series.truth import Truth
from unspool.candidates.transformation import Transformation
from unspool.errors import AdvisedError

BLEND = "blend"
MARGIN = 2.0
"""A candidate may take this many times the time that its cost predicts."""
CANDIDATES: tuple[Candidate, ...] = (
    STATISTICS,
    RAW_VALUES,
    EUCLIDEAN,
    MINIROCKET,
    COMPETITION,
    FOREST,
    BOOSTED,
    CONVOLUTION,
    QUANTILE,
    RECURRENT,
)
"""Those of `BASELINES` among them, so that the model taken is not worse on held-out series than what a person would use
instead; but for the warped neighbour, which takes longer than most others together."""
PARTNERS = (COMPETITION.name, FOREST.name, BOOSTED.name, CONVOLUTION.name, QUANTILE.name, RECURRENT.name)
"""What is blended: models that err differently. LOG.md has what others would add."""
PARTNERS_OF_NUMBERS = (STATISTICS.name, RAW_VALUES.name, *PARTNERS)
"""What is blended for regression."""
PARTNERS_OF_SEVERAL = (EUCLIDEAN.name, *PARTNERS_OF_NUMBERS)
"""What is blended for multilabel tasks."""
NEAR = 2.0
"""A partner has at most this many times the loss of the best one; fitted weights leave out worse ones."""
CLEARLY = 3.0
"""Standard errors by which a single model must be better than the blend to be chosen instead.

The best one of several is often ahead by two of them by chance.
"""
BASELINES: tuple[Candidate, ...] = (STATISTICS, RAW_VALUES, EUCLIDEAN, WARPED, MINIROCKET, FOREST, BOOSTED)
"""The simple models that a person would use instead."""


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """A model that was compared.

    Attributes:
        name: of the candidate, or "blend".
        model: fitted to all training series.
        held_out: (N, K) outputs for training series that are held out, NaN where they never are.
        score: accuracy (for multilabel tasks, the share of right decisions), or the error of numbers, on these.
        loss: cross-entropy in nats, or the error of numbers, on these; lower is better.
        seconds: of wall time that it took.
    """

    name: str
    model: Fitted
    held_out: Outputs
    score: float
    loss: float
    seconds: float


def choose(
    series: Series,
    target: Target,
    task: Task,
    *,
    candidates: Sequence[Candidate] = CANDIDATES,
    seed: int = 0,
    budget: float = BUDGET,
    parts: Sequence[tuple[Rows, Rows]] = (),
    groups: Rows | None = None,
    transformation: Transformation | None = None,
    absolute_errors: bool = False,
    saved: Saved = NOTHING_SAVED,
    tell: Callable[[str], None] = lambda name: None,
    heard: Heard = lambda tried: None,
) -> Choice[Fitted]:
    """Fit candidates in order of cost, compare them on held-out training series, and choose the best.

    With very many series, candidates whose trees are grown on a sample cost least; their time is estimated separately.

    Each candidate returns outputs for every training series by a fit without it (leave-one-out or folds), so that no
    fit is repeated, unless `parts` says which series are to be held out together. Models that are not much worse than
    the best are also blended.

    Args:
        series: N series, each (T, C); NaN is a missing value.
        target: (N,) labels from 0 on, (N, K) 0 and 1 for "multilabel", or (N,) or (N, K) numbers.
        task: "binary", "multiclass", "multilabel" or "regression".
        candidates: the models to compare.
        seed: of everything random.
        budget: in seconds. The first candidate is always tried, others only if enough is left, judging by their cost
            and their `Terms`. Networks, and those that read all of very many series, may also be given up while they
            are fitted.
        parts: folds of groups, or in the order of time: rows to fit to and rows to hold out; () for those above.
        groups: (N,) of the series, for standard errors and for what candidates hold out themselves, such as to choose
            a penalty.
        transformation: what turned numbers into the targets, so that candidates are compared in the unit of the
            numbers; None if the targets are the numbers themselves.
        absolute_errors: whether candidates for numbers are compared by absolute errors, not by squared ones.
        saved: results from before an interruption; new results are added.
        tell: called with the name of each candidate before it is tried.
        heard: called with the outcome of each candidate.

    Raises:
        UserError: no candidate can be fitted to these series.

    Example:
        >>> waves = [np.sin(np.arange(30) * f)[:, None].astype(np.float32) for f in np.linspace(0.2, 0.8, 24)]
        >>> chosen = choose(waves, np.arange(24) // 12, "binary", candidates=(STATISTICS, RAW_VALUES))
        >>> [tried.name for tried in chosen.tried]
        ['statistics', 'raw values']
    """
    truth = replace(Truth.of(target, task), transformation=transformation, absolute_errors=absolute_errors)
    if truth.coarse:
        candidates = [Standardised(one) for one in candidates]
    trials = _Trials(series, target, truth, seed, parts, groups, saved, heard)
    for candidate in sorted(candidates, key=trials.cost):
        tell(candidate.name)
        trials.add(candidate, budget)
    if not trials.fitted:
        reasons = "; ".join(f"{one.name}: {one.note}" for one in trials.tried)
        raise AdvisedError(
            f"No model can be fitted to these series ({reasons}).",
            "Choose another with --model.",
            "Choose another model.",
        )
    best, why = trials.best(tell)
    compared = {
        one.name: Compared(*_held_out(one, task), one.seconds, partial(_same, one.model)) for one in trials.fitted
    }
    return Choice(best.name, best.model, tuple(trials.tried), *_held_out(best, task), why=why, compared=compared)


class _Trials:
    """The candidates that have been tried so far."""

    def __init__(
        self,
        series: Series,
        target: Target,
        truth: Truth,
        seed: int,
        parts: Sequence[tuple[Rows, Rows]],
        groups: Rows | None,
        saved: Saved,
        heard: Heard,
    ):
        self._series, self._target, self._truth, self._seed = series, target, truth, seed
        self._parts, self._groups, self._saved, self._heard = parts, groups, saved, heard
        self._began = time.monotonic()  # earlier by what was spent before an interruption
        self._rates: dict[str, float] = {}  # seconds per unit of cost, of candidates that read alike
        self.fitted: list[Judged] = []
        self.tried: list[Tried] = []

    def cost(self, candidate: Candidate) -> float:
        """The cost of a candidate with this many series, relative to the others."""
        return candidate.cost * self._terms(candidate).growth

    def _terms(self, candidate: Candidate) -> Terms:
        return candidate.terms(len(self._series), self._truth.task)

    def add(self, candidate: Candidate, budget: float) -> None:
        """Fit a candidate if it can read the series and the budget is enough for it."""
        reason = candidate.serves(self._series, self._truth.task, self._truth.classes)
        kept = None if reason else self._saved.found(candidate.name)
        if not reason and kept is None and self.fitted:
            reason = self._too_long(candidate, budget)
        if reason:
            self._note(Tried(candidate.name, None, 0.0, reason))
            return
        if kept is None:
            try:
                judged = self._judged_now(candidate, budget)
            except TooSlowError:
                self._note(Tried(candidate.name, None, 0.0, OVER_BUDGET))
                return
            _keep(judged, self._saved)
        else:
            judged = _restored(candidate.name, *kept, self._truth)
            self._began -= judged.seconds
        alike, rate = self._terms(candidate).alike, judged.seconds / self.cost(candidate) / MARGIN
        self._rates[alike] = max(self._rates.get(alike, 0.0), rate)
        self.fitted.append(judged)
        self._note_judged(judged)

    def _too_long(self, candidate: Candidate, budget: float) -> str:
        """Why the budget, or the rest of it, is too small for a candidate; empty if it is enough."""
        terms = self._terms(candidate)
        if budget < terms.least_budget:
            return terms.why_least
        expected, left = self._rates.get(terms.alike, 0.0) * self.cost(candidate), self._left(budget)
        if left <= 0:
            return NO_TIME
        return OVER_BUDGET if max(expected, terms.least_left) > left else ""

    def _left(self, budget: float) -> float:
        return budget - (time.monotonic() - self._began)

    def _judged_now(self, candidate: Candidate, budget: float) -> Judged:
        before, given = time.monotonic(), (self._series, self._target)
        own = candidate.leaving_out(self._parts, len(self._series)) if self._parts else None
        share = self._terms(candidate).share / (1 if own else 1 + len(self._parts))
        left = share * self._left(budget) if self.fitted else math.inf
        alone = own or (candidate.without_folds() if self._parts else candidate)
        model = alone.fit(*given, self._truth.task, self._seed, Pace(left), numbered(self._groups))
        held_out = model.held_out
        if self._parts and not own:
            held_out = held_out_in(self._parts, candidate, *given, self._truth, self._seed, self._groups)
        return _judged(candidate.name, model, held_out, self._truth, time.monotonic() - before)

    def best(self, tell: Callable[[str], None]) -> tuple[Judged, str]:
        """Choose a model, perhaps a blend, and say why; a blend is recorded as tried."""
        members = partners(self.fitted, self._truth)
        usual = None
        if len(members) > 1:
            tell(BLEND)
            before = time.monotonic()
            blend = Blend.fit([one.model for one in members], self._truth, [one.held_out for one in members])
            members = [one for one in members if any(one.model is member for member in blend.members)]
            if len(members) > 1:
                usual = _judged(BLEND, blend, blend.held_out, self._truth, time.monotonic() - before)
                self._note_judged(usual)
            else:
                usual = members[0]
                self._note(Tried(BLEND, None, 0.0, f"{usual.name} alone is as good"))
        elif members and sum(one.name in partner_names(self._truth.task) for one in self.tried) > 1:
            self._note(Tried(BLEND, None, 0.0, f"no other model is good enough to blend with {members[0].name}"))
        best, why = _best(self.fitted, usual, self._truth, self._groups)
        if best.name == BLEND:
            why += f"; it blends {', '.join(one.name for one in members)}"
        return best, why if len(self.fitted) > 1 else ""

    def _note(self, one: Tried) -> None:
        self.tried.append(one)
        self._heard(one)

    def _note_judged(self, one: Judged) -> None:
        loss = None if self._truth.task == "regression" else one.loss
        self._note(Tried(one.name, one.score, one.seconds, loss=loss))


def _keep(one: Judged, saved: Saved) -> None:
    if saved.keeps(one.seconds):
        description, arrays = one.model.state()
        plain = {"seconds": one.seconds, "model": description}
        saved.keep(one.name, plain, {"held_out": one.held_out} | prefixed(arrays, "model/"))


def _restored(name: str, plain: dict[str, Any], arrays: Arrays, truth: Truth) -> Judged:
    """The model that `_keep` kept before an interruption."""
    model = model_of(plain["model"], unprefixed(arrays, "model/"))
    return _judged(name, model, arrays["held_out"], truth, plain["seconds"])


def _same(model: Fitted) -> Fitted:
    return model


def _held_out(one: Judged, task: Task) -> tuple[Rows, Outputs]:
    """(M,) indices of the held-out series, and outputs for these as the task scores them.

    If no series could be held out, all series, with equal probabilities for all labels.
    """
    rows = _seen(one.held_out)
    if not len(rows):
        rows, nothing = np.arange(len(one.held_out)), np.full(one.held_out.shape, 1 / one.held_out.shape[1])
        return rows, as_scored(nothing, task)
    return rows, as_scored(one.held_out[rows], task)


def held_out_in(
    parts: Sequence[tuple[Rows, Rows]],
    candidate: Candidate,
    series: Series,
    target: Target,
    truth: Truth,
    seed: int,
    groups: Rows | None = None,
) -> Outputs:
    """(N, K) outputs of fits to other series, NaN for series that are not held out, or whose class the fit lacks."""
    found = np.full(truth.values.shape, np.nan)
    candidate, target = candidate.without_folds(), np.asarray(target)
    for rest, held in parts:
        known = numbered(None if groups is None else groups[rest])
        model = candidate.fit([series[row] for row in rest], target[rest], truth.task, seed, groups=known)
        outputs = model.outputs([series[row] for row in held])
        found[held] = truth.known(outputs, rest, held)
    return found


def partner_names(task: str) -> tuple[str, ...]:
    """What is blended for a task."""
    return {"regression": PARTNERS_OF_NUMBERS, "multilabel": PARTNERS_OF_SEVERAL}.get(task, PARTNERS)


def partners(fitted: Sequence[Judged], truth: Truth) -> list[Judged]:
    """The models to blend; if their weights are not fitted, without those that are much worse than the best.

    Where the budget was too small for MultiRocket's convolutions, MiniRocket's, which are similar, stand in for them.
    """
    names = partner_names(truth.task)
    if all(one.name != CONVOLUTION.name for one in fitted):
        names = (*names, MINIROCKET.name)
    found = [one for one in fitted if one.name in names]
    if truth.numbers:
        return found
    if found and len(_seen(*(one.held_out for one in found))) >= LEAST_TO_FIT:
        return found
    best = min((one.loss for one in found), default=0.0)
    return [one for one in found if one.loss <= NEAR * best]


def _best(
    fitted: Sequence[Judged], usual: Judged | None, truth: Truth, groups: Rows | None = None
) -> tuple[Judged, str]:
    """The model to choose, and why.

    Args:
        fitted: the single models.
        usual: the blend, or the model to which it gives all weight; None if there was nothing to blend.
        truth: the targets.
        groups: (N,) of the series, see `clearly_gains`; or None.
    """
    single = min(fitted, key=lambda one: one.loss)
    if not len(_seen(single.held_out)):
        return usual or single, "no label has two series, so no series could be held out to compare models on"
    loss = truth.loss_name
    if usual is None or usual is single:
        return single, f"its {loss} is the lowest"
    seen = _seen(usual.held_out, single.held_out)
    seen_truth = truth.take(seen)
    less = seen_truth.losses(usual.held_out[seen]) - seen_truth.losses(single.held_out[seen])
    if clearly_gains(less, CLEARLY, None if groups is None else groups[seen]):
        than = "the blend" if usual.name == BLEND else f"{usual.name}, to which the blend gives all the weight,"
        return single, f"its {loss} is lower than that of {than} by more than {CLEARLY:g} standard errors"
    why = f"no single model has a {loss} that is lower by more than {CLEARLY:g} standard errors"
    return usual, why if usual.name == BLEND else f"the blend gives all the weight to it, and {why}"


def _seen(*held_out: Outputs) -> Rows:
    """The series for which all of these have outputs."""
    return np.flatnonzero(~np.isnan(held_out).any(axis=(0, 2)))


def _judged(name: str, model: Fitted, held_out: Outputs | None, truth: Truth, seconds: float) -> Judged:
    if held_out is None:
        raise ValueError(f"{name} gives no outputs for held-out series")
    seen = _seen(held_out)
    if len(seen):
        score, loss = truth.take(seen).scores(held_out[seen])
    else:
        score, loss = 1 / truth.classes, math.log(truth.classes)
    return Judged(name, model, held_out, score, loss, seconds)


def candidate_named(name: str) -> Candidate:
    """The candidate of that name.

    Raises:
        KeyError: there is none.
    """
    known = {one.name: one for one in (*CANDIDATES, *BASELINES)}
    return known[name]
