"""Which column of a table is what."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from unspool.data.cell_values import is_missing, is_moment, is_number, mostly
from unspool.data.headers import refuse_headerless
from unspool.data.labels import first_few
from unspool.data.list_cells import holds_fractions, holds_lists, numbers_in_words
from unspool.data.required_columns import require
from unspool.data.steps_in_time import refuse_forecasts, refuse_long_series, sentence_on_times
from unspool.data.tables.comma_numbers import comma_words, has_decimal_comma
from unspool.data.tables.joined_labels import is_indicator
from unspool.data.tables.split_names import part_named
from unspool.data.tables.table import Chunk, Table
from unspool.data.texts.side_columns import NO_SIDE, SideColumns, side_columns_that_fit
from unspool.data.texts.text_columns import refuse_repeated, text_columns
from unspool.data.usual_names import LABEL_NAMES, SPLIT_NAMES, TEXT_NAMES, usual
from unspool.errors import UserError

_NO_LABELS = ("file", "filename", "path", "url", "date", "time", "timestamp", "index", "column 1")
_ROW_NUMBERS = ("column 1", "unnamed: 0", "index", "__index_level_0__")  # the first: a first column without a name
_FEW = 20  # different values in a thousand rows
_MOST_NAMED = 20
_LONGEST = "its texts are the longest"
_FILE = re.compile(
    r"\S+\.(?:csv|tsv|txt|json|jsonl|parquet|xml|npy|npz|mat|h5|edf|dat|wav|mp3|flac|ogg|png|jpe?g|tiff?)", re.I
)
_MOST_SHOWN = 40  # characters of a cell
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
        else _text(table.path, sample, taken if label else taken | _named_like_label(sample))
    )
    label, why_label = (label, "it was named") if label else _label(table.path, sample, taken | {text})
    if why_label != "it was named" and holds_fractions(sample.cells[label]):
        raise UserError(
            f"{table.path}: column {label} holds lists of numbers, which cannot be labels. To classify them as series, "
            f"name this column and a label (--channels {label} --label NAME). To forecast them, write a row for each "
            "number (in pandas, explode), and give a --horizon."
        )
    if why_text == _LONGEST:
        if why_label != "it was named":
            refuse_forecasts(table, sample, text, label)
        refuse_long_series(table, sample, text, label)
    where = f"columns {', '.join(parts)}, joined in this order" if len(parts) > 1 else f"column {text}"
    why = (f"the text is in {where}: {why_text}", _where_label(table, label, why_label))
    used = {text, *parts, label, group, time, id, split, *side.names}
    left = tuple(name for name in table.columns if name not in used)
    more = (*_words_on_numbers(sample, parts or (text,)), *_words_on_texts(sample, parts or (text,), left))
    written = table.words_on((time, *side.numeric))
    words = (*why, *_side_words(side), *written, *ignored_words(left), *more, *_words_on_others(sample, left))
    return Columns(text, label, group, time, id, split, words, parts if len(parts) > 1 else (), side, left)


def by_role(*named: Mapping[str, str | Sequence[str] | None]) -> dict[str, tuple[str, ...]]:
    """Columns by what each is for, without what none is for.

    Example:
        >>> by_role({"text": "review", "numbers": ("price", "age"), "categories": (), "group": None})
        {'text': ('review',), 'numbers': ('price', 'age')}
    """
    found = [(role, names) for some in named for role, names in some.items() if names]
    return {role: (names,) if isinstance(names, str) else tuple(names) for role, names in found}


def find_text(table: Table) -> str:
    """Find the column with the texts, by its name or because its texts are the longest.

    Raises:
        UserError: there is none.
    """
    return find_text_and_why(table)[0]


def find_text_and_why(table: Table) -> tuple[str, str]:
    """Find the column with the texts as `find_text` does, and say in words how it was found."""
    return _text(table.path, table.first(), set())


def find_label(table: Table, text: str) -> str:
    """Find the column with the labels beside the one with the texts.

    Raises:
        UserError: it cannot be told.
    """
    return _label(table.path, table.first(), {text})[0]


def _check_given(table: Table, given: dict[str, str | None]) -> None:
    what_of: dict[str, str] = {}
    text = text_columns(given["text"], table.columns) if given["text"] is not None else ()
    others = [(what, name) for what, name in given.items() if what != "text" and name is not None]
    for what, name in [*(("text", name) for name in text), *others]:
        require(table.path, table.columns, name, what)
        if name in what_of and {what, what_of[name]} & {"text", "label", "split"}:
            raise UserError(f"{table.path}: column {name} cannot be both the {what_of[name]} and the {what}.")
        what_of[name] = what


def _check_side(table: Table, given: dict[str, str | None], parts: tuple[str, ...], side: SideColumns) -> None:
    what_of = {name: what for what, name in given.items() if name is not None} | dict.fromkeys(parts, "text")
    for what, names in (("numeric", side.numeric), ("categorical", side.categorical)):
        for name in names:
            require(table.path, table.columns, name, f"--{what}")
            if name in what_of:
                other = what_of[name]
                raise UserError(f"{table.path}: column {name} cannot be both {other} and {what}. Name it once.")
            what_of[name] = what


def _where_label(table: Table, label: str, why: str) -> str:
    if label in table.joined:
        return f"the labels are in columns {', '.join(table.joined[label].names)}, each of 1 and 0: they were named"
    return f"the label is in column {label}: {why}"


def _side_words(side: SideColumns) -> tuple[str, ...]:
    return (f"read beside the text: {side.in_words()}",) if len(side) else ()


def _words_on_others(sample: Chunk, names: Sequence[str]) -> tuple[str, ...]:
    """Say which ignored columns could be read beside the text, and how."""
    plain = [
        name for name in names if name.lower() not in ("id", *_NO_LABELS) and not mostly(is_moment, sample.cells[name])
    ]
    found = side_columns_that_fit(sample.cells, plain[:_MOST_NAMED], _FEW)
    options = (("--numeric", found.numeric), ("--categorical", found.categorical))
    how = " ".join(f"{option} {','.join(names)}" for option, names in options if names)
    return (f"to read columns beside the text: {how}",) if how else ()


def _words_on_texts(sample: Chunk, read: Sequence[str], names: Sequence[str]) -> tuple[str, ...]:
    """Say which ignored columns have texts that could be read together with the text, and how."""
    found = [name for name in names[:_MOST_NAMED] if mostly(has_words, sample.cells[name])]
    return (f"to read several columns as one text: --text {','.join((*read, *found))}",) if found else ()


def _words_on_numbers(sample: Chunk, names: Sequence[str]) -> tuple[str, ...]:
    """Say which texts are lists of numbers, which could be read as series, and how."""
    found = [name for name in names if numbers_in_words(sample.cells[name])]
    return (f"to read the numbers as series instead: --channels {','.join(found)}",) if found else ()


def has_words(cell: object) -> bool:
    """Tell whether a cell holds several words, and is neither a date nor a number."""
    return isinstance(cell, str) and len(cell.split()) > 1 and not is_moment(cell) and not is_number(cell)


def holds_texts(cells: Sequence[Any]) -> bool:
    """Tell whether a column holds texts: more than three words in a cell, on average.

    Example:
        >>> holds_texts(["a fine film, all in all", "dull"]), holds_texts(["very good", "bad"])
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
    more = f" and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else ""
    return (f"ignored column{'s' * (len(names) > 1)}: {', '.join(names[:_MOST_NAMED])}{more}",)


def numbers_rows(name: str, cells: Sequence[Any]) -> bool:
    """Tell whether a column holds the numbers of the rows, which pandas writes beside a data frame.

    It does where it has no name, or one that pandas gives, and its first values are different whole numbers.

    Example:
        >>> numbers_rows("Unnamed: 0", ["7", "3", "12"]), numbers_rows("load", [7, 3, 12])
        (True, False)
    """
    if name.lower() not in _ROW_NUMBERS or not all(map(is_number, cells)):
        return False
    numbers = [float(cell) for cell in cells]
    return all(number.is_integer() for number in numbers) and len(set(numbers)) == len(numbers)


def refuse_decimal_commas(path: Path, columns: Mapping[str, Sequence[Any]]) -> None:
    """Refuse columns of numbers with a comma that are not read as such, see `columns_with_commas`.

    Raises:
        UserError: names a column, and how to write its numbers.
    """
    for name, cells in columns.items():
        if mostly(has_decimal_comma, cells):
            raise UserError(f"{path}: column {name} {comma_words(cells)}; or name the columns to read (--channels).")


def split_column(sample: Chunk, taken: Collection[str]) -> str | None:
    """Find the column of a usual name whose values all say train, validation or test, by the first rows of a table."""
    for name, values in sample.cells.items():
        if name.lower() in SPLIT_NAMES and name not in taken:
            meant = {part_named(value) if isinstance(value, str) else None for value in values}
            if meant and None not in meant:
                return name
    return None


def _text(path: Path, sample: Chunk, taken: set[str]) -> tuple[str, str]:
    candidates = {
        name: [value for value in values if isinstance(value, str)]
        for name, values in sample.cells.items()
        if name not in taken
        and any(isinstance(value, str) and value.strip() for value in values)
        and not mostly(is_moment, values)
    }
    if (by_name := usual(candidates, TEXT_NAMES)) is not None:
        return by_name, "by its name"
    lengths = {
        name: sum(map(len, texts)) / len(texts) for name, texts in candidates.items() if not mostly(is_number, texts)
    }
    if not lengths:
        empty = usual([name for name in _without_texts(sample) if name not in taken], TEXT_NAMES)
        if empty is not None:
            raise UserError(
                f"{path}: column {empty} has no texts in it. Name the column with the texts (--text)."
                f"{_sentence_on_objects(sample)}"
            )
        raise UserError(
            f"{path} has no column with texts in it. Its columns are {', '.join(sample.cells)}. If one is read as text "
            f"all the same, name it (--text).{sentence_on_times(sample.cells)}{_sentence_on_objects(sample)}"
            f"{_sentence_on_lists(sample)}"
        )
    longest = max(lengths, key=lambda name: lengths[name])
    if mostly(_names_file, candidates[longest]):
        raise UserError(
            f"{path}: column {longest} holds names of files, such as {candidates[longest][0][:_MOST_SHOWN]!r}. The "
            "files that a table names are not read: write texts into a column of the table, and recordings into one "
            "table with a row for each time step or into a .npz file. If the names are to be read as text, name the "
            "column (--text)."
        )
    if mostly(has_decimal_comma, candidates[longest]):
        raise UserError(
            f"{path}: column {longest} {comma_words(candidates[longest])}. If they are read as text all the same, name "
            "the column (--text)."
        )
    return longest, _LONGEST


def _names_file(cell: object) -> bool:
    return isinstance(cell, str) and _FILE.fullmatch(cell.strip()) is not None


def _sentence_on_objects(sample: Chunk) -> str:
    nested = [name for name, values in sample.cells.items() if any(isinstance(value, dict) for value in values)]
    if not nested:
        return ""
    return (
        f" Nested objects, such as those in {first_few(nested)}, are not read: pandas.json_normalize turns them into "
        "columns."
    )


def _sentence_on_lists(sample: Chunk) -> str:
    lists = [name for name, values in sample.cells.items() if holds_lists(values)]
    if not lists:
        return ""
    return (
        f" Lists of numbers, such as those in {first_few(lists)}, are read as series if these columns are named "
        "(--channels)."
    )


def _named_like_label(sample: Chunk) -> set[str]:
    name = usual(sample.cells, LABEL_NAMES)
    return set() if name is None else {name}


def _without_texts(sample: Chunk) -> list[str]:
    return [
        name for name, values in sample.cells.items() if not any(isinstance(value, str) and value for value in values)
    ]


def _label(path: Path, sample: Chunk, taken: set[str]) -> tuple[str, str]:
    others = {name: values for name, values in sample.cells.items() if name not in taken}
    if (by_name := usual(others, LABEL_NAMES)) is not None:
        return by_name, "by its name"
    others = {
        name: values
        for name, values in others.items()
        if name.lower() not in ("id", *_NO_LABELS) and not mostly(is_moment, values)
    }
    if len(others) == 1:
        return next(iter(others)), "there is no other column"
    few = [name for name, values in others.items() if 1 < len(set(map(str, values))) <= min(_FEW, len(sample) - 1)]
    if len(few) == 1:
        return few[0], f"it is the only one that has at most {_FEW} different values"
    which = f"could be {' or '.join(few)}" if few else "cannot be determined"
    several = [name for name in few if all(is_indicator(cell) for cell in others[name] if not is_missing(cell))]
    how = f", or several columns of 1 and 0 (--label {','.join(several)})" if len(several) > 1 else ""
    if not few and sum(name.lower() not in ("id", *_NO_LABELS) for name in sample.cells) > 1:
        how = "; or, to generate one column from another, name both (--source, --target)"
    raise UserError(f"{path}: the label {which}. Name its column (--label){how}: there are {', '.join(sample.cells)}.")
