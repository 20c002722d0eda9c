"""Places, later times and the calendar follow from the step."""

import numpy as np
import pytest

from unspool.data.forecasting.time_step import TimeStep


def test_months_and_weekdays_before_1970_have_a_time_of_day(seconds):
    ends = seconds("1969-10-31T12:00", "1969-11-30T12:00", "1969-12-31T12:00", "1970-01-31T12:00", "1970-02-28T12:00")
    assert TimeStep("month").places(ends).tolist() == [*range(5)]
    days = [f"1969-12-{day}T16:00" for day in (29, 30, 31)] + [
        "1970-01-01T16:00",
        "1970-01-02T16:00",
        "1970-01-05T16:00",
    ]
    assert TimeStep("weekday").places(seconds(*days)).tolist() == [*range(6)]


def test_a_day_of_the_weekend_lies_between_weekdays(seconds):
    """A last row on Saturday was taken for Monday, which was then never forecast."""
    days = seconds("2026-01-08", "2026-01-09", "2026-01-10", "2026-01-11", "2026-01-12")
    assert TimeStep("weekday").places(days).tolist() == [0, 1, 2.5, 2.5, 2]


def test_the_calendar_tells_days_of_the_week_and_of_the_month_and_the_time_of_year(seconds):
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
