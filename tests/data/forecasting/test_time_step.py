"""The step is found from the times, and later times follow from it."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from unspool.data.forecasting.time_step import TimeStep, day_of_months


def seconds(*dates):
    return np.array([datetime.fromisoformat(one).replace(tzinfo=UTC).timestamp() for one in dates])


@pytest.mark.parametrize(
    ("dates", "step", "season", "then"),
    [
        (["2026-01-01", "2026-02-01", "2026-03-01"], TimeStep("month", 1), 12, "2026-04-01"),
        (["2026-01-31", "2026-02-28", "2026-03-31"], TimeStep("month", 1), 12, "2026-04-30"),
        (["2026-02-28", "2026-03-30", "2026-04-30"], TimeStep("month", 1), 12, "2026-05-30"),
        (["2026-02-28", "2026-03-29", "2026-04-29"], TimeStep("month", 1), 12, "2026-05-29"),
        (["2025-10-01", "2026-01-01", "2026-04-01"], TimeStep("month", 3), 4, "2026-07-01"),
        (["2024-01-01", "2025-01-01", "2026-01-01"], TimeStep("month", 12), 1, "2027-01-01"),
        (["2021-01-01", "2022-01-01", "2023-01-01", "2024-01-01"], TimeStep("month", 12), 1, "2025-01-01"),
        (["2026-01-31", "2026-02-28", "2026-03-28", "2026-04-25"], TimeStep("second", 28 * 86400), 13, "2026-05-23"),
        (["2025-01-04", "2026-01-03", "2027-01-02", "2028-01-01"], TimeStep("second", 364 * 86400), 1, "2028-12-30"),
        (["2026-01-05", "2026-01-12", "2026-01-19"], TimeStep("second", 604800.0), 52, "2026-01-26"),
        (["2026-01-03", "2026-01-04", "2026-01-05"], TimeStep("second", 86400.0), 7, "2026-01-06"),
        (["2026-01-01T22:00", "2026-01-01T23:00", "2026-01-02"], TimeStep("second", 3600.0), 24, "2026-01-02T01:00:00"),
        (["2026-01-01", "2026-01-01T00:30"], TimeStep("second", 1800.0), 48, "2026-01-01T01:00:00"),
    ],
)
def test_the_clock_gives_step_season_and_the_next_time(dates, step, season, then):
    times = seconds(*dates)
    found = TimeStep.find([times], dates=True)
    assert (found, found.season) == (step, season)
    assert np.abs(found.places(times) - np.arange(len(times))).max() < 0.1
    assert found.shown_time(found.time_at(times[0], len(times), day_of_months(times))) == then


@pytest.mark.parametrize(("per_second", "season"), [(1 / 1.5, 2400), (0.4, 1440), (10, 10), (30, 30), (100, 100)])
def test_steps_that_are_no_whole_seconds_do_not_drift(per_second, season):
    begin = datetime(2026, 1, 1)
    dates = [(begin + timedelta(seconds=step / per_second)).isoformat() for step in range(40_000)]
    times = seconds(*dates)
    found = TimeStep.find([times], dates=True)
    assert found.season == season
    assert np.abs(found.places(times) - np.arange(len(times))).max() < 0.01
    after = begin + timedelta(seconds=len(times) / per_second)
    assert abs(found.time_at(times[0], len(times)) - seconds(after.isoformat())[0]) < 1e-5


def test_steps_of_an_irregular_clock_are_whole_seconds_if_all_times_fit_them():
    draw = np.random.default_rng(0)
    minutes = 60.0 * np.arange(500) + seconds("2026-01-01")[0]
    assert TimeStep.find([minutes + draw.uniform(-4, 4, 500)], dates=True) == TimeStep("second", 60.0)
    fast = TimeStep.find([minutes[0] + 60.02 * np.arange(2_000)], dates=True)
    assert fast.length == pytest.approx(60.02)


def test_months_and_weekdays_before_1970_have_a_time_of_day():
    ends = seconds("1969-10-31T12:00", "1969-11-30T12:00", "1969-12-31T12:00", "1970-01-31T12:00", "1970-02-28T12:00")
    assert TimeStep("month").places(ends).tolist() == [*range(5)]
    days = [f"1969-12-{day}T16:00" for day in (29, 30, 31)] + [
        "1970-01-01T16:00",
        "1970-01-02T16:00",
        "1970-01-05T16:00",
    ]
    assert TimeStep("weekday").places(seconds(*days)).tolist() == [*range(6)]


def test_weekdays_with_a_time_of_day_are_found_when_clocks_change():
    closes = seconds(*(f"2025-03-{day:02}T{21 if day < 9 else 20}:00" for day in (*range(3, 8), *range(10, 15))))
    assert TimeStep.find([closes], dates=True) == TimeStep("weekday")
    assert TimeStep("weekday").places(closes).tolist() == [*range(10)]


def test_weekdays_skip_the_weekend():
    days = [f"2026-01-{day:02}" for day in (5, 6, 7, 8, 9, 12, 13, 14, 15, 16)]
    times = seconds(*days)
    found = TimeStep.find([times], dates=True)
    assert (found, found.season) == (TimeStep("weekday"), 5)
    assert found.places(times).tolist() == [*range(10)]
    assert found.shown_time(found.time_at(times[0], 10)) == "2026-01-19"  # a Monday


def test_a_day_of_the_weekend_lies_between_weekdays():
    """A last row on Saturday was taken for Monday, which was then never forecast."""
    days = seconds("2026-01-08", "2026-01-09", "2026-01-10", "2026-01-11", "2026-01-12")
    assert TimeStep("weekday").places(days).tolist() == [0, 1, 2.5, 2.5, 2]


def test_without_a_weekend_between_them_days_are_days():
    days = seconds(*(f"2026-01-{day:02}" for day in range(5, 10)))
    assert TimeStep.find([days, days, days], dates=True) == TimeStep("second", 86_400)
    thursday_to_tuesday = seconds("2026-01-08", "2026-01-09", "2026-01-12", "2026-01-13")
    assert TimeStep.find([thursday_to_tuesday] * 3, dates=True) == TimeStep("weekday")


def test_numbers_have_no_season_and_go_on_as_numbers():
    found = TimeStep.find([np.array([1821.0, 1822, 1823])], dates=False)
    assert (found.season, found.shown_time(found.time_at(1821.0, 3))) == (1, 1824)


def test_the_calendar_tells_days_of_the_week_and_of_the_month_and_the_time_of_year():
    monday = seconds("2026-01-05")[0]
    hours = TimeStep("second", 3600.0).calendar(monday, np.array([0, 24]))
    assert hours.argmax(axis=1).tolist() == [0, 1]
    year = TimeStep("second", 86400.0).calendar(monday, np.array([0, 365]))
    assert np.allclose(year[0, :4], year[1, :4], atol=0.05)
    assert year[:, 4:11].argmax(axis=1).tolist() == [0, 1]
    assert year[:, 11].tolist() == [5, 5]
    before_1970 = TimeStep("second", 86400.0).calendar(seconds("1969-12-30T18:00")[0], np.arange(3))
    assert before_1970[:, 4:11].argmax(axis=1).tolist() == [1, 2, 3]
    assert before_1970[:, 11].tolist() == [30, 31, 1]
    weeks = TimeStep("second", 7 * 86400.0).calendar(monday, np.arange(5))
    assert weeks[:, 4:].tolist() == [[5], [12], [19], [26], [2]]  # all are Mondays
    assert TimeStep("month").calendar_width == 0


def test_earlier_models_have_only_the_time_of_year_of_days():
    read = TimeStep.from_content({"unit": "second", "length": 86400.0})
    assert read == TimeStep("second", 86400.0, month_days=False)
    assert TimeStep.from_content(read.content()) == read
    now = TimeStep("second", 86400.0)
    assert TimeStep.from_content(now.content()) == now
    places = np.arange(5)
    np.testing.assert_array_equal(read.calendar(1e9, places), now.calendar(1e9, places)[:, :4])
    hours = TimeStep("second", 3600.0)
    np.testing.assert_array_equal(
        TimeStep("second", 3600.0, month_days=False).calendar(1e9, places), hours.calendar(1e9, places)
    )


@pytest.mark.parametrize(
    "content",
    [
        {"unit": "fortnight", "length": 1},
        {"unit": "second", "length": 0},
        {"unit": "second", "length": 1, "month_days": 2},
    ],
)
def test_an_altered_step_is_refused(content):
    with pytest.raises(ValueError, match="time step"):
        TimeStep.from_content(content)


def test_fractions_of_years_are_shown_without_what_adding_them_up_leaves():
    assert TimeStep("number", 1 / 12).shown_time(2000 + 186 * 0.08333333333) == 2015.5
    assert TimeStep("number", 0.001).shown_time(1_706_659_200.001) == 1_706_659_200.001
    assert TimeStep("number", 1e6).shown_time(3.0) == 3


def at_hours(days, hours_of, first="2026-03-05"):  # a Thursday
    begin = datetime.fromisoformat(first)
    every = [begin + timedelta(days=day, hours=hour) for day in range(days) for hour in range(24)]
    return seconds(*(f"{one}" for one in every if one.hour in hours_of(one.weekday())))


@pytest.mark.parametrize(
    ("days", "hours_of", "words", "season", "then"),
    [
        (5, lambda _: range(8, 18), "1 h (each day from 08:00 to 17:00)", 10, "2026-03-10T08:00:00"),
        (
            23,
            lambda day: range(9, 18 * (day < 5)),
            "1 h (Monday to Friday from 09:00 to 17:00)",
            9,
            "2026-03-30T09:00:00",
        ),
        (
            23,
            lambda day: (9, 17) * (day in (1, 4)),
            "8 h (Tuesday, Friday from 09:00 to 17:00)",
            2,
            "2026-03-31T09:00:00",
        ),
        (
            23,
            lambda day: range(9, (18, 12, 0)[max(0, day - 4)]),
            "1 h (Monday to Saturday, 48 a week)",
            48,
            "2026-03-28T09",
        ),
    ],
)
def test_steps_at_opening_times_only(days, hours_of, words, season, then):
    times = at_hours(days, hours_of)
    found = TimeStep.find([times], dates=True)
    assert (found.words, found.season) == (words, season)
    assert found.places(times).tolist() == [*range(len(times))]
    assert found.shown_time(found.time_at(times[0], len(times))).startswith(then)
    assert [found.time_at(times[-1], place - len(times)) for place in range(1, len(times) + 1)] == times.tolist()
    assert found.calendar_width == 0
    assert found.may_be_day(season) == words.startswith("1 h (each day")
    assert TimeStep.from_content(found.content()) == found
    beside = np.array([times[0], times[0] + found.length / 2])
    assert found.places(beside)[1] == 0.5


def test_steps_that_are_missing_by_chance_show_no_opening_times():
    hours = at_hours(22, lambda day: range(24))
    kept = np.random.default_rng(0).random(len(hours)) < 0.45
    assert not TimeStep.find([hours[kept]], dates=True).openings
    assert not TimeStep.find([at_hours(22, lambda day: range(24 * (day < 5)))], dates=True).openings  # few are missing
    assert not TimeStep.find([at_hours(2, lambda day: range(8, 18))], dates=True).openings
    assert not TimeStep.find(
        [at_hours(30, lambda day: range(8, 18))], dates=True, gaps=True
    ).openings  # as they are filled


@pytest.mark.parametrize("openings", [[7200, 3600], [3600, 3600], [-1], [604800], [1.5]])
def test_opening_times_that_were_altered_are_refused(openings):
    with pytest.raises(ValueError, match="opening times"):
        TimeStep.from_content({"unit": "second", "length": 3600.0, "openings": openings})


def test_steps_over_midnight_are_where_their_places_say():
    """Sunday night just before midnight is Monday's first opening, within the tolerance."""
    openings = tuple(sorted(day * 86_400 + hour * 3_600 for day in range(7) for hour in (22, 23, 0, 1)))
    step, monday = TimeStep("second", 3600, openings=openings), 4 * 86_400 + 7 * 86_400 * 100
    assert step.time_at(monday - 60, 0) == monday
    assert step.time_at(monday - 60, 2) == monday + 22 * 3600
    assert step.places(np.array([monday - 60, monday + 3600, monday + 22 * 3600])).tolist() == [0, 1, 2]
    assert step.words == "1 h (each day, 4 a day)"
