"""The step is found from the times."""

from datetime import datetime, timedelta

import numpy as np
import pytest

from unspool.data.forecasting.finding_steps import find_step
from unspool.data.forecasting.month_days import day_of_months
from unspool.data.forecasting.time_step import TimeStep


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
def test_the_clock_gives_step_season_and_the_next_time(seconds, dates, step, season, then):
    times = seconds(*dates)
    found = find_step([times], dates=True)
    assert (found, found.season) == (step, season)
    assert np.abs(found.places(times) - np.arange(len(times))).max() < 0.1
    assert found.shown_time(found.time_at(times[0], len(times), day_of_months(times))) == then


@pytest.mark.parametrize(("per_second", "season"), [(1 / 1.5, 2400), (0.4, 1440), (10, 10), (30, 30), (100, 100)])
def test_steps_that_are_no_whole_seconds_do_not_drift(seconds, per_second, season):
    begin = datetime(2026, 1, 1)
    dates = [(begin + timedelta(seconds=step / per_second)).isoformat() for step in range(40_000)]
    times = seconds(*dates)
    found = find_step([times], dates=True)
    assert found.season == season
    assert np.abs(found.places(times) - np.arange(len(times))).max() < 0.01
    after = begin + timedelta(seconds=len(times) / per_second)
    assert abs(found.time_at(times[0], len(times)) - seconds(after.isoformat())[0]) < 1e-5


def test_steps_of_an_irregular_clock_are_whole_seconds_if_all_times_fit_them(seconds):
    draw = np.random.default_rng(0)
    minutes = 60.0 * np.arange(500) + seconds("2026-01-01")[0]
    assert find_step([minutes + draw.uniform(-4, 4, 500)], dates=True) == TimeStep("second", 60.0)
    fast = find_step([minutes[0] + 60.02 * np.arange(2_000)], dates=True)
    assert fast.length == pytest.approx(60.02)


def test_weekdays_with_a_time_of_day_are_found_when_clocks_change(seconds):
    closes = seconds(*(f"2025-03-{day:02}T{21 if day < 9 else 20}:00" for day in (*range(3, 8), *range(10, 15))))
    assert find_step([closes], dates=True) == TimeStep("weekday")
    assert TimeStep("weekday").places(closes).tolist() == [*range(10)]


def test_weekdays_skip_the_weekend(seconds):
    days = [f"2026-01-{day:02}" for day in (5, 6, 7, 8, 9, 12, 13, 14, 15, 16)]
    times = seconds(*days)
    found = find_step([times], dates=True)
    assert (found, found.season) == (TimeStep("weekday"), 5)
    assert found.places(times).tolist() == [*range(10)]
    assert found.shown_time(found.time_at(times[0], 10)) == "2026-01-19"  # a Monday


def test_without_a_weekend_between_them_days_are_days(seconds):
    days = seconds(*(f"2026-01-{day:02}" for day in range(5, 10)))
    assert find_step([days, days, days], dates=True) == TimeStep("second", 86_400)
    thursday_to_tuesday = seconds("2026-01-08", "2026-01-09", "2026-01-12", "2026-01-13")
    assert find_step([thursday_to_tuesday] * 3, dates=True) == TimeStep("weekday")


def test_numbers_have_no_season_and_go_on_as_numbers():
    found = find_step([np.array([1821.0, 1822, 1823])], dates=False)
    assert (found.season, found.shown_time(found.time_at(1821.0, 3))) == (1, 1824)


@pytest.fixture
def at_hours(seconds):
    """The times at which each day has one of the hours of its weekday; the first day is a Thursday."""

    def times(days, hours_of, first="2026-03-05"):
        begin = datetime.fromisoformat(first)
        every = [begin + timedelta(days=day, hours=hour) for day in range(days) for hour in range(24)]
        return seconds(*(f"{one}" for one in every if one.hour in hours_of(one.weekday())))

    return times


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
def test_steps_at_opening_times_only(at_hours, days, hours_of, words, season, then):
    times = at_hours(days, hours_of)
    found = find_step([times], dates=True)
    assert (found.words, found.season) == (words, season)
    assert found.places(times).tolist() == [*range(len(times))]
    assert found.shown_time(found.time_at(times[0], len(times))).startswith(then)
    assert [found.time_at(times[-1], place - len(times)) for place in range(1, len(times) + 1)] == times.tolist()
    assert found.calendar_width == 0
    assert found.may_be_day(season) == words.startswith("1 h (each day")
    assert TimeStep.from_content(found.content()) == found
    beside = np.array([times[0], times[0] + found.length / 2])
    assert found.places(beside)[1] == 0.5


def test_steps_that_are_missing_by_chance_show_no_opening_times(at_hours):
    hours = at_hours(22, lambda day: range(24))
    kept = np.random.default_rng(0).random(len(hours)) < 0.45
    assert not find_step([hours[kept]], dates=True).openings
    assert not find_step([at_hours(22, lambda day: range(24 * (day < 5)))], dates=True).openings  # few are missing
    assert not find_step([at_hours(2, lambda day: range(8, 18))], dates=True).openings
    assert not find_step([at_hours(30, lambda day: range(8, 18))], dates=True, gaps=True).openings  # as they are filled
