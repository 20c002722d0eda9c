"""The one reading of a table of texts: these go to the disk, and a few numbers a row stay in memory."""

from array import array
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.data.cell_values import fingerprint, is_missing, text_flaw
from unspool.data.columns import Columns
from unspool.data.labels import Label, label_of_cell, type_of
from unspool.data.parts import Parts
from unspool.data.roles import ROLES, RoleValues
from unspool.data.tables.problems import Flaw, Place, Problem, Reason, reasons, settle
from unspool.data.tables.table import Chunk, Table
from unspool.data.texts.side_columns import SideCells, TextRow
from unspool.data.texts.stored_texts import StoredTexts
from unspool.data.texts.text_columns import texts_of_cells
from unspool.data.texts.unlabelled import UnlabelledReading, UnlabelledRows
from unspool.errors import UserError

_MOST_INTERNED = 10_000  # different labels that are kept once for all rows; more of them are numbers, and rarely equal


@dataclass(frozen=True, slots=True, eq=False)
class TableScan:
    """What is known of a table after one reading: N usable rows, with some 40 bytes kept of each.

    Attributes:
        table: what was read.
        columns: which column is what.
        stored: the texts, by the numbers of their rows.
        places: where each of N rows stands.
        labels: N labels.
        texts: (N,) a fingerprint of each text: equal texts have equal ones.
        groups: (N,) a fingerprint of each group, or None.
        times: (N,) seconds or whatever numbers the column holds, or None.
        parts: (N,) the part that the split column says, or None.
        left_out: how many rows cannot be used, by reason.
        missing: empty cells by column, over all rows that could be read.
        unlabelled: the rows without a label, where those are kept.
        side: N rows of cells beside the text, or none where no such columns are read.
    """

    table: Table
    columns: Columns
    stored: StoredTexts = field(repr=False)
    places: "Places"
    labels: list[Label] = field(repr=False)
    texts: NDArray[np.int64] = field(repr=False)
    groups: NDArray[np.int64] | None = field(repr=False)
    times: NDArray[np.float64] | None = field(repr=False)
    parts: Parts | None = field(repr=False)
    left_out: Counter[Reason]
    missing: dict[str, int]
    unlabelled: UnlabelledRows | None = field(default=None, repr=False)
    side: list[SideCells] = field(default_factory=list, repr=False)

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def whole(self) -> NDArray[np.int64]:
        """(N,) a fingerprint of each row: of its text and of the cells beside it, numbers in 32 bits."""
        if not self.side:
            return self.texts
        rows = (
            (text, *(cell if isinstance(cell, str) else float(np.float32(cell)) for cell in cells))
            for text, cells in zip(self.texts.tolist(), self.side, strict=True)
        )
        return np.fromiter((fingerprint(repr(row)) for row in rows), np.int64, len(self))

    def read_texts(self, positions: NDArray[np.int64] | None = None) -> Iterator[list[str]]:
        """Read the texts of the usable rows, or of some: in the order of the file, a thousand rows at a time.

        Args:
            positions: (K,) rising, of the rows; None takes all.
        """
        found = self.stored.read(self.places.rows if positions is None else self.places.rows[positions])
        if not self.side:
            yield from found
            return
        rows = iter(range(len(self)) if positions is None else positions.tolist())
        for texts in found:
            yield [TextRow(text, self.side[next(rows)]) for text in texts]

    def without(self, flaws: dict[int, Flaw]) -> "TableScan":
        """Return the scan without the rows at these positions, which are counted by their flaws.

        Raises:
            UserError: there are some, and the table says to stop.
        """
        if not flaws:
            return self
        problems = (Problem(flaw, self.places.at(position)) for position, flaw in sorted(flaws.items()))
        settle(problems, self.table.path, self.table.on_error)
        kept = np.setdiff1d(np.arange(len(self)), list(flaws))
        return TableScan(
            self.table,
            self.columns,
            self.stored,
            self.places.take(kept),
            [self.labels[position] for position in kept],
            self.texts[kept],
            None if self.groups is None else self.groups[kept],
            None if self.times is None else self.times[kept],
            None if self.parts is None else self.parts[kept],
            self.left_out + Counter(flaw.reason for flaw in flaws.values()),
            self.missing,
            self.unlabelled,
            [self.side[position] for position in kept] if self.side else [],
        )


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Where N rows are.

    Attributes:
        rows: (N,) their numbers, rising.
        lines: (N,) their lines; 0 if there are none.
        names: for a folder, the name of the file that each was read from; else empty.
    """

    rows: NDArray[np.int64] = field(repr=False)
    lines: NDArray[np.int64] = field(repr=False)
    names: list[str] = field(default_factory=list, repr=False)

    def at(self, position: int) -> Place:
        """Return the place of one row."""
        mark = self.names[position] if self.names else int(self.lines[position]) or None
        return Place(int(self.rows[position]), mark)

    def take(self, positions: NDArray[np.int64]) -> "Places":
        """Return some of the places."""
        names = [self.names[position] for position in positions] if self.names else []
        return Places(self.rows[positions], self.lines[positions], names)


def scan_table(
    table: Table, columns: Columns, *, keep_unlabelled: bool = False, no_labels: str | None = None
) -> TableScan:
    """Read a table once, and keep of each usable row its label and a few numbers.

    Args:
        table: of any kind.
        columns: which column is what.
        keep_unlabelled: whether rows whose label is empty are kept apart; otherwise they cannot be used.
        no_labels: how a cell shows that a row has none of the labels, where that may be.

    Raises:
        UserError: no row is usable, or one is not and the table says to stop.
    """
    reading = _Reading(table, columns, keep_unlabelled, no_labels)
    for chunk in table.chunks():
        reading.add(chunk)
    found = reading.result()
    if columns.id is not None:
        found = found.without(_repeated(reading.roles.of("id"), found.places, columns.id))
    if not len(found):
        none = f"no row has a label in column {columns.label}"
        why = f"no row can be used ({reasons(found.left_out)})" if found.left_out else none
        raise UserError(f"{table.path}: {why}.")
    return found


class _Reading:
    """What is gathered while the rows go by."""

    def __init__(self, table: Table, columns: Columns, keep_unlabelled: bool, no_labels: str | None) -> None:
        self.table, self.columns, self.no_labels = table, columns, no_labels
        self.stored = StoredTexts()
        self.unlabelled = UnlabelledReading(self.stored) if keep_unlabelled else None
        self.rows, self.lines, self.texts = array("q"), array("q"), array("q")
        self.files: list[str] = []
        self.labels: list[Label] = []
        self.side: list[SideCells] = []
        self.left_out: Counter[Reason] = Counter()
        self.missing = dict.fromkeys(table.columns, 0)
        self.roles = RoleValues({role: getattr(columns, role) for role in ROLES})
        self._label_type: str | None = None
        self._interned: dict[Label, Label] = {}

    def add(self, chunk: Chunk) -> None:
        problems = list(chunk.problems)
        texts, labels = texts_of_cells(chunk.cells, self.columns.text), chunk.cells[self.columns.label]
        others = self._rows(chunk, self.roles.names.values())
        beside = self._rows(chunk, self.columns.side.names)
        for place, text, label, other, cells in zip(chunk.places, texts, labels, others, beside, strict=True):
            flaw = self._add_row(place, text, label, other, cells)
            if flaw is not None:
                problems.append(Problem(flaw, place))
        settle(problems, self.table.path, self.table.on_error)
        self.left_out.update(problem.flaw.reason for problem in problems)
        for name, values in chunk.cells.items():
            self.missing[name] += sum(map(is_missing, values))

    def _rows(self, chunk: Chunk, names: Collection[str]) -> Iterable[tuple[Any, ...]]:
        columns = [chunk.cells[name] for name in names]
        return zip(*columns, strict=True) if columns else repeat((), len(chunk))

    def _add_row(
        self, place: Place, text: Any, label: Any, others: tuple[Any, ...], beside: tuple[Any, ...]
    ) -> Flaw | None:
        """Keep a row whole, or nothing of it."""
        flaw = text_flaw(text, self.columns.text)
        parsed = self.roles.parse(others)
        if self.unlabelled is not None and flaw is None and is_missing(label):
            self.unlabelled.add(place.row, text, dict(zip(self.roles.names, parsed, strict=True)))
            return None
        plain = self._label(label)
        cells = self.columns.side.parse(beside)
        flaw = flaw or next((value for value in (plain, *parsed, cells) if isinstance(value, Flaw)), None)
        if flaw is not None or isinstance(plain, Flaw) or isinstance(cells, Flaw):
            return flaw
        self.stored.add(place.row, text)
        self.rows.append(place.row)
        self.lines.append(place.mark if isinstance(place.mark, int) else 0)
        if isinstance(place.mark, str):
            self.files.append(place.mark)
        self.texts.append(fingerprint(text.strip()))
        self.labels.append(plain)
        if cells:
            self.side.append(cells)
        self.roles.keep(parsed)
        return None

    def _label(self, value: object) -> Label | Flaw:
        label = label_of_cell(value)
        if isinstance(label, Flaw):
            flaw = replace(label, column=self.columns.label)
            if self.no_labels is None or not is_missing(value) or self.columns.label in self.table.joined:
                return flaw
            return replace(flaw, detail=f"{flaw.detail} (if the row has none of the labels, write {self.no_labels})")
        its_type = type_of(value)
        self._label_type = self._label_type or its_type
        if its_type != self._label_type:
            detail = f"the label is {its_type} here and {self._label_type} before"
            return Flaw(Reason.TYPE, detail, self.columns.label)
        if len(self._interned) < _MOST_INTERNED:
            return self._interned.setdefault(label, label)
        return self._interned.get(label, label)

    def result(self) -> TableScan:
        return TableScan(
            self.table,
            self.columns,
            self.stored,
            Places(np.array(self.rows, dtype=np.int64), np.array(self.lines, dtype=np.int64), self.files),
            self.labels,
            np.array(self.texts, dtype=np.int64),
            self.roles.of("group"),
            self.roles.of("time"),
            self.roles.of("split"),
            self.left_out,
            self.missing,
            None if self.unlabelled is None else self.unlabelled.result(),
            self.side,
        )


def _repeated(ids: Any, places: Places, column: str) -> dict[int, Flaw]:
    _, first, id_of = np.unique(ids, return_index=True, return_inverse=True)
    repeated = np.flatnonzero(first[id_of] != np.arange(len(id_of)))
    return {
        int(position): Flaw(Reason.DUPLICATE_ID, f"{places.at(first[id_of[position]])} has the same id", column)
        for position in repeated
    }
