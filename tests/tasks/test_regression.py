import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from unspool.data.labels import label_of
from unspool.evaluation.result import Predictions
from unspool.tasks import Regression, find_task

TASK = Regression(mean=10.0, scale=2.0)


@given(st.lists(st.integers(-1000, 1000).map(lambda number: number / 8), min_size=3, unique=True))
def test_numbers_come_back_and_have_mean_0_and_deviation_1(numbers):
    task = find_task([label_of(number) for number in numbers], "regression")
    targets = task.encode(numbers)
    assert targets.dtype == np.float32
    assert task.decode(targets) == pytest.approx(numbers, rel=1e-4, abs=1e-4)
    assert targets.mean() == pytest.approx(0, abs=1e-4)
    assert targets.std() == pytest.approx(1, abs=1e-4)


def test_what_is_no_number_is_not_learned_from():
    task = find_task([*(str(n / 2) for n in range(1, 20)), "n/a"])
    assert task.mean == 5.0
    assert task.flaw("n/a").detail == "the label 'n/a' is not a finite number"


def test_equal_numbers_are_not_divided_by_nothing():
    assert find_task(["3", "3.0"], "regression") == Regression(mean=3.0, scale=1.0)


@pytest.mark.parametrize("unit", [1e-9, 1.0, 1e9])
def test_numbers_are_scored_as_they_were_written(unit):
    numbers = [round(n * unit, 12) for n in (1.1, 2.2, 7.7)]
    task = find_task([label_of(number) for number in numbers], "regression")
    np.testing.assert_array_equal(task.truth(task.encode(numbers)), numbers)


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
