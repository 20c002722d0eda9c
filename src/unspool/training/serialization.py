"""Nested values as bytes and back: JSON for what is small, safetensors for the arrays in it."""

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import deserialize
from safetensors.numpy import save

_REST = "rest"
_ARRAY, _SCALAR = "__array__", "__scalar__"
_PLAIN = (bool, int, float, str, type(None))


def to_bytes(tree: Any) -> bytes:
    """Give a safetensors file's content: each array under its place in the tree, a JSON pointer, and the rest as JSON.

    Args:
        tree: dicts with texts as keys, lists and tuples, of None, bools, numbers, texts, and NumPy or JAX arrays.

    Raises:
        TypeError: it holds something else; names the place.
    """
    arrays: dict[str, NDArray[Any]] = {}
    text = json.dumps(_without_arrays(tree, "", arrays))
    return save(arrays | {_REST: np.frombuffer(text.encode(), np.uint8)})


def from_bytes(content: bytes) -> Any:
    """Read the tree back: lists for tuples, NumPy arrays for arrays, every number and bit as it was.

    Example:
        >>> from_bytes(to_bytes({"epoch": 3, "best": [np.float32(0.1), np.arange(2)]}))
        {'epoch': 3, 'best': [np.float32(0.1), array([0, 1])]}
    """
    tensors = dict(deserialize(content))  # type: ignore[no-untyped-call]
    return _with_arrays(json.loads(tensors[_REST]["data"]), "", tensors)


def _without_arrays(value: Any, place: str, arrays: dict[str, NDArray[Any]]) -> Any:
    if type(value) in _PLAIN:
        return value
    if isinstance(value, dict):
        if not all(type(key) is str for key in value):
            raise TypeError(f"{place or '/'} is a dict with a key that is not a text")
        return {key: _without_arrays(item, _below(place, key), arrays) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_arrays(item, _below(place, number), arrays) for number, item in enumerate(value)]
    array = np.asarray(value, order="C")
    if not hasattr(value, "__array__") or array.dtype.kind in "OUSMm":
        raise TypeError(f"{place or '/'} is {type(value).__name__} ({value!r:.60}), which a checkpoint cannot hold")
    arrays[place] = array
    return {_SCALAR if isinstance(value, np.generic) else _ARRAY: array.dtype.name}


def _with_arrays(value: Any, place: str, tensors: dict[str, Any]) -> Any:
    if isinstance(value, list):
        return [_with_arrays(item, _below(place, number), tensors) for number, item in enumerate(value)]
    if not isinstance(value, dict):
        return value
    if value.keys() == {_ARRAY} or value.keys() == {_SCALAR}:
        ((kind, dtype),) = value.items()
        tensor = tensors[place]
        array = np.frombuffer(tensor["data"], dtype).reshape(tensor["shape"])
        return array if kind == _ARRAY else array[()]
    return {key: _with_arrays(item, _below(place, key), tensors) for key, item in value.items()}


def _below(place: str, key: str | int) -> str:
    """A JSON pointer (RFC 6901) one step further down."""
    return f"{place}/{str(key).replace('~', '~0').replace('/', '~1')}"


def copied(tree: Any) -> Any:
    """The same tree in new dicts and lists, with the arrays themselves: what is appended to one stays out of the other.

    Example:
        >>> history = {"loss": [0.7]}
        >>> kept = copied(history)
        >>> history["loss"].append(0.6)
        >>> kept
        {'loss': [0.7]}
    """
    if isinstance(tree, dict):
        return {key: copied(value) for key, value in tree.items()}
    if isinstance(tree, list | tuple):
        return [copied(value) for value in tree]
    return tree
