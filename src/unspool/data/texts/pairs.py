"""Pairs of texts, a source and its translation, from two columns of a person's table, or from two files."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.data.cell_values import fingerprint, text_flaw
from unspool.data.columns import ignored_words, split_column
from unspool.data.frames import shown_path
from unspool.data.headers import WITH_HEADER, refuse_headerless
from unspool.data.parts import (
    FRACTION,
    TEST,
    VALIDATION,
    Parts,
    copies_together,
    count_by_part,
    draw_parts,
    drawn_words,
    known_parts,
    said_words,
    with_more_rows,
)
from unspool.data.required_columns import group_in, require_all
from unspool.data.roles import RoleValues
from unspool.data.source import Given, Source
from unspool.data.tables.cells import byte_flaw
from unspool.data.tables.problems import Flaw, OnError, Place, Problem, Reason, settle
from unspool.data.tables.split_names import PARTS, Part
from unspool.data.tables.table import Table
from unspool.data.texts.in_words import aligned, by_quantile, described
from unspool.data.texts.line_files import aligned_table, holds_lines
from unspool.data.texts.pair_remarks import remarks_on_pairs
from unspool.data.usual_names import usual
from unspool.errors import UserError, naming
from unspool.files import expanded
from unspool.progress import spinner

MOST_CHARACTERS = 10_000
"""Of a text: a longer one is a document, to be cut into sentences before it is translated."""

SOURCE_NAMES, TARGET_NAMES = ("source", "src", "input"), ("target", "tgt", "output", "translation")

NAMED = "a source and a target column were named"
"""Why a file is read as pairs if its columns were named."""

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


@dataclass(frozen=True, slots=True, eq=False)
class PairExamples:
    """Pairs of texts, and what each is for.

    Attributes:
        pairs: N of them.
        parts: (N,) the part of each: 0 training, 1 validation, 2 test.
        split: the column that says the parts, or None.
        decisions: what was decided, and why, each in a sentence without its stop.
        why: the reason for this task.
    """

    pairs: TextPairs
    parts: Parts = field(repr=False)
    split: str | None
    decisions: tuple[str, ...]
    why: str = NAMED

    def counts(self) -> dict[Part, int]:
        """Count the pairs of each part."""
        return count_by_part(self.parts)

    def rows(self, part: Part) -> NDArray[np.int64]:
        """Which pairs are in a part."""
        return np.flatnonzero(self.parts == PARTS.index(part))


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
            raise UserError(f"{first.path} has one text a line and no columns: --{name} has no effect.")
    if target is None:
        raise UserError(
            f"{first.path} has one text a line. Name the file with the translations, also one a line: --target FILE "
            "(for the test set --test-target FILE)."
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


def read_pair_examples(
    given: Given,
    *,
    source: str | None = None,
    target: str | None = None,
    group: str | None = None,
    split: str | None = None,
    test: Given | None = None,
    test_target: str | None = None,
    validation: Given | None = None,
    validation_target: str | None = None,
    fractions: tuple[float, float] = (FRACTION, FRACTION),
    seed: int = 0,
    on_error: OnError = "stop",
    task: str = "translation",
) -> PairExamples:
    """Read pairs of texts, and decide what each is for.

    Parts that a split column or a test file gives stay as they are. The others are drawn at random, whole groups at a
    time where there are some; else pairs of the same source stay together.

    Args:
        given: see `read_pairs`, and the other arguments too.
        source: the column that is read, or None to look for it.
        target: the column that is written, or None to look for it.
        group: a column: pairs with the same value stay in one part.
        split: a column that says the part of each pair, or None to look for it.
        test: the test pairs, or None: a table with columns of the same names, of which only that of the groups may be
            missing; where the training has one source a line, a file with one source a line.
        test_target: of such a test, the file with one target a line.
        validation: the pairs for validation, as `test`, but with the groups.
        validation_target: as `test_target`.
        fractions: of the pairs for validation and for the test, where these are drawn.
        seed: of the draw.
        on_error: what is done about a row that cannot be used.
        task: what is done with the pairs, see `usual_names`.

    Raises:
        UserError: as for `read_pairs`, or there are too few pairs.
    """
    pairs = Source.of(given, on_error)
    why = "it was asked for" if source is None and target is None else NAMED
    with spinner(f"Reading {pairs.path.name}"):
        if not holds_lines(pairs.path):
            taken = {name for name in (source, target, group) if name is not None}
            split = split or split_column(pairs.table.first(), taken)
        columns = {"source": source, "target": target, "group": group, "split": split}
        found = read_pairs(pairs, **columns, on_error=on_error, task=task)
        more = {VALIDATION: (validation, validation_target), TEST: (test, test_target)}
        for part, (sources, targets) in more.items():
            if sources is not None:
                found = _joined(found, _read_part(sources, targets, found, group, on_error, PARTS[part]), part)
            elif targets is not None:
                name = PARTS[part]
                raise UserError(f"--{name}-target needs --{name}, the file with the sources of the {name} set.")
    known = known_parts(found.parts, len(found))
    groups, how = found.groups, f"whole groups by column {group}"
    if groups is None:
        groups, how = copies_together(_prints(found.sources), "pairs with the same source")
    with naming(pairs.path):
        parts = draw_parts(len(found), groups=groups, given=known, fractions=fractions, seed=seed)
    if found.target_path is None:
        decisions = [f"the task is {task}: {why}"]
        usually = "" if why == NAMED else " (usual names; for others, use --source and --target)"
        decisions.append(f"column {found.source} is read, column {found.target} is written{usually}")
        decisions += ignored_words(found.ignored)
    else:
        why = "a file with the targets was named"
        decisions = [f"the task is {task}: {why}"]
        decisions.append(f"{found.source} is read, {found.target} is written, line by line")
    decisions += [*said_words(split, test, "pairs", validation), *drawn_words(known, how, "pairs")]
    return PairExamples(found, parts, split, tuple(decisions), why)


def _prints(texts: list[str]) -> NDArray[np.int64]:
    """(N,) equal for equal texts."""
    return np.array([fingerprint(text) for text in texts], dtype=np.int64)


def _read_part(
    given: Given, target: str | None, training: TextPairs, group: str | None, on_error: OnError, part: Part
) -> TextPairs:
    """The pairs of a part, from a file of the same kind: a table with the same columns, or two files."""
    opened = Source.of(given, on_error)
    path = opened.path
    if holds_lines(path) != (training.target_path is not None):
        raise UserError(
            f"{path}: the {part} set must be a table if the training set is one, and two text files (--{part} FILE "
            f"--{part}-target FILE) if the training set is in two."
        )
    if training.target_path is not None:
        return read_pairs(given, target=target, on_error=on_error)
    if target is not None:
        raise UserError(f"{path} is a table: --{part}-target has no effect.")
    own = group_in(path, opened.table.columns, group, part)
    return read_pairs(opened, source=training.source, target=training.target, group=own, on_error=on_error)


def _joined(first: TextPairs, test: TextPairs, part: int) -> TextPairs:
    """The pairs of a file and of a file of one part; without groups, each of these is in one of its own."""
    parts, groups = with_more_rows(known_parts(first.parts, len(first)), first.groups, len(test), part, test.groups)
    return replace(
        first,
        sources=first.sources + test.sources,
        targets=first.targets + test.targets,
        groups=groups,
        parts=parts,
        left_out=first.left_out + test.left_out,
        rows=first.rows + test.rows,
        files=with_more_rows(known_parts(first.files, len(first)), None, len(test), part)[0],
    )


def describe_pairs(examples: PairExamples) -> str:
    """Say what is in a file of pairs, for the terminal."""
    pairs, counts = examples.pairs, examples.counts()
    words = [np.array([len(text.split()) for text in side]) for side in (pairs.sources, pairs.targets)]
    rows = [("", *PARTS), ("pairs", *(f"{counts[part]:,}" for part in PARTS))]
    for name, found in zip((pairs.source, pairs.target), words, strict=True):
        rows.append((f"words in {name}", *(f"{int(found[examples.rows(part)].sum()):,}" for part in PARTS)))
    training = examples.rows("training")
    spreads = [
        f"Words per training text in {name}, by quantile: {by_quantile(found[training])}"
        for name, found in zip((pairs.source, pairs.target), words, strict=True)
    ]
    remarks = remarks_on_pairs(pairs.sources, pairs.targets, examples.parts, pairs.left_out)
    head = f"{shown_path(pairs.path)}: {len(pairs):,} pairs that can be used"
    return described(head, examples.decisions, [aligned(rows), spreads], remarks)
