"""Series as CSV, as a page reads and shows them."""

import numpy as np
import pytest

PROGRAM = """
const read = ({ values, length }) => [Array.from(values, (one) => (Number.isNaN(one) ? null : one)), length];
print(given.map(([text, names]) => {
  try { return read(parsedSeries(text, names)); } catch (error) { return error.message; }
}));
"""
READ = {
    "in order": ("x,y\n1,2\n3,4", [1, 2, 3, 4]),
    "without names": ("1,2\n3,4\n", [1, 2, 3, 4]),
    "in another order": ("y,x\n2,1\n4,3", [1, 2, 3, 4]),
    "among others": (",y,note,x\n0,2,a,1\n1,4,b,3", [1, 2, 3, 4]),
    "quoted, with other marks": ('"y";"x"\r\n2;1\r\n4;3\r\n', [1, 2, 3, 4]),
    "tabs, the first step half missing": ("\t2\n3\t4", [None, 2, 3, 4]),
    "tabs, among others": ("\tx\ty\n0\t1\t2", [1, 2]),
    "marks in a name": ('"a;b;c",x,y\n0,1,2', [1, 2]),
    "line breaks in a name": ('"a \n b";x;y\r\n0;1;2', [1, 2]),
    "below an empty line": ("\n\ny\tx\n2\t1", [1, 2]),
    "empty lines at the end": ("x,y\n1,2\n\n\n", [1, 2]),
    "an empty line between": ("x,y\n1,2\n\n3,4", [1, 2, None, None, 3, 4]),
    "an empty line below the names": ("x,y\n\n3,4", [None, None, 3, 4]),
    "empty cells": ("x,y\n,2\n,\n3,nan", [None, 2, None, None, 3, None]),
    "first step missing": ("nan,NA\n1,2", [None, None, 1, 2]),
    "last step missing": ("1,2\n,", [1, 2, None, None]),
    "spellings of numbers": ("+1.,-.5\n1e3,2E-1", [1, -0.5, 1000, 0.2]),
}
WRONG = {
    "a,y\n1,2": "The first line must name the channels; it lacks x.",
    "a,b\n1,2": "The first line must name the channels; it lacks x, y.",
    "0x10,0b11\n1,2": "Step 1 (0x10, 0b11): “0x10” is not a number.",
    "1,2\n1,2 m": "Step 2 (1, 2 m): “2 m” is not a number.",
    "1,2\n1,1e39": "Step 2 (1, 1e39): “1e39” is not a number.",
    "x,y\n1,2,3": "Step 1 (1, 2, 3) has 3 values; this model reads 2.",
    "x,y,z\n1,2": "Step 1 (1, 2) has 2 values; the first line names 3 columns.",
    "": "There are no steps yet.",
    "x,y\n\n": "There are no steps yet.",
    "x,y\n,\n,\n": "There are no numbers yet.",
    "nan,nan": "There are no numbers yet.",
}


def test_columns_are_read_by_name_and_gaps_are_kept(node):
    found = node(PROGRAM, [[text, ["x", "y"]] for text, _ in READ.values()])
    assert dict(zip(READ, found, strict=True)) == {
        case: [numbers, len(numbers) // 2] for case, (_, numbers) in READ.items()
    }


def test_line_breaks_in_names_are_spaces_as_in_training(node):
    assert node(PROGRAM, [['"x\r\n(kg)","y\t\n z"\r\n1,2\r\n', ["x (kg)", "y z"]]]) == [[[1, 2], 1]]


def test_what_is_no_series_is_refused_in_words(node):
    assert node(PROGRAM, [[text, ["x", "y"]] for text in WRONG]) == [*WRONG.values()]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("0,1\n5,6", [5, 6]),
        ("1,0\n5,6", [1, 0, 5, 6]),
        ("left,right\n5,6", [5, 6]),
        ("nan,nan\n5,6", [None, None, 5, 6]),
    ],
)
def test_numbered_channels_are_read_in_order(node, text, numbers):
    assert node(PROGRAM, [[text, ["0", "1"]]]) == [[numbers, len(numbers) // 2]]


def test_a_channel_with_gaps_keeps_its_length(node):
    text = "x\n1\n\n\n4\n5\n"
    assert node(PROGRAM, [[text, ["x"]]]) == [[[1, None, None, 4, 5], 5]]


def test_numbers_are_shown_as_they_are(node):
    values = np.float32([1e6 - 1, 1e6 + 1, 101325.3, -1e-7, 16777216, 0.1]).tolist()
    program = """
      const shown = csvOf({ values: Float32Array.from(given), length: given.length }, ["x, y"]);
      print([shown, [...parsedSeries(shown, ["x, y"]).values].map(Math.fround)]);
    """
    shown, read = node(program, values)
    assert shown.split("\n") == ['"x, y"', "999999", "1000001", "101325.3", "-1e-7", "16777216", "0.1"]
    assert read == values


TABLE = """
print(given.map(([text, table]) => {
  try { return Array.from(parsedSeries(text, ["x"], table).values); } catch (error) { return error.message; }
}));
"""
BY_TIME = {
    "in the order of time": ("id,at,x\na,2026-01-10,3\na,2026-01-09,2\na,2026-01-02,1\n", [1, 2, 3]),
    "by number": ("at,x\n10,3\n9,2\n-1,1\n", [1, 2, 3]),
    "an empty line is no step": ("at,x\n2,3\n\n1,2\n", [2, 3]),
    "without a column of times": ("id,x\na,3\na,2\n", [3, 2]),
    "without names": ("3\n2\n", [3, 2]),
    "several series": ("id,x\na,3\nb,2\n", "These are rows of 2 series (column id). Give the rows of one of them."),
    "no time": ("at,x\nsoon,3\n", "Step 1: “soon” in column at is neither a number nor a date such as 2026-01-31."),
    "a time twice": ("at,x\n2026-01-02,3\n2026-01-01,1\n2026-01-02,2\n", "Two rows have the time 2026-01-02."),
}


def test_rows_of_a_training_table_are_ordered_by_time_and_must_be_of_one_series(node):
    table = {"series": "id", "time": "at", "dates": None, "resampled": None}
    found = node(TABLE, [[text, table] for text, _ in BY_TIME.values()])
    assert dict(zip(BY_TIME, found, strict=True)) == {case: expected for case, (_, expected) in BY_TIME.items()}


def test_times_in_columns_of_their_own_order_rows_too(node):
    table = {"series": "id", "time": "year,month", "dates": None, "resampled": None}
    assert node(TABLE, [["year,month,x\n2026,2,3\n2026,1,2\n2025,12,1\n", table]]) == [[1, 2, 3]]


def test_series_may_be_told_apart_by_several_columns(node):
    table = {"series": "person,trial", "time": "t", "dates": None, "resampled": None}
    texts = ["person,trial,t,x\nada,1,2,3\nada,1,1,2\n", "person,trial,t,x\nada,1,2,3\nada,2,1,2\n"]
    refused = "These are rows of 2 series (columns person,trial). Give the rows of one of them."
    assert node(TABLE, [[text, table] for text in texts]) == [[2, 3], refused]


def test_dates_are_read_in_the_order_of_training(node):
    dates = "at,x\n1/2/2026,2\n2/1/2026,1\n"
    tables = [
        {"series": None, "time": "at", "dates": order, "resampled": None} for order in ("day-first", "month-first")
    ]
    assert node(TABLE, [[dates, table] for table in tables]) == [[1, 2], [2, 1]]


def test_tables_without_what_training_knew_keep_the_order_of_rows(node):
    numbered, text = {"series": "id", "time": None}, ",at,x\n2,2,3\n1,1,2\n"
    assert node(TABLE, [[text, None], [text, {}], [text, numbered]]) == [[3, 2]] * 3
