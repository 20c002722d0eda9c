import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unspool.errors import UserError
from unspool.evaluation.curves import f1_threshold
from unspool.evaluation.result import Predictions
from unspool.tasks import Multilabel, find_task

TASK = Multilabel(("a", "b"), "|")


@given(st.lists(st.sets(st.sampled_from("abc"), min_size=1), min_size=1))
def test_several_labels_come_back(labels):
    task = find_task([tuple(sorted(one)) for one in labels])
    targets = task.encode(labels)
    assert targets.shape == (len(labels), task.outputs)
    assert targets.dtype == np.float32
    assert [set(decoded) for decoded in task.decode(targets)] == labels


def test_several_labels_in_a_text_are_parted():
    task = find_task(["b | a", "a", "c||a"])
    assert (task.names, task.separator) == (("a", "b", "c"), "|")
    assert task.encode(["a", "c|b", "|"]).tolist() == [[1, 0, 0], [0, 1, 1], [0, 0, 0]]
    assert task.indices("c|a") == (2, 0)
    assert task.strata(["a", "b"]) is None
    assert find_task(["a|b", (), "b"]).encode(["a|b", ()]).tolist() == [[1, 1], [0, 0]]


def test_commas_separate_labels_that_recur_in_other_combinations():
    genres = ["Drama", "Comedy, Drama", "Comedy", "War, Drama", "War,Comedy", "War, Comedy, Drama"]
    task = find_task([*genres, *genres])
    assert (task.names, task.separator) == (("Comedy", "Drama", "War"), ",")
    assert task.why == 'labels such as Comedy, Drama hold ","'
    assert task.encode(["War, Drama", "Comedy"]).tolist() == [[0, 1, 1], [1, 0, 0]]


@pytest.mark.parametrize(
    "labels",
    [
        ["Paris, France", "Lyon, France", "Rome, Italy", "Pisa, Italy", "Malta"],
        ["1,5", "2,5", "1,2", "2", "5", "5,1"],
        ["red, small", "red, big", "blue, small", "blue, big", "grey, small", "grey, big", "big, old", "small, old"],
        ["unknown", *(f"{family}, {given}" for family in "ABCD" for given in "vwxyz")],
    ],
)
def test_other_names_with_commas_are_single_labels(labels):
    assert find_task([*labels, *labels]).name == "multiclass"
    assert find_task(labels, forced="multilabel").separator == ","


def test_sentences_with_a_semicolon_are_not_several_labels():
    sentences = [f"Sentence number {number}" for number in range(40)]
    with pytest.raises(UserError, match=r"41 different labels.*\(--source, --target\)"):
        find_task([*sentences, "one; two"])
    assert find_task([*sentences, "one; two"], forced="multilabel").separator == ";"
    assert find_task([f"a{number};b{number};c" for number in range(50)]).name == "multilabel"
    assert find_task([*map("name{}".format, range(40)), "one|two"]).name == "multilabel"


def test_an_answer_is_each_label_from_the_threshold_on():
    labels, probabilities = TASK.decide(np.array([[0.3, 0.2], [0.1, 0.1]]), 0.2)
    assert labels == [("a", "b"), ()]
    assert probabilities[0] == {"a": 0.3, "b": 0.2}
    assert TASK.decide(np.array([[0.5, 0.4]]), None)[0] == [("a",)]
    assert TASK.answers_in_words(0.2) == "each label whose probability is at least 0.2"
    assert TASK.answers_in_words(0.0) == "each label whose probability is at least 0"


def test_an_answer_is_written_as_labels_were_read():
    probabilities = {"a": 0.3, "b": 0.2}
    assert TASK.cells(("a", "b"), probabilities) == ("a|b", probabilities)
    assert Multilabel(("a", "b")).cells(("a", "b"), probabilities) == (["a", "b"], probabilities)


def test_the_threshold_serves_micro_f1():
    truth = np.array([[1, 0], [0, 1], [1, 1]])
    outputs = np.where(truth == 1, 0.2, 0.1)
    assert TASK.pick_threshold(truth, outputs) == f1_threshold(truth, outputs) == pytest.approx(0.15)


def test_labels_are_scored_at_their_threshold():
    truth = np.array([[1, 0], [0, 1], [1, 1], [0, 0]])
    predictions = Predictions(truth, truth * 0.2 + 0.1)
    assert TASK.scores(predictions, 0.2, resamples=50)["micro_f1"].value == 1
    assert TASK.scores(predictions, 0.5, resamples=50)["micro_f1"].value == 0


def test_each_labels_frequency_is_said_of_every_example():
    training = np.array([[1, 0], [1, 1], [1, 0], [0, 1]], dtype=np.float32)
    found = TASK.most_frequent(training, training, np.zeros((3, 2)))
    assert found.name == "label-frequencies"
    assert found.outputs.tolist() == [[0.75, 0.5]] * 3
    assert found.threshold == pytest.approx(f1_threshold(training, np.tile([0.75, 0.5], (4, 1))))


def test_a_test_without_any_label_is_refused():
    with pytest.raises(UserError, match="None of the 3 test examples has any label"):
        TASK.check(np.zeros((3, 2)), "test")
    TASK.check(np.zeros((3, 2)), "validation")
    TASK.check(np.eye(2), "test")


@pytest.mark.parametrize(
    ("separator", "expected"), [("|", ["drama|war|", "war|", "|"]), (None, [["drama", "war"], ["war"], []])]
)
def test_labels_as_in_a_file_are_read_again(separator, expected):
    task = Multilabel(("drama", "war"), separator)
    targets = np.array([[1, 1], [0, 1], [0, 0]])
    assert task.as_in_a_file(targets) == expected
    if separator:
        np.testing.assert_array_equal(task.encode(expected), targets)


@pytest.mark.parametrize("written", ['["a", "b"]', "['a', 'b']", ["a", "b"], ("b", "a")])
def test_the_answer_of_another_tool_may_be_a_list_in_a_text(written):
    assert TASK.decided([written, "[]", None], np.zeros((3, 2))).tolist() == [[1, 1], [0, 0], [0, 0]]
