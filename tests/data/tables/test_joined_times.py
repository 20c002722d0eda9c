from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unspool.data.cell_values import time_of
from unspool.data.tables.joined_times import joined_time


@given(st.datetimes(datetime(1000, 1, 1), datetime(2999, 12, 31)), st.integers(2, 6), st.booleans())
def test_numbers_from_the_year_on_are_a_time(moment: datetime, count: int, as_texts: bool) -> None:
    numbers = [moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second][:count]
    cells = list(map(str, numbers)) if as_texts else numbers
    names = ["year", "month", "day", "hour", "minute", "second"][:count]
    expected = datetime(*([*numbers, 1])[: max(count, 3)], tzinfo=UTC)  # type: ignore[arg-type,misc]
    assert time_of(joined_time(names, cells), "when") == expected.timestamp()


@pytest.mark.parametrize(
    ("names", "cells", "joined"),
    [
        (["year", "quarter"], ["2026", "1"], "2026-Q1"),
        (["year", "trimestre"], ["2026", "4"], "2026-Q4"),
        (["year", "x"], ["2026", "Q3"], "2026-Q3"),
        (["year", "month"], ["2026", "3"], "2026-03"),
        (["year", "month"], [2026.0, 3.0], "2026-03"),
        (["Jahr", "KW"], ["2026", "5"], "2026-W05"),
        (["year", "week"], [2026, "W53"], "2026-W53"),
        (["year", "month"], ["2026", "Mar"], "2026 Mar"),
        (["date", "time"], ["2026-01-31", "17:24"], "2026-01-31 17:24"),
        (["year", "month", "day"], ["2026", "1", "31"], "2026-01-31"),
        (["year", "month", "day", "hour"], ["2026", "1", "31", "7"], "2026-01-31T07:00"),
        (["year", "month"], ["2026", ""], None),
        (["year", "month"], [None, "1"], None),
        (["month", "year"], ["3", "2026"], "3 2026"),  # which time_of refuses
    ],
)
def test_cells_are_joined_by_what_they_are(names: list[str], cells: list[object], joined: str | None) -> None:
    assert joined_time(names, cells) == joined
