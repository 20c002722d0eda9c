"""How a fitted model lies in a folder: arrays in a safetensors file, all else in a JSON file. Nothing is code."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from numpy.typing import NDArray

from unspool.atomic_writes import write_aside
from unspool.data.tensor_files import read_tensors, tensor_bytes
from unspool.errors import UserError
from unspool.files import DAMAGE, read_bounded, reason_of

Arrays = dict[str, NDArray[Any]]
Model = TypeVar("Model")


def prefixed(arrays: Arrays, prefix: str) -> Arrays:
    """The same arrays with a prefix before their names."""
    return {prefix + name: array for name, array in arrays.items()}


def unprefixed(arrays: Arrays, prefix: str) -> Arrays:
    """The arrays whose names begin with a prefix, under the rest of their names."""
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}


def write(folder: Path, stem: str, description: Mapping[str, Any], arrays: Arrays) -> None:
    """Write a model's two files, each whole or not at all.

    Raises:
        UserError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_aside(folder / f"{stem}.safetensors", tensor_bytes(arrays))
    write_aside(folder / f"{stem}.json", json.dumps(description, indent=1).encode())


def read(folder: Path, stem: str, what: str, make: Callable[[dict[str, Any], Arrays], Model]) -> Model:
    """Make a model again of what `write` wrote.

    Args:
        folder: where it lies.
        stem: of its files' names.
        what: it reads, as in "texts".
        make: gets the description and the arrays.

    Raises:
        UserError: a file is not there or damaged; names it.
    """
    described, stored = folder / f"{stem}.json", folder / f"{stem}.safetensors"
    at_fault = str(described)
    try:
        description = json.loads(read_bounded(described))
        at_fault = str(stored)
        arrays = read_tensors(stored)
        at_fault = f"{described} or {stored.name}"
        return make(description, arrays)
    except DAMAGE as error:
        raise UserError(
            f"{at_fault} is damaged: no model of {what} can be read from it ({reason_of(error)}). Train the "
            "model again, or get another copy."
        ) from error
