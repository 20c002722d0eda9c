"""Pages of models that forecast: tables are read as in training, and a browser shows what comes next."""

import csv
import json
from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import pytest

from unspool.candidates import RawModel
from unspool.candidates.forecasts import Forecaster, item_of
from unspool.candidates.forecasts.blend import Blend
from unspool.candidates.forecasts.local import LocalCandidate
from unspool.candidates.forecasts.ridge import RidgeCandidate
from unspool.candidates.forecasts.spread import Spread
from unspool.data.cell_values import time_of
from unspool.data.forecasting import TimeStep, find_forecast_columns, read_panel
from unspool.data.tables import read_table
from unspool.data.tables.named_months import MONTHS as MONTH_NAMES
from unspool.data.tables.problems import Flaw
from unspool.errors import UserError
from unspool.export import export_page
from unspool.export.forecasts import history_reader_node
from unspool.readers import ForecastReader, RawExamples
from unspool.runs.checking.golden_labels import GoldenLabels
from unspool.tasks import Forecasting

unspool_runtime = pytest.importorskip("unspool_runtime")

HORIZON = 3
HOSTILE = "</script><script>alert(1)</script>"
MONTHS = [date(2023 + month // 12, month % 12 + 1, 1) for month in range(16)]
WEEKDAYS = [day for day in (date(2026, 1, 1) + timedelta(days=number) for number in range(22)) if day.weekday() < 5]
HOURS = [datetime(2026, 3, 1, 20) + timedelta(hours=number) for number in range(16)]
TIMES = {
    "rows": None,
    "numbers": [7.5 + 0.5 * number for number in range(16)],
    "days": [date(2024, 2, 20) + timedelta(days=number) for number in range(16)],
    "days of earlier models": [date(2024, 2, 20) + timedelta(days=number) for number in range(16)],
    "weekdays": WEEKDAYS[:16],
    "weekdays before 1970": [one - timedelta(weeks=3235) for one in WEEKDAYS[:16]],
    "weeks": [f"{date(2025, 12, 1) + timedelta(weeks=number):%d %b %Y}" for number in range(16)],
    "hours": HOURS,
    "hours of a zone": [f"{one.isoformat()}+02:00" for one in HOURS],
    "days of a zone": [
        f"{date(2024, 3, 20) + timedelta(days=n)} 00:00:00{'+01:00' if n < 9 else '+02:00'}" for n in range(16)
    ],
    "evenings of a zone": [
        f"{date(2025, 3, 3) + timedelta(n)}T20:00:00{'-05:00' if n < 6 else '-04:00'}" for n in range(16)
    ],
    "shifts of a zone": [
        f"{datetime(2025, 3, 6) + timedelta(hours=8 * n):%Y-%m-%dT%H:%M}{'-05:00' if n < 10 else '-04:00'}"
        for n in range(16)
    ],
    "opening hours": [datetime(2026, 3, 5 + n // 4, 9 + n % 4) for n in range(16)],
    "opening hours of a zone": [
        f"{datetime(2026, 3, 27 + n // 4, 9 + n % 4).isoformat()}{'+01:00' if n < 8 else '+02:00'}" for n in range(16)
    ],
    "opening hours before 1970": [datetime(1969, 12, 30, 9) + timedelta(days=n // 4, hours=n % 4) for n in range(16)],
    "months of a spreadsheet": [f"{one:%b-%y}" for one in MONTHS],
    "days with years of two digits": [f"{date(2024, 2, 20) + timedelta(days=number):%d.%m.%y}" for number in range(16)],
    "months first, with years of two digits": [f"{date(2024, 2, 20) + timedelta(n):%m/%d/%y}" for n in range(16)],
    "days in e-mail": [f"{date(2024, 3, 1 + n):%a, %d %b %Y} 00:30:00 GMT" for n in range(16)],
    "months": [f"{one:%Y-%m}" for one in MONTHS],
    "months before 1970": [f"{one.replace(year=one.year - 60)}T18:30" for one in MONTHS],
    "months in words": [f"{one:%b %Y}" for one in MONTHS],
    "years before months": [f"{one:%Y-%B}" for one in MONTHS],
    "months after M": [f"{one:%YM%m}" for one in MONTHS],
    "months after spaces": [f"{one.year} {one.month}" for one in MONTHS],
    "month ends": [one - timedelta(days=1) for one in MONTHS],
    "months by the 30th": [one + timedelta(days=27 if one.month == 2 else 29) for one in MONTHS],
    "months by days that differ": {
        "a, the first": [one + timedelta(days=14) for one in MONTHS],
        "b": [one + timedelta(days=27 if one.month == 2 else 29) for one in MONTHS],
    },
    "quarters": [f"{2020 + quarter // 4}Q{quarter % 4 + 1}" for quarter in range(16)],
    "days with dots": [f"{date(2024, 2, 20) + timedelta(days=n):%d.%m.%Y}" for n in range(16)],
    "days after months": [
        f"{one.month}/{one.day}/{one.year}" for one in (date(2024, 2, 20) + timedelta(n) for n in range(16))
    ],
    "hours after noon": [f"{one:%d/%m/%Y %I:%M %p}" for one in (one + timedelta(days=20) for one in HOURS)],
    "first days of months": [f"{one:%d/%m/%Y}" for one in MONTHS],
    "months before years": [f"{one:%m/%Y}" for one in MONTHS],
    "quarters before years": [f"Q{quarter % 4 + 1} {2020 + quarter // 4}" for quarter in range(16)],
    "numbered weeks": [
        f"{(date(2025, 12, 1) + timedelta(weeks=n)).isocalendar().year}W"
        f"{(date(2025, 12, 1) + timedelta(weeks=n)).isocalendar().week:02}"
        for n in range(16)
    ],
    "years": [f"{1980 + number}/1/1" for number in range(16)],
    "days as digits": [f"{date(2024, 2, 20) + timedelta(days=n):%Y%m%d}" for n in range(16)],
    "months as digits": [f"{one:%Y%m}" for one in MONTHS],
    "hours as digits": [f"{one:%Y%m%d%H%M}" for one in HOURS],
    "seconds as digits": [f"2026013123{5940 + n}" for n in range(16)],
}


def table(path, times, mark=","):
    """Two series (times of their own in a dict); some steps and numbers are missing, and rows are in no order."""
    draw = np.random.default_rng(0)
    names = ["shop", *(["when"] if times else []), "seen", "known", "sold"]
    rows = [names]
    for shop in ("a, the first", "b"):
        of_shop = times[shop] if isinstance(times, dict) else times
        for number in range(16):
            numbers = [round(float(one), 3) for one in draw.normal(20, 3, 3)]
            if number > 12:
                numbers[0] = numbers[2] = ""
            if number in (0, 4):  # a target begins later, and one is missing within
                numbers[2] = ""
            if number != 6 or not times:
                rows.append([shop, *([of_shop[number]] if times else []), *numbers])
            if number == 9:
                rows[-1][-3] = "nan"
    if times:
        rows[1:] = [rows[1 + place] for place in draw.permutation(len(rows) - 1)]
    with path.open("w", newline="") as file:
        csv.writer(file, delimiter=mark).writerows(rows)


@pytest.mark.parametrize("kind", TIMES)
def test_tables_are_read_as_in_training(node, tmp_path, kind):
    path = tmp_path / "t.csv"
    table(path, TIMES[kind], ";" if kind == "days" else ",")
    read = read_table(path)
    resample = "1h" if kind == "hours of a zone" else None
    columns = find_forecast_columns(
        read, target="sold", time="when" if TIMES[kind] else None, series="shop", known_ahead=["known"]
    )
    step = TimeStep("second", 86400.0, month_days=False) if "earlier" in kind else None
    panel = read_panel(read, columns, resample=resample, step=step)
    reader = ForecastReader.of(panel, HORIZON, None, resample)
    told = {"reader": history_reader_node(reader), "task": {"horizon": HORIZON, "season": reader.setup.season}}
    program = """
      const reader = new HistoryReader(given.reader, given.task), plain = (one) => Array.from(one, (number) => number);
      const shown = (first, place, day) => reader.step.shown(reader.step.timeAt(first, place, day));
      const said = ({ name, first, day, example: { values, length, ahead } }) =>
        ({ name, first, values: plain(values), length, ahead: plain(ahead), next: shown(first, length + 2, day) });
      const found = reader.read(given.text);
      const again = found.map(({ name, first, day, example }) =>
        reader.read(reader.tableOf(example, shown(first, example.length, day), name))[0]);
      print([found.map(said), again.map(said)]);
    """
    found, again = node(program, told | {"text": path.read_text()})
    assert [one["name"] for one in found] == panel.names
    for row, (one, item) in enumerate(zip(found, reader.read(panel).items, strict=True)):
        assert one["first"] == panel.starts[row]
        assert one["length"] == len(item) - HORIZON
        values = np.reshape(one["values"], (one["length"], -1))
        np.testing.assert_array_equal(values.astype(np.float32), item[:-HORIZON])
        known = reader.setup.known
        np.testing.assert_array_equal(
            np.reshape(one["ahead"], (HORIZON, known)).astype(np.float32), item[-HORIZON:, -known:]
        )
        assert one["next"] == str(panel.shown_time(panel.time_after(row, 3)))
    for one, same in zip(found, again, strict=True):
        assert one["values"] == same["values"]
        assert one["ahead"] == same["ahead"]


WRONG = {
    "": "There are no steps yet.",
    "day,sold\n2026-01-01,3": "The first line must name the columns; it lacks promo.",
    "day,promo,sold\n2026-02-30,1,3": "Row 2: “2026-02-30” in day is not a date such as 2026-01-31.",
    "day,promo,sold\n2026-01-01,1,x": "Row 2: “x” in sold is not a number.",
    "day,promo,sold\n2026-01-01,1,0x10": "Row 2: “0x10” in sold is not a number.",
    "day,promo,sold\n2026-01-01,1,3\n2026-01-01,1,4": "The series has two rows for the time 2026-01-01.",
    "day,promo,sold\n2026-01-01,1,3\n2026-01-02T12:00,1,4": "The series has uneven times: 2026-01-02T12:00:00 "
    "is not a whole number of steps after 2026-01-01.",
    "day,promo,sold\n2026-01-01,1,": "The series has no numbers in sold.",
    "day,promo,sold\n2026-01-01,1,3,5": "Row 2 has 4 cells and the header 3.",
    "day,promo,sold\n2026-01-01,1,3\n2026-02-01,1,4\n2026-02-02,1,\n2026-02-03,1,\n2026-02-04,1,": "The table has only "
    "5 of 35 steps. Give all rows, in steps as in training.",
    "day,promo,sold\n2026-01-01,1,3\n2026-01-02,1,": "The series: promo must be known for the 3 steps that "
    "are forecast. Add rows for them, with sold left empty.",
    "day,promo,sold\n2026-01-02,1,1000000003\n2026-01-01,1,1000000000\n2026-01-03,1,1000000009": "The series has "
    "numbers in sold too large and too close together for 32-bit precision. Train a model on such numbers with the "
    "same number subtracted from all of them, and subtract it here, too.",
}


def test_steps_without_a_row_are_filled_as_in_training(node, tmp_path):
    path, draw = tmp_path / "t.csv", np.random.default_rng(0)
    rows = [f"{shop},2026-01-{day:02},{draw.integers(1, 9)}" for shop in "ab" for day in draw.choice(28, 9, False) + 1]
    path.write_text("\n".join(["shop,day,sold", *rows, "a,2026-01-30,"]))
    read = read_table(path)
    panel = read_panel(read, find_forecast_columns(read, target="sold", series="shop"), fill=0.1)
    found = _read_in_the_page(node, ForecastReader.of(panel, HORIZON, None, None, 0.1), path.read_text())
    for row, (first, values) in enumerate(found):
        assert first == panel.starts[row]
        whole = panel.values[row]
        np.testing.assert_array_equal(np.reshape(values, (-1, whole.shape[1])).astype(np.float32), whole)


@pytest.mark.parametrize("known", [[], ["promo"]])
def test_a_column_for_each_series_is_read_as_in_training_and_so_are_their_rows(node, tmp_path, known):
    path = tmp_path / "t.csv"
    rows = [
        f"2026-01-{day:02},{'' if day < 4 else day},{day % 3},{'' if day > 20 else 2.5 * day}" for day in range(1, 25)
    ]
    path.write_text("\n".join(["day,a,promo,b", *rows, *(f"2026-01-{day},,1," for day in (25, 26, 27) if known)]))
    read = read_table(path)
    panel = read_panel(read, find_forecast_columns(read, target="b,a", known_ahead=known))
    reader = ForecastReader.of(panel, HORIZON, None, None)
    assert panel.names == ["b", "a"]
    assert history_reader_node(reader)["columns"] == ["value", "promo"]
    stacked = ["series,day,promo,value"]
    for line in path.read_text().splitlines()[1:]:
        day, a, promo, b = line.split(",")
        stacked += [f"b,{day},{promo},{b}", f"a,{day},{promo},{a}"]
    for text in (path.read_text(), "\n".join(stacked)):
        found = sorted(_read_in_the_page(node, reader, text), key=lambda one: one[1][0])  # b begins with 2.5, a with 4
        assert len(found) == 2
        for row, (first, values) in enumerate(found):
            assert first == panel.starts[row]
            whole = panel.values[row]
            np.testing.assert_array_equal(np.reshape(values, (-1, whole.shape[1])).astype(np.float32), whole)


def test_names_of_the_page_are_no_covariates_and_a_long_table_stays_long(node, tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("\n".join(["day,value,series", *(f"2026-01-{day:02},{day},{2 * day}" for day in range(1, 17))]))
    read = read_table(path)
    panel = read_panel(read, find_forecast_columns(read, target="serie?", covariates=["value"]))
    reader = ForecastReader.of(panel, HORIZON, None, None)
    assert history_reader_node(reader)["columns"] == ["value_", "value"]
    ((_, values),) = _read_in_the_page(node, reader, path.read_text())
    np.testing.assert_array_equal(np.reshape(values, (16, -1)).astype(np.float32), panel.values[0])
    both = read_panel(read, find_forecast_columns(read, target="value,series"))
    text = "\n".join(["series,day,value", *(f"value,2026-01-{day:02},{day}" for day in range(1, 17))])
    ((_, values),) = _read_in_the_page(node, ForecastReader.of(both, HORIZON, None, None), text)
    np.testing.assert_array_equal(np.reshape(values, (16, -1)).astype(np.float32), both.values[0])


@pytest.mark.parametrize("header", ["sold", "promo,sold"])
def test_rows_of_empty_cells_are_steps_where_no_column_has_times(node, tmp_path, header):
    path, empty = tmp_path / "t.csv", '""' if header == "sold" else ","
    rows = [empty if n in (5, 9) else header.replace("promo", str(n % 3)).replace("sold", str(n)) for n in range(16)]
    path.write_text("\n".join([header, *rows, "", ""]))
    read = read_table(path)
    panel = read_panel(read, find_forecast_columns(read, target="sold"))
    ((_, values),) = _read_in_the_page(node, ForecastReader.of(panel, HORIZON, None, None), path.read_text())
    np.testing.assert_array_equal(np.reshape(values, (16, -1)).astype(np.float32), panel.values[0])


def test_line_breaks_in_names_are_spaces_as_in_training(node, tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("\n".join(['"promo\n(share)";"sold\n(kg)"', *(f"{n % 3};{n}" for n in range(16))]))
    read = read_table(path)
    panel = read_panel(read, find_forecast_columns(read, target="sold (kg)"))
    ((_, values),) = _read_in_the_page(node, ForecastReader.of(panel, HORIZON, None, None), path.read_text())
    np.testing.assert_array_equal(np.reshape(values, (16, -1)).astype(np.float32), panel.values[0])


@pytest.mark.parametrize("aggregate", ["sum", "mean"])
@pytest.mark.parametrize("resample", [None, "6h", "7d"])
def test_rows_are_combined_as_in_training(node, tmp_path, aggregate, resample):
    path, draw = tmp_path / "t.csv", np.random.default_rng(0)
    hours = 24 if resample is None else 1
    times = [datetime(2026, 1, 1) + timedelta(hours=hours * int(hour)) for hour in draw.integers(1, 500 // hours, 300)]
    numbers = draw.normal(20, 3, (300, 2)).round(3)
    rows = [
        f"{shop},{time},{promo},{sold}" for time, (promo, sold) in zip(times, numbers, strict=True) for shop in "ab"
    ]
    end = times[0].replace(month=2)
    path.write_text("\n".join(["shop,time,promo,sold", *rows[:-9], f"a,{end},3,", f"b,{end},,5", f"b,{end},1,"]))
    read = read_table(path)
    how = {"resample": resample, "fill": 0, "aggregate": aggregate}
    panel = read_panel(read, find_forecast_columns(read, target="sold", series="shop"), **how)
    reader = ForecastReader.of(panel, HORIZON, None, **how)
    for row, (first, values) in enumerate(_read_in_the_page(node, reader, path.read_text())):
        assert first == panel.starts[row]
        whole = panel.values[row]
        np.testing.assert_array_equal(np.reshape(values, (-1, whole.shape[1])).astype(np.float32), whole)


@pytest.mark.parametrize("resample", [None, "1d"])
def test_rows_are_counted_as_in_training(node, tmp_path, resample):
    path, draw = tmp_path / "t.csv", np.random.default_rng(0)
    hours = 24 if resample is None else 1
    times = [datetime(2026, 1, 1) + timedelta(hours=hours * int(hour)) for hour in draw.integers(1, 500 // hours, 99)]
    path.write_text("\n".join(["shop,time,paid", *(f"{'ab'[n % 2]},{time},x" for n, time in enumerate(times))]))
    read = read_table(path)
    panel = read_panel(read, find_forecast_columns(read, counts=True), resample=resample, aggregate="count")
    reader = ForecastReader.of(panel, HORIZON, None, resample, aggregate="count")
    ((first, values),) = _read_in_the_page(node, reader, path.read_text())
    assert first == panel.starts[0]
    width = panel.values[0].shape[1]
    np.testing.assert_array_equal(np.reshape(values, (-1, width)).astype(np.float32), panel.values[0])
    counted = "\n".join(
        f"{panel.shown_time(panel.time_at(0, n))},{one:g}" for n, one in enumerate(panel.values[0][:, 0])
    )
    ((_, again),) = _read_in_the_page(node, reader, f"time,rows\n{counted}")
    assert again == values


@pytest.mark.parametrize("aggregate", ["sum", "mean"])
def test_intervals_that_lack_rows_have_no_number_as_in_training(node, tmp_path, aggregate):
    path, begin = tmp_path / "t.csv", datetime(2026, 1, 1, 20)
    hours = [*range(60), *range(80, 90), *range(110, 500)]
    rows = [f"{shop},{begin + timedelta(hours=hour)},{hour % 7}" for shop in "ab" for hour in hours]
    path.write_text("\n".join(["shop,time,sold", *rows[:-9]]))
    how = {"resample": "1d", "aggregate": aggregate}
    read = read_table(path)
    panel = read_panel(read, find_forecast_columns(read, target="sold", series="shop"), **how)
    assert not panel.present[0].all()
    reader = ForecastReader.of(panel, HORIZON, None, fill=None, **how)
    for row, (first, values) in enumerate(_read_in_the_page(node, reader, path.read_text())):
        assert first == panel.starts[row]
        whole = panel.values[row]
        np.testing.assert_array_equal(np.reshape(values, (-1, whole.shape[1])).astype(np.float32), whole)


@pytest.mark.parametrize("aggregate", ["sum", "mean", "count"])
@pytest.mark.parametrize(
    ("hours", "last", "days", "told"),
    [
        ((8, 11, 17, 20), "08:10", 12, "is left out as incomplete: its last row is at 2026-03-12T08:10:00"),
        ((8, 11, 17, 20), "18:50", 12, ""),
        ((8, 11, 17, 20), "23:00", 12, ""),
        ((8, 11, 17, 20), "08:10", 9, "but the last row is at 2026-03-09T08:10:00: if the interval is not over"),
        ((8, 11), "07:00", 12, "is left out as incomplete"),
        ((0,), "00:00", 12, ""),
        ((22,), "12:00", 12, ""),
    ],
)
def test_a_last_interval_that_is_not_over_is_left_out_as_in_training(
    node, tmp_path, aggregate, hours, last, days, told
):
    path = tmp_path / "t.csv"
    rows = [f"a,2026-03-{day:02} {hour:02}:00,{day % 3},{hour}" for day in range(1, days) for hour in hours]
    rows += [f"{shop},2026-03-{days:02} {last},1,4" for shop in ("a", "new")]
    path.write_text("\n".join(["shop,time,promo,sold", *rows]))
    how = {"resample": "1d", "aggregate": aggregate, "fill": None}
    read, target = read_table(path), {"counts": True} if aggregate == "count" else {"target": "sold"}
    panel = read_panel(read, find_forecast_columns(read, series="shop", **target), **how)
    reader = ForecastReader.of(panel, HORIZON, None, **how)
    found, note = _read_in_the_page(node, reader, path.read_text(), note=True)
    assert len(found) == len(panel.values)
    for row, (first, values) in enumerate(found):
        assert first == panel.starts[row]
        whole = panel.values[row]
        np.testing.assert_array_equal(np.reshape(values, (-1, whole.shape[1])).astype(np.float32), whole)
    if aggregate != "mean":
        assert told in note
        assert bool(note) == bool(panel.notes) == bool(told)


def test_numbers_that_32_bits_cannot_tell_apart_are_refused_as_in_training(node, tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("\n".join(["day,sold", *(f"2026-01-{day:02},{day}" for day in range(1, 17))]))
    read = read_table(path)
    columns = find_forecast_columns(read, target="sold")
    reader = ForecastReader.of(read_panel(read, columns), HORIZON, None, None)
    told = {"reader": history_reader_node(reader), "task": {"horizon": HORIZON, "season": reader.setup.season}}
    program = """
      const reader = new HistoryReader(given.reader, given.task);
      const read = (one) => { try { return reader.read(one).length; } catch (error) { return error.message; } };
      print(given.texts.map(read));
    """
    series = [
        [1_000_000_000 + 3 * day for day in range(16)],
        [1_000_000_000 + 3 * day for day in range(200)],
        [3 * day for day in range(200)],
        [1_000_000_000 + 300 * day for day in range(16)],
        [1_000_000_000],
        [0.1] * 16,
        [0.3, 0.1 + 0.2] * 8,
        [1e9, "", 1e9 + 3],
        [1_200_000 + 0.3 * day for day in range(16)],
        [1_200_000 + 0.1 * day for day in range(16)],
    ]
    texts, refused = [], []
    for values in series:
        days = [f"{date(2026, 1, 1) + timedelta(days=day)},{one}" for day, one in enumerate(values)]
        texts.append("\n".join(["day,sold", *days]))
        path.write_text(texts[-1])
        try:
            read_panel(read_table(path), columns)
            refused.append(False)
        except UserError as error:
            refused.append("32-bit precision" in str(error))
    assert sum(refused) == 4
    assert ["32-bit precision" in str(one) for one in node(program, told | {"texts": texts})] == refused


def _read_in_the_page(node, reader, text, note=False):
    told = {"reader": history_reader_node(reader), "task": {"horizon": HORIZON, "season": reader.setup.season}}
    program = """
      const reader = new HistoryReader(given.reader, given.task);
      const found = reader.read(given.text).map(({ first, example }) => [first, Array.from(example.values)]);
      print(given.note ? [found, reader.note] : found);
    """
    return node(program, told | {"text": text, "note": note})


def test_times_of_another_clock_are_refused_as_in_training(node, tmp_path):
    path = tmp_path / "t.csv"
    plain, zoned = (
        "\n".join(["when,sold", *(f"{one.isoformat()}{zone},{number}" for number, one in enumerate(HOURS))])
        for zone in ("", "+02:00")
    )
    noons = "\n".join(["when,sold", *(f"2026-03-{1 + n:02}T12:00Z,{n}" for n in range(16))])
    nights = "\n".join(["when,sold", *(f"2026-03-{2 + n:02}T02:00+14:00,{n}" for n in range(16))])
    for text, other in ((plain, zoned), (zoned, plain), (noons, nights)):
        path.write_text(text)
        read = read_table(path)
        panel = read_panel(read, find_forecast_columns(read, target="sold", time="when"))
        reader = ForecastReader.of(panel, HORIZON, None, None)
        assert _read_in_the_page(node, reader, text)[0][0] == panel.starts[0]
        if other is nights:
            assert _read_in_the_page(node, reader, other)[0][0] == panel.starts[0]
            continue
        said = _refused_by_the_page(node, reader, other)
        assert said.startswith("The times in when ")
        assert "name their time zone; in training they did" in said
        assert isinstance(_refused_by_the_page(node, replace(reader, zoned=None), other), int)


def _refused_by_the_page(node, reader, text):
    """Why, or the number of series that it reads."""
    told = {"reader": history_reader_node(reader), "task": {"horizon": HORIZON, "season": reader.setup.season}}
    program = """
      const reader = new HistoryReader(given.reader, given.task);
      try { print(reader.read(given.text).length); } catch (error) { print(error.message); }
    """
    return node(program, told | {"text": text})


def test_true_and_false_are_1_and_0_in_covariates_as_in_training(node, tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("\n".join(["sold,open", *(f"{n},{'TRUE' if n % 3 else 'False'}" for n in range(16))]))
    read = read_table(path)
    panel = read_panel(read, find_forecast_columns(read, target="sold", covariates=["open"]))
    reader = ForecastReader.of(panel, HORIZON, None, None)
    ((_, values),) = _read_in_the_page(node, reader, path.read_text())
    np.testing.assert_array_equal(np.reshape(values, (16, 2)).astype(np.float32), panel.values[0])
    assert "“true” in sold is not a number" in _refused_by_the_page(node, reader, "sold,open\n1,true\ntrue,true")


@pytest.mark.parametrize(
    ("header", "rows"),
    [
        (["year", "month", "sold"], [[2025 + n // 12, n % 12 + 1, n] for n in range(16)]),
        (["Jahr", "Quartal", "sold"], [[2020 + n // 4, n % 4 + 1, n] for n in range(16)]),
        (["year", "week", "sold"], [[2026, n + 1, n] for n in range(16)]),
        (
            ["year", "month", "day", "hour", "sold"],
            [[2026, 1, 31 - (n < 8), n % 24 + 8 * (n < 8), n] for n in range(16)],
        ),
        (["week", "sold"], [[f"2026{n + 1:02}", n] for n in range(16)]),
        (["week", "sold"], [[f"2026-{n + 1}", n] for n in range(16)]),
        (["KW", "sold"], [[f"{n + 1:02}/2026", n] for n in range(16)]),
        (["date", "clock", "sold"], [[f"{n + 5}/1/2026", "17:24:00", n] for n in range(16)]),
    ],
)
def test_times_in_columns_of_other_names_are_read_as_in_training(node, tmp_path, header, rows):
    path, time = tmp_path / "t.csv", ",".join(header[:-1])
    rows = rows[8:] if "hour" in header else rows
    path.write_text("\n".join(";".join(map(str, row)) for row in [header, *rows]))
    read = read_table(path, times=[time])
    columns = find_forecast_columns(read, target="sold", time=time)
    panel = read_panel(read, columns)
    reader = ForecastReader.of(panel, HORIZON, None, None, dates=read.date_order([time]))
    ((first, values),) = _read_in_the_page(node, reader, path.read_text())
    assert first == panel.starts[0]
    width = panel.values[0].shape[1]
    np.testing.assert_array_equal(np.reshape(values, (-1, width)).astype(np.float32), panel.values[0])


def test_series_that_several_columns_tell_apart_are_read_as_in_training(node, tmp_path):
    path = tmp_path / "t.csv"
    rows = [
        f"2026-01-{day:02},{store},{item},{day + item}" for day in range(1, 17) for store in "ab" for item in (1, 9)
    ]
    path.write_text("\n".join(["day,store,item,sold", *rows]))
    read = read_table(path, series="store,item")
    panel = read_panel(read, find_forecast_columns(read, target="sold", series="store,item"))
    reader = ForecastReader.of(panel, HORIZON, None, None)
    found = _read_in_the_page(node, reader, path.read_text())
    assert len(found) == len(panel.names) == 4
    for (_, values), expected in zip(found, panel.values, strict=True):
        np.testing.assert_array_equal(np.reshape(values, (16, -1)).astype(np.float32), expected)
    assert "Row 2: store,item is empty" in _refused_by_the_page(node, reader, "day,store,item,sold\n2026-01-01,a,,3")
    assert _refused_by_the_page(node, reader, "day,store,sold\n2026-01-01,a,3").endswith("it lacks item.")


@pytest.mark.parametrize(
    "columns",
    [
        (["1,5", "2"], ["1.234", "7"]),
        (["1,5", "2"], ["1.234", "0.5"]),
        (["1.234,56", "-2"], ["1 234,5", "7"]),
        (["1,234", "2"], ["3", "7"]),
        (["0.5", "2.5"], ["3", "7"]),
    ],
)
def test_decimal_commas_are_read_as_in_training(node, tmp_path, columns):
    path = tmp_path / "t.csv"
    path.write_text("\n".join(["sold;promo", *map(";".join, zip(*columns, strict=True))]))
    read = read_table(path)
    panel = read_panel(read, find_forecast_columns(read, target="sold"))
    ((_, values),) = _read_in_the_page(node, ForecastReader.of(panel, HORIZON, None, None), path.read_text())
    np.testing.assert_array_equal(np.reshape(values, (2, -1)).astype(np.float32), panel.values[0])


def test_a_table_that_cannot_be_read_is_refused_in_words(node):
    table = {
        "time": "day",
        "series": None,
        "unit": "second",
        "length": 86400.0,
        "day": 0,
        "local": False,
        "resampled": False,
        "fill": None,
        "aggregate": None,
    }
    reader = {"columns": ["sold", "promo"], "until_now": 0, "calendar": None, "table": table}
    program = """
      const reader = new HistoryReader(given.reader, { horizon: 3, season: 7 });
      print(given.texts.map((one) => { try { return reader.read(one); } catch (error) { return error.message; } }));
    """
    assert node(program, {"reader": reader, "texts": [*WRONG]}) == [*WRONG.values()]


@pytest.fixture
def page(tmp_path, folder_of, chromium):
    """A page of a small blend, opened, with the rows of its table."""

    def opened(known, **surroundings):
        path = tmp_path / "shops.csv"
        begin, draw = date(2026, 1, 5), np.random.default_rng(0)
        rows = [["shop", "day", "promo", "sold"]]
        for shop in (f"a {HOSTILE}", "b"):
            rows += [
                [shop, begin + timedelta(days=day), day % 2, round(20 + day % 7 + draw.normal(), 1)]
                for day in range(40)
            ]
        with path.open("w", newline="") as file:
            csv.writer(file).writerows(rows)
        read = read_table(path)
        panel = read_panel(read, find_forecast_columns(read, target="sold", series="shop", known_ahead=known))
        reader = ForecastReader.of(panel, HORIZON, None, None)
        candidates = (RidgeCandidate(), *map(LocalCandidate, ("theta", "ets", "arima")))
        models = tuple(one.fit(panel.values, reader.setup, 0) for one in candidates)
        model = Blend(models, np.array([0.4, 0.2, 0.2, 0.2]))
        forecaster = Forecaster(reader.setup, model, Spread(-np.ones(HORIZON), 2 * np.ones(HORIZON)), None)
        values = [one[: len(one) - HORIZON] for one in panel.values]
        ahead = [one[-HORIZON:, one.shape[1] - panel.known_width :] for one in panel.values]
        items = RawExamples([item_of(one, more, reader.setup) for one, more in zip(values, ahead, strict=True)])
        task = Forecasting(horizon=HORIZON, season=reader.setup.season)
        folder = folder_of(RawModel("forecast", "small", "forecasting", forecaster), reader, task, items)
        places = [(name, str(begin + timedelta(days=37))) for name in panel.names]
        GoldenLabels([], [], {}, places).save(folder)
        found = export_page(folder, tmp_path / "m.html")
        chromium.open_model(found.out, **surroundings)
        said = chromium.text("check")
        assert said.startswith("Checked in this browser: 2 of 2 golden examples agree"), said
        assert chromium.requests() == [found.out.as_uri()]
        assert chromium.complaints() == []
        return chromium, task.decide(forecaster.outputs(items.items), None)[0], rows

    return opened


_CELLS = "[...one.children].map((cell) => cell.textContent)"
NUMBERS = f"[...document.querySelectorAll('#forecast tbody tr')].map((one) => {_CELLS})"


def shown(forecasts, first):
    days = [date.fromisoformat(first) + timedelta(days=number) for number in range(HORIZON)]
    return [[str(day), *(f"{one:.2f}" for one in row)] for day, row in zip(days, forecasts, strict=True)]


def test_an_example_is_there_and_a_table_is_pasted(page):
    browser, wanted, rows = page(["promo"], width=390, dark=True)
    assert browser.value(NUMBERS) == shown(wanted[0], "2026-02-11")
    assert browser.value("document.scripts.length") == 6
    browser.value("document.querySelector('#forecast button').focus()")
    browser.press("ArrowDown")
    assert browser.text("pointed").startswith(f"2026-02-12: {wanted[0][1][0]:.2f} (")
    browser.value("document.getElementById('another').click()")
    assert browser.value(NUMBERS) == shown(wanted[1], "2026-02-11")
    blank = [[*row[:3], "" if number % 40 > 36 else row[3]] for number, row in enumerate(rows[1:])]
    text = "\n".join(",".join(map(str, row)) for row in [rows[0], *blank])
    put = "const box = document.getElementById('series'); box.value = {}; box.dispatchEvent(new Event('input'))"
    browser.value(put.format(json.dumps(text)))
    browser.wait("!document.getElementById('choice').hidden")
    assert browser.value("[...document.getElementById('which').options].map((one) => one.text)") == [
        f"a {HOSTILE}",
        "b",
    ]
    assert browser.value(NUMBERS) == shown(wanted[0], "2026-02-11")
    browser.value(
        "const which = document.getElementById('which'); which.value = '1'; which.dispatchEvent(new Event('change'))"
    )
    assert browser.value(NUMBERS) == shown(wanted[1], "2026-02-11")
    ink = "(canvas => [...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data].some(Boolean))"
    browser.wait(f"{ink}(document.getElementById('fan'))")
    assert browser.value("document.documentElement.scrollWidth") == 390
    browser.value("box.value = 'day'; box.dispatchEvent(new Event('input'))")
    browser.wait("document.getElementById('wrong').textContent.startsWith('The first line must name the columns')")
    assert browser.value(NUMBERS) == []


def test_without_covariates_no_rows_ahead_are_needed(page):
    browser, wanted, _ = page([], width=1000)
    assert browser.value(NUMBERS) == shown(wanted[0], "2026-02-11")
    assert browser.value("document.getElementById('series').value.trim().split('\\n').length") == 38


WRITTEN = [
    *("2026-01-01 23:59:59", "2026-01-01 25:00", "2026-01-01 10:75", "2026-01-01 10:00:99", "2026-01-01 10:00:60"),
    *("2026-01-01 10:00+23:59", "2026-01-01 10:00-23:59", "2026-01-01 10:00+99:99", "2026-01-01 10:00-24:00"),
    *("31 Jan 2026 25:00", "31 Jan 2026 10:00 +9900", "2026-02-30", "2024-02-29"),
    *("2026-W53", "2026-W54", "2026-W60", "2026-W00", "2025-W53", "2025-W52", "W01 2025", "2024W1"),
    *("Monday March 01 2021", "Monday, 1 March 2021", "Wednesday, March 3, 2021", "Mon 1 Mar 2021", "Thur, 4 Mar 2021"),
    *("Mar-26", "Sept'98", "Jan-55", "31-Jan-26", "31-Jan-2026", "31Jan2026", "2026-Jan-31", "Jan. 31st, 2026"),
    *(
        "31/Jan/2026:12:00:05 +0100",
        "Sat Jan 31 12:00:05 2026",
        "31 Jan 2026 8:15 PM",
        "2026-01-31 8:15 PM",
        "Janx 2026",
    ),
    *("2026-01-31 24:00", "2026-01-31 24:01", "2026-01-31T10", "2026-01-31 10:00:00+01", "2026-01-31 10:00:00.250Z"),
    *(
        "2026-01-31 13:00 PM",
        "2026/1/31",
        "2026.01.31",
        "2026-01/31",
        "31 Jan 55",
        "31-Feb-26",
        "Mai 2026",
        " 2026-01 ",
    ),
    *(
        "31. Januar 2026",
        "31. März 2026 8:15",
        "1er août 2026",
        "5 de enero de 2026",
        "févr.-26",
        "Dez 2026",
        "mayo de 2026",
    ),
    *(
        "2026Q1",
        "2026:Q2",
        "1Q26",
        "4Q2026",
        "T3 2026",
        "2026-T4",
        "2. Quartal 2026",
        "5Q26",
        "1Q55",
        "MAR2026",
        "MAR1234",
    ),
    *(
        "2026H1",
        "H2 2026",
        "2026-S2",
        "S1 2026",
        "2026-S3",
        "2026-S05",
        "S53 2026",
        "KW 5 2026",
        "KW05/2026",
        "2026-KW54",
    ),
    *(f"{name} 2026" for names in MONTH_NAMES for name in names.split()),
    *("0099-01-01", "0001-01-01", "0000-01-01", "0099-Q2", "0099-02", "0099-W02", "Feb 0099", "1900-01-01"),
]


def test_only_times_that_exist_are_read_as_in_training(node):
    found = node(
        "print(given.map((one) => { const s = secondsOf(one); return Number.isNaN(s) ? null : s; }));", WRITTEN
    )
    wanted = [time_of(one, "day") for one in WRITTEN]
    assert dict(zip(WRITTEN, found, strict=True)) == {
        one: None if isinstance(time, Flaw) else time for one, time in zip(WRITTEN, wanted, strict=True)
    }
