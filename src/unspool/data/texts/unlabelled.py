"""Texts without a label: models may learn from them beside those that have one; they lie on disk."""

from array import array
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from unspool.data.cell_values import fingerprint, text_flaw
from unspool.data.columns import Columns
from unspool.data.headers import refuse_headerless
from unspool.data.kept_in_cache import shown_name
from unspool.data.parts import TRAINING
from unspool.data.roles import RoleValues
from unspool.data.tables.problems import Flaw, Problem, Reason, reasons, settle
from unspool.data.tables.table import Chunk, Table
from unspool.data.text_and_label import find_text
from unspool.data.texts.stored_texts import StoredTexts
from unspool.data.texts.text_columns import have_text, texts_of_cells
from unspool.errors import UserError

_ROLES = ("group", "time", "split")
_NO_GROUP, _NO_TIME = 0, np.nan


@dataclass(frozen=True, slots=True, eq=False)
class UnlabelledRows:
    """The rows of a table that have a text and no label.

    Attributes:
        stored: the texts, by the numbers of their rows.
        rows: (N,) their numbers, rising.
        texts: (N,) a fingerprint of each text.
        groups: (N,) a fingerprint of each group, 0 where there is none.
        times: (N,) NaN where there is none.
        parts: (N,) the part that a split column says, training where it says none.
        words: what to say about a separate file of them: the column that was read, the rows that cannot be used.
    """

    stored: StoredTexts = field(repr=False)
    rows: NDArray[np.int64] = field(repr=False)
    texts: NDArray[np.int64] = field(repr=False)
    groups: NDArray[np.int64] = field(repr=False)
    times: NDArray[np.float64] = field(repr=False)
    parts: NDArray[np.int8] = field(repr=False)
    words: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, positions: NDArray[np.int64]) -> "UnlabelledRows":
        """Return some of the rows, at rising positions."""
        return UnlabelledRows(
            self.stored,
            self.rows[positions],
            self.texts[positions],
            self.groups[positions],
            self.times[positions],
            self.parts[positions],
            self.words,
        )


class UnlabelledReading:
    """Gathers the rows without a label while a table goes by."""

    def __init__(self, stored: StoredTexts) -> None:
        self._stored = stored
        self._rows, self._texts, self._groups = array("q"), array("q"), array("q")
        self._times, self._parts = array("d"), array("b")

    def add(self, row: int, text: str, roles: Mapping[str, int | float | Flaw]) -> None:
        """Keep a row.

        Args:
            row: its number.
            text: of it.
            roles: what its cells for the group, the time and the part mean; flaws count as nothing.
        """
        known = {role: value for role, value in roles.items() if not isinstance(value, Flaw)}
        self._stored.add(row, text)
        self._rows.append(row)
        self._texts.append(fingerprint(text.strip()))
        self._groups.append(int(known.get("group", _NO_GROUP)))
        self._times.append(known.get("time", _NO_TIME))
        self._parts.append(int(known.get("split", TRAINING)))

    def result(self) -> UnlabelledRows:
        """What was kept."""
        return UnlabelledRows(
            self._stored,
            np.array(self._rows, dtype=np.int64),
            np.array(self._texts, dtype=np.int64),
            np.array(self._groups, dtype=np.int64),
            np.array(self._times, dtype=np.float64),
            np.array(self._parts, dtype=np.int8),
        )


def read_unlabelled(table: Table, columns: Columns) -> UnlabelledRows:
    """Read a table of texts whose labels, if there are some, are not looked at.

    Args:
        table: of any kind.
        columns: of the labelled table: the same text column is read, or, where there is none of that name, the only or
            the usual one; groups and times are read where this table has their columns.

    Raises:
        UserError: the file cannot be read, has no column of texts, or a text cannot be used and the table says to stop.
    """
    text, words = columns.text, list[str]()
    if not have_text(text, table.columns):
        rename = f"rename its text column to {text}, as in the labelled file"
        refuse_headerless(table, table.first(), names=text, otherwise=rename)
        text, why = find_text(table.path, table.first())
        words.append(f"texts without a label are in column {text} of {shown_name(table.path)}: {why}")
    named = {role: getattr(columns, role) for role in _ROLES}
    there = {role: name for role, name in named.items() if name in table.columns}
    reading, flaws, roles = UnlabelledReading(StoredTexts()), Counter[Reason](), RoleValues(there)
    for chunk in table.chunks():
        problems = [*chunk.problems, *_add_chunk(reading, chunk, text, roles)]
        settle(problems, table.path, table.on_error)
        flaws.update(problem.flaw.reason for problem in problems)
    found = reading.result()
    if not len(found):
        raise UserError(f"{table.path}: no text can be used ({reasons(flaws)}).")
    if flaws:
        rows = f"{table.format.counts}s of {shown_name(table.path)}"
        words.append(f"{rows} that cannot be used: {reasons(flaws)}; left out")
    return replace(found, words=tuple(words))


def _add_chunk(reading: UnlabelledReading, chunk: Chunk, text: str, roles: RoleValues) -> Iterator[Problem]:
    for index, (place, cell) in enumerate(zip(chunk.places, texts_of_cells(chunk.cells, text), strict=True)):
        flaw = text_flaw(cell, text)
        if flaw is not None:
            yield Problem(flaw, place)
            continue
        parsed = roles.parse(chunk.cells[name][index] for name in roles.names.values())
        reading.add(place.row, cell, dict(zip(roles.names, parsed, strict=True)))


@dataclass(frozen=True, slots=True, eq=False)
class UnlabelledTexts:
    """The texts without a label that models may learn from.

    Attributes:
        sources: the rows, by table.
        decisions: what was decided about them, each in a sentence without its stop.
    """

    sources: tuple[UnlabelledRows, ...] = ()
    decisions: tuple[str, ...] = ()

    def __len__(self) -> int:
        return sum(map(len, self.sources))

    @property
    def prints(self) -> NDArray[np.int64]:
        """(N,) a fingerprint of each text."""
        return np.concatenate([np.zeros(0, np.int64), *(source.texts for source in self.sources)])

    def texts(self) -> Iterator[str]:
        """Read the texts, one after the other."""
        for source in self.sources:
            for some in source.stored.read(source.rows):
                yield from some


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """What must be known of N labelled rows to keep texts without a label apart from the test.

    Attributes:
        texts: (N,) a fingerprint of each text.
        in_test: (N,) which rows are the test.
        groups: (N,) a fingerprint of each group, or None.
        times: (N,) or None.
    """

    texts: NDArray[np.int64]
    in_test: NDArray[np.bool_]
    groups: NDArray[np.int64] | None
    times: NDArray[np.float64] | None


def choose_unlabelled(sources: Collection[UnlabelledRows], labelled: Labelled) -> UnlabelledTexts:
    """Decide which texts without a label are learned from.

    Left out are copies of labelled texts and of each other, and whatever belongs with held-out examples: what a split
    column puts there, what shares a group with the test, and, if the newest rows are the test, what is as new or has no
    time. All are left out if fewer remain than there are labelled texts to learn from: labels then tell a model more.
    """
    if not sum(map(len, sources)):
        return UnlabelledTexts()
    known, kept, why_not = set(labelled.texts.tolist()), [], Counter[str]()
    for source in sources:
        undated = _undated(source, labelled)
        apart = ~undated & ~_held_out(source, labelled)
        new = np.zeros(len(source), dtype=bool)
        for position in np.flatnonzero(apart).tolist():
            print_of_text = int(source.texts[position])
            new[position] = print_of_text not in known
            known.add(print_of_text)
        why_not["that are copies of others"] += int(np.count_nonzero(apart & ~new))
        why_not["that belong with held-out examples"] += int(np.count_nonzero(~apart & ~undated))
        why_not["whose time is unknown"] += int(np.count_nonzero(undated))
        kept.append(source.take(np.flatnonzero(new)))
    enough = int(np.count_nonzero(~labelled.in_test))
    decisions = [word for source in sources for word in source.words]
    decisions.append(_words_on_use(sum(map(len, kept)), enough))
    decisions += [f"texts without a label {why}: {count:,}; left out" for why, count in why_not.items() if count]
    used = kept if sum(map(len, kept)) >= enough else []
    return UnlabelledTexts(tuple(source for source in used if len(source)), tuple(decisions))


def _words_on_use(count: int, enough: int) -> str:
    if not count:
        return "texts without a label: all are left out"
    if count < enough:
        return (
            f"texts without a label: {count:,}; left out, as there are more labelled ones ({enough:,}), from which a "
            "model learns more"
        )
    return (
        f"texts without a label: {count:,}; document vectors and language models may learn from them, but they are "
        "never in the test"
    )


def _undated(source: UnlabelledRows, labelled: Labelled) -> NDArray[np.bool_]:
    """Those that may be as new as the test, because their time is unknown."""
    newest_held_out = labelled.times is not None and labelled.in_test.any()
    return np.isnan(source.times) if newest_held_out else np.zeros(len(source), dtype=bool)


def _held_out(source: UnlabelledRows, labelled: Labelled) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = source.parts != TRAINING
    if labelled.groups is not None:
        found |= np.isin(source.groups, labelled.groups[labelled.in_test]) & (source.groups != _NO_GROUP)
    if labelled.times is not None and labelled.in_test.any():
        found |= ~(source.times < labelled.times[labelled.in_test].min())
    return found
