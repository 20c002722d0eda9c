"""Tables of answers are read, or refused with the row that cannot be used."""

from dataclasses import replace

import numpy as np
import pandas
import pytest

from unspool.errors import UserError
from unspool.runs.other_models.answers import InMemory, answers_of
from unspool.tasks import Multilabel, Regression, Tagging

from .small_tests import CLASSES, with_task


def test_labels_in_the_table_must_be_those_of_the_test_examples(examples, answers):
    assert answers_of(answers("label,prediction", "pos,neg", "neg,pos", "pos,pos"), examples).decided.tolist() == [
        0,
        1,
        1,
    ]
    with pytest.raises(
        UserError,
        match=r"row 2 .line 3.: column label has 'pos', but the test example of .*/runs .row 5. is labelled 'neg'",
    ):
        answers_of(answers("label,prediction", "pos,neg", "pos,pos", "neg,pos"), examples)
    with pytest.raises(UserError, match=r"row 1 .line 2.: column label has 'neg'"):
        answers_of(answers("row,label,prediction", "2,neg,neg", "5,neg,pos", "9,pos,pos"), examples)
    mood = replace(examples, labelled=("mood", "label"))
    with pytest.raises(UserError, match="column mood has 'neg'"):
        answers_of(answers("row,mood,prediction", "2,neg,neg", "5,neg,pos", "9,pos,pos"), mood)
    assert answers_of(answers("label,prediction", "1,neg", "2,pos", "3,pos"), examples).decided.tolist() == [0, 1, 1]
    prices = with_task(examples, Regression(), (1.25, 2, 1 / 3))
    assert answers_of(answers("label,prediction", "1.25,1", "2,1", "0.33333,1"), prices).decided.tolist() == [1, 1, 1]
    with pytest.raises(UserError, match=r"column label has '2\.0', but .* is labelled '1\.25'"):
        answers_of(answers("label,prediction", "2,1", "1.25,1", "0.33333,1"), prices)
    moles = with_task(examples, Regression(), (1.25e-9, 2e-9, 0.0))
    assert answers_of(answers("label,prediction", "1.25e-9,1", "2e-9,1", "1e-18,1"), moles).decided.tolist() == [1] * 3
    with pytest.raises(UserError, match=r"column label has '2e-09', but .* is labelled '1\.25e-09'"):
        answers_of(answers("label,prediction", "2e-9,1", "1.25e-9,1", "0,1"), moles)


def test_several_labels_numbers_and_tags_are_read(examples, answers):
    several = with_task(examples, Multilabel(("x", "y"), "|"), np.zeros((3, 2)))
    found = answers_of(
        answers("row,prediction,probability", '2,x|y,"[0.9, 0.8]"', '5,,"[0, 0]"', '9,y,"[0, 1]"'), several
    )
    assert found.decided.tolist() == [[1, 1], [0, 0], [0, 1]]
    assert found.outputs.tolist() == [[0.9, 0.8], [0, 0], [0, 1]]
    numbers = answers_of(answers("row,prediction", "2,1.5", "5,-2", "9,1e3"), with_task(examples, Regression()))
    assert numbers.outputs.tolist() == numbers.decided.tolist() == [1.5, -2, 1000]
    tags = with_task(examples, Tagging(("n", "v")), [[0, 1], [1, -1], [1, -1]])
    found = answers_of(answers("row,prediction", "2,n v", "5,v", "9,n"), tags)
    assert found.decided.argmax(axis=2).tolist() == [[0, 1], [1, 0], [0, 0]]


def test_json_lines_hold_lists(examples, answers):
    tagging = with_task(examples, Tagging(("n", "v")), [[0, 1], [1, -1], [1, -1]])
    lines = [
        '{"row": 2, "prediction": ["n", "n"]}',
        '{"row": 5, "prediction": ["v"]}',
        '{"row": 9, "prediction": ["v"]}',
    ]
    found = answers_of(answers(*lines, name="a.jsonl"), tagging)
    assert found.decided.argmax(axis=2).tolist() == [[0, 0], [1, 0], [1, 0]]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["row,prediction", "2,pos", "5,good", "9,pos"], r"svm\.csv, row 2 \(line 3\): the prediction is 'good'"),
        (["row,prediction", "2,pos", "5,", "9,pos"], r"row 2 \(line 3\): the prediction is missing\.$"),
        (["row,prediction", "2,pos"], r"for 2 of the 3 .*\. The first is row 5 \(counted from 1, without the header"),
        (["row,prediction", "1,pos", "3,neg"], "no prediction for 3 of the 3 test examples"),
        (["row,prediction", "2,pos", "5,neg", "2,neg"], r"row 1 \(line 2\) and row 3 \(line 4\) both hold a "),
        (["row,prediction", "0,pos", "2,neg", "5,pos", "9,pos"], r"column row counts from 0, but .* from 1\."),
        (["row,pos", "2,0.5", "5,nan", "9,1"], r"row 2 \(line 3\): the probability of pos is 'nan', and a number"),
        (["row,pos", "2,0.5", "5,1.5", "9,1"], r"row 2 \(line 3\): the probability of pos is 1\.5, which does"),
        (["row,neg,pos", "2,0.5,0.5", "5,0.5,0.9", "9,0,1"], r"row 2 \(line 3\): the probabilities sum to 1\.4"),
        (["row,prediction,probability", "2,pos,0.9", "5,neg,0.1", "9,pos,.6"], r"row 3 \(line 4\): no threshold"),
        (["row,probability", "2,0.9", "5,0.1", "9,.6"], r"Its column probability does not say for "),
        (["row,a,b", "2,pos,neg"], r"svm\.csv \(columns row, a, b\) has no .*\. Add one, .* \(neg, pos\)"),
    ],
)  # fmt: skip
def test_an_unusable_table_is_refused_with_one_clear_error(lines, told, examples, answers):
    with pytest.raises(UserError, match=told):
        answers_of(answers(*lines), examples)


def test_the_error_names_a_class_without_a_column(examples, answers):
    with pytest.raises(UserError, match=r"a column of probabilities for a, but none for b\. Add one for each"):
        answers_of(answers("row,a,c", "2,.5,.5"), with_task(examples, CLASSES))
    with pytest.raises(UserError, match=r"has no column prediction\. Add one\.$"):
        answers_of(answers("row,value,other", "2,.5,.5"), with_task(examples, Regression()))


@pytest.mark.parametrize(
    "lines",
    [
        ["Row, Prediction", "9,pos", "2,neg", "5,pos"],
        ["row,y_pred", "9,pos", "2,neg", "5,pos"],
        ["row,svm", "9,POS", "2,Neg", "5,pos"],
        ["row,label", "9,pos", "2,neg", "5,pos"],
        ["row,prob_pos", "9,.9", "2,.1", "5,.8"],
        ["row,P_Neg,P_Pos", "9,.1,.9", "2,.9,.1", "5,.2,.8"],
    ],
)
def test_other_names_of_the_columns_of_answers_are_known(lines, examples, answers):
    assert answers_of(answers(*lines), examples).decided.tolist() == [0, 1, 1]


def test_the_labels_of_the_test_are_no_predictions(examples, answers):
    with pytest.raises(UserError, match=r"column label is identical to the true labels\. If it holds"):
        answers_of(answers("row,label", "2,pos", "5,neg", "9,pos"), examples)


def test_a_text_file_has_an_answer_in_each_line(examples, answers):
    assert answers_of(answers("neg", "__label__pos", "pos", name="svm.txt"), examples).decided.tolist() == [0, 1, 1]
    several = with_task(examples, Multilabel(("x", "y"), "|"), np.zeros((3, 2)))
    found = answers_of(answers("__label__x __label__Y", "__label__y", "__label__x", name="svm.txt"), several)
    assert found.decided.tolist() == [[1, 1], [0, 1], [1, 0]]
    with pytest.raises(UserError, match=r"svm\.txt, line 2: the prediction is 'good'"):
        answers_of(answers("neg", "good", "pos", name="svm.txt"), examples)
    (examples.run.parent / "svm.bin").write_bytes(b"\xff\xfe\xfa")
    with pytest.raises(UserError, match=r"svm\.bin cannot be read as a text file with one prediction per line"):
        answers_of(examples.run.parent / "svm.bin", examples)


def test_the_first_line_of_a_file_without_a_header_is_suspected(examples, answers):
    with pytest.raises(
        UserError, match=r"If the first line, neg, is a prediction, write a line above it: prediction\."
    ):
        answers_of(answers("neg", "pos", "pos"), examples)


@pytest.mark.parametrize("separator", ["|", ";", ",", " ", ", "])
def test_several_labels_may_be_separated_otherwise(separator, examples, answers):
    several = with_task(examples, Multilabel(("x", "y z", "w"), "|"), np.zeros((3, 3)))
    found = answers_of(answers("row,prediction", f'2,"x{separator}w"', "5,y z", "9,w"), several)
    assert found.decided.tolist() == [[1, 0, 1], [0, 1, 0], [0, 0, 1]]


def test_tags_and_texts_beside_the_answers_must_be_those_of_the_test(examples, answers):
    tags = with_task(examples, Tagging(("n", "v")), [[0, 1], [1, -1], [1, -1]])
    assert answers_of(answers("row,label,prediction", "2,N v,n n", "5,v,v", "9,v,v"), tags).decided.shape == (3, 2, 2)
    with pytest.raises(UserError, match=r"row 2 .line 3.: column label has 'n', but .* is labelled 'v'"):
        answers_of(answers("row,label,prediction", "2,n v,n n", "5,n,v", "9,v,v"), tags)


def test_a_data_frame_is_read_like_a_file(examples):
    frame = pandas.DataFrame({"row": [9, 2, 5, 1], "pos": [0.25, 0.75, 0.5, 9.0]})
    assert answers_of(InMemory("svm", frame), examples).outputs.tolist() == [0.75, 0.5, 0.25]
    with pytest.raises(UserError, match="svm, row 3: the prediction is 'good', but"):
        answers_of(InMemory("svm", pandas.DataFrame({"prediction": ["pos", "neg", "good"]})), examples)
