"""The Large Movie Review Dataset, from its archive to numbered words."""

import hashlib
import re
from os import PathLike
from pathlib import Path

import numpy as np

from unspool.data import storage
from unspool.data.datasets import TextDataset, TextSplit
from unspool.data.named import cache as dataset_cache
from unspool.data.named import downloads
from unspool.data.named.archive import read_members
from unspool.data.named.info import DatasetInfo
from unspool.data.tokenizers.vocabulary import Vocabulary
from unspool.errors import UserError
from unspool.progress import bar

LABEL_NAMES = ("negative", "positive")

_REVIEW = re.compile(r"(?:\./)?(aclImdb/(?:train|test)/(?:neg|pos)/\d+_\d+\.txt)")


def load(info: DatasetInfo, folder: str | PathLike[str] | None = None, download: bool = True) -> TextDataset:
    """Load IMDb, from its prepared form where there is one.

    The examples of each split stand in the order of the number in their file's name, a negative review before the
    positive one of the same number: any even number of them from the front is balanced. The reviews are those of the
    archive, word for word; the 50,000 without a label are left out. Some occur more than once, and they stay, so that
    figures compare with others': 96 training reviews repeat another, and 123 test reviews stand in the training set.

    Raises:
        UserError: the archive cannot be had, is damaged, or does not hold the published reviews.
    """
    file = info.files[0]

    def build() -> TextDataset:
        archive = downloads.obtain(info.name, file, folder, download)
        reviews = read_reviews(archive)
        if content_digest(reviews) != file.content:
            raise UserError(
                f"{archive} does not hold the published reviews ({len(reviews):,} were found, and their digest is "
                f"another). Remove it, or put {file.urls[0]} there."
            )
        return _prepare(info, reviews)

    return dataset_cache.load_or_build(storage.prepared_path(info.name, file.content), build)


def read_reviews(archive: Path) -> dict[str, bytes]:
    """Read the labelled reviews of an archive into memory, some 65 MB, by the names of their files.

    Raises:
        UserError: see `archive.read_members`.
    """
    reviews = {}
    for name, content in read_members(archive, lambda name: bool(_REVIEW.fullmatch(name)), "Reading the reviews"):
        reviews[name.removeprefix("./")] = content
    return reviews


def content_digest(files: dict[str, bytes]) -> str:
    """Return one SHA-256 over the names and the contents of files, whatever order and wrapping they came in.

    Example:
        >>> content_digest({"a": b"1", "b": b"2"}) == content_digest({"b": b"2", "a": b"1"})
        True
    """
    whole = hashlib.sha256()
    for name in sorted(files):
        whole.update(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n".encode())
    return whole.hexdigest()


def _prepare(info: DatasetInfo, reviews: dict[str, bytes]) -> TextDataset:
    train_texts, train_labels = _examples(reviews, "train")
    test_texts, test_labels = _examples(reviews, "test")
    with bar("Counting words", 3) as advance:
        vocabulary = Vocabulary.from_texts(train_texts)
        advance(1)
        train = TextSplit(train_texts, vocabulary.ranks(train_texts), train_labels)
        advance(1)
        test = TextSplit(test_texts, vocabulary.ranks(test_texts), test_labels)
        advance(1)
    return TextDataset(
        **info.facts(info.files[0].content),
        label_names=LABEL_NAMES,
        vocabulary=vocabulary,
        train=train,
        test=test,
    )


def _examples(reviews: dict[str, bytes], split: str) -> tuple[list[str], np.ndarray[tuple[int], np.dtype[np.int8]]]:
    keyed = []
    for name, content in reviews.items():
        _, its_split, kind, file = name.split("/")
        if its_split == split:
            keyed.append((int(file.split("_")[0]), kind == "pos", content))
    keyed.sort()
    return [content.decode() for _, _, content in keyed], np.array([label for _, label, _ in keyed], dtype=np.int8)
