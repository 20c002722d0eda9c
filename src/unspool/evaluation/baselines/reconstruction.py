"""Simple ways to reconstruct sequences that an autoencoder must beat: their mean, and principal components."""

import time
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from unspool.errors import UserError
from unspool.evaluation.baselines import cache as baseline_cache
from unspool.evaluation.latent import LatentErrors, latent_errors
from unspool.evaluation.measures.reconstruction import ExampleErrors, Likelihood, example_errors
from unspool.evaluation.sequences import Sequences, checked_sequences

MEAN = "mean"
PRINCIPAL_COMPONENTS = "pca"

# A linear model also gives numbers outside [0, 1], for which cross-entropy is infinite. Fixed for all data; on the
# first 6,000 training images of MNIST it is the best of 0.0001, 0.001, 0.002, 0.005 and 0.01 for 2 dimensions and 100.
_CLIPPING = 0.001


@dataclass(frozen=True, slots=True)
class SimpleReconstruction:
    """A simple way to reconstruct, and what its reconstructions of the test set cost.

    Attributes:
        name: its key, as in "pca".
        title: what it is, in words.
        errors: of each test example.
        latent: of its latent vectors; None where it has none.
        seconds: what fitting and measuring took.
    """

    name: str
    title: str
    errors: ExampleErrors
    latent: LatentErrors | None
    seconds: float


@dataclass(frozen=True, slots=True)
class _Part:
    sequences: Sequences
    labels: NDArray[np.generic] | None

    def filled(self, mean: NDArray[np.floating]) -> NDArray[np.floating]:
        """Return (N, T * D) numbers, with the mean (T, D) at steps that do not count."""
        values = self.sequences.values
        if self.sequences.mask is not None:
            values = np.where(self.sequences.counted(), values, mean.astype(values.dtype))
        return values.reshape(len(values), -1)

    def errors(self, reconstructions: NDArray[np.floating], likelihood: Likelihood) -> ExampleErrors:
        return example_errors(self.sequences.values, reconstructions, self.sequences.mask, likelihood=likelihood)


def fit_reconstruction_baselines(
    train: ArrayLike,
    test: ArrayLike,
    *,
    dimensions: int,
    train_labels: ArrayLike | None = None,
    test_labels: ArrayLike | None = None,
    train_mask: ArrayLike | None = None,
    test_mask: ArrayLike | None = None,
    likelihood: Likelihood = "bernoulli",
    cache_folder: Path | None = None,
) -> tuple[SimpleReconstruction, ...]:
    """Fit baselines on the training sequences and measure them on the test sequences.

    They are the mean of the training sequences, and PCA with as many dimensions as the autoencoder's latent vector.
    For numbers in [0, 1], what PCA reconstructs is clipped to [0.001, 0.999].

    Args:
        train: (M, T, D).
        test: (N, T, D).
        dimensions: of the latent vector. PCA takes fewer where the data has no more.
        train_labels: (M,) whole numbers, for the accuracy of nearest neighbours; None where there are none.
        test_labels: (N,) likewise.
        train_mask: (M, T) whether a step counts; None where all do. What is left out stands at the mean for PCA.
        test_mask: (N, T) likewise.
        likelihood: "bernoulli" for numbers in [0, 1], "gaussian" for any numbers.
        cache_folder: where each example's errors are kept, or None to keep none. A file there is used only for the same
            arrays, dimensions, likelihood, and versions of unspool and scikit-learn.

    Returns:
        The mean, then PCA.

    Raises:
        UserError: shapes that do not fit, as for `example_errors` and `latent_errors`.

    Example:
        >>> diagonal = np.linspace(0.2, 0.8, 30)[:, np.newaxis, np.newaxis] * np.ones((1, 2, 2))
        >>> mean, pca = fit_reconstruction_baselines(diagonal, diagonal, dimensions=1)
        >>> [round(float(one.errors.squared.mean()), 3) for one in (mean, pca)]
        [0.032, 0.0]
    """
    training = _part(train, train_labels, train_mask, "training sequences")
    testing = _part(test, test_labels, test_mask, "test sequences")
    shapes = training.sequences.values.shape[1:], testing.sequences.values.shape[1:]
    if shapes[0] != shapes[1]:
        raise UserError(f"training and test sequences must have one shape; they have {shapes[0]} and {shapes[1]}")
    if dimensions < 1:
        raise UserError(f"PCA needs at least one dimension; dimensions is {dimensions}")
    dimensions = min(dimensions, len(training.sequences.values), int(np.prod(shapes[0])))
    return (
        _fit_mean(training, testing, likelihood),
        _cached_components(training, testing, dimensions, likelihood, cache_folder),
    )


def _part(values: ArrayLike, labels: ArrayLike | None, mask: ArrayLike | None, name: str) -> _Part:
    return _Part(checked_sequences(values, name, mask), None if labels is None else np.asarray(labels))


def _mean(training: _Part) -> NDArray[np.float64]:
    """Return (T, D) means over the examples whose step counts; zero at a step that counts in none."""
    sequences = training.sequences
    if sequences.mask is None:
        return np.asarray(sequences.values.mean(axis=0, dtype=np.float64))
    total = sequences.values.sum(axis=0, dtype=np.float64, where=sequences.counted())
    return np.asarray(total / np.maximum(sequences.mask.sum(axis=0), 1)[:, np.newaxis])


def _fit_mean(training: _Part, testing: _Part, likelihood: Likelihood) -> SimpleReconstruction:
    start = time.perf_counter()
    mean = np.broadcast_to(_mean(training), testing.sequences.values.shape)
    errors = testing.errors(mean, likelihood)
    return SimpleReconstruction(MEAN, "the mean of the training examples", errors, None, time.perf_counter() - start)


def _fit_components(training: _Part, testing: _Part, dimensions: int, likelihood: Likelihood) -> SimpleReconstruction:
    from sklearn.decomposition import PCA

    start = time.perf_counter()
    mean = _mean(training)
    pca = PCA(dimensions, random_state=0)
    train_vectors = pca.fit_transform(training.filled(mean))
    test_vectors = pca.transform(testing.filled(mean))
    reconstructions = pca.inverse_transform(test_vectors).reshape(testing.sequences.values.shape)
    if likelihood == "bernoulli":
        reconstructions = np.clip(reconstructions, _CLIPPING, 1 - _CLIPPING)
    latent = latent_errors(
        train_vectors,
        training.labels,
        test_vectors,
        testing.labels,
        testing.sequences.values,
        testing.sequences.mask,
    )
    errors = testing.errors(reconstructions, likelihood)
    return _components(dimensions, errors, latent, time.perf_counter() - start)


def _components(dimensions: int, errors: ExampleErrors, latent: LatentErrors, seconds: float) -> SimpleReconstruction:
    title = f"PCA with {dimensions} dimension{'s' if dimensions > 1 else ''}"
    return SimpleReconstruction(PRINCIPAL_COMPONENTS, title, errors, latent, seconds)


def _cached_components(
    training: _Part, testing: _Part, dimensions: int, likelihood: Likelihood, folder: Path | None
) -> SimpleReconstruction:
    if folder is None:
        return _fit_components(training, testing, dimensions, likelihood)
    parts = training, testing
    path = baseline_cache.cache_path(
        folder,
        PRINCIPAL_COMPONENTS,
        {
            "data": baseline_cache.digest_of_arrays(*(part.sequences.values for part in parts)),
            "masks": baseline_cache.digest_of_arrays(*(part.sequences.mask for part in parts)),
            "labels": baseline_cache.digest_of_arrays(*(part.labels for part in parts)),
            "parameters": f"dimensions={dimensions} likelihood={likelihood} clipping={_CLIPPING}",
            "scikit-learn": version("scikit-learn"),
            "unspool": baseline_cache.revision(),
        },
    )
    examples = len(testing.sequences.values)
    rows = ["squared"]
    rows += ["cross_entropy", "entropy"] if likelihood == "bernoulli" else []
    rows += ["neighbours_right"] if testing.labels is not None else []
    figures = ["dimensions", "trustworthiness", "trustworthiness_examples", "seconds"]
    stored = baseline_cache.load(path, dict.fromkeys(rows, (examples,)) | dict.fromkeys(figures, ()))
    if stored is not None:
        return _from_arrays(stored)
    fitted = _fit_components(training, testing, dimensions, likelihood)
    baseline_cache.save(path, _to_arrays(fitted))
    return fitted


def _to_arrays(fitted: SimpleReconstruction) -> dict[str, ArrayLike]:
    named = asdict(fitted.errors) | (asdict(fitted.latent) if fitted.latent else {})
    return {name: value for name, value in named.items() if value is not None} | {"seconds": fitted.seconds}


def _from_arrays(arrays: baseline_cache.Arrays) -> SimpleReconstruction:
    return _components(
        int(arrays["dimensions"]),
        ExampleErrors(arrays["squared"], arrays.get("cross_entropy"), arrays.get("entropy")),
        LatentErrors(
            dimensions=int(arrays["dimensions"]),
            neighbours_right=arrays.get("neighbours_right"),
            trustworthiness=float(arrays["trustworthiness"]),
            trustworthiness_examples=int(arrays["trustworthiness_examples"]),
        ),
        float(arrays["seconds"]),
    )
