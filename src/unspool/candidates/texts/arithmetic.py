"""What differs between tasks for models of texts: target columns, link function, loss and score."""

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.special import expit, log_softmax, softmax

from unspool.kernels import dual_descent
from unspool.kernels.word_convolution_weights import Loss

Task = Literal["binary", "multiclass", "multilabel", "regression"]
Floats = NDArray[np.float64]

_SURE = 1e-3  # the lowest probability that trees give


class Arithmetic:
    """The arithmetic of a task; the base class has that of multilabel: K independent columns of 0 and 1.

    Scores are log-odds here, logits for multiclass, and numbers for regression.
    """

    single_label: ClassVar[bool] = False
    """Whether each example has exactly one class, so that folds can be stratified."""
    numbers: ClassVar[bool] = False
    """Whether numbers are predicted; scores are then in their unit and are not calibrated."""
    dimensions: ClassVar[int] = 2
    """The number of dimensions of the targets."""
    network_loss: ClassVar[Loss] = "sigmoid"
    loss_name: ClassVar[str] = "log loss"
    """The loss by which candidates are compared, in words."""

    def columns(self, given: NDArray[np.int64], classes: int | None) -> Floats:
        """(N, K) columns of (N, K) targets."""
        return given.astype(np.float64)

    def outputs(self, scores: Floats) -> Floats:
        """The (N, K) probabilities of (N, K) scores; (N,) those of label 1 for binary, (N,) numbers for regression."""
        return np.asarray(expit(scores))

    def loss(self, scores: Floats, wanted: Floats) -> float:
        """The mean log loss of (N, K) scores; the mean squared error for regression."""
        return float(np.mean(np.logaddexp(0, scores) - wanted * scores))

    def score(self, scores: Floats, wanted: Floats) -> float:
        """The share of (N, K) decisions that are right."""
        return float(np.mean((scores > 0) == (wanted > 0.5)))

    def doubts(self, scores: Floats) -> Floats:
        """(N, K) the probability of each decision being wrong, by the scores; (N,) for multiclass."""
        return np.asarray(expit(-np.abs(scores)))

    def spread(self, scores: Floats) -> float:
        """The standard deviation of (N, K) scores, by which a blend divides them."""
        return float(scores.std()) or 1.0

    def units(self, wanted: Floats) -> Floats:
        """(2, 1) the mean and the standard deviation by which targets are standardised before fitting."""
        return np.array([[0.0], [1.0]])

    def scores_of(self, means: Floats) -> Floats:
        """(N, K) scores of the (N, K) mean targets in leaves of trees."""
        likely = np.clip(means, _SURE, 1 - _SURE)
        return np.asarray(np.log(likely / (1 - likely)))

    def fit_linear(self, rows: csr_array, column: Floats, c: float, **how: Any) -> Floats:
        """(F + 1,) weights of a linear model of one target column; `how` as of `unspool.kernels.dual_descent`."""
        return dual_descent.logistic(rows, column > 0.5, c, **how)


class Binary(Arithmetic):
    """One column of 0 and 1."""

    single_label = True
    dimensions = 1

    def columns(self, given: NDArray[np.int64], classes: int | None) -> Floats:
        """(N, 1) of (N,) targets."""
        return given[:, None].astype(np.float64)

    def outputs(self, scores: Floats) -> Floats:
        """(N,) probabilities of 1."""
        return super().outputs(scores)[:, 0]


class Multiclass(Arithmetic):
    """One column for each class, 1 for the example's own (one-hot)."""

    single_label = True
    dimensions = 1
    network_loss = "softmax"

    def columns(self, given: NDArray[np.int64], classes: int | None) -> Floats:
        """(N, K) one-hot columns of (N,) class indices.

        Raises:
            ValueError: an index is not below `classes`.
        """
        count = int(given.max()) + 1 if classes is None else classes
        if given.max() >= count:
            raise ValueError(f"a target is {given.max()}, of {count} classes")
        return np.eye(count)[given]

    def outputs(self, scores: Floats) -> Floats:
        """(N, K) probabilities that sum to 1 in each row."""
        return np.asarray(softmax(scores, axis=1))

    def loss(self, scores: Floats, wanted: Floats) -> float:
        """The mean cross-entropy."""
        return float(-np.mean(np.sum(log_softmax(scores, axis=1) * wanted, axis=1)))

    def score(self, scores: Floats, wanted: Floats) -> float:
        """Accuracy."""
        return float(np.mean(scores.argmax(axis=1) == wanted.argmax(axis=1)))

    def doubts(self, scores: Floats) -> Floats:
        """(N,) the probabilities of all classes but the most probable one, summed."""
        return np.asarray(1 - softmax(scores, axis=1).max(axis=1))

    def spread(self, scores: Floats) -> float:
        """The same after each row's mean is subtracted, which changes no probability."""
        return super().spread(scores - scores.mean(axis=1, keepdims=True))

    def scores_of(self, means: Floats) -> Floats:
        """The logarithms of the means."""
        return np.asarray(np.log(np.maximum(means, _SURE)))


class Regression(Arithmetic):
    """One column of numbers."""

    numbers = True
    dimensions = 1
    network_loss = "squared"
    loss_name = "root mean squared error"

    def outputs(self, scores: Floats) -> Floats:
        """(N,) the scores themselves."""
        return scores[:, 0].copy()

    def loss(self, scores: Floats, wanted: Floats) -> float:
        """The mean squared error."""
        return float(np.mean((scores - wanted) ** 2))

    def score(self, scores: Floats, wanted: Floats) -> float:
        """The root mean squared error."""
        return float(np.sqrt(self.loss(scores, wanted)))

    def spread(self, scores: Floats) -> float:
        """1, as all scores are in the unit of the targets."""
        return 1.0

    def units(self, wanted: Floats) -> Floats:
        """(2, 1) the mean and the standard deviation of the targets."""
        return np.array([[wanted.mean()], [wanted.std() or 1.0]])

    def scores_of(self, means: Floats) -> Floats:
        """The means themselves."""
        return means

    def fit_linear(self, rows: csr_array, column: Floats, c: float, **how: Any) -> Floats:
        """A ridge regression."""
        return dual_descent.ridge(rows, column, c, **how)


class AbsoluteRegression(Regression):
    """Regression whose models are compared by absolute errors."""

    loss_name = "mean absolute error"

    def loss(self, scores: Floats, wanted: Floats) -> float:
        """The mean absolute error."""
        return float(np.mean(np.abs(scores - wanted)))

    def score(self, scores: Floats, wanted: Floats) -> float:
        """The same."""
        return self.loss(scores, wanted)


def comparing(task: Task, absolute_errors: bool) -> Arithmetic:
    """The arithmetic by which models are compared: that of the task, or for numbers that of their absolute errors."""
    return AbsoluteRegression() if absolute_errors and task == "regression" else ARITHMETIC[task]


ARITHMETIC: dict[Task, Arithmetic] = {
    "binary": Binary(),
    "multiclass": Multiclass(),
    "multilabel": Arithmetic(),
    "regression": Regression(),
}
