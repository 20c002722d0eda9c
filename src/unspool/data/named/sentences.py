"""A dataset that every Python carries: is this an English sentence, or are its words in a random order?"""

import hashlib
import os
import platform
import sysconfig
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from unspool.data import storage
from unspool.data.datasets import TextDataset, TextSplit
from unspool.data.named import cache as dataset_cache
from unspool.data.named import prose
from unspool.data.named.info import DatasetInfo
from unspool.data.tokenizers.vocabulary import Vocabulary
from unspool.errors import UserError

LABEL_NAMES = ("shuffled", "original")
TEST_FRACTION = 0.2
SEED = 0
ENOUGH = 1000  # sentences

Words = tuple[str, ...]


def load(info: DatasetInfo) -> TextDataset:
    """Load the sentences of the running Python, from their prepared form where there is one.

    Each sentence gives two examples, one after the other: label 1 with its words as they were written, and label 0 with
    the same words in a random order that differs from it. Their group is the number of the sentence. A fifth of the
    sentences is the test set: none stands on both sides, nor a near-duplicate of one (see `prose.collect`). All is in
    lower case and without punctuation, so that neither a capital letter nor a stop betrays the order. Word counts say
    nothing about the label; only the order does.

    The sentences depend on the version of Python, and so does the digest.

    Raises:
        UserError: this Python comes without its documentation and sources, or the cache cannot be written.
    """

    def build() -> TextDataset:
        found = prose.collect()
        if len(found) < ENOUGH:
            raise UserError(
                f"This Python's library in {sysconfig.get_path('stdlib')} gives only {len(found)} sentences: its "
                "sources or documentation are not installed. Use a complete Python, or another dataset."
            )
        return assemble(info, found)

    return dataset_cache.load_or_build(storage.prepared_path(info.name, library_key()), build)


def assemble(info: DatasetInfo, found: list[Words]) -> TextDataset:
    """Shuffle the words of each sentence, and part the sentences into training and test.

    Args:
        info: from the registry.
        found: at least two different words in each; no sentence twice.
    """
    random = np.random.RandomState(SEED)  # the one generator whose streams NumPy promises never to change
    shuffled = [shuffle_words(words, random) for words in found]
    order = random.permutation(len(found))
    cut = round(len(found) * (1 - TEST_FRACTION))
    train_texts, test_texts = (
        [" ".join(words) for index in part for words in (found[index], shuffled[index])]
        for part in (order[:cut], order[cut:])
    )
    vocabulary = Vocabulary.from_texts(train_texts)

    def split(texts: list[str], part: np.ndarray[tuple[int], np.dtype[np.int64]]) -> TextSplit:
        labels = np.tile(np.array([1, 0], dtype=np.int8), len(part))
        return TextSplit(texts, vocabulary.ranks(texts), labels, groups=np.repeat(part.astype(np.int64), 2))

    return TextDataset(
        **info.facts(hashlib.sha256("\n".join([*train_texts, "", *test_texts]).encode()).hexdigest(), this_python()),
        label_names=LABEL_NAMES,
        vocabulary=vocabulary,
        train=split(train_texts, order[:cut]),
        test=split(test_texts, order[cut:]),
    )


def shuffle_words(words: Words, random: np.random.RandomState) -> Words:
    """Return the words in a random order that is not their own.

    Raises:
        ValueError: they are all the same, so there is no other order.

    Example:
        >>> shuffle_words(("to", "be"), np.random.RandomState(0))
        ('be', 'to')
    """
    if len(set(words)) < 2:
        raise ValueError(f"there is only one order of {words}.")
    while True:
        shuffled = tuple(words[index] for index in random.permutation(len(words)))
        if shuffled != words:
            return shuffled


def this_python() -> str:
    """Name the running Python."""
    return f"{platform.python_implementation()} {platform.python_version()}"


def library_key(packages: Sequence[str] = ()) -> str:
    """Name the content of the library and of packages cheaply: the version, and the path and size of each file."""
    root = Path(sysconfig.get_path("stdlib"))
    files = [*prose.library_files(), *prose.package_files(packages)]
    listing = "\n".join(f"{os.path.relpath(path, root)} {path.stat().st_size}" for path in files)
    return f"{platform.python_version()}-{hashlib.sha256(listing.encode()).hexdigest()[:16]}"
