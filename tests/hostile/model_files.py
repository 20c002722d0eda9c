"""Attacks by .keras file, each made from a good one: those that were published, and some of the same kinds."""

import base64
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np

CONFIG, WEIGHTS = "config.json", "model.weights.h5"

Members = dict[str, bytes]
Attack = Callable[[Members, Path], None]
"""Changes a good file's members; the path is of a file outside, which must neither be read nor written."""


def _config(change: Callable[[dict[str, Any], Path], None]) -> Attack:
    def attack(members: Members, outside: Path) -> None:
        config = json.loads(members[CONFIG])
        change(config, outside)
        members[CONFIG] = json.dumps(config).encode()

    return attack


def _weights(change: Callable[[h5py.File, Path], None]) -> Attack:
    def attack(members: Members, outside: Path) -> None:
        content = io.BytesIO(members[WEIGHTS])
        with h5py.File(content, "r+") as file:
            change(file, outside)
        members[WEIGHTS] = content.getvalue()

    return attack


def _layer(module: str | None, name: str, config: Any, registered: str | None = None) -> Attack:
    """In the place of the last layer, another."""

    def change(model: dict[str, Any], outside: Path) -> None:
        filled = json.loads(json.dumps(config).replace("OUTSIDE", str(outside)))
        last = model["config"]["layers"][-1]
        last |= {"module": module, "class_name": name, "config": filled, "registered_name": registered}

    return _config(change)


def _function(module: str, name: str) -> dict[str, Any]:
    return {"module": module, "class_name": "function", "config": name, "registered_name": name}


CODE = base64.b64encode(b"import os").decode()
LAMBDA = {"class_name": "__lambda__", "config": {"value": [CODE, None, None]}}


def _first_array(file: h5py.File) -> h5py.Group:
    return file["layers/embedding/vars"]


def _external_link(file: h5py.File, outside: Path) -> None:
    del _first_array(file)["0"]
    _first_array(file)["0"] = h5py.ExternalLink(str(outside), "secret")


def _soft_link(file: h5py.File, outside: Path) -> None:
    del _first_array(file)["0"]
    _first_array(file)["0"] = h5py.SoftLink("/layers/dense/vars/0")


def _external_storage(file: h5py.File, outside: Path) -> None:
    shape = _first_array(file)["0"].shape
    del _first_array(file)["0"]
    _first_array(file).create_dataset("0", shape, "f4", external=[(str(outside), 0, int(np.prod(shape)) * 4)])


def _virtual(file: h5py.File, outside: Path) -> None:
    shape = _first_array(file)["0"].shape
    del _first_array(file)["0"]
    layout = h5py.VirtualLayout(shape, "f4")
    layout[:] = h5py.VirtualSource(str(outside), "secret", shape)
    _first_array(file).create_virtual_dataset("0", layout)


def _shape_bomb(file: h5py.File, outside: Path) -> None:
    del _first_array(file)["0"]
    _first_array(file).create_dataset("0", (1 << 30, 1 << 10), "f4", chunks=(1024, 1024), fillvalue=1)


def _packed(file: h5py.File, outside: Path) -> None:
    del _first_array(file)["0"]
    _first_array(file).create_dataset("0", data=np.zeros(50_000_000, "f4"), compression="gzip")


def _circle(file: h5py.File, outside: Path) -> None:
    file["layers/again"] = file["layers"]


def _shared_bytes(members: Members, outside: Path) -> None:
    """An array of its own name and header, whose numbers are those of another."""
    content = io.BytesIO(members[WEIGHTS])
    with h5py.File(content, "r+") as file:
        first = _first_array(file)["0"]
        copies = [_first_array(file).create_dataset(f"copy{n}", data=np.full(first.shape, n, "f4")) for n in range(2)]
        there, here = copies[0].id.get_offset(), copies[1].id.get_offset()
    raw = content.getvalue()
    assert raw.count(here.to_bytes(8, "little")) == 1
    members[WEIGHTS] = raw.replace(here.to_bytes(8, "little"), there.to_bytes(8, "little"))


def _beyond_the_end(members: Members, outside: Path) -> None:
    content = io.BytesIO(members[WEIGHTS])
    with h5py.File(content, "r+") as file:
        last = _first_array(file).create_dataset("last", data=np.ones(1000, "f4"))
        here = last.id.get_offset()
    raw = content.getvalue()
    members[WEIGHTS] = raw.replace(here.to_bytes(8, "little"), (len(raw) - 400).to_bytes(8, "little"))


def _many_units(model: dict[str, Any], outside: Path) -> None:
    for layer in model["config"]["layers"]:
        if layer["class_name"] == "Embedding":
            layer["config"]["input_dim"] = 10**10


def _deep(members: Members, outside: Path) -> None:
    members[CONFIG] = b"[" * 200_000 + b"]" * 200_000


def _named(name: str) -> Attack:
    """The last layer is called otherwise, wherever it is named."""

    def attack(members: Members, outside: Path) -> None:
        members[CONFIG] = members[CONFIG].replace(b'"head"', json.dumps(name.replace("OUTSIDE", str(outside))).encode())

    return attack


def _member(name: str) -> Attack:
    def attack(members: Members, outside: Path) -> None:
        members[name.replace("OUTSIDE", str(outside))] = b"written"

    return attack


ATTACKS: dict[str, tuple[Attack, str]] = {
    "CVE-2024-3660, code in a Lambda layer": (
        _layer("keras.layers", "Lambda", {"name": "x", "function": LAMBDA}),
        "it holds Python code (keras.layers.Lambda)",
    ),
    "CVE-2025-1550, a function of any module": (
        _layer("os", "function", "system"),
        "it names os.function, which is not a layer",
    ),
    "CVE-2025-8747, Keras's own get_file": (
        _layer("keras.layers", "Activation", {"activation": _function("keras.utils", "get_file")}),
        "it names keras.utils.function registered as 'get_file', which is not a layer",
    ),
    "CVE-2025-8747, switching safe mode off": (
        _layer("keras.config", "function", "enable_unsafe_deserialization"),
        "it names keras.config.function, which is not a layer",
    ),
    "CVE-2025-9906, code in a compiled loss": (
        _config(lambda model, outside: model.update(compile_config={"loss": LAMBDA})),
        "it holds Python code (__lambda__)",
    ),
    "CVE-2025-49655, TorchModuleWrapper's pickle": (
        _layer("keras.layers", "TorchModuleWrapper", {"module": CODE}),
        "it names keras.layers.TorchModuleWrapper, which is not a layer",
    ),
    "CVE-2025-12058, StringLookup that reads a file": (
        _layer("keras.layers", "StringLookup", {"vocabulary": "OUTSIDE"}),
        "it names keras.layers.StringLookup, which is not a layer",
    ),
    "CVE-2026-1462, TFSMLayer that loads a SavedModel": (
        _layer("keras.layers", "TFSMLayer", {"filepath": "OUTSIDE"}),
        "it names keras.layers.TFSMLayer, which is not a layer",
    ),
    "CVE-2026-1669, HDF5 external storage": (_weights(_external_storage), "keeps its numbers in another file"),
    "CVE-2026-12479, a layer whose name leaves the folder": (
        _named(".."),
        "a layer of it is called '..', which is a path",
    ),
    "a layer whose name is a path": (_named("OUTSIDE"), "which is a path"),
    "CVE-2026-12481, a Lambda within another layer": (
        _layer(
            "keras.layers",
            "TimeDistributed",
            {"layer": {"module": "keras.layers", "class_name": "Lambda", "config": {"function": LAMBDA}}},
        ),
        "it holds Python code (keras.layers.Lambda)",
    ),
    "CVE-2026-9335, HDF5 external link": (_weights(_external_link), "is a link"),
    "CVE-2026-12480, HDF5 virtual dataset": (_weights(_virtual), "keeps its numbers in another file"),
    "HDF5 soft link": (_weights(_soft_link), "is a link"),
    "HDF5 groups in a circle": (_weights(_circle), "is there under another name too"),
    "CVE-2026-0897 and 12570, HDF5 shape bomb": (_weights(_shape_bomb), "its numbers are not all stored as they are"),
    "HDF5 packed array": (_weights(_packed), "its numbers are not all stored as they are"),
    "HDF5 arrays that share their bytes": (_shared_bytes, "shares its numbers with another array"),
    "an HDF5 array beyond the end": (_beyond_the_end, "cannot be read as a model"),
    "a layer of 80 billion weights": (_config(_many_units), "weights, but it stores"),
    "a layer that repeats what it reads a billion times": (
        _layer("keras.layers", "RepeatVector", {"name": "head", "n": 10**9}, None),
        "numbers of an example",
    ),
    "another's class under our name": (
        _layer("subprocess", "Popen", {"args": ["touch", "OUTSIDE"]}, "unspool>LSTM"),
        "it names subprocess.Popen registered as 'unspool>LSTM', which is not a layer",
    ),
    "a class without a module": (_layer(None, "Lambda", {"function": LAMBDA}), "it holds Python code (Lambda)"),
    "a path out of the archive": (_member("../written"), "its member '../written' is not one of"),
    "an absolute path": (_member("OUTSIDE"), "is not one of"),
    "an asset": (_member("assets/layers/x.txt"), "its member 'assets/layers/x.txt' is not one of"),
    "a deeply nested description": (_deep, "config.json is nested too deep"),
}


def write_attack(good: Path, bad: Path, attack: Attack, outside: Path) -> None:
    """Write a .keras file that is `good` but for the attack."""
    with zipfile.ZipFile(good) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    attack(members, outside)
    write_archive(bad, members)


def write_archive(path: Path, members: Members, compression: int = zipfile.ZIP_STORED) -> None:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def write_bomb(good: Path, bad: Path) -> None:
    """400 MB of zeros, packed a thousandfold."""
    with zipfile.ZipFile(good) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    write_archive(bad, members | {CONFIG: bytes(400_000_000)}, zipfile.ZIP_DEFLATED)


def write_legacy_h5(bad: Path) -> None:
    """CVE-2025-9905: a file in the older format, for which safe mode did not hold, under a .keras name."""
    with h5py.File(bad, "w") as file:
        file.attrs["model_config"] = json.dumps({"class_name": "Lambda", "config": {"function": [CODE, None, None]}})
