"""Simple ways to enlarge images: interpolation, and a linear model of the pixels."""

import time
from collections.abc import Callable
from functools import partial

import numpy as np

from unspool.evaluation.baselines.simple_models import RawParts, SimpleModel
from unspool.evaluation.measures.super_resolution import WHITE, Images, as_grey

PENALTIES = (0.1, 1.0, 10.0, 100.0)
"""Of ridge regression; validation decides."""


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
