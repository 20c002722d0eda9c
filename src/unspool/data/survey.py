"""The first reading of a table: everything but the texts themselves, in a few numbers a row."""

from array import array
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.data.columns import Columns
from unspool.data.parts import Parts
from unspool.data.roles import ROLES, fingerprint, is_missing, text_flaw
from unspool.data.tables.problems import Flaw, Place, Problem, Reason, reasons, settle
from unspool.data.tables.table import Chunk, Table
from unspool.data.task import Label, label_of, type_of
from unspool.errors import UserError

_MOST_INTERNED = 10_000  # different labels that are kept once for all rows; more of them are numbers, and rarely equal


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """What is known of a table after one reading: N usable rows, with some 40 bytes kept of each.

    Attributes:
        table: what was read.
        columns: which column is what.
        places: where each of N rows stands.
        labels: N labels.
        texts: (N,) a fingerprint of each text: equal texts have equal ones.
        groups: (N,) a fingerprint of each group, or None.
        times: (N,) seconds or whatever numbers the column holds, or None.
        parts: (N,) the part that the split column says, or None.
        left_out: how many rows cannot be used, by reason.
        missing: empty cells by column, over all rows that could be read.
    """

    table: Table
    columns: Columns
    places: "Places"
    labels: list[Label] = field(repr=False)
    texts: NDArray[np.int64] = field(repr=False)
    groups: NDArray[np.int64] | None = field(repr=False)
    times: NDArray[np.float64] | None = field(repr=False)
    parts: Parts | None = field(repr=False)
    left_out: Counter[Reason]
    missing: dict[str, int]

    def __len__(self) -> int:
        return len(self.labels)

    def without(self, flaws: dict[int, Flaw]) -> "Survey":
        """Return the survey without the rows at these positions, which are counted by their flaws.

        Raises:
            UserError: there are some, and the table says to stop.
        """
        if not flaws:
            return self
        problems = (Problem(flaw, self.places.at(position)) for position, flaw in sorted(flaws.items()))
        settle(problems, self.table.path, self.table.on_error)
        kept = np.setdiff1d(np.arange(len(self)), list(flaws))
        return Survey(
            self.table,
            self.columns,
            self.places.take(kept),
            [self.labels[position] for position in kept],
            self.texts[kept],
            None if self.groups is None else self.groups[kept],
            None if self.times is None else self.times[kept],
            None if self.parts is None else self.parts[kept],
            self.left_out + Counter(flaw.reason for flaw in flaws.values()),
            self.missing,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Where N rows stand: (N,) their numbers, rising, and (N,) their lines, 0 where there are none."""

    rows: NDArray[np.int64] = field(repr=False)
    lines: NDArray[np.int64] = field(repr=False)

    def at(self, position: int) -> Place:
        """Return the place of one row."""
        return Place(int(self.rows[position]), int(self.lines[position]) or None)

    def take(self, positions: NDArray[np.int64]) -> "Places":
        """Return some of the places."""
        return Places(self.rows[positions], self.lines[positions])


def survey(table: Table, columns: Columns) -> Survey:
    """Read a table once, and keep of each usable row its label and a few numbers.

    Raises:
        UserError: no row is usable, or one is not and the table says to stop.
    """
    reading = _Reading(table, columns)
    for chunk in table.chunks():
        reading.add(chunk)
    found = reading.result()
    if columns.id is not None:
        found = found.without(_repeated(reading.values["id"], found.places, columns.id))
    if not len(found):
        raise UserError(f"{table.path}: no row can be used ({reasons(found.left_out)}).")
    return found


class _Reading:
    """What is gathered while the rows go by."""

    def __init__(self, table: Table, columns: Columns) -> None:
        self.table, self.columns = table, columns
        self.rows, self.lines, self.texts = array("q"), array("q"), array("q")
        self.labels: list[Label] = []
        self.left_out: Counter[Reason] = Counter()
        self.missing = dict.fromkeys(table.columns, 0)
        named = {role: getattr(columns, role) for role in ROLES}
        self.names = {role: name for role, name in named.items() if name is not None}
        self.values: dict[str, array[Any]] = {role: array(ROLES[role].typecode) for role in self.names}
        self._label_type: str | None = None
        self._interned: dict[Label, Label] = {}

    def add(self, chunk: Chunk) -> None:
        problems = list(chunk.problems)
        texts, labels = chunk.cells[self.columns.text], chunk.cells[self.columns.label]
        columns = [chunk.cells[name] for name in self.names.values()]
        others = zip(*columns, strict=True) if columns else repeat((), len(chunk))
        for place, text, label, other in zip(chunk.places, texts, labels, others, strict=True):
            flaw = self._add_row(place, text, label, other)
            if flaw is not None:
                problems.append(Problem(flaw, place))
        settle(problems, self.table.path, self.table.on_error)
        self.left_out.update(problem.flaw.reason for problem in problems)
        for name, values in chunk.cells.items():
            self.missing[name] += sum(map(is_missing, values))

    def _add_row(self, place: Place, text: Any, label: Any, others: tuple[Any, ...]) -> Flaw | None:
        """Keep a row whole, or nothing of it."""
        flaw = text_flaw(text, self.columns.text)
        plain = self._label(label)
        parsed = [
            ROLES[role].parse(value, name) for (role, name), value in zip(self.names.items(), others, strict=True)
        ]
        flaw = flaw or next((value for value in (plain, *parsed) if isinstance(value, Flaw)), None)
        if flaw is not None or isinstance(plain, Flaw):
            return flaw
        self.rows.append(place.row)
        self.lines.append(place.mark if isinstance(place.mark, int) else 0)
        self.texts.append(fingerprint(text.strip()))
        self.labels.append(plain)
        for role, value in zip(self.names, parsed, strict=True):
            self.values[role].append(value)
        return None

    def _label(self, value: object) -> Label | Flaw:
        label = label_of(value)
        if isinstance(label, Flaw):
            return replace(label, column=self.columns.label)
        its_type = type_of(value)
        self._label_type = self._label_type or its_type
        if its_type != self._label_type:
            detail = f"the label is {its_type} here and {self._label_type} before"
            return Flaw(Reason.TYPE, detail, self.columns.label)
        if len(self._interned) < _MOST_INTERNED:
            return self._interned.setdefault(label, label)
        return self._interned.get(label, label)

    def result(self) -> Survey:
        found = {role: np.array(values) for role, values in self.values.items()}
        return Survey(
            self.table,
            self.columns,
            Places(np.array(self.rows, dtype=np.int64), np.array(self.lines, dtype=np.int64)),
            self.labels,
            np.array(self.texts, dtype=np.int64),
            found.get("group"),
            found.get("time"),
            found.get("split"),
            self.left_out,
            self.missing,
        )


def _repeated(ids: Iterable[int], places: Places, column: str) -> dict[int, Flaw]:
    _, first, id_of = np.unique(np.array(ids, dtype=np.int64), return_index=True, return_inverse=True)
    repeated = np.flatnonzero(first[id_of] != np.arange(len(id_of)))
    return {
        int(position): Flaw(Reason.DUPLICATE_ID, f"{places.at(first[id_of[position]])} has the same id", column)
        for position in repeated
    }
