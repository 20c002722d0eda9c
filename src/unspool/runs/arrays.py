"""Arrays in files that people bring and take: .npy, and a contact sheet of images."""

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.image import imsave
from numpy.typing import NDArray

from unspool.atomic_writes import write_aside
from unspool.data import numpy_files
from unspool.errors import UserError
from unspool.files import (
    DAMAGE,
    FOR_OUTPUT,
    linked,
    reason_of,
    refuse_input,
    refuse_inside,
    refuse_missing_array,
    refuse_special,
)

TILE = 84
"""Pixels that an image's longer side has at least on a contact sheet."""

MOST_IMAGES = 2_500
"""On a contact sheet: some 4,000 pixels a side."""


def read_npy(path: Path) -> NDArray[np.generic]:
    """Read one array, without ever running what a file might hold beside numbers.

    Raises:
        UserError: there is no such file, or it is not a .npy file of a plain array.
    """
    refuse_missing_array(path)
    try:
        return numpy_files.read_npy(path)
    except DAMAGE as error:
        raise UserError(
            f"{path} cannot be read as a .npy file: {reason_of(error)}. Write it with numpy.save."
        ) from error


def write_npy(path: Path, array: NDArray[np.floating]) -> None:
    """Write one array, whole or not at all.

    Raises:
        UserError: the folder cannot be written.
    """
    content = BytesIO()
    np.save(content, array.astype(np.float32), allow_pickle=False)
    write_aside(linked(path), content.getvalue())


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
    write_aside(linked(path), content.getvalue())


def write_sequences(path: Path, sequences: NDArray[np.floating], beside: NDArray[Any] | None = None) -> None:
    """Write (N, T, D) sequences, to a .npy file as numbers, to a .png file as a contact sheet.

    Args:
        path: of the file.
        sequences: numbers in [0, 1] where they become a sheet.
        beside: of the same shape; on a sheet each stands left of its sequence.

    Raises:
        UserError: the folder cannot be written.
    """
    if path.suffix != ".png":
        write_npy(path, sequences)
    elif beside is None:
        write_contact_sheet(path, sequences)
    else:
        gap = np.zeros((*sequences.shape[:2], 1))
        write_contact_sheet(path, np.concatenate([beside, gap, sequences], axis=2))


def check_sheet(path: Path, count: int, grey: bool) -> None:
    """Refuse to write what is no sheet of images, where a .png is asked for.

    Args:
        path: of the result.
        count: images.
        grey: whether their numbers are grey values, in [0, 1].

    Raises:
        UserError: they are no grey values, or too many.
    """
    if path.suffix != ".png":
        return
    if not grey:
        raise UserError(f"--out {path}: this autoencoder's outputs are not grey values. Name a .npy file.")
    if count > MOST_IMAGES:
        raise UserError(
            f"--out {path}: a sheet holds {MOST_IMAGES:,} images at most, not {count:,}. Name a .npy file, or give "
            "fewer."
        )


def check_writable(path: Path, run: Path, *endings: str, inputs: tuple[Path, ...] = ()) -> None:
    """Refuse a place for a result before any work is done.

    Args:
        path: of the result.
        run: the folder of the model, which holds files of its own only.
        endings: that its name may have.
        inputs: what is read.

    Raises:
        UserError: it has none of the endings, its folder is not there or that of the model, or it is a folder, a
            pipe, a device, or a file that is read.
    """
    if path.suffix not in endings:
        raise UserError(f"--out {path}: its name must end in {' or '.join(endings)}.")
    if not path.parent.is_dir():
        raise UserError(f"--out {path}: there is no folder {path.parent}.")
    if path.is_dir():
        raise UserError(f"--out {path} is a folder. Name a file.")
    refuse_special(path, FOR_OUTPUT)
    refuse_inside(path, run)
    refuse_input(path, *inputs)
