"""The columns of a table with a row for each series: which hold its steps, and which its label."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from unspool.data.cell_values import has_words, is_date, is_missing, is_number, mostly
from unspool.data.columns import by_role, ignored_words, reads_as_text, split_column
from unspool.data.headers import refuse_headerless
from unspool.data.moments import are_moments
from unspool.data.names_in_words import as_typed, first_few
from unspool.data.possible_groups import is_id, may_identify, names_group, names_series
from unspool.data.required_columns import refuse_label_elsewhere, require_all
from unspool.data.series.listed import list_columns
from unspool.data.series.long_columns import SERIES_NAMES
from unspool.data.series.step_names import are_numbered, beside_numbered, channels_in, family, in_order, numbers_in
from unspool.data.series.steps_in_rows import NO_STEPS, holds_numbers, refuse_steps_in_rows
from unspool.data.steps_in_time import (
    sentence_on_times,
    time_column,
    words_on_times,
)
from unspool.data.tables.formats import UCR
from unspool.data.tables.table import CHUNK_ROWS, Chunk, Table
from unspool.data.text_and_label import are_spelled
from unspool.data.usual_names import LABEL_NAMES, TEXT_NAMES, usual
from unspool.errors import UserError

_IDS = NO_STEPS - {"sequence"}  # which may be one of letters
_FEWEST_STEPS = 3
_LEAST_NAMED = 10  # values of an id, unless it is a person's or the like: codes of labels have few
_LONG_RUNS = 10  # times as long as labels in random order would have


@dataclass(frozen=True, slots=True)
class WideColumns:
    """The columns of a table in wide form, by their names.

    Attributes:
        label: what is to be predicted; None where labels are not looked at.
        steps: the columns with the numbers, in the order of time; none if there are lists.
        group: series with the same value stay together when parts are drawn.
        split: which part each series belongs to.
        newest: when each series was recorded; the newest ones are held out.
        ignored: the columns that are not read.
        lists: the columns of lists of numbers, each with all steps of a channel; or one column of lists of lists, with
            all channels.
        named: whether the file names its columns; one without a header numbers them.
    """

    label: str | None
    steps: tuple[str, ...]
    group: str | None = None
    split: str | None = None
    newest: str | None = None
    ignored: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    named: bool = True

    @property
    def names_of_steps(self) -> tuple[str, ...]:
        """The columns of steps, if the file names them, by which they are found in new data."""
        return self.steps if self.named else ()

    @property
    def numbers(self) -> tuple[str | None, ...]:
        """The columns that may hold numbers."""
        return (*self.steps, self.label, self.newest)

    @property
    def roles(self) -> dict[str, tuple[str, ...]]:
        """The columns that are read, by what each is for."""
        steps = self.lists or f"{self.steps[0]} to {self.steps[-1]}"
        others = {"group": self.group, "newest": self.newest, "split": self.split}
        return by_role({"steps": steps, "label": self.label}, others)


def is_wide(first: Chunk) -> bool:
    """Tell whether a table holds a series in each row, by its first rows.

    It does if no column holds texts, and either some hold lists of numbers, or three or more hold numbers and fewer
    hold words (ids, dates and the label aside). Names or sequences of letters are texts, too, if no two columns of
    numbers are named alike: beside a peptide, its length and charge are no steps.
    """
    if list_columns(first):
        return True
    label = usual(first.cells, LABEL_NAMES)
    others = {name: cells for name, cells in first.cells.items() if name != label}
    steps = {name for name, cells in others.items() if holds_numbers(name, cells)}
    words = {name: cells for name, cells in others.items() if name not in steps and not mostly(is_number, cells)}
    words = {name: cells for name, cells in words.items() if not are_moments(cells) and name.lower() not in _IDS}
    if len(steps) < max(_FEWEST_STEPS, len(words) + 1) or usual(words, TEXT_NAMES) is not None:
        return False
    alike = len({family(name) for name in steps}) < len(steps)
    return not any(reads_as_text(cells) or (not alike and are_spelled(cells)) for cells in words.values())


def find_wide_columns(
    table: Table,
    *,
    label: str | None = None,
    group: str | None = None,
    split: str | None = None,
    newest: str | None = None,
    channels: Sequence[str] | None = None,
    steps: Sequence[str] | None = None,
    labelled: bool = True,
) -> WideColumns:
    """Find the label and the steps of a table in wide form, by names and by its first thousand rows.

    The label is the column of a usual name, else the only one that holds neither numbers nor dates. The steps are in
    the columns of lists, if there are any (`channels` names them); otherwise they are the other columns of numbers.
    Beside lists, the label may also be the only column of numbers. Columns of ids (such as patient or
    code_id, with whole numbers), dates and words are not read.

    With `steps`, these columns are read instead, in that order.

    Raises:
        UserError: a named column is missing, the label cannot be told, there are no steps, the first line of the file
            looks like a series, or the rows look like steps of longer series.
    """
    given = {"label": label, "group": group, "split": split, "newest": newest}
    named = [("channel", name) for name in channels or ()]
    require_all(table.path, table.columns, [*given.items(), *named])
    known = tuple(steps or ())
    others = [*named, *(("step", name) for name in known), ("group", group), ("split", split)]
    refuse_label_elsewhere(table.path, label, others)
    first = table.first()
    refuse_headerless(table, first)
    lists = tuple(channels or (name for name in list_columns(first) if name not in given.values()))
    if not lists and not known:
        refuse_steps_in_rows(table, first, set(given.values()))
    taken = {name for name in given.values() if name is not None} | {*lists, *known}
    split = split or split_column(first, taken)
    taken |= {split} if split is not None else set()
    if labelled:
        label = label or _label(table, first, taken, numbers=bool(lists))
        taken |= {label}
    else:
        taken |= {usual(first.cells, LABEL_NAMES) or ""}
    free = {name: cells for name, cells in first.cells.items() if name not in taken}
    found = known or tuple(
        name for name, cells in free.items() if holds_numbers(name, cells) and not names_series(name, cells)
    )
    found = () if lists else found
    if not found and not lists:
        raise UserError(
            f"{table.path} has no columns of numbers for the steps of a series. Its columns are "
            f"{', '.join(table.columns[:20])}."
        )
    read = {label, group, split, newest, *found, *lists}
    ignored = tuple(name for name in table.columns if name not in read)
    named_by_file = table.format is not UCR
    return WideColumns(label if labelled else None, found, group, split, newest, ignored, lists, named_by_file)


def words_on_names(columns: WideColumns, first: Chunk) -> tuple[str, ...]:
    """Say how to keep series together if a column that is left out may name whose they are.

    Example:
        >>> cells = {"patient": [1, 1, 2], "x": [.1, .2, .3], "y": [.1, .3, .2]}
        >>> columns = WideColumns(None, ("x", "y"), ignored=("patient",))
        >>> words_on_names(columns, Chunk([], cells, []))[0][:71]
        'column patient is not a step: its whole numbers seem to say whose serie'
    """
    if {columns.group, columns.split, columns.newest} != {None}:
        return ()
    for name in columns.ignored:
        cells = first.cells[name]
        if not _may_say_whose(name, cells, first.cells.get(columns.label or "")):
            continue
        seems = "may say whose series a row is, as its values recur"
        if names_series(name, cells) and not columns.lists:
            seems = "is not a step: its whole numbers seem to say whose series a row is"
        return (
            f"column {name} {seems}. If new series have other values, hold out whole groups, or scores may be too "
            f"high: --group {as_typed([name])}; in Python group=",
        )
    return ()


def _may_say_whose(name: str, cells: Sequence[Any], labels: Sequence[Any] | None) -> bool:
    """Whether values of a column recur that may be names: by its own name, or as equal ones follow each other.

    Those that follow from the label are another form of it.
    """
    values, runs = len(set(map(str, cells))), len([*groupby(map(str, cells))])
    if names_group(name) and values == 1 and len(cells) == CHUNK_ROWS:
        return True
    if not 1 < values < len(cells) or (values < _LEAST_NAMED and not names_group(name)):
        return False
    pairs = set(zip(map(str, labels or ()), map(str, cells), strict=False))
    if pairs and len(pairs) == len({label for label, _ in pairs}):
        return False
    return may_identify(name, cells) and (names_group(name) or is_id(name) or runs == values <= len(cells) / 2)


def steps_in_new_data(table: Table, trained: Sequence[str], others: Collection[str] = ()) -> tuple[str, ...]:
    """The columns of a new table with the steps that training read, by their names and in that order.

    If the steps of training are numbered, those of new data may be fewer or more: the last may be missing, and columns
    that continue the numbering are later steps. As many columns with other numbers, such as 2001 to 2020 after 2000 to
    2019, are read by position. Numbers may be written in another way, such as 901,5 for 901.5.

    Args:
        table: of new data.
        trained: the columns of steps in the training data; none if they have no names.
        others: columns that are no steps.

    Returns:
        The names; none where all columns of numbers are read, by position: the table has no header, or none of the
        training steps. Where those are numbered, the few columns that are not are no steps here, either.

    Raises:
        UserError: it has only some of them, and is not one of these cases.
    """
    if table.format is UCR or not trained:
        return ()
    trained = _as_written(trained, table.columns)
    known, there = set(trained), set(table.columns)
    missing = [name for name in trained if name not in there]
    if len(missing) == len(trained):
        return _beside_no_others(trained, table.first(), others)
    families, cells = {family(name) for name in trained}, table.first().cells
    own = [name for name in table.columns if {family(name)} == families and name not in others]
    own = [name for name in own if name in known or holds_numbers(name, cells[name])]
    new = sorted((name for name in own if name not in known), key=numbers_in)
    if not missing:
        numbers = [numbers_in(name) for name in trained]
        later = new and numbers == sorted(numbers) and numbers[-1] < numbers_in(new[0])
        return (*trained, *(new if later else ()))
    if own and not new and missing == [*trained[-len(missing) :]]:
        return tuple(trained[: -len(missing)])
    if len(own) == len(trained):
        return tuple(own)
    it = "it" if len(missing) == 1 else "them"
    raise UserError(
        f"{table.path} lacks {len(missing):,} of the {len(trained):,} columns of steps in the training data: "
        f"{first_few(missing)}. Add {it}, with empty cells where there is no number."
    )


def _as_written(trained: Sequence[str], columns: Sequence[str]) -> list[str]:
    """The names of steps, those that a table lacks as it writes them, if only their numbers are written differently.

    Example:
        >>> _as_written(["t 1", "901.5", "x"], ["t_01", "901,5", "y"])
        ['t_01', '901,5', 'x']
    """
    there, spellings = set(columns), Counter(map(_spelt_out, columns))
    written = {_spelt_out(name): name for name in columns if numbers_in(name) and spellings[_spelt_out(name)] == 1}
    return [name if name in there else written.get(_spelt_out(name), name) for name in trained]


def _spelt_out(name: str) -> tuple[str, tuple[float, ...]]:
    return family(name), tuple(numbers_in(name))


def _beside_no_others(trained: Sequence[str], first: Chunk, others: Collection[str]) -> tuple[str, ...]:
    """The columns of numbers without those that are not numbered; none if all are read."""
    free = {name: cells for name, cells in first.cells.items() if name not in others}
    numbers = [name for name, cells in free.items() if holds_numbers(name, cells) and not names_series(name, cells)]
    left = beside_numbered(numbers) if are_numbered(trained) else []
    return tuple(name for name in numbers if name not in left) if left else ()


def notes_on_steps(columns: WideColumns, trained: Sequence[str], first: Chunk) -> tuple[str, ...]:
    """Say which columns of numbers are not read beside the steps of training, or that the steps have other names.

    Args:
        columns: of a table.
        trained: the columns of steps in the training data.
        first: the first rows of the table.
    """
    if columns.lists or not trained:
        return ()
    ignored = ignored_words([name for name in columns.ignored if holds_numbers(name, first.cells[name])])
    if columns.steps[: len(trained)] == tuple(_as_written(trained, columns.steps)[: len(columns.steps)]):
        return ignored
    return (
        f"the columns of numbers have other names than in training: {columns.steps[0]} to {columns.steps[-1]} are "
        f"read by position, as {trained[0]} to {trained[-1]}",
        *ignored,
    )


def words_on_steps(columns: WideColumns, first: Chunk) -> tuple[str, ...]:
    """Say what else a table may be, by its first rows, if its steps are neither numbered nor months nor weekdays.

    Example:
        >>> cells = {"film": ["Some Like It Hot", "Duck Soup"], "year": [1959, 1933], "length": [121, 68]}
        >>> columns = WideColumns(None, ("year", "length"), ignored=("film",))
        >>> for words in words_on_steps(columns, Chunk([], cells, [])):
        ...     print(words)
        if columns year to length measure different things, their order means nothing: use a model for tables
        to read texts instead: --text film
    """
    if columns.lists or in_order(columns.steps):
        return ()
    if (channels := channels_in(columns.steps)) is not None:
        return (
            f"the columns look like {len(channels):,} channels ({first_few(channels)}), but a row holds one: they are "
            f"read as one channel of {len(columns.steps):,} steps. For several channels, write a row for each time "
            "step, or a .npz file",
        )
    steps = f"{columns.steps[0]} to {columns.steps[-1]}"
    words = [f"if columns {steps} measure different things, their order means nothing: use a model for tables"]
    texts = [name for name in columns.ignored if mostly(has_words, first.cells[name])]
    words += [f"to read texts instead: --text {as_typed([name])}" for name in texts[:1]]
    dated = time_column({name: first.cells[name] for name in columns.ignored}) is not None
    return (*words, *(words_on_times(first.cells) if dated else ()))


def words_on_runs(columns: WideColumns, first: Chunk) -> tuple[str, ...]:
    """Point out that rows may be time steps: equal labels follow each other in several long runs.

    Example:
        >>> labels = ["up"] * 50 + ["down"] * 50 + ["up"] * 50
        >>> words_on_runs(WideColumns("move", ("x",)), Chunk([], {"move": labels}, []))[0][:51]
        'labels come in runs of 50 rows on average, as where'
    """
    if columns.label is None or {columns.group, columns.split, columns.newest} != {None}:
        return ()
    labels = [str(cell) for cell in first.cells[columns.label]]
    counts, runs = Counter(labels), len([*groupby(labels)])
    by_chance = len(labels) - sum(count * count for count in counts.values()) / len(labels)
    if runs <= len(counts) or _LONG_RUNS * runs > by_chance:
        return ()
    return (
        f"labels come in runs of {len(labels) / runs:.0f} rows on average, as where each row is a time step: if rows "
        "that follow each other are alike, scores are too high. Name the column that identifies the series (--series) "
        "or what else belongs together (--group), and add one if there is none",
    )


def words_on_newest(columns: WideColumns, first: Chunk) -> tuple[str, ...]:
    """Say how to hold out the newest series, if an ignored column of dates may say when each was recorded.

    Example:
        >>> cells = {"day": ["2026-01-30", "2026-01-31"], "0:00": [1, 2], "1:00": [3, 4], "sold": [5, 6]}
        >>> columns = WideColumns("sold", ("0:00", "1:00"), ignored=("day",))
        >>> words_on_newest(columns, Chunk([], cells, []))
        ('if column day says when each series was recorded, --newest day makes the newest series the test',)
    """
    if columns.newest is not None or columns.split is not None:
        return ()
    dates = [name for name in columns.ignored if mostly(is_date, first.cells[name])]
    different = [name for name in dates if len(set(map(str, first.cells[name]))) * 2 > len(first)]
    return tuple(
        f"if column {name} says when each series was recorded, --newest {as_typed([name])} makes the newest "
        "series the test"
        for name in different[:1]
    )


def numbered_steps(columns: WideColumns) -> tuple[WideColumns, tuple[str, ...]]:
    """Leave out columns of numbers that are not steps, such as codes and ids, and say so in words.

    If most names are numbered, as in t0 to t19, those of a few others are not: they share a family with no other
    column, and do not begin with a number, as 1kHz does.
    """
    others = beside_numbered(columns.steps)
    steps = tuple(name for name in columns.steps if name not in others)
    if not others:
        return columns, ()
    what, it = ("not a step", "it") if len(others) == 1 else ("not steps", "them")
    words = (
        f"{first_few(others)}: {what}, as the other columns of numbers are numbered, {steps[0]} to {steps[-1]}; to "
        f"read {it} as well, rename {it} accordingly"
    )
    return replace(columns, steps=steps, ignored=(*columns.ignored, *others)), (words,)


def _label(table: Table, first: Chunk, taken: set[str], numbers: bool) -> str:
    free = {name: cells for name, cells in first.cells.items() if name not in taken}
    label = usual(free, LABEL_NAMES)
    if label is not None:
        return label
    words = [
        name
        for name, cells in free.items()
        if name.lower() not in SERIES_NAMES and not mostly(is_number, cells) and not are_moments(cells)
    ]
    words = [name for name in words if any(not is_missing(cell) for cell in free[name])]
    if len(words) > 1:  # where all values differ, they name the rows
        words = [name for name in words if len(set(map(str, free[name]))) < len(first)] or words
    if numbers and not words:
        words = [name for name, cells in free.items() if holds_numbers(name, cells)]
    if len(words) == 1:
        return words[0]
    which = "which column is its label cannot be told: all columns hold numbers"
    which = f"its label could be in column {' or '.join(words)}" if words else which
    raise UserError(
        f"{table.path}: each row is a series, but {which}. Name the column of the label (--label): there are "
        f"{', '.join(table.columns[:20])}{', ...' if len(table.columns) > 20 else ''}.{sentence_on_times(first.cells)}"
    )
