"""Semi-supervised linear discriminant analysis: Gaussians with one covariance, fitted by EM."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from unspool.candidates.blas import one_thread
from unspool.candidates.texts.arithmetic import Floats

WEIGHT = 10.0
"""All unlabelled vectors together weigh at most this many times as much as all labelled ones."""
_ROUNDS, _CHANGE = 200, 1e-4  # EM stops after so many rounds, or once probabilities change less than this on average
_PRIOR = 1e-3  # each class gets this share of a vector at the overall mean, so that none is empty
_RIDGE = 1e-3  # added to the variances of the standardised vectors


def discriminant(labelled: Floats, classes: Floats, unlabelled: Floats, start: Floats) -> Floats:
    """Fit one Gaussian per class, all with the same covariance, to labelled and unlabelled vectors.

    EM alternates between estimating the classes of the unlabelled vectors and fitting the Gaussians; unlabelled vectors
    weigh less (EM-lambda; Nigam, McCallum, Thrun and Mitchell, 2000). With one covariance, the logits are linear. A
    class without labelled vectors gets no unlabelled ones.

    Args:
        labelled: (N, D), standardised.
        classes: (N, K) one-hot classes of `labelled`.
        unlabelled: (M, D), M at least 1.
        start: (M, K) initial logits of `unlabelled`.

    Returns:
        (D + 1, K) weights of the logits, the constant last.

    Example:
        >>> random = np.random.default_rng(0)
        >>> centers = np.array([[2.0, 0.0], [-2.0, 0.0]])
        >>> kinds = np.arange(400) % 2
        >>> points = centers[kinds] + random.normal(size=(400, 2)) * [1, 3]
        >>> weights = discriminant(points[:4], np.eye(2)[kinds[:4]], points, np.zeros((400, 2)))
        >>> found = (points @ weights[:-1] + weights[-1]).argmax(axis=1)
        >>> bool((found == kinds).mean() > 0.95)
        True
    """
    points, known = np.concatenate((labelled, unlabelled)), np.asarray(classes.sum(axis=0) > 0)
    lesser = min(1.0, WEIGHT * len(labelled) / len(unlabelled))
    counts = np.repeat([1.0, lesser], [len(labelled), len(unlabelled)])[:, None]
    mean = (counts * points).mean(axis=0) / counts.mean()
    squares = (counts * points).T @ points / counts.sum() + _RIDGE * np.eye(points.shape[1])
    guessed = _probabilities(start, known)
    with one_thread():
        for _ in range(_ROUNDS):
            shares = counts * np.concatenate((classes, guessed))
            sizes = shares.sum(axis=0) + _PRIOR
            means = (shares.T @ points + _PRIOR * mean) / sizes[:, None]
            prior = sizes / sizes.sum()
            covariance = squares - (means.T * prior) @ means
            slopes = np.linalg.solve(covariance, means.T)
            constants = np.log(prior) - (means.T * slopes).sum(axis=0) / 2
            before, guessed = guessed, _probabilities(unlabelled @ slopes + constants, known)
            if np.abs(guessed - before).mean() < _CHANGE:
                break
    return np.concatenate((slopes, constants[None]))


def _probabilities(logits: Floats, known: NDArray[np.bool_]) -> Floats:
    return np.asarray(softmax(np.where(known, logits, -np.inf), axis=1))
