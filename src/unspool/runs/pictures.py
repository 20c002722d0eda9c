"""What the report of an autoencoder shows, computed with its two halves: the report itself sees no model."""

import numpy as np
from numpy.typing import NDArray

from unspool.evaluation.latent import latent_grid, project
from unspool.evaluation.pictures import LatentWalk, Pictures
from unspool.runs.latent_space import LatentSpace
from unspool.training.autoencoder import Floats, TrainedAutoencoder

TILES = 15
STEPS = 10
GENERATED = 10


def pictures_of(
    autoencoder: TrainedAutoencoder,
    space: LatentSpace,
    images: Floats,
    labels: NDArray[np.integer],
    vectors: Floats,
    reconstructions: Floats,
    seed: int,
) -> Pictures:
    """Draw everything that the report shows.

    Args:
        autoencoder: trained.
        space: where its latent vectors lie.
        images: (N, T, D) the test set.
        labels: (N,) of them.
        vectors: (N, L) their latent vectors.
        reconstructions: (N, T, D) what the decoder makes of those.
        seed: of the vectors that are drawn at random.
    """
    found = np.unique(labels)
    first = np.array([np.flatnonzero(labels == label)[0] for label in found])
    averages = np.stack([images[labels == label].mean(axis=0) for label in found])
    one, other = first[0], first[min(1, len(first) - 1)]
    rng = np.random.default_rng(seed)
    return Pictures(
        originals=images[first],
        reconstructions=as_grey(reconstructions[first]),
        labels=found,
        class_averages=averages,
        class_average_reconstructions=as_grey(autoencoder.reconstruct(averages)),
        latent_vectors=vectors,
        latent_labels=labels,
        projection=project(vectors) if vectors.shape[1] > 2 else None,
        walk=_walk(autoencoder, space) if vectors.shape[1] == 2 else None,
        interpolation=as_grey(autoencoder.decode(on_the_line(vectors[one], vectors[other], STEPS))),
        interpolation_labels=(int(labels[one]), int(labels[other])),
        generated_uniform=as_grey(autoencoder.decode(space.uniform(GENERATED, rng))),
        generated_density=as_grey(autoencoder.decode(space.density(GENERATED, rng))),
    )


def on_the_line(start: Floats, end: Floats, steps: int) -> Floats:
    """(steps, L) latent vectors from one to another, both included.

    Example:
        >>> on_the_line(np.zeros(2), np.ones(2), 3).tolist()
        [[0.0, 0.0], [0.5, 0.5], [1.0, 1.0]]
    """
    return np.linspace(start, end, steps, dtype=np.float32)


def as_grey(sequences: Floats) -> Floats:
    """What a decoder gives as grey values in [0, 1]; one for any numbers may leave them."""
    return np.clip(sequences, 0, 1)


def _walk(autoencoder: TrainedAutoencoder, space: LatentSpace) -> LatentWalk:
    low, high = ((float(corner[0]), float(corner[1])) for corner in (space.low, space.high))
    points = latent_grid(low, high, TILES, TILES).reshape(-1, 2).astype(np.float32)
    tiles = as_grey(autoencoder.decode(points))
    return LatentWalk(tiles.reshape(TILES, TILES, *autoencoder.shape), low, high)
