"""Answers of other programs, as outputs that are scored: each task reads its own, and says which cannot be used."""

import numpy as np
import pytest

from unspool.evaluation.text_arrays import texts_of
from unspool.tasks import TASKS, Binary, Multiclass, Multilabel, Regression, Tagging, Translation
from unspool.tasks.other_answers import UnusableAnswer, from_json, labels_of_answers, number_of_answer, probability_of

BINARY, CLASSES, TAGS = Binary(("neg", "pos")), Multiclass(("a", "b", "c")), Tagging(("noun", "verb"))
SEVERAL = Multilabel(("comedy", "drama"), "|")


def _refused(function, *arguments):
    with pytest.raises(UnusableAnswer) as error:
        function(*arguments)
    return error.value.position, error.value.why


@pytest.mark.parametrize(
    ("task", "answers", "truth", "labels"),
    [
        (BINARY, ["pos", "neg", " pos "], [1, 0, 0], ["pos", "neg", "pos"]),
        (Binary(("0", "1")), [1, "0", np.float64(1.0)], [1, 0, 0], ["1", "0", "1"]),
        (Binary(("false", "true")), ["True", False], [1, 0], ["true", "false"]),
        (CLASSES, ["c", "a"], [0, 0], ["c", "a"]),
        (SEVERAL, ["drama|comedy", "", "drama|", None], np.zeros((4, 2)), ["comedy|drama", "", "drama", ""]),
        (Multilabel(("x", "y")), ['["y"]', ["x", "y"], []], np.zeros((3, 2)), [["y"], ["x", "y"], []]),
        (Regression(), ["1.5", -2, np.float32(0.25)], [0.0, 0.0, 0.0], [1.5, -2.0, 0.25]),
        (TAGS, ["noun verb", ["verb"]], [[0, 0], [1, -1]], [["noun", "verb"], ["verb"]]),
        (Translation(), ["A man.", "'- no", None], np.zeros((3, 1)), ["A man.", "- no", ""]),
    ],
)
def test_what_was_decided_is_what_the_task_reads_from_it_again(task, answers, truth, labels):
    outputs = task.decided(answers, np.array(truth))
    assert [task.cell(label) for label in task.decide(outputs, None)[0]] == labels
    assert len(outputs) == len(answers)


@pytest.mark.parametrize(
    ("task", "truth", "labels"),
    [
        (BINARY, [1, 0], ["pos", "neg"]),
        (CLASSES, [2, 0], ["c", "a"]),
        (SEVERAL, [[1, 1], [0, 0]], ["comedy|drama", ""]),
        (Regression(mean=3.0, scale=7.0), [2.2, -1.0], [2.2, -1.0]),
        (TAGS, [[0, 1], [1, -1]], [["noun", "verb"], ["verb"]]),
        (Translation(), [[97, 98], [99, 0]], ["ab", "c"]),
    ],
)
def test_the_truth_is_told_in_the_same_cells(task, truth, labels):
    assert [task.cell(label) for label in task.true_labels(np.array(truth))] == labels


@pytest.mark.parametrize(
    ("task", "answers", "position", "why"),
    [
        (
            BINARY,
            ["pos", "good"],
            1,
            "the prediction is 'good', but the label 'good' does not occur in training (known: neg",
        ),
        (BINARY, ["pos", None], 1, "the prediction is missing"),
        (BINARY, [float("nan")], 0, "the prediction is nan"),
        (BINARY, [["pos"]], 0, "the prediction is 'pos', but the label is a list, and one label was expected"),
        (CLASSES, ["a", "d"], 1, "the prediction is 'd', but the label 'd' does not occur"),
        (SEVERAL, ["drama|horror"], 0, "the prediction is 'drama|horror', but the label 'horror' does not"),
        (Regression(), [1.0, "many"], 1, "the prediction 'many' is not a finite number"),
        (Regression(), ["inf"], 0, "the prediction 'inf' is not a finite number"),
        (Regression(), [float("nan")], 0, "the prediction is nan"),
        (TAGS, ["noun"], 0, "the prediction is 1 tags, and 2 tags were expected"),
        (TAGS, ["noun adverb"], 0, "tag 2 is 'adverb', but the tag 'adverb' does not occur in training"),
        (TAGS, [3], 0, "the prediction is 3, and 2 tags were expected"),
        (Translation(), [3], 0, "the prediction is 3, and a text was expected"),
    ],
)
def test_an_answer_that_cannot_be_used_is_named(task, answers, position, why):
    truth = np.zeros((len(answers), 2), dtype=int) if task is TAGS else np.zeros(len(answers))
    found = _refused(task.decided, answers, truth)
    assert found[0] == position
    assert found[1].startswith(why)


def test_a_formula_that_a_spreadsheet_was_kept_from_running_is_the_label_again():
    task = Multiclass(("=a", "'b", "c"))
    assert labels_of_answers(task, ["'=a", "'b", "c", "'=a"]) == ["=a", "'b", "c", "=a"]
    assert _refused(labels_of_answers, task, ["'c"])[0] == 0
    assert texts_of(Translation().decided(["'=1", "'tis"], np.zeros((2, 1)))) == ["=1", "'tis"]


def test_of_two_labels_the_probability_of_the_predicted_one_gives_both():
    decided = BINARY.decided(["pos", "neg", "pos"], np.zeros(3))
    shares = BINARY.shares(decided, ["0.75", 0.5, 0.6])
    assert shares.tolist() == [[0.25, 0.75], [0.5, 0.5], [0.4, 0.6]]
    assert BINARY.from_shares(shares).tolist() == [0.75, 0.5, 0.6]
    with_threshold = BINARY.shares(decided, [0.3, 0.8, 0.25])  # from a fifth on
    assert with_threshold[:, 1].tolist() == pytest.approx([0.3, 0.2, 0.25])


def test_a_probability_of_the_second_label_is_not_taken_for_that_of_the_predicted_one():
    decided = BINARY.decided(["pos", "neg", "pos", "neg"], np.zeros(4))
    position, why = _refused(BINARY.shares, decided, [0.9, 0.2, 0.6, 0.1])
    assert (position, "no threshold gives these predictions" in why) == (2, True)
    assert why.endswith("If it is always that of pos, name the column pos")


def test_several_labels_have_a_list_of_probabilities_and_classes_none():
    decided = SEVERAL.decided(["drama", ""], np.zeros((2, 2)))
    assert SEVERAL.shares(decided, ["[0.25, 0.75]", (0, 1)]).tolist() == [[0.25, 0.75], [0, 1]]
    assert _refused(SEVERAL.shares, decided, ["[0.25]", "[0, 1]"])[0] == 0
    assert _refused(SEVERAL.shares, decided, ["[0, 1]", "[0, 1.5]"])[1].startswith("the probability is 1.5, which does")
    assert CLASSES.shares(CLASSES.decided(["a"], np.zeros(1)), [0.5]) is None


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("", "the probability is missing, and a number between 0 and 1 was expected"),
        ("high", "the probability is 'high', and a number"),
        (float("nan"), "the probability is nan, and a number"),
        ("-0.1", "the probability is -0.1, which does not lie between 0 and 1"),
        (1.01, "the probability is 1.01, which does not lie between 0 and 1"),
    ],
)
def test_what_is_no_probability_is_told(cell, why):
    position, told = _refused(probability_of, cell, 3)
    assert (position, told[: len(why)]) == (3, why)


def test_cells_are_read_as_they_are_unless_they_hold_a_list():
    assert [from_json(cell) for cell in ("[1, 2]", "[broken", "fine", 3)] == [[1, 2], "[broken", "fine", 3]
    assert number_of_answer(" 2.5 ", 0) == 2.5


def test_each_task_reads_answers_or_says_why_not():
    without = {name for name, task in TASKS.items() if task.without_others}
    assert without == {"reconstruction", "super_resolution"}
