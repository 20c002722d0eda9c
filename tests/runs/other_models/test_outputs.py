"""Probabilities of labels, with or without decisions."""

import pytest

from unspool.errors import UserError
from unspool.runs.other_models.answers import answers_of
from unspool.tasks import Binary, Multilabel

from .small_tests import BINARY, CLASSES, with_task


def test_probabilities_of_two_decimals_need_not_sum_to_one_exactly(examples, answers):
    path = answers("row,a,b,c", "2,0.33,0.33,0.33", "5,0.4,0.3,0.3", "9,0.67,0.34,0")
    found = answers_of(path, with_task(examples, CLASSES))
    assert found.outputs[0] == pytest.approx([1 / 3] * 3)
    with pytest.raises(UserError, match=r"the probabilities sum to 0\.98, not to 1"):
        answers_of(answers("row,a,b,c", "2,0.32,0.33,0.33", "5,1,0,0", "9,1,0,0"), with_task(examples, CLASSES))


@pytest.mark.parametrize("probabilities", [False, True])
def test_columns_of_probabilities_are_named_after_the_labels(probabilities, examples, answers):
    columns, rows = ("row,neg,pos", ["2,.25,.75", "5,1,0", "9,.75,.25"]) if probabilities else (
        "row,pos", ["2,.75", "5,0", "9,.25"]
    )  # fmt: skip
    found = answers_of(answers(columns, *rows), examples)
    assert found.outputs.tolist() == [0.75, 0, 0.25]
    assert found.decided.tolist() == [1, 0, 0]


def test_predictions_given_with_probabilities_are_the_decisions(examples, answers):
    found = answers_of(answers("row,prediction,pos", "2,neg,.75", "5,neg,0", "9,neg,.25"), examples)
    assert (found.outputs.tolist(), found.decided.tolist()) == ([0.75, 0, 0.25], [0, 0, 0])


@pytest.mark.parametrize(
    ("task", "truth", "columns", "rows"),
    [
        (BINARY, (1, 0, 1), "neg,pos", ["2,pos,.9,.1", "5,neg,.3,.7", "9,pos,.6,.4"]),
        (CLASSES, (0, 1, 2), "a,b,c", ["2,a,.1,.8,.1", "5,b,.1,.2,.7", "9,c,.6,.3,.1"]),
        (Multilabel(("a", "b"), ","), ((1, 0), (0, 1), (1, 1)), "a,b", ["2,a,.1,.8", "5,b,.9,0", '9,"a,b",.6,.3']),
    ],
)
def test_probabilities_under_the_wrong_labels_are_refused(task, truth, columns, rows, examples, answers):
    path = answers(f"row,prediction,{columns}", *rows)
    with pytest.raises(
        UserError, match=r"column prediction contradicts the columns of probabilities \((neg|a), .*named"
    ):
        answers_of(path, with_task(examples, task, truth))


def test_what_predict_writes_is_read(examples, answers):
    found = answers_of(answers("row,text,prediction,probability", "2,x,pos,0.6", "9,y,neg,0.9", "5,z,neg,1"), examples)
    assert found.outputs.tolist() == pytest.approx([0.6, 0, 0.1])
    of_classes = with_task(examples, CLASSES)
    bare = answers_of(answers("row,prediction,probability", "2,a,0.6", "9,b,0.9", "5,c,1"), of_classes)
    assert bare.outputs is None
    assert bare.decided.argmax(axis=1).tolist() == [0, 2, 1]


def test_each_class_has_a_column_of_probabilities_that_may_be_rounded(examples, answers):
    path = answers("row,a,b,c", "2,0.333,0.333,0.333", "5,0,0.25,0.75", "9,1,0,0")
    found = answers_of(path, with_task(examples, CLASSES))
    assert found.outputs.sum(axis=1) == pytest.approx([1, 1, 1])
    assert found.decided.argmax(axis=1).tolist() == [0, 2, 0]


@pytest.mark.parametrize(
    ("task", "truth", "lines"),
    [
        (BINARY, (1, 0, 1), ["row,pos", "2,1", "5,0", "9,0"]),
        (CLASSES, (0, 1, 2), ["row,a,b,c", "2,1,0,0", "5,0,1,0", "9,0,1,0"]),
        (Multilabel(("a", "b"), ","), ((1, 0), (0, 1), (1, 1)), ["row,a,b", "2,1,0", "5,0,1", "9,0,1"]),
    ],
)
def test_columns_of_zeros_and_ones_are_labels_without_probabilities(task, truth, lines, examples, answers):
    """As probabilities, they would rank badly and could have a huge log loss."""
    found = answers_of(answers(*lines), with_task(examples, task, truth))
    assert found.outputs is None
    assert found.notes[-1].endswith("svm.csv are all 0 or 1, and were read as labels.")


def test_percent_signs_are_read(examples, answers):
    found = answers_of(answers("row,pos", "2,0.4%", "5,60%", "9,100 %"), examples)
    assert found.outputs == pytest.approx([0.004, 0.6, 1])
    with pytest.raises(UserError, match=r"is 60, which does not lie between 0 and 1\. Divide percentages by 100\.$"):
        answers_of(answers("row,pos", "2,0.4", "5,60", "9,100"), examples)


def test_labels_that_are_whole_numbers_may_have_decimals(examples, answers):
    task = with_task(examples, Binary(("0", "1")), (1, 0, 1))
    assert answers_of(answers("row,prediction", "2,1.0", "5,0.0", "9,1"), task).decided.tolist() == [1, 0, 1]
