"""What the figures of an autoencoder's report are drawn from.

Sequences are arrays (N, T, D): N examples of T time steps of D numbers. An image is a sequence of its rows.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Projection:
    """Latent vectors of more than two dimensions, brought down to two.

    Attributes:
        vectors: (N, 2).
        title: how, as an axis label says it: "PCA of the 100 latent dimensions, 31% of their variance".
    """

    vectors: Floats = field(repr=False)
    title: str


@dataclass(frozen=True, slots=True)
class LatentWalk:
    """What the decoder makes of a grid of points in a latent space of two dimensions.

    Attributes:
        tiles: (R, C, T, D) decoded sequences. They lie as the points do in a plot of the latent space: the first
            dimension grows from left to right, the second from the bottom row, which is the last, to the top row.
        low: the first and the second dimension at the middle of the lower left tile.
        high: the same at the middle of the upper right tile.
    """

    tiles: Floats = field(repr=False)
    low: tuple[float, float]
    high: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Pictures:
    """What the figures of a report are drawn from.

    Sequences are numbers in [0, 1]: 0 is paper, 1 is ink.

    Attributes:
        originals: (K, T, D) some test examples, one a label.
        reconstructions: (K, T, D) the same through encoder and decoder.
        labels: (K,) of `originals`, as indices into the label names.
        class_averages: (K, T, D) for each of `labels` the mean of its test examples.
        class_average_reconstructions: (K, T, D) the same through encoder and decoder.
        latent_vectors: (N, L) of the test set.
        latent_labels: (N,) its labels.
        projection: of `latent_vectors`, where L is above 2.
        walk: over the latent space, where L is 2.
        interpolation: (S, T, D) decoded from points on the line between the latent vectors of two test examples, both
            ends included.
        interpolation_labels: of the two.
        generated_uniform: (G, T, D) decoded from vectors drawn evenly from the latent space, as in the chapter.
        generated_density: (G, T, D) decoded from vectors drawn where those of training examples lie.
    """

    originals: Floats = field(repr=False)
    reconstructions: Floats = field(repr=False)
    labels: NDArray[np.integer]
    class_averages: Floats = field(repr=False)
    class_average_reconstructions: Floats = field(repr=False)
    latent_vectors: Floats = field(repr=False)
    latent_labels: NDArray[np.integer] = field(repr=False)
    projection: Projection | None
    walk: LatentWalk | None
    interpolation: Floats = field(repr=False)
    interpolation_labels: tuple[int, int]
    generated_uniform: Floats = field(repr=False)
    generated_density: Floats = field(repr=False)
