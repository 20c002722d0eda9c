"""Scores with intervals: what every task's are alike in, and every bad input. Values are tested with the tasks."""

import numpy as np
import pytest
from scipy import stats

from unspool.errors import UserError
from unspool.evaluation.result import Predictions
from unspool.evaluation.scoring import score
from unspool.tasks import Binary, Multiclass, Multilabel, Regression

NUMBERS = np.linspace(0.0, 9.0, 40)
MEASURES = Regression().measures
NOISE = np.random.default_rng(0).normal(size=40)


def test_every_measure_has_an_interval_around_it():
    found = score(MEASURES, Predictions(NUMBERS, NUMBERS + NOISE), resamples=300)
    assert list(found.figures) == list(MEASURES)
    for one in found.figures.values():
        assert one.interval.low < one.value < one.interval.high
    assert (found.examples, found.threshold) == (40, None)
    assert found["mae"] is found.get("mae") is found.figures["mae"]


def test_groups_are_drawn_whole():
    errors = np.repeat(NOISE[:10], 4)
    alone = score(MEASURES, Predictions(NUMBERS, NUMBERS + errors), resamples=300)
    grouped = score(MEASURES, Predictions(NUMBERS, NUMBERS + errors, np.repeat(np.arange(10), 4)), resamples=300)
    widths = [scores["mae"].interval.high - scores["mae"].interval.low for scores in (alone, grouped)]
    assert widths[1] > 1.5 * widths[0]


@pytest.mark.parametrize(("right", "low", "high"), [(True, 0.879, 1.0), (False, 0.0, 0.121)])
def test_a_share_of_all_or_none_is_no_certainty(right, low, high):
    """28 of 28: Wilson's interval, as in R's `binom::binom.wilson(28, 28)`."""
    truth = np.arange(28) % 2
    accuracy = score(Binary(("a", "b")).measures, Predictions(truth, np.abs(truth - (not right)) * 1.0))["accuracy"]
    assert accuracy.value == right
    assert (accuracy.interval.low, accuracy.interval.high) == (
        pytest.approx(low, abs=5e-4),
        pytest.approx(high, abs=5e-4),
    )


@pytest.mark.parametrize(
    ("right", "of", "low", "high"),
    [(157, 160, 0.9463, 0.9936), (100, 160, 0.5479, 0.6963), (1, 20, 0.0089, 0.2361)],
)
def test_a_share_of_examples_has_wilsons_interval(right, of, low, high):
    """As in R's `binom::binom.wilson`; percentiles of the bootstrap gave .956 to 1 for 157 of 160."""
    truth = np.arange(of) % 2
    predicted = np.where(np.arange(of) < right, truth, 1 - truth) * 1.0
    interval = score(Binary(("a", "b")).measures, Predictions(truth, predicted), resamples=50)["accuracy"].interval
    assert (interval.low, interval.high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


@pytest.mark.parametrize(("examples", "share"), [(160, 0.98), (30, 0.9), (200, 0.5)])
def test_intervals_of_a_share_cover_the_truth(examples, share):
    """Percentiles cover the first in 87 of 100 cases."""
    truth, covered = np.arange(examples) % 2, 0.0
    for right in range(examples + 1):
        how_often = stats.binom.pmf(right, examples, share)
        if how_often > 1e-5:
            predicted = np.where(np.arange(examples) < right, truth, 1 - truth) * 1.0
            accuracy = {"accuracy": Binary(("a", "b")).measures["accuracy"]}
            interval = score(accuracy, Predictions(truth, predicted), resamples=50)["accuracy"].interval
            covered += how_often * (interval.low <= share <= interval.high)
    assert 0.93 <= covered <= 0.99


@pytest.mark.parametrize("right", [True, False])
def test_an_auc_of_one_is_as_sure_as_the_rarer_label_is_frequent(right):
    """Its interval had no width, even with three examples of a label."""
    truth = (np.arange(300) < 3) * 1
    found = score(Binary(("a", "b")).measures, Predictions(truth, np.abs(truth - (not right)) * 1.0), resamples=50)
    for name, width in (("auc", 0.5615), ("balanced_accuracy", 0.3903), ("accuracy", 0.0126)):  # Wilson's of 3, 6, 300
        assert found[name].value == right
        interval = found[name].interval
        ends = (1 - width, 1) if right else (0, width)
        assert (interval.low, interval.high) == (pytest.approx(ends[0], abs=1e-3), pytest.approx(ends[1], abs=1e-3))


def test_a_score_of_one_but_for_rounding_is_one():
    truth, outputs = np.repeat([0, 1], 15), np.repeat([0.1, 0.2, 0.3, 0.8, 0.9], [4, 8, 3, 7, 8])
    assert Binary.measures["auc"].value(truth, outputs, 0.5) != 1  # the sum of scikit-learn's trapezoids
    found = score(Binary(("a", "b")).measures, Predictions(truth, outputs), resamples=50)["auc"]
    assert found.value == 1
    assert found.interval.low == pytest.approx(0.7961, abs=1e-3)  # Wilson's of 15


def test_small_errors_are_not_rounded_to_none():
    """Labels may be measured in farads or moles."""
    truth = np.arange(20) * 1e-13
    found = score(Regression().measures, Predictions(truth, truth + 2e-13), resamples=50)
    assert found["rmse"].value == pytest.approx(2e-13)


def test_scores_of_one_over_several_classes_or_labels_are_no_certainty():
    truth = np.repeat([0, 1, 2], [50, 40, 10])
    found = score(Multiclass(("a", "b", "c")).measures, Predictions(truth, np.eye(3)[truth] * 0.9 + 0.03), resamples=50)
    for name, trials in (("auc", 10), ("balanced_accuracy", 30), ("macro_f1", 30), ("accuracy", 100)):
        assert found[name].value == 1
        assert found[name].interval.low == pytest.approx(1 / (1 + 1.96**2 / trials), abs=1e-3)
        assert found[name].interval.high == 1
    several = np.zeros((100, 2))
    several[:50, 0] = several[40:60, 1] = 1
    found = score(Multilabel(("a", "b"), "|").measures, Predictions(several, several * 1.0), resamples=50)
    for name, trials in (("micro_f1", 60), ("macro_f1", 20), ("average_precision", 20), ("subset_accuracy", 100)):
        assert found[name].interval.low == pytest.approx(1 / (1 + 1.96**2 / trials), abs=1e-3)


def test_scores_of_one_are_no_surer_than_there_are_groups():
    truth = np.arange(40) % 2
    predictions = Predictions(truth, truth * 1.0, np.repeat(np.arange(10), 4))
    found = score(Binary(("a", "b")).measures, predictions, resamples=50)
    assert len({found[name].interval for name in ("auc", "balanced_accuracy", "accuracy")}) == 1


def test_the_only_example_of_a_label_leaves_its_ranking_unknown():
    """The bootstrap draws that one again and again: its interval was 0.78 to 0.90 around an AUC of 0.84."""
    truth, outputs = np.append(np.zeros(149), 1), np.append(np.linspace(0, 1, 149), 0.839)
    found = score(Binary(("a", "b")).measures, Predictions(truth, outputs), 0.5, resamples=300)
    assert found["auc"].value == pytest.approx(0.839, abs=0.005)
    assert (found["auc"].interval.low, found["auc"].interval.high) == (0, 1)
    few = score(Binary(("a", "b")).measures, Predictions(truth, np.full(150, 0.1)), 0.5, resamples=300)
    assert few["auc"].interval.low == few["auc"].interval.high == 0.5  # all are alike, whatever is drawn


@pytest.mark.parametrize(
    ("task", "names"),
    [(Multiclass, ("balanced_accuracy", "macro_f1", "auc")), (Multilabel, ("average_precision", "macro_f1"))],
)
def test_rare_classes_widen_the_interval_around_the_score(task, names):
    """Three common classes, always right; five with one example each, never: they might be right four times in ten."""
    truth = np.concatenate([np.arange(3, 8), np.arange(195) % 3])
    outputs = np.eye(8)[truth] + 0.1 * np.random.default_rng(0).random((200, 8))
    outputs[np.arange(5), truth[:5]] = 0.0
    targets = truth if task is Multiclass else np.eye(8, dtype=int)[truth]
    found = score(task.measures, Predictions(targets, outputs), 0.5, resamples=300)
    for name in names:
        value, interval = found[name].value, found[name].interval
        assert interval.low < value < 0.5
        assert value + 0.2 < interval.high < value + 0.4


@pytest.mark.parametrize("size", [30, 300])
def test_many_examples_of_each_class_leave_the_interval_to_the_bootstrap(size):
    """As R has it for means of proportions: 1.96 sqrt(sum of p (1 - p) / n) / K."""
    truth, right = np.repeat(np.arange(4), size), np.tile(np.arange(size) % 5 > 0, 4)
    outputs = np.eye(4)[np.where(right, truth, (truth + 1) % 4)]
    interval = score(Multiclass.measures, Predictions(truth, outputs), resamples=2000)["balanced_accuracy"].interval
    assert interval.high - interval.low == pytest.approx(2 * 1.96 * np.sqrt(0.16 / size / 4), rel=0.06)


def test_a_share_of_all_is_as_sure_as_there_are_groups():
    truth = np.arange(28) % 2
    found = score(Binary(("a", "b")).measures, Predictions(truth, truth * 1.0, np.repeat(np.arange(4), 7)))
    assert found["accuracy"].interval.low == pytest.approx(0.510, abs=5e-4)


def test_what_is_undefined_is_left_out():
    found = score(MEASURES, Predictions(NUMBERS, np.full(40, 4.0)), resamples=50)
    assert "spearman" not in found.figures
    assert found.get("spearman") is None
    assert "r2" in found.figures


def test_the_threshold_is_one_half_where_none_is_given_and_kept_where_it_is():
    truth = np.eye(2)
    predictions, measures = Predictions(truth, truth * 0.4 + 0.1), Multilabel(("a", "b")).measures
    without = score(measures, predictions, resamples=20)
    assert (without["micro_f1"].value, without.threshold) == (1, None)
    low = score(measures, predictions, 0.1, resamples=20)
    assert (low["micro_f1"].value, low.threshold) == (pytest.approx(2 / 3), 0.1)


def test_what_else_is_told_is_kept():
    found = score(MEASURES, Predictions(NUMBERS, NUMBERS), resamples=10, details={"matrix": [[1]]})
    assert found.details == {"matrix": [[1]]}


def test_the_same_seed_gives_the_same_scores_and_another_gives_others():
    first, again, other = (
        score(MEASURES, Predictions(NUMBERS, NUMBERS + NOISE), seed=seed, resamples=50) for seed in (3, 3, 4)
    )
    assert first == again
    assert first != other
    assert first["mae"].value == other["mae"].value


@pytest.mark.parametrize(
    ("targets", "outputs", "groups", "message"),
    [
        ([1.0], [1.0], None, "at least two examples; there are 1"),
        ([1.0, 2.0], [1.0], None, r"outputs have shape \(1,\)"),
        ([[1, 0], [0, 1]], [0.5, 0.5], None, "outputs have shape"),
        ([1.0, 2.0], [1.0, np.nan], None, r"row 1 \(counted from 0\) holds nan"),
        ([1, 0, 2], [[0.1, 0.9], [-np.inf, 1], [np.nan, 1]], None, "row 1 "),
        ([1.0, 2.0], [1.0, 2.0], [7, 7], "one group"),
        ([1.0, 2.0], [1.0, 2.0], [7], "groups have shape"),
    ],
)
def test_what_cannot_be_scored_is_refused(targets, outputs, groups, message):
    groups = None if groups is None else np.array(groups)
    with pytest.raises(UserError, match=message):
        score(MEASURES, Predictions(np.array(targets), np.array(outputs), groups), resamples=50)


def test_an_infinite_threshold_is_refused():
    with pytest.raises(UserError, match="threshold must be a finite number; it is inf"):
        score(MEASURES, Predictions(NUMBERS, NUMBERS), np.inf)
