"""Rows of a table, each a time step of one of its series, gathered as they go by."""

from abc import ABC, abstractmethod
from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.data.cell_values import TimesOfColumn, is_missing
from unspool.data.names_in_words import first_few
from unspool.data.tables.problems import Flaw, Place, Problem, Reason, settle
from unspool.data.tables.table import Chunk, Table

Floats = NDArray[np.float64]

_MOST_NAMED = 20
_DAY, _CLOCKS_SET_BY = 86_400, 4 * 3_600  # seconds
_CLOCK_CHANGE = "; if clocks were set back, write times with their time zone, as in 2025-10-26T02:00+01:00"


def notes_on_left_out(names: Sequence[str]) -> tuple[str, ...]:
    """A note that names series that were left out; none if there are none.

    Example:
        >>> notes_on_left_out(["meter 7", "meter 9"]), notes_on_left_out([])
        (('series left out: meter 7, meter 9',), ())
    """
    return (f"series left out: {first_few(names, _MOST_NAMED)}",) if names else ()


class RowsOfSeries(ABC):
    """Of each row its series, its time and its numbers; one bad row makes its whole series unusable.

    Args:
        table: what is read.
        time: its column of the time, or None.
    """

    def __init__(self, table: Table, time: str | None) -> None:
        self.table, self.time = table, time
        self.clock = TimesOfColumn()
        self.dates = False  # whether times are dates rather than numbers
        self.zoned = False  # whether a time names its zone
        self.names: list[str] = []
        self.number_of: dict[str, int] = {}
        self.flawed: dict[int, Problem] = {}
        self.unreadable: Counter[Reason] = Counter()
        self.series, self.times, self.rows, self.values = array("q"), array("d"), array("q"), array("f")

    @abstractmethod
    def add_row(self, cells: dict[str, Any], place: Place) -> Problem | None:
        """Take a row; what is wrong with it, if anything is."""

    def add_together(self, chunk: Chunk) -> bool:
        """Add all rows at once, as `add_row` adds each, if nothing is wrong with any: this is several times faster.

        Returns:
            Whether they were added; if not, none was.
        """
        return False

    @abstractmethod
    def named(self, number: int) -> str:
        """A series, as a message calls it."""

    def add(self, chunk: Chunk) -> None:
        """Take some rows."""
        settle(chunk.problems, self.table.path, self.table.on_error)
        self.unreadable.update(problem.flaw.reason for problem in chunk.problems)
        if len(chunk) and self.add_together(chunk):
            return
        problems = []
        for index, place in enumerate(chunk.places):
            problem = self.add_row({name: values[index] for name, values in chunk.cells.items()}, place)
            if problem is not None:
                problems.append(problem)
        settle(problems, self.table.path, self.table.on_error, "series")

    def numbered(self, name: str) -> int:
        """The number of a series, which is the next at its first row."""
        number = self.number_of.setdefault(name, len(self.names))
        if number == len(self.names):
            self.names.append(name)
        return number

    def leave_out(self, column: str, cells: Mapping[str, Any], place: Place) -> None:
        """Leave out a row whose series is missing, or stop at it; `column` names the series, or several do."""
        column = next((part for part in self.table.parts(column) if is_missing(cells.get(part, 0))), column)
        fill = (
            "If the file names each series only in its first row, copy the name into the rows below"
            if self.series
            else ""
        )
        self.leave_out_alone(Flaw(Reason.NO_VALUE, "the row belongs to no series", column, fill, fill), place)

    def leave_out_alone(self, flaw: Flaw, place: Place) -> None:
        """Leave out a row without its series, or stop at it."""
        self.unreadable[flaw.reason] += 1
        settle([Problem(flaw, place)], self.table.path, self.table.on_error)

    def keep(self, number: int, when: Any, numbers: Sequence[Any], place: Place) -> None:
        """Keep a row without flaws."""
        self.series.append(number)
        self.times.append(when)
        self.rows.append(place.row)
        self.values.extend(numbers)

    def keep_together(
        self, numbers: NDArray[np.int64], times: NDArray[np.float64], columns: Sequence[Floats], chunk: Chunk
    ) -> None:
        """Keep rows without flaws: (N,) their series, (N,) their times, and each column of numbers, (N,)."""
        self.series.frombytes(numbers.astype(np.int64).tobytes())
        self.times.frombytes(times.astype(np.float64).tobytes())
        self.rows.extend([place.row for place in chunk.places])
        self.values.frombytes(np.stack(columns, axis=1).astype(np.float32).tobytes())

    def in_order(self, columns: int) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[Any], NDArray[np.int64]]:
        """The rows one series after the other and by time: series, times, (N, columns) numbers, and which rows."""
        series, times = np.frombuffer(self.series, dtype=np.int64), np.frombuffer(self.times)
        values = np.frombuffer(self.values, dtype=np.float32).reshape(-1, columns)
        ordered = (series[1:] > series[:-1]) | ((series[1:] == series[:-1]) & (times[1:] >= times[:-1]))
        if ordered.all():  # as in most files: then no copy is needed
            return series, times, values, np.arange(len(series))
        order = np.lexsort((times, series))  # stable: rows of one series and time keep their order
        return series[order], times[order], values[order], order

    def refuse_equal_times(
        self, series: NDArray[np.int64], times: NDArray[np.float64], order: NDArray[np.int64], fix: str = ""
    ) -> None:
        """Refuse series with two rows of one time; `fix` is what to do in training, see `Flaw`."""
        if self.time is None:
            return
        found: dict[int, Problem] = {}
        for position in np.flatnonzero((series[1:] == series[:-1]) & (times[1:] == times[:-1])) + 1:
            number = int(series[position])
            if number not in self.flawed:
                clock = _CLOCK_CHANGE if self._may_be_set_back(float(times[position])) else ""
                detail = f"{self.named(number)} has two rows with this time{clock}"
                flaw = Flaw(Reason.SAME_TIME, detail, self.time, fix)
                found.setdefault(number, Problem(flaw, Place(self.rows[int(order[position])])))
        self.refuse(found)

    def _may_be_set_back(self, time: float) -> bool:
        """Whether an hour that recurs may be the one in which clocks are set back: early, and without a zone."""
        return self.dates and not self.zoned and 0 < time % _DAY < _CLOCKS_SET_BY

    def refuse_without_numbers(self, first: dict[int, int], column: str | None = None) -> None:
        """Refuse series that have no number at all.

        Args:
            first: the first row of each.
            column: of the numbers, where it is one.
        """
        found: dict[int, Problem] = {}
        for number, row in first.items():
            flaw = Flaw(Reason.NO_VALUE, f"{self.named(number)} has no number", column)
            found[number] = Problem(flaw, Place(self.rows[row]))
        self.refuse(found)

    def refuse(self, found: dict[int, Problem]) -> None:
        """Stop at series that cannot be used, or leave them out, as the table says."""
        settle(found.values(), self.table.path, self.table.on_error, "series")
        self.flawed |= found

    @property
    def notes(self) -> tuple[str, ...]:
        """Which series are left out."""
        return notes_on_left_out([self.names[number] for number in sorted(self.flawed)])

    @property
    def left_out(self) -> Counter[Reason]:
        """How many rows and series are, and why."""
        return self.unreadable + Counter(problem.flaw.reason for problem in self.flawed.values())
