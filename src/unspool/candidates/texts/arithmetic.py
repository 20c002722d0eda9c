"""How models of texts compute, by what they predict: numbers, one class of several, or yes and no for each column."""

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.special import expit, log_softmax, softmax

from unspool.candidates.texts.kinds import Task
from unspool.kernels import dual_descent
from unspool.kernels.word_convolution_weights import Loss

Floats = NDArray[np.float64]

_SURE = 1e-3  # the least that a probability of trees can be


class YesOrNo:
    """Each of K columns is 0 or 1 by itself; scores are log-odds."""

    one_of_several: ClassVar[bool] = False
    """Whether an example has one class, of which each part is to have the same share."""
    numbers: ClassVar[bool] = False
    """Whether numbers are predicted: scores are then in their unit, with no scale that makes probabilities of them."""
    dimensions: ClassVar[int] = 2
    """How many dimensions the targets have."""
    network_loss: ClassVar[Loss] = "sigmoid"
    loss_name: ClassVar[str] = "log loss"
    """The loss by which candidates are compared, in words."""

    def columns(self, given: NDArray[np.int64], classes: int | None) -> Floats:
        """(N, K) columns of (N, K) targets."""
        return given.astype(np.float64)

    def outputs(self, scores: Floats) -> Floats:
        """What a model answers, from its (N, K) scores."""
        return np.asarray(expit(scores))

    def loss(self, scores: Floats, wanted: Floats) -> float:
        """Mean loss of (N, K) scores."""
        return float(np.mean(np.logaddexp(0, scores) - wanted * scores))

    def score(self, scores: Floats, wanted: Floats) -> float:
        """By which models are compared: the share of decisions that are right, or the root mean squared error."""
        return float(np.mean((scores > 0) == (wanted > 0.5)))

    def spread(self, scores: Floats) -> float:
        """The deviation of scores, in which those of different models are alike."""
        return float(scores.std()) or 1.0

    def units(self, wanted: Floats) -> Floats:
        """(2, 1) the mean and the deviation by which targets are standardised before a model is fitted to them."""
        return np.array([[0.0], [1.0]])

    def scores_of(self, means: Floats) -> Floats:
        """The scores of (N, K) means of targets, as leaves of trees have them."""
        likely = np.clip(means, _SURE, 1 - _SURE)
        return np.asarray(np.log(likely / (1 - likely)))

    def fit_linear(self, rows: csr_array, column: Floats, c: float, **how: Any) -> Floats:
        """(F + 1,) the weights of a linear model of a column of targets, see `unspool.kernels.dual_descent`."""
        return dual_descent.logistic(rows, column > 0.5, c, **how)


class Binary(YesOrNo):
    """One column, whose answer is (N,), the probability of 1."""

    one_of_several = True
    dimensions = 1

    def columns(self, given: NDArray[np.int64], classes: int | None) -> Floats:
        """(N, 1) of (N,) targets."""
        return given[:, None].astype(np.float64)

    def outputs(self, scores: Floats) -> Floats:
        """The probability of 1, (N,)."""
        return super().outputs(scores)[:, 0]


class OneOfSeveral(YesOrNo):
    """A column for each class, 1 in the right one; scores are logits."""

    one_of_several = True
    dimensions = 1
    network_loss = "softmax"

    def columns(self, given: NDArray[np.int64], classes: int | None) -> Floats:
        """(N, K) of the (N,) numbers of classes.

        Raises:
            ValueError: there are fewer classes.
        """
        count = int(given.max()) + 1 if classes is None else classes
        if given.max() >= count:
            raise ValueError(f"a target is {given.max()}, of {count} classes")
        return np.eye(count)[given]

    def outputs(self, scores: Floats) -> Floats:
        """Probabilities that sum to 1."""
        return np.asarray(softmax(scores, axis=1))

    def loss(self, scores: Floats, wanted: Floats) -> float:
        """The mean cross-entropy."""
        return float(-np.mean(np.sum(log_softmax(scores, axis=1) * wanted, axis=1)))

    def score(self, scores: Floats, wanted: Floats) -> float:
        """Accuracy."""
        return float(np.mean(scores.argmax(axis=1) == wanted.argmax(axis=1)))

    def spread(self, scores: Floats) -> float:
        """Around each text's mean, which changes no probability."""
        return super().spread(scores - scores.mean(axis=1, keepdims=True))

    def scores_of(self, means: Floats) -> Floats:
        """Logarithms."""
        return np.asarray(np.log(np.maximum(means, _SURE)))


class Number(YesOrNo):
    """One column of numbers; scores are numbers in the same unit."""

    numbers = True
    dimensions = 1
    network_loss = "squared"
    loss_name = "root mean squared error"

    def outputs(self, scores: Floats) -> Floats:
        """The numbers, (N,)."""
        return scores[:, 0].copy()

    def loss(self, scores: Floats, wanted: Floats) -> float:
        """The mean squared error."""
        return float(np.mean((scores - wanted) ** 2))

    def score(self, scores: Floats, wanted: Floats) -> float:
        """The root mean squared error."""
        return float(np.sqrt(self.loss(scores, wanted)))

    def spread(self, scores: Floats) -> float:
        """All are in the same unit."""
        return 1.0

    def units(self, wanted: Floats) -> Floats:
        """Their mean and deviation."""
        return np.array([[wanted.mean()], [wanted.std() or 1.0]])

    def scores_of(self, means: Floats) -> Floats:
        """The means themselves."""
        return means

    def fit_linear(self, rows: csr_array, column: Floats, c: float, **how: Any) -> Floats:
        """A ridge regression."""
        return dual_descent.ridge(rows, column, c, **how)


ARITHMETIC: dict[Task, YesOrNo] = {
    "binary": Binary(),
    "multiclass": OneOfSeveral(),
    "multilabel": YesOrNo(),
    "regression": Number(),
}
"""By task."""
