"""Measures from counts, against scikit-learn's with sample weights."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn import metrics

from unspool.evaluation.measures import weighted
from unspool.tasks import Binary

MEASURES = Binary(("a", "b")).measures


def _prepared(labels, probabilities, threshold):
    return {name: measure.prepare(labels, probabilities, threshold) for name, measure in MEASURES.items()}


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


@settings(deadline=None, max_examples=40)
@given(_examples(), st.integers(0, 8))
def test_equal_to_scikit_learn_with_sample_weights(examples, eighths):
    labels, probabilities, counts = examples
    answers = (probabilities >= eighths / 8).astype(int)
    expected = {
        "auc": metrics.roc_auc_score(labels, probabilities, sample_weight=counts),
        "balanced_accuracy": np.mean(
            [metrics.recall_score(labels, answers, pos_label=label, sample_weight=counts) for label in (0, 1)]
        ),
        "accuracy": metrics.accuracy_score(labels, answers, sample_weight=counts),
        "brier": metrics.brier_score_loss(labels, probabilities, sample_weight=counts),
    }
    found = {
        name: figure(counts[np.newaxis])[0] for name, figure in _prepared(labels, probabilities, eighths / 8).items()
    }
    assert found == pytest.approx(expected, abs=1e-12)


@settings(deadline=None, max_examples=40)
@given(_examples())
def test_auc_depends_on_the_order_only_and_turns_round_with_the_labels(examples):
    labels, probabilities, counts = examples
    auc = weighted.auc(labels == 1, probabilities)(counts[np.newaxis])[0]
    assert weighted.auc(labels == 1, probabilities**3 / 2)(counts[np.newaxis])[0] == pytest.approx(auc)
    assert weighted.auc(labels == 0, probabilities)(counts[np.newaxis])[0] == pytest.approx(1 - auc)


def _auc_by_pairs(positive, scores):
    """The readable reference: each positive beside all negatives, by running sums over the sorted negatives."""
    negatives = np.flatnonzero(~positive)
    negatives = negatives[np.argsort(scores[negatives], kind="stable")]
    below, not_above = (np.searchsorted(scores[negatives], scores[positive], side=side) for side in ("left", "right"))

    def figure(counts):
        running = np.concatenate([np.zeros((len(counts), 1)), np.cumsum(counts[:, negatives], axis=1)], axis=1)
        weights = counts[:, positive]
        with np.errstate(invalid="ignore"):
            return ((weights * (running[:, below] + running[:, not_above])).sum(axis=1) / 2) / (
                weights.sum(axis=1) * running[:, -1]
            )

    return figure


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32 - 1), st.integers(2, 4), st.integers(2, 60), st.integers(1, 12))
def test_the_mean_auc_is_the_mean_of_each_pair_of_examples_to_the_bit(seed, classes, size, different):
    random = np.random.default_rng(seed)
    targets = random.integers(0, classes, size)
    scores = random.integers(0, different, (size, classes)) / 7
    counts = random.multinomial(size, np.full(size, 1 / size), size=5).astype(np.float64)
    truth = targets[:, np.newaxis] == np.arange(classes)
    everything = np.ones((1, size))
    pairs = [_auc_by_pairs(truth[:, one], scores[:, one]) for one in range(classes)]
    areas = [np.where(np.isnan(area(counts)), area(everything), area(counts)) for area in pairs]
    known = [area for area in areas if not np.isnan(area).any()]  # not of a class without an example
    expected = np.sum(known, axis=0) / len(known) if known else np.full(5, np.nan)
    np.testing.assert_array_equal(weighted.mean_auc(truth, scores)(counts), expected)


def test_rows_do_not_touch_each_other():
    random = np.random.default_rng(0)
    labels, probabilities = random.integers(0, 2, 50), random.random(50)
    counts = random.integers(0, 3, (7, 50)).astype(np.float64)
    for figure in _prepared(labels, probabilities, 0.4).values():
        alone = np.concatenate([figure(row[np.newaxis]) for row in counts])
        np.testing.assert_allclose(figure(counts), alone, rtol=1e-12)


def test_a_resample_without_one_class_has_no_auc():
    figures = _prepared(np.array([0, 1, 1]), np.array([0.2, 0.7, 0.3]), 0.5)
    found = {name: figure(np.array([[0.0, 2.0, 1.0]]))[0] for name, figure in figures.items()}
    assert np.isnan(found["auc"])
    assert found["accuracy"] == pytest.approx(2 / 3)
