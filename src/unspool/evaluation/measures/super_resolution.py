"""How enlarged images are judged, and the simple ways to enlarge: interpolation, and a linear model of the pixels.

Targets are the true images and outputs the enlarged ones, both (N, pixels) whole grey values from 0 to 255.
"""

import time
from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from unspool.errors import UserError
from unspool.evaluation.baselines.simple_models import RawParts, SimpleModel
from unspool.evaluation.measures import weighted
from unspool.evaluation.measures.measure import Figure, Measure, Outputs, Targets
from unspool.evaluation.wording import decibels_with_interval, difference_with_interval

WHITE = 255
"""The largest grey value."""
PENALTIES = (0.1, 1.0, 10.0, 100.0)
"""Of ridge regression; validation decides."""

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
        lambda figure: f"{figure:#.3g}".rstrip("."),
        difference_with_interval,
        higher_is_better=False,
    ),
}
"""By name."""


def interpolated(parts: RawParts, factor: int) -> SimpleModel:
    """Enlarge by bicubic interpolation, which learns nothing.

    Args:
        parts: small images, and large ones as `as_grey` gives them; those of training are not looked at.
        factor: how much larger images become.
    """
    return _simple("bicubic", "bicubic interpolation", partial(bicubic, factor=factor), parts, time.perf_counter())


def bicubic(images: Images, factor: int) -> Images:
    """Enlarge (N, T, D) images by cubic splines through their pixels, each taken as a square."""
    from scipy.ndimage import zoom

    large: Images = zoom(images, (1, factor, factor), order=3, mode="nearest", grid_mode=True)
    return large


def ridge(parts: RawParts) -> SimpleModel:
    """Enlarge by ridge regression of each pixel on all pixels of the small image; validation chooses the penalty."""
    from sklearn.linear_model import Ridge

    began = time.perf_counter()
    small = np.asarray(parts.training.inputs())
    pixels, wanted = small.reshape(len(small), -1), np.asarray(parts.training.targets, np.float32) / WHITE

    def fitted(penalty: float) -> SimpleModel:
        model = Ridge(penalty, solver="cholesky").fit(pixels, wanted)
        say = lambda images: model.predict(images.reshape(len(images), -1))[:, np.newaxis]  # noqa: E731
        return _simple("ridge", "ridge regression on pixels", say, parts, began)

    better = 1 if parts.measure.higher_is_better else -1
    return max(map(fitted, PENALTIES), key=lambda one: better * (one.held_out or 0.0))


def _simple(name: str, title: str, enlarge: Callable[[Images], Images], parts: RawParts, began: float) -> SimpleModel:
    return parts.answered(name, title, lambda part: as_grey(enlarge(np.asarray(part.inputs()))), began)
