"""Arrays from a safetensors file: a header in JSON, then the numbers of all arrays end to end, without gaps."""

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[Any]]

MOST_HEADER = 1 << 24
MOST_ARRAYS = 1 << 14
MOST_DIMENSIONS = 8
TYPES = {"F64": "<f8", "F32": "<f4", "I64": "<i8", "I32": "<i4", "U8": "|u1", "I8": "|i1", "F16": "<f2"}


def read_tensors(data: memoryview) -> Arrays:
    """Read arrays, which share the memory of `data` where it is aligned for their numbers.

    Args:
        data: the whole file.

    Raises:
        ValueError: it is no such file, or its arrays do not cover its bytes one after the other.

    Example:
        >>> header = b'{"x":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}'
        >>> read_tensors(memoryview(len(header).to_bytes(8, "little") + header + b"\\x07\\x09"))["x"].tolist()
        [7, 9]
    """
    if len(data) < 8:
        raise ValueError("it has no header")
    size = int.from_bytes(data[:8], "little")
    if size > min(len(data) - 8, MOST_HEADER):
        raise ValueError("its header is longer than it")
    header = json.loads(bytes(data[8 : 8 + size]))
    if not isinstance(header, dict) or len(header) > MOST_ARRAYS:
        raise ValueError("its header describes no arrays")
    header.pop("__metadata__", None)
    body = data[8 + size :]
    places = sorted(((_described(name, entry), name) for name, entry in header.items()), key=lambda one: one[0][2:])
    found, end = {}, 0
    for (kind, shape, start, stop), name in places:
        if start != end or stop > len(body):
            raise ValueError(f"the array {name!r} does not begin where the one before it ends")
        found[name] = _array(body[start:stop], kind, shape)
        end = stop
    if end != len(body):
        raise ValueError("there are bytes that belong to no array")
    return found


def _described(name: str, entry: Any) -> tuple[str, tuple[int, ...], int, int]:
    try:
        kind, shape, (start, stop) = TYPES[entry["dtype"]], tuple(entry["shape"]), entry["data_offsets"]
        numbers = [*shape, start, stop]
        if len(shape) > MOST_DIMENSIONS or any(type(one) is not int or not 0 <= one < 1 << 48 for one in numbers):
            raise ValueError
        count = 1
        for one in shape:
            count *= one
        if stop - start != count * np.dtype(kind).itemsize:
            raise ValueError
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"the array {name!r} has a type, a shape or a place that cannot be") from error
    return kind, shape, start, stop


def _array(data: memoryview, kind: str, shape: tuple[int, ...]) -> NDArray[Any]:
    array = np.frombuffer(data, kind) if len(data) else np.zeros(0, kind)
    return (array if array.flags.aligned else array.copy()).reshape(shape)
