from collections import Counter
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pyarrow
import pyarrow.parquet
import pytest

from unspool.data.series.clock import Clock
from unspool.data.series.labelled import LabelledSeries
from unspool.data.series.long_columns import SeriesColumns, find_series_columns
from unspool.data.series.long_form import _Reading, read_long_form
from unspool.data.tables.problems import OnError, Reason
from unspool.data.tables.table import Table, read_table
from unspool.errors import UserError

GOOD = "id,t,a,b,label\ns1,2,1.5,-1,up\ns1,1,0.5,-2,up\ns2,1,7,8,down\ns1,3,2.5,0,up\n"
COLUMNS = SeriesColumns("id", "label", ("a", "b"), time="t")


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., LabelledSeries]:
    def read(
        text: str, columns: SeriesColumns = COLUMNS, on_error: OnError = "stop", interval: str | None = None
    ) -> LabelledSeries:
        path = tmp_path / "a.csv"
        path.write_text(text)
        return read_long_form(read_table(path, on_error), columns, interval)

    return read


def test_rows_are_put_together_in_the_order_of_time(read: Callable[..., LabelledSeries]) -> None:
    found = read(GOOD)
    assert found.names == ["s1", "s2"]
    assert found.labels == ["up", "down"]
    assert found.lengths.tolist() == [3, 1]
    assert found.values.tolist() == [[0.5, -2], [1.5, -1], [2.5, 0], [7, 8]]
    assert found.values.dtype == np.float32
    assert found.groups is found.parts is None


@pytest.mark.parametrize("count", [2, 1500])  # rows of one chunk, and of several
@pytest.mark.parametrize(("first", "then"), [("2025", "2025-01-15"), ("2025-01-15", "2025")])
def test_dates_among_numbers_are_refused(
    read: Callable[..., LabelledSeries], first: str, then: str, count: int
) -> None:
    """2025 was a time shortly after 1970, so that steps were in another order, or the newest series were not."""
    rows = "".join(f"s{number},{first},0,0,up\n" for number in range(count))
    for on_error in ("stop", "skip"):
        with pytest.raises(
            UserError, match=rf"Column t holds both dates and numbers, such as '{first}' and '{then}'\."
        ):
            read(f"id,t,a,b,label\n{rows}other,{then},0,0,up\n", on_error=on_error)


def test_without_a_time_rows_keep_the_order_of_the_file(read: Callable[..., LabelledSeries]) -> None:
    found = read(GOOD, SeriesColumns("id", "label", ("a",)))
    assert found.values.ravel().tolist() == [1.5, 0.5, 2.5, 7]


def test_groups_and_splits_belong_to_the_series(read: Callable[..., LabelledSeries]) -> None:
    text = "id,a,label,by,split\n1,0,x,ann,train\n1,1,x,ann,train\n2,2,y,bob,test\n3,2,y,ann,dev\n"
    found = read(text, SeriesColumns("id", "label", ("a",), group="by", split="split"))
    assert found.groups is not None
    assert found.groups[0] == found.groups[2] != found.groups[1]
    assert found.parts is not None
    assert found.parts.tolist() == [0, 2, 1]


def test_a_series_without_a_group_is_no_member_of_a_group_of_its_like(read: Callable[..., LabelledSeries]) -> None:
    text = "id,a,label,by\n1,0,x,ann\n2,2,y, \n3,2,y,\n"
    columns = SeriesColumns("id", "label", ("a",), group="by")
    with pytest.raises(UserError, match=r"row 2 \(line 3\), column by: the value is missing"):
        read(text, columns)
    found = read(text, columns, on_error="skip")
    assert (found.names, found.left_out) == (["1"], Counter([Reason.NO_VALUE] * 2))


def test_parquet_keeps_numbers_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"id": [1, 1, 2], "a": [0.5, 1.5, 2], "y": [1, 1, 0]}), path)
    found = read_long_form(read_table(path), find_series_columns(read_table(path)))
    assert (found.names, found.labels, found.values.ravel().tolist()) == (["1", "2"], ["1", "0"], [0.5, 1.5, 2])


def test_a_series_is_as_new_as_its_latest_row(read: Callable[..., LabelledSeries]) -> None:
    by_time = read(GOOD, SeriesColumns("id", "label", ("a", "b"), time="t", newest="t"))
    assert by_time.times is not None
    assert by_time.times.tolist() == [3, 1]
    text = "id,t,a,label,day\n1,1,0,x,1970-01-02\n2,1,1,y,1970-01-03\n1,2,0,x,1970-01-01\n"
    by_day = read(text, SeriesColumns("id", "label", ("a",), time="t", newest="day"))
    assert by_day.times is not None
    assert by_day.times.tolist() == [86400, 2 * 86400]
    with pytest.raises(UserError, match=r"row 4 \(line 5\), column day: 'soon' is neither a number nor a date"):
        read(f"{text}2,2,1,y,soon\n", SeriesColumns("id", "label", ("a",), time="t", newest="day"))
    left = read(f"{text}2,2,1,y,soon\n", SeriesColumns("id", "label", ("a",), newest="day"), on_error="skip")
    assert (left.names, left.left_out) == (["1"], Counter([Reason.NOT_A_TIME]))


@pytest.mark.parametrize(
    ("row", "message", "reason"),
    [
        ("s1,4,0,inf,up", r"row 5 \(line 6\), column b: 'inf' is not a finite number", Reason.NOT_FINITE),
        ("s1,4,0,1e300,up", r"row 5 \(line 6\), column b: the number is too large for 32 bits", Reason.NOT_FINITE),
        ("s1,4,0,high,up", r"row 5 \(line 6\), column b: 'high' is not a finite number", Reason.NOT_FINITE),
        ("s1,soon,0,0,up", r"row 5 \(line 6\), column t: 'soon' is neither a number nor a date", Reason.NOT_A_TIME),
        ("s1,4,0,0,", r"row 5 \(line 6\), column label: the label is missing", Reason.NO_VALUE),
        (
            "s1,4,0,0,down",
            r"row 5 \(line 6\), column label: the value is another one than before in series s1. If each step",
            Reason.RAGGED,
        ),
        ("s1,1,0,0,up", r"row 5, column t: series s1 has two rows with this time.*such series out", Reason.SAME_TIME),
    ],
)
def test_a_bad_row_spoils_its_series_and_no_other(
    read: Callable[..., LabelledSeries], row: str, message: str, reason: Reason
) -> None:
    with pytest.raises(UserError, match=rf"a\.csv, {message}"):
        read(f"{GOOD}{row}\n")
    found = read(f"{GOOD}{row}\ns1,9,0,0,up\n", on_error="skip")
    assert found.names == ["s2"]
    assert found.values.tolist() == [[7, 8]]
    assert found.left_out == Counter([reason])
    assert found.notes == ("series left out: s1",)


@pytest.mark.parametrize("bad", ["", "s3,1,0,high,up\n"], ids=["together", "one by one"])
def test_a_channel_whose_changes_32_bits_hide_spoils_its_series(read: Callable[..., LabelledSeries], bad: str) -> None:
    times = "".join(f"s1,{t},0,{1_700_000_000 + t},up\ns2,{t},0,{t},down\n" for t in (3, 1, 2))
    text = f"id,t,a,b,label\n{times}"
    with pytest.raises(
        UserError,
        match=r"row 3, column b: series s1 has numbers too large and too close together for 32-bit precision\. "
        r"Subtract the same number from all of them, in all series, or name the other columns",
    ):
        read(text)
    found = read(text + bad, on_error="skip")
    assert (found.names, found.values[:, 1].tolist()) == (["s2"], [1, 2, 3])
    with pytest.raises(UserError, match=r"If this is the time of each step, name it \(--time\); if not, subtract"):
        read(text, replace(COLUMNS, time=None))
    assert found.left_out[Reason.ROUNDED] == 1


def test_a_number_that_is_missing_is_nan(read: Callable[..., LabelledSeries]) -> None:
    found = read(f"{GOOD}s1,4,nan,0,up\ns1,5,0,,up\n")
    assert found.lengths.tolist() == [5, 1]
    assert np.argwhere(np.isnan(found.values)).tolist() == [[3, 0], [4, 1]]


def test_a_series_without_any_number_is_refused(read: Callable[..., LabelledSeries]) -> None:
    with pytest.raises(UserError, match=r"row 5.*: series s3 has no number"):
        read(f"{GOOD}s3,1,nan,,up\n")
    found = read(f"{GOOD}s3,1,nan,,up\n", on_error="skip")
    assert (found.names, found.left_out) == (["s1", "s2"], Counter([Reason.NO_VALUE]))


def test_a_row_without_a_series_or_with_too_few_cells_is_left_out_alone(read: Callable[..., LabelledSeries]) -> None:
    with pytest.raises(
        UserError, match=r"column id: the row belongs to no series.*copy the name into the rows below.*such rows out"
    ):
        read(f"{GOOD},1,0,0,up\n")
    found = read(f"{GOOD},1,0,0,up\ns2,2\n", on_error="skip")
    assert found.lengths.tolist() == [3, 1]
    assert found.left_out == Counter([Reason.NO_VALUE, Reason.CELLS])


def test_a_first_row_that_is_bad_spoils_the_series_too(read: Callable[..., LabelledSeries]) -> None:
    found = read("id,t,a,b,label\ns1,1,x,0,\ns1,2,1,0,up\ns2,1,2,0,up\n", on_error="skip")
    assert found.names == ["s2"]


def test_where_no_series_can_be_used_that_is_told(read: Callable[..., LabelledSeries]) -> None:
    with pytest.raises(
        UserError, match=r"a\.csv: no series can be used\. The first problem: row 1 \(line 2\), column a: "
    ):
        read("id,t,a,b,label\ns1,1,x,0,up\n", on_error="skip")


DATED = (
    "id,t,a,label\n1,2026-01-01T00:00:00,0,x\n1,2026-01-01T00:00:10,1,x\n1,2026-01-01T00:01:00,6,x\n2,2026-01-01,5,y\n"
)


def test_the_clock_is_known_and_series_are_resampled(read: Callable[..., LabelledSeries]) -> None:
    columns = SeriesColumns("id", "label", ("a",), time="t")
    found = read(DATED, columns)
    assert found.clock is not None
    assert (found.clock.least, found.clock.most, found.clock.dates) == (10, 50, True)
    even = read(DATED, columns, interval="20s")
    assert even.lengths.tolist() == [4, 1]
    np.testing.assert_allclose(even.values[:, 0], [0, 2, 4, 6, 5])
    assert even.clock == found.clock


def test_times_may_be_the_digits_of_dates(read: Callable[..., LabelledSeries]) -> None:
    times = (20_240_131_235_930, 20_240_201_000_000, 20_240_131_235_900)
    text = "id,t,a,b,label\n" + "".join(f"s1,{time},{row},0,up\n" for row, time in enumerate(times))
    found = read(text)
    assert found.clock == Clock(30.0, 30.0, 30.0, dates=True)
    assert found.values[:, 0].tolist() == [2, 0, 1]
    assert read(text, interval="15s").values[:, 0].tolist() == [2, 1, 0, 0.5, 1]


@pytest.mark.parametrize(
    ("text", "time", "interval", "message"),
    [
        (DATED, None, "10s", "--resample 10s needs a column that says when each step was"),
        (DATED, "t", "0s", "that is no interval between steps"),
        ("id,t,a,label\n1,0,0,x\n1,1,0,x\n", "t", "10s", "the times in column t are numbers without a unit"),
        (DATED, "t", "1e-9ms", "--resample 1e-9ms would make .* steps of 1 channels"),
    ],
)
def test_an_interval_that_cannot_be_is_refused(
    read: Callable[..., LabelledSeries], text: str, time: str | None, interval: str, message: str
) -> None:
    with pytest.raises(UserError, match=message):
        read(text, SeriesColumns("id", "label", ("a",), time=time), interval=interval)


TABLES = {
    "plain": GOOD,
    "in order, with gaps": "id,t,a,b,label\ns1,1,1,,up\ns1,2,NaN,2,up\ns2,1, 7 ,1e3,down\n",
    "interleaved": "id,t,a,b,label\ns1,1,1,2,up\n s2,1,7,8,down\ns1 ,2,3,4, up\ns2,2,5,6,down\n",
    "dates": "id,t,a,b,label\ns1,2026-01-02,1,2,up\ns1,2026-01-01,1,2,up\ns2,2026-01-01,7,8,down\n",
    "dates with a zone": "id,t,a,b,label\ns1,2026-01-01T00:00Z,1,2,up\ns2,2026-01-01T01:00Z,7,8,down\n",
    "a bad number": "id,t,a,b,label\ns1,1,1,x,up\ns2,1,7,8,down\n",
    "too large a number": "id,t,a,b,label\ns1,1,1,1e39,up\ns2,1,7,8,down\n",
    "infinity": "id,t,a,b,label\ns1,1,1,inf,up\ns2,1,7,8,down\n",
    "a bad time": "id,t,a,b,label\ns1,soon,1,2,up\ns2,1,7,8,down\n",
    "no time": "id,t,a,b,label\ns1,,1,2,up\ns2,1,7,8,down\n",
    "infinite time": "id,t,a,b,label\ns1,inf,1,2,up\ns2,1,7,8,down\n",
    "no series": "id,t,a,b,label\n,1,1,2,up\ns2,1,7,8,down\n",
    "no label": "id,t,a,b,label\ns1,1,1,2,\ns2,1,7,8,down\n",
    "another label": "id,t,a,b,label\ns1,1,1,2,up\ns1,2,1,2,down\ns2,1,7,8,down\n",
    "another label under another writing": "id,t,a,b,label\ns1,1,1,2,up\n s1,2,1,2,down\ns2,1,7,8,down\n",
}


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("timed", [True, False])
@pytest.mark.parametrize("chunk", [1, 2, 1000])
def test_rows_taken_together_give_what_they_give_one_by_one(read, monkeypatch, name, timed, chunk):
    monkeypatch.setattr(Table.chunks, "__defaults__", (chunk,))
    columns = COLUMNS if timed else replace(COLUMNS, time=None)
    together, taken = _Reading.add_together, []
    monkeypatch.setattr(_Reading, "add_together", lambda self, rows: taken.append(together(self, rows)) or taken[-1])
    found = read(TABLES[name], columns, "skip")
    monkeypatch.setattr(_Reading, "add_together", lambda self, rows: False)
    expected = read(TABLES[name], columns, "skip")
    for one in fields(found):
        np.testing.assert_equal(getattr(found, one.name), getattr(expected, one.name), one.name)
    if "plain" in name or "interleaved" in name:
        assert all(taken), "else this compares nothing"


def test_whole_numbers_of_parquet_are_taken_together(tmp_path, monkeypatch):
    path = tmp_path / "a.parquet"
    ids, times = [1, 1, 2, 2], [1, 2, 1, 2]
    table = {"id": ids, "t": times, "a": [0.5, None, 2.5, 3.5], "b": [1, 2, 3, 4], "label": [0, 0, 1, 1]}
    pyarrow.parquet.write_table(pyarrow.table(table), path)
    monkeypatch.setattr(_Reading, "add_row", None)
    found = read_long_form(read_table(path), COLUMNS)
    assert (found.names, found.labels) == (["1", "2"], ["0", "1"])
    np.testing.assert_array_equal(found.values, np.array([[0.5, 1], [np.nan, 2], [2.5, 3], [3.5, 4]], np.float32))


def test_channels_with_a_decimal_comma_are_read_where_semicolons_separate_the_cells(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id;x;heat;label\n1;0;1,5;a\n1;1;1.002,25;a\n2;2;;b\n2;3;4;b\n")
    table = read_table(path)
    columns = find_series_columns(table)
    assert columns.channels == ("x", "heat")
    values = read_long_form(table, columns).values
    np.testing.assert_array_equal(values, [[0, 1.5], [1, 1002.25], [2, np.nan], [3, 4]])


def test_times_with_the_day_first_order_the_steps_and_tell_the_newest(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,day,x,label\n1,13.02.2026,1,a\n1,02.02.2026,0,a\n2,01.03.2026,2,b\n")
    columns = find_series_columns(table := read_table(path), time="day", newest="day")
    assert columns.time == "day"
    found = read_long_form(table, columns)
    assert found.values.ravel().tolist() == [0, 1, 2]
    days = [(time - found.times[0]) / 86400 for time in found.times]  # type: ignore[index,union-attr]
    assert days == [0, 16]


def test_rows_behind_the_last_number_are_no_steps(read: Callable[..., LabelledSeries]) -> None:
    text = "id,t,a,b,label\ns1,4,,nan,up\ns2,1,7,,down\ns1,1,,,up\ns1,2,,1,up\ns2,2,,,down\ns1,3,,,up\n"
    found = read(text)
    assert found.names == ["s1", "s2"]
    assert found.lengths.tolist() == [2, 1]
    np.testing.assert_array_equal(found.values, [[np.nan, np.nan], [np.nan, 1], [7, np.nan]])
    assert read(text, interval="1").lengths.tolist() == [2, 1]


def test_each_row_may_have_a_tag(read: Callable[..., LabelledSeries]) -> None:
    text = "id,t,a,label\ns1,2,1,up\ns2,1,7,down\ns1,1,0,flat\ns1,3,,up\n"
    found = read(text, SeriesColumns("id", "label", ("a",), "t", tags=True))
    assert found.labels == [("flat", "up"), ("down",)]
    assert found.values.ravel().tolist() == [0, 1, 7]


@pytest.mark.parametrize("together", [True, False])
def test_tags_follow_their_rows(
    read: Callable[..., LabelledSeries], monkeypatch: pytest.MonkeyPatch, together: bool
) -> None:
    if not together:
        monkeypatch.setattr(_Reading, "add_together", lambda self, chunk: False)
    rows = [f"s{row % 3},{10 - row // 3},{row},{'odd' if row % 2 else 'even'}" for row in range(30)]
    found = read("\n".join(["id,t,a,label", *rows]), SeriesColumns("id", "label", ("a",), "t", tags=True))
    tags = [tag for label in found.labels for tag in label]
    assert tags == ["odd" if value % 2 else "even" for value in found.values.ravel().tolist()]


def test_a_step_without_a_tag_is_named(read: Callable[..., LabelledSeries]) -> None:
    columns = SeriesColumns("id", "label", ("a",), tags=True)
    text = "id,a,label\ns1,0,x\ns1,1,\ns2,2,y\ns2,3,x\n"
    with pytest.raises(UserError, match=r"row 2 \(line 3\), column label: the label is missing\. Cut the series"):
        read(text, columns)
    assert read(text, columns, "skip").labels == [("y", "x")]
    with pytest.raises(
        UserError, match=r"no series can be used\. .* the label is missing\. Cut the series in two there"
    ):
        read(text.replace("x", ""), columns, "skip")


def test_tags_are_not_resampled(read: Callable[..., LabelledSeries]) -> None:
    with pytest.raises(UserError, match="the tags of steps cannot be resampled"):
        read("id,t,a,label\ns1,0,0,x\n", SeriesColumns("id", "label", ("a",), "t", tags=True), interval="1")
