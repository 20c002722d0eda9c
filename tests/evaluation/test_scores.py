"""Scores with intervals: values against scikit-learn, intervals against theory, and every bad input."""

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics

from unspool.errors import UserError
from unspool.evaluation.result import Predictions
from unspool.evaluation.scores import binary_scores


def _predictions(examples=400, seed=0, groups=None):
    random = np.random.default_rng(seed)
    labels = random.integers(0, 2, examples)
    logits = 1.5 * (labels - 0.5) + random.normal(size=examples)
    return Predictions(labels, (1 / (1 + np.exp(-logits))).astype(np.float32), groups)


def test_values_are_scikit_learns():
    predictions = _predictions()
    scores = binary_scores(predictions, 0.45, resamples=10)
    answers = predictions.probabilities >= 0.45
    assert scores.examples == 400
    assert scores.threshold == 0.45
    assert scores.auc.value == metrics.roc_auc_score(predictions.labels, predictions.probabilities)
    assert scores.balanced_accuracy.value == metrics.balanced_accuracy_score(predictions.labels, answers)
    assert scores.accuracy.value == metrics.accuracy_score(predictions.labels, answers)
    assert scores.brier.value == pytest.approx(metrics.brier_score_loss(predictions.labels, predictions.probabilities))
    assert np.array_equal(scores.confusion_matrix, metrics.confusion_matrix(predictions.labels, answers))


def test_the_interval_of_the_accuracy_is_the_binomial_one():
    scores = binary_scores(_predictions(examples=2000), 0.5, resamples=5000)
    right = round(scores.accuracy.value * 2000)
    expected = stats.binomtest(right, 2000).proportion_ci(method="wilson")
    assert scores.accuracy.interval.low == pytest.approx(expected.low, abs=0.002)
    assert scores.accuracy.interval.high == pytest.approx(expected.high, abs=0.002)


def test_the_interval_of_the_auc_is_as_wide_as_delongs():
    """DeLong, DeLong and Clarke-Pearson, Biometrics 44 (1988), written out pair by pair."""
    predictions = _predictions(examples=600)
    negatives = predictions.probabilities[predictions.labels == 0][:, np.newaxis]
    positives = predictions.probabilities[predictions.labels == 1]
    in_order = (positives > negatives) + 0.5 * (positives == negatives)
    variance = in_order.mean(axis=0).var(ddof=1) / len(positives) + in_order.mean(axis=1).var(ddof=1) / len(negatives)
    interval = binary_scores(predictions, 0.5, resamples=5000).auc.interval
    assert interval.high - interval.low == pytest.approx(2 * 1.96 * np.sqrt(variance), rel=0.06)


def test_groups_are_drawn_whole():
    """Every example twice: with groups the interval is that of the examples once, without them it is too narrow."""
    once = _predictions(examples=300)
    labels, probabilities = np.repeat(once.labels, 2), np.repeat(once.probabilities, 2)
    alone = binary_scores(once, 0.5)
    grouped = binary_scores(Predictions(labels, probabilities, np.repeat(np.arange(300) * 7, 2)), 0.5)
    ungrouped = binary_scores(Predictions(labels, probabilities), 0.5)
    assert grouped.auc.interval.low == pytest.approx(alone.auc.interval.low, abs=1e-12)
    assert grouped.accuracy.interval == alone.accuracy.interval
    assert ungrouped.accuracy.interval.low > grouped.accuracy.interval.low


def test_the_same_seed_gives_the_same_scores_and_another_gives_others():
    predictions = _predictions()
    assert binary_scores(predictions, 0.5, seed=3) == binary_scores(predictions, 0.5, seed=3)
    assert binary_scores(predictions, 0.5, seed=3) != binary_scores(predictions, 0.5, seed=4)


def test_a_perfect_predictor():
    scores = binary_scores(Predictions(np.array([0, 0, 1, 1, 1]), np.array([0.0, 0.1, 0.9, 0.9, 1.0])), 0.5)
    assert (scores.auc.value, scores.accuracy.value, scores.balanced_accuracy.value) == (1, 1, 1)
    assert (scores.auc.interval.low, scores.accuracy.interval.low) == (1, 1)
    assert scores.confusion_matrix == ((2, 0), (0, 3))


def test_a_constant_predictor():
    scores = binary_scores(Predictions(np.array([0, 0, 0, 1]), np.full(4, 0.25)), 0.5)
    assert (scores.auc.value, scores.balanced_accuracy.value, scores.accuracy.value) == (0.5, 0.5, 0.75)
    assert scores.confusion_matrix == ((3, 0), (1, 0))
    assert scores.auc.interval.low == scores.auc.interval.high == 0.5


def test_a_probability_at_the_threshold_is_read_as_1():
    assert binary_scores(Predictions(np.array([0, 1]), np.array([0.4, 0.5])), 0.5).accuracy.value == 1


@pytest.mark.parametrize(
    ("labels", "probabilities", "groups", "message"),
    [
        ([1, 1, 1], [0.1, 0.2, 0.3], None, "all 3 labels are 1"),
        ([], [], None, "shape"),
        ([0, 2, 1], [0.1, 0.2, 0.3], None, "row 1 .* is 2"),
        ([0, 1, 1], [0.1, np.nan, np.nan], None, r"row 1 .* is NaN \(2 such of 3\)"),
        ([0, 1, 1], [0.1, 0.5, np.inf], None, "row 2 .* is inf"),
        ([0, 1, 1], [-0.1, 0.5, 0.5], None, "row 0 .* is -0.1"),
        ([0, 1, 1], [0.1, 0.5], None, "3 labels, but the probabilities"),
        ([0, 1, 1], [0.1, 0.5, 0.6], [0, 0], "groups have shape"),
        ([0, 1, 1], [0.1, 0.5, 0.6], [4, 4, 4], "one group"),
    ],
)
def test_what_cannot_be_scored_is_refused(labels, probabilities, groups, message):
    predictions = Predictions(np.array(labels), np.array(probabilities), None if groups is None else np.array(groups))
    with pytest.raises(UserError, match=message):
        binary_scores(predictions, 0.5)


def test_an_infinite_threshold_is_refused():
    with pytest.raises(UserError, match="finite"):
        binary_scores(_predictions(), np.inf)
