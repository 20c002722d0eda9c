"""Pairs of texts, a source and its translation, from two columns of a person's table, or from two files."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.data.cell_values import text_flaw
from unspool.data.headers import WITH_HEADER, refuse_headerless
from unspool.data.parts import (
    Parts,
)
from unspool.data.required_columns import require_all
from unspool.data.roles import RoleValues
from unspool.data.source import Given, Source
from unspool.data.tables.cells import byte_flaw
from unspool.data.tables.problems import Flaw, OnError, Place, Problem, Reason, settle
from unspool.data.tables.table import Table
from unspool.data.texts.line_files import aligned_table, holds_lines, sentence_on_tabs
from unspool.data.usual_names import usual
from unspool.errors import UserError
from unspool.files import expanded

MOST_CHARACTERS = 10_000
"""Of a text: a longer one is a document, to be cut into sentences before it is translated."""

SOURCE_NAMES, TARGET_NAMES = ("source", "src", "input"), ("target", "tgt", "output", "translation")

_OF_TASKS = {
    "summary": (
        ("document", "article", "text", "dialogue"),
        ("summary", "highlights", "abstract", "headline", "title"),
    ),
    "pronunciation": (("word", "grapheme", "graphemes"), ("phonemes", "pronunciation", "ipa", "phones", "phoneme")),
}
"""The usual names of the source and target columns of a task, which are tried before those of all pairs."""


@dataclass(frozen=True, slots=True, eq=False)
class TextPairs:
    """N pairs of texts.

    Attributes:
        path: of the file; of two, the one with the sources.
        source: the column that is read, or the name of its file.
        target: the column that is written, or the name of its file.
        sources: N texts.
        targets: N texts.
        groups: (N,) a number for the group of each, or None.
        parts: (N,) the part that the file says, or None.
        left_out: how many cannot be used, by reason.
        target_path: the file with the targets, where it is another one.
        ignored: the columns that are not read.
        rows: the number of the row, or line, of each of the N.
        files: (N,) which file each comes from: 0 for `path`, 1 for a validation file, 2 for a test file; or None where
            there is only `path`.
    """

    path: Path
    source: str
    target: str
    sources: list[str] = field(repr=False)
    targets: list[str] = field(repr=False)
    groups: NDArray[np.int64] | None = field(default=None, repr=False)
    parts: Parts | None = field(default=None, repr=False)
    left_out: Counter[Reason] = field(default_factory=Counter)
    target_path: Path | None = None
    ignored: tuple[str, ...] = ()
    rows: list[int] = field(default_factory=list, repr=False)
    files: NDArray[np.int8] | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(self.sources)


def usual_names(task: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the usual names of the source and target columns of a task, the most usual first.

    Example:
        >>> [names[0] for names in usual_names("summary")]
        ['document', 'summary']
    """
    sources, targets = _OF_TASKS.get(task, ((), ()))
    return sources + SOURCE_NAMES, targets + TARGET_NAMES


def find_pair_columns(
    table: Table,
    source: str | None = None,
    target: str | None = None,
    task: str = "translation",
    others: Collection[str | None] = (),
) -> tuple[str, str]:
    """Find the two columns with texts and translations, unless they are named.

    Usual names are found (source and target, src and tgt, ...); of one that is named, the other is the only column
    that is left.

    Args:
        table: of any kind.
        source: the column that is read, or None.
        target: the column that is written, or None.
        task: what is done with the pairs, see `usual_names`.
        others: columns that are for something else.

    Raises:
        UserError: a named column is missing, both are one, or a column cannot be told.
    """
    usual_source, usual_target = usual_names(task)
    header = f"{usual_source[0]},{usual_target[0]} (in a TSV file with a tab between them)"
    if source is None and target is None:
        refuse_headerless(table, table.first(), names=header, otherwise="name its columns (--source, --target)")
    require_all(table.path, table.columns, (("source", source), ("target", target)))
    if source is not None and source == target:
        raise UserError(f"{table.path}: column {source} cannot be both the source and the target.")
    free = [name for name in table.columns if name not in (source, target, *others)]
    source = source or usual(free, usual_source) or _only(free)
    free = [name for name in free if name != source]
    target = target or usual(free, usual_target) or _only(free)
    for found, what in ((source, "source"), (target, "target")):
        if found is None:
            raise UserError(
                f"{table.path}: the {what} cannot be determined. Name its column (--{what}): there are "
                f"{', '.join(table.columns)}.{_if_headerless(table, header)}"
            )
    return str(source), str(target)


def _if_headerless(table: Table, header: str) -> str:
    """What to do where line 1 is the first pair: not every one looks like it."""
    if table.format.name not in WITH_HEADER:
        return ""
    return f" If line 1 is a pair, not a header, add a header line above it, such as {header}."


def _only(names: list[str]) -> str | None:
    return names[0] if len(names) == 1 else None


def read_pairs(
    given: Given,
    *,
    source: str | None = None,
    target: str | None = None,
    group: str | None = None,
    split: str | None = None,
    on_error: OnError = "stop",
    task: str = "translation",
) -> TextPairs:
    """Read pairs of texts into memory, without space around them.

    Args:
        given: a table: CSV, TSV, JSON lines or Parquet; or a file with one source a line.
        source: the column that is read, or None to look for it.
        target: the column that is written, or None to look for it; of a file with one source a line, the file with one
            target a line.
        group: a column: pairs with the same value stay in one part.
        split: a column that says the part of each pair.
        on_error: what is done about a row that cannot be used: "stop" at it, or "skip" it and count it.
        task: what is done with the pairs, see `usual_names`.

    Raises:
        UserError: a file cannot be read, a column is missing, two files differ in their numbers of lines, no row can be
            used, or one is not and `on_error` is "stop".

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "pairs.csv"
        >>> _ = path.write_text("de,en\\nEin Mann.,A man.\\nEin Hund.,A dog.\\n")
        >>> read_pairs(path, source="de").targets
        ['A man.', 'A dog.']
    """
    opened = Source.of(given, on_error)
    second = _second_file(opened, source, target, group=group, split=split)
    if second is None:
        table = opened.table
        source, target = find_pair_columns(table, source, target, task, others=(group, split))
    else:
        table = aligned_table(opened.path, second, on_error)
        source, target = table.columns
    named = {"group": group, "split": split}
    require_all(table.path, table.columns, named.items())
    ignored = tuple(name for name in table.columns if name not in (source, target, group, split))
    found = TextPairs(table.path, source, target, [], [], target_path=second, ignored=ignored)
    roles = RoleValues(named)
    for chunk in table.chunks():
        found.left_out.update(problem.flaw.reason for problem in chunk.problems)
        for index, place in enumerate(chunk.places):
            texts = {name: chunk.cells[name][index] for name in (source, target)}
            said = roles.parse(chunk.cells[name][index] for name in roles.names.values())
            flaw = _flaw(texts) or next((one for one in said if isinstance(one, Flaw)), None)
            if flaw is not None:
                settle(*_problem(flaw, place, found), on_error)
                found.left_out[flaw.reason] += 1
                continue
            found.sources.append(texts[source].strip())
            found.targets.append(texts[target].strip())
            found.rows.append(place.row)
            roles.keep(said)
    if not len(found):
        raise UserError(f"{table.path}: no row can be used.")
    return replace(found, groups=roles.of("group"), parts=roles.of("split"))


def _second_file(first: Source, source: str | None, target: str | None, **roles: str | None) -> Path | None:
    """The file with the targets, where the sources are in a file with one text a line, else None."""
    if not holds_lines(first.path):
        return None
    for name, column in {"source": source, **roles}.items():
        if column is not None:
            what = f"{first.path} has one text a line and no columns: --{name} has no effect."
            raise UserError(f"{what}{sentence_on_tabs(first.path)}")
    if target is None:
        raise UserError(
            f"{first.path} has one text a line. Name the file with the translations, also one a line: --target FILE "
            f"(for those of --test, --test-target FILE).{sentence_on_tabs(first.path)}"
        )
    return expanded(target)


def _problem(flaw: Flaw, place: Place, pairs: TextPairs) -> tuple[list[Problem], Path]:
    """A problem, and the file that it is in."""
    if pairs.target_path is None:
        return [Problem(flaw, place)], pairs.path
    of_target = flaw.column == pairs.target
    return [Problem(replace(flaw, column=None), place)], pairs.target_path if of_target else pairs.path


def _flaw(texts: dict[str, Any]) -> Flaw | None:
    for name, text in texts.items():
        flaw = text_flaw(text, name) or byte_flaw(text, name)
        if flaw is not None:
            return flaw
        if len(text) > MOST_CHARACTERS:
            detail = f"the text has {len(text):,} characters, more than the limit of {MOST_CHARACTERS:,}"
            return Flaw(Reason.LONG_TEXT, detail, name)
    return None
