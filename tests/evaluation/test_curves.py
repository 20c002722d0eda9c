"""The threshold, the ROC curve and the reliability curve."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats
from sklearn import metrics

from unspool.errors import UserError
from unspool.evaluation.curves import (
    accuracy_threshold,
    f1_threshold,
    reliability_points,
    roc_points,
    youden_threshold,
)


def _youden(labels, probabilities, threshold):
    answers = probabilities >= threshold
    return answers[labels == 1].mean() - answers[labels == 0].mean()


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 6)), max_size=30))
def test_no_threshold_is_better_and_no_higher_one_as_good(drawn):
    examples = np.array([(0, 2), (1, 3), *drawn])
    labels, probabilities = examples[:, 0], examples[:, 1] / 6
    threshold = youden_threshold(labels, probabilities)
    best = _youden(labels, probabilities, threshold)
    for other in np.unique(probabilities):
        assert _youden(labels, probabilities, other) <= best + 1e-9
        if (probabilities >= other).sum() < (probabilities >= threshold).sum():
            assert _youden(labels, probabilities, other) < best - 1e-9


@given(st.lists(st.floats(0, 1, width=32), min_size=2, max_size=8))
def test_single_precision_reads_the_same_examples_as_double(drawn):
    probabilities = np.array(drawn, dtype=np.float32)
    labels = np.arange(len(drawn)) % 2
    threshold = youden_threshold(labels, probabilities)
    assert float(np.float32(threshold)) == threshold
    assert _youden(labels, probabilities, threshold) == _youden(labels, probabilities.astype(np.float64), threshold)
    assert _youden(labels, probabilities, threshold) == pytest.approx(
        max(_youden(labels, probabilities, other) for other in probabilities)
    )


def test_a_constant_predictor_gets_its_constant():
    assert youden_threshold([0, 1, 0], [0.3, 0.3, 0.3]) == 0.3


def test_a_perfect_predictor_gets_the_middle_of_the_gap():
    assert youden_threshold([0, 1, 0, 1], [0.1, 0.6, 0.2, 0.9]) == pytest.approx(0.4)


def test_a_predictor_worse_than_chance_gets_a_finite_threshold():
    assert youden_threshold([1, 0], [0.1, 0.9]) == 0.1


def test_neighbouring_numbers_have_no_middle():
    above = np.nextafter(np.float32(0.5), np.float32(1))
    assert youden_threshold([0, 1], np.array([0.5, above], dtype=np.float32)) == above
    above = np.nextafter(0.7, 1)
    assert f1_threshold([[1, 0]], [[above, 0.7]]) == above


@settings(deadline=None, max_examples=30)  # scikit-learn's own checks take their time
@given(st.integers(0, 10_000))
def test_no_other_threshold_gives_a_larger_micro_f1(seed):
    random = np.random.default_rng(seed)
    labels, probabilities = random.integers(0, 2, (12, 3)), random.integers(0, 8, (12, 3)) / 8

    def f1(threshold):
        return metrics.f1_score(labels.ravel(), (probabilities >= threshold).ravel().astype(int), zero_division=0.0)

    found = f1_threshold(labels, probabilities)
    assert f1(found) == pytest.approx(max(map(f1, np.unique(probabilities))))


def test_roc_points_enclose_the_auc():
    random = np.random.default_rng(0)
    labels, probabilities = random.integers(0, 2, 200), random.integers(0, 20, 200) / 20
    curve = roc_points(labels, probabilities)
    ends = [(rates[0], rates[-1]) for rates in (curve.false_positive_rates, curve.true_positive_rates)]
    assert ends == [(0, 1), (0, 1)]
    area = np.trapezoid(curve.true_positive_rates, curve.false_positive_rates)
    assert area == pytest.approx(metrics.roc_auc_score(labels, probabilities))


def test_reliability_counts_the_examples_of_each_bin():
    random = np.random.default_rng(1)
    probabilities = np.concatenate([random.random(300) ** 3, [0.0, 0.1, 0.3, 0.7, 1.0]])  # some at the bins' edges
    labels = (random.random(305) < probabilities).astype(int)
    curve = reliability_points(labels, probabilities)
    assert curve.examples.sum() == 305
    assert curve.observed @ curve.examples == pytest.approx(labels.sum())
    assert curve.predicted @ curve.examples == pytest.approx(probabilities.sum())
    last = stats.binomtest(round(curve.observed[-1] * curve.examples[-1]), int(curve.examples[-1]))
    assert curve.low[-1] == pytest.approx(last.proportion_ci(method="wilson").low)
    assert curve.high[-1] == pytest.approx(last.proportion_ci(method="wilson").high)


def test_rounding_loses_no_example_of_a_bin():
    """49 times 1/49 is a little less than 1."""
    labels, probabilities = np.append(np.arange(49) == 7, True).astype(int), np.append(np.full(49, 0.05), 0.95)
    curve = reliability_points(labels, probabilities)
    expected = stats.binomtest(1, 49).proportion_ci(method="wilson")
    assert (curve.low[0], curve.high[0]) == pytest.approx((expected.low, expected.high))


def test_empty_bins_are_left_out():
    assert reliability_points([0, 1], [0.05, 0.95]).examples.tolist() == [1, 1]


@pytest.mark.parametrize("moved", [-2.0, 0.0, 1.0])
def test_the_threshold_is_where_both_labels_are_as_likely(moved):
    """Probabilities of the right order whose log-odds are too high by the same number."""
    draw = np.random.default_rng(0)
    log_odds = draw.normal(0, 2, 20_000)
    labels = draw.random(20_000) < 1 / (1 + np.exp(-log_odds))
    found = accuracy_threshold(labels.astype(int), 1 / (1 + np.exp(-log_odds - moved)))
    assert np.log(found / (1 - found)) == pytest.approx(moved, abs=0.1)


def test_the_threshold_is_that_of_platts_regression():
    """Of six examples, whose labels are not taken for certain; by a search for the least cross-entropy."""
    labels, probabilities = np.array([0, 0, 1, 0, 1, 1]), np.array([0.5, 0.6, 0.65, 0.75, 0.8, 0.9])
    likely, log_odds = np.where(labels == 1, 4 / 5, 1 / 5), np.log(probabilities / (1 - probabilities))

    def loss(line):
        scores = line[0] * log_odds + line[1]
        return (np.logaddexp(0, scores) - likely * scores).sum()

    slope, offset = optimize.minimize(loss, [1.0, 0.0]).x
    assert accuracy_threshold(labels, probabilities) == pytest.approx(1 / (1 + np.exp(offset / slope)), abs=1e-4)


def test_the_threshold_follows_less_noise_than_the_most_right_answers_would():
    draw = np.random.default_rng(1)
    log_odds = draw.normal(0, 2, (20, 500))
    likely = 1 / (1 + np.exp(-log_odds))
    labels = (draw.random(likely.shape) < likely).astype(int)
    found = [accuracy_threshold(*some) for some in zip(labels, likely, strict=True)]
    right = [[((p >= cut) == (y == 1)).sum() for cut in p] for y, p in zip(labels, likely, strict=True)]
    most = [p[np.argmax(of_cut)] for p, of_cut in zip(likely, right, strict=True)]
    assert np.abs(np.array(found) - 0.5).mean() < np.abs(np.array(most) - 0.5).mean() / 2


@settings(max_examples=25)  # each fits two regressions
@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 6)), max_size=30))
def test_both_labels_are_treated_alike(drawn):
    examples = np.array([(0, 2), (1, 3), *drawn])
    labels, probabilities = examples[:, 0], examples[:, 1] / 6
    found, mirrored = accuracy_threshold(labels, probabilities), accuracy_threshold(1 - labels, 1 - probabilities)
    assert 0 <= found <= np.nextafter(1, 2)
    if 0 < found < 1 and 0 < mirrored < 1 and found not in (probabilities.min(), np.nextafter(probabilities.max(), 2)):
        assert found == pytest.approx(1 - mirrored, abs=1e-4)


@pytest.mark.parametrize("certain", [[0.0, 1.0], [0.2, 0.9]])
def test_labels_that_are_all_told_apart_stay_so(certain):
    labels = np.array([0, 1] * 10)
    probabilities = np.array(certain * 10)
    assert ((probabilities >= accuracy_threshold(labels, probabilities)) == labels).all()


@pytest.mark.parametrize("labels", [[0, 0, 0, 1], [1, 1, 0, 1]])
def test_probabilities_that_tell_nothing_leave_the_more_frequent_label(labels):
    probabilities = np.array([0.2, 0.9, 0.8, 0.1])
    found = accuracy_threshold(labels, probabilities)
    assert np.isfinite(found)
    new = np.append(probabilities, [0.05, 0.95])
    assert ((new >= found) == (np.mean(labels) > 0.5)).all()


@pytest.mark.parametrize("function", [youden_threshold, accuracy_threshold, roc_points, reliability_points])
def test_one_class_is_refused(function):
    with pytest.raises(UserError, match="all 2 labels are 0"):
        function([0, 0], [0.1, 0.2])
