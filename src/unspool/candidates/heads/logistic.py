"""Logistic (softmax) regression, where examples are many: its cost grows with them, not with their square."""

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unspool.candidates.folds import folds_of_classes
from unspool.candidates.heads.calibration import Temperature, Values, log_loss
from unspool.candidates.heads.linear import CalibratedLinear, Features, Linear

STRENGTHS = (1e-4, 1e-3, 1e-2, 1e-1)
"""Inverse regularisation (scikit-learn's C) that is tried."""
FOLDS = 3


@dataclass(frozen=True, slots=True, eq=False)
class LogisticClassifier(CalibratedLinear):
    """Softmax regression with L2, its strength chosen and its probabilities calibrated by cross-validation."""

    @classmethod
    def fit(
        cls,
        features: Features,
        labels: NDArray[np.int64],
        classes: int,
        seed: int = 0,
        groups: NDArray[np.int64] | None = None,
    ) -> tuple["LogisticClassifier", Values]:
        """Fit on (N, F) standardised features and (N,) labels from 0 to `classes` - 1, each in two examples or more.

        With `groups`, (N,), examples of one group are held out together.

        Returns:
            The classifier, and (N, K) probabilities by fits without the example's fold, NaN where there are none.

        Example:
            >>> x = np.random.RandomState(0).normal(size=(200, 20)).astype(np.float32)
            >>> y = (x[:, 0] > 0).astype(np.int64)
            >>> classifier, held_out = LogisticClassifier.fit(x, y, 2)
            >>> bool((held_out.argmax(axis=1) == y).mean() > 0.9)
            True
        """
        splits = folds_of_classes(labels, FOLDS, groups, seed)
        known = np.sort(np.concatenate([held for _, held in splits]))
        truth = np.eye(classes)[labels]
        best: tuple[float, float, Values, Temperature] | None = None
        for strength in STRENGTHS:
            scores = np.full((len(labels), classes), np.nan)
            for rest, held in splits:
                scores[held] = fit_softmax(features[rest], labels[rest], classes, strength)(features[held])
            temperature = Temperature.fit(scores, labels)
            held_out = temperature.probabilities(scores)
            loss = log_loss(held_out[known], truth[known])
            if best is not None and loss > best[0]:
                break
            best = loss, strength, held_out, temperature
        assert best is not None
        _, strength, held_out, temperature = best
        return cls(fit_softmax(features, labels, classes, strength), temperature), held_out


def fit_softmax(features: Features, labels: NDArray[np.int64], classes: int, strength: float) -> Linear:
    """Fit softmax regression to (N, F) standardised features, with `strength` as scikit-learn's C."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a fit that is nearly there serves as well
        found = LogisticRegression(C=strength, max_iter=200, tol=1e-3).fit(features, labels)
    weights = np.zeros((features.shape[1], classes), np.float32)
    intercept = np.full(classes, -30.0, np.float32)  # of a class without examples
    coefficients, offsets = found.coef_, found.intercept_
    if len(found.classes_) == 2:  # one row says how much more likely the second class is than the first
        coefficients, offsets = np.vstack((-coefficients / 2, coefficients / 2)), np.append(-offsets / 2, offsets / 2)
    weights[:, found.classes_] = coefficients.T
    intercept[found.classes_] = offsets
    return Linear(weights, intercept)
