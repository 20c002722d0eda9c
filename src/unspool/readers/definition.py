"""What all readers and their files have in common."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from unspool.data.definitions import write_definition

TOKENIZER, READER = "tokenizer.json", "reader.json"
WHAT = "reader"

MOST = 1 << 24
"""Ids of a vocabulary, or tokens of a text: what a file from a stranger may ask for."""
MOST_PADDED = 1 << 20
"""The same of steps that every example is padded to."""


@dataclass(frozen=True)
class SavedReader:
    """A reader that is saved with its model, under a `kind` of its own."""

    kind: ClassVar[str]
    has_file: ClassVar[tuple[str, ...]] = ()
    """The attributes that have a file of their own."""

    def content(self) -> dict[str, Any]:
        """What reader.json says beside the kind: all attributes but those that have a file of their own."""
        return {one.name: getattr(self, one.name) for one in fields(self) if one.name not in self.has_file}

    def save(self, folder: Path) -> None:
        """Write reader.json."""
        write_definition(folder / READER, WHAT, {"kind": self.kind} | self.content())


def positive(value: Any, most: int = MOST) -> int:
    """A whole number from 1 to `most`, from a file that someone may have altered.

    Raises:
        ValueError: it is none.
    """
    if type(value) is not int or not 1 <= value <= most:
        raise ValueError(f"a length or size is {value!r}, and not from 1 to {most:,}")
    return value


def numbers(values: Any) -> tuple[float, ...]:
    """Finite numbers, at least one.

    Raises:
        ValueError: they are none.
    """
    found = tuple(map(float, values))
    if not found or not np.isfinite(found).all():
        raise ValueError("mean and scale are not finite numbers")
    return found


def text(value: Any) -> str:
    """A text from a file that someone may have altered.

    Raises:
        ValueError: it is not a text.
    """
    if not isinstance(value, str):
        raise ValueError(f"there is {str(value)[:80]!r} where a text should be")
    return value


def flag(value: Any) -> bool:
    """True or false, from a file that someone may have altered.

    Raises:
        ValueError: it is neither.
    """
    if not isinstance(value, bool):
        raise ValueError(f"there is {str(value)[:80]!r} where true or false should be")
    return value
