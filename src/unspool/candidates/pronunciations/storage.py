"""How joint n-grams lie on the disk: in one safetensors file."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.atomic_writes import write_aside
from unspool.candidates.pronunciations.joint_ngrams import MOST_ORDERS, Counts, JointNgrams
from unspool.candidates.texts.storage import pack_strings, unpack_strings
from unspool.data.tensor_files import read_tensors, tensor_bytes
from unspool.errors import UserError
from unspool.files import DAMAGE, reason_of

FILE = "joint-ngrams.safetensors"
_PARTS = ("sizes", "units", "counts")


def arrays_of(model: JointNgrams) -> dict[str, NDArray[Any]]:
    """All that a model has learned, by name."""
    found = pack_strings("letters", [*model.letters]) | pack_strings("phonemes", [*model.phonemes])
    found["units"] = model.units
    for number, counts in enumerate(model.orders, start=1):
        found |= {f"{number}.{name}": getattr(counts, name) for name in _PARTS}
    return found


def write(model: JointNgrams, folder: Path) -> None:
    """Write joint-ngrams.safetensors, whole or not at all.

    Raises:
        UserError: the folder cannot be written.
    """
    write_aside(folder / FILE, tensor_bytes(arrays_of(model)))


def read(folder: Path) -> JointNgrams:
    """Read what `write` wrote.

    Raises:
        UserError: the file is not there, or damaged.
    """
    try:
        return _model_of(read_tensors(folder / FILE))
    except DAMAGE as error:
        raise UserError(
            f"{folder / FILE} cannot be read ({reason_of(error)}). Train the model again, or get another copy."
        ) from error


def _model_of(arrays: dict[str, NDArray[Any]]) -> JointNgrams:
    numbers = range(1, 1 + sum(name.endswith(".units") for name in arrays))
    if len(numbers) > MOST_ORDERS:
        raise ValueError("the n-grams are too long")
    whole = [arrays["units"], *(arrays[f"{number}.{name}"] for number in numbers for name in _PARTS)]
    if any(one.dtype != np.int32 for one in whole) or any(one.ndim != 1 for one in whole[1:]):
        raise ValueError("an array has a wrong type or shape")
    orders = tuple(Counts(*(arrays[f"{number}.{name}"] for name in _PARTS)) for number in numbers)
    letters, phonemes = (tuple(unpack_strings(name, arrays)) for name in ("letters", "phonemes"))
    model = JointNgrams(letters, phonemes, arrays["units"], orders)
    model.check()
    return model
