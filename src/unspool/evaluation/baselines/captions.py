"""Simple models of captions: the most frequent one, and that of the series with the most similar frames."""

import time
from collections import Counter
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from unspool.evaluation.baselines.simple_models import RawPart, RawParts, SimpleModel
from unspool.evaluation.baselines.tfidf import drawn, drawn_words
from unspool.evaluation.text_arrays import as_array, texts_of

Series: TypeAlias = Sequence[NDArray[np.floating]]

FRAMES = 8
"""To which each series is brought, so that two of different lengths can be compared."""
_AT_ONCE = 256


def most_frequent_caption(parts: RawParts) -> SimpleModel:
    """Give every series the most frequent caption of training; among equally frequent ones, the first.

    Args:
        parts: series (T_i, C), and their captions as `text_arrays.as_array` gives them.
    """
    began = time.perf_counter()
    ((caption, _),) = Counter(texts_of(parts.training.targets)).most_common(1)

    def say(part: RawPart) -> NDArray[np.uint8]:
        return as_array([caption] * len(part.targets))

    return parts.answered("most-frequent", "the most frequent caption", say, began)


def nearest_frames(parts: RawParts) -> SimpleModel:
    """Return the caption of the training series whose frames are nearest, by Euclidean distance.

    Each series is brought to as many frames first, evenly chosen. The argument is that of `most_frequent_caption`.
    """
    began = time.perf_counter()
    training = parts.training
    rows, series = drawn(len(training.targets)), list(training.inputs())
    captions = texts_of(training.targets[rows])
    known = as_vectors([series[row] for row in rows])
    squares = (known**2).sum(axis=1)

    def say(part: RawPart) -> NDArray[np.uint8]:
        said: list[str] = []
        asked = as_vectors(list(part.inputs()))
        for start in range(0, len(asked), _AT_ONCE):
            distances = squares - 2 * asked[start : start + _AT_ONCE] @ known.T
            said += [captions[row] for row in distances.argmin(axis=1)]
        return as_array(said)

    title = f"the caption of the training series with the nearest frames{drawn_words(len(training.targets))}"
    return parts.answered("nearest-frames", title, say, began)


def as_vectors(series: Series) -> NDArray[np.float32]:
    """N series (T_i, C) as N vectors of `FRAMES` frames, which stand evenly spread over each.

    Example:
        >>> as_vectors([np.arange(15.0)[:, None]]).tolist()
        [[0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 14.0]]
    """
    chosen = [one[np.linspace(0, len(one) - 1, FRAMES).round().astype(int)].ravel() for one in series]
    return np.asarray(chosen, dtype=np.float32)
