"""What is saved beside a model, each in one JSON file that says what it is."""

import json
from os import PathLike
from pathlib import Path
from typing import Any

from unspool import atomic_writes, files
from unspool.errors import UserError

_VERSION = 1


def write_definition(path: str | PathLike[str], what: str, content: dict[str, Any]) -> None:
    """Write a definition, whole or not at all.

    Raises:
        UserError: the file cannot be written.
    """
    text = json.dumps({f"unspool {what}": _VERSION} | content, ensure_ascii=False, indent=0)
    atomic_writes.write_aside(Path(path), text.encode())


def read_definition(path: str | PathLike[str], what: str) -> dict[str, Any]:
    """Read what `write_definition` wrote. Nothing in the file is ever executed.

    Raises:
        UserError: there is no such file, it is cut short, or it is something else.
    """
    try:
        content = json.loads(files.read_bounded(Path(path)))
    except OSError as error:
        raise UserError(f"The {what} {path} cannot be read: {error.strerror}.") from error
    except files.DAMAGE as error:
        raise UserError(f"The {what} {path} is cut short or altered: it is not JSON. Get it again.") from error
    if not isinstance(content, dict) or content.get(f"unspool {what}") != _VERSION:
        raise UserError(f"{path} is not a {what} of this version of unspool.")
    return content


def altered(path: str | PathLike[str], what: str, error: Exception) -> UserError:
    """Say that a definition is not what was written."""
    return UserError(f"The {what} {path} is altered: {files.reason_of(error)}. Get it again.")
