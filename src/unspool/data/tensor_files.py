"""Arrays from .safetensors files, which may come from a stranger."""

from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load

from unspool import files


def read_tensors(path: Path) -> dict[str, NDArray[Any]]:
    """Read the arrays of a file by their names.

    Raises:
        ValueError: it is no such file, or an array without numbers has a length that one of the file's cannot have:
            what is made of it would have numbers.
        OSError: it cannot be read.
    """
    with files.opened(path) as handle:  # its first bytes tell of most files that are none, however large they are
        header, size = int.from_bytes(handle.read(8), "little"), handle.seek(0, 2)
    if not 2 <= header <= size - 8:
        raise ValueError("it does not begin as a .safetensors file")
    content = files.read_bounded(path, files.MOST_OF_ARRAYS)
    try:
        arrays = load(content)
    except SafetensorError as error:
        raise ValueError(str(error)) from error
    for name, array in arrays.items():
        if any(length > len(content) for length in array.shape):
            raise ValueError(f"array {name[:80]!r} has the shape {array.shape}")
    return arrays
