"""Tables with a row for each text: all its tokens in one column, all its tags in another."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from unspool.data.labels import label_of
from unspool.data.required_columns import require, require_all
from unspool.data.roles import RoleValues
from unspool.data.tables.cells import byte_flaw
from unspool.data.tables.problems import Flaw, Problem, Reason, settle
from unspool.data.tables.table import Chunk, Table
from unspool.data.texts.tagged_texts import TAG_NAMES, TOKEN_NAMES, TaggedTexts, Tokens, nearly_all
from unspool.data.usual_names import usual
from unspool.errors import UserError

_SEEN = 100
"""Rows that say whether a table holds tagged texts."""
NAME_TOKENS = "Name the column with all tokens of a text (--text)"


def read_token_lists(
    table: Table, text: str | None, label: str | None, group: str | None, split: str | None, labelled: bool
) -> TaggedTexts:
    """Read the texts of a table, see `unspool.data.texts.tagged_sources.read_tagged_texts`.

    Raises:
        UserError: the table cannot be read or lacks a column, a text cannot be used and the table stops there, or each
            row holds a single token.
    """
    path, on_error = table.path, table.on_error
    first = table.first()
    guessed = columns_of_lists(first, text) or (usual(first.cells, TOKEN_NAMES), usual(first.cells, TAG_NAMES))
    text, label = text or guessed[0], label or guessed[1]
    for name, what in ((text, "text"), (label, "label"))[: 2 if labelled else 1]:
        if name is None and not labelled:
            raise UserError(
                f"{path}: the column with tokens cannot be told among {', '.join(table.columns)}. {NAME_TOKENS}."
            )
        if name is None:
            raise UserError(
                f"{path}: the columns with tokens and tags cannot be told among {', '.join(table.columns)}. Name them "
                "with --text and --label. If each row holds a single token, or is a step of a series, name the column "
                "that says which text or series it belongs to (--series)."
            )
        require(path, table.columns, name, what)
    require_all(path, table.columns, (("group", group), ("split", split)))
    found = TaggedTexts(path, [], [], [], text, label if labelled else None)
    roles = RoleValues({"split": split, "group": group})
    for chunk in table.chunks():
        found.left_out.update(problem.flaw.reason for problem in chunk.problems)
        for index, place in enumerate(chunk.places):
            cells = {name: chunk.cells[name][index] for name in chunk.cells}
            try:
                tokens = _tokens(cells[text or ""], text or "")
                tags = _tags(cells[label or ""], label or "", len(tokens)) if labelled else ()
                said = [_known(one) for one in roles.parse(cells[name] for name in roles.names.values())]
            except _Flawed as error:
                settle([Problem(error.flaw, place)], path, on_error)
                found.left_out[error.flaw.reason] += 1
                continue
            found.texts.append(tokens)
            found.tags.append(tags)
            found.places.append(place)
            found.rows.append(cells)
            roles.keep(said)
    return replace(found, groups=roles.of("group"), parts=roles.of("split"))


class _Flawed(Exception):
    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw.detail)
        self.flaw = flaw


def _known(value: float | Flaw) -> float:
    if isinstance(value, Flaw):
        raise _Flawed(value)
    return value


def _tokens(cell: Any, column: str) -> Tokens:
    entries = cell.split() if isinstance(cell, str) else cell
    if not isinstance(entries, list | tuple):
        raise _Flawed(Flaw(Reason.TYPE, "there is no list of tokens", column))
    if not entries:
        raise _Flawed(Flaw(Reason.EMPTY_TEXT, "there are no tokens", column))
    for number, entry in enumerate(entries, start=1):
        if not isinstance(entry, str) or not entry.strip():
            raise _Flawed(Flaw(Reason.TYPE, f"token {number} is {entry!r}, and a text was expected", column))
        flaw = byte_flaw(entry, column)
        if flaw is not None:
            raise _Flawed(flaw)
    return tuple(entries)


def _tags(cell: Any, column: str, tokens: int) -> Tokens:
    entries = cell.split() if isinstance(cell, str) else cell
    if not isinstance(entries, list | tuple):
        raise _Flawed(Flaw(Reason.TYPE, "there is no list of tags", column))
    if len(entries) != tokens:
        raise _Flawed(Flaw(Reason.TYPE, f"there are {len(entries):,} tags for {tokens:,} tokens", column))
    tags = [label_of(entry) for entry in entries]
    for number, tag in enumerate(tags, start=1):
        if not isinstance(tag, str):
            detail = tag.detail.replace("label", "tag") if isinstance(tag, Flaw) else "it is a list"
            raise _Flawed(Flaw(Reason.TYPE, f"tag {number}: {detail}", column))
    return tuple(tag for tag in tags if isinstance(tag, str))


def columns_of_lists(first: Chunk, text: str | None = None) -> tuple[str, str] | None:
    """The columns with tokens and tags, if there are two with lists that are equally long in nearly all rows.

    The tokens are in the column `text`, else in one of a usual name. If no column has such a name, they are in the one
    of two columns of lists that has more different items, unless all its lists are equally long.
    """
    seen = {name: cells[:_SEEN] for name, cells in first.cells.items()}
    lists = {
        name: [cell if isinstance(cell, list) else [] for cell in cells]
        for name, cells in seen.items()
        if nearly_all([isinstance(cell, list) for cell in cells])
    }
    text = text or usual(lists, TOKEN_NAMES) or (None if usual(seen, TOKEN_NAMES) else _varied(lists))
    if text not in lists or not nearly_all([all(isinstance(one, str) for one in cell) for cell in lists[text]]):
        return None
    lengths = [len(cell) for cell in lists.pop(text)]
    fitting = {
        name: cells
        for name, cells in lists.items()
        if nearly_all([len(cell) == length for cell, length in zip(cells, lengths, strict=True)])
    }
    label = usual(fitting, TAG_NAMES) or (next(iter(fitting)) if len(fitting) == 1 else None)
    return (text, label) if label is not None else None


def _varied(lists: Mapping[str, Sequence[Sequence[Any]]]) -> str | None:
    """Of two columns of lists of different lengths, most of several items, the one with more different items."""
    if len(lists) != 2:
        return None
    name = max(lists, key=lambda one: len({str(item) for cell in lists[one] for item in cell}))
    lengths = [len(cell) for cell in lists[name]]
    several = 2 * sum(length > 1 for length in lengths) > len(lengths)
    return name if several and len(set(lengths)) > 1 else None
