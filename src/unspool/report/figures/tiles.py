"""Sequences drawn as small images: a row for each time step, a column for each feature, the darker the larger."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from numpy.typing import NDArray

from unspool.report.figures.parts import remove_frame
from unspool.report.figures.theme import INK

Floats = NDArray[np.floating]

_GAP_SHARE = 0.08  # of a tile's longer side


def mosaic(tiles: Floats, gap: int) -> Floats:
    """Lay tiles (R, C, T, D) out as one image, `gap` zeros between neighbours.

    Returns:
        (R * T + (R - 1) * gap, C * D + (C - 1) * gap).

    Example:
        >>> mosaic(np.ones((1, 2, 1, 2)), gap=1).tolist()
        [[1.0, 1.0, 0.0, 1.0, 1.0]]
    """
    rows, columns, length, features = tiles.shape
    spaced = np.zeros((rows, columns, length + gap, features + gap), dtype=tiles.dtype)
    spaced[:, :, :length, :features] = tiles
    whole = spaced.swapaxes(1, 2).reshape(rows * (length + gap), columns * (features + gap))
    return whole[: len(whole) - gap, : whole.shape[1] - gap]


def ink(values: Floats) -> NDArray[np.uint8]:
    """Return an image (H, W, 4) that is transparent where values (H, W) are 0 and ink where they are 1.

    What is transparent takes the colour of any paper, so that one image serves a light page and a dark one.
    """
    image = np.empty((*values.shape, 4), dtype=np.uint8)
    image[..., :3] = np.rint(255 * np.array(to_rgb(INK)))
    image[..., 3] = np.rint(255 * np.clip(values, 0, 1))
    return image


def gap_between(tiles: Floats) -> int:
    """Return the gap that suits tiles (..., T, D), in pixels."""
    return max(1, round(_GAP_SHARE * int(max(tiles.shape[-2:]))))


def draw_tiles(axes: Axes, tiles: Floats, row_names: Sequence[str] = (), column_names: Sequence[str] = ()) -> None:
    """Draw tiles (R, C, T, D), with a name at the left of each row and above each column, where there are names."""
    gap = gap_between(tiles)
    axes.imshow(ink(mosaic(tiles, gap)), interpolation="none")
    _, _, length, features = tiles.shape
    axes.set_yticks([row * (length + gap) + (length - 1) / 2 for row in range(len(row_names))], row_names)
    axes.set_xticks([column * (features + gap) + (features - 1) / 2 for column in range(len(column_names))])
    axes.set_xticklabels(column_names)
    axes.xaxis.tick_top()
    remove_frame(axes)
