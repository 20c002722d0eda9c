import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from unspool.data.columns import Columns
from unspool.data.tables.problems import OnError, Reason
from unspool.data.tables.table import read_table
from unspool.data.texts.table_scan import TableScan, scan_table
from unspool.errors import UserError

COLUMNS = Columns("text", "label", group="by", time="when", id="id", split="split")
GOOD = {"text": "a film", "label": "good", "by": "ann", "when": "2026-01-01", "id": 0, "split": "train"}


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., TableScan]:
    def read(*rows: dict[str, object], columns: Columns = COLUMNS, on_error: OnError = "stop") -> TableScan:
        path = tmp_path / "a.jsonl"
        path.write_text("".join(json.dumps(GOOD | {"id": n} | row) + "\n" for n, row in enumerate(rows)))
        return scan_table(read_table(path, on_error), columns)

    return read


def test_a_few_numbers_are_kept_of_each_row(read: Callable[..., TableScan]) -> None:
    found = read({}, {"text": " a film ", "label": 1 and "bad", "by": "bob", "split": "test"}, {"text": "another"})
    assert found.labels == ["good", "bad", "good"]
    assert found.texts[0] == found.texts[1] != found.texts[2]
    assert found.groups is not None
    assert found.groups[0] == found.groups[2] != found.groups[1]
    assert found.times is not None
    assert found.times.tolist() == [1767225600.0] * 3
    assert found.parts is not None
    assert found.parts.tolist() == [0, 2, 0]
    assert found.places.rows.tolist() == [1, 2, 3]
    assert not found.left_out


def test_a_list_in_a_text_is_several_labels(read: Callable[..., TableScan]) -> None:
    """As CSV holds lists."""
    assert read({"label": '["a", "b"]'}, {"label": "[]"}, {"label": "['b']"}).labels == [("a", "b"), (), ("b",)]


def test_columns_that_nobody_named_are_not_kept(read: Callable[..., TableScan]) -> None:
    found = read({}, {"by": None, "when": "never", "id": 0}, columns=Columns("text", "label"))
    assert len(found) == 2
    assert found.groups is found.times is found.parts is None
    assert found.missing == {"text": 0, "label": 0, "by": 1, "when": 0, "id": 0, "split": 0}


@pytest.mark.parametrize(
    ("row", "message", "reason"),
    [
        ({"text": ""}, "row 2, column text: the text is empty", Reason.EMPTY_TEXT),
        ({"text": None}, "row 2, column text: the text is missing", Reason.NO_VALUE),
        ({"text": 7}, "row 2, column text: there is a number where a text should be", Reason.TYPE),
        ({"label": " "}, "row 2, column label: the label is missing", Reason.NO_VALUE),
        ({"label": 1}, "row 2, column label: the label is a number here and text before", Reason.TYPE),
        ({"label": ["a"]}, "row 2, column label: the label is a list here and text before", Reason.TYPE),
        ({"label": float("nan")}, "row 2, column label: the label is nan", Reason.NOT_FINITE),
        ({"label": float("inf")}, "row 2, column label: the label is inf", Reason.NOT_FINITE),
        ({"by": ""}, "row 2, column by: the value is missing", Reason.NO_VALUE),
        ({"when": "soon"}, "row 2, column when: 'soon' is neither a number nor a date", Reason.NOT_A_TIME),
        ({"when": "01/02/26"}, "row 2, column when: '01/02/26' could start or end with the year", Reason.NOT_A_TIME),
        ({"split": "dew"}, "row 2, column split: 'dew' is neither train nor validation nor test", Reason.UNKNOWN_SPLIT),
        ({"id": 0}, "row 2, column id: row 1 has the same id", Reason.DUPLICATE_ID),
    ],
)
def test_a_bad_row_is_told_or_counted(
    read: Callable[..., TableScan], row: dict[str, object], message: str, reason: Reason
) -> None:
    with pytest.raises(UserError, match=rf"a\.jsonl, {message}"):
        read({}, row, {})
    found = read({}, row, {}, on_error="skip")
    assert found.places.rows.tolist() == [1, 3]
    assert len(found.texts) == len(found.labels) == 2
    assert found.left_out == Counter([reason])


def test_a_row_that_cannot_be_read_is_counted_too(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text,label\na,good\nb\n,bad\nc,bad\n")
    found = scan_table(read_table(path, "skip"), Columns("text", "label"))
    assert found.left_out == Counter([Reason.CELLS, Reason.EMPTY_TEXT])
    assert [str(found.places.at(position)) for position in (0, 1)] == ["row 1 (line 2)", "row 4 (line 5)"]
    assert found.missing == {"text": 1, "label": 0}


def test_where_no_row_can_be_used_that_is_told(read: Callable[..., TableScan]) -> None:
    with pytest.raises(UserError, match=r"a\.jsonl: no row can be used \(2 with no text\)"):
        read({"text": ""}, {"text": ""}, on_error="skip")


@pytest.mark.parametrize("times", [("2025-01-15", "2025"), ("2025", "2025-01-15"), ("2025-01-15", 20250116)])
def test_dates_among_numbers_are_refused(read: Callable[..., TableScan], times: tuple[object, ...]) -> None:
    """A bare year was a time shortly after 1970, so that the newest texts were trained on."""
    with pytest.raises(UserError, match=r"Column when holds both dates and numbers, such as "):
        read(*({"when": time} for time in times))
