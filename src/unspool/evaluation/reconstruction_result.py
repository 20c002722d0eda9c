"""What is known of a finished run of an autoencoder, as plain frozen values.

Sequences are arrays (N, T, D): N examples of T time steps of D numbers. An image is a sequence of its rows.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from unspool.evaluation.result import RunRecord, Score, Verdict

Floats = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class ReconstructionScores:
    """How well sequences are reconstructed; every example counts the same, however long it is.

    The first two and the last suppose numbers in [0, 1]; for any other numbers they are None, and `mse` is the measure.

    Attributes:
        examples: how many were scored.
        cross_entropy: binary cross-entropy, nats a number (a pixel); reconstructions are clipped to
            [1e-7, 1 - 1e-7], as Keras does. Lower is better.
        excess: `cross_entropy` less what a perfect reconstruction would have. Targets between 0 and 1 (grey pixels)
            have an entropy of their own, which no model can go below.
        mse: mean squared error. Lower is better.
        psnr: peak signal-to-noise ratio in dB, of peak 1: 10 log10(1 / mse). Higher is better.
    """

    examples: int
    cross_entropy: Score | None
    excess: Score | None
    mse: Score
    psnr: Score | None


@dataclass(frozen=True, slots=True)
class LatentScores:
    """What latent vectors keep of the sequences.

    Attributes:
        dimensions: of a latent vector.
        neighbours_accuracy: how often the ten nearest training vectors, by majority, have a test vector's label; None
            where there are no labels.
        trustworthiness: from 0 to 1, whether neighbours in the latent space are neighbours among the sequences too.
        trustworthiness_examples: how many test examples it was computed on: a sample, as its cost grows with their
            square.
    """

    dimensions: int
    neighbours_accuracy: Score | None
    trustworthiness: float
    trustworthiness_examples: int


@dataclass(frozen=True, slots=True)
class ReconstructionBaseline:
    """A simple way to reconstruct that an autoencoder must beat, scored on the same test examples.

    Attributes:
        name: its key, as in "pca".
        title: what it is, in words.
        scores: on the test set.
        latent: of its latent vectors; None where it has none.
        losses: (N,) of each test example: its cross-entropy, or its squared error where there is none.
        seconds: what fitting and scoring took (when it was computed, not when it came from the cache).
    """

    name: str
    title: str
    scores: ReconstructionScores
    latent: LatentScores | None
    losses: Floats = field(repr=False)
    seconds: float


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


@dataclass(frozen=True, slots=True)
class SeriesSummary:
    """What an autoencoder was trained and scored on.

    Attributes:
        name: the dataset's name in the registry.
        title: what it is, in words.
        source: where it comes from.
        licence: on what terms.
        digest: of its content.
        counts: examples in "training", "validation" and "test".
        length: time steps of a sequence, of the longest where they differ.
        features: numbers at a time step.
        label_names: the name of each label, from 0.
    """

    name: str
    title: str
    source: str
    licence: str
    digest: str
    counts: dict[str, int]
    length: int
    features: int
    label_names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconstructionResult(RunRecord):
    """Everything a report shows about one run of an autoencoder.

    Attributes:
        data: what it was trained on.
        validation: scores on the examples that stopped the training (in the protocol "chapter", the test set itself).
        test: scores on the test set.
        test_losses: (N,) of each test example, see `ReconstructionBaseline.losses`.
        latent: what its latent vectors keep, on the test set.
        baselines: on the same test set.
        verdict: against the strongest of them.
        pictures: what the figures are drawn from.
    """

    data: SeriesSummary
    validation: ReconstructionScores
    test: ReconstructionScores
    test_losses: Floats = field(repr=False)
    latent: LatentScores
    baselines: tuple[ReconstructionBaseline, ...]
    verdict: Verdict
    pictures: Pictures
