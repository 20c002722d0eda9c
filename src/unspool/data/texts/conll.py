"""CoNLL-style files: a token and its tag in each line, and a blank line after each text."""

import re
from collections.abc import Iterator
from pathlib import Path

from unspool.data.tables.cells import byte_flaw
from unspool.data.tables.lines import LongLine, open_lines
from unspool.data.tables.problems import Flaw, OnError, Place, Problem, Reason, settle
from unspool.data.texts.tagged_texts import TaggedTexts
from unspool.errors import AdvisedError

CONLL_U = ".conllu"
"""The ending of Universal Dependencies' files: https://universaldependencies.org/format.html"""
CONLL = (".conll", ".iob", ".iob2", ".bio", CONLL_U)
"""The endings of files with a token and its tag on each line."""

_DOCUMENT = "-DOCSTART-"
_WIDTH_OF_CONLL_U = 10
_COMMENT = re.compile(r"# .*=|# new(?:doc|par)\s*$")
"""Before a text: `# id = 7`, `# id 7<tab>domain=en` as in MultiCoNER, `# newpar`. If # is a token, its tag follows."""


def read_conll(path: Path, on_error: OnError, labelled: bool) -> TaggedTexts:
    """Read a CoNLL-style file, see `unspool.data.texts.tagged_sources.read_tagged_texts`.

    Raises:
        UserError: the file is not there or cannot be read, or a text cannot be used and `on_error` is "stop".
    """
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
