"""The columns that a table must have: any other name is refused, with the nearest column as a suggestion."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from unicodedata import normalize

from unspool.data.cell_values import is_number
from unspool.data.tables.compression import ending_of
from unspool.data.tables.split_names import Part
from unspool.data.texts.text_columns import text_columns
from unspool.errors import AdvisedError, UserError

_HEADERLESS = " If line 1 is an example, not a header, add a header line above it."

OTHER_FORM = "A column has the same name in another Unicode form (NFC or NFD). Rename that column. "


def spelled(name: str, columns: Sequence[str]) -> str:
    """The column whose name is the same in Unicode NFC, if there is exactly one; otherwise the name itself.

    Keyboards give é as one code point (NFC), and some files have it as two (NFD).

    Example:
        >>> spelled("\u00e9", ["e\u0301", "e"]) == "e\u0301", spelled("b", ["a"])
        (True, 'b')
    """
    if name in columns or name.isascii():
        return name
    same = [one for one in columns if normalize("NFC", one) == normalize("NFC", name)]
    return same[0] if len(same) == 1 else name


def require(path: Path, columns: Sequence[str], name: str, what: str) -> None:
    """Refuse a name that is not a column.

    Raises:
        UserError: names the nearest column, and all of them.
    """
    if name not in columns:
        near = get_close_matches(name, columns, n=1)
        hint = f"Did you mean {near[0]}? " if near else ""
        if spelled(name, columns) != name:
            hint = OTHER_FORM
        what = what if what.startswith("--") else f"the {what}"
        more = "" if near or not _like_cells(path, columns) else _HEADERLESS
        raise AdvisedError(
            f"{path} has no column {name!r} for {what}.", f"{hint}Its columns are {', '.join(columns)}.{more}"
        )


def _like_cells(path: Path, columns: Sequence[str]) -> bool:
    """Whether the names in line 1 could be cells: one has a space in it or is a number."""
    return ending_of(path) in (".csv", ".tsv", ".tab") and any(" " in name or is_number(name) for name in columns)


def require_all(path: Path, columns: Sequence[str], named: Iterable[tuple[str, str | None]]) -> None:
    """Refuse the first name that is not a column, of several, each after what it is for.

    Raises:
        UserError: see `require`.
    """
    there = set(columns)
    for what, name in named:
        if name is not None and name not in there:
            require(path, columns, name, what)


def require_text(path: Path, columns: Sequence[str], text: str) -> None:
    """Refuse a name, or one of several joined names, of the column of texts that is not a column.

    Raises:
        UserError: see `require`.
    """
    for name in text_columns(text, columns):
        require(path, columns, name, "text")


def group_in(path: Path, columns: Sequence[str], group: str | None, part: Part) -> str | None:
    """The column of the groups, if a file of one part has it: a validation file must have it, a test file need not.

    Raises:
        UserError: a file for validation lacks it.
    """
    if group is not None and part == "validation":
        require(path, columns, group, "group")
    group = None if group is None else spelled(group, columns)
    return group if group in columns else None


def columns_there(names: Mapping[str, str | None], columns: Sequence[str]) -> dict[str, str]:
    """Return those of several names, each under what it is for, that a file has as columns, as the file spells them.

    Example:
        >>> columns_there({"group": "by", "split": "part", "newest": None}, ["x", "by"])
        {'group': 'by'}
    """
    found = {what: spelled(name, columns) for what, name in names.items() if name is not None}
    return {what: name for what, name in found.items() if name in columns}


def refuse_label_elsewhere(path: Path, label: str | None, named: Iterable[tuple[str, str | None]]) -> None:
    """Refuse the column of the labels for anything else, of several names, each after what it is for.

    Raises:
        UserError: says what else it was to be.
    """
    for what, name in named:
        if name is not None and name == label:
            raise UserError(f"{path}: column {label} cannot be both the label and the {what}.")
