"""Texts that are split into tokens, with a tag for each: CoNLL-style files, and tables with two columns of lists."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from unspool.data.labels import Label, label_of
from unspool.data.parts import Parts
from unspool.data.required_columns import require, require_all
from unspool.data.roles import RoleValues
from unspool.data.source import Given, Source
from unspool.data.tables.cells import byte_flaw
from unspool.data.tables.compression import ending_of
from unspool.data.tables.formats import BY_ENDING, JSON, JSON_LINES
from unspool.data.tables.lines import LongLine, open_lines
from unspool.data.tables.problems import Flaw, OnError, Place, Problem, Reason, settle
from unspool.data.tables.table import Chunk, Table
from unspool.data.texts.line_files import holds_lines, line_table
from unspool.data.usual_names import LABEL_NAMES, TEXT_NAMES, usual
from unspool.errors import AdvisedError, UserError

CONLL_U = ".conllu"
"""The ending of Universal Dependencies' files: https://universaldependencies.org/format.html"""
CONLL = (".conll", ".iob", ".iob2", ".bio", CONLL_U)
"""The endings of files with a token and its tag on each line."""
TOKEN_NAMES = ("tokens", "words", *TEXT_NAMES)
TAG_NAMES = ("tags", "ner_tags", "pos_tags", *LABEL_NAMES)

_DOCUMENT = "-DOCSTART-"
_WIDTH_OF_CONLL_U = 10
_COMMENT = re.compile(r"# .*=|# new(?:doc|par)\s*$")
"""Before a text: `# id = 7`, `# id 7<tab>domain=en` as in MultiCoNER, `# newpar`. If # is a token, its tag follows."""
_SEEN = 100
"""Rows that say whether a table holds tagged texts."""
_FEW = 20
"""Up to so many rows may all have a single token; in a longer table, each is taken for one token of a longer text."""
ONE_ROW_PER_TEXT = "write one row for each text, with all its tokens and all its tags, or a .conll file"
_NAME_TOKENS = "Name the column with all tokens of a text (--text)"

Tokens: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class TaggedTexts:
    """N texts.

    Attributes:
        path: of the file.
        texts: the tokens of each.
        tags: of each as many; empty where tags are not looked at.
        places: where each stands in the file.
        text: the column with the tokens; None in CoNLL-style files.
        rows: of a table, the cells of each text's row, by the names of the columns; of other files nothing.
        label: the column with the tags; None there.
        groups: (N,) a number for the group of each, or None.
        parts: (N,) the part that the file says, or None.
        left_out: how many cannot be used, by reason.
        files: (N,) which file each comes from: 0 for `path`, 1 for a validation file, 2 for a test file; or None where
            there is only `path`.
    """

    path: Path
    texts: list[Tokens] = field(repr=False)
    tags: list[Label] = field(repr=False)
    places: list[Place] = field(repr=False)
    text: str | None = None
    label: str | None = None
    rows: list[dict[str, Any]] = field(default_factory=list, repr=False)
    groups: NDArray[np.int64] | None = field(default=None, repr=False)
    parts: Parts | None = field(default=None, repr=False)
    left_out: Counter[Reason] = field(default_factory=Counter)
    files: NDArray[np.int8] | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(self.texts)

    def without(self, flaws: dict[int, Flaw], on_error: OnError) -> "TaggedTexts":
        """Leave out the texts at some positions.

        Raises:
            UserError: there is one, and `on_error` is "stop".
        """
        if not flaws:
            return self
        settle((Problem(flaw, self.places[position]) for position, flaw in flaws.items()), self.path, on_error)
        kept = [position for position in range(len(self)) if position not in flaws]
        return replace(
            self,
            texts=[self.texts[position] for position in kept],
            tags=[self.tags[position] for position in kept],
            places=[self.places[position] for position in kept],
            rows=[self.rows[position] for position in kept] if self.rows else [],
            groups=None if self.groups is None else self.groups[kept],
            parts=None if self.parts is None else self.parts[kept],
            files=None if self.files is None else self.files[kept],
            left_out=self.left_out + Counter(flaw.reason for flaw in flaws.values()),
        )


def holds_tagged_texts(given: Given, asked: bool = False, text: str | None = None) -> bool:
    """Tell whether a file holds texts with a tag for each token.

    A file with one of the endings of `CONLL` does, and so does JSON with lists of texts in two columns that are as
    long as each other in the first rows.

    Args:
        given: the file or folder.
        asked: whether a person said so; any table may then hold them, with tokens and tags parted by spaces too.
        text: the column with the tokens, if it was named.
    """
    source = Source.of(given, "skip")
    ending = ending_of(source.path)
    if ending in CONLL or (asked and ending in BY_ENDING):
        return True
    if BY_ENDING.get(ending) not in (JSON, JSON_LINES) or not source.path.is_file():
        return False
    return _columns_of_lists(source.table.first(), text) is not None


def read_tagged_texts(
    given: Given,
    *,
    text: str | None = None,
    label: str | None = None,
    group: str | None = None,
    split: str | None = None,
    on_error: OnError = "stop",
    labelled: bool = True,
) -> TaggedTexts:
    """Read texts and their tags into memory.

    A CoNLL-style file has a token on each line, then a tab or spaces and, as the last column, its tag; a blank line
    ends a text. Tabs separate the columns of a line that has any, so that a token may contain spaces. In CoNLL-U files,
    the part of speech (UPOS) is the tag; the lines of contractions and of omitted words are skipped. A table has lists
    in two columns, or texts in which spaces part the tokens and the tags. Without tags, a text file may have a text in
    each line, with spaces between its tokens.

    Args:
        given: the file.
        text: the column with the tokens, or None to look for it.
        label: the column with the tags, or None to look for it.
        group: a column: texts with the same value stay in one part.
        split: a column that says the part of each text.
        on_error: what is done about a text that cannot be used: "stop" at it, or "skip" it and count it.
        labelled: whether there must be tags; else they are not looked at.

    Raises:
        UserError: the file cannot be read, a column is missing or is named of a file without columns, no text can be
            used, or one is not and `on_error` is "stop".

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "names.conll"
        >>> _ = path.write_text("Ada\\tB-person\\nwrote\\tO\\n\\nParis\\tB-place\\n")
        >>> read_tagged_texts(path).texts
        [('Ada', 'wrote'), ('Paris',)]
    """
    source = Source.of(given, on_error)
    path = source.path
    if path.suffix.lower() in CONLL:
        for option, name in (("text", text), ("label", label), ("group", group), ("split", split)):
            if name is not None:
                raise UserError(f"{path}: --{option} names a column, but the columns of such a file have no names.")
        found = _read_conll(path, on_error, labelled)
    else:
        in_lines = not labelled and holds_lines(path)
        table = line_table(path, TEXT_NAMES[0], on_error) if in_lines else source.table
        found = _read_table(table, text, label, group, split, labelled)
        if not in_lines and len(found) > _FEW and all(len(tokens) == 1 for tokens in found.texts):
            fix = f"Instead, {ONE_ROW_PER_TEXT}" if labelled else f"{_NAME_TOKENS}, or {ONE_ROW_PER_TEXT}"
            raise UserError(f"{path}: each row has a single token in column {found.text}. {fix}.")
    if not len(found):
        raise UserError(f"{path}: no text can be used.")
    return found


def _read_conll(path: Path, on_error: OnError, labelled: bool) -> TaggedTexts:
    if not path.is_file():
        raise AdvisedError(f"{path} is not there.", "Give the path of a file.")
    found = TaggedTexts(path, [], [], [])
    for number, (line, tokens, tags, flaw) in enumerate(_sentences(path, labelled), start=1):
        place = Place(number, line, "text")
        if flaw is not None:
            settle([Problem(flaw, place)], path, on_error)
            found.left_out[flaw.reason] += 1
            continue
        found.texts.append(tuple(tokens))
        found.tags.append(tuple(tags))
        found.places.append(place)
    return found


def _sentences(path: Path, labelled: bool) -> Iterator[tuple[int, list[str], list[str], Flaw | None]]:
    """The line in which each text begins, its tokens, its tags, and what is wrong with it."""
    tokens: list[str] = []
    tags: list[str] = []
    flaw: Flaw | None = None
    start = width = 0
    numbered = path.suffix.lower() == CONLL_U
    with open_lines(path) as lines:
        while True:
            lines.begin_record()
            try:
                line: str | None = next(lines)
            except StopIteration:
                line = None
            except LongLine:
                start, flaw = start or lines.number, flaw or Flaw(Reason.TOO_LONG, f"line {lines.number} is too long")
                continue
            cells = _columns(line, width) if line is not None else []
            if cells and not (_skipped_if_numbered(cells) if numbered else _skipped(cells, line or "", tokens)):
                start, width = start or lines.number, width or len(cells)
                if numbered:
                    cells = _token_and_part_of_speech(cells)
                elif not tokens and _is_numbered(cells):
                    raise AdvisedError(f"{path} has the columns of CoNLL-U.", f"Rename it to {path.stem}{CONLL_U}.")
                flaw = flaw or byte_flaw(line or "")
                if not cells[0]:
                    flaw = flaw or Flaw(Reason.NO_VALUE, f"line {lines.number} has no token before its first tab")
                if labelled and (len(cells) < 2 or not cells[-1]):
                    lacks = (
                        f"part of speech (UPOS, column 4) of {cells[0]!r}" if numbered else f"tag behind {cells[0]!r}"
                    )
                    flaw = flaw or Flaw(Reason.NO_VALUE, f"line {lines.number} has no {lacks}")
                tokens.append(cells[0])
                tags.append(cells[-1])
            elif not cells and (tokens or flaw):
                yield start, tokens, tags if labelled else [], flaw
                tokens, tags, flaw, start = [], [], None, 0
            if line is None:
                return


def _skipped(cells: list[str], line: str, before: list[str]) -> bool:
    """Whether a line has no token: it begins a document, or is a comment above the text's first token."""
    return cells[0] == _DOCUMENT or (not before and _COMMENT.match(line) is not None)


def _skipped_if_numbered(cells: list[str]) -> bool:
    """Whether a CoNLL-U line has no token of its own: a comment, a contraction (3-4) or an omitted word (5.1)."""
    return cells[0].startswith("#") or re.fullmatch(r"\d+[-.]\d+", cells[0]) is not None


def _is_numbered(cells: list[str]) -> bool:
    """Whether the columns of a text's first token are those of CoNLL-U: ID, ..., HEAD, DEPREL, DEPS, MISC."""
    of_tree = len(cells) == _WIDTH_OF_CONLL_U and (cells[6] == "_" or cells[6].isdecimal())
    return of_tree and cells[0] == "1"


def _token_and_part_of_speech(cells: list[str]) -> list[str]:
    """The columns FORM and UPOS of a line of CoNLL-U; _ stands for no value.

    Example:
        >>> _token_and_part_of_speech(["1", "Birds", "bird", "NOUN", "NNS", "_", "2", "nsubj", "_", "_"])
        ['Birds', 'NOUN']
        >>> _token_and_part_of_speech(["2", "fly", "fly", "_"])
        ['fly', '']
    """
    token, tag = [*cells, "", "", ""][1:4:2]
    return [token, "" if tag == "_" else tag]


def _columns(line: str, width: int) -> list[str]:
    """The columns of a line, which tabs separate if it has any: a token between tabs may contain spaces.

    Args:
        line: a blank one has no columns.
        width: how many columns the first line has, without empty ones at its end; 0 if this is the first line. Empty
            columns up to there are kept, or another column would be read as the tag; tabs after them are ignored.

    Example:
        >>> _columns("Ada\\tNNP\\t", 0), _columns("Ada\\tNNP\\t", 3), _columns("Ada  O", 2)
        (['Ada', 'NNP'], ['Ada', 'NNP', ''], ['Ada', 'O'])
    """
    if not line.strip():
        return []
    tabs = "\t" in line
    cells = [cell.strip(" \r\n") if cell.strip() else "" for cell in line.split("\t" if tabs else " ")]
    if not tabs:
        return [cell for cell in cells if cell]
    while len(cells) > max(width, 1) and not cells[-1]:
        cells.pop()
    return cells


def _read_table(
    table: Table, text: str | None, label: str | None, group: str | None, split: str | None, labelled: bool
) -> TaggedTexts:
    path, on_error = table.path, table.on_error
    first = table.first()
    guessed = _columns_of_lists(first, text) or (usual(first.cells, TOKEN_NAMES), usual(first.cells, TAG_NAMES))
    text, label = text or guessed[0], label or guessed[1]
    for name, what in ((text, "text"), (label, "label"))[: 2 if labelled else 1]:
        if name is None and not labelled:
            raise UserError(
                f"{path}: the column with tokens cannot be told among {', '.join(table.columns)}. {_NAME_TOKENS}."
            )
        if name is None:
            raise UserError(
                f"{path}: the columns with tokens and tags cannot be told among {', '.join(table.columns)}. Name them "
                f"with --text and --label. If each row has a single token, {ONE_ROW_PER_TEXT}. If each row is a step "
                "of a series, name the column that identifies the series (--series)."
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


def nearly_all(are: list[bool]) -> bool:
    """Whether at least nine tenths are true; the others are then mistakes, to be reported."""
    return bool(are) and 10 * are.count(False) <= len(are)


def _columns_of_lists(first: Chunk, text: str | None = None) -> tuple[str, str] | None:
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
