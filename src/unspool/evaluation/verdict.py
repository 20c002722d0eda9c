"""Whether a run beats the simple models that stand beside it."""

from collections.abc import Sequence

import numpy as np

from unspool.errors import UserError
from unspool.evaluation.checks import checked_labels, checked_probabilities, checked_units
from unspool.evaluation.resampling import Counts, bootstrap_distribution, percentile_interval
from unspool.evaluation.result import Baseline, Predictions, Verdict
from unspool.evaluation.wording import percent, points_with_interval


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

    def mean_advantage(counts: Counts) -> Counts:
        return np.stack([counts @ advantage / counts.sum(axis=1)])

    units = checked_units(predictions.groups, len(labels))
    interval = percentile_interval(bootstrap_distribution(mean_advantage, units, resamples=resamples, seed=seed)[0])
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
        difference=difference,
        interval=interval,
        beats_baseline=interval.low > 0,
        words=words,
    )
