"""Multi30k: one description of each of some 31,000 pictures, in English, German and French.

Source: D. Elliott et al., "Multi30K: multilingual English-German image descriptions" (2016).
"""

import hashlib
from os import PathLike
from pathlib import Path

from unspool.data.datasets import PairedDataset, PairedSplit
from unspool.data.named import downloads
from unspool.data.named.info import DatasetInfo
from unspool.data.named.published import refuse_other_content, unpacked

_PARTS = {"train": "train", "val": "validation", "test_2016_flickr": "test"}
_MOST_BYTES = 1 << 24


def load(info: DatasetInfo, folder: str | PathLike[str] | None = None, download: bool = True) -> PairedDataset:
    """Load the sentences as published, with capitals and punctuation; the test is test2016.

    Raises:
        UserError: a file cannot be had or does not hold what was published.
    """
    texts: dict[str, dict[str, list[str]]] = {part: {} for part in _PARTS.values()}
    for file in info.files:
        name, language, _ = file.name.rsplit(".", 2)
        path = downloads.obtain(info.name, file, folder, download)
        texts[_PARTS[name]][language] = read_sentences(path, file.content)
    digest = hashlib.sha256("".join(file.content for file in info.files).encode()).hexdigest()
    train, validation, test = (PairedSplit(texts[part]) for part in _PARTS.values())
    return PairedDataset(**info.facts(digest), train=train, test=test, validation=validation)


def read_sentences(path: Path, content: str) -> list[str]:
    """Read a file with a sentence on each line, packed by gzip or not, and check that it is the one that is meant.

    Args:
        path: of the file.
        content: the SHA-256 of what it holds once unpacked.

    Raises:
        UserError: the file cannot be read, or holds something else.
    """
    data = unpacked(path, _MOST_BYTES)
    refuse_other_content(path, data, content)
    return [line.strip() for line in data.decode("utf-8").rstrip("\n").split("\n")]
