"""Sequences to numbers."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import RegressorMixin
from sklearn.utils import check_consistent_length, column_or_1d

from unspool.estimators.base import Predictor
from unspool.estimators.targets import checked_targets, checked_weights, mean_and_scale
from unspool.tasks import Regression, Task


class SequenceRegressor(RegressorMixin, Predictor):  # type: ignore[misc]
    """A network that predicts numbers from texts or series, as a scikit-learn regressor.

    X is what `SequenceClassifier` takes; y holds a number for each sequence, (N,), or several, (N, K). Training works
    with standardised numbers and the mean squared error, and stops as that of the classifier does.

    The parameters are those of `SequenceClassifier`, without `class_weight`.

    Attributes:
        mean_: (K,) of the numbers that were trained on, without those of weight 0.
        scale_: (K,) their standard deviation, 1 where it is 0.
        kind_: what was read: "text", "tokens" or "series".
        reader_: how sequences are read.
        description_: the model, a `unspool.models.Seq2Vec`.
        weights_: its weights, as arrays.
        history_: loss and metrics by epoch, of the standardised numbers.
        n_iter_: epochs that were trained.
        best_epoch_: the epoch whose weights are kept, counted from 1.
        n_features_in_: T, where X was an array (N, T).

    Example:
        >>> import numpy as np, unspool
        >>> X = np.random.default_rng(0).random((60, 5, 1))
        >>> model = unspool.SequenceRegressor(units=8, epochs=60, learning_rate=0.02, random_state=0)
        >>> model.fit(X, X.sum(axis=(1, 2))).score(X, X.sum(axis=(1, 2))) > 0.8
        True
    """

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "SequenceRegressor":
        """Train on sequences with a number each.

        Args:
            X: N sequences.
            y: (N,) numbers, or (N, K).
            sample_weight: (N,) how much each sequence counts.

        Returns:
            Itself.

        Raises:
            InputError: a parameter, a sequence or a weight is wrong, or a parameter would have no effect on such
                sequences; it is a UserError and a ValueError.
            ValueError: scikit-learn's own, where an array is not of finite numbers.
        """
        settings, sequences = self._read_for_fit(X)
        numbers = checked_targets(self, y, np.float64)
        check_consistent_length(sequences.items, numbers)
        weights = checked_weights(sample_weight, len(numbers))
        columns = numbers.reshape(len(numbers), -1).copy()

        def standards(rows: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
            return mean_and_scale(columns[rows if weights is None else rows[weights[rows] > 0]])

        def encode(rows: NDArray[np.int64]) -> tuple[Task, NDArray[Any]]:
            mean, scale = standards(rows)
            standard = (columns - mean) / scale
            if weights is not None:
                standard[weights == 0] = 0  # the square of what does not count might overflow, and 0 times that is NaN
            standard = standard.astype(np.float32)
            task = Regression(mean=float(mean[0]), scale=float(scale[0]))
            return task, standard[:, 0] if standard.shape[1] == 1 else standard

        rows = self._learn(
            settings,
            sequences,
            encode,
            lambda task, examples: task.head(settings.model(sequences.kind, examples), columns.shape[1]),
            weights=weights,
            labels=lambda task: columns[:, 0].tolist(),
        )
        self.mean_, self.scale_ = standards(rows)
        self._one_dimension = numbers.ndim == 1
        return self

    def predict(self, X: Any) -> NDArray[np.float64]:
        """Predict numbers.

        Args:
            X: N sequences.

        Returns:
            (N,) or (N, K), as y was.
        """
        numbers: NDArray[np.float64] = self._answers(X) * self.scale_ + self.mean_
        return numbers[:, 0] if self._one_dimension else numbers

    def _labels_of_test(self, y: Any) -> list[float]:
        numbers: list[float] = column_or_1d(checked_targets(self, y, np.float64), warn=True).tolist()
        return numbers

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
