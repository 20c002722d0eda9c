"""Rows of answers are matched to the test examples of a run."""

import pandas
import pytest

from unspool.data.tables.problems import Place
from unspool.data.tables.table import Chunk
from unspool.errors import UserError
from unspool.runs.other_models.answers import InMemory, answers_of
from unspool.runs.other_models.examples_of_test import ExamplesOfTest
from unspool.runs.other_models.matching import refuse_other_rows

from .small_tests import BINARY


def test_rows_are_matched_in_any_order_and_others_are_ignored(examples, answers):
    path = answers("row,prediction", "9,pos", "1,neg", "2,neg", "5.0,pos", "3,whatever")
    found = answers_of(path, examples)
    assert found.decided.tolist() == [0, 1, 1]
    assert found.outputs is None
    assert found.source == str(path)
    (note,) = found.notes
    assert note.endswith("were matched by column row; rows that are not test examples were ignored: 2.")


def test_rows_without_an_identifier_are_read_in_order_if_their_number_fits(examples, answers):
    found = answers_of(answers("prediction", "neg", "pos", "pos"), examples)
    assert found.decided.tolist() == [0, 1, 1]
    assert "were read in the order of the test examples (that of " in found.notes[0]
    with pytest.raises(UserError, match=r"has 2 rows, .* 3 test examples, and none of the columns id, prediction id"):
        answers_of(answers("id,prediction", "2,neg", "5,pos"), examples)


@pytest.mark.parametrize("rows", ["9,pos 2,neg 5,pos", "8,pos 1,neg 4,pos"])
@pytest.mark.parametrize("column", ["", "id"])
def test_an_index_in_the_first_column_identifies_the_rows(column, rows, examples, answers):
    """It does if it holds exactly the rows of the test examples, counted from 1 or, as in pandas, from 0."""
    found = answers_of(answers(f"{column},prediction", *rows.split()), examples)
    assert found.decided.tolist() == [0, 1, 1]
    assert "were matched by the first column, which corresponds to column row of " in found.notes[0]


@pytest.mark.parametrize(("rows", "start"), [("1,pos 2,neg 0,neg", 0), ("3,pos 1.0,neg 2,neg", 1)])
@pytest.mark.parametrize("known", [{"row": ["2", "5", "9"]}, {}, {"file": ["a", "a", "b"], "row": ["1", "2", "1"]}])
def test_a_first_column_that_numbers_the_test_examples_orders_the_rows(rows, start, known, examples, answers):
    """Such as the index of a data frame of the test examples, sorted by something else."""
    test = ExamplesOfTest(examples.run, BINARY, examples.truth, known, counted=bool(known))
    found = answers_of(answers(",prediction", *rows.split()), test)
    assert found.decided.tolist() == ([0, 1, 0] if start == 0 else [0, 0, 1])
    assert found.notes[0].endswith(f"were matched by the first column, which numbers the test examples from {start}.")


def test_the_index_of_a_data_frame_orders_its_rows(examples):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"prediction": ["neg", "pos", "pos"]}).sort_index(ascending=False)
    assert answers_of(InMemory("svm", frame), examples).decided.tolist() == [0, 1, 1]
    rows = frame.set_axis([9, 5, 2]).rename_axis("row").sort_index()
    assert answers_of(InMemory("svm", rows), examples).decided.tolist() == [0, 1, 1]
    with_both = frame.assign(index=[9, 5, 2])
    assert answers_of(InMemory("svm", with_both), examples).decided.tolist() == [1, 1, 0]


@pytest.mark.parametrize(
    "lines", [["prediction,rank", "neg,9", "pos,5", "pos,2"], ["id,prediction", "2,neg", "5,pos", "8,pos"]]
)
def test_no_other_column_identifies_the_rows(lines, examples, answers):
    found = answers_of(answers(*lines), examples)
    assert found.decided.tolist() == [0, 1, 1]
    assert "were read in the order of the test examples (that of " in found.notes[0]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("1,pos 4,neg 8,pos 7,neg", r"column row seems to count from 0, but .*\. Add 1 to each\.$"),
        ("3,pos 6,neg 10,pos", r"column row seems to count the header as row 1, but .*\. Subtract 1 from each\.$"),
    ],
)
def test_the_error_says_if_rows_are_off_by_one(rows, told, examples, answers):
    with pytest.raises(UserError, match=told):
        answers_of(answers("row,prediction", *rows.split()), examples)


def test_without_rows_in_the_run_only_the_order_counts(examples, answers):
    unknown = ExamplesOfTest(examples.run, BINARY, examples.truth, {})
    found = answers_of(answers("row,prediction", "7,neg", "8,pos", "9,pos"), unknown)
    assert found.decided.tolist() == [0, 1, 1]
    with pytest.raises(UserError, match=r"Give the predictions in the order of the test set\. .*/runs has no test_pre"):
        answers_of(answers("row,prediction", "7,neg"), unknown)


def test_rows_of_two_files_are_told_apart_by_file_name(examples, answers):
    rows = {"file": ["a.csv", "b.csv", "b.csv"], "row": ["2", "2", "3"]}
    two = ExamplesOfTest(examples.run, BINARY, examples.truth, rows, counted=True)
    found = answers_of(answers("row,file,prediction", "2,b.csv,pos", "2,a.csv,neg", "3,b.csv,neg"), two)
    assert found.decided.tolist() == [0, 1, 0]
    with pytest.raises(
        UserError, match=r"column row alone does not tell the test examples apart\. Add the column file"
    ):
        answers_of(answers("row,prediction", "2,pos", "3,neg"), two)


def test_columns_of_few_values_contradict_no_numbers_of_rows(examples, answers):
    """A model's own column may be named like one of the run's file."""
    rows = [Place(row) for row in (1, 2, 3, 4)]
    chunk = Chunk(rows, {"stars": [5, 5, 1, 1], "id": [7, 8, 9, 6]}, [])
    refuse_other_rows("svm", ["row"], [chunk], rows[:3], {"stars": [1, 1, 1]}, examples)
    with pytest.raises(UserError, match=r"svm, row 1: column id has '7', but that of the test example row 2 is '8'"):
        refuse_other_rows("svm", ["row"], [chunk], rows[:3], {"stars": [1, 1, 1], "id": [8, 9, 6]}, examples)


def test_the_refusal_of_other_rows_names_the_columns_that_match(examples):
    rows = [Place(row) for row in (1, 2, 3)]
    chunk = Chunk(rows, {"id": [7, 8, 9], "text": ["a", "b", "c"], "stars": [1, 1, 1]}, [])
    own = {"id": [8, 9, 7], "text": ["a", "b", "c"], "stars": [1, 1, 1]}
    with pytest.raises(UserError, match=r"which is in another row\. Column text matches\. Correct column row, "):
        refuse_other_rows("svm", ["row"], [chunk], rows, own, examples)


@pytest.mark.parametrize("name", ["column 1", "Unnamed: 0"])
def test_an_index_of_the_table_itself_contradicts_no_numbers_of_rows(name, examples):
    """Pandas numbers the rows of whatever it writes, be it the run's file or predictions in another order."""
    rows = [Place(row) for row in (1, 2, 3)]
    refuse_other_rows("svm", ["row"], [Chunk(rows, {name: [0, 1, 2]}, [])], rows, {name: [1, 0, 2]}, examples)


def test_ids_are_matched_as_they_are(examples, answers):
    ids = ExamplesOfTest(examples.run, BINARY, examples.truth, {"patient": ["'-1a", "007", "0"]})
    found = answers_of(answers("patient,prediction", "0,pos", "7,neg", "007,neg", "-1a,pos"), ids)
    assert found.decided.tolist() == [1, 0, 1]


def test_ids_that_are_one_number_do_not_tell_the_examples_apart(examples, answers):
    ids = ExamplesOfTest(examples.run, BINARY, examples.truth, {"series": ["1", "1.0", "2"]})
    with pytest.raises(
        UserError, match=r"column series alone does not tell .* apart\. Leave it out, and give the pred"
    ):
        answers_of(answers("series,prediction", "1,pos", "1.0,pos", "2,neg"), ids)


def test_a_pandas_series_is_ordered_by_its_index(examples):
    series = pandas.Series(["pos", "neg", "pos"], index=[8, 1, 4])  # rows from 0
    found = answers_of(InMemory("svm", series), examples)
    assert found.decided.tolist() == [0, 1, 1]
    assert found.notes[-1].startswith("The predictions of svm were put in the order of the test examples by the index")
    in_order = answers_of(InMemory("svm", series.sort_index()), examples)
    assert in_order.decided.tolist() == [0, 1, 1]
    assert in_order.notes[-1].startswith("The predictions of svm were matched by the index, ")
    shares = pandas.Series([0.9, 0.1, 0.8], index=[2, 0, 1])
    assert answers_of(InMemory("svm", shares), examples).outputs.tolist() == [0.1, 0.8, 0.9]
    unknown = pandas.Series(["neg", "pos", "pos"], index=["a", "b", "c"])
    assert answers_of(InMemory("svm", unknown), examples).decided.tolist() == [0, 1, 1]
