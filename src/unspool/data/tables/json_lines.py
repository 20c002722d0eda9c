"""JSON lines: one object a line."""

import json
import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain, islice
from pathlib import Path
from typing import Any

from unspool.data.tables.cells import byte_flaw, cell_flaw
from unspool.data.tables.lines import lines_with_content
from unspool.data.tables.problems import Flaw, Reason
from unspool.errors import UserError

_log = logging.getLogger(__name__)

_SEEN = 1000
"""Lines whose keys are the columns."""


class TwiceError(ValueError):
    """An object has a key twice."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        raise TwiceError(f"the key {twice[:40]!r} occurs twice in one object")
    return found


DECODER = json.JSONDecoder(object_pairs_hook=_object)
"""Refuses a key that an object has twice: one of its values would be lost."""

NO_OBJECT = 'it is JSON but no object, as in {"text": ..., "label": ...}'

Numbered = tuple[int, dict[str, Any] | Flaw]
"""An object, or what is wrong with it, and its line or its number."""
Row = tuple[int, list[Any] | Flaw]
"""The same with its values, as many as columns."""


def read(path: Path) -> tuple[tuple[str, ...], Iterator[Row]]:
    """Open a file; its columns are the keys of the first thousand objects, in the order in which they come up.

    Returns:
        The names of the columns; and the objects, of which blank lines are none: the number of the line of each, and
        its values, as many as columns, or what is wrong with it. A key that an object lacks is a missing value; a
        warning names the first key that only occurs later.

    Raises:
        UserError: the file cannot be read, is empty, none of these lines is an object, or a key cannot name a column.
    """
    return with_columns(path, _objects(path))


def with_columns(path: Path, objects: Iterator[Numbered]) -> tuple[tuple[str, ...], Iterator[Row]]:
    """The columns of objects, and their values; see `read`."""
    first = list(islice(objects, _SEEN))
    names: dict[str, None] = {}
    for _, found in first:
        if isinstance(found, dict):
            names |= dict.fromkeys(found)
    if not names:
        raise UserError(f"{path} has no JSON object, as in {{...}}, in its first rows. Give one for each row.")
    for name in names:
        flaw = byte_flaw(name)
        if flaw:
            raise UserError(f"{path}: the name of the column {name[:80]!r} cannot be used: {flaw.detail}. Rename it.")
    return tuple(names), _rows(path, chain(first, objects), tuple(names))


def _rows(path: Path, objects: Iterable[Numbered], names: tuple[str, ...]) -> Iterator[Row]:
    known, told = frozenset(names), False
    for number, found in objects:
        if isinstance(found, Flaw):
            yield number, found
            continue
        if not told and not known.issuperset(found):
            _warn_of(path, next(name for name in found if name not in known))
            told = True
        values = [found.get(name) for name in names]
        yield number, next(filter(None, map(cell_flaw, values, names)), None) or values


@cache
def _warn_of(path: Path, name: str) -> None:
    """Log that a key is not read; once, however often the file is read."""
    _log.warning(
        "%s: column %s is ignored, because none of the first 1,000 objects has it. To include it, add it to one of "
        "them, as in {%s: null}.",
        path,
        name,
        json.dumps(name, ensure_ascii=False),
    )


def _objects(path: Path) -> Iterator[Numbered]:
    for number, line, ended in lines_with_content(path):
        yield number, line if isinstance(line, Flaw) else _parse(line, ended)


def _parse(line: str, ended: bool) -> dict[str, Any] | Flaw:
    try:
        found = DECODER.decode(line.strip())
    except TwiceError as error:
        return byte_flaw(line) or Flaw(Reason.NOT_JSON, str(error))
    except (ValueError, RecursionError) as error:
        if not ended:
            return Flaw(Reason.TORN, "the file ends in the middle of it")
        what = f"{error.msg} at character {error.pos + 1}" if isinstance(error, json.JSONDecodeError) else str(error)
        return byte_flaw(line) or Flaw(Reason.NOT_JSON, f"it is not JSON ({what})")
    if not isinstance(found, dict):
        return Flaw(Reason.NOT_JSON, NO_OBJECT)
    return found
