"""Answers in lists and arrays."""

import numpy as np
import pandas
import pytest

from unspool.errors import UserError
from unspool.runs.other_models.answers import InMemory, answers_of
from unspool.runs.other_models.examples_of_test import ExamplesOfTest
from unspool.tasks import Binary, Multilabel, Regression, Tagging

from .small_tests import BINARY, CLASSES

SHARES, SEVERAL = np.array([[0.1, 0.2, 0.7], [0.5, 0.3, 0.2]]), np.array([[0.9, 0.25], [0, 0.5]])


@pytest.mark.parametrize(
    ("task", "truth", "given", "decided", "outputs"),
    [
        (BINARY, [0, 1], ["pos", "neg"], [1, 0], None),
        (BINARY, [0, 1], np.array([0.75, 0.25]), [1, 0], [0.75, 0.25]),
        (BINARY, [0, 1], np.array([[0.25, 0.75], [1, 0]]), [1, 0], [0.75, 0]),
        (Binary(("0", "1")), [0, 1], np.array([1, 0]), [1, 0], None),
        (Binary(("0", "1")), [0, 1], np.array([1.0, 0.0]), [1, 0], None),
        (Binary(("0", "1")), [0, 1], np.array([0.9, 0.0]), [1, 0], [0.9, 0]),
        (Binary(("false", "true")), [0, 1], np.array([True, False]), [1, 0], None),
        (BINARY, [0, 1], pandas.Series(["pos", "neg"], index=[7, 3]), [1, 0], None),
        (CLASSES, [0, 1], SHARES, [[0, 0, 1], [1, 0, 0]], SHARES),
        (BINARY, [0, 1], np.array([[0.75], [0.25]]), [1, 0], [0.75, 0.25]),
        (Regression(), [0.0, 1.0], np.array([2, 3.5]), [2, 3.5], [2, 3.5]),
        (Regression(), [0.0, 1.0], np.array([[2], [3.5]]), [2, 3.5], [2, 3.5]),
        (Multilabel(("x", "y")), np.zeros((2, 2)), [["x"], ["y"]], [[1, 0], [0, 1]], None),
        (Multilabel(("1", "2")), np.zeros((2, 2)), [[1], [2]], [[1, 0], [0, 1]], None),
        (Multilabel(("x", "y")), np.zeros((2, 2)), [["x"], []], [[1, 0], [0, 0]], None),
        (Multilabel(("x", "y")), np.zeros((2, 2)), np.array([[1, 1], [0, 1]]), [[1, 1], [0, 1]], None),
        (Multilabel(("x", "y"), "|"), np.zeros((2, 2)), np.array([[1, 1], [0, 1]]), [[1, 1], [0, 1]], None),
        (Multilabel(("x", "y")), np.zeros((2, 2)), SEVERAL, [[1, 0], [0, 1]], SEVERAL),
        (Tagging(("n", "v")), [[0, 1], [1, -1]], [["v", "v"], ["n"]], [[[0, 1], [0, 1]], [[1, 0], [0, 0]]], None),
    ],
)  # fmt: skip
def test_lists_and_arrays_are_in_the_order_of_the_test_set(task, truth, given, decided, outputs, tmp_path):
    found = answers_of(InMemory("svm", given), ExamplesOfTest(tmp_path, task, np.array(truth), {}))
    assert found.decided.tolist() == decided
    assert outputs is None if found.outputs is None else np.allclose(found.outputs, outputs)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["pos", "neg"], r"svm has 2 predictions, but .*runs has 3 test examples\. Give one for each, in"),
        (["pos", "neg", "good"], r"svm, entry 2 \(counted from 0\): the prediction is 'good'"),
        (np.array([0.5, np.nan, 1]), r"svm, entry 1 \(counted from 0\): the probability of pos is nan"),
        (np.array([0.5, 1.5, 1]), r"entry 1 \(counted from 0\): the probability of pos is 1\.5"),
        (np.ones((3, 4)), r"svm has 4 columns of probabilities, but there are 2 labels \(neg, pos\)"),
        (np.full((3, 2), 0.25), r"entry 0 \(counted from 0\): the probabilities sum to 0\.5, not to 1"),
        ("pos", r"svm: 'pos' was given\. Give a list, an array or a data frame of predictions"),
        (3, r"svm: 3 was given"),
    ],
)
def test_arrays_that_cannot_be_used_are_refused(given, told, examples):
    with pytest.raises(UserError, match=told):
        answers_of(InMemory("svm", given), examples)
