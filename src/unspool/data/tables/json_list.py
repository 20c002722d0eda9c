"""JSON: a list of objects, as in [{...}, {...}], or an object on each line."""

import codecs
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from unspool.data.tables import json_lines
from unspool.data.tables.lines import open_text
from unspool.data.tables.problems import MAX_LINE, Flaw, Reason
from unspool.errors import AdvisedError, UserError

_CHUNK = 1 << 20
_LENIENT = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\r\n]*")
_HOW = 'Write a list of objects, [{...}, {...}] (in pandas, orient="records"), or one object on each line.'


def read(path: Path) -> tuple[tuple[str, ...], Iterator[json_lines.Row]]:
    """Open a file; its columns and values are those of `json_lines.read`.

    Raises:
        UserError: the file cannot be read, is empty, or holds neither a list of objects nor an object on each line.
    """
    with open_text(path) as handle:
        values = _Values(handle)
        start = values.peek()
        if start != "[":
            single = _single(path, values)
            return json_lines.with_columns(path, iter([(1, single)])) if single else json_lines.read(path)
    return json_lines.with_columns(path, _objects(path))


class _Values:
    """The JSON values in a file, one after the other; no more of it is kept than the current one takes."""

    def __init__(self, handle: BinaryIO) -> None:
        self._handle, self._decode = handle, codecs.getincrementaldecoder("utf-8")("surrogateescape").decode
        self._text, self._place, self._ended = "", 0, False

    def peek(self) -> str:
        """The next character that is no space; none at the end."""
        self._place = _SPACE.match(self._text, self._place).end()  # type: ignore[union-attr]
        while self._place == len(self._text) and not self._ended:
            self._read_on()
            self._place = _SPACE.match(self._text, self._place).end()  # type: ignore[union-attr]
        return self._text[self._place : self._place + 1]

    def skip(self, character: str) -> bool:
        """Pass over a character, if it is the next."""
        found = self.peek() == character
        self._place += found
        return found

    def next(self) -> Any:
        """The next value; a Flaw for one in which a key occurs twice.

        Raises:
            ValueError: there is none, or it is too long.
            RecursionError: it is too deep.
        """
        self.peek()
        while True:
            try:
                found, end = _decoded(self._text, self._place)
            except (ValueError, RecursionError):
                if self._ended or len(self._text) - self._place > MAX_LINE:
                    raise
            else:
                if end < len(self._text) or self._ended:
                    self._place = end
                    return found
            self._read_on()

    def ends_within(self, error: Exception) -> bool:
        """Whether a value could not be read because the file ends within it."""
        at_end = getattr(error, "pos", 0) >= len(self._text.rstrip())
        return self._ended and (at_end or "Unterminated string" in str(error))

    def _read_on(self) -> None:
        raw = self._handle.read(max(_CHUNK, len(self._text) - self._place))
        self._ended = not raw
        self._text, self._place = self._text[self._place :] + self._decode(raw, self._ended), 0


def _decoded(text: str, place: int) -> tuple[Any, int]:
    """A value, or what is wrong with it, and where it ends."""
    try:
        return json_lines.DECODER.raw_decode(text, place)
    except json_lines.TwiceError as error:
        return Flaw(Reason.NOT_JSON, str(error)), _LENIENT.raw_decode(text, place)[1]


def _objects(path: Path) -> Iterator[json_lines.Numbered]:
    with open_text(path) as handle:
        values, number = _Values(handle), 0
        values.skip("[")
        while not values.skip("]"):
            if number and values.peek() and not values.skip(","):
                raise _broken(path, number + 1, "there is no comma before it")
            number += 1
            try:
                found = values.next()
            except (ValueError, RecursionError) as error:
                if not values.ends_within(error):
                    raise _broken(path, number, getattr(error, "msg", str(error))) from error
                yield number, Flaw(Reason.TORN, "the file ends in the middle of it")
                return
            yield number, found if isinstance(found, dict | Flaw) else Flaw(Reason.NOT_JSON, json_lines.NO_OBJECT)


def _single(path: Path, values: _Values) -> dict[str, Any] | None:
    """The object that is all of a file, as a row; None if there are more, or the file is not JSON.

    Raises:
        UserError: the file is a single value, but no row, such as an object of columns.
    """
    try:
        found = values.next()
    except (ValueError, RecursionError):
        return None
    if values.peek() or isinstance(found, Flaw):
        return None
    if not isinstance(found, dict) or any(isinstance(value, list | dict) for value in found.values()):
        raise AdvisedError(f"{path} holds a single JSON value, which is not a row of a table.", _HOW)
    return found


def _broken(path: Path, number: int, why: str) -> UserError:
    """The error that a list cannot be read any further: where the next object begins is unknown."""
    return UserError(f"{path}: object {number} of the list is not JSON ({why}). Fix it: what follows cannot be read.")
