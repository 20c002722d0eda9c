"""Tables with a row for each token of a text, and a column that says which text it belongs to."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

from unspool.data.cell_values import has_words, is_missing, is_number, mostly
from unspool.data.labels import label_of
from unspool.data.required_columns import require_all
from unspool.data.roles import RoleValues
from unspool.data.tables.cells import byte_flaw
from unspool.data.tables.problems import Flaw, Place, Problem, Reason, settle
from unspool.data.tables.table import Chunk, Table
from unspool.data.texts.tagged_texts import TAG_NAMES, TaggedTexts, Tokens, first_of_span
from unspool.data.usual_names import usual
from unspool.errors import UserError

NAMES_OF_TEXTS = (
    *("sentence #", "sentence_id", "sentence id", "sentence_number", "sentence_no", "sentence"),
    *("sent_id", "sent", "text_id", "text id", "series", "sequence", "sequence_id", "document_id", "doc_id"),
)
"""Usual names of the column that says which text a token belongs to."""
_TOKEN_NAMES = ("token", "word", "tokens", "words", "form")
"""Those of the column with the token; any word may stand in a column named text or comment."""


class TokenColumns(NamedTuple):
    """The columns of such a table.

    Attributes:
        series: that says which text a token belongs to. Each run of equal values is a text; if no two rows in
            succession have the same value, a row without one belongs to the text of the row above.
        text: with the tokens.
        label: with the tags; None if they are not looked at.
        group: texts with the same value stay in one part; None for none.
        split: that says the part of each text; None for none.
    """

    series: str
    text: str
    label: str | None = None
    group: str | None = None
    split: str | None = None


def columns_of_tokens(first: Chunk, series: str | None = None, text: str | None = None) -> tuple[str, str] | None:
    """The column that says which text a token belongs to, and that with the token; None if rows hold no single tokens.

    Args:
        first: the first rows of a table.
        series: the former, if it was named; None to find it by its name.
        text: the latter; likewise.
    """
    text = text or usual([name for name in first.cells if name != series], _TOKEN_NAMES)
    series = series or usual([name for name in first.cells if name != text], NAMES_OF_TEXTS)
    if series is None or text is None or text not in first.cells:
        return None
    cells = [cell for cell in first.cells[text] if not is_missing(cell)]
    return (series, text) if cells and not mostly(_is_no_token, cells) else None


def holds_spans_by_row(first: Chunk, series: str | None = None, text: str | None = None) -> bool:
    """Tell whether each row holds a token, and a tag such as O or B-person in a column of a usual name.

    Args:
        first: see `columns_of_tokens`.
        series: likewise.
        text: likewise.
    """
    found = columns_of_tokens(first, series, text)
    label = usual([name for name in first.cells if name not in (found or ())], TAG_NAMES)
    return (
        found is not None and label is not None and first_of_span([str(tag) for tag in first.cells[label]]) is not None
    )


def read_token_rows(table: Table, columns: TokenColumns) -> TaggedTexts:
    """Read the texts of a table into memory, in the order of their first rows.

    Raises:
        UserError: the table cannot be read, lacks a column, or has a text that cannot be used and stops there.
    """
    _require(table, columns)
    rows = _read(table)
    named, unread = rows.cells[columns.series], [problem.place.row for problem in rows.problems]
    names, at_beginnings = _filled(named), _only_at_beginnings(named)
    found = TaggedTexts(table.path, [], [], [], columns.text, columns.label, series=columns.series)
    found.left_out.update(problem.flaw.reason for problem in rows.problems)
    roles = RoleValues({"split": columns.split, "group": columns.group})
    for begin, end in _runs(names):
        text = Chunk(rows.places[begin:end], {name: cells[begin:end] for name, cells in rows.cells.items()}, [])
        try:
            _check_whole(text, unread, columns.series, at_beginnings)
            tokens = _read_cells(text, columns.text, _token)
            tags = () if columns.label is None else _read_cells(text, columns.label, _tag)
            said = _read_roles(text, roles)
        except _FlawedError as error:
            settle([error.problem], table.path, table.on_error, "text")
            found.left_out[error.problem.flaw.reason] += 1
            continue
        found.texts.append(tokens)
        found.tags.append(tags)
        found.places.append(text.places[0])
        found.rows.append({name: cells for name, cells in text.cells.items() if not table.parts(name)})
        roles.keep(said)
    notes = _notes_on_names(columns.series, [names[begin] for begin, _ in _runs(names)])
    return replace(found, groups=roles.of("group"), parts=roles.of("split"), notes=notes)


class _FlawedError(Exception):
    def __init__(self, flaw: Flaw, place: Place) -> None:
        super().__init__(flaw.detail)
        self.problem = Problem(flaw, place)


def _require(table: Table, columns: TokenColumns) -> None:
    named = {what: name for what, name in columns._asdict().items() if name is not None}
    require_all(table.path, table.columns, named.items())
    by_name: dict[str, str] = {}
    for what, name in named.items():
        if name in by_name and what != "group":  # whole texts are in one part, whatever the group
            raise UserError(f"{table.path}: column {name} cannot be both the {by_name[name]} and the {what}.")
        by_name.setdefault(name, what)


def _is_no_token(cell: Any) -> bool:
    return isinstance(cell, list) or has_words(cell) or is_number(cell)


def _read(table: Table) -> Chunk:
    """All rows, without blank ones, which some programs write between texts."""
    whole = Chunk([], {name: [] for name in table.columns}, [])
    for chunk in table.chunks():
        rows = zip(*chunk.cells.values(), strict=True)
        kept = [index for index, cells in enumerate(rows) if not all(map(is_missing, cells))]
        whole.places.extend(chunk.places[index] for index in kept)
        whole.problems.extend(chunk.problems)
        for name, cells in chunk.cells.items():
            whole.cells[name].extend(cells[index] for index in kept)
    return whole


def _only_at_beginnings(names: Sequence[Any]) -> bool:
    """Whether only the first row of each text names it: no two rows in succession have the same name.

    Example:
        >>> _only_at_beginnings(["a", "", "", "b", "c", ""]), _only_at_beginnings(["a", "a", "", "b"])
        (True, False)
    """
    return not any(name == after and not is_missing(name) for name, after in pairwise(names))


def _filled(names: Sequence[Any]) -> list[Any]:
    """The name of each row's text, where a row without one belongs to the text of the row above.

    Example:
        >>> _filled(["a", "", "b"])
        ['a', 'a', 'b']
    """
    return list(accumulate(names, lambda before, name: before if is_missing(name) else name))


def _runs(names: Sequence[Any]) -> Iterator[tuple[int, int]]:
    """Where each run of equal names begins and ends."""
    begins = [index for index, name in enumerate(names) if not index or name != names[index - 1]]
    return zip(begins, [*begins[1:], len(names)], strict=True)


def _check_whole(text: Chunk, unread: Sequence[int], column: str, at_beginnings: bool) -> None:
    first, last = text.places[0], text.places[-1]
    for name, place in zip(text.cells[column], text.places, strict=True):
        if is_missing(name) and not (at_beginnings and place != first):
            raise _FlawedError(Flaw(Reason.NO_VALUE, "the value is missing", column), place)
    if any(first.row < row < last.row for row in unread):
        raise _FlawedError(Flaw(Reason.TORN, "a row of the text that begins here cannot be read"), first)


def _read_cells(text: Chunk, column: str, read: Callable[[Any], Any]) -> Tokens:
    found = []
    for cell, place in zip(text.cells[column], text.places, strict=True):
        value = read(cell)
        if isinstance(value, Flaw):
            raise _FlawedError(replace(value, column=column), place)
        found.append(value)
    return tuple(found)


def _token(cell: Any) -> str | Flaw:
    if is_missing(cell):
        return Flaw(Reason.NO_VALUE, "the token is missing")
    if isinstance(cell, list | dict):
        return Flaw(Reason.TYPE, f"a single token was expected, not {cell!r}")
    token = str(cell).strip()
    if "\n" in token:
        return Flaw(Reason.QUOTE, 'the token has several lines; in CSV, write a token that is a quote as """"')
    return byte_flaw(token) or token


def _tag(cell: Any) -> str | Flaw:
    tag = label_of(cell)
    if isinstance(tag, tuple):
        return Flaw(Reason.TYPE, f"a single tag was expected, not {cell!r}")
    return replace(tag, detail=tag.detail.replace("label", "tag")) if isinstance(tag, Flaw) else tag


def _read_roles(text: Chunk, roles: RoleValues) -> list[int | float]:
    """The group and the part that the first row of a text says; other rows say the same or nothing."""
    said: list[int | float] = []
    first = [text.cells[column][0] for column in roles.names.values()]
    for value, column in zip(roles.parse(first), roles.names.values(), strict=True):
        if isinstance(value, Flaw):
            raise _FlawedError(value, text.places[0])
        for cell, place in zip(text.cells[column], text.places, strict=True):
            if cell != text.cells[column][0] and not is_missing(cell):
                detail = f"{cell!r} differs from {text.cells[column][0]!r} in the text's first row"
                raise _FlawedError(Flaw(Reason.RAGGED, detail, column), place)
        said.append(value)
    return said


def _notes_on_names(column: str, names: Sequence[Any]) -> tuple[str, ...]:
    """Point out names of texts that recur later."""
    again = [str(name) for name, count in Counter(names).items() if count > 1]
    if not again:
        return ()
    recur = (
        f"1 value of column {column}, {again[0]}, stands"
        if len(again) == 1
        else (f"{len(again):,} values of column {column}, such as {again[0]}, stand")
    )
    return (f"{recur} in rows that lie apart: each run of rows with the same value is read as a text of its own",)
