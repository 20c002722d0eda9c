import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unspool.evaluation.result import Predictions
from unspool.tasks import Multiclass, find_task

TASK = Multiclass(("a", "b", "c"))


@given(st.lists(st.sampled_from(["a", "b", "c", "d"]), min_size=4).filter(lambda labels: len(set(labels)) > 1))
def test_classes_come_back(labels):
    task = find_task(labels, "multiclass")
    targets = task.encode(labels)
    assert targets.dtype == np.int64
    assert task.decode(targets) == labels
    assert task.outputs == len(set(labels))
    assert [task.indices(label) for label in labels] == [(target,) for target in targets]


def test_an_answer_is_the_most_probable_label():
    outputs = np.array([[0.2, 0.7, 0.1], [0.5, 0.2, 0.3]])
    assert TASK.decide(outputs, None) == (["b", "a"], [0.7, 0.5])
    assert TASK.explained_score(outputs[0], None) == (1, 1.0)
    assert TASK.pick_threshold(np.array([1, 0]), outputs) is None
    assert TASK.answers_in_words(None) == "the label of the highest probability"
    assert TASK.cells("b", 0.7) == ("b", 0.7)


def test_rare_classes_weigh_more():
    assert TASK.weights(np.array([0, 0, 1, 1, 2, 2])) is None
    assert TASK.weights(np.array([0, 0, 1, 1, 2])).tolist() == pytest.approx([5 / 6] * 4 + [5 / 3])


def test_the_most_frequent_class_is_said_of_every_example():
    found = TASK.most_frequent(np.array([1, 1, 0, 1]), np.array([0]), np.array([2, 2]))
    assert found.name == "most-frequent-class"
    assert found.outputs.tolist() == [[0.25, 0.75, 0]] * 2
    assert TASK.decide(found.outputs, found.threshold)[0] == ["b", "b"]


def test_a_class_without_examples_is_not_scored():
    outputs = np.array([[0.8, 0.1, 0.1]] * 2 + [[0.1, 0.1, 0.8], [0.1, 0.8, 0.1]])
    scores = TASK.scores(Predictions(np.array([0, 0, 1, 1]), outputs), None, resamples=10)
    assert list(scores.figures) == list(TASK.measures)
    assert scores["balanced_accuracy"].value == 0.75
    assert scores["macro_f1"].value == pytest.approx((1 + 2 / 3) / 2)


def test_there_are_at_least_two():
    with pytest.raises(ValueError, match="1 names do not suit the task multiclass"):
        Multiclass(("a",))


def test_labels_that_are_never_predicted_are_named_or_counted():
    task = Multiclass(("a", "b", "c", "d", "e"))
    outputs = np.tile([0.3, 0.2, 0.2, 0.2, 0.1], (6, 1))
    for targets, words in (
        ([0, 0, 0, 0, 0, 1], "It never predicts b (1 test example)."),
        ([0] * 6, "All 6 scored labels are a: the scores do not show whether the model tells labels apart."),
        ([0, 1, 1, 2, 0, 0], "It never predicts b (2 test examples), c (1 test example)."),
        ([0, 1, 2, 3, 4, 4], "It never predicts 4 of the 5 labels that test examples have."),
    ):
        assert task.caution(Predictions(np.array(targets), outputs), None) == words


def test_a_label_that_is_the_same_number_as_a_known_one_is_that_one():
    """Where labels are missing, pandas writes 1 as 1.0."""
    task = Multiclass(("1", "2", "10"))
    assert task.encode(["1.0", 2.0, "10.00", "1"]).tolist() == [0, 1, 2, 0]
    assert task.flaw("3.0").detail.startswith("the label '3.0' does not occur in training")
    assert Multiclass(("1", "1.0", "x")).encode(["1.0", "1", "x"]).tolist() == [1, 0, 2]
    assert Multiclass(("1", "1.0", "x")).flaw("1.00") is not None
    assert Multiclass(("1234567890123456788", "x")).flaw("1234567890123456789") is not None  # alike as 64-bit floats
