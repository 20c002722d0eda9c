"""Docstrings as documents with their summaries: a dataset that every Python carries, for models that summarise.

The first paragraph of a docstring says in one sentence what the rest explains. What is to be written is that sentence;
what is read is the prose below it, without lists of parameters, examples and code.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from unspool import atomic_writes, files
from unspool.data import storage
from unspool.data.datasets import PairedDataset, PairedSplit
from unspool.data.named import prose
from unspool.data.named.info import DatasetInfo
from unspool.data.named.sentences import SEED, TEST_FRACTION, library_key, this_python
from unspool.errors import UserError

DOCUMENT, SUMMARY = "document", "summary"
"""The two forms of a docstring."""
FEWEST, MOST = 12, 200
"""Words of a document."""
SUMMARY_FEWEST, SUMMARY_MOST = 3, 25
"""Words of a summary."""
ENOUGH = 500

_VERSION = 1
"""Of the cached form; raise it where the same library would be prepared differently."""
_HEADING = re.compile(r"^\s*([-=~^*#])\1{2,}\s*$")
_CODE_LINE = (">>>", "...", "..", "$", "#", "@", ":")

Row = tuple[str, str, int]
"""Document, summary, and the number of the file."""


def load(info: DatasetInfo) -> PairedDataset:
    """Load the docstrings of the running Python and of `prose.PACKAGES`, from the cache where they are there.

    Of documents that have six words in a row in common, and of those with the same summary, only the first is kept. A
    fifth of the files is the test.

    Raises:
        UserError: this Python comes without its sources, or the cache cannot be written.
    """
    path = storage.prepared_path(info.name, f"{_VERSION}-{library_key(prose.PACKAGES)}")
    rows = _cached(path)
    if rows is None:
        rows = distinct(_rows([*prose.library_files(), *prose.package_files(prose.PACKAGES)]))
        if len(rows) < ENOUGH:
            raise UserError(
                f"This Python's library gives only {len(rows)} docstrings: its sources are not installed. Use a "
                "complete Python, or another dataset."
            )
        files.make_folder(path.parent)
        atomic_writes.write_aside(path, json.dumps(rows).encode())
    return assemble(info, rows)


def parted(docstring: str) -> tuple[str, str] | None:
    """The document and the summary in a docstring; None where it has no such parts.

    Example:
        >>> parted('''Return the larger one.
        ...
        ... Both must be numbers, as texts
        ... have no size to speak of here.
        ...
        ... Parameters
        ... ----------
        ... one : float
        ... ''')
        ('Both must be numbers, as texts have no size to speak of here.', 'Return the larger one.')
    """
    summary, _, rest = docstring.strip().partition("\n\n")
    summary = " ".join(summary.split())
    words = summary.split()
    if not SUMMARY_FEWEST <= len(words) <= SUMMARY_MOST or not words[0][0].isupper() or summary[-1] not in ".!":
        return None
    document = " ".join(_plain(rest).split()[:MOST])
    return (document, summary) if len(document.split()) >= FEWEST else None


def _plain(text: str) -> str:
    """The paragraphs of a text above its first heading, but for code."""
    lines = text.expandtabs().splitlines()
    heading = next((number for number, line in enumerate(lines) if _HEADING.match(line)), len(lines) + 1)
    paragraphs = re.split(r"\n\s*\n", "\n".join(lines[: max(0, heading - 1)]))
    kept = (one for one in paragraphs if one.strip() and not any(map(_is_code, one.splitlines())))
    return " ".join(kept)


def _is_code(line: str) -> bool:
    return line.strip().startswith(_CODE_LINE) or line.startswith("    ")


def distinct(rows: Iterable[Row]) -> list[Row]:
    """The rows without near-duplicates.

    Example:
        >>> text = "the name of the file is not read again"
        >>> len(distinct([(text, "A.", 0), (f"But {text}", "B.", 1), ("Other words", "A.", 2), ("Others", "C.", 3)]))
        2
    """
    found, summaries = [], set()
    by_words: dict[tuple[str, ...], Row] = {}
    for row in rows:
        by_words.setdefault(tuple(re.findall(r"\w+", row[0].lower())), row)
    for words in prose.without_near_duplicates(by_words):
        row = by_words[words]
        if row[1].lower() not in summaries:
            summaries.add(row[1].lower())
            found.append(row)
    return found


def _rows(paths: Sequence[Path]) -> Iterator[Row]:
    for number, path in enumerate(paths):
        for docstring in prose.docstrings(path.read_bytes()):
            found = parted(docstring)
            if found is not None:
                yield (*found, number)


def assemble(info: DatasetInfo, rows: Sequence[Row]) -> PairedDataset:
    """Part the files into training and test."""
    numbers = np.array([number for _, _, number in rows], dtype=np.int64)
    random = np.random.RandomState(SEED)  # the one generator whose streams NumPy promises never to change
    order = random.permutation(np.unique(numbers))
    in_test = np.isin(numbers, order[: round(len(order) * TEST_FRACTION)])
    texts = {DOCUMENT: [document for document, _, _ in rows], SUMMARY: [summary for _, summary, _ in rows]}
    whole = PairedSplit(texts, numbers)
    return PairedDataset(
        **info.facts(hashlib.sha256(json.dumps(rows).encode()).hexdigest(), this_python()),
        train=whole.take(np.flatnonzero(~in_test)),
        test=whole.take(np.flatnonzero(in_test)),
    )


def _cached(path: Path) -> list[Row] | None:
    """What was written before; a file that does not hold that is made again."""
    try:
        return [
            (str(document), str(summary), int(number)) for document, summary, number in json.loads(path.read_bytes())
        ]
    except (OSError, ValueError, TypeError):
        return None
