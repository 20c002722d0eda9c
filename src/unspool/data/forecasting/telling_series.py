"""Which column of a table tells its series apart, by the times that recur."""

from collections.abc import Iterable, Sequence

from unspool.data.cell_values import is_date, is_number, mostly
from unspool.data.labels import as_number
from unspool.data.tables.table import CHUNK_ROWS, Chunk, Table

_MOST_TIMES = 1_000_000
_FEW = 0.02
"""Of the rows whose time recurs, how many may be of one name and time in a column that may tell series apart."""


def series_of(table: Table, sample: Chunk, time: str, free: Sequence[str]) -> tuple[str | None, tuple[str, ...]]:
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


def repeating(sample: Chunk, name: str | None) -> str | None:
    """A column of a usual name, if its values recur: else it numbers the rows."""
    if name is None:
        return None
    values = [str(value) for value in sample.cells[name]]
    return name if len(set(values)) < len(values) else None
