"""Splits a description with arrays in it into JSON values and arrays by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.candidates.texts.storage import unpack_strings
from unspool.data.ragged import offsets_of
from unspool.errors import UserError
from unspool.export.rounding import Weights, rounded

Arrays = dict[str, NDArray[Any]]
Node = dict[str, Any]
"""A part of a description: plain values and arrays by name."""

_KINDS = (np.float64, np.float32, np.int64, np.int32, np.uint8)
"""The types of arrays that an exported model may have."""


@dataclass(frozen=True)
class Strings:
    """Many strings, which are stored as their bytes and where each begins."""

    values: tuple[str, ...]

    @classmethod
    def of(cls, arrays: Arrays, name: str) -> "Strings":
        """The strings that `storage.pack_strings` packed under a name."""
        return cls(tuple(unpack_strings(name, arrays)))


class Matrix(np.ndarray[tuple[int, ...], np.dtype[np.float32]]):
    """A matrix whose weights may be rounded, as each output sums over many of them."""

    @classmethod
    def of(cls, array: NDArray[Any]) -> "Matrix":
        """Mark an array as such a matrix."""
        return np.ascontiguousarray(array, np.float32).view(cls)


def node_by(
    makers: Mapping[str, Callable[[Node, Arrays], Node]], what: str, kind: str, plain: Node, arrays: Arrays
) -> Node:
    """Describe a part of a model by the maker for its kind.

    Raises:
        UserError: there is none; names `what` and the kind.
    """
    if kind not in makers:
        raise UserError(f"A {what} of the kind {kind!r} cannot be exported.")
    return makers[kind](plain, arrays)


def double(array: NDArray[Any]) -> NDArray[np.float64]:
    """Convert an array to float64."""
    return np.asarray(array, np.float64)


def trees_node(arrays: Arrays) -> dict[str, Any]:
    """Describe trees by their arrays."""
    nodes: dict[str, Any] = {name: np.asarray(arrays[name], np.int32) for name in ("roots", "feature", "left", "right")}
    return nodes | {"threshold": double(arrays["threshold"]), "values": np.asarray(arrays["values"], np.float32)}


def pack(tree: Any, path: str, weights: Weights = "float32") -> tuple[Any, Arrays]:
    """Split a tree: an array in it becomes `{"array": name}`, and `Strings` become `{"strings": name}`.

    Names are the paths in the tree. Strings are two arrays, `name.bytes` and `name.starts`.

    Args:
        tree: dicts, lists and JSON values, with arrays, `Matrix` and `Strings` in them.
        path: the name of the tree, with which all paths begin.
        weights: the type in which a `Matrix` is stored.

    Returns:
        The tree with references, and the arrays by name.

    Raises:
        TypeError: a value can be stored neither as JSON nor as an array of a portable model.

    Example:
        >>> plain, arrays = pack({"kind": "dense", "weights": [np.zeros(2, np.float32)]}, "head")
        >>> plain, list(arrays)
        ({'kind': 'dense', 'weights': [{'array': 'head.weights.0'}]}, ['head.weights.0'])
    """
    if isinstance(tree, Matrix):
        return {"array": path}, rounded(np.asarray(tree), weights, path)
    if isinstance(tree, np.ndarray):
        if tree.dtype not in _KINDS:
            raise TypeError(f"{path} is an array of {tree.dtype}, which a portable model cannot hold")
        return {"array": path}, {path: np.ascontiguousarray(tree)}
    if isinstance(tree, Strings):
        return {"strings": path}, _packed(tree.values, path)
    if isinstance(tree, dict):
        parts = {name: pack(value, f"{path}.{name}", weights) for name, value in tree.items()}
        return {name: plain for name, (plain, _) in parts.items()}, _joined([held for _, held in parts.values()])
    if isinstance(tree, list | tuple):
        found = [pack(value, f"{path}.{place}", weights) for place, value in enumerate(tree)]
        return [plain for plain, _ in found], _joined([held for _, held in found])
    if tree is None or isinstance(tree, bool | int | float | str):
        return tree, {}
    raise TypeError(f"{path} is {type(tree).__name__}, which a portable model cannot hold")


def _packed(texts: tuple[str, ...], path: str) -> Arrays:
    raw = [one.encode("utf-8", "surrogatepass") for one in texts]
    starts = offsets_of([len(one) for one in raw])
    return {f"{path}.bytes": np.frombuffer(b"".join(raw), np.uint8), f"{path}.starts": starts}


def _joined(parts: list[Arrays]) -> Arrays:
    return {name: array for part in parts for name, array in part.items()}
