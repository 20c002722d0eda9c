"""Which column of a table of series is forecast, which tells the series and the time, which are covariates."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from unspool.data.cell_values import is_date, is_date_in_digits, is_missing, is_number, mostly, without_boolean
from unspool.data.columns import CHANNELS_INSTEAD, numbers_rows, refuse_decimal_commas
from unspool.data.forecasting.forecast_columns import ROWS, ForecastColumns, no_covariate
from unspool.data.forecasting.series_columns import columns_of_parts, free_name, label_of_several, parts_of_label
from unspool.data.forecasting.telling_series import repeating, series_of
from unspool.data.headers import refuse_headerless
from unspool.data.labels import as_number
from unspool.data.list_cells import holds_lists
from unspool.data.names_in_words import as_typed
from unspool.data.required_columns import require
from unspool.data.series.long_columns import SERIES_NAMES, TIME_NAMES
from unspool.data.tables.comma_numbers import comma_words, has_decimal_comma
from unspool.data.tables.delimited_header import names_steps
from unspool.data.tables.table import Chunk, Table
from unspool.data.tables.written_numbers import is_no_number
from unspool.data.usual_names import YEAR_NAMES, usual
from unspool.errors import AdvisedError, UserError

_SERIES = (*SERIES_NAMES[:-1], "unique_id", "item_id", SERIES_NAMES[-1])
_WITHIN_YEARS = ("month", "quarter", "week", "monat", "quartal", "woche")
_PERIODS = ("yearmonth", "year_month", "yearweek", "year_week", "month", "quarter", "week", "day", *YEAR_NAMES)
_MOST_NAMED = 20
_LONGEST = 40  # characters of a cell that are shown
_TARGETS = ("target", "y", "value", "label")


def find_forecast_columns(
    table: Table,
    *,
    target: str | None = None,
    time: str | None = None,
    series: str | None = None,
    known_ahead: Sequence[str] = (),
    covariates: Sequence[str] | None = None,
    by_content: bool = True,
    counts: bool = False,
) -> ForecastColumns:
    """Find the columns, unless they are named, by usual names and by the first thousand rows.

    The target is a column of numbers with a usual name (target, y, value, label), else the only column of numbers.
    Other columns of numbers are covariates, known until the forecast begins unless `known_ahead` names them.
    If no column has a usual name for the time, the time is the only column of dates. If times recur and no column has a
    usual name for the series, the series is the only column of names that distinguishes rows with the same time. If no
    time recurs in the first thousand rows, these may be one long series: then all rows are read to find it.
    Named columns that are empty in the first rows are left to `read_panel`.

    Args:
        table: with a row for each time step.
        target: the column that is forecast, or None; several with commas between them, or patterns such as "shop_*",
            are each a series.
        time: the column that tells the time, or None.
        series: the column that tells the series apart, or None.
        known_ahead: covariates that are known for the forecast steps too.
        covariates: the other covariates; None takes all other columns of numbers.
        by_content: whether the time and the series may be found by the content of columns, too, not only by their
            names: not where a model's columns are known already.
        counts: whether the number of rows is forecast, and no column: then only `covariates` that are named are read.

    Raises:
        UserError: a named column is missing, one is named for two things, or the target is not numbers or cannot be
            told, or several columns hold dates.
    """
    parts = parts_of_label(target, table.columns)
    if parts and series is not None:
        raise UserError(
            f"{table.path}: with several columns to forecast (--label {target}), each column is a series, so that "
            f"--series {series} cannot name them. Forecast one column if {series} names the series, or leave --series "
            "out."
        )
    roles = [("label", part) for part in parts if part in table.columns] if parts else [("label", target)]
    roles += [("time", time), ("series", series)]
    roles += [*(("known-ahead", name) for name in known_ahead), *(("channels", name) for name in covariates or ())]
    roles += [("series", name) for name in table.parts(series) if name in table.columns]  # else a part of the time, too
    taken = _named_once(table, roles)
    sample = table.first()
    if target is None and not (counts and time is not None):
        otherwise = "name the column with the times (--time)" if counts else "name the column to forecast (--label)"
        refuse_headerless(table, sample, names="time,value", otherwise=otherwise)
    free = [name for name in table.columns if name not in taken]
    time = time or usual(free, TIME_NAMES)
    if time is None and by_content:
        _refuse_parts_of_a_time(table, sample, free)
    time = time or (_of_periods_or_dates(table, sample, free) if by_content else usual(free, _PERIODS))
    free = [name for name in free if name != time]
    if parts:
        return _of_several(table, sample, parts, target, time, known_ahead, covariates)
    return _of_one(table, sample, free, target, time, series, known_ahead, covariates, by_content, counts)


def _of_one(
    table: Table,
    sample: Chunk,
    free: Sequence[str],
    target: str | None,
    time: str | None,
    series: str | None,
    known_ahead: Sequence[str],
    covariates: Sequence[str] | None,
    by_content: bool,
    counts: bool,
) -> ForecastColumns:
    """The columns of a table where one column, or the number of rows, is forecast; `free` are those without a role."""
    series = series or repeating(sample, usual(free, _SERIES))
    perhaps: tuple[str, ...] = ()
    if series is None and time is not None and by_content and not counts:  # rows of one time are counted
        series, perhaps = series_of(table, sample, time, free)
    free = [name for name in free if name != series]
    numeric = [name for name in free if _is_numeric(sample, name) and not numbers_rows(name, sample.cells[name])]
    if counts:
        target, covariates = free_name(ROWS, table.columns), covariates or ()
    target = target or _target(table, numeric)
    _refuse_other_than_numbers(table, sample, target, (*known_ahead, *(covariates or ())), numeric)
    if covariates is None:
        others = {name: sample.cells[name] for name in free if name != target}
        refuse_decimal_commas(table.path, others, CHANNELS_INSTEAD)
    until_now = tuple(covariates if covariates is not None else (name for name in numeric if name != target))
    used = {target, time, series, *table.parts(series), *until_now, *known_ahead}
    ignored = tuple(name for name in table.columns if name not in used)
    rising = None if time or not by_content else next((name for name in until_now if _rises(sample.cells[name])), None)
    named_by = table.parts(series)
    read = (until_now, tuple(known_ahead), ignored, rising)
    perhaps = tuple(name for name in perhaps if name != target)
    return ForecastColumns(target, time, series, *read, named_by=named_by, counts=counts, perhaps_series=perhaps)


def _of_several(
    table: Table,
    sample: Chunk,
    parts: Sequence[str],
    target: str | None,
    time: str | None,
    known_ahead: Sequence[str],
    covariates: Sequence[str] | None,
) -> ForecastColumns:
    """The columns of a table with a column for each series."""
    others = {time, *known_ahead, *(covariates or ())}
    numeric = [
        name
        for name in table.columns
        if name not in others and _is_numeric(sample, name) and not numbers_rows(name, sample.cells[name])
    ]
    empty = [name for name in table.columns if name not in others and _is_empty(sample, name)]  # they may begin later
    matching = [name for name in table.columns if name in {*numeric, *empty}]
    found = columns_of_parts(table.path, parts, table.columns, matching)
    for name in found:
        if name == time:
            raise UserError(f"{table.path}: column {name} cannot be both --label and --time.")
        _refuse_other_than_numbers(table, sample, name, (*known_ahead, *(covariates or ())), numeric)
    until_now = tuple(covariates if covariates is not None else (name for name in numeric if name not in found))
    used = {*others, *found, *until_now}
    ignored = tuple(name for name in table.columns if name not in used)
    rising = None if time else next((name for name in (*until_now, *found) if _rises(sample.cells[name])), None)
    return ForecastColumns(
        str(target), time, None, until_now, tuple(known_ahead), ignored, rising, series_columns=found
    )


def _named_once(table: Table, roles: Sequence[tuple[str, str | None]]) -> dict[str, str]:
    """The option that names each column, by column.

    Raises:
        UserError: one is missing, or is named for two things.
    """
    taken: dict[str, str] = {}
    for what, name in roles:
        if name is None:
            continue
        require(table.path, table.columns, name, what)
        if name in taken and taken[name] != what:
            raise UserError(f"{table.path}: column {name} cannot be both --{taken[name]} and --{what}.")
        taken[name] = what
    return taken


def _refuse_other_than_numbers(
    table: Table, sample: Chunk, target: str, covariates: Sequence[str], numeric: Sequence[str]
) -> None:
    """Refuse a target or a named covariate that holds no numbers; `numeric` are the columns that do.

    Whether one that is empty in the first rows, which may be the steps to forecast, holds any is found by `read_panel`.
    """
    if target in table.columns and not _is_numeric(sample, target) and not _is_empty(sample, target):
        if mostly(has_decimal_comma, sample.cells[target]):
            raise UserError(f"{table.path}: column {target} {comma_words(sample.cells[target])}.")
        raise AdvisedError(
            f"{table.path}: column {target}{_such_as(sample, target)} holds no numbers, so it cannot be forecast.",
            "Name another one (--label)" + (f": there are {', '.join(numeric)}." if numeric else "."),
            "Give its values as numbers.",
        )
    for name in covariates:
        if not (_is_numeric(sample, name) or _is_boolean(sample, name) or _is_empty(sample, name)):
            raise no_covariate(table.path, name)


def _target(table: Table, numeric: Sequence[str]) -> str:
    found = usual(numeric, _TARGETS) or (numeric[0] if len(numeric) == 1 else None)
    if found is None:
        if not numeric:
            refuse_decimal_commas(table.path, table.first().cells)
            if len(table.columns) == 1 and len(table.columns[0].split()) > 1:
                raise UserError(
                    f"{table.path} has a single column, {table.columns[0].strip()!r}. If spaces part its columns, "
                    'write commas instead, in pandas with read_csv(path, sep=r"\\s+").to_csv(path, index=False).'
                )
            columns = ", ".join(f"{name}{_such_as(table.first(), name)}" for name in table.columns[:_MOST_NAMED])
            lists = [name for name, cells in table.first().cells.items() if holds_lists(cells)]
            rows = f" For the lists in {lists[0]}, write a row for each number (in pandas, explode)." if lists else ""
            events = (
                " If each row is an event, such as a call, and you want to forecast how many there are, give "
                "--aggregate count, and --resample 1d for how many a day."
            )
            raise UserError(f"{table.path} has no column of numbers to forecast. It has {columns}.{rows or events}")
        rest = [name for name in table.columns if name not in numeric]
        dated = any(mostly(is_date, table.first().cells[name]) for name in rest)
        if not dated and (names_steps(numeric) or mostly(is_date, numeric)):
            raise UserError(
                f"{table.path}: columns {numeric[0]} to {numeric[-1]} seem to be steps in time, and each row a series. "
                f"Write a row for each step of each series, in pandas with df.melt({rest}, var_name='time')."
            )
        raise UserError(
            f"{table.path}: which column is to be forecast cannot be determined. Name it (--label): there are "
            f"{', '.join(numeric)}. If several of them are series, name these, as in --label "
            f"{as_typed([label_of_several(numeric)])}; --label '*' takes all."
        )
    return found


def _refuse_parts_of_a_time(table: Table, sample: Chunk, free: Sequence[str]) -> None:
    """Refuse a table whose time seems to be in two columns, such as a year and a month.

    Raises:
        UserError: says how both are read.
    """
    year, within = usual(free, YEAR_NAMES), usual(free, _WITHIN_YEARS)
    if year is None or within is None or any(mostly(is_date, sample.cells[name]) for name in free):
        return
    raise UserError(
        f"{table.path}: the time seems to be in the columns {year} and {within}. Join them (--time "
        f"{year},{within}), or name the column with the time (--time)."
    )


def _such_as(sample: Chunk, name: str) -> str:
    """In brackets, a cell with a digit that is neither a number nor a date, such as 70 kg; empty if there is none."""
    for cell in sample.cells[name]:
        if (
            isinstance(cell, str)
            and any(map(str.isdigit, cell[:_LONGEST]))
            and not is_number(cell)
            and not is_date(cell)
        ):
            return f" (such as {cell[:_LONGEST]!r})"
    return ""


def _is_numeric(sample: Chunk, name: str) -> bool:
    there = [cell for cell in sample.cells[name] if not (is_missing(cell) or is_no_number(cell))]
    return bool(there) and mostly(lambda cell: is_number(cell) and not isinstance(cell, bool), there)


def _rises(cells: Sequence[Any]) -> bool:
    """Whether each cell is a larger number than the one before, as in a column of times."""
    numbers = [None if is_missing(cell) else as_number(cell) for cell in cells]
    known = [number for number in numbers if number is not None]
    return 2 < len(known) == len(numbers) and all(one < other for one, other in pairwise(known))


def _is_empty(sample: Chunk, name: str) -> bool:
    return all(is_missing(cell) or is_no_number(cell) for cell in sample.cells[name])


def _of_periods_or_dates(table: Table, sample: Chunk, free: Sequence[str]) -> str | None:
    """The column named like a month, week or day; or, if its values recur more than the only dates, that of the dates.

    Numbers that are the digits of dates tell the time only if nothing else does.
    """
    period = usual(free, _PERIODS)
    dated = [name for name in free if mostly(is_date, sample.cells[name])]
    dated = dated or [name for name in free if period is None and mostly(is_date_in_digits, sample.cells[name])]
    if period is not None:
        return dated[0] if _recurs_more(sample, period, dated) else period
    if len(dated) > 1:
        raise UserError(
            f"{table.path}: several columns hold dates ({', '.join(dated)}). Name the one with the time (--time)."
        )
    return dated[0] if dated else None


def _recurs_more(sample: Chunk, period: str, dated: Sequence[str]) -> bool:
    """Whether a column named like a period holds no dates, and fewer different values than the only one of dates."""
    if len(dated) != 1 or period in dated:
        return False
    periods, dates = (len(set(map(str, sample.cells[name]))) for name in (period, dated[0]))
    return periods < dates


def _is_boolean(sample: Chunk, name: str) -> bool:
    """Whether a column holds nothing but TRUE, FALSE and empty cells in the first rows; it may be a covariate."""
    there = [cell for cell in sample.cells[name] if not (is_missing(cell) or is_no_number(cell))]
    return bool(there) and all(isinstance(without_boolean(cell), float) for cell in there)
