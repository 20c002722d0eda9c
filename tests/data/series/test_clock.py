from pathlib import Path

import numpy as np
import pytest

from unspool.data.series.clock import MOST_NUMBERS, Clock, Interval, resample
from unspool.data.series.layout import layout_of
from unspool.errors import UserError

HOUR = 3600.0


def test_a_table_with_dates_and_one_channel_holds_series(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("series,time,x,label\n1,2026-01-01T00:00:00+00:00,1,a\n1,2026-01-01T00:00:10+00:00,2,a\n")
    assert layout_of(path) == "long"


def test_a_table_of_strings_some_of_which_recur_holds_no_series(tmp_path: Path) -> None:
    path = tmp_path / "peptides.csv"
    path.write_text("sequence,active\nGLWSK,1\nYVPLP,0\nGLWSK,1\nNLCER,0\n")
    assert layout_of(path) is None


def test_rows_in_the_order_of_time_hold_series_though_most_ids_occur_once(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,time,x,label\n1,0,5,a\n2,0,6,b\n3,0,7,a\n1,1,8,a\n")
    assert layout_of(path) == "long"


def clock(*series: list[float], dates: bool = False) -> Clock | None:
    lengths = [len(one) for one in series]
    return Clock.of(np.concatenate(series), np.concatenate(([0], np.cumsum(lengths))), dates)


def test_an_even_clock_is_said_with_its_step() -> None:
    even = clock([0, HOUR, 2 * HOUR], [50, 50 + HOUR], dates=True)
    assert even is not None
    assert even.even
    assert even.words("t") == "the times in column t are even: a step is 1 h"


def test_months_are_even_and_gaps_are_not() -> None:
    days = np.cumsum([0, 31, 28, 31, 30, 31]) * 24 * HOUR
    assert clock(days.tolist(), dates=True).even  # type: ignore[union-attr]
    uneven = clock([0, 1, 2, 3, 9, 10])
    assert uneven is not None
    assert not uneven.even
    assert "steps are 1 to 6 apart, with a median of 1" in uneven.words("t")
    assert "Models use only the order of the steps, not their times; --resample 1 would make" in uneven.words("t")
    assert uneven.words("t", tagged=True).endswith("not their times")
    assert "--resample 35ms would make" in Clock(0.014, 0.0350001, 0.065, True).words("t")


def test_the_step_between_two_series_does_not_count() -> None:
    assert clock([0, 1, 2], [100, 101], [7]).even  # type: ignore[union-attr]
    assert clock([0], [5]) is None


@pytest.mark.parametrize("text", ["", "0", "-1s", "s", "1 year", "1e999", "nan", "1..2"])
def test_what_is_no_interval_is_refused(text: str) -> None:
    with pytest.raises(UserError, match="that is no interval between steps"):
        Interval.of(text)


def test_an_interval_of_months_is_told_how_to_forecast_them() -> None:
    for text, told in (("1M", True), ("1mo", True), ("3 months", True), ("QS", True), ("-5s", False), ("1m", False)):
        with pytest.raises(UserError) as error:
            Interval.of(text)
        assert ("write times as months" in str(error.value)) == told


def test_even_steps_are_on_the_lines_between_the_given_ones() -> None:
    times = np.array([0.0, 1.0, 4.0, 100.0, 100.5, 103.0])
    values = np.stack([2 * times, np.array([1, np.nan, 5, np.nan, np.nan, np.nan])], axis=1).astype(np.float32)
    found, offsets = resample(values, times, np.array([0, 3, 6]), 1.0, "1")
    assert offsets.tolist() == [0, 5, 9]
    np.testing.assert_allclose(found[:, 0], 2 * np.array([0, 1, 2, 3, 4, 100, 101, 102, 103]))
    np.testing.assert_allclose(found[:5, 1], [1, 2, 3, 4, 5])
    assert np.isnan(found[5:, 1]).all()


def test_even_series_stay_as_they_are() -> None:
    values = np.random.default_rng(0).normal(size=(50, 2)).astype(np.float32)
    found, offsets = resample(values, 0.1 * np.arange(50), np.array([0, 50]), 0.1, "0.1")
    np.testing.assert_allclose(found, values, atol=1e-5)
    assert offsets.tolist() == [0, 50]


@pytest.mark.parametrize("interval", [1e-9, 1e-300])
def test_more_steps_than_fit_are_refused_before_they_are_made(interval: float) -> None:
    with pytest.raises(UserError, match=f"would make .* may hold {MOST_NUMBERS:,} numbers"):
        resample(np.zeros((2, 1), np.float32), np.array([0.0, 1.0]), np.array([0, 2]), interval, interval)
