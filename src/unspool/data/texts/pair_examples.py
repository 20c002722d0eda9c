"""The assignment of a user's pairs of texts to training, validation and the test; and a description of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from unspool.data.cell_values import fingerprint
from unspool.data.columns import ignored_words, split_column
from unspool.data.drawn_parts import FRACTION, draw_parts
from unspool.data.duplicates import copies_together
from unspool.data.file_description import aligned, by_quantile, described
from unspool.data.kept_in_cache import shown_path
from unspool.data.parts import TEST, VALIDATION, Parts, count_by_part, known_parts, with_more_rows
from unspool.data.parts_in_words import drawn_words, said_words
from unspool.data.required_columns import group_in
from unspool.data.source import Given, Source
from unspool.data.tables.problems import OnError
from unspool.data.tables.split_names import PARTS, Part
from unspool.data.texts.line_files import holds_lines
from unspool.data.texts.pair_remarks import remarks_on_pairs
from unspool.data.texts.pairs import TextPairs, read_pairs
from unspool.errors import UserError, naming
from unspool.progress import spinner

NAMED = "a source and a target column were named"
"""Why a file is read as pairs if its columns were named."""


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
        found = _with_files_of_parts(found, more, group, on_error)
    known = known_parts(found.parts, len(found))
    groups, how = found.groups, f"whole groups by column {group}"
    if groups is None:
        groups, how = copies_together(_prints(found.sources), "pairs with the same source")
    by = None if found.groups is None else f"column {group}"
    with naming(pairs.path):
        parts = draw_parts(
            len(found), groups=groups, by=by, given=known, fractions=fractions, seed=seed, fewest_validation=2
        )
    why = why if found.target_path is None else "a file with the targets was named"
    said = (*said_words(split, test, "pairs", validation), *drawn_words(known, how, "pairs"))
    return PairExamples(found, parts, split, (f"the task is {task}: {why}", *_on_columns(found, why), *said), why)


def _with_files_of_parts(
    found: TextPairs, more: Mapping[int, tuple[Given | None, str | None]], group: str | None, on_error: OnError
) -> TextPairs:
    """The pairs, and those of the files of some parts; each such file may have a second file with its targets."""
    for part, (sources, targets) in more.items():
        if sources is not None:
            found = _joined(found, _read_part(sources, targets, found, group, on_error, PARTS[part]), part)
        elif targets is not None:
            name = PARTS[part]
            raise UserError(f"--{name}-target needs --{name}, the file with the sources of the {name} set.")
    return found


def _on_columns(pairs: TextPairs, why: str) -> Iterable[str]:
    """What was decided about the columns, or the two files; `why` is the reason for the task."""
    if pairs.target_path is not None:
        return [f"{pairs.source} is read, {pairs.target} is written, line by line"]
    usually = "" if why == NAMED else " (usual names; for others, use --source and --target)"
    columns = f"column {pairs.source} is read, column {pairs.target} is written{usually}"
    return [columns, *ignored_words(pairs.ignored)]


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
