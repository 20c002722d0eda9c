"""Arrays in files that people bring and take: .npy, and a contact sheet of images."""

from io import BytesIO
from pathlib import Path

import numpy as np
from matplotlib.image import imsave
from numpy.typing import NDArray

from unspool.data import numpy_files
from unspool.errors import UserError
from unspool.files import write_aside

TILE = 84
"""Pixels that an image's longer side has at least on a contact sheet."""


def read_npy(path: Path) -> NDArray[np.generic]:
    """Read one array, without ever running what a file might hold beside numbers.

    Raises:
        UserError: there is no such file, or it is not a .npy file of a plain array.
    """
    try:
        return numpy_files.read_npy(path)
    except FileNotFoundError as error:
        raise UserError(f"There is no file {path}.") from error
    except (OSError, ValueError, EOFError) as error:
        reason = str(error).splitlines()[0]
        raise UserError(f"{path} cannot be read as a .npy file: {reason}. Write it with numpy.save.") from error


def write_npy(path: Path, array: NDArray[np.floating]) -> None:
    """Write one array, whole or not at all.

    Raises:
        UserError: the folder cannot be written.
    """
    content = BytesIO()
    np.save(content, array.astype(np.float32), allow_pickle=False)
    write_aside(path, content.getvalue())


def write_contact_sheet(path: Path, images: NDArray[np.floating]) -> None:
    """Write (N, T, D) images of numbers in [0, 1], 1 for ink, as one PNG: row by row on as good as a square.

    Raises:
        UserError: the folder cannot be written.
    """
    count, height, width = images.shape
    columns = int(np.ceil(np.sqrt(count)))
    rows = -(-count // columns)
    sheet = np.zeros((rows * (height + 1) + 1, columns * (width + 1) + 1))
    for number, image in enumerate(images):
        top, left = (
            place * (size + 1) + 1 for place, size in zip(divmod(number, columns), (height, width), strict=True)
        )
        sheet[top : top + height, left : left + width] = image
    scale = -(-TILE // max(height, width))
    content = BytesIO()
    imsave(content, sheet.repeat(scale, axis=0).repeat(scale, axis=1), cmap="gray_r", vmin=0, vmax=1, format="png")
    write_aside(path, content.getvalue())


def check_writable(path: Path, *endings: str) -> None:
    """Refuse a place for a result before any work is done.

    Raises:
        UserError: it has none of the endings, or its folder is not there.
    """
    if path.suffix not in endings:
        raise UserError(f"--out {path}: its name must end in {' or '.join(endings)}.")
    if not path.parent.is_dir():
        raise UserError(f"--out {path}: there is no folder {path.parent}.")
