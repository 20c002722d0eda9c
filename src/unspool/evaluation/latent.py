"""What latent vectors keep of the sequences that they stand for, and how to look at them in two dimensions."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from unspool.errors import UserError
from unspool.evaluation.pictures import Projection
from unspool.evaluation.resampling import mean_score
from unspool.evaluation.result import Score
from unspool.evaluation.sequences import checked_sequences

Floats = NDArray[np.floating]

_NEIGHBOURS = 10
_MOST_FOR_TRUSTWORTHINESS = 2000


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
class LatentErrors:
    """What `LatentScores` are computed from.

    Attributes:
        dimensions: of a latent vector.
        neighbours_right: (N,) 1 where the nearest training vectors have a test vector's label, else 0; None without
            labels.
        trustworthiness: from 0 to 1.
        trustworthiness_examples: how many it was computed on.
    """

    dimensions: int
    neighbours_right: NDArray[np.float64] | None
    trustworthiness: float
    trustworthiness_examples: int


def latent_errors(
    train_vectors: ArrayLike,
    train_labels: ArrayLike | None,
    test_vectors: ArrayLike,
    test_labels: ArrayLike | None,
    test_inputs: ArrayLike,
    test_mask: ArrayLike | None = None,
    *,
    seed: int = 0,
) -> LatentErrors:
    """Compare latent vectors of the test set with those of training, and with the sequences that they represent.

    A test vector is right if scikit-learn's `KNeighborsClassifier`, fitted on the training vectors, predicts its label
    from the ten nearest neighbours. Trustworthiness compares each test vector's ten nearest neighbours among the test
    vectors with its neighbours among the test sequences; as its cost grows with the square of their number, it is
    computed on 2,000 of them drawn at random, where there are more. Distances are Euclidean. Sets so small that they
    lack ten neighbours use as many as they have.

    Args:
        train_vectors: (M, L).
        train_labels: (M,) whole numbers; None where there are none.
        test_vectors: (N, L).
        test_labels: (N,) whole numbers; None where there are none.
        test_inputs: (N, T, D) the sequences that the test vectors stand for.
        test_mask: (N, T) whether a step counts; None where all do.
        seed: of the sample for trustworthiness.

    Raises:
        UserError: shapes that do not fit, a number that is not finite, labels for one set only, fewer than three test
            examples.

    Source: J. Venna and S. Kaski, "Neighborhood preservation in nonlinear projection methods", ICANN 2001, for
    trustworthiness.

    Example:
        >>> vectors = np.linspace(0, 1, 40)[:, np.newaxis]
        >>> labels = (vectors[:, 0] > 0.5).astype(int)
        >>> errors = latent_errors(vectors, labels, vectors, labels, vectors[:, np.newaxis])
        >>> scores_of_latent_errors(errors).neighbours_accuracy.value, errors.trustworthiness
        (0.975, 1.0)
    """
    train, test = _checked_vectors(train_vectors, "training"), _checked_vectors(test_vectors, "test")
    inputs = checked_sequences(test_inputs, "test inputs", test_mask)
    if train.shape[1] != test.shape[1]:
        raise UserError(f"latent vectors have {train.shape[1]} dimensions in training, {test.shape[1]} in the test set")
    if len(inputs.values) != len(test) or len(test) < 3:
        raise UserError(
            f"at least three latent vectors are needed, and a sequence for each; there are {len(test):,} "
            f"and {len(inputs.values):,}"
        )
    from sklearn.manifold import trustworthiness

    sample = np.arange(len(test))
    if len(test) > _MOST_FOR_TRUSTWORTHINESS:
        sample = np.random.default_rng(seed).choice(len(test), _MOST_FOR_TRUSTWORTHINESS, replace=False)
    return LatentErrors(
        dimensions=train.shape[1],
        neighbours_right=_neighbours_right(train, train_labels, test, test_labels),
        trustworthiness=float(
            trustworthiness(
                inputs.take(sample).reshape(len(sample), -1),
                test[sample],
                n_neighbors=min(_NEIGHBOURS, (len(sample) - 1) // 2),
            )
        ),
        trustworthiness_examples=len(sample),
    )


def scores_of_latent_errors(
    errors: LatentErrors, groups: NDArray[np.integer] | None = None, *, resamples: int = 2000, seed: int = 0
) -> LatentScores:
    """Return the scores; the interval of the accuracy is a 95% percentile bootstrap over N test examples.

    Args:
        errors: of the test set.
        groups: (N,) of the test examples, drawn as a whole; or None.
        resamples: how many.
        seed: of the draws.
    """
    accuracy = None
    if errors.neighbours_right is not None:
        accuracy = mean_score(errors.neighbours_right, groups, bounds=(0.0, 1.0), resamples=resamples, seed=seed)
    return LatentScores(errors.dimensions, accuracy, errors.trustworthiness, errors.trustworthiness_examples)


def _neighbours_right(
    train: Floats, train_labels: ArrayLike | None, test: Floats, test_labels: ArrayLike | None
) -> NDArray[np.float64] | None:
    if train_labels is None and test_labels is None:
        return None
    if train_labels is None or test_labels is None:
        raise UserError("labels must be given for both the training and the test vectors, or for neither")
    classes, truth = np.asarray(train_labels), np.asarray(test_labels)
    for name, labels, vectors in (("training", classes, train), ("test", truth, test)):
        if labels.shape != (len(vectors),):
            raise UserError(f"there are {len(vectors):,} {name} vectors, but their labels have shape {labels.shape}")
    from sklearn.neighbors import KNeighborsClassifier

    classifier = KNeighborsClassifier(min(_NEIGHBOURS, len(train))).fit(train, classes)
    return np.asarray(classifier.predict(test) == truth, dtype=np.float64)


def project(vectors: ArrayLike) -> Projection:
    """Project latent vectors onto their first two principal components, to plot them.

    Args:
        vectors: (N, L) of more than two dimensions, N at least 2.

    Raises:
        UserError: another shape, or a number that is not finite.

    Example:
        >>> project([[0.0, 0.0, 0.0], [3.0, 0.0, 0.0], [0.0, 1.0, 0.0]]).title
        'PCA of the 3 latent dimensions, 100% of their variance'
    """
    given = _checked_vectors(vectors, "projected")
    if given.shape[1] < 3 or len(given) < 2:
        raise UserError(f"a projection needs two or more vectors of three or more dimensions; they are {given.shape}")
    from sklearn.decomposition import PCA

    pca = PCA(2, random_state=0)
    with np.errstate(invalid="ignore"):  # equal vectors have no variance to share
        projected = pca.fit_transform(given)
    share = np.nan_to_num(pca.explained_variance_ratio_.sum())
    return Projection(projected, f"PCA of the {given.shape[1]} latent dimensions, {share:.0%} of their variance")


def latent_grid(low: tuple[float, float], high: tuple[float, float], rows: int, columns: int) -> NDArray[np.float64]:
    """Return the points over which a `LatentWalk` is decoded.

    Args:
        low: the first and the second dimension at the lower left.
        high: the same at the upper right.
        rows: how many.
        columns: how many.

    Returns:
        (rows, columns, 2). The first dimension grows along a row, the second from the last row to the first.

    Example:
        >>> latent_grid((0, 0), (1, 1), rows=2, columns=2).tolist()
        [[[0.0, 1.0], [1.0, 1.0]], [[0.0, 0.0], [1.0, 0.0]]]
    """
    across, upwards = np.linspace(low[0], high[0], columns), np.linspace(high[1], low[1], rows)
    return np.stack(np.meshgrid(across, upwards), axis=-1)


def _checked_vectors(vectors: ArrayLike, name: str) -> Floats:
    given = np.asarray(vectors)
    if given.ndim != 2 or given.size == 0 or given.dtype.kind not in "fiu":
        raise UserError(f"{name} vectors must be numbers of shape (examples, dimensions); their shape is {given.shape}")
    strange = np.flatnonzero(~np.isfinite(given).all(axis=1))
    if strange.size:
        raise UserError(
            f"{name} vectors must be finite numbers; that of row {strange[0]} (counted from 0) is not "
            f"({strange.size:,} such of {len(given):,})"
        )
    return given
