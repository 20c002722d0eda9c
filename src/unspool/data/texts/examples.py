"""Labelled texts: what each is for, and the texts themselves in a stream."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.data.columns import Columns
from unspool.data.drawn_parts import FRACTION, draw_parts
from unspool.data.duplicates import copies_together
from unspool.data.labels import FindLabels, Label, LabelEncoder, Targets, flaws_of
from unspool.data.parts import TEST, TRAINING, VALIDATION, Parts, count_by_part, known_parts, with_more_rows
from unspool.data.parts_in_words import NOT_WHOLE, drawn_words, kept_words, said_words, shared_words, uneven_words
from unspool.data.required_columns import group_in, require, require_text
from unspool.data.tables.formats import FOLDER
from unspool.data.tables.split_names import PARTS, Part
from unspool.data.tables.table import Table
from unspool.data.texts.table_scan import TableScan, scan_table
from unspool.data.texts.unlabelled import Labelled, UnlabelledTexts, choose_unlabelled, read_unlabelled
from unspool.errors import naming
from unspool.progress import spinner


@dataclass(frozen=True, slots=True)
class TextBatch:
    """Some of the examples, in the order of the file.

    Attributes:
        texts: n texts.
        labels: n labels.
        parts: (n,) the part of each: 0 training, 1 validation, 2 test.
    """

    texts: list[str]
    labels: list[Label]
    parts: Parts


@dataclass(frozen=True, slots=True, eq=False)
class TextExamples:
    """Labelled texts that lie on disk, and what was decided about them.

    Attributes:
        scans: of the file, and of the test file where there is one.
        parts: for each scan, (N,) the part of each usable row.
        labels: how labels become targets; learned from the training rows.
        decisions: what was decided, and why, each in a sentence without its stop.
        unlabelled: texts without a label that may be learned from; they are in no part.
    """

    scans: tuple[TableScan, ...]
    parts: tuple[Parts, ...] = field(repr=False)
    labels: LabelEncoder
    decisions: tuple[str, ...]
    unlabelled: UnlabelledTexts = field(default=UnlabelledTexts(), repr=False)

    def __len__(self) -> int:
        return sum(map(len, self.scans))

    @property
    def columns(self) -> Columns:
        """Which column of the file is what."""
        return self.scans[0].columns

    @property
    def all_labels(self) -> list[Label]:
        """The label of each row, of all files, N of them."""
        return [label for scan in self.scans for label in scan.labels]

    @property
    def all_parts(self) -> Parts:
        """The part of each row, of all files, (N,)."""
        return np.concatenate(self.parts)

    def counts(self) -> dict[Part, int]:
        """Count the examples of each part."""
        return count_by_part(self.all_parts)

    def stream(self, *parts: Part) -> Iterator[TextBatch]:
        """Read the texts of some parts, or of all, in the order of the files and a thousand rows at a time."""
        wanted = [PARTS.index(part) for part in parts or PARTS]
        for known, its_parts in zip(self.scans, self.parts, strict=True):
            chosen = np.flatnonzero(np.isin(its_parts, wanted))
            done = 0
            for texts in known.read_texts(chosen):
                positions = chosen[done : done + len(texts)]
                done += len(texts)
                yield TextBatch(texts, [known.labels[position] for position in positions], its_parts[positions])

    def texts(self, part: Part) -> Iterator[str]:
        """Read the texts of a part, one after the other."""
        for batch in self.stream(part):
            yield from batch.texts

    def load(self, part: Part) -> tuple[list[str], Targets]:
        """Read the texts and the targets of a part into memory."""
        texts: list[str] = []
        labels: list[Label] = []
        for batch in self.stream(part):
            texts += batch.texts
            labels += batch.labels
        return texts, self.labels.encode(labels)


def read_examples(
    table: Table,
    columns: Columns,
    *,
    find_labels: FindLabels,
    test: Table | None = None,
    validation: Table | None = None,
    unlabelled: Table | None = None,
    fractions: tuple[float, float] = (FRACTION, FRACTION),
    seed: int = 0,
) -> TextExamples:
    """Read a table once, find its task, and decide what each row is for.

    Parts that a split column or a file of their own gives stay as they are. The others are drawn: the newest rows by
    the time column, whole groups by the group column, else at random with each label in the same share; copies of one
    text then stay together, so that no test text was trained on. Rows without a label are in no part; see
    `choose_unlabelled`.

    Args:
        table: with the training examples.
        columns: which of its columns is what.
        find_labels: learns from the training labels how labels are encoded, as `unspool.tasks.find_task` does.
        test: a table with the test examples in columns of the same names, or None. It may lack the group column.
        validation: likewise, with those for validation; it needs the group column, but no time.
        unlabelled: a table with more texts, whose labels are not looked at, or None.
        fractions: of the rows for validation and for the test, where these are drawn.
        seed: of the draw.

    Raises:
        UserError: a row cannot be used and the table says to stop, no task fits the labels, or there are too few rows.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> from unspool.data.columns import find_columns
        >>> from unspool.tasks import find_task
        >>> from unspool.data.tables import read_table
        >>> path = Path(tempfile.mkdtemp()) / "a.csv"
        >>> rows = [f"film {n} was {'good' if n % 2 else 'bad'},{'pos' if n % 2 else 'neg'}" for n in range(40)]
        >>> _ = path.write_text("\\n".join(["text,label", *rows]))
        >>> table = read_table(path)
        >>> examples = read_examples(table, find_columns(table), find_labels=find_task)
        >>> examples.labels.names, examples.counts()
        (('neg', 'pos'), {'training': 32, 'validation': 4, 'test': 4})
        >>> texts, targets = examples.load("test")
        >>> len(texts), int(targets.sum())
        (4, 2)
    """
    with spinner(f"Reading {table.path.name}"):
        first = scan_table(table, columns, keep_unlabelled=True)
        given = _given_parts(first, {})
        training = [label for label, part in zip(first.labels, given, strict=True) if part == TRAINING]
        encoder = _fit(table, columns, training, find_labels)
        scans = {TEST: _scan_of_part(test, columns, encoder, "test")} if test is not None else {}
        if validation is not None:
            scans[VALIDATION] = _scan_of_part(validation, columns, encoder, "validation")
        more = [read_unlabelled(unlabelled, columns)] if unlabelled is not None else []
    first, scans = _known(first, encoder), {part: _known(scan, encoder) for part, scan in scans.items()}
    every = (first, *scans.values())
    given = _given_parts(first, scans)
    groups, how = _together(every)
    labels = [label for scan in every for label in scan.labels]
    classes = encoder.strata(labels)
    by = columns.group if first.times is None else None
    with naming(table.path):
        parts = draw_parts(
            len(given),
            classes=classes,
            groups=groups,
            by=by and f"column {by}",
            times=_padded(first.times, len(given)),
            given=given,
            fractions=fractions,
            seed=seed,
        )
    own = [first.unlabelled] if first.unlabelled is not None else []
    without_label = choose_unlabelled([*own, *more], _labelled(every, parts))
    decisions = (
        *columns.why,
        *(() if encoder.names else table.words_on((columns.label,))),
        f"the task is {encoder.name}: {encoder.why}",
        *_words_on_joined(table, columns.label, labels, encoder),
        *said_words(columns.split, test and test.path, "rows", validation and validation.path),
        *drawn_words(given, how, "rows"),
        *kept_words(given, classes, groups, by),
        *uneven_words(parts, given, groups if by is not None else None),
        *shared_words(parts, given, _groups(every)),
        *without_label.decisions,
        *_words_on_no_labels(first, encoder),
    )
    split = tuple(np.split(parts, np.cumsum([len(scan) for scan in every])[:-1]))
    return TextExamples(every, split, encoder, decisions, without_label)


def _labelled(scans: tuple[TableScan, ...], parts: Parts) -> Labelled:
    """What tells which texts without a label belong with the test; by time only where the newest rows are the test."""
    first, in_test = scans[0], parts == TEST
    by_time = first.times is not None and first.parts is None and len(scans) == 1
    return Labelled(
        np.concatenate([known.texts for known in scans]),
        in_test,
        _groups(scans),
        first.times if by_time else None,
    )


def _groups(scans: tuple[TableScan, ...]) -> NDArray[np.int64] | None:
    """The group of each row, if all of the files have groups."""
    groups = [known.groups for known in scans if known.groups is not None]
    return np.concatenate(groups) if len(groups) == len(scans) else None


def _scan_of_part(table: Table, columns: Columns, encoder: LabelEncoder, part: Part) -> TableScan:
    require_text(table.path, table.columns, columns.text)
    require(table.path, table.columns, columns.label, "label")
    group = group_in(table.path, table.columns, columns.group, part)
    columns.side.require(table.path, table.columns)
    named = Columns(columns.text, columns.label, group, side=columns.side)
    return scan_table(table, named, keep_unlabelled=table.format is FOLDER, no_labels=encoder.no_labels)


def _given_parts(first: TableScan, others: Mapping[int, TableScan]) -> Parts:
    """Say which rows are in a part already; all others are in training until parts are drawn."""
    parts = known_parts(first.parts, len(first))
    for part, scan in others.items():
        parts, _ = with_more_rows(parts, None, len(scan), part)
    return parts


def _fit(table: Table, columns: Columns, labels: list[Label], find_labels: FindLabels) -> LabelEncoder:
    with naming(f"{table.path}, column {columns.label}"):
        return find_labels(labels)


def _words_on_joined(table: Table, label: str, labels: list[Label], encoder: LabelEncoder) -> Iterator[str]:
    """Point out columns of labels that have no 1 in training, and those that could be one column of classes."""
    if label not in table.joined:
        return
    absent = [name for name in table.joined[label].names if name not in encoder.names]
    if absent:
        yield f"no training example has the label{'s' * (len(absent) > 1)} {', '.join(absent)}: not predicted"
    if all(len(one) == 1 for one in labels):
        yield (
            "each row has exactly one of the labels: if that is always so, write its name in one column (as "
            "pandas.from_dummies does), so that exactly one is predicted"
        )


def _words_on_no_labels(scan: TableScan, encoder: LabelEncoder) -> Iterator[str]:
    """Point out that an empty cell is no answer where an example may have none of the labels."""
    label = scan.columns.label
    if encoder.no_labels is not None and scan.unlabelled and label not in scan.table.joined:
        yield (
            f"if an empty cell in column {label} means that the text has none of the labels, write {encoder.no_labels} "
            "in it: the text is then used in training and scoring"
        )


def _known(scan: TableScan, encoder: LabelEncoder) -> TableScan:
    """The rows whose labels can be encoded."""
    return scan.without(flaws_of(scan.labels, encoder.flaw, scan.columns.label))


def _together(scans: tuple[TableScan, ...]) -> tuple[NDArray[np.int64] | None, str]:
    """Say which rows must not be parted, and that in words."""
    first, count = scans[0], sum(map(len, scans))
    if first.times is not None:
        return None, f"the newest rows{NOT_WHOLE if first.groups is not None else ''}"
    if first.groups is not None:
        return _padded(first.groups, count), f"whole groups by column {first.columns.group}"
    return copies_together(np.concatenate([scan.texts for scan in scans]), "copies of one text")


def _padded(values: NDArray[Any] | None, count: int) -> NDArray[Any] | None:
    """Add values for the rows of other files, which are never drawn."""
    return None if values is None else np.concatenate([values, np.zeros(count - len(values), dtype=values.dtype)])
