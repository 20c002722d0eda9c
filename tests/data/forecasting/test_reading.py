"""Tables become series at even steps; what is missing is filled in and counted, what cannot be used is told."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from unspool.data.forecasting import ForecastColumns, TimeStep, find_forecast_columns, read_panel
from unspool.data.tables import read_table
from unspool.data.tables.problems import Reason
from unspool.errors import UserError


def panel_of(path, on_error="stop", resample=None, fill=None, aggregate=None, **named):
    table = read_table(path, on_error)
    columns = find_forecast_columns(table, **named)
    return read_panel(table, columns, resample=resample, fill=fill, aggregate=aggregate)


def test_rows_of_any_order_become_series_in_the_order_of_time(written):
    rows = [{"id": name, "t": step, "y": 10 * step + (name == "b")} for step in (2, 0, 1) for name in "ab"]
    panel = panel_of(written(rows), series="id")
    assert panel.names == ["a", "b"]
    assert [one[:, 0].tolist() for one in panel.values] == [[0, 10, 20], [1, 11, 21]]
    assert panel.time_after(1, 2) == 4


def test_missing_days_and_numbers_are_filled_in_and_said(written, daily):
    rows = daily([0, 2, "", 6, 8, 10])
    del rows[4]
    panel = panel_of(written(rows))
    assert panel.values[0][:, 0].tolist() == [0, 2, 4, 6, 8, 10]
    assert panel.present[0].tolist() == [True, True, False, True, False, True]
    assert any("2 steps have no number for y in the file" in one for one in panel.decisions)


def test_what_is_known_after_the_last_target_is_kept(written, daily):
    rows = [row | {"heat": place} for place, row in enumerate(daily([1, 2, 3, "", ""]))]
    panel = panel_of(written(rows), known_ahead=["heat"])
    assert panel.lengths.tolist() == [3]
    assert panel.ahead[0][:, 0].tolist() == [3, 4]
    assert panel.ahead[0].shape == (2, 1 + 12)  # and the calendar's twelve


@pytest.mark.parametrize(("yes", "no"), [("TRUE", "False"), (True, False)])
def test_true_and_false_are_1_and_0_in_covariates_that_are_named(written, daily, yes, no):
    rows = [row | {"open": yes if place % 2 else no} for place, row in enumerate(daily([1, 2, 3, "", ""]))]
    panel = panel_of(written(rows), known_ahead=["open"])
    assert panel.values[0][:, 1].tolist() == [0, 1, 0]
    assert panel.ahead[0][:, 0].tolist() == [1, 0]
    assert panel_of(written(rows)).columns.until_now == ()
    with pytest.raises(UserError, match="column open holds no numbers, so it cannot be a covariate"):
        panel_of(written([*rows[:2], rows[2] | {"open": "perhaps"}]), known_ahead=["open"])


def test_empty_rows_in_front_are_no_steps(written, daily):
    panel = panel_of(written(daily(["", "", 5, 6])))
    assert panel.values[0][:, 0].tolist() == [5, 6]
    assert panel.step.shown_time(float(panel.starts[0])) == "2026-01-03"


@pytest.mark.parametrize("day", [29, 30, 31])
def test_months_keep_their_day_if_the_first_number_is_in_february(written, day):
    days = (f"2026-{month:02}-{28 if month == 2 else min(day, 30 + month % 2)}" for month in range(1, 7))
    panel = panel_of(written([{"time": one, "y": place or ""} for place, one in enumerate(days)]))
    assert panel.shown_time(float(panel.starts[0])) == "2026-02-28"
    assert panel.shown_time(panel.time_after(0, 1)) == f"2026-07-{day}"


def test_series_keep_days_of_the_month_that_differ(written):
    days = {"a": [15] * 6, "b": [28, 30, 30, 30, 30, 30], "c": [28, 31, 30, 31, 30, 31]}
    rows = [{"id": name, "time": f"2026-{n + 2:02}-{day}", "y": n} for name in days for n, day in enumerate(days[name])]
    panel = panel_of(written(rows), series="id")
    assert [panel.shown_time(panel.time_after(n, 3)) for n in range(3)] == ["2026-10-15", "2026-10-30", "2026-10-31"]
    assert panel.take([1, 2]).days.tolist() == [30, 31]
    assert not any("different days" in one for one in panel.decisions)


def test_months_without_a_day_in_common_say_how_forecasts_are_dated(written):
    third_fridays = ("2026-01-16", "2026-02-20", "2026-03-20", "2026-04-17", "2026-05-15", "2026-06-19")
    panel = panel_of(written([{"time": day, "y": number} for number, day in enumerate(third_fridays)]))
    said = "rows are on different days of the month; forecasts will be on that of a series' first row"
    assert said in panel.decisions
    assert panel.shown_time(panel.time_after(0, 1)) == "2026-07-16"


def test_rows_without_times_are_numbered_as_in_the_file(written):
    panel = panel_of(written([{"y": one} for one in ("", "", 5, 6)]))
    assert (panel.values[0][:, 0].tolist(), panel.shown_time(panel.time_after(0, 1))) == ([5, 6], 5)


@pytest.mark.parametrize(
    ("end", "shown"), [("", "2026-03-29T02:00:00"), ("Z", "2026-03-29T02:00:00Z"), ("+02:00", "2026-03-29T00:00:00Z")]
)
def test_later_times_name_utc_where_the_file_names_a_zone(written, end, shown):
    """They are in UTC: beside times of another zone, a time without one would be taken for one of theirs."""
    panel = panel_of(written([{"time": f"2026-03-29 0{hour}:00:00{end}", "y": hour} for hour in (0, 1)]))
    assert panel.shown_time(panel.time_after(0, 1)) == shown
    assert panel.take([0]).shown_time(panel.time_after(0, 1)) == shown


def test_midnights_of_a_zone_are_dates_of_that_zone(written):
    zones = ["+01:00", "+01:00", "+02:00", "+02:00"]  # clocks change on the 29th
    path = written([{"time": f"2026-03-{28 + day} 00:00:00{zone}", "y": day} for day, zone in enumerate(zones)])
    panel = panel_of(path)
    assert panel.shown_time(float(panel.starts[0])) == "2026-03-28"
    assert panel.shown_time(panel.time_after(0, 1)) == "2026-04-01"
    weekdays = [f"2026-03-{day:02}T00:00+01:00" for day in (*range(2, 7), *range(9, 14))]
    assert panel_of(written([{"time": one, "y": 1} for one in weekdays])).step == TimeStep("weekday")


@pytest.mark.parametrize(
    ("totals", "told"),
    [
        ("ab", "values of 2 of 2 series never fall"),
        ("a", None),
    ],
)
def test_running_totals_are_mentioned(written, daily, totals, told):
    meter, others = [day % 20 * 7 for day in range(40)], [day % 5 for day in range(40)]
    rows = [row for name in "ab" for row in daily(meter if name in totals else others, id=name)]
    found = [one for one in panel_of(written(rows), series="id").decisions if "never fall" in one]
    assert len(found) == (told is not None)
    assert told is None or found[0].startswith(told)


@pytest.mark.parametrize(("weeks", "told"), [(10, True), (9, False)])
def test_few_days_of_a_weekend_among_weekdays_are_mentioned(written, weeks, told):
    days = [date(2026, 3, 2) + timedelta(days=n) for n in range(7 * weeks)]
    rows = [{"time": f"{one}", "y": one.day} for one in days if one.weekday() < 5 or one == date(2026, 3, 7)]
    panel = panel_of(written(rows))
    assert panel.step.words == "1 d"
    few = f"only 1 of {len(rows)} rows falls on a weekend (2026-03-07): without it, steps would be weekdays"
    assert (few in panel.decisions) == told


def test_without_times_rows_are_steps(written):
    panel = panel_of(written([{"y": number} for number in (3, 1, 2)]))
    assert panel.step == TimeStep("row")
    assert panel.values[0].ravel().tolist() == [3, 1, 2]
    assert panel.step.shown_time(panel.time_after(0, 1)) == 4


def test_repeated_times_are_refused_with_the_row(written, daily):
    path = written([*daily([1, 2]), *daily([3])])
    with pytest.raises(UserError, match=r"row 3, column day: the series has two rows with this time\. If .*--series"):
        panel_of(path)


EVENINGS = [f"2025-03-{day:02}T20:00{'-05:00' if day < 9 else '-04:00'}" for day in (*range(3, 8), *range(10, 15))]
MORNINGS = [f"2025-03-{day:02}T08:00+09:00" for day in (*range(3, 8), *range(10, 15))]
SHIFTS = [f"2025-03-{8 + n // 3:02}T{n % 3 * 8:02}:00{'-05:00' if n < 4 else '-04:00'}" for n in range(12)]


@pytest.mark.parametrize(
    ("times", "step", "then"),
    [
        (EVENINGS, TimeStep("weekday"), "2025-03-17T20:00:00"),  # on Tuesday to Saturday in UTC
        (MORNINGS, TimeStep("weekday"), "2025-03-17T08:00:00"),  # on Sunday to Thursday
        (SHIFTS, TimeStep("second", 28_800), "2025-03-12T00:00:00"),  # 7 hours apart where clocks change
    ],
)
def test_steps_that_are_even_in_their_zone_are_read_there(written, times, step, then):
    rows = [{"time": one, "y": place} for place, one in enumerate(times)]
    panel = panel_of(written(rows))
    assert (panel.step, panel.shown_time(panel.time_after(0, 1)), panel.local) == (step, then, True)
    assert panel.values[0][:, 0].tolist() == [*range(len(times))]


@pytest.mark.parametrize(("zone", "told"), [("", True), ("Z", False)])
def test_an_hour_that_recurs_when_clocks_are_set_back_asks_for_the_zone(written, zone, told):
    hours = ["00:00", "01:00", "02:00", "02:00", "03:00"]
    path = written([{"time": f"2025-10-26T{hour}{zone}", "load": 1} for hour in hours])
    with pytest.raises(UserError, match="row 4, column time: the series has two rows with this time") as error:
        panel_of(path)
    assert ("if clocks were set back, write times with their time zone" in str(error.value)) == told


def test_uneven_times_are_refused_unless_they_are_resampled(written):
    path = written([{"t": t, "y": 2 * t} for t in (0, 1, 2, 3.4, 4, 5)])
    with pytest.raises(UserError, match=r"uneven times in column t: steps are 0.6 to 1.4 apart.*--resample 1"):
        panel_of(path)
    panel = panel_of(path, resample="0.5")
    assert np.allclose(panel.values[0][:, 0], np.arange(11))


def test_an_even_interval_is_suggested(written):
    begin = np.datetime64("2026-01-01")
    times = np.cumsum([611, 600, 640, 580, 611, 611, 690, 611])
    with pytest.raises(UserError, match=r"where 10.1833 min is usual. .* give --resample, as in --resample 10min\."):
        panel_of(written([{"t": str(begin + np.timedelta64(one, "s")), "y": one} for one in times.tolist()]))


@pytest.mark.parametrize(
    ("first", "step", "told"),
    [
        (45_000, 1, r"if they are days as Excel counts them (45000 is 2023-03-15T00:00:00), convert them to dates"),
        (1.7e9, 3600, r"if they are seconds since 1970 (1700000000 is 2023-11-14T22:13:20), convert"),
        (1.7e12, 60_000, r"if they are milliseconds since 1970 (1700000000000 is 2023-11-14T22:13:20), convert"),
        (1960, 1, None),
        (0, 0.5, None),
    ],
)
def test_numbers_that_may_be_dates_are_pointed_out(written, first, step, told):
    panel = panel_of(written([{"t": first + place * step, "y": place % 7} for place in range(40)]))
    found = [one for one in panel.decisions if one.startswith("times in column t are plain numbers")]
    assert len(found) == (told is not None)
    assert told is None or told in found[0]


@pytest.mark.parametrize(
    ("name", "times", "dates", "step"),
    [
        ("t", [202_311, 202_312, 202_401], ["2023-11", "2023-12", "2024-01"], "a month"),
        ("t", [20_240_228, 20_240_229, 20_240_301], ["2024-02-28", "2024-02-29", "2024-03-01"], "1 d"),
        (
            "t",
            [202_402_292_358, 202_402_292_359, 202_403_010_000],
            ["2024-02-29 23:58", "2024-02-29 23:59", "2024-03-01 00:00"],
            "1 min",
        ),
        ("t", [20_240_229_235_950, 20_240_301_000_000], ["2024-02-29 23:59:50", "2024-03-01 00:00:00"], "10 s"),
        ("yearweek", [202_351, 202_352, 202_401], ["2023-W51", "2023-W52", "2024-W01"], "7 d"),
        ("yearweek", [202_401, 202_402, 202_403], ["2024-W01", "2024-W02", "2024-W03"], "7 d"),
    ],
)
def test_digits_of_dates_are_dates(written, name, times, dates, step):
    panel, same = (
        read_panel(
            read_table(written([{name: time, "y": place} for place, time in enumerate(given)])),
            ForecastColumns("y", name),
        )
        for given in (times, dates)
    )
    assert f"times in column {name} are dates written as numbers: {times[0]} is {dates[0]}" in panel.decisions
    assert f"a step is {step}" in panel.decisions
    assert panel.step == same.step
    np.testing.assert_array_equal(panel.starts, same.starts)
    np.testing.assert_array_equal(panel.values[0], same.values[0])


@pytest.mark.parametrize(
    ("trained", "new", "start"),
    [
        (["2024-01-30", "2024-01-31"], [20_240_310], "2024-03-10"),
        (["2024-W01", "2024-W02"], [202_402, 202_403], "2024-01-08"),
        (["2024-01", "2024-02"], [202_402], "2024-02-01"),
    ],
)
def test_digits_go_on_as_the_dates_of_training(written, trained, new, start):
    step = panel_of(written([{"t": time, "y": place} for place, time in enumerate(trained)])).step
    table = read_table(written([{"t": time, "y": place} for place, time in enumerate(new)]))
    panel = read_panel(table, ForecastColumns("y", "t"), step=step)
    assert panel.step == step
    assert panel.step.shown_time(float(panel.starts[0])) == start


def test_digits_of_a_week_that_its_year_does_not_have_are_refused(written):
    table = read_table(written([{"epiweek": time, "y": time % 7} for time in (201_452, 201_453, 201_501)]))
    message = r", row 2, column epiweek: 201453 is no week of ISO 8601: 2014 has 52\. .* write the date on which each"
    with pytest.raises(UserError, match=message):
        read_panel(table, ForecastColumns("y", "epiweek"))


def test_a_counter_of_a_trained_model_may_look_like_dates(written):
    table = read_table(written([{"t": time, "y": time % 7} for time in range(200_001, 200_013)]))
    panel = read_panel(table, ForecastColumns("y", "t"), step=TimeStep("number", 1.0))
    assert len(panel.values[0]) == 12


@pytest.mark.parametrize("first", [200_000, 200_001, 202_390, 20_240_220, 190_001.5])
def test_numbers_that_are_no_dates_are_not(written, first):
    panel = panel_of(written([{"t": first + place, "y": place} for place in range(20)]))
    assert len(panel.values[0]) == 20


def test_mostly_missing_steps_are_refused(written, daily):
    rows = [row for place, row in enumerate(daily(range(60))) if place < 12 or place > 57]
    with pytest.raises(UserError, match="only 14 of 60 steps"):
        panel_of(written(rows))


SALES = {"a": {0: 3, 1: 4, 4: 5}, "b": {2: 7, 3: "", 5: 9}, "c": {0: 1, 5: ""}}
"""Of three items, by the day; days without a sale have no row."""


def sales(days=SALES, begin="2026-01-05"):
    dates = np.datetime64(begin) + np.arange(60)
    return [{"item": item, "day": dates[day], "sold": sold} for item in days for day, sold in days[item].items()]


def test_steps_without_a_row_are_filled_to_the_last_of_the_file(written):
    panel = panel_of(written(sales()), series="item", fill=0.5)
    filled = {name: one[:, 0].tolist() for name, one in zip(panel.names, panel.values, strict=True)}
    # A row without a number is not a step without a row: it is interpolated, or at the end the first step to forecast.
    assert filled == {"a": [3, 4, 0.5, 0.5, 5, 0.5], "b": [7, 3.75, 0.5, 9], "c": [1, 0.5, 0.5, 0.5, 0.5]}
    present = [one.tolist() for one in panel.present]
    assert present == [[True] * 6, [True, False, True, True], [True] * 5]
    after = [panel.shown_time(panel.time_after(row, 1)) for row in range(3)]
    assert after == ["2026-01-11", "2026-01-11", "2026-01-10"]
    assert "8 steps without a row, up to the last time in the file, count as 0.5" in panel.decisions


def test_what_is_known_ahead_is_no_step_to_fill(written):
    rows = [row | {"promo": 1} for row in sales()]
    rows += [{"item": "a", "day": np.datetime64("2026-01-12"), "sold": "", "promo": 2}]
    panel = panel_of(written(rows), series="item", known_ahead=["promo"], fill=0)
    assert panel.lengths.tolist() == [6, 4, 5]
    assert np.array_equal(panel.ahead[0][:, 0], [np.nan, 2], equal_nan=True)


@pytest.mark.parametrize("unit", ["day", "month", "number"])
def test_the_step_is_found_where_most_have_no_row(written, unit):
    every = {"a": {0: 1, 9: 2, 13: 3, 14: 4, 40: 5}, "b": {3: 1, 30: 9}}
    rows = sales(every)
    for row in rows if unit != "day" else []:
        place = int((row["day"] - np.datetime64("2026-01-05")).astype(int))
        row["day"] = np.datetime64("2020-01", "M") + np.timedelta64(place, "M") if unit == "month" else place
    panel = panel_of(written(rows), series="item", target="sold", time="day", fill=0)
    assert panel.lengths.tolist() == [41, 38]
    assert panel.values[1].T[0, [0, 1, 27, 37]].tolist() == [1, 0, 9, 0]
    assert panel.step.unit == {"day": "second"}.get(unit, unit)


def test_filling_needs_times_at_even_steps_that_are_not_resampled(written):
    with pytest.raises(UserError, match=r"--fill 0 needs a column with the time of each step \(--time\)"):
        panel_of(written([{"y": 1}, {"y": 2}]), fill=0)
    path = written([{"t": t, "y": 2 * t} for t in (0, 1, 2.5, 4)])
    with pytest.raises(UserError, match=r"--resample 1 interpolates between rows.*--fill 0"):
        panel_of(path, resample="1", fill=0)
    with pytest.raises(UserError, match=r"uneven times in column t: not all are a whole number of steps of 1 apart"):
        panel_of(path, fill=0)


RECEIPTS = [
    {"shop": "b", "day": "2026-01-06", "sold": 5, "price": 2},
    {"shop": "a", "day": "2026-01-06", "sold": "", "price": 1.5},
    {"shop": "a", "day": "2026-01-05", "sold": 3, "price": 1},
    {"shop": "a", "day": "2026-01-05", "sold": 4, "price": ""},
    {"shop": "b", "day": "2026-01-05", "sold": 7, "price": 2},
    {"shop": "a", "day": "2026-01-06", "sold": 2, "price": 0.5},
    {"shop": "a", "day": "2026-01-05", "sold": 2, "price": 4},
    {"shop": "a", "day": "2026-01-07", "sold": "", "price": 9},
    {"shop": "a", "day": "2026-01-07", "sold": "", "price": 7},
]


@pytest.mark.parametrize(("aggregate", "sold"), [("sum", [9, 2]), ("mean", [3, 2])])
def test_rows_with_the_same_time_are_combined(written, aggregate, sold):
    named = {"target": "sold", "series": "shop", "known_ahead": ["price"]}
    panel = panel_of(written(RECEIPTS), aggregate=aggregate, **named)
    assert panel.names == ["b", "a"]
    assert panel.values[0][:, :2].tolist() == [[7, 2], [5, 2]]
    assert panel.values[1][:, :2].tolist() == [[sold[0], 2.5], [sold[1], 1]]
    assert panel.ahead[1][:, 0].tolist() == [8]
    told = f"9 rows are combined into 5, with the {aggregate} of sold and the mean of each covariate"
    assert f"{told} (--aggregate {aggregate})" in panel.decisions


def test_the_rows_of_an_interval_are_combined(written):
    times = ["2026-01-04 23:59", "2026-01-05 00:00", "2026-01-11 23:00", "2026-01-19 08:00"]  # the first is a Sunday
    rows = [{"when": time, "sold": number} for number, time in enumerate(times, start=1)]
    panel = panel_of(written(rows), aggregate="sum", resample="7d", fill=0)
    assert panel.values[0][:, 0].tolist() == [1, 5, 0, 4]
    assert panel.shown_time(panel.starts[0]) == "2025-12-29"
    rows = [{"t": round(0.1 * number, 1), "y": number} for number in range(8)]
    assert panel_of(written(rows), aggregate="mean", resample="0.1").values[0][:, 0].tolist() == [*range(8)]
    panel = panel_of(written(rows), aggregate="sum", resample="0.2")
    assert panel.values[0][:, 0].tolist() == [1, 5, 9, 13]


def calls(days=range(9), last="18:00"):
    times = [f"2026-03-{2 + day:02} {hour}" for day in days for hour in ("08:10", "09:30", last)[: day % 3 + 1]]
    return [{"at": time, "line": "ab"[number % 2], "seconds": 60 * number} for number, time in enumerate(times)]


def test_rows_are_counted(written):
    """Days without a row count 0, up to the last row of all; numbers of the rows are not read unless they are named."""
    path = written([*calls([0, 1, 2, 5, 7]), {"at": "2026-03-09 09:00", "line": "c", "seconds": 5}])
    how = {"aggregate": "count", "resample": "1d", "counts": True}
    panel = panel_of(path, **how)
    assert panel.values[0][:, 0].tolist() == [1, 2, 3, 0, 0, 3, 0, 3]
    assert panel.columns.roles == {"time": ("at",)}
    assert panel.columns.ignored == ("line", "seconds")
    assert panel.decisions[0] == "the number of rows is forecast"
    assert "12 rows are counted in 5 steps (--aggregate count)" in panel.decisions
    panel = panel_of(path, series="line", covariates=["seconds"], **how)
    assert panel.names == ["a", "b", "c"]
    assert [one[:, 0].tolist() for one in panel.values] == [[1, 1, 1, 0, 0, 2, 0, 1], [1, 2, 0, 0, 1, 0, 1], [1]]
    assert panel.values[0][:3, 1].tolist() == [0, 120, 240]


@pytest.mark.parametrize(
    ("last", "resample", "end"),
    [
        ("22:00", "1d", None),
        ("18:00", "1d", "begins at 2026-03-10, but the last row is at 2026-03-10T18:00:00"),
        ("22:00", "7d", "begins at 2026-03-09, but the last row is at 2026-03-10T22:00:00"),
    ],
)
def test_rows_that_end_within_an_interval_are_mentioned(written, last, resample, end):
    panel = panel_of(written(calls(last=last)), resample=resample, counts=True, aggregate="count")
    found = [one for one in panel.decisions if one.startswith("the last interval ")]
    told = [] if end is None else [f"the last interval {end}: if the interval is not over, leave out its rows"]
    assert found == [one for one in panel.notes if one.startswith("the last interval ")] == told


def test_steps_ahead_do_not_say_that_the_last_interval_is_unfinished(written):
    rows = [{"t": f"2026-03-{day:02} 23:00", "y": 1, "promo": 0} for day in range(1, 21)]
    ahead = [{"t": f"2026-03-{day:02} 00:00", "y": "", "promo": 1} for day in (21, 22)]
    panel = panel_of(written(rows + ahead), target="y", known_ahead=["promo"], resample="1d", aggregate="sum", fill=0)
    assert panel.notes == ()


def test_events_that_would_become_seconds_are_refused(written):
    path = written([{"at": f"2026-03-01 12:{minute:02}:{minute:02}"} for minute in (0, 1, 1, 7, 20, 40)])
    with pytest.raises(UserError, match=r"steps have no row\. Give the interval .* as in --resample 1d"):
        panel_of(path, counts=True, aggregate="count")


def hourly(hours, **more):
    begin = datetime(2026, 1, 1, 22)
    return [{"when": str(begin + timedelta(hours=hour)), "kwh": 1, **more} for hour in hours]


def test_a_part_of_a_day_is_no_day(written):
    a, b = range(24 * 8 + 4), (hour for hour in range(24 * 8 + 4) if not 60 <= hour < 70 and hour != 100)
    path = written([*hourly(a, meter="a"), *hourly(b, meter="b")])
    panel = panel_of(path, resample="1d", aggregate="sum", target="kwh", series="meter")
    assert [one[:, 0].tolist() for one in panel.values] == [[24] * 8, [24] * 4 + [23] + [24] * 3]
    assert [one.tolist() for one in panel.present] == [[True] * 8, [True, True, False, *[True] * 5]]
    assert [panel.shown_time(one) for one in panel.starts] == ["2026-01-02"] * 2
    assert panel.ahead[0].shape[0] == 1, "the day that is not over is the first to forecast"
    told = "5 intervals of 1 d have fewer rows than usual, such as 2026-01-01 of series a"
    assert any(one.startswith(told) for one in panel.decisions)
    filled = panel_of(path, resample="1d", aggregate="sum", fill=0, target="kwh", series="meter")
    assert filled.values[1][:4, 0].tolist() == [2, 24, 24, 14]


def test_a_mean_needs_half_of_the_usual_rows(written):
    rows = hourly(hour for hour in range(24 * 5) if not 30 <= hour < 40 and not 54 <= hour < 70)
    panel = panel_of(written(rows), resample="1d", aggregate="mean", target="kwh")
    assert panel.present[0].tolist() == [True, True, False, True, True]


def test_the_days_of_events_may_have_few_rows(written):
    hours = np.cumsum(np.random.default_rng(0).exponential(1, 200))
    rows = hourly([*hours.tolist(), float(hours[-1] // 24 * 24 + 49.5)])
    panel = panel_of(written(rows), resample="1d", aggregate="sum", target="kwh")
    assert panel.values[0][-1, 0] == 1
    assert panel.values[0][:, 0].sum() == len(rows)


def test_times_that_could_be_combined_are_refused_with_the_option(written):
    combine = r"Combine the rows of each time \(--aggregate sum or mean\)"
    several = r"name every column that is needed to identify a series \(--series shop,OTHER\)"
    with pytest.raises(UserError, match=rf"two rows with this time\. {combine}, or {several}, or leave"):
        panel_of(written(RECEIPTS), target="sold", series="shop")
    rows = [{"when": f"2026-01-05 {hour:02}:{hour * 7 % 60:02}", "sold": 1} for hour in range(20)]
    with pytest.raises(UserError, match=r"add up those of each interval: --resample 1d --aggregate sum\.$"):
        panel_of(written(rows))
    with pytest.raises(UserError, match=r"give the interval in which rows are combined, as in --resample 1d\.$"):
        panel_of(written(rows), aggregate="sum")
    with pytest.raises(UserError, match="--aggregate sum needs a column with the time"):
        panel_of(written([{"y": 1}, {"y": 2}]), aggregate="sum")
    with pytest.raises(UserError, match=r"or combine the rows of each interval \(--aggregate sum or mean\)"):
        panel_of(written(rows), resample="1d", fill=0)


@pytest.mark.parametrize("fill", [None, 0])
def test_a_mistyped_year_is_told_before_memory_is_short(written, monkeypatch, fill):
    monkeypatch.setattr("unspool.data.forecasting.even_steps.MOST_NUMBERS", 1_000)
    rows = sales({"a": {0: 1, 1: 2, 2: 3}, "b": {0: 1, 1: 2, 2: 3}})
    rows[-1]["day"] = "2062-01-07"
    named = "a" if fill == 0 else "b"
    told = rf"series {named} would have 13,1\d\d steps of 1 d, from 2026-01-05 to 2062-01-07: too many\. Correct"
    with pytest.raises(UserError, match=told):
        panel_of(written(rows), series="item", fill=fill)


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize(("time", "told"), [("", "the row has no time"), ("Total", "'Total' is neither a number nor")])
def test_a_row_of_totals_is_left_out_alone(written, daily, wide, time, told):
    path = written([*daily([1, 2, 4], z=1), {"day": time, "y": 7, "z": 3}])
    named = {"target": "y,z"} if wide else {"target": "y", "time": "day"}
    with pytest.raises(UserError, match=rf"row 4 \(line 5\), column day: {told}.* such as one of totals, remove it"):
        panel_of(path, **named)
    panel = panel_of(path, "skip", **named)
    assert panel.values[0][:, 0].tolist() == [1, 2, 4]
    assert panel.left_out == {Reason.NOT_A_TIME: 1}


def test_a_row_without_a_date_says_what_to_do_about_its_notation(written):
    path = written([{"t": f"{year}-{(year + 1) % 100:02}", "y": year} for year in range(1998, 2015)])
    with pytest.raises(UserError, match=r"'1998-99' looks like a fiscal year\. Write each year as a number"):
        panel_of(path)


@pytest.mark.parametrize("written_so", ["{year}-{week:02}", "{week}/{year}"])
def test_weeks_are_not_read_as_months(written, written_so):
    rows = [{"Woche": written_so.format(year=2026, week=week), "y": week} for week in range(1, 9)]
    panel = panel_of(written(rows), time="Woche")
    assert (panel.step.words, panel.shown_time(panel.time_after(0, 1))) == ("7 d", "2026-02-23")
    months = [{"month" if name == "Woche" else name: cell for name, cell in row.items()} for row in rows]
    assert panel_of(written(months)).step.words == "a month"


@pytest.mark.parametrize(
    ("times", "told"),
    [
        ([2025 + month / 100 for month in range(1, 13)], "months.* 2025-01 for 2025.01"),
        ([f"{year}.{quarter}" for year in (2024, 2025) for quarter in range(1, 5)], "quarters.* 2024-Q1 for 2024.1"),
    ],
)
def test_months_and_quarters_after_a_point_are_refused(written, times, told):
    path = written([{"t": time, "y": place} for place, time in enumerate(times)])
    with pytest.raises(UserError, match=f"are numbers, and look like years and {told}"):
        panel_of(path)


@pytest.mark.parametrize("times", [[1949 + round(month / 12, 3) for month in range(20)], [2025.1, 2025.2, 2025.3]])
def test_fractional_years_are_read(written, times):
    assert panel_of(written([{"t": time, "y": place} for place, time in enumerate(times)])).step.unit == "number"


def test_fiscal_years_are_not_read_as_months(written):
    path = written([{"t": f"{year}-{year - 1999:02}", "y": year} for year in range(2000, 2012)])
    with pytest.raises(UserError, match=r"column t, such as 2000-01 and 2001-02, look like fiscal years"):
        panel_of(path)


def test_a_bad_row_stops_or_costs_its_series(written):
    rows = [
        {"id": name, "t": step, "y": "oops" if (name, step) == ("b", 1) else step} for name in "ab" for step in range(3)
    ]
    path = written(rows)
    columns = ForecastColumns("y", "t", "id")
    with pytest.raises(UserError, match=r"row 5 \(line 6\), column y: 'oops' is not a finite number"):
        read_panel(read_table(path), columns)
    panel = read_panel(read_table(path, "skip"), columns)
    assert (panel.names, sum(panel.left_out.values())) == (["a"], 1)
    assert panel.notes == ("series left out: b",)
    told = r"no series can be used\. The first problem: row 2 \(line 3\), column y: 'oops' is not a finite "
    told += r"number\. Write a number, or leave the cell empty if none is known\.$"
    with pytest.raises(UserError, match=told):
        read_panel(read_table(written(rows[3:]), "skip"), columns)


def test_a_series_without_a_number_is_refused(written):
    rows = [{"id": name, "t": step, "y": step if name == "a" else ""} for name in "ab" for step in range(3)]
    with pytest.raises(UserError, match="series b has no number"):
        panel_of(written(rows), series="id")


@pytest.mark.parametrize("ahead", [False, True])
def test_a_series_without_a_number_of_a_covariate_is_refused(written, ahead):
    """It was read as 0 throughout, and its forecasts ran away."""
    rows = [{"id": name, "t": step, "y": step, "x": step if name == "a" else ""} for name in "ab" for step in range(9)]
    rows += [{"id": "b", "t": 9, "y": "", "x": 3}] if ahead else []  # beside no number of the target
    path = written(rows)
    columns = ForecastColumns("y", "t", "id", **{"known_ahead" if ahead else "until_now": ("x",)})
    with pytest.raises(UserError, match=r"row 10, column x: series b has no number\."):
        read_panel(read_table(path), columns)
    assert read_panel(read_table(path, "skip"), columns).names == ["a"]


def test_dates_in_training_and_numbers_later_are_refused(written):
    table = read_table(written([{"t": 1, "y": 1}, {"t": 2, "y": 2}]))
    with pytest.raises(UserError, match="are numbers; in training they were the other kind"):
        read_panel(table, ForecastColumns("y", "t"), step=TimeStep("month"))


def test_numbers_that_32_bits_cannot_tell_apart_are_refused(written, daily):
    meter = [1_000_000_000 + 3 * day for day in range(30)]
    path = written([*daily(meter, shop="a"), *daily([one % 1000 for one in meter], shop="b")])
    told = r"row 1, column y: series a has numbers too large .* precision\. Subtract the same number .*, or leave"
    with pytest.raises(UserError, match=told) as refused:
        panel_of(path, series="shop")
    assert "precision. Train a model on such numbers with the same number subtracted" in refused.value.to_users
    assert panel_of(path, "skip", series="shop").names == ["b"]
    kept = written([*daily([0.1] * 9, shop="a"), *daily([0.3, 0.1 + 0.2] * 5, shop="b"), *daily(meter[:1], shop="c")])
    assert len(panel_of(kept, series="shop")) == 3, "constant series, rounding, and single values are allowed"
    balance = written(daily([1_200_000 + 0.3 * day for day in range(30)]))
    assert len(panel_of(balance).values[0]) == 30


def test_numbers_that_are_combined_need_not_be_apart(written):
    times = (datetime.fromtimestamp(1_767_225_600 + 900 * one, UTC) for one in range(96 * 4))
    rows = [{"t": time.isoformat(), "y": 1e6 + 0.01 * number} for number, time in enumerate(times)]
    with pytest.raises(UserError, match="32-bit precision"):
        panel_of(written(rows))
    table = read_table(written(rows))
    panel = read_panel(table, ForecastColumns("y", "t"), resample="1d", aggregate="mean")
    np.testing.assert_allclose(np.diff(panel.values[0][:, 0]), 0.96, atol=0.1)


@pytest.mark.parametrize("aggregate", ["sum", "mean"])
def test_combined_numbers_are_rounded_once_and_must_be_apart(written, daily, aggregate):
    level, own = daily([1e9] * 30), daily([3 * day - 1e9 for day in range(30)])
    found = panel_of(written([*level, *own]), aggregate=aggregate).values[0][:, 0]
    assert found.tolist() == [3 * day / (1 if aggregate == "sum" else 2) for day in range(30)]
    with pytest.raises(UserError, match="32-bit precision"):
        panel_of(written([*level, *daily([3 * day + 1e9 for day in range(30)])]), aggregate=aggregate)


def test_receipts_at_opening_times_are_combined_by_the_hour_without_closed_hours(written):
    opened = [datetime(2026, 3, 2) + timedelta(days=day, hours=hour) for day in range(6) for hour in range(9, 13)]
    rows = [{"time": f"{one + timedelta(minutes=minutes)}", "y": 2} for one in opened for minutes in (5, 20, 59)]
    panel = panel_of(written(rows), aggregate="sum", resample="1h")
    assert panel.values[0].ravel().tolist() == [6.0] * len(opened)
    assert panel.shown_time(panel.time_after(0, 1)) == "2026-03-08T09:00:00"


def in_berlin(first, days, hours):
    """Each of these hours of each day, with the offset of Berlin; clocks were set forward on 29 March 2026."""
    begin, zone = datetime.fromisoformat(first).replace(tzinfo=ZoneInfo("Europe/Berlin")), timedelta(hours=1)
    return [(begin + timedelta(days=day) + hour * zone).isoformat() for day in range(days) for hour in hours]


@pytest.mark.parametrize("first", ["2026-03-20", "2026-01-05"])  # clocks change, or not yet
@pytest.mark.parametrize("how", [{}, {"aggregate": "sum"}, {"aggregate": "sum", "resample": "1h"}])
def test_opening_times_are_in_local_time(written, first, how):
    path = written([{"time": one, "y": number % 8} for number, one in enumerate(in_berlin(first, 20, range(9, 17)))])
    panel = panel_of(path, **how)
    assert panel.step.words == "1 h (each day from 09:00 to 16:00)"
    assert panel.values[0].tolist() == [[number % 8] for number in range(160)]
    assert panel.shown_time(panel.starts[0]) == f"{first}T09:00:00"
    summer = written([{"time": one, "y": 1} for one in in_berlin("2026-06-01", 3, range(9, 17))])
    columns = panel.columns
    later = read_panel(read_table(summer), columns, step=panel.step, local=panel.local, zoned=panel.zoned, **how)
    assert later.shown_time(later.starts[0]) == "2026-06-01T09:00:00"


@pytest.mark.parametrize(
    ("first", "hours"),
    [("2026-03-20", range(24)), ("2026-10-20", range(4))],  # 02:00 occurs twice on 25 October
)
def test_times_without_opening_times_in_local_time_are_in_utc(written, first, hours):
    begin = datetime.fromisoformat(first).replace(tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)
    moments = [begin + timedelta(days=day, hours=hour) for day in range(20) for hour in hours]
    rows = [{"time": one.astimezone(ZoneInfo("Europe/Berlin")).isoformat(), "y": 1} for one in moments]
    panel = panel_of(written(rows))
    assert panel.zoned
    assert not panel.local
    assert panel.starts[0] == begin.timestamp()


def test_a_row_outside_the_opening_times_is_named(written):
    """A single Saturday made all Saturdays opening times, whose steps were filled in."""
    opened = [
        datetime(2026, 3, 2) + timedelta(days=7 * week + day, hours=hour)
        for week in range(6)
        for day in range(5)
        for hour in range(9, 13)
    ]
    saturday = datetime(2026, 3, 7, 10)
    told = "has a row at 2026-03-07T10:00:00, but steps are 1 h \\(Monday to Friday from 09:00 to 12:00\\)"
    with pytest.raises(UserError, match=told):
        panel_of(written([{"time": f"{one}", "y": 1} for one in sorted([*opened, saturday])]))


def test_few_days_with_rows_at_opening_times_only_are_refused_with_what_to_do(written):
    opened = [datetime(2026, 3, 2) + timedelta(days=day, hours=hour) for day in range(2) for hour in range(9, 13)]
    with pytest.raises(UserError, match=r"only 8 of 28 steps\. .* at opening times only, give three weeks or more"):
        panel_of(written([{"time": f"{one}", "y": 1} for one in opened]))


@pytest.mark.parametrize("how", [{"counts": True, "aggregate": "count"}, {"target": "y", "aggregate": "sum"}])
def test_a_last_day_that_ends_earlier_than_others_is_left_out(written, how):
    days = [datetime(2026, 3, 1) + timedelta(days=day) for day in range(12)]
    rows = [
        {"at": f"{day + timedelta(hours=hour)}", "id": "a", "y": 1} for day in days for hour in (8, 8.5, 11, 17, 20)
    ]
    new = {"at": "2026-03-12 08:10:00", "id": "new", "y": 1}
    panel = panel_of(written([*rows[:-3], new]), resample="1d", series="id", **how)
    assert panel.names == ["a"]  # the other one begins on the day that is left out
    assert panel.values[0][:, 0].tolist() == [5.0] * 11
    assert panel.shown_time(panel.time_after(0, 1)) == "2026-03-12"
    told = (
        "is left out as incomplete, with 1 series that began in it: its last row is at 2026-03-12T08:30:00, earlier "
        "than in nearly all other intervals"
    )
    assert any(told in one for one in panel.decisions)
    assert any(told in one for one in panel.notes)
    early = panel_of(written([*rows[:-1], {"at": "2026-03-12 18:50:00", "id": "a", "y": 1}]), resample="1d", **how)
    assert early.values[0][:, 0].tolist() == [5.0] * 12  # a last customer an hour before the others is no sign
    whole = panel_of(written([*rows, new]), resample="1d", series="id", **how)
    assert whole.names == ["a", "new"]
    assert whole.notes == ()


def test_steps_that_are_filled_are_told_only_if_there_are_any(written):
    rows = [{"t": f"2026-03-{day:02}", "y": 1} for day in (*range(1, 9), 10)]
    assert any(one.startswith("1 step without a row, ") for one in panel_of(written(rows), fill=0).decisions)
    assert not any("without a row" in one for one in panel_of(written(rows[:-1]), fill=0).decisions)
