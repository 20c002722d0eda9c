"""What a .keras file may hold: checked before Keras sees it, as it may come from a stranger.

Keras reads such a file by calling whatever classes and functions it names, and its HDF5 part can point to other files.
Several ways to run code, read files or fill the memory so have been published (CVE-2024-3660, 2025-1550, 2025-8747,
2025-9905, 2025-9906, 2025-49655, 2026-0897, 2026-1462, 2026-1669, 2026-9335, 2026-12479 to 12481, 2026-12570). What is
allowed here is only what Keras writes for a model of known layers: three plain members, known classes, and arrays of
numbers that lie in the file themselves.
"""

import io
import json
import zipfile
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py

from unspool import layers
from unspool.errors import UserError
from unspool.models.encoder_decoder import EncoderDecoderModel
from unspool.models.known_classes import KNOWN
from unspool.models.transformer import TransformerModel

CONFIG, WEIGHTS, METADATA = "config.json", "model.weights.h5", "metadata.json"
LARGEST = {CONFIG: 1 << 24, WEIGHTS: 1 << 31, METADATA: 1 << 16}
"""Bytes that each member has at most."""

_MOST_IN_HEADER = 1 << 16
"""Bytes of an array that lies in its own header, at most, by the format."""

_MODELS = {value.__name__: value for value in (EncoderDecoderModel, TransformerModel)}
_OURS = {f"unspool>{name}": value for name, value in (vars(layers) | _MODELS).items() if isinstance(value, type)}


class Refused(Exception):
    """A file holds what no model needs; the message says what, and where."""


@dataclass(frozen=True, eq=False)
class KerasFile:
    """A file that has passed.

    Attributes:
        config: how the model is built.
        numbers: how many the file stores for its weights, the optimizer's left out.
    """

    config: dict[str, Any]
    numbers: int


def read_keras_file(path: Path) -> KerasFile:
    """Check a .keras file; nothing that it names is called, nothing outside it read.

    Args:
        path: of the file; a link is not followed.

    Raises:
        UserError: there is no such file, or it is damaged.
        Refused: it holds something that a model of known layers has no need of.
    """
    if path.is_symlink():
        raise Refused("it is a link to another file")
    if not path.is_file():
        raise UserError(f"{path} is not there. Run the recipe or train the model again.")
    with zipfile.ZipFile(path) as archive:
        members = _members(archive, path.stat().st_size)
        config = _configuration(archive.read(members[CONFIG]))
        return KerasFile(config, _check_weights(archive.read(members[WEIGHTS])))


def _members(archive: zipfile.ZipFile, size: int) -> dict[str, zipfile.ZipInfo]:
    found: dict[str, zipfile.ZipInfo] = {}
    for info in archive.infolist():
        name = info.filename
        if name not in LARGEST:
            raise Refused(f"its member {name[:80]!r} is not one of {', '.join(LARGEST)}")
        if name in found:
            raise Refused(f"its member {name} is there twice")
        if info.compress_type != zipfile.ZIP_STORED or info.file_size != info.compress_size:
            raise Refused(f"its member {name} is compressed, which Keras never does")
        if info.file_size > LARGEST[name]:
            raise Refused(f"its member {name} has {info.file_size:,} bytes, more than {LARGEST[name]:,}")
        found[name] = info
    if sum(info.file_size for info in found.values()) > size:
        raise Refused("its members are together larger than the file")
    for name in (CONFIG, WEIGHTS):
        if name not in found:
            raise Refused(f"it has no member {name}")
    return found


def _configuration(text: bytes) -> dict[str, Any]:
    try:
        config = json.loads(text)
        if not isinstance(config, dict):
            raise Refused(f"{CONFIG} describes no model")
        for named in _named(config):
            _check_class(named)
            _check_nodes(named)
    except RecursionError as error:
        raise Refused(f"{CONFIG} is nested too deep") from error
    return config


def _named(value: Any) -> Iterator[dict[str, Any]]:
    """Every object within that names something to be built."""
    if isinstance(value, dict):
        if value.keys() & {"class_name", "registered_name", "module", "spec_name"}:
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from _named(part)


def _check_class(named: dict[str, Any]) -> None:
    module, name, registered = (named.get(key) for key in ("module", "class_name", "registered_name"))
    place = f"{module}.{name}" if module else str(name)
    _check_name(named.get("config"))
    if name in ("Lambda", "__lambda__"):
        raise Refused(f"it holds Python code ({place[:80]})")
    ours = _OURS.get(registered) if isinstance(registered, str) else None
    if ours is not None:
        known = (ours.__module__, ours.__name__) == (module, name)
    else:
        known = isinstance(name, str) and isinstance(module, str | None) and name in KNOWN.get(module, ())
        known = known and registered in (None, name)
    if not known:
        said = f" registered as {registered!r}" if registered not in (None, name) else ""
        raise Refused(f"it names {place[:80]}{said[:80]}, which is not a layer or operation that unspool knows")


def _check_nodes(named: dict[str, Any]) -> None:
    """Every call in a graph must read a tensor: Keras would compute one of mere numbers at once, however large."""
    nodes = named.get("inbound_nodes")
    for node in nodes if isinstance(nodes, list) else []:
        if all(one.get("class_name") != "__keras_tensor__" for one in _named(node)):
            raise Refused(f"{str(named.get('name'))[:80]!r} is called without a tensor")


def _check_name(config: Any) -> None:
    """Keras makes folders of the names of layers when it saves a model."""
    name = config.get("name") if isinstance(config, dict) else None
    if isinstance(name, str) and (name in (".", "..") or "/" in name or "\\" in name):
        raise Refused(f"a layer of it is called {name[:80]!r}, which is a path")


def _check_weights(content: bytes) -> int:
    """Walk through the HDF5 part; the result is how many numbers it stores, the optimizer's left out."""
    with h5py.File(io.BytesIO(content), "r") as file:
        seen: set[Any] = set()
        stored = _Stored()
        numbers = 0
        for place, dataset in _datasets(file, "", seen):
            stored.add(dataset, f"{WEIGHTS}: {place[:80]}")
            numbers += 0 if place.startswith("/optimizer/") else dataset.size
        return numbers


class _Stored:
    """Where the arrays of an HDF5 part lie: several that share their bytes would be more in memory than in the file."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []

    def add(self, dataset: h5py.Dataset, shown: str) -> None:
        if dataset.nbytes == 0:
            return
        start = dataset.id.get_offset()
        if start is None:  # as part of its header, which no other array shares
            if dataset.nbytes > _MOST_IN_HEADER:
                raise Refused(f"{shown} has numbers that are stored nowhere")
            return
        end = start + dataset.nbytes
        place = bisect_right(self._starts, start)
        overlaps = (place > 0 and self._ends[place - 1] > start) or (
            place < len(self._starts) and self._starts[place] < end
        )
        if overlaps:
            raise Refused(f"{shown} shares its numbers with another array")
        self._starts.insert(place, start)
        self._ends.insert(place, end)


def _datasets(group: h5py.Group, place: str, seen: set[Any]) -> Iterator[tuple[str, h5py.Dataset]]:
    for name in group:
        here = f"{place}/{name}"
        shown = f"{WEIGHTS}: {here[:80]}"
        if not isinstance(group.get(name, getlink=True), h5py.HardLink):
            raise Refused(f"{shown} is a link")
        member = group[name]
        address = h5py.h5o.get_info(member.id).addr
        if address in seen:
            raise Refused(f"{shown} is there under another name too")
        seen.add(address)
        if isinstance(member, h5py.Group):
            yield from _datasets(member, here, seen)
        elif isinstance(member, h5py.Dataset):
            _check_dataset(member, shown)
            yield here, member
        else:
            raise Refused(f"{shown} is neither a group nor an array")


def _check_dataset(dataset: h5py.Dataset, shown: str) -> None:
    if dataset.external or dataset.is_virtual:
        raise Refused(f"{shown} keeps its numbers in another file")
    if dataset.dtype.kind not in "fiub":
        raise Refused(f"{shown} holds {dataset.dtype}, not numbers")
    if dataset.chunks is not None or dataset.id.get_storage_size() != dataset.nbytes:
        raise Refused(f"{shown} has the shape {dataset.shape}, but its numbers are not all stored as they are")
