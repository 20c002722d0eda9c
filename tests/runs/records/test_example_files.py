"""parts.csv and test_predictions.csv: what stands in them, and that it is read again."""

import csv
from dataclasses import replace

import numpy as np
import pytest

from unspool.errors import UserError
from unspool.evaluation.result import Predictions
from unspool.runs.reading.preparation import ExampleRows
from unspool.runs.recipes.file import write_recipe
from unspool.runs.recipes.recipe import FileSettings
from unspool.runs.records.example_files import read_positions, read_rows_of_test, write_example_files
from unspool.tasks import Binary, Reconstruction, Regression, Tagging

BINARY = Binary(("=neg", "pos"))


@pytest.fixture(autouse=True)
def recipe(tmp_path, small_recipe):
    """Of a file, whose series no column names."""
    write_recipe(replace(small_recipe, data=FileSettings(path="a.csv", kind="text")), tmp_path / "recipe.toml")


def _rows(columns=None, tested=(1, 3)):
    parts = np.array([0, 2, 1, 2], dtype=np.int8)
    return ExampleRows(columns or {"row": np.array([1, 2, 4, 9])}, parts, np.array(tested))


def _read(path):
    with path.open(newline="") as file:
        return list(csv.reader(file))


def _predictions(targets=(1, 0), outputs=(0.25, 0.75)):
    return Predictions(np.array(targets), np.array(outputs))


def test_each_example_has_its_part_and_each_of_the_test_its_answer(tmp_path):
    write_example_files(_rows(), BINARY, _predictions(), 0.5, tmp_path)
    assert _read(tmp_path / "parts.csv") == [
        ["row", "part"],
        ["1", "training"],
        ["2", "test"],
        ["4", "validation"],
        ["9", "test"],
    ]
    assert _read(tmp_path / "test_predictions.csv") == [
        ["row", "label", "prediction", "probability"],
        ["2", "pos", "'=neg", "0.75"],
        ["9", "'=neg", "pos", "0.75"],
    ]


def test_without_a_file_the_test_examples_are_numbered(tmp_path):
    write_example_files(None, BINARY, _predictions(), 0.5, tmp_path)
    assert _read(tmp_path / "test_predictions.csv") == [
        ["row", "label", "prediction", "probability"],
        ["1", "pos", "'=neg", "0.75"],
        ["2", "'=neg", "pos", "0.75"],
    ]
    assert not (tmp_path / "parts.csv").exists()


def test_the_answers_are_in_the_order_of_the_predictions_and_follow_the_threshold(tmp_path):
    write_example_files(_rows(tested=(3, 1)), BINARY, _predictions(), 0.2, tmp_path)
    assert [row[0] for row in _read(tmp_path / "test_predictions.csv")] == ["row", "9", "2"]
    assert [row[2] for row in _read(tmp_path / "test_predictions.csv")[1:]] == ["pos", "pos"]
    assert read_rows_of_test(tmp_path, BINARY, 2) == {"row": ["9", "2"]}


def test_more_than_one_batch_is_written(tmp_path):
    count = 2500
    rows = ExampleRows({"row": np.arange(1, count + 1)}, np.full(count, 2, np.int8), np.arange(count))
    numbers = np.arange(count) / 4
    write_example_files(rows, Regression(), Predictions(numbers, numbers + 1), None, tmp_path)
    written = _read(tmp_path / "test_predictions.csv")
    assert written[0] == ["row", "label", "prediction"]
    assert written[2100] == ["2100", "524.75", "525.75"]
    assert len(written) == len(_read(tmp_path / "parts.csv")) == count + 1
    assert read_positions(tmp_path, "test").tolist() == list(range(count))


def test_tags_stand_in_one_cell(tmp_path):
    outputs = np.array([[[0.25, 0.75], [1.0, 0.0]], [[0.5, 0.5], [0.0, 0.0]]])
    predictions = Predictions(np.array([[0, 1], [0, -1]]), outputs)
    write_example_files(_rows({"text": [1, 2, 3, 4]}), Tagging(("noun", "verb")), predictions, None, tmp_path)
    assert _read(tmp_path / "test_predictions.csv")[1:] == [
        ["2", "noun verb", "verb noun", "0.75 1.0"],
        ["4", "noun", "noun", "0.5"],
    ]


def test_what_no_table_can_say_of_an_answer_has_parts_alone(tmp_path):
    write_example_files(_rows(), Reconstruction(), _predictions(), None, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["parts.csv", "recipe.toml"]


def test_positions_count_from_0(tmp_path):
    write_example_files(_rows(), BINARY, _predictions(), 0.5, tmp_path)
    assert read_positions(tmp_path, "test").tolist() == [1, 8]
    assert read_positions(tmp_path, "training").tolist() == [0]
    with pytest.raises(UserError, match=r"There is no part 'tests'\. The parts are training, validation, test\."):
        read_positions(tmp_path, "tests")


def test_of_two_files_positions_are_those_within_each(tmp_path):
    columns = {"file": ["a.csv", "a.csv", "a.csv", "test.csv"], "row": [1, 2, 4, 1]}
    rows = ExampleRows(columns, np.array([0, 0, 1, 2], dtype=np.int8), np.array([3]))
    write_example_files(rows, BINARY, _predictions([1], [0.5]), 0.5, tmp_path)
    assert read_positions(tmp_path, "test").tolist() == [0]
    assert read_positions(tmp_path, "training").tolist() == [0, 1]


def test_positions_in_several_files_are_refused(tmp_path):
    columns = {"file": ["a.csv", "a.csv", "b.csv", "a.csv"], "row": [1, 2, 1, 4]}
    rows = ExampleRows(columns, np.array([0, 1, 1, 2], dtype=np.int8), np.array([3]))
    write_example_files(rows, BINARY, _predictions([1], [0.5]), 0.5, tmp_path)
    assert read_positions(tmp_path, "test").tolist() == [3]
    with pytest.raises(
        UserError, match=r"parts\.csv: the validation examples come from several files\. Read that file"
    ):
        read_positions(tmp_path, "validation")


@pytest.mark.parametrize("columns", [{"file": list("abcd")}, {"patient": ["p1", "p2", "p3", "p4"]}])
def test_examples_without_numbers_have_no_positions(columns, tmp_path):
    write_example_files(_rows(columns), BINARY, _predictions(), 0.5, tmp_path)
    with pytest.raises(UserError, match=rf"parts\.csv identifies examples by column {next(iter(columns))}, not by"):
        read_positions(tmp_path, "test")


def test_numbers_that_are_names_of_series_are_no_positions(tmp_path, small_recipe):
    write_example_files(_rows({"series": [5, 6, 7, 8]}), BINARY, _predictions(), 0.5, tmp_path)
    assert read_positions(tmp_path, "test").tolist() == [5, 7]
    of_series = FileSettings(path="a.csv", kind="series", series="series")
    write_recipe(replace(small_recipe, data=of_series), tmp_path / "recipe.toml")
    with pytest.raises(UserError, match="identifies examples by column series, not by number"):
        read_positions(tmp_path, "test")


def test_a_folder_without_them_says_what_to_do(tmp_path):
    assert read_rows_of_test(tmp_path, BINARY, 2) == {}
    with pytest.raises(
        UserError, match=r"has no parts\.csv: it was made by an earlier version .* unspool run .*recipe"
    ):
        read_positions(tmp_path, "test")


def test_a_file_with_other_rows_than_the_run_is_damaged(tmp_path):
    write_example_files(_rows(), BINARY, _predictions(), 0.5, tmp_path)
    with pytest.raises(UserError, match=r"test_predictions\.csv is damaged: it does not have a row for each of the 3"):
        read_rows_of_test(tmp_path, BINARY, 3)
    with pytest.raises(UserError, match="is damaged"):
        read_rows_of_test(tmp_path, BINARY, 1)
    (tmp_path / "test_predictions.csv").write_text("label,prediction,probability\npos,pos,1\n")
    with pytest.raises(UserError, match="is damaged"):
        read_rows_of_test(tmp_path, BINARY, 1)
