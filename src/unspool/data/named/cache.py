"""The prepared form of a text dataset in the cache: one file that is whole and right, or is made again."""

import hashlib
import io
import json
import logging
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool import atomic_writes, locks
from unspool.data.datasets import TextDataset, TextSplit
from unspool.data.ragged import Ragged
from unspool.data.tokenizers.vocabulary import Vocabulary

# Raise the number whenever the same source would be prepared differently: other tokens, another order, another layout.
_HEADER = b"unspool prepared text dataset 1\n"
_DIGEST_SIZE = hashlib.sha256().digest_size
_COMPRESSION = 1  # of zlib: halves the file; more would save little and take long

Arrays = dict[str, NDArray[Any]]

_log = logging.getLogger(__name__)


class Damaged(Exception):
    """A prepared file is not what was written, or was written by another version."""


def load_or_build(path: Path, build: Callable[[], TextDataset]) -> TextDataset:
    """Read the dataset prepared at `path`; where there is none, or a damaged one, build it and keep it there.

    Of several processes that need it at once, one builds it and the others wait.

    Raises:
        UserError: the cache cannot be written, or whatever `build` raises.
    """
    dataset = _read_if_sound(path)
    if dataset is not None:
        return dataset
    with locks.locked(path):
        dataset = _read_if_sound(path, notice=True)  # another process may have built it meanwhile
        if dataset is None:
            atomic_writes.remove_leftovers(path)
            dataset = build()
            write(path, dataset)
    return dataset


def _read_if_sound(path: Path, notice: bool = False) -> TextDataset | None:
    try:
        return read(path)
    except FileNotFoundError:
        return None
    except Damaged as error:
        if notice:
            _log.warning("%s cannot be used (%s): preparing the dataset again.", path, error)
        return None


def write(path: Path, dataset: TextDataset) -> None:
    """Write a dataset to one file: a header, a SHA-256 of the rest, and arrays in NumPy's zip format.

    Raises:
        UserError: the file cannot be written.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=_COMPRESSION) as archive:
        for name, array in _to_arrays(dataset).items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)
    body = buffer.getbuffer()
    atomic_writes.write_aside(path, _HEADER, hashlib.sha256(body).digest(), body)


def read(path: Path) -> TextDataset:
    """Read what `write` wrote.

    Raises:
        FileNotFoundError: there is no such file.
        Damaged: it cannot be read, or any byte of it is not what was written.
    """
    try:
        content = memoryview(path.read_bytes())
    except FileNotFoundError:
        raise
    except OSError as error:
        raise Damaged(str(error.strerror)) from error
    if content[: len(_HEADER)] != _HEADER:
        raise Damaged("it is of another version")
    digest = content[len(_HEADER) : len(_HEADER) + _DIGEST_SIZE]
    body = content[len(_HEADER) + _DIGEST_SIZE :]
    if hashlib.sha256(body).digest() != digest:
        raise Damaged("it has been cut short or altered")
    with np.load(io.BytesIO(body), allow_pickle=False) as arrays:
        return _from_arrays(dict(arrays))


def _to_arrays(dataset: TextDataset) -> Arrays:
    about = dataset.facts | {"label_names": dataset.label_names}
    arrays = _pack("about", [json.dumps(about)]) | _pack("words", dataset.vocabulary.words)
    for name, split in (("train", dataset.train), ("test", dataset.test)):
        arrays |= _pack(f"{name}_texts", split.texts)
        arrays[f"{name}_ranks"] = split.ranks.flat
        arrays[f"{name}_rank_offsets"] = split.ranks.offsets
        arrays[f"{name}_labels"] = split.labels
        if split.groups is not None:
            arrays[f"{name}_groups"] = split.groups
    return arrays


def _from_arrays(arrays: Arrays) -> TextDataset:
    def split(name: str) -> TextSplit:
        return TextSplit(
            texts=_unpack(f"{name}_texts", arrays),
            ranks=Ragged(arrays[f"{name}_ranks"], arrays[f"{name}_rank_offsets"]),
            labels=arrays[f"{name}_labels"],
            groups=arrays.get(f"{name}_groups"),
        )

    about = json.loads(_unpack("about", arrays)[0])
    about["label_names"] = tuple(about["label_names"])
    return TextDataset(
        **about, vocabulary=Vocabulary(tuple(_unpack("words", arrays))), train=split("train"), test=split("test")
    )


def _pack(name: str, texts: Sequence[str]) -> Arrays:
    encoded = [text.encode() for text in texts]
    lengths = np.array([len(text) for text in encoded], dtype=np.int64)
    return {name: np.frombuffer(b"".join(encoded), dtype=np.uint8), f"{name}_lengths": lengths}


def _unpack(name: str, arrays: Arrays) -> list[str]:
    whole = arrays[name].tobytes()
    ends = np.cumsum(arrays[f"{name}_lengths"]).tolist()
    return [whole[start:end].decode() for start, end in zip([0, *ends], ends, strict=False)]
