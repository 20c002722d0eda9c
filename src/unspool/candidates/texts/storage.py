"""How a fitted model of texts lies on the disk: arrays in a safetensors file, everything else in a JSON file."""

import itertools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save as save_tensors

from unspool.data.tensor_files import read_tensors
from unspool.errors import UserError
from unspool.files import DAMAGE, read_bounded, reason_of, write_aside

Arrays = dict[str, NDArray[Any]]

ARRAYS = "text-model.safetensors"
DESCRIPTION = "text-model.json"


def write(folder: Path, description: Mapping[str, Any], arrays: Arrays) -> None:
    """Write a model's two files, each whole or not at all.

    Raises:
        UserError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_aside(folder / ARRAYS, save_tensors({name: np.ascontiguousarray(array) for name, array in arrays.items()}))
    write_aside(folder / DESCRIPTION, json.dumps(description, indent=1, ensure_ascii=True).encode())


def read(folder: Path) -> tuple[dict[str, Any], Arrays]:
    """Read what `write` wrote.

    Raises:
        UserError: the files are not there, or damaged.
    """
    try:
        description = json.loads(read_bounded(folder / DESCRIPTION))
        arrays = read_tensors(folder / ARRAYS)
    except DAMAGE as error:
        raise UserError(f"{folder} holds no model of texts that can be read ({reason_of(error)}).") from error
    if not isinstance(description, dict):
        raise UserError(f"{folder / DESCRIPTION} describes no model of texts.")
    return description, arrays


def part(arrays: Arrays, prefix: str) -> Arrays:
    """The arrays whose names begin with a prefix, without it."""
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}


def prefixed(arrays: Arrays, prefix: str) -> Arrays:
    """The arrays under names that begin with a prefix."""
    return {prefix + name: array for name, array in arrays.items()}


def pack_strings(name: str, strings: list[str]) -> Arrays:
    """Strings as bytes and where each begins.

    Example:
        >>> unpack_strings("words", pack_strings("words", ["a", "", "né"]))
        ['a', '', 'né']
    """
    raw = [one.encode("utf-8", "surrogatepass") for one in strings]
    starts = np.concatenate((np.zeros(1, np.int64), np.cumsum([len(one) for one in raw], dtype=np.int64)))
    return {f"{name}_bytes": np.frombuffer(b"".join(raw), np.uint8), f"{name}_starts": starts}


def unpack_strings(name: str, arrays: Arrays) -> list[str]:
    """The strings that `pack_strings` packed.

    Raises:
        ValueError: the arrays are none of its.
    """
    raw, starts = arrays[f"{name}_bytes"], arrays[f"{name}_starts"]
    bounds = starts.tolist()
    if raw.dtype != np.uint8 or not bounds or bounds[0] != 0 or bounds[-1] != raw.size or (np.diff(starts) < 0).any():
        raise ValueError(f"the strings of {name} are damaged")
    block = raw.tobytes()
    return [block[start:end].decode("utf-8", "surrogatepass") for start, end in itertools.pairwise(bounds)]
