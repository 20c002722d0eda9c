"""How enlarged images are judged.

Targets are the true images and outputs the enlarged ones, both (N, pixels) whole grey values from 0 to 255.
"""

import numpy as np
from numpy.typing import NDArray

from unspool.errors import UserError
from unspool.evaluation.measures import weighted
from unspool.evaluation.measures.measure import Figure, Measure, Outputs, Targets
from unspool.evaluation.wording import decibels_with_interval, difference_with_interval, three_digits

WHITE = 255
"""The largest grey value."""

Images = NDArray[np.floating]
"""(N, T, D) grey values in [0, 1]."""


def as_grey(images: Images) -> NDArray[np.uint8]:
    """Clip (N, T, D) images to [0, 1], as they are scored.

    Example:
        >>> as_grey(np.array([[[0.5, 1.2], [-1.0, 0.0]]])).tolist()
        [[128, 255, 0, 0]]
    """
    grey: NDArray[np.uint8] = np.rint(WHITE * np.clip(images, 0, 1)).astype(np.uint8)
    return grey.reshape(len(images), -1)


def shrunk(images: Images, factor: int) -> NDArray[np.float32]:
    """Shrink (N, T, D) images to (N, T / factor, D / factor): each pixel is the mean of a square of pixels.

    Raises:
        UserError: the factor does not divide the rows or the columns.

    Example:
        >>> shrunk(np.array([[[0.0, 1.0], [1.0, 1.0]]]), 2).tolist()
        [[[0.75]]]
    """
    count, rows, columns = images.shape
    if rows % factor or columns % factor:
        raise UserError(
            f"Images of {rows} rows of {columns} pixels cannot be shrunk by {factor}. Choose a factor that "
            "divides both."
        )
    squares = images.reshape(count, rows // factor, factor, columns // factor, factor)
    small: NDArray[np.float32] = squares.mean(axis=(2, 4)).astype(np.float32)
    return small


def squared_errors(targets: Targets, outputs: Outputs) -> NDArray[np.float64]:
    """Return the mean squared error of each image, (N,), of grey values from 0 to 1."""
    difference = (np.asarray(targets, np.float32) - np.asarray(outputs, np.float32)) / WHITE
    errors: NDArray[np.float64] = np.square(difference).mean(axis=1, dtype=np.float64)
    return errors


def decibels(errors: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Return the peak signal-to-noise ratio of mean squared errors.

    Example:
        >>> decibels(np.array([0.01, 0.001])).tolist()
        [20.0, 30.0]
    """
    with np.errstate(divide="ignore"):  # no error at all: infinitely many decibels
        return np.asarray(-10 * np.log10(errors))


def _prepare_decibels(targets: Targets, outputs: Outputs, _: float) -> Figure:
    mean = weighted.mean(squared_errors(targets, outputs))
    return lambda counts: decibels(mean(counts))


MEASURES = {
    "psnr": Measure(
        "PSNR",
        "peak signal-to-noise ratio in decibels, 10 log₁₀(1 / mean squared error); higher is better",
        lambda y, p, _: float(decibels(squared_errors(y, p).mean())),
        _prepare_decibels,
        lambda figure: f"{figure:.2f} dB" if figure < float("inf") else "infinite",
        decibels_with_interval,
        bounds=(-np.inf, np.inf),
    ),
    "mse": Measure(
        "mean squared error",
        "per pixel, from 0 to 1; lower is better",
        lambda y, p, _: float(squared_errors(y, p).mean()),
        lambda y, p, _: weighted.mean(squared_errors(y, p)),
        three_digits,
        difference_with_interval,
        higher_is_better=False,
    ),
}
"""By name."""
