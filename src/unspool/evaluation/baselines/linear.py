"""Linear models over features: of one yes or no, of several at once, of classes, of numbers."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from unspool.candidates.blas import one_thread

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

# Chosen by five-fold cross-validation on IMDb's 25,000 training reviews, where 10, 30 and 100 differ by 0.2 points.
INVERSE_REGULARISATION = 30.0
MOST_STEPS = 1000
"""Steps of a solver, at most."""

Predict: TypeAlias = Callable[[Any], NDArray[np.float64]]


def fit_one_label(features: Any, targets: NDArray[Any]) -> Predict:
    """Fit a logistic regression of one yes or no, (N,) 0 or 1, which may be the same everywhere.

    Args:
        features: (N, F), sparse for texts.
        targets: (N,).

    Returns:
        What turns features into (N,) probabilities of 1.
    """
    if targets.min() == targets.max():  # of many texts, those drawn may lack a rare label
        return lambda given: np.full(given.shape[0], float(targets[0]))
    with _near_enough():
        model = _logistic(features).fit(features, targets)
    return lambda given: np.asarray(model.predict_proba(given)[:, 1])


def fit_labels(features: Any, targets: NDArray[Any]) -> Predict:
    """Fit a logistic regression for each of several labels, (N, L) 0 or 1; probabilities are (N, L)."""
    columns = [fit_one_label(features, column) for column in targets.T]
    return lambda given: np.stack([column(given) for column in columns], axis=1)


def fit_classes(features: Any, targets: NDArray[Any], classes: int) -> Predict:
    """Fit a logistic regression of several classes, (N,) numbers below `classes`; probabilities are (N, classes).

    Sparse features get one regression for each class against the others, dense features a multinomial one. All targets
    may be the same, for example if the group of texts that has all other classes is held out.
    """
    from sklearn.multiclass import OneVsRestClassifier

    if targets.min() == targets.max():
        return lambda given: np.tile(np.eye(classes)[targets[0]], (given.shape[0], 1))
    model = OneVsRestClassifier(_logistic(features)) if sparse.issparse(features) else _logistic(features)
    with _near_enough():
        model.fit(features, targets)

    def predict(given: Any) -> NDArray[np.float64]:
        outputs = np.zeros((given.shape[0], classes))  # a class that is not in training keeps its zero
        outputs[:, model.classes_] = model.predict_proba(given)
        return outputs

    return predict


def fit_numbers(features: Any, targets: NDArray[Any]) -> Predict:
    """Fit a ridge regression of numbers, (N,)."""
    from sklearn.linear_model import Ridge

    with _near_enough():
        return Ridge().fit(features, targets).predict  # type: ignore[no-any-return]


@contextmanager
def _near_enough() -> Iterator[None]:
    """Take whatever a solver reaches. Its sums of products are too short for threads, which would wait, spinning."""
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings(), one_thread():
        warnings.simplefilter("ignore", ConvergenceWarning)
        yield


def _logistic(features: Any) -> "LogisticRegression":
    from sklearn.linear_model import LogisticRegression

    if sparse.issparse(features):
        return LogisticRegression(C=INVERSE_REGULARISATION, solver="liblinear")
    return LogisticRegression(max_iter=MOST_STEPS)
