"""What all tasks have in common when they encode labels."""

import numpy as np
import pytest

from unspool.data.labels import in_order
from unspool.errors import UserError
from unspool.tasks import find_task


def test_names_stand_in_the_order_of_numbers_or_of_the_alphabet():
    assert find_task(["10", "9", "1"] * 2).names == ("1", "9", "10")
    assert in_order(["b", "10", "9", "a", "1_0"]) == ("9", "10", "1_0", "a", "b")


@pytest.mark.parametrize(
    ("training", "labels", "message"),
    [
        (["a", "b"], ["a", "c"], r"Label 2: the label 'c' does not occur in training \(known: a, b\)"),
        (["a|b", "b"], ["a|c"], "Label 1: the label 'c' does not occur in training"),
        ([f"{n:02}x" for n in range(12)] * 3, ["a"], r"known: 00x, 01x, .*, 09x, \.\.\.\)"),
        (["1.5", "2.5", "3.5"], [1, "much"], "Label 2: the label 'much' is not a finite number"),
        (["1.5", "2.5", "3.5"], [float("inf")], "Label 1: the label is inf"),
        (["1.5", "2.5", "3.5"], [["1", "2"]], "Label 1: the label '1, 2' is not a finite number"),
        (["a", "b"], [["a", "b"]], "Label 1: the label is a list, and one label was expected"),
        (["a", "b"], ["a", None], "Label 2: the label is missing"),
    ],
)
def test_labels_that_training_did_not_show_are_told(training, labels, message):
    with pytest.raises(UserError, match=message):
        find_task(training).encode(labels)


def test_cells_are_read_as_labels_before_they_are_encoded():
    assert find_task(["false", "true"]).encode([True, np.bool_(False)]).tolist() == [1, 0]
    assert find_task(["1", "2", "3"] * 2).encode([3, 1.0, " 2 "]).tolist() == [2, 0, 1]
    assert find_task(["0.5", "3.5"], "regression").encode([2, "0.5"]).tolist() == [0, -1]
