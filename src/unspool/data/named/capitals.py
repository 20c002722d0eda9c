"""A dataset that needs no download: prose without capital letters and full stops, which are to be restored.

Speech recognition gives such text, and a model of this kind makes it readable. Each word is a token, in lower case and
without punctuation; its tag says whether it is written with a capital letter and whether a full stop follows it.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from unspool import atomic_writes, files
from unspool.data import storage
from unspool.data.datasets import TaggedDataset, TaggedSplit
from unspool.data.named import prose
from unspool.data.named.info import DatasetInfo
from unspool.data.named.sentences import ENOUGH, SEED, TEST_FRACTION, library_key, this_python
from unspool.errors import UserError

TAGS = ("lower", "Capital", "lower.", "Capital.")
PASSAGE = 32
"""Words of a passage."""

_VERSION = 2
"""Of the cached form; raise it where the same library would be prepared differently."""
_PUNCTUATION = "\"'(),;:.!?-/"

Tokens = tuple[str, ...]
Tagged = tuple[Tokens, Tokens]


def load(info: DatasetInfo) -> TaggedDataset:
    """Load the passages of the running Python and of `prose.PACKAGES`, from the cache where they are there.

    Sentences stand one after the other as in their text, and are cut into passages of 32 words wherever that falls, so
    that neither the beginning of a passage says that a capital comes, nor its end that a full stop does. The texts
    (docstrings, topics of `help()`) are parted, not the passages: a fifth of them is the test set. Of sentences that
    have six words in a row in common only the first is kept (see `prose.without_near_duplicates`).

    Raises:
        UserError: this Python comes without its documentation and sources, or the cache cannot be written.
    """
    path = storage.prepared_path(info.name, f"{_VERSION}-{library_key(prose.PACKAGES)}")
    found = _cached(path)
    if found is None:
        found = collect(prose.documentation(prose.PACKAGES))
        if sum(map(len, found)) < ENOUGH:
            raise UserError(
                f"This Python's library gives only {sum(map(len, found))} sentences: its sources or documentation are "
                "not installed. Use a complete Python, or another dataset."
            )
        files.make_folder(path.parent)
        atomic_writes.write_aside(path, json.dumps(found).encode())
    return assemble(info, found)


def collect(texts: Iterable[str]) -> list[list[Tagged]]:
    """Find the sentences of each text, as tokens with their tags, without near-duplicates.

    Returns:
        For each text that has some the sentences that end in a full stop, in their order.

    Example:
        >>> collect(["The end of a line is not the end of Python."])[0][0][1][-3:]
        ('lower', 'lower', 'Capital.')
    """
    by_text = [
        [tagged(sentence) for sentence in prose.written_sentences(text) if sentence.endswith(".")] for text in texts
    ]
    kept = set(prose.without_near_duplicates(tokens for sentences in by_text for tokens, _ in sentences))
    found = []
    for sentences in by_text:
        here = []
        for tokens, tags in sentences:
            if tokens in kept:
                kept.remove(tokens)  # the first of equal ones
                here.append((tokens, tags))
        if here:
            found.append(here)
    return found


def tagged(sentence: str) -> Tagged:
    """Turn a written sentence into tokens and tags.

    Example:
        >>> tagged("See the manual, as Ada did.")
        (('see', 'the', 'manual', 'as', 'ada', 'did'), ('Capital', 'lower', 'lower', 'lower', 'Capital', 'lower.'))
    """
    words = [word for word in (written.strip(_PUNCTUATION) for written in sentence.split()) if word]
    tags = ["Capital" if word[0].isupper() else "lower" for word in words]
    return tuple(word.lower() for word in words), (*tags[:-1], f"{tags[-1]}.")


def assemble(info: DatasetInfo, found: Sequence[Sequence[Tagged]]) -> TaggedDataset:
    """Part the texts into training and test, and cut each side into passages."""
    random = np.random.RandomState(SEED)  # the one generator whose streams NumPy promises never to change
    order = random.permutation(len(found)).tolist()
    cut = round(len(found) * (1 - TEST_FRACTION))
    train, test = (_passages([found[number] for number in part]) for part in (order[:cut], order[cut:]))
    content = json.dumps([train.texts, train.tags, test.texts, test.tags])
    return TaggedDataset(
        **info.facts(hashlib.sha256(content.encode()).hexdigest(), this_python()),
        label_names=TAGS,
        train=train,
        test=test,
    )


def _passages(texts: Sequence[Sequence[Tagged]]) -> TaggedSplit:
    """All sentences end to end, cut every 32 words; the rest at the end is left out."""
    tokens = [token for sentences in texts for words, _ in sentences for token in words]
    tags = [tag for sentences in texts for _, these in sentences for tag in these]
    starts = range(0, len(tokens) - PASSAGE + 1, PASSAGE)
    return TaggedSplit(
        [tuple(tokens[start : start + PASSAGE]) for start in starts],
        [tuple(tags[start : start + PASSAGE]) for start in starts],
    )


def _cached(path: Path) -> list[list[Tagged]] | None:
    """What was kept, or None where it is not there or was altered."""
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
        return [[(tuple(tokens), tuple(tags)) for tokens, tags in sentences] for sentences in read]
    except (OSError, ValueError, TypeError):
        return None
