import re
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from unspool.data.labels import label_of
from unspool.data.tables.written_numbers import BareNumber
from unspool.errors import UserError
from unspool.evaluation.result import Predictions
from unspool.tasks import Regression, find_task

TASK = Regression(mean=10.0, scale=2.0)


@given(st.lists(st.integers(-1000, 1000).map(lambda number: number / 8), min_size=3, unique=True))
def test_numbers_come_back_and_have_mean_0_and_deviation_1(numbers):
    task = find_task([label_of(number) for number in numbers], "regression")
    targets = task.encode(numbers)
    assert task.examples(None, targets, balanced=False)[1].dtype == np.float32
    assert task.decode(targets) == pytest.approx(numbers, rel=1e-12, abs=1e-12)
    assert targets.mean() == pytest.approx(0, abs=1e-4)
    assert targets.std() == pytest.approx(1, abs=1e-4)


def test_what_is_no_number_is_not_learned_from():
    task = find_task([*(str(n / 2) for n in range(1, 20)), "n/a"])
    assert task.mean == 5.0
    assert task.flaw("n/a").detail == "the label 'n/a' is not a finite number"
    assert task.flaw(label_of(BareNumber("0.12"))).detail.startswith("the label '0.12' has no sign or unit, unlike the")


def test_equal_numbers_are_not_divided_by_nothing():
    assert find_task(["3", "3.0"], "regression") == Regression(mean=3.0, scale=1.0)


@pytest.mark.parametrize("unit", [1e-9, 1.0, 1e9])
def test_numbers_are_scored_as_they_were_written(unit):
    numbers = [round(n * unit, 12) for n in (1.1, 2.2, 7.7)]
    task = find_task([label_of(number) for number in numbers], "regression")
    np.testing.assert_array_equal(task.truth(task.encode(numbers)), numbers)


@pytest.mark.parametrize("far", [5e9, -1e150])
def test_one_very_large_label_leaves_the_others_as_they_are(far):
    numbers = [9.25, 17.4, 17.5, 399.99]
    task = Regression.learn([str(number) for number in [*numbers * 50, 5e9]])
    assert task.truth(task.encode([*numbers, far])).tolist() == pytest.approx([*numbers, far], rel=1e-6)


@pytest.mark.parametrize("far", [[1e14], [1e18], [9.2e18, 9.2e18], [-1e15, 1e15]])
def test_labels_beside_far_ones_keep_their_digits(far):
    """Most of them were rounded to 10 or 0, and models learned and were scored on that."""
    numbers = [10.26, 11.71, 9.45, 0.0, -0.125]
    task = Regression.learn([str(number) for number in [*numbers * 20, *far]])
    assert task.truth(task.encode([*numbers, *far])).tolist() == [*numbers, *far]


@pytest.mark.parametrize("unit", [1e-305, 1e150])
def test_numbers_of_any_size_are_scored(unit):
    numbers = [unit, 2 * unit, 5 * unit]
    task = Regression.learn([str(number) for number in numbers])
    assert task.truth(task.encode(numbers)).tolist() == pytest.approx(numbers, rel=1e-9, abs=1e-300)


@pytest.mark.parametrize("numbers", [["1e200", "-1e200", "3.5"], ["1e308", "1e308", "-1e308"]])
def test_labels_whose_squares_overflow_are_refused(numbers):
    with pytest.raises(UserError, match=r"the squares of numbers as large as 1e\+\d+ overflow\. Correct the label, or"):
        Regression.learn(numbers)


@pytest.mark.parametrize(("unit", "told"), [(1e152, "Labels as large as 5e"), (1e-165, "Labels as small as 5e-165")])
def test_labels_whose_errors_cannot_be_squared_are_refused_before_training(unit, told):
    numbers = [unit, 2 * unit, 5 * unit]
    task = Regression.learn([str(number) for number in numbers])
    with pytest.raises(UserError, match=rf"{re.escape(told)}.*cannot be scored.*between 1e-100 and 1e\+100"):
        task.check(task.truth(task.encode(numbers)), "test")
    for fine in ([1e-300, 7.0], [0.0, 0.0]):
        TASK.check(np.array(fine), "test")


def test_a_label_whose_square_overflows_cannot_be_scored():
    assert TASK.flaw_in_truth("-1e160").detail.startswith("the label '-1e160' is larger than 1e+100 in size")
    assert TASK.flaw_in_truth("n/a") == TASK.flaw("n/a")
    assert TASK.flaw_in_truth("1e99") is TASK.flaw("-1e160") is None


def test_labels_that_dwarf_all_others_are_told():
    task = Regression(mean=0.0, scale=2.9e8)
    found = Predictions(np.array([9.25, 17.5, 399.99]), np.zeros(3))
    assert "training labels is 290,000,000, that of the test labels 182: a few labels are" in task.caution(found, None)
    assert "that of the test labels 2,357,022" in TASK.caution(Predictions(np.array([1, 2, 5e6]), np.zeros(3)), None)
    assert not TASK.caution(Predictions(np.array([1.0, 2.0, 50.0]), np.zeros(3)), None)
    assert not task.caution(Predictions(np.array([7.0, 7.0]), np.zeros(2)), None)


def test_answers_are_in_the_unit_of_the_labels():
    outputs = TASK.answers(np.array([[0.5], [-1.0]], dtype=np.float32))
    assert outputs.tolist() == [11.0, 8.0]
    assert TASK.decide(outputs, None) == ([11.0, 8.0], [])
    assert TASK.cells(11.0, None) == (11.0, None)
    assert TASK.explained_score(11.0, None) == (0, 2.0)
    assert not TASK.has_probabilities
    assert TASK.pick_threshold(np.array([1.0]), np.array([1.0])) is None


def test_values_are_scikit_learns():
    random = np.random.default_rng(0)
    truth = random.normal(size=50)
    outputs = truth + random.normal(size=50)
    scores = TASK.scores(Predictions(truth, outputs), None, resamples=20)
    assert scores["rmse"].value == pytest.approx(metrics.root_mean_squared_error(truth, outputs))
    assert scores["mae"].value == pytest.approx(metrics.mean_absolute_error(truth, outputs))
    assert scores["r2"].value == pytest.approx(metrics.r2_score(truth, outputs))
    assert scores.threshold is None


def test_the_mean_of_the_training_numbers_is_said_of_every_example():
    found = TASK.most_frequent(np.array([1.0, 2.0, 6.0]), np.array([9.0]), np.zeros(2))
    assert (found.name, found.outputs.tolist(), found.threshold) == ("mean", [3.0, 3.0], None)


def test_by_absolute_errors_the_median_is_said_of_every_example():
    found = TASK.most_frequent(np.array([1.0, 2.0, 6.0]), np.array([9.0]), np.zeros(2), "mae")
    assert (found.name, found.title, found.outputs.tolist()) == ("median", "the median of the training numbers", [2, 2])


def test_a_few_numbers_that_decide_squared_errors_bring_a_hint():
    def caution(numbers, measure=None):
        return Regression(scale=1000.0).caution(Predictions(numbers, np.zeros(len(numbers))), None, measure)

    skewed = np.array([*range(299), 9000.0, 8000.0])
    assert caution(skewed) == (
        "Squared errors are dominated by 1 of the 301 test examples, with 55% of the variance of the true numbers. To "
        "choose and judge models by absolute errors, train with --set evaluation.measure=mae."
    )
    assert caution(skewed, "mae") == caution(np.arange(300.0)) == caution(skewed[-3:]) == ""


def test_a_label_that_may_stand_for_a_missing_one_is_pointed_out():
    """An R script had written 33 of 242 missing labels as -2147483648, which decided the error without a word."""
    counts = Counter({str(number): 3 for number in range(20, 60)})
    assert "empty these cells" not in Regression.recognise(counts)
    assert Regression.recognise(counts | Counter({"-2147483648": 33})) == (
        "labels are 41 different whole numbers; -2147483648 (33 times) is far from all others: if it stands for a "
        "missing label, empty these cells"
    )
