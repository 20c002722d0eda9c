"""Whether a run beats the simple models that stand beside it."""

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from unspool.data.task import Task
from unspool.errors import UserError
from unspool.evaluation.checks import checked_labels, checked_probabilities, checked_units
from unspool.evaluation.measures import MEASURES, Measure, headline
from unspool.evaluation.reconstruction import Likelihood
from unspool.evaluation.reconstruction_result import ReconstructionBaseline
from unspool.evaluation.resampling import bootstrap_distribution, interval_of_mean, percentile_interval
from unspool.evaluation.result import Baseline, Interval, Predictions, Verdict
from unspool.evaluation.task_result import TaskBaseline, TaskPredictions
from unspool.evaluation.task_scores import HALF, checked
from unspool.evaluation.wording import (
    decimals_of,
    difference_with_interval,
    percent,
    points_with_interval,
)

_ROUNDING = 1e-12
"""By how much of their size equal figures may differ that are computed in another order."""


def verdict(
    predictions: Predictions,
    threshold: float,
    baselines: Sequence[Baseline],
    *,
    resamples: int = 2000,
    seed: int = 0,
) -> Verdict:
    """Compares a run with the baseline that is right most often on the same test examples.

    The interval is a paired 95% percentile bootstrap: each resample scores both models on the same drawn examples
    (whole groups, where there are any), so that examples which are hard for both do not blur the difference. It speaks
    of this one trained model; another seed may do better or worse.

    Args:
        predictions: (N,) the run's, on the test set.
        threshold: the run's; each baseline brings its own.
        baselines: scored on the same examples in the same order; of equally strong ones the first is taken.
        resamples: how many bootstrap resamples.
        seed: of the resamples.

    Raises:
        UserError: there is no baseline, or as for `binary_scores`.
    """
    if not baselines:
        raise UserError("a verdict needs at least one baseline to compare with")
    labels = checked_labels(predictions.labels)
    strongest = max(baselines, key=lambda baseline: baseline.scores.accuracy.value)
    ours = checked_probabilities(predictions.probabilities, len(labels)) >= threshold
    theirs = checked_probabilities(strongest.probabilities, len(labels)) >= strongest.scores.threshold
    ours_right, theirs_right = ours == labels, theirs == labels
    advantage = ours_right.astype(np.float64) - theirs_right
    units = checked_units(predictions.groups, len(labels))
    interval = interval_of_mean(advantage, units, resamples=resamples, seed=seed)
    difference = float(advantage.mean())
    accuracies = float(ours_right.mean()), float(theirs_right.mean())
    return Verdict(
        baseline=strongest.name,
        measure="accuracy",
        difference=difference,
        interval=interval,
        beats_baseline=interval.low > 0,
        words=_accuracy_in_words(len(labels), accuracies, difference, strongest.title, interval),
    )


def task_verdict(
    task: Task,
    predictions: TaskPredictions,
    threshold: float | None,
    baselines: Sequence[TaskBaseline],
    *,
    resamples: int = 2000,
    seed: int = 0,
) -> Verdict:
    """Compares a run with the baseline that does best on the same test examples, by the first measure of its task.

    The interval is paired, as for `verdict`: the same resamples, drawn from one seed, score both.

    Args:
        task: "multiclass", "multilabel" or "regression".
        predictions: the run's, on the test set.
        threshold: the run's, for several labels at once; each baseline brings its own.
        baselines: scored on the same examples in the same order; of equally strong ones the first is taken.
        resamples: how many bootstrap resamples.
        seed: of the resamples.

    Raises:
        UserError: there is no baseline, or as for `task_scores`.
    """
    if not baselines:
        raise UserError("a verdict needs at least one baseline to compare with")
    name = headline(task)
    measure = MEASURES[task][name]
    better = 1 if measure.higher_is_better else -1
    strongest = max(baselines, key=lambda baseline: better * baseline.scores.figures[name].value)
    targets, outputs = checked(predictions)
    sides = [(outputs, threshold), (strongest.outputs, strongest.scores.threshold)]
    cuts = [(side, HALF if cut is None else cut) for side, cut in sides]
    values = [measure.value(targets, side, cut) for side, cut in cuts]
    figures = [measure.prepare(targets, side, cut) for side, cut in cuts]
    distribution = bootstrap_distribution(
        lambda counts: (figures[0](counts) - figures[1](counts))[np.newaxis],
        checked_units(predictions.groups, len(targets)),
        resamples=resamples,
        seed=seed,
    )
    differences = distribution[0]
    differences[np.abs(differences) <= _ROUNDING * max(map(abs, values))] = 0.0  # as of figures that are equal
    interval = percentile_interval(differences)
    difference = values[0] - values[1]
    say = _accuracy_in_words if name == "accuracy" else partial(_measure_in_words, measure)
    return Verdict(
        baseline=strongest.name,
        measure=name,
        difference=difference,
        interval=interval,
        beats_baseline=interval.low > 0 if measure.higher_is_better else interval.high < 0,
        words=say(len(targets), (values[0], values[1]), difference, strongest.title, interval),
    )


def reconstruction_verdict(
    losses: ArrayLike,
    baselines: Sequence[ReconstructionBaseline],
    *,
    likelihood: Likelihood = "bernoulli",
    resamples: int = 2000,
    seed: int = 0,
) -> Verdict:
    """Compares an autoencoder with the baseline that reconstructs the same test examples best.

    As for `verdict`, the interval is a paired 95% percentile bootstrap over examples, and speaks of this one trained
    model.

    Args:
        losses: (N,) the autoencoder's, of each test example: see `ExampleErrors.losses`.
        baselines: scored on the same examples in the same order; of equally strong ones the first is taken.
        likelihood: "bernoulli" where losses are cross-entropies, "gaussian" where they are squared errors.
        resamples: how many bootstrap resamples.
        seed: of the resamples.

    Raises:
        UserError: there is no baseline, or there are not as many losses as the baseline has.
    """
    if not baselines:
        raise UserError("a verdict needs at least one baseline to compare with")
    strongest = min(baselines, key=lambda baseline: float(baseline.losses.mean()))
    ours = np.asarray(losses, dtype=np.float64)
    if ours.shape != strongest.losses.shape or not np.isfinite(ours).all():
        raise UserError(f"a verdict needs a finite loss for each of the {len(strongest.losses):,} test examples")
    excess = ours - strongest.losses
    interval = interval_of_mean(excess, np.arange(len(excess)), resamples=resamples, seed=seed)
    return Verdict(
        baseline=strongest.name,
        measure="cross_entropy" if likelihood == "bernoulli" else "mse",
        difference=float(excess.mean()),
        interval=interval,
        beats_baseline=interval.high < 0,
        words=_reconstruction_in_words(ours, strongest, likelihood, interval),
    )


def _accuracy_in_words(
    examples: int, accuracies: tuple[float, float], difference: float, baseline: str, interval: Interval
) -> str:
    ours, theirs = map(percent, accuracies)
    margin = points_with_interval(difference, interval)
    where = f"On the test set of {examples:,} examples"
    if interval.low > 0:
        return (
            f"Yes. {where} this model is right more often than {baseline}: "
            f"{ours} against {theirs}, a difference of {margin}."
        )
    if interval.high < 0:
        return f"No. {where} {baseline} is right more often: {theirs} against {ours}, a difference of {margin}."
    return (
        f"Not shown. {where} this model is right in {ours} and {baseline} in {theirs}. "
        f"The difference of {margin} may be chance: there is no evidence of a difference."
    )


def _measure_in_words(
    measure: Measure,
    examples: int,
    values: tuple[float, float],
    difference: float,
    baseline: str,
    interval: Interval,
) -> str:
    ours, theirs = map(measure.say, values)
    margin = measure.say_difference(difference, interval)
    where = f"On the test set of {examples:,} examples"
    if not interval.low <= 0 <= interval.high:
        better = (interval.low > 0) == measure.higher_is_better
        if better:
            return (
                f"Yes. {where} this model does better than {baseline}: a {measure.title} of {ours} against {theirs}, "
                f"a difference of {margin}."
            )
        return (
            f"No. {where} {baseline} does better: a {measure.title} of {theirs} against {ours}, "
            f"a difference of {margin}."
        )
    return (
        f"Not shown. {where} this model has a {measure.title} of {ours} and {baseline} of {theirs}. "
        f"The difference of {margin} may be chance: there is no evidence of a difference."
    )


def _reconstruction_in_words(
    ours: NDArray[np.float64], baseline: ReconstructionBaseline, likelihood: Likelihood, interval: Interval
) -> str:
    means = float(ours.mean()), float(baseline.losses.mean())
    margin = difference_with_interval(means[0] - means[1], interval)
    where = f"On the test set of {len(ours):,} examples"
    figures = [f"{mean:.{decimals_of(interval)}f}" for mean in means]
    kind, unit = ("cross-entropy", " nats a pixel") if likelihood == "bernoulli" else ("mean squared error", "")
    if interval.high < 0:
        return (
            f"Yes. {where} this autoencoder reconstructs better than {baseline.title}: a {kind} of "
            f"{figures[0]} against {figures[1]}{unit}, a difference of {margin}."
        )
    if interval.low > 0:
        return (
            f"No. {where} {baseline.title} reconstructs better than this autoencoder: a {kind} of "
            f"{figures[1]} against {figures[0]}{unit}, a difference of {margin}."
        )
    return (
        f"Not shown. {where} this autoencoder reconstructs with a {kind} of {figures[0]}{unit} and {baseline.title} "
        f"of {figures[1]}. The difference of {margin} may be chance: there is no evidence of a difference."
    )
