"""What the files of all readers have in common."""

from typing import Any

import numpy as np

TOKENIZER, READER = "tokenizer.json", "reader.json"
WHAT = "reader"

MOST = 1 << 24
"""Ids of a vocabulary, or tokens of a text: what a file from a stranger may ask for."""
MOST_PADDED = 1 << 20
"""The same of steps that every example is padded to."""


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
