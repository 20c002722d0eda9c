"""Columns are found by name and content, and what cannot be is told."""

import pytest

from unspool.data.forecasting import find_forecast_columns
from unspool.data.tables import read_table
from unspool.errors import UserError


def test_the_only_numbers_are_forecast(written):
    table = read_table(
        written([{"day": "2026-01-01", "sold": 1, "what": "a"}, {"day": "2026-01-02", "sold": 2, "what": "b"}])
    )
    found = find_forecast_columns(table)
    assert (found.target, found.time, found.series, found.ignored) == ("sold", "day", None, ("what",))


def test_other_numbers_are_covariates_and_recurring_ids_tell_series_apart(written):
    rows = [{"id": name, "t": step, "y": 1, "wind": 2, "heat": 3} for name in "ab" for step in range(2)]
    table = read_table(written(rows))
    found = find_forecast_columns(table, known_ahead=["heat"])
    assert (found.series, found.target, found.until_now, found.known_ahead) == ("id", "y", ("wind",), ("heat",))
    assert "covariate known ahead: heat" in found.words
    assert find_forecast_columns(table, covariates=[]).until_now == ()


def test_the_numbers_of_rows_are_no_covariate(written):
    rows = [{"": row, "day": f"2026-01-0{row + 1}", "sold": 3} for row in range(3)]
    assert find_forecast_columns(read_table(written(rows))).ignored == ("column 1",)


def test_a_covariate_that_rises_is_named_as_a_possible_time(written):
    table = read_table(written([{"start": 1_447_000 + 3600 * row, "wind": 5, "y": row % 3} for row in range(6)]))
    found = find_forecast_columns(table)
    assert (found.time, found.until_now, found.rising) == (None, ("start", "wind"), "start")
    assert "column start rises from row to row; if it tells the time, add --time start" in found.words
    assert find_forecast_columns(table, time="start").rising is None


def test_a_covariate_with_a_decimal_comma_is_refused_unless_others_are_named(written):
    table = read_table(written([{"day": f"2026-01-0{day}", "sold": 3, "heat": "1,5"} for day in (1, 2)]))
    with pytest.raises(UserError, match="column heat has numbers with a decimal comma"):
        find_forecast_columns(table)
    assert find_forecast_columns(table, covariates=[]).until_now == ()


@pytest.mark.parametrize("names", [("1990", "1991", "1992"), ("2020-01", "2020-02", "2020-03")])
def test_a_column_for_each_time_is_no_series(written, names):
    """Each column of such a table was suggested as a series, so that the next country was forecast."""
    rows = [{"country": f"c{number}"} | dict.fromkeys(names, number / 7) for number in range(40)]
    message = (
        rf"columns {names[0]} to {names[-1]} seem to be steps in time, .* df\.melt\(\['country'\], var_name='time'\)"
    )
    with pytest.raises(UserError, match=message):
        find_forecast_columns(read_table(written(rows)))
    wide = [{"week": f"2026-01-{day:02}", "SKU-1": day, "SKU-2": day, "price": day} for day in range(1, 20)]
    with pytest.raises(UserError, match=r"--label 'SKU-\*'; --label '\*' takes all"):
        find_forecast_columns(read_table(written(wide)))
    by_day = [{"day": f"2026-01-{day:02}", "1": day, "2": day, "3": day} for day in range(1, 20)]
    with pytest.raises(UserError, match=r"cannot be determined\. Name it .* there are 1, 2, 3"):
        find_forecast_columns(read_table(written(by_day)))


@pytest.mark.parametrize(
    ("named", "message"),
    [
        (
            {},
            r"cannot be determined. Name it \(--label\): there are a, b\. If .*--label a,b; --label '\*' takes all",
        ),
        ({"target": "c"}, "'c' for the label"),
        ({"target": "a, d"}, "'d' for the label"),
        ({"target": "a,word"}, "column word holds no numbers"),
        ({"target": "x*"}, r"no column of numbers whose name matches 'x\*' \(--label\). Its columns are"),
        ({"target": "a,b", "series": "word"}, r"each column is a series, so that --series word cannot name them"),
        ({"target": "a,b", "known_ahead": ["a"]}, "column a cannot be both --label and --known-ahead"),
        (
            {"target": "word"},
            "column word holds no numbers, so it cannot be forecast. Name another one .*: there are a, b",
        ),
        ({"target": "comma"}, "column comma has numbers with a decimal comma, such as '1,5'"),
        ({"target": "a", "known_ahead": ["a"]}, "column a cannot be both --label and --known-ahead"),
        (
            {"target": "a", "known_ahead": ["word"]},
            "column word holds no numbers, .* Write numbers, such as 1 for a holiday",
        ),
    ],
)
def test_what_cannot_be_told_is_refused(written, named, message):
    table = read_table(written([{"word": "x", "a": 1, "b": 2, "comma": "1,5"}]))
    with pytest.raises(UserError, match=message):
        find_forecast_columns(table, **named)


def test_a_year_and_what_is_within_it_are_a_hint_to_read_both(written):
    rows = [{"year": 2025, "quarter": quarter, "sold": quarter} for quarter in (1, 2, 3, 4)]
    with pytest.raises(UserError, match=r"the time seems to be in the columns year and quarter\. Join them \(--time"):
        find_forecast_columns(read_table(written(rows)))
    table = read_table(written(rows), times=["year,quarter"])
    found = find_forecast_columns(table, time="year,quarter")
    assert (found.time, found.target, found.until_now) == ("year,quarter", "sold", ())
    assert find_forecast_columns(read_table(written(rows)), time="quarter", target="sold").until_now == ("year",)
    dated = [row | {"from": f"2025-{3 * row['quarter']:02}-01"} for row in rows]
    assert find_forecast_columns(read_table(written(dated)), target="sold").time == "quarter"


def test_no_numbers_at_all_are_refused(written):
    with pytest.raises(UserError, match="no column of numbers to forecast"):
        find_forecast_columns(read_table(written([{"word": "x", "day": "2026-01-01"}])))
    with pytest.raises(UserError, match=r"For the lists in target, write a row for each number \(in pandas, explode\)"):
        find_forecast_columns(read_table(written([{"start": "2026-01-01", "target": "[1, 2, 3]"}])))


def test_the_only_dates_tell_the_time_and_the_only_names_the_series(written, sales):
    months = ("2026-01-31", "2026-02-28", "2026-03-31")
    found = find_forecast_columns(read_table(written(sales(("Nord", "Süd"), months))))
    assert (found.target, found.time, found.series, found.ignored) == ("Umsatz", "Monat", "Filiale", ())


@pytest.mark.parametrize("months", [("Jan 2026", "Feb 2026"), ("2026Q1", "2026Q2"), ("31.01.2026", "28.02.2026")])
def test_months_quarters_and_dates_that_will_be_refused_tell_the_time(written, sales, months):
    found = find_forecast_columns(read_table(written(sales(("Nord",), months))))
    assert (found.time, found.series) == ("Monat", None)


@pytest.mark.parametrize("year", ["year", "Jahr", "Año", "Année"])
def test_years_tell_the_time(written, year):
    rows = [{year: 2020 + place, "Wert": place} for place in range(4)]
    found = find_forecast_columns(read_table(written(rows)))
    assert (found.time, found.target, found.until_now) == (year, "Wert", ())


def test_dates_tell_the_time_rather_than_the_month_that_they_are_in(written):
    rows = [{"sales": day, "MONTH": 1, "when": f"2026-01-{day:02}"} for day in range(1, 20)]
    found = find_forecast_columns(read_table(written(rows)), target="sales")
    assert (found.time, found.until_now) == ("when", ("MONTH",))


@pytest.mark.parametrize(
    ("others", "time"),
    [
        ({"last_updated": "2026-05-05"}, "year"),
        ({"from": "2026-05-05", "to": "2026-05-06"}, "year"),
        ({"item": 20_190_412}, "year"),
    ],
)
def test_a_column_named_year_tells_the_time_beside_dates_that_do_not(written, others, time):
    rows = [{"year": 1990 + row, "people": row, **others} for row in range(20)]
    assert find_forecast_columns(read_table(written(rows)), target="people").time == time


def test_dates_in_digits_tell_the_time_if_no_others_do(written):
    rows = [{"sales": day, "recorded": 20_260_100 + day} for day in range(1, 20)]
    found = find_forecast_columns(read_table(written(rows)))
    assert (found.target, found.time) == ("sales", "recorded")


def test_numbers_may_be_written_as_missing_in_most_of_the_first_rows(written):
    rows = [{"month": f"20{row:02}", "rain": row if row % 5 else "NA", "sales": "NA"} for row in range(10, 60)]
    rows = [{**row, "rain": "NA"} if place % 3 else row for place, row in enumerate(rows)]
    found = find_forecast_columns(read_table(written(rows)), target="sales")
    assert found.until_now == ("rain",)


def test_spaces_between_columns_are_pointed_out(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("day  sold\n2026-01-01  3\n2026-01-02  5\n")
    with pytest.raises(UserError, match=r"has a single column, 'day  sold'\. If spaces part its columns, write commas"):
        find_forecast_columns(read_table(path))


def test_a_first_value_is_not_taken_as_a_header(written, tmp_path):
    path = tmp_path / "beats.csv"
    path.write_text("530\n518\n511\n498\n")
    with pytest.raises(UserError, match=r"line 1: '530' looks like an example.*such as time,value.*\(--label\)"):
        find_forecast_columns(read_table(path))
    assert find_forecast_columns(read_table(path), target="530").target == "530"


def test_a_named_time_is_enough_to_count_rows_under_names_that_recur_as_cells(tmp_path):
    path = tmp_path / "calls.csv"
    path.write_text("at,call\n" + "".join(f"2026-03-0{day},{'call' if day % 2 else 'mail'}\n" for day in range(1, 9)))
    found = find_forecast_columns(read_table(path), time="at", counts=True)
    assert (found.target, found.ignored) == ("rows", ("call",))


def test_several_columns_of_dates_are_refused(written, sales):
    rows = [row | {"bis": row["Monat"]} for row in sales(("Nord",), ("2026-01-31", "2026-02-28"))]
    table = read_table(written(rows))
    with pytest.raises(UserError, match=r"several columns hold dates \(Monat, bis\)\. Name the one .*\(--time\)"):
        find_forecast_columns(table)
    assert find_forecast_columns(table, time="bis").time == "bis"


def test_columns_that_a_run_has_recorded_are_read_as_recorded(written, sales):
    table = read_table(written(sales(("Nord", "Süd"), ("2026-01-31", "2026-02-28"))))
    found = find_forecast_columns(table, target="Umsatz", covariates=(), by_content=False)
    assert (found.time, found.series) == (None, None)


def test_named_covariates_do_not_change_what_tells_series_apart(written, sales):
    table = read_table(written(sales(("Nord", "Süd"), ("2026-01-31", "2026-02-28"))))
    plain = find_forecast_columns(table, target="Umsatz")
    named = find_forecast_columns(table, target="Umsatz", covariates=())
    assert named.series == plain.series is not None
    assert named.time == plain.time is not None


def test_a_target_with_decimal_commas_is_told_as_such(written, sales):
    rows = [row | {"Umsatz": "1.234,5"} for row in sales(("Nord",), ("2026-01-31", "2026-02-28"))]
    with pytest.raises(UserError, match=r"column Umsatz has numbers with a decimal comma, such as '1\.234,5'"):
        find_forecast_columns(read_table(written(rows)))


def test_numbers_with_one_unit_can_be_forecast(written):
    table = read_table(written([{"day": f"2026-01-0{day}", "weight": f"{70 + day} kg"} for day in range(1, 4)]))
    assert find_forecast_columns(table).target == "weight"


def test_numbers_with_several_units_are_shown_as_what_is_not_read(written):
    weights = ("71 kg", "72 g", "73 kg")
    table = read_table(written([{"day": f"2026-01-0{day}", "weight": one} for day, one in enumerate(weights, start=1)]))
    with pytest.raises(UserError, match=r"no column of numbers to forecast\. It has day, weight \(such as '71 kg'\)\."):
        find_forecast_columns(table)
    with pytest.raises(
        UserError, match=r"column weight \(such as '71 kg'\) holds no numbers, so it cannot be forecast"
    ):
        find_forecast_columns(table, target="weight")
