"""Whether a run beats the simple models that stand beside it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from unspool.errors import UserError
from unspool.evaluation.checks import checked_labels, checked_probabilities, checked_units
from unspool.evaluation.reconstruction import Likelihood
from unspool.evaluation.reconstruction_result import ReconstructionBaseline
from unspool.evaluation.resampling import interval_of_mean
from unspool.evaluation.result import Baseline, Interval, Predictions, Verdict
from unspool.evaluation.wording import decimals_of, difference_with_interval, percent, points_with_interval


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
    accuracies = percent(float(ours_right.mean())), percent(float(theirs_right.mean()))
    margin = points_with_interval(difference, interval)
    where = f"On the test set of {len(labels):,} examples"
    if interval.low > 0:
        words = (
            f"Yes. {where} this model is right more often than {strongest.title}: "
            f"{accuracies[0]} against {accuracies[1]}, a difference of {margin}."
        )
    elif interval.high < 0:
        words = (
            f"No. {where} {strongest.title} is right more often: "
            f"{accuracies[1]} against {accuracies[0]}, a difference of {margin}."
        )
    else:
        words = (
            f"Not shown. {where} this model is right in {accuracies[0]} and {strongest.title} in {accuracies[1]}. "
            f"The difference of {margin} may be chance: there is no evidence of a difference."
        )
    return Verdict(
        baseline=strongest.name,
        measure="accuracy",
        difference=difference,
        interval=interval,
        beats_baseline=interval.low > 0,
        words=words,
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
