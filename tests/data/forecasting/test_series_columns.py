"""A table with a column for each series is read as the same numbers with a row for each step of each series."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unspool.data.forecasting import find_forecast_columns, read_panel
from unspool.data.tables import read_table
from unspool.errors import UserError

NUMBER = st.none() | st.integers(-99, 99)


@st.composite
def tables(draw):
    """Rows of numbers, some missing, with at least two steps that follow each other in each of 2 or 3 series."""
    width, steps = draw(st.integers(2, 3)), draw(st.integers(3, 9))
    rows = [draw(st.lists(NUMBER, min_size=width, max_size=width)) for _ in range(steps)]
    for column in range(width):
        begin = draw(st.integers(0, steps - 2))
        for step in (begin, begin + 1):
            rows[step][column] = draw(st.integers(-99, 99))
    return rows


def _cell(number):
    return "" if number is None else str(number)


def _panels(folder, rows: Sequence[Sequence[int | None]], **how):
    """The panels of both tables; in the second, series have rows from their first number to their last."""
    known = [[step for step, row in enumerate(rows) if row[column] is not None] for column in range(len(rows[0]))]
    names = "abc"[: len(rows[0])]
    wide, long = ["day,heat," + ",".join(names)], ["day,heat,name,sold"]
    for step, row in enumerate(rows):
        day = f"2026-03-{1 + step:02},{step % 4}"
        wide.append(f"{day},{','.join(map(_cell, row))}")
        long += [
            f"{day},{name},{_cell(one)}"
            for name, one, steps in zip(names, row, known, strict=True)
            if steps[0] <= step <= steps[-1] and (one is not None or how["fill"] is None)
        ]
    (folder / "wide.csv").write_text("\n".join(wide))
    (folder / "long.csv").write_text("\n".join(long))
    for which, named in (("wide", {"target": "?"}), ("long", {"target": "sold", "series": "name"})):
        table = read_table(folder / f"{which}.csv")
        try:
            yield read_panel(table, find_forecast_columns(table, covariates=["heat"], **named), **how)
        except UserError as error:  # too many steps are missing
            if "steps" not in str(error):
                raise
            yield None


@settings(max_examples=60)
@given(rows=tables(), fill=st.sampled_from([None, 0.0]))
def test_it_is_read_as_its_rows_would_be(rows, fill, tmp_path_factory):
    folder = tmp_path_factory.mktemp("columns")
    wide, long = _panels(folder, rows, fill=fill)
    if wide is None or long is None:
        assert wide is long
        return
    order = [long.names.index(name) for name in wide.names]
    assert sorted(order) == list(range(len(long.names)))
    for row, place in enumerate(order):
        width = 1 if fill is not None else None  # covariates of an empty cell are known, those of no row are not
        np.testing.assert_array_equal(wide.values[row][:, :width], long.values[place][:, :width])
        np.testing.assert_array_equal(wide.present[row], long.present[place])
        assert wide.starts[row] == long.starts[place]


@pytest.fixture
def wide(tmp_path):
    def read(*lines, **named):
        path = tmp_path / "wide.csv"
        path.write_text("\n".join(lines))
        table = read_table(path)
        return read_panel(table, find_forecast_columns(table, **named))

    return read


DAYS = [f"2026-03-{day:02}" for day in range(1, 9)]


def test_columns_are_series_in_the_order_in_which_they_are_named(wide):
    panel = wide("day,shop_a,other,shop_b", *(f"{day},{n},7,{2 * n}" for n, day in enumerate(DAYS)), target="shop_b,*a")
    assert panel.names == ["shop_b", "shop_a"]
    assert panel.columns.until_now == ("other",)
    assert (panel.columns.told_apart, panel.columns.series) == ("series", None)
    assert panel.values[0][:, 0].tolist() == [2.0 * n for n in range(8)]
    assert panel.decisions[0] == "columns shop_b, shop_a are forecast, each as a series"


def test_without_times_rows_are_steps_of_all(wide):
    panel = wide("a,b", *(f"{n},{n + 1}" for n in range(8)), target="a,b")
    assert [one[:, 0].tolist() for one in panel.values] == [[*range(8)], [*range(1, 9)]]


def test_rows_to_forecast_keep_what_is_known_ahead(wide):
    rows = [f"{day},{n},{n},{n % 2}" for n, day in enumerate(DAYS[:6])]
    panel = wide("day,a,b,open", *rows, f"{DAYS[6]},,,5", f"{DAYS[7]},,,6", target="a,b", known_ahead=["open"])
    assert [one[:, 0].tolist() for one in panel.ahead] == [[5, 6], [5, 6]]


def test_without_times_an_empty_cell_is_a_step(wide):
    panel = wide("a,b", *(f"{n},{'' if n in (0, 4) else n}" for n in range(8)), target="a,b")
    assert [one[:, 0].tolist() for one in panel.values] == [[*range(8)], [*range(1, 8)]]
    assert [int((~one).sum()) for one in panel.present] == [0, 1]


@pytest.mark.parametrize("ahead", [[], ["heat"]])
def test_an_empty_cell_is_filled_whatever_is_known_ahead_and_covariates_stay(wide, tmp_path, ahead):
    rows = [f"{day},{10 * n},{n},{'' if n in (3, 4) else n}" for n, day in enumerate(DAYS)]
    lines = ["day,heat,a,b", *rows]
    (tmp_path / "wide.csv").write_text("\n".join(lines))
    table = read_table(tmp_path / "wide.csv")
    columns = find_forecast_columns(table, target="a,b", known_ahead=ahead)
    panel = read_panel(table, columns, fill=0.0)
    assert panel.values[1][:, 0].tolist() == [0, 1, 2, 0, 0, 5, 6, 7]
    gaps = read_panel(table, columns).values[1]
    assert gaps[:, :2].tolist() == [[n, 10 * n] for n in range(8)]


def test_a_series_may_end_early_and_begin_after_the_first_rows(wide):
    rows = [f"{n},{n if n < 900 else ''},{n if n > 1100 else ''}" for n in range(1200)]
    panel = wide("time,early,late", *rows, target="*")
    assert panel.names == ["early", "late"]
    assert [len(one) for one in panel.values] == [900, 99]


def test_a_number_that_rises_may_be_the_time(wide):
    panel = wide("start,a", *(f"{3 * n},{n % 3}" for n in range(8)), target="*")
    assert "column start rises from row to row; if it tells the time, add --time start" in panel.decisions


def test_a_time_called_series_keeps_its_name(wide):
    panel = wide("series,a,b", *(f"{day},{n},{n}" for n, day in enumerate(DAYS)), target="a,b", time="series")
    assert panel.columns.told_apart == "series_"


def test_rows_of_several_series_with_one_time_are_refused_with_what_to_do(wide):
    rows = [f"{day},{shop},{n},{n}" for n, day in enumerate(DAYS) for shop in "xy"]
    with pytest.raises(UserError, match="If another column names the series, only one column can be forecast"):
        wide("day,shop,sold,back", *rows, target="sold,back")


@pytest.mark.parametrize("named", ["a,b", "*"])
def test_columns_that_are_all_empty_are_named(wide, named):
    with pytest.raises(UserError, match="series a has no number"):
        wide("day,a,b", *(f"{day},," for day in DAYS), target=named)


def test_a_column_without_numbers_is_named(wide):
    with pytest.raises(UserError, match="series b has no number"):
        wide("day,a,b", *(f"{day},{n}," for n, day in enumerate(DAYS)), target="a,b")


def test_a_cell_that_is_no_number_is_named_with_its_row_and_column(wide):
    rows = [f"{day},{n},{'?!' if n == 3 else n}" for n, day in enumerate(DAYS)]
    with pytest.raises(UserError, match=r"row 4 .*column b"):
        wide("day,a,b", *rows, target="a,b")
