"""Which column of a table of series is forecast, which tells the series and the time, which are covariates."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from unspool.data.cell_values import is_date, is_date_in_digits, is_missing, is_number, mostly, without_boolean
from unspool.data.columns import by_role, ignored_words, numbers_rows, refuse_decimal_commas
from unspool.data.forecasting.series_columns import (
    SERIES,
    columns_of_parts,
    free_name,
    label_of_several,
    parts_of_label,
)
from unspool.data.headers import refuse_headerless
from unspool.data.labels import as_number, as_typed, first_few
from unspool.data.list_cells import holds_lists
from unspool.data.required_columns import require
from unspool.data.series.long_columns import SERIES_NAMES, TIME_NAMES
from unspool.data.tables.comma_numbers import comma_words, has_decimal_comma
from unspool.data.tables.delimited import names_steps
from unspool.data.tables.joined_columns import shown_columns
from unspool.data.tables.joined_names import named_cells
from unspool.data.tables.table import CHUNK_ROWS, Chunk, Table
from unspool.data.tables.written_numbers import is_no_number
from unspool.data.usual_names import YEAR_NAMES, usual
from unspool.errors import AdvisedError, UserError

ROWS = "rows"
"""What the number of rows is called where that is forecast, as on exported pages."""

_SERIES = (*SERIES_NAMES[:-1], "unique_id", "item_id", SERIES_NAMES[-1])
_WITHIN_YEARS = ("month", "quarter", "week", "monat", "quartal", "woche")
_PERIODS = ("yearmonth", "year_month", "yearweek", "year_week", "month", "quarter", "week", "day", *YEAR_NAMES)
_MOST_NAMED = 20
_MOST_TIMES = 1_000_000
_FEW = 0.02
"""Of the rows whose time recurs, how many may be of one name and time in a column that may tell series apart."""
_LONGEST = 40  # characters of a cell that are shown
_TARGETS = ("target", "y", "value", "label")


@dataclass(frozen=True, slots=True)
class ForecastColumns:
    """The columns that matter, by their names.

    Attributes:
        target: the column that is forecast, or what names `series_columns`, or what the number of rows is called.
        time: when each step is, or None: rows are in the order of the file.
        series: tells the series apart, or None: there is one.
        until_now: covariates that are known until the forecast begins.
        known_ahead: covariates that are known for the forecast steps too.
        ignored: what is not read.
        rising: if no column is known to tell the time, the first covariate that rises from row to row, which may; else
            None.
        series_columns: the columns that are forecast, each a series of its own; none if `target` is a single column.
        named_by: the columns that `series` is joined from; none if it is a single column.
        counts: whether the number of rows is forecast, so that `target` is no column.
        perhaps_series: if times recur and `series` is None, the columns that may tell series apart; else none.
    """

    target: str
    time: str | None = None
    series: str | None = None
    until_now: tuple[str, ...] = ()
    known_ahead: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    rising: str | None = None
    series_columns: tuple[str, ...] = ()
    named_by: tuple[str, ...] = ()
    counts: bool = False
    perhaps_series: tuple[str, ...] = ()

    @property
    def naming(self) -> tuple[str, ...]:
        """The columns of a table of forecasts that name the series; none if there is one series."""
        return self.named_by or (() if self.told_apart is None else (self.told_apart,))

    def named(self, name: str) -> dict[str, str]:
        """The cells of these columns for the series of this name."""
        return named_cells(self.naming, name) if self.naming else {}

    @property
    def told_apart(self) -> str | None:
        """The column of a table of forecasts that tells series apart, or None: there is one."""
        return free_name(SERIES, [self.time]) if self.series_columns else self.series

    @property
    def shown_target(self) -> str:
        """What is forecast, as a message calls it."""
        return self.target_in_words if self.counts or self.series_columns else self.target

    @property
    def target_in_words(self) -> str:
        """The same, which says that it is a column if it is one."""
        if self.counts:
            return "the number of rows"
        names = self.series_columns or (self.target,)
        return f"column{'s' * (len(names) > 1)} {first_few(names)}"

    @property
    def roles(self) -> dict[str, tuple[str, ...]]:
        """The columns that are read, by what each is for."""
        covariates = {"covariates known until now": self.until_now, "covariates known ahead": self.known_ahead}
        target = self.series_columns or (None if self.counts else self.target)
        return by_role({"target": target, "time": self.time, "series": self.series}, covariates)

    @property
    def in_file(self) -> tuple[str, ...]:
        """The columns of numbers that are read."""
        targets = () if self.counts else self.series_columns or (self.target,)
        return (*targets, *self.until_now, *self.known_ahead)

    @property
    def numbers(self) -> tuple[str, ...]:
        """The columns of numbers, in the order of a panel's: the target first, what is known ahead last."""
        return (self.target, *self.until_now, *self.known_ahead)

    @property
    def words(self) -> list[str]:
        """What each is for, in sentences without their stop."""
        if self.series_columns:
            several = len(self.series_columns) > 1
            told = [f"{self.shown_target} {'are forecast, each as a series' if several else 'is forecast'}"]
        else:
            told = [f"{self.target_in_words} is forecast"]
            told.append(
                f"there is one series{self._words_on_series}"
                if self.series is None
                else f"series are told apart by {shown_columns(self.named_by or (self.series,))}"
            )
        times = [part.strip() for part in (self.time or "").split(",")]
        told.append(
            "rows are in the order of the file: no column is known to tell the time"
            if self.time is None
            else f"{shown_columns(times)} tell{'s' * (len(times) == 1)} the time"
        )
        if self.rising is not None:
            told.append(f"column {self.rising} rises from row to row; if it tells the time, add --time {self.rising}")
        for names, what in ((self.until_now, "until the forecast begins"), (self.known_ahead, "ahead")):
            if names:
                plural = "s" * (len(names) > 1)
                told.append(f"covariate{plural} known {what}: {', '.join(names)}")
        return [*told, *ignored_words(self.ignored)]

    @property
    def _words_on_series(self) -> str:
        if not self.perhaps_series:
            return ""
        names = " or ".join(self.perhaps_series[:_MOST_NAMED])
        return f"; if column {names} tells several apart, name it (--series {as_typed(self.perhaps_series[:1])})"


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
    series = series or _repeating(sample, usual(free, _SERIES))
    perhaps: tuple[str, ...] = ()
    if series is None and time is not None and by_content and not counts:  # rows of one time are counted
        series, perhaps = _series_of(table, sample, time, free)
    free = [name for name in free if name != series]
    numeric = [name for name in free if _is_numeric(sample, name) and not numbers_rows(name, sample.cells[name])]
    if counts:
        target, covariates = free_name(ROWS, table.columns), covariates or ()
    target = target or _target(table, numeric)
    _refuse_other_than_numbers(table, sample, target, (*known_ahead, *(covariates or ())), numeric)
    if covariates is None:
        refuse_decimal_commas(table.path, {name: sample.cells[name] for name in free if name != target})
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


def no_covariate(path: Path, name: str) -> AdvisedError:
    """The error about a covariate without numbers."""
    write = "Write numbers, such as 1 for a holiday and 0 for other days"
    problem = f"{path}: column {name} holds no numbers, so it cannot be a covariate."
    return AdvisedError(problem, f"{write}, or leave it out.", f"{write}: the model reads it.")


def no_history(path: Path, columns: ForecastColumns) -> UserError:
    """The error about a table that has what is known ahead, but none of the values before."""
    return UserError(
        f"{path} has no values of {columns.shown_target}, and forecasts go on from these: the model does not keep "
        f"those of earlier files. Put the rows with {', '.join(columns.known_ahead)} below the rows of what was, and "
        f"leave {columns.shown_target} empty in them."
    )


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


def _series_of(table: Table, sample: Chunk, time: str, free: Sequence[str]) -> tuple[str | None, tuple[str, ...]]:
    """The column that tells apart the series of a table in which times recur; else those that may.

    It is the only column of recurring names that distinguishes all rows with the same time. One that distinguishes
    nearly all, as where a row is there twice, or that holds whole numbers, may be another.
    """
    found = _repeats(sample, time, free) or _repeats_later(table, sample, time, free)
    names = [name for name in found if not mostly(is_number, list(map(str, sample.cells[name])))]
    exact = [name for name in names if not found[name]]
    return (exact[0], ()) if len(exact) == 1 else (None, tuple(names or found))


def _repeats(sample: Chunk, time: str, free: Sequence[str]) -> dict[str, int]:
    """In how many rows a time recurs within a name, of each column whose names recur and for which these are few."""
    times = list(map(str, sample.cells[time]))
    recurring = len(times) - len(set(times))
    found = {}
    for name in free:
        values = list(map(str, sample.cells[name]))
        pairs = set(zip(times, values, strict=True))
        repeats = len(times) - len(pairs)
        if recurring and repeats <= _FEW * recurring and len(set(values)) < len(pairs) and _may_name(sample, name):
            found[name] = repeats
    return found


def _may_name(sample: Chunk, name: str) -> bool:
    """Whether a column may hold the names or the numbers of series."""
    values = list(map(str, sample.cells[name]))
    if mostly(is_number, values):
        return all(number.is_integer() for number in map(as_number, values) if number is not None)
    return not mostly(is_date, values)


def _repeats_later(table: Table, sample: Chunk, time: str, free: Sequence[str]) -> dict[str, int]:
    """The same for a file that is sorted by series, if all of the first rows belong to one series.

    All rows are read, unless no time recurs in a million. Only columns of several names whose rows are together count.
    """
    found = [name for name in free if len(set(map(str, sample.cells[name]))) == 1 and _may_name(sample, name)]
    if len(sample) < CHUNK_ROWS or len(set(map(str, sample.cells[time]))) < (1 - _FEW) * len(sample):
        return {}
    columns = {name: _Together() for name in found}
    known: set[str] = set()
    rows = 0
    for chunk in table.chunks():
        times = list(map(str, chunk.cells[time]))
        known.update(times)
        rows += len(times)
        for name, one in columns.items():
            one.add(times, map(str, chunk.cells[name]))
        columns = {name: one for name, one in columns.items() if one.repeats <= _FEW * rows}
        if not columns or len(known) == rows > _MOST_TIMES:
            return {}
    several = {name: one.repeats for name, one in columns.items() if len(one.names) > 1}
    return {name: repeats for name, repeats in several.items() if repeats <= _FEW * (rows - len(known)) > 0}


class _Together:
    """How many rows of a column are away from the others of their name, or have the time of one of them."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.repeats = 0
        self._name: str | None = None
        self._times: set[str] = set()

    def add(self, times: Iterable[str], names: Iterable[str]) -> None:
        """Count them in the next rows, too."""
        for time, name in zip(times, names, strict=True):
            if name != self._name and name in self.names:
                self.repeats += 1
                continue
            if name != self._name:
                self.names.add(name)
                self._name, self._times = name, set()
            self.repeats += time in self._times
            self._times.add(time)


def _repeating(sample: Chunk, name: str | None) -> str | None:
    """A column of a usual name, if its values recur: else it numbers the rows."""
    if name is None:
        return None
    values = [str(value) for value in sample.cells[name]]
    return name if len(set(values)) < len(values) else None


def _is_boolean(sample: Chunk, name: str) -> bool:
    """Whether a column holds nothing but TRUE, FALSE and empty cells in the first rows; it may be a covariate."""
    there = [cell for cell in sample.cells[name] if not (is_missing(cell) or is_no_number(cell))]
    return bool(there) and all(isinstance(without_boolean(cell), float) for cell in there)
