"""Texts as an array: what was to be written of each example, and what was, as predictions hold them."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray


def as_array(texts: Iterable[str]) -> NDArray[np.uint8]:
    """Return N texts as their UTF-8 bytes, (N, L), zeros behind the end of each.

    Example:
        >>> as_array(["ab", "ä"]).tolist()
        [[97, 98], [195, 164]]
    """
    encoded = [text.replace("\0", "").encode("utf-8", "replace") for text in texts]
    longest = max([1, *map(len, encoded)])
    found = np.zeros((len(encoded), longest), dtype=np.uint8)
    for row, content in enumerate(encoded):
        found[row, : len(content)] = np.frombuffer(content, dtype=np.uint8)
    return found


def texts_of(array: NDArray[np.generic]) -> list[str]:
    """Return the texts that `as_array` was given.

    Example:
        >>> texts_of(as_array(["fine", ""]))
        ['fine', '']
    """
    return [row.tobytes().rstrip(b"\0").decode("utf-8", "replace") for row in np.asarray(array).astype(np.uint8)]
