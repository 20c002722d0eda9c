"""Several columns that are read as one text: joined in order, empty cells among them, and what is refused."""

import json
from pathlib import Path

import pytest

from unspool.data.columns import find_columns
from unspool.data.inspection_in_words import describe
from unspool.data.tables.table import read_table
from unspool.data.texts.examples import read_examples
from unspool.data.texts.inspection import inspect_texts
from unspool.data.texts.text_columns import text_columns, texts_of_cells
from unspool.errors import UserError
from unspool.tasks import find_task


def table_of(path: Path, rows: list[dict[str, object]], on_error: str = "stop"):  # type: ignore[no-untyped-def]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return read_table(path, on_error)  # type: ignore[arg-type]


ROWS: list[dict[str, object]] = [
    {"title": f"Title {n}", "body": f" body {n} ", "label": ["bad", "good"][n % 2], "stars": n % 5} for n in range(40)
]


def test_a_column_whose_name_has_a_comma_is_one() -> None:
    assert text_columns("a,b", ["a", "b"]) == ("a", "b")
    assert text_columns("a,b", ["a", "b", "a,b"]) == ("a,b",)
    assert texts_of_cells({"a": ["x"], "b": ["y"]}, "b, a") == ["y | x"]


def test_texts_are_joined_in_the_order_that_was_named(tmp_path: Path) -> None:
    table = table_of(tmp_path / "a.jsonl", ROWS)
    columns = find_columns(table, text="title,body", label="label")
    assert columns.used == ("title", "body", "label")
    assert columns.why[0] == "the text is in columns title, body, joined in this order: it was named"
    assert columns.why[-2:] == ("ignored column: stars", "to read columns beside the text: --numeric stars")
    examples = read_examples(table, columns, find_labels=find_task)
    texts = [text for batch in examples.stream() for text in batch.texts]
    assert texts[:2] == ["Title 0 | body 0", "Title 1 | body 1"]
    other = read_examples(table, find_columns(table, text="body,title", label="label"), find_labels=find_task)
    assert next(other.stream()).texts[0] == "body 0 | Title 0"
    assert other.scans[0].texts[0] != examples.scans[0].texts[0]


def test_an_empty_cell_leaves_its_place_empty_and_a_row_without_any_is_left_out(tmp_path: Path) -> None:
    rows = [*ROWS, {"title": "", "body": "alone", "label": "bad"}, {"title": None, "body": " ", "label": "bad"}]
    table = table_of(tmp_path / "a.jsonl", rows)
    with pytest.raises(UserError, match=r"row 42, column title,body: the text is missing"):
        read_examples(table, find_columns(table, text="title,body", label="label"), find_labels=find_task)
    table = table_of(tmp_path / "a.jsonl", rows, "skip")
    examples = read_examples(table, find_columns(table, text="title,body", label="label"), find_labels=find_task)
    assert [text for batch in examples.stream() for text in batch.texts][-1] == " | alone"
    told = describe(inspect_texts(examples))
    assert "2 empty cells in column title: read as empty, unless all columns of the text are" in told


@pytest.mark.parametrize(
    ("text", "label", "message"),
    [
        ("title,boddy", "label", "has no column 'boddy' for the text. Did you mean body"),
        ("title,title", "label", "column title is named twice for the text"),
        ("title,label", "label", "column label cannot be both the text and the label"),
    ],
)
def test_what_cannot_be_joined_is_refused(text: str, label: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=message):
        find_columns(table_of(tmp_path / "a.jsonl", ROWS), text=text, label=label)


def test_a_number_among_the_texts_is_told(tmp_path: Path) -> None:
    table = table_of(tmp_path / "a.jsonl", ROWS)
    with pytest.raises(UserError, match="there is a number where a text should be"):
        read_examples(table, find_columns(table, text="title,stars", label="label"), find_labels=find_task)
