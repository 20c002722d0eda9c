import json
from pathlib import Path

import pytest

from unspool.data.columns import Columns, find_columns
from unspool.data.tables.table import Table, read_table
from unspool.errors import UserError


@pytest.fixture
def table(tmp_path: Path):
    def make(**columns: list[object]) -> Table:
        path = tmp_path / "a.jsonl"
        rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return read_table(path)

    return make


LONG = ["a long text", "another long one"] * 30
SHORT = ["good", "bad"] * 30
NUMBERS = list(range(60))


def test_usual_names_are_taken_whatever_their_case_and_order(table) -> None:
    columns = find_columns(table(Sentiment=LONG, Review=SHORT, length=NUMBERS))
    assert columns == Columns("Review", "Sentiment")
    assert columns.why == ("the text is in column Review: by its name", "the label is in column Sentiment: by its name")


def test_the_longest_texts_and_the_only_other_column_are_taken(table) -> None:
    columns = find_columns(table(mood=SHORT, words=LONG, id=NUMBERS))
    assert columns == Columns("words", "mood")
    assert columns.why == (
        "the text is in column words: its texts are the longest",
        "the label is in column mood: there is no other column",
    )


def test_the_only_column_of_few_values_is_taken(table) -> None:
    columns = find_columns(table(words=LONG, price=NUMBERS, mood=SHORT, same=["x"] * 60))
    assert columns.label == "mood"
    assert columns.why[1] == "the label is in column mood: it alone has at most 20 different values"


def test_a_split_is_found_where_its_values_say_so(table) -> None:
    split = ["train", "test", "Dev"] * 20
    assert find_columns(table(text=LONG, label=SHORT, Split=split)).split == "Split"
    assert find_columns(table(text=LONG, label=SHORT, split=SHORT)).split is None
    assert find_columns(table(text=LONG, label=SHORT, other=split)).split is None
    assert find_columns(table(text=LONG, label=SHORT, other=split), split="other").split == "other"


def test_what_is_named_is_taken(table) -> None:
    columns = find_columns(
        table(text=LONG, label=SHORT, a=SHORT, b=LONG, c=NUMBERS), text="b", label="a", group="c", time="c", id="c"
    )
    assert columns == Columns("b", "a", group="c", time="c", id="c")
    assert columns.used == ("b", "a", "c")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"text": "revew"},
            r"a\.jsonl has no column 'revew' for the text\. Did you mean review\? Its columns are review,",
        ),
        ({"group": "author"}, r"has no column 'author' for the group\. Its columns are review, mood, place"),
        ({"text": "mood", "label": "mood"}, "column mood cannot be both the text and the label"),
        ({}, r"the label could be mood or place\. Name its column \(--label\): there are review, mood, place"),
        ({"text": "mood", "label": "place", "split": "mood"}, "column mood cannot be both the text and the split"),
    ],
)
def test_what_cannot_be_found_is_told(table, settings: dict[str, str], message: str) -> None:
    with pytest.raises(UserError, match=message):
        find_columns(table(review=LONG, mood=SHORT, place=["here", "there"] * 30), **settings)


def test_a_table_of_numbers_has_no_text(table) -> None:
    with pytest.raises(UserError, match=r"has no column with texts in it\. Its columns are a, b"):
        find_columns(table(a=NUMBERS, b=NUMBERS))


def test_a_table_without_other_columns_has_no_label(table) -> None:
    with pytest.raises(UserError, match="the label cannot be told"):
        find_columns(table(review=LONG, id=NUMBERS))
