"""Which column of a table is what."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from unspool.data.cell_values import has_words, is_number, mostly
from unspool.data.headers import refuse_headerless
from unspool.data.list_cells import holds_fractions, numbers_in_words
from unspool.data.moments import are_moments
from unspool.data.names_in_words import as_typed, first_and_more
from unspool.data.possible_groups import possible_group, words_on_group
from unspool.data.required_columns import require
from unspool.data.steps_in_time import refuse_forecasts, refuse_long_series
from unspool.data.tables.comma_numbers import comma_words, has_decimal_comma
from unspool.data.tables.split_names import part_named
from unspool.data.tables.table import Chunk, Table
from unspool.data.text_and_label import DIFFERENT, FEW, LONGEST, NEVER_LABELS, find_label, find_text
from unspool.data.texts.side_columns import NO_SIDE, SideColumns, side_columns_that_fit
from unspool.data.texts.text_columns import refuse_repeated, text_columns
from unspool.data.usual_names import LABEL_NAMES, SPLIT_NAMES, usual
from unspool.errors import UserError

_ROW_NUMBERS = ("column 1", "unnamed: 0", "index", "__index_level_0__", "rownames", "row.names", "row_names", "rowname")
"""Names that pandas and R give to row numbers; the first one stands for a first column without a name."""
_PERHAPS_ROW_NUMBERS = ("...1", "row", "row_number", "rowid", "row_id", "no", "no.", "nr", "#", "obs")
_MOST_NAMED = 20
_WORDS = 3  # a column with more words in a cell, on average, holds texts


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns that matter, by their names.

    Attributes:
        text: what is read; several columns with commas between them.
        label: what is to be predicted.
        group: rows with the same value stay in one part, unless parts are drawn by time.
        time: the newest rows are held out.
        id: a name of each row.
        split: which part each row belongs to.
        why: how the text and the label were found, in words.
        parts: the columns that `text` names, where there are several.
        side: the columns that are read beside the text.
        ignored: the columns that are not read.
    """

    text: str
    label: str
    group: str | None = None
    time: str | None = None
    id: str | None = None
    split: str | None = None
    why: tuple[str, ...] = field(default=(), compare=False)
    parts: tuple[str, ...] = ()
    side: SideColumns = NO_SIDE
    ignored: tuple[str, ...] = field(default=(), compare=False)

    @property
    def roles(self) -> dict[str, tuple[str, ...]]:
        """The columns that are read, by what each is for."""
        read = {"text": self.parts or self.text, "numbers": self.side.numeric, "categories": self.side.categorical}
        others = {"label": self.label, "group": self.group, "time": self.time, "id": self.id, "split": self.split}
        return by_role(read, others)

    @property
    def used(self) -> tuple[str, ...]:
        """The names of all columns that are read."""
        named = (*(self.parts or (self.text,)), self.label, self.group, self.time, self.id, self.split)
        named += self.side.names
        return tuple(dict.fromkeys(name for name in named if name is not None))


def find_columns(
    table: Table,
    *,
    text: str | None = None,
    label: str | None = None,
    group: str | None = None,
    time: str | None = None,
    id: str | None = None,
    split: str | None = None,
    side: SideColumns = NO_SIDE,
) -> Columns:
    """Find the text and the label in a table, unless they are named, by the names and the first thousand rows.

    The text is the column of a usual name (text, review, sentence, ...), else the text column with the longest texts.
    The label is the column of a usual name (label, class, target, ...), else the only other one, or the only one with
    at most 20 different values. Columns of dates are neither. A column named `split` whose values say train, validation
    and test is taken as such.
    Groups, times and ids are only what is named as such.

    Args:
        table: of any kind.
        text: the name of the column, those of several as in "title,body", or None to look for one.
        label: the name of the column, or None to look for it.
        group: the name of a column, or None.
        time: the name of a column, or None.
        id: the name of a column, or None.
        split: the name of a column, or None to look for it.
        side: the columns to read beside the text.

    Raises:
        UserError: a named column is missing, one is named for two things, the text or the label cannot be told, or the
            table seems to have numbers over time.

    Example:
        >>> import tempfile
        >>> from unspool.data.tables import read_table
        >>> path = Path(tempfile.mkdtemp()) / "a.csv"
        >>> _ = path.write_text("id,review,mood\\n1,A fine film.,good\\n2,A bore to watch.,bad\\n")
        >>> columns = find_columns(read_table(path), id="id")
        >>> columns.text, columns.label
        ('review', 'mood')
    """
    parts = text_columns(text, table.columns) if text else ()
    if text:
        refuse_repeated(table.path, text, table.columns)
    given = {"text": text, "label": label, "group": group, "time": time, "id": id, "split": split}
    _check_given(table, given)
    _check_side(table, given, parts, side)
    sample = table.first()
    if text is None and label is None:
        refuse_headerless(table, sample)
    taken = {name for name in given.values() if name is not None} | {*parts, *side.names}
    split = split or split_column(sample, taken)
    taken |= {split} if split else set()
    text, why_text = (
        (text, "it was named")
        if text
        else find_text(table.path, sample, taken if label else taken | _named_like_label(sample))
    )
    label, why_label = (label, "it was named") if label else find_label(table.path, sample, taken | {text})
    guessed = why_text in (LONGEST, DIFFERENT)
    _refuse_series(table, sample, text, label, text_is_a_guess=guessed, label_was_named=bool(given["label"]))
    where = f"columns {', '.join(parts)}, joined in this order" if len(parts) > 1 else f"column {text}"
    why = (f"the text is in {where}: {why_text}", _where_label(table, label, why_label))
    used = {text, *parts, label, group, time, id, split, *side.names}
    left = tuple(name for name in table.columns if name not in used)
    drawn = not (group or time or split)
    possible = possible_group(sample.cells, left, label) if drawn and label in sample.cells else None
    others = [name for name in left if name != possible]
    read = parts or (text,)
    more = (
        *_words_on_numbers(sample, read),
        *_words_on_texts(sample, read, others),
        *_words_on_others(sample, others),
    )
    written = (*table.words_on_quotes(), *table.words_on((time, *side.numeric)))
    words = (*why, *_side_words(side), *written, *ignored_words(left), *words_on_group(possible), *more)
    return Columns(text, label, group, time, id, split, words, parts if len(parts) > 1 else (), side, left)


def by_role(*named: Mapping[str, str | Sequence[str] | None]) -> dict[str, tuple[str, ...]]:
    """Columns by what each is for, without what none is for.

    Example:
        >>> by_role({"text": "review", "numbers": ("price", "age"), "categories": (), "group": None})
        {'text': ('review',), 'numbers': ('price', 'age')}
    """
    found = [(role, names) for some in named for role, names in some.items() if names]
    return {role: (names,) if isinstance(names, str) else tuple(names) for role, names in found}


def _check_given(table: Table, given: dict[str, str | None]) -> None:
    what_of: dict[str, str] = {}
    text = text_columns(given["text"], table.columns) if given["text"] is not None else ()
    others = [(what, name) for what, name in given.items() if what != "text" and name is not None]
    for what, name in [*(("text", name) for name in text), *others]:
        require(table.path, table.columns, name, what)
        other = what_of.get(name)
        if other and {"text", "label", "split"} & {what, other} and {what, other} != {"text", "group"}:
            raise UserError(f"{table.path}: column {name} cannot be both the {other} and the {what}.")
        what_of.setdefault(name, what)


def _check_side(table: Table, given: dict[str, str | None], parts: tuple[str, ...], side: SideColumns) -> None:
    what_of = {name: what for what, name in given.items() if name is not None} | dict.fromkeys(parts, "text")
    for what, names in (("numeric", side.numeric), ("categorical", side.categorical)):
        for name in names:
            require(table.path, table.columns, name, f"--{what}")
            if name in what_of:
                other = what_of[name]
                raise UserError(f"{table.path}: column {name} cannot be both {other} and {what}. Name it once.")
            what_of[name] = what


def _refuse_series(
    table: Table, sample: Chunk, text: str, label: str, *, text_is_a_guess: bool, label_was_named: bool
) -> None:
    """Refuse a table that seems to hold series, not texts; columns that were named are suspected less."""
    if not label_was_named and holds_fractions(sample.cells[label]):
        raise UserError(
            f"{table.path}: column {label} holds lists of numbers, which cannot be labels. To classify them as series, "
            f"name this column and a label (--channels {as_typed([label])} --label NAME). To forecast them, write a "
            "row for each number (in pandas, explode), and give a --horizon."
        )
    if text_is_a_guess:
        if not label_was_named:
            refuse_forecasts(table, sample, text, label)
        refuse_long_series(table, sample, text, label)


def _where_label(table: Table, label: str, why: str) -> str:
    if label in table.joined:
        return f"the labels are in columns {', '.join(table.joined[label].names)}, each of 1 and 0: they were named"
    return f"the label is in column {label}: {why}"


def _side_words(side: SideColumns) -> tuple[str, ...]:
    return (f"read beside the text: {side.in_words()}",) if len(side) else ()


def _words_on_others(sample: Chunk, names: Sequence[str]) -> tuple[str, ...]:
    """Say which ignored columns could be read beside the text, and how."""
    plain = [
        name for name in names if name.lower() not in ("id", *NEVER_LABELS) and not are_moments(sample.cells[name])
    ]
    found = side_columns_that_fit(sample.cells, plain[:_MOST_NAMED], FEW)
    options = (("--numeric", found.numeric), ("--categorical", found.categorical))
    how = " ".join(f"{option} {as_typed(names)}" for option, names in options if names)
    return (f"to read columns beside the text: {how}",) if how else ()


def _words_on_texts(sample: Chunk, read: Sequence[str], names: Sequence[str]) -> tuple[str, ...]:
    """Say which ignored columns have texts that could be read together with the text, and how."""
    found = [name for name in names[:_MOST_NAMED] if mostly(has_words, sample.cells[name])]
    return (f"to read several columns as one text: --text {as_typed((*read, *found))}",) if found else ()


def _words_on_numbers(sample: Chunk, names: Sequence[str]) -> tuple[str, ...]:
    """Say which texts are lists of numbers, which could be read as series, and how."""
    found = [name for name in names if numbers_in_words(sample.cells[name])]
    return (f"to read the numbers as series instead: --channels {as_typed(found)}",) if found else ()


def reads_as_text(cells: Sequence[Any]) -> bool:
    """Tell whether a column holds texts: more than three words in a cell, on average.

    Example:
        >>> reads_as_text(["a fine film, all in all", "dull"]), reads_as_text(["very good", "bad"])
        (True, False)
    """
    texts = [cell for cell in cells if isinstance(cell, str) and cell.strip()]
    return sum(len(text.split()) for text in texts) > _WORDS * len(texts)


def ignored_words(names: Sequence[str]) -> tuple[str, ...]:
    """Say which columns are not read, unless there are none.

    Example:
        >>> ignored_words(["id", "date"])
        ('ignored columns: id, date',)
    """
    if not names:
        return ()
    return (f"ignored column{'s' * (len(names) > 1)}: {first_and_more(names, _MOST_NAMED)}",)


def numbers_rows(name: str, cells: Sequence[Any]) -> bool:
    """Tell whether a column holds the numbers of the rows, which pandas and R write beside a data frame.

    It does if it has no name, or one that they give, and its first values are different whole numbers; or if its name
    is often given to row numbers, and its values count the rows from 0 or 1.

    Example:
        >>> numbers_rows("Unnamed: 0", ["7", "3", "12"]), numbers_rows("load", [7, 3, 12])
        (True, False)
        >>> numbers_rows("row", ["1", "2", "3"]), numbers_rows("row", ["1", "3", "2"])
        (True, False)
    """
    if name.lower() not in (*_ROW_NUMBERS, *_PERHAPS_ROW_NUMBERS) or not all(map(is_number, cells)):
        return False
    numbers = [float(cell) for cell in cells]
    if name.lower() in _PERHAPS_ROW_NUMBERS:
        return len(numbers) > 1 and any(numbers == [*range(first, first + len(numbers))] for first in (0, 1))
    return all(number.is_integer() for number in numbers) and len(set(numbers)) == len(numbers)


CHANNELS_INSTEAD = "; or name the columns to read (--channels)"
"""What else to do about columns of numbers that cannot be read."""


def refuse_decimal_commas(path: Path, columns: Mapping[str, Sequence[Any]], instead: str = "") -> None:
    """Refuse columns of numbers with a comma that are not read as such, see `columns_with_commas`.

    Args:
        path: of the file.
        columns: cells by the names of the columns.
        instead: a clause that says what else to do.

    Raises:
        UserError: names a column, and how to write its numbers.
    """
    for name, cells in columns.items():
        if mostly(has_decimal_comma, cells):
            raise UserError(f"{path}: column {name} {comma_words(cells)}{instead}.")


def split_column(sample: Chunk, taken: Collection[str]) -> str | None:
    """Find the column of a usual name whose values all say train, validation or test, by the first rows of a table."""
    for name, values in sample.cells.items():
        if name.lower() in SPLIT_NAMES and name not in taken:
            meant = {part_named(value) if isinstance(value, str) else None for value in values}
            if meant and None not in meant:
                return name
    return None


def _named_like_label(sample: Chunk) -> set[str]:
    name = usual(sample.cells, LABEL_NAMES)
    return set() if name is None else {name}
