"""The columns of a table with a row for each time step: which tell series apart, hold the label, the channels, ..."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from unspool.data.cell_values import is_date, is_missing, is_number, mostly, time_of
from unspool.data.columns import CHANNELS_INSTEAD, by_role, numbers_rows, refuse_decimal_commas, split_column
from unspool.data.moments import are_moments
from unspool.data.possible_groups import names_series
from unspool.data.required_columns import refuse_label_elsewhere, require_all
from unspool.data.series.one_value_each import OneValueEach
from unspool.data.tables.problems import Flaw
from unspool.data.tables.table import Chunk, Table
from unspool.data.usual_names import LABEL_NAMES, SPLIT_NAMES, usual
from unspool.errors import UserError

SERIES_NAMES = ("series", "series_id", "sequence", "sequence_id", "instance", "instances", "case", "case_id", "id")
TIME_NAMES = ("time", "t", "step", "timestamp", "datetime", "ds", "time_step", "timepoint", "timepoints", "date")

_ONE_RECORDING = " If all rows are of one recording, add a column that cuts it into pieces, such as one for each day."
_ONLY = ", the only other column with one value in each series"
_FEWEST_LABELLED = 3  # series that tell the label by what it has one value in


@dataclass(frozen=True, slots=True)
class SeriesColumns:
    """The columns of a table in long form, by their names.

    Attributes:
        series: tells the series apart.
        label: what is to be predicted, the same in all rows of a series unless there are tags.
        channels: the numbers.
        time: the order of the rows in a series; None for that of the file.
        group: series with the same value stay together when parts are drawn.
        split: which part each series belongs to.
        newest: when a series was recorded, by its latest row; the newest ones are held out.
        tags: whether each row has a label of its own: the label of a series is then the list of them.
        ignored: the columns that are not read.
        label_found: why the label is taken for it, if its name is none that labels usually have; empty if it was named.
    """

    series: str
    label: str
    channels: tuple[str, ...]
    time: str | None = None
    group: str | None = None
    split: str | None = None
    newest: str | None = None
    tags: bool = False
    ignored: tuple[str, ...] = field(default=(), compare=False)
    label_found: str = field(default="", compare=False)

    @property
    def numbers(self) -> tuple[str | None, ...]:
        """The columns that may hold numbers."""
        return (*self.channels, self.label, self.time, self.newest)

    @property
    def roles(self) -> dict[str, tuple[str, ...]]:
        """The columns that are read, by what each is for."""
        label = self.label if self.label != self.series else None  # of series without labels
        read = {"series": self.series, "channels": self.channels, "time": self.time, "label": label}
        return by_role(read, {"group": self.group, "newest": self.newest, "split": self.split})


def find_series_columns(
    table: Table,
    *,
    series: str | None = None,
    label: str | None = None,
    channels: Sequence[str] | None = None,
    time: str | None = None,
    group: str | None = None,
    split: str | None = None,
    newest: str | None = None,
    labelled: bool = True,
    tags: bool = False,
) -> SeriesColumns:
    """Find the columns of a table in long form by their usual names, unless they are named.

    If no column has a usual name for the label, it is the only one that has one value in each of the first series.
    The channels are all other columns except those without numbers in the first thousand rows: notes, names, dates.
    If no column has a usual name for the time, the time is the only column of dates that differ within the series,
    unless the series, the label and the channels are all named.
    A column named `split` whose first thousand values say train, validation and test is taken as such.

    Raises:
        UserError: a named column is missing, or one that is needed cannot be found.
    """
    given = {"series": series, "label": label, "time": time, "group": group, "split": split, "newest": newest}
    require_all(table.path, table.columns, [*given.items(), *(("channel", name) for name in channels or ())])
    others = [("channel", name) for name in channels or ()] + [("group", group), ("split", split)]
    refuse_label_elsewhere(table.path, label, others)
    named = {*given.values(), *(channels or ()), *table.parts(series)}
    free = [name for name in table.columns if name not in named]
    if split is None and any(name.lower() in SPLIT_NAMES for name in free):
        split = split_column(table.first(), {name for name in named if name is not None})
        free = [name for name in free if name != split]
    both = next((what for what in ("time", "label") if given[what] in table.parts(series)), None)
    if both is not None:
        raise UserError(f"{table.path}: column {given[both]} cannot be both --{both} and one of --series.")
    series = series or usual(free, SERIES_NAMES)
    label = label or usual([name for name in free if name != series], LABEL_NAMES)
    if not labelled and label is None:
        label = series  # the one value that is the same in all rows of a series
    may_be: list[str] = []
    if label is None and series is not None and not tags:
        may_be = _of_series(table, series, [name for name in free if name not in (series, usual(free, TIME_NAMES))])
        label = may_be[0] if len(may_be) == 1 else None
    if series is None or label is None:
        left = [name for name in free if name not in (series, label, usual(free, TIME_NAMES))]
        raise _not_found(table, "series" if series is None else "label", left, may_be, tags)
    time = time or usual(free, TIME_NAMES) or usual([newest or ""], TIME_NAMES)
    if time is None and None in (given["series"], given["label"], channels):
        time = _of_dates(table, series, [name for name in free if name not in (series, label)])
    channels = channels or _channels(table, series, [name for name in free if name not in (series, label, time)])
    if not channels:
        left = [name for name in free if name not in (series, label, time)]
        fix = f" If {left[0]} holds categories, write a column of 1 and 0 for each category." if left else ""
        raise UserError(
            f"{table.path} has no columns of numbers left for the channels. Its columns are "
            f"{', '.join(table.columns)}.{fix}"
        )
    used = {series, *table.parts(series), label, *channels, time, group, split, newest}
    ignored = tuple(name for name in table.columns if name not in used)
    return SeriesColumns(
        series, label, tuple(channels), time, group, split, newest, tags, ignored, _ONLY if may_be else ""
    )


def _not_found(table: Table, what: str, left: Sequence[str], may_be: Sequence[str], tags: bool) -> UserError:
    """The error for a table in which the column of the series, or that of the label, cannot be told."""
    more = _ONE_RECORDING if tags and what == "series" else ""
    if not left:
        return UserError(
            f"{table.path} has no column left for the {what}. Its columns are {', '.join(table.columns)}.{more}"
        )
    which = f"could be {' or '.join(may_be)}" if may_be else "cannot be determined"
    names = "the column that identifies them" if what == "series" else "its column"
    return UserError(f"{table.path}: the {what} {which}. Name {names} (--{what}): there are {', '.join(left)}.{more}")


def _of_dates(table: Table, series: str, free: Sequence[str]) -> str | None:
    """The only column of dates that differ within the series, judging by the first thousand rows; or None."""
    cells = table.first().cells if free else {}
    names = list(map(str, cells.get(series, ())))
    if len(set(names)) == len(names):
        return None  # no series has two rows
    dates = [name for name in free if mostly(_is_readable_date, cells[name])]
    found = [name for name in dates if len(set(zip(names, map(str, cells[name]), strict=True))) == len(names)]
    return found[0] if len(found) == 1 else None


def _is_readable_date(cell: object) -> bool:
    return is_date(cell) and not isinstance(time_of(cell, ""), Flaw)


def _channels(table: Table, series: str, free: Sequence[str]) -> list[str]:
    """The columns that hold mostly numbers, or nothing, in the first thousand rows.

    The numbers of the rows are no channel, nor are those that say whose a series is, such as a patient's.

    Raises:
        UserError: numbers have a decimal comma.
    """
    cells = table.first().cells if free else {}
    refuse_decimal_commas(table.path, {name: cells[name] for name in free}, CHANNELS_INSTEAD)
    found = [name for name in free if all(map(is_missing, cells[name])) or mostly(is_number, cells[name])]
    named = [name for name in found if names_series(name, cells[name])]
    whose = _values_of(table.first(), series, named) if named else {}
    return [name for name in found if name not in whose and not numbers_rows(name, cells[name])]


def _of_series(table: Table, series: str, free: Sequence[str]) -> list[str]:
    """The columns that may hold the label: with one value in each of the first series, but not the same in all."""
    first = table.first()
    names = list(dict.fromkeys(str(cell).strip() for cell in first.cells.get(series, ()) if not is_missing(cell)))
    if len(names) < _FEWEST_LABELLED:
        return []
    found = []
    asked = [name for name in free if not names_series(name, first.cells[name]) and not are_moments(first.cells[name])]
    for name, values in _values_of(first, series, asked, names).items():
        different = len(set(values))
        if different > 1 and (different < len(values) or mostly(is_number, values)):  # otherwise, they name the series
            found.append(name)
    return found


def _values_of(first: Chunk, series: str, names: Sequence[str], of: Sequence[str] = ()) -> dict[str, list[str]]:
    """Those of some columns that have one value in each series, by the first rows, with their values of some series."""
    found = OneValueEach(series, names)
    found.add(first)
    return found.of(of)
