"""Whether a run beats the simple models that stand beside it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from unspool.errors import UserError
from unspool.evaluation.checks import checked_units
from unspool.evaluation.measures.intervals import hidden, interval_of_difference, less, widened
from unspool.evaluation.measures.measure import Measure, Outputs, Targets
from unspool.evaluation.resampling import bootstrap_distribution, percentile_interval
from unspool.evaluation.result import Baseline, Interval, Predictions, Verdict
from unspool.evaluation.scoring import Measures, checked, cut_at
from unspool.evaluation.support import support_of

_ROUNDING = 1e-12
"""By how much of their size equal figures may differ that are computed in another order."""


def verdict(
    measures: Measures,
    predictions: Predictions,
    threshold: float | None,
    baselines: Sequence[Baseline],
    *,
    measure: str | None = None,
    strongest: str | None = None,
    same: str | None = None,
    alone: bool = False,
    counted: str = "test examples",
    drawn: str = "groups",
    resamples: int = 2000,
) -> Verdict:
    """Compare a run with a baseline on the same test examples.

    The interval is a paired 95% percentile bootstrap: each resample scores both models on the same drawn examples
    (whole groups, where there are any), so that examples which are hard for both do not blur the difference. It speaks
    of this one trained model; another seed may do better or worse.

    Args:
        measures: of the task, by name.
        predictions: the run's, on the test set.
        threshold: the run's; each baseline brings its own.
        baselines: scored on the same examples in the same order; of equally strong ones the first is taken.
        measure: the name of the measure that it rests on; the first if not given. Where it is undefined for the run or
            for all baselines, the first that is defined takes its place. Baselines without it are not compared.
        strongest: the name of the baseline that did best on held-out training data; the one that does best on the test
            examples if not given. If the run beats it, the one that does best on the test examples is to be beaten,
            too: held-out data may be too few to find the strongest.
        same: the name of the baseline that the run's model itself is, if it is one. If that is the strongest, there is
            nothing to beat.
        alone: whether the run tried no other model, as when one is asked for by name.
        counted: what the rows of the predictions are, in words.
        drawn: what their groups are, in words.
        resamples: how many bootstrap resamples.

    Raises:
        UserError: there is no baseline or no measure that is defined for the run and one of them, or as for `score`.
    """
    if not baselines:
        raise UserError("a verdict needs at least one baseline to compare with")
    targets, outputs = checked(predictions)
    wanted = measure or next(iter(measures))
    name, judged = _defined(measures, wanted, (targets, outputs, cut_at(threshold)), baselines)
    remarks = _on_what_is_undefined(measures, wanted, name, baselines)
    by = measures[name]

    def reached(baseline: Baseline) -> float:
        """Its score; higher is better."""
        return (1 if by.higher_is_better else -1) * baseline.scores[name].value

    against = next((one for one in judged if one.name == strongest), max(judged, key=reached))
    itself = next((one for one in judged if one.name == same), None)
    if itself is not None and (strongest in (None, same) or against is itself):
        own = by.of(targets, outputs, cut_at(threshold))  # with another seed, it may differ from the baseline's
        remarks = _on_constant([one for one in judged if one is not itself], own, name, by) + remarks
        return _is_simple(itself, max(judged, key=reached), own, name, by, remarks, alone)

    def compared_with(baseline: Baseline) -> tuple[float, Verdict]:
        theirs = checked(Predictions(targets, baseline.outputs))[1]
        cuts = [(outputs, cut_at(threshold)), (theirs, cut_at(baseline.scores.threshold))]
        values = [by.of(targets, side, cut) for side, cut in cuts]
        difference, rounding = float(less(*values)), _rounding(values)
        interval, few = _interval(
            by, targets, cuts, predictions.groups, difference, rounding, (counted, drawn), resamples
        )
        beats = interval.low > 0 if by.higher_is_better else interval.high < 0
        shown = 0.0 if abs(difference) <= rounding else difference
        words = _in_words(by, f"{len(targets):,} {counted}", (values[0], values[1]), shown, baseline.title, interval)
        return values[0], Verdict(baseline.name, name, difference, interval, beats, words + few)

    value, found = compared_with(against)
    ours = value if by.higher_is_better else -value
    best = max((one for one in judged if one is not itself), key=reached)
    more = ""
    if reached(best) > reached(against):
        first = f"{against.title} ({by.say(against.scores[name].value)})"
        if not found.beats_baseline:
            more = _chosen_before(best.title, by.say(best.scores[name].value))
        else:
            found = compared_with(best)[1]
            constant = _is_constant(best) and reached(best) >= ours
            more = _beats_both(first) if found.beats_baseline else _beats_one(first, constant=constant)
    others = [one for one in judged if one is not itself and one.name != found.baseline]
    more += _on_constant(others, value, name, by)
    return replace(found, words=found.words + more + remarks)


def _on_constant(judged: Sequence[Baseline], reached: float, name: str, by: Measure) -> str:
    """Say so if the run is no better than a baseline that answers the same to all."""
    for one in judged:
        other = one.scores[name].value
        if _is_constant(one) and (other >= reached if by.higher_is_better else other <= reached):
            return (
                " On the test examples, the model is no better than giving every example the same answer "
                f"({one.title}: {by.say(other)})."
            )
    return ""


def _is_constant(baseline: Baseline) -> bool:
    """Whether its outputs are the same for all examples, as those of the mean or of the most frequent class are."""
    outputs = np.asarray(baseline.outputs)
    return len(outputs) > 1 and bool((outputs == outputs[0]).all())


def _rounding(values: Sequence[float]) -> float:
    """How much figures that are equal may differ."""
    return _ROUNDING * max((abs(value) for value in values if np.isfinite(value)), default=0.0)


def _interval(
    by: Measure,
    targets: Targets,
    cuts: Sequence[tuple[Outputs, float]],
    groups: NDArray[np.integer] | None,
    difference: float,
    rounding: float,
    counted: tuple[str, str],
    resamples: int,
) -> tuple[Interval, str]:
    """The interval of the difference between two models on N examples, and a caveat if there are too few.

    Args:
        by: the measure.
        targets: of the examples.
        cuts: of each model the outputs, and the threshold.
        groups: (N,) of the examples, or None.
        difference: of the models on all examples.
        rounding: of the difference.
        counted: what the examples and their groups are, in words.
        resamples: how many.
    """
    units = checked_units(groups, len(targets))
    figures = [by.prepare(targets, side, cut) for side, cut in cuts]
    distribution = bootstrap_distribution(
        lambda counts: less(figures[0](counts), figures[1](counts))[np.newaxis], units, resamples=resamples
    )
    differences = distribution[0]
    differences[np.abs(differences) <= rounding] = 0.0  # as of figures that are equal
    decided = [[by.decisions(targets, side, cut)] for side, cut in cuts]
    support = support_of(by, targets, units, (decided[0], decided[1]), (figures[:1], figures[1:]))
    most = by.bounds[1] - by.bounds[0]
    percentiles = widened(
        percentile_interval(differences, support.rarer, bounds=(-most, most)),
        difference,
        differences,
        hidden(figures[:1], units, figures[1:]),
        (-most, most),
    )
    return support.judged(
        interval_of_difference(by, difference, percentiles, support.drawn),
        counted[support.drawn < len(targets)],
    )


def _defined(
    measures: Measures, wanted: str, run: tuple[Targets, Outputs, float], baselines: Sequence[Baseline]
) -> tuple[str, list[Baseline]]:
    """The measure to judge by, with the baselines that have it: the one wanted, or else the first that the run has.

    A measure may be undefined: Spearman's correlation of equal predictions, a ranking of too many examples.

    Raises:
        UserError: the run and the baselines have no measure in common.
    """
    for name in (wanted, *measures):
        judged = [one for one in baselines if one.scores.get(name) is not None]
        if judged and not np.isnan(measures[name].value(*run)):
            return name, judged
    raise UserError(
        "the model cannot be compared with a baseline: no measure is defined for both of them on these test examples"
    )


def _on_what_is_undefined(measures: Measures, wanted: str, name: str, baselines: Sequence[Baseline]) -> str:
    if name != wanted:
        return (
            f" On these test examples {measures[wanted].title} is undefined for this model or for all baselines; the "
            f"verdict rests on {measures[name].title} instead."
        )
    without = " and ".join(one.title for one in baselines if one.scores.get(name) is None)
    return f" Not compared with {without}, for which {measures[name].title} is undefined." if without else ""


def _chosen_before(best: str, reached: str) -> str:
    """Why the run, which does not win, is not compared with the baseline that does best on the test examples."""
    return (
        f" Among the simple models, {best} does best on them ({reached}); the one to compare with was chosen on "
        "held-out training data, not by its test score."
    )


def _beats_both(first: str) -> str:
    return f" This model also does better than {first}, which was the strongest simple model on held-out training data."


def _beats_one(first: str, *, constant: bool) -> str:
    """What is added if the run beats only the first; `constant`: the other says the same to all, and is as good."""
    than = f" This model does better than {first}, which was the strongest simple model on held-out training data"
    if constant:
        return f"{than}, but no better than giving every example the same answer."
    return f'{than}. A "Yes" needs a win over both.'


def _is_simple(
    chosen: Baseline, best: Baseline, reached: float, name: str, measure: Measure, remarks: str, alone: bool
) -> Verdict:
    most = best.scores[name].value
    what, why = (
        (
            f"This model is itself a simple one, {chosen.title}: no other simple model did better on held-out training "
            "data.",
            "it did not do so on held-out training data.",
        )
        if alone
        else (
            f"The model that was chosen is a simple one, {chosen.title}: on held-out training data no other model was "
            "clearly better.",
            "the model was chosen on held-out training data, not by its test score.",
        )
    )
    words = f"{what} On the test examples it has {measure.noun} of {measure.say(reached)}."
    if best is not chosen and (most > reached if measure.higher_is_better else most < reached):
        words += f" Among the simple models, {best.title} does best on them ({measure.say(most)}); {why}"
    return Verdict(chosen.name, name, 0.0, Interval(0.0, 0.0), beats_baseline=False, words=words + remarks)


def _in_words(
    measure: Measure,
    examples: str,
    values: tuple[float, float],
    difference: float,
    baseline: str,
    interval: Interval,
) -> str:
    ours, theirs = map(measure.say, values)
    if interval.low == interval.high == 0:  # of a figure that is no share
        return (
            f"No clear winner: on the {examples} this model and {baseline} both have {measure.noun} of "
            f"{ours}. These examples show no difference, which does not mean that there is none."
        )
    margin = measure.say_difference(difference, interval)
    if not difference:
        return (
            f"No clear winner: on the {examples} this model and {baseline} both have {measure.noun} of {ours}, "
            f"a difference of {margin}."
        )
    if interval.low <= 0 <= interval.high:
        return (
            f"No clear winner: on the {examples} this model has {measure.noun} of {ours} and "
            f"{baseline} of {theirs}. The difference of {margin} may be chance."
        )
    if (interval.low > 0) == measure.higher_is_better:
        return (
            f"Yes. On the {examples} this model does better than {baseline}: {measure.noun} of {ours} "
            f"against {theirs}, a difference of {margin}."
        )
    return (
        f"No. On the {examples} {baseline} does better than this model: {measure.noun} of {theirs} "
        f"against {ours}, a difference of {margin}."
    )
