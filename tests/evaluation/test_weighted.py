"""Scores from counts, against scikit-learn's with sample weights."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn import metrics

from unspool.evaluation.weighted import SCORE_NAMES, weighted_scores


@st.composite
def _examples(draw):
    size = draw(st.integers(2, 40))
    labels = draw(arrays(np.int64, size, elements=st.integers(0, 1)))
    labels[:2] = 0, 1
    # Few distinct values: ties within a class and between classes.
    probabilities = draw(arrays(np.int64, size, elements=st.integers(0, 8))) / 8
    counts = draw(arrays(np.int64, size, elements=st.integers(0, 4)))
    counts[:2] += 1
    return labels, probabilities, counts.astype(np.float64)


@given(_examples(), st.integers(0, 8))
def test_equal_to_scikit_learn_with_sample_weights(examples, eighths):
    labels, probabilities, counts = examples
    answers = (probabilities >= eighths / 8).astype(int)
    expected = [
        metrics.roc_auc_score(labels, probabilities, sample_weight=counts),
        sum(metrics.recall_score(labels, answers, pos_label=label, sample_weight=counts) for label in (0, 1)) / 2,
        metrics.accuracy_score(labels, answers, sample_weight=counts),
        metrics.brier_score_loss(labels, probabilities, sample_weight=counts),
    ]
    found = weighted_scores(labels, probabilities, eighths / 8)(counts[np.newaxis])[:, 0]
    assert found == pytest.approx(expected, abs=1e-12)


@given(_examples())
def test_auc_depends_on_the_order_only_and_turns_round_with_the_labels(examples):
    labels, probabilities, counts = examples
    auc = weighted_scores(labels, probabilities, 0.5)(counts[np.newaxis])[0, 0]
    assert weighted_scores(labels, probabilities**3 / 2, 0.5)(counts[np.newaxis])[0, 0] == pytest.approx(auc)
    assert weighted_scores(1 - labels, probabilities, 0.5)(counts[np.newaxis])[0, 0] == pytest.approx(1 - auc)


def test_rows_do_not_touch_each_other():
    random = np.random.default_rng(0)
    labels, probabilities = random.integers(0, 2, 50), random.random(50)
    counts = random.integers(0, 3, (7, 50)).astype(np.float64)
    scores = weighted_scores(labels, probabilities, 0.4)
    alone = np.concatenate([scores(row[np.newaxis]) for row in counts], axis=1)
    np.testing.assert_allclose(scores(counts), alone, rtol=1e-12)


def test_a_resample_without_one_class_has_no_auc_and_no_balanced_accuracy():
    scores = weighted_scores(np.array([0, 1, 1]), np.array([0.2, 0.7, 0.3]), 0.5)(np.array([[0.0, 2.0, 1.0]]))
    by_name = dict(zip(SCORE_NAMES, scores[:, 0], strict=True))
    assert np.isnan(by_name["auc"])
    assert np.isnan(by_name["balanced_accuracy"])
    assert by_name["accuracy"] == pytest.approx(2 / 3)
