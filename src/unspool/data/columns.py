"""Which column of a table is what."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from unspool.data.tables.split_names import part_named
from unspool.data.tables.table import Chunk, Table
from unspool.errors import UserError

TEXT_NAMES = ("text", "review", "sentence", "content", "message", "comment", "body", "document", "tweet", "description")
LABEL_NAMES = ("label", "labels", "class", "target", "sentiment", "category", "y", "rating", "score", "stars", "topic")
SPLIT_NAMES = ("split", "set", "partition", "subset")

_NO_LABELS = ("file", "filename", "path", "url", "date", "time", "timestamp", "index", "column 1")
_FEW = 20  # different values in a thousand rows


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns that matter, by their names.

    Attributes:
        text: what is read.
        label: what is to be predicted.
        group: rows with the same value stay together when parts are drawn, unless by time.
        time: the newest rows are held out.
        id: a name of each row.
        split: which part each row belongs to.
        why: how the text and the label were found, in words.
    """

    text: str
    label: str
    group: str | None = None
    time: str | None = None
    id: str | None = None
    split: str | None = None
    why: tuple[str, ...] = field(default=(), compare=False)

    @property
    def used(self) -> tuple[str, ...]:
        """The names of all columns that are read."""
        named = (self.text, self.label, self.group, self.time, self.id, self.split)
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
) -> Columns:
    """Find the text and the label in a table, unless they are named, by the names and the first thousand rows.

    The text is the column of a usual name (text, review, sentence, ...), else the text column with the longest texts.
    The label is the column of a usual name (label, class, target, ...), else the only other one, or the only one with
    at most 20 different values. A column named `split` whose values say train, validation and test is taken as such.
    Groups, times and ids are only what is named as such.

    Args:
        table: of any kind.
        text: the name of the column, or None to look for it.
        label: the name of the column, or None to look for it.
        group: the name of a column, or None.
        time: the name of a column, or None.
        id: the name of a column, or None.
        split: the name of a column, or None to look for it.

    Raises:
        UserError: a named column is missing, one is named for two things, or the text or the label cannot be told.

    Example:
        >>> import tempfile
        >>> from unspool.data.tables import read_table
        >>> path = Path(tempfile.mkdtemp()) / "a.csv"
        >>> _ = path.write_text("id,review,mood\\n1,A fine film.,good\\n2,A bore to watch.,bad\\n")
        >>> columns = find_columns(read_table(path), id="id")
        >>> columns.text, columns.label
        ('review', 'mood')
    """
    given = {"text": text, "label": label, "group": group, "time": time, "id": id, "split": split}
    _check_given(table, given)
    sample = next(iter(table.chunks()))
    taken = {name for name in given.values() if name is not None}
    split = split or _split(sample, taken)
    taken |= {split} if split else set()
    text, why_text = (text, "it was named") if text else _text(table.path, sample, taken)
    label, why_label = (label, "it was named") if label else _label(table.path, sample, taken | {text})
    why = (f"the text is in column {text}: {why_text}", f"the label is in column {label}: {why_label}")
    return Columns(text, label, group, time, id, split, why)


def require(path: Path, columns: Sequence[str], name: str, what: str) -> None:
    """Refuse a name that is no column.

    Raises:
        UserError: names the nearest column, and all of them.
    """
    if name not in columns:
        near = get_close_matches(name, columns, n=1)
        hint = f"Did you mean {near[0]}? " if near else ""
        raise UserError(f"{path} has no column {name!r} for the {what}. {hint}Its columns are {', '.join(columns)}.")


def _check_given(table: Table, given: dict[str, str | None]) -> None:
    what_of: dict[str, str] = {}
    for what, name in given.items():
        if name is None:
            continue
        require(table.path, table.columns, name, what)
        if name in what_of and {what, what_of[name]} & {"text", "label", "split"}:
            raise UserError(f"{table.path}: column {name} cannot be both the {what_of[name]} and the {what}.")
        what_of[name] = what


def _split(sample: Chunk, taken: set[str]) -> str | None:
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
        if name not in taken and any(isinstance(value, str) and value.strip() for value in values)
    }
    if (by_name := usual(candidates, TEXT_NAMES)) is not None:
        return by_name, "by its name"
    lengths = {name: sum(map(len, texts)) / len(texts) for name, texts in candidates.items()}
    if not lengths:
        raise UserError(f"{path} has no column with texts in it. Its columns are {', '.join(sample.cells)}.")
    return max(lengths, key=lambda name: lengths[name]), "its texts are the longest"


def _label(path: Path, sample: Chunk, taken: set[str]) -> tuple[str, str]:
    others = {name: values for name, values in sample.cells.items() if name not in taken}
    if (by_name := usual(others, LABEL_NAMES)) is not None:
        return by_name, "by its name"
    others = {name: values for name, values in others.items() if name.lower() not in ("id", *_NO_LABELS)}
    if len(others) == 1:
        return next(iter(others)), "there is no other column"
    few = [name for name, values in others.items() if 1 < _different(values) <= min(_FEW, len(sample) - 1)]
    if len(few) == 1:
        return few[0], f"it alone has at most {_FEW} different values"
    which = f"could be {' or '.join(few)}" if few else "cannot be told"
    raise UserError(f"{path}: the label {which}. Name its column (--label): there are {', '.join(sample.cells)}.")


def usual(names: Iterable[str], usual_names: Sequence[str]) -> str | None:
    """Return the name that comes first in a list of usual ones, in whatever case, or None."""
    by_lower = {name.lower(): name for name in names}
    return next((by_lower[name] for name in usual_names if name in by_lower), None)


def _different(values: Sequence[Any]) -> int:
    return len({str(value) for value in values})
