"""Series are told apart by the column of names that distinguishes rows with the same time."""

import json

import pytest

from unspool.data.forecasting import find_forecast_columns
from unspool.data.tables import read_table


def test_names_that_do_not_tell_rows_of_one_time_apart_tell_no_series(written, sales):
    rows = sales(("Nord", "Süd"), ("2026-01-31", "2026-02-28"))
    two = [row | {"Land": row["Filiale"]} for row in rows]
    assert find_forecast_columns(read_table(written(two))).series is None  # it could be either
    notes = [row | {"Filiale": f"note {number}"} for number, row in enumerate(rows)]
    assert find_forecast_columns(read_table(written(notes))).series is None
    assert find_forecast_columns(read_table(written(rows + rows))).series is None


def long_series(names, steps=1200):
    return [
        {"date": f"{2000 + step // 300}-{step % 300 // 25 + 1:02}-{step % 25 + 1:02}", "price": step, **name}
        for name in names
        for step in range(steps)
    ]


def test_the_series_column_is_found_if_the_first_series_fills_the_first_thousand_rows(written):
    names = [{"ticker": one, "currency": "USD", "firm": firm} for one, firm in (("AA", "x"), ("BB", "x"))]
    assert find_forecast_columns(read_table(written(long_series(names)))).series == "ticker"
    names[1]["firm"] = "y"  # either could be
    assert find_forecast_columns(read_table(written(long_series(names)))).series is None


def test_a_column_that_changes_within_one_series_does_not_name_series(written):
    rows = long_series([{"state": "on"}])
    rows[-1]["state"] = "off"
    assert find_forecast_columns(read_table(written(rows))).series is None
    rows[-2]["date"], rows[-2]["state"] = rows[-3]["date"], "off"  # an hour that a clock shows twice
    rows[-1]["state"] = "on"
    assert find_forecast_columns(read_table(written(rows))).series is None


def test_a_name_that_tells_apart_the_first_series_alone_tells_none(written):
    names = [{"shop": shop, "goods": goods} for shop in "AB" for goods in "xy"]
    assert find_forecast_columns(read_table(written(long_series(names)))).series is None


@pytest.mark.parametrize("by_time", [True, False])
def test_a_row_that_is_there_twice_does_not_hide_the_series_column(written, sales, by_time):
    """Its rows were combined into one series (--aggregate), and nothing was said of it."""
    months = [f"20{year}-{month:02}-28" for year in range(10, 20) for month in range(1, 13)]
    rows = sales("ABC", months, Einheit="EUR")
    rows = sorted(rows, key=lambda row: row["Monat"]) if by_time else rows
    found = find_forecast_columns(read_table(written(rows + rows[7:8])))
    assert (found.series, found.perhaps_series) == (None, ("Filiale",))
    assert "there is one series; if column Filiale tells several apart, name it (--series Filiale)" in found.words
    assert find_forecast_columns(read_table(written(rows))).series == "Filiale"


@pytest.mark.parametrize("place", [50, 1500, 3599])
def test_nor_does_it_if_the_first_series_fills_the_first_thousand_rows(written, place):
    rows = long_series([{"ticker": one, "currency": "USD"} for one in ("AA", "BB", "CC")])
    twice = [*rows[:place], rows[place - 1], *rows[place:]]
    assert find_forecast_columns(read_table(written(twice))).perhaps_series == ("ticker",)
    astray = [*rows, rows[3]]
    assert find_forecast_columns(read_table(written(astray))).perhaps_series == ("ticker",)


def test_whole_numbers_may_name_series_but_are_not_taken_for_names(written):
    days = [f"2026-01-{day:02}" for day in range(1, 29)]
    rows = [{"Tag": day, "Filiale": shop, "Grad": 20.5 + shop, "Umsatz": 3} for day in days for shop in range(1, 4)]
    found = find_forecast_columns(read_table(written(rows)), target="Umsatz")
    assert (found.series, found.perhaps_series) == (None, ("Filiale",))


def test_lists_are_no_names_of_series(tmp_path):
    path = tmp_path / "tagged.jsonl"
    path.write_text("".join(json.dumps(row | {"tags": ["a"]}) + "\n" for row in long_series([{}], steps=20)))
    assert find_forecast_columns(read_table(path)).ignored == ("tags",)
