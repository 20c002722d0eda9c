"""What all estimators do with their sequences: read, set aside, train, answer."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils import estimator_html_repr
from sklearn.utils.validation import check_is_fitted

from unspool.data.parts import RARE, split_by_chance
from unspool.data.task import Task
from unspool.estimators.errors import as_input_error
from unspool.estimators.inputs import Sequences, read_sequences
from unspool.estimators.network import Part, Plan, learn, outputs
from unspool.estimators.reading import fit_reader, read
from unspool.estimators.settings import Settings, checked_settings, seed_of
from unspool.estimators.summary import summary
from unspool.experiment.own.reading import Inputs
from unspool.experiment.own.recipe import headed
from unspool.models.seq2seq import Seq2Seq
from unspool.models.seq2vec import Seq2Vec

FEWEST = 50
"""Of fewer sequences none are set aside for validation: too few to tell anything, and needed for training."""


class SequenceEstimator(BaseEstimator):  # type: ignore[misc]
    """What `SequenceClassifier`, `SequenceRegressor` and `SequenceEncoder` have in common."""

    def _read_for_fit(self, X: Any) -> tuple[Settings, Sequences]:
        settings = checked_settings(self)
        sequences = read_sequences(self, X, settings.reads, fitting=True)
        settings.refuse_idle(sequences.kind)
        return settings, sequences

    def _read_for_use(self, X: Any) -> Any:
        check_is_fitted(self)
        with as_input_error():
            sequences = read_sequences(self, X, self.kind_, fitting=False)
            return read(self.reader_, sequences)

    def _learn(
        self,
        settings: Settings,
        sequences: Sequences,
        describe: Callable[[int], Seq2Vec | Seq2Seq],
        part_of: Callable[[NDArray[np.int64], Inputs], Part],
        task: Task | None = None,
        classes: NDArray[Any] | None = None,
    ) -> None:
        """Train, and keep what was learned.

        Args:
            settings: checked.
            sequences: N of them.
            describe: from how many are trained on to the description of the model.
            part_of: from some rows and their inputs to what is trained or validated on.
            task: what is predicted, if anything.
            classes: (N,) of which each part is to have the same share, or None.
        """
        seed = seed_of(self.random_state)
        with as_input_error():
            kept, held_out = set_aside(len(sequences), classes, settings.validation_fraction, seed)
            reader = fit_reader(sequences.take(kept), settings)
            training, validation = (
                part_of(rows, read(reader, sequences.take(rows))) if len(rows) else None for rows in (kept, held_out)
            )
            assert training is not None
            description = describe(len(kept))
            chosen = settings.training(sequences.kind, len(kept), seed)
            learned = learn(Plan(description, reader.inputs, task), training, validation, chosen, settings.verbose)
        self.kind_, self.reader_, self.task_ = sequences.kind, reader, task
        self.description_: Any = description  # each estimator knows which of the two it has
        self.weights_, self.history_ = learned.weights, learned.history
        self.n_iter_, self.best_epoch_ = learned.epochs, learned.best_epoch

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "weights_")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags

    def _repr_html_inner(self) -> str:
        return f"{estimator_html_repr(self)}{self._summary()}"

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, str]:
        bundle: dict[str, str] = super()._repr_mimebundle_(**kwargs)
        if "text/html" in bundle:
            bundle["text/html"] += self._summary()
        return bundle

    def _summary(self) -> str:
        return summary(self) if self.__sklearn_is_fitted__() else ""


class Predictor(SequenceEstimator):
    """What `SequenceClassifier` and `SequenceRegressor` have in common: a seq2vec model with a head."""

    def __init__(
        self,
        *,
        reads: str = "auto",
        cell: str | None = None,
        units: int | None = None,
        layers: int | None = None,
        bidirectional: bool | None = None,
        pooling: str | None = None,
        embedding: int | None = None,
        dropout: float | None = None,
        vocabulary: int | None = None,
        tokenizer: str | None = None,
        length: int | None = None,
        epochs: int | None = None,
        batch_size: int | None = None,
        learning_rate: float | None = None,
        validation_fraction: float = 0.1,
        patience: int | None = None,
        random_state: Any = None,
        verbose: int = 0,
    ):
        self.reads = reads
        self.cell = cell
        self.units = units
        self.layers = layers
        self.bidirectional = bidirectional
        self.pooling = pooling
        self.embedding = embedding
        self.dropout = dropout
        self.vocabulary = vocabulary
        self.tokenizer = tokenizer
        self.length = length
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.random_state = random_state
        self.verbose = verbose

    def encode(self, X: Any) -> NDArray[np.float64]:
        """Compute the vector that the model makes of each sequence, before it answers.

        Args:
            X: N sequences, as `fit` takes them.

        Returns:
            (N, W): mean and maximum over the embeddings of tokens and pairs, W twice `embedding` and 64 for the pairs;
            or over the hidden states, W four times `units`, twice where the model reads in one direction; or with
            `pooling="last"` the last state, W half of that.
        """
        inputs = self._read_for_use(X)
        bare = Plan(replace(self.description_, outputs=0), self.reader_.inputs)
        return outputs(bare, self.weights_[:-2], inputs)  # the last two are the head's

    def _learn_targets(
        self,
        settings: Settings,
        sequences: Sequences,
        task: Task,
        targets: NDArray[Any],
        weights: NDArray[np.floating] | None,
    ) -> None:
        """Train on N sequences with targets, (N,) numbers of classes or (N, outputs), and perhaps (N,) weights."""
        classes = targets if task in ("binary", "multiclass") else None
        width = 1 if task == "binary" else (int(targets.max()) + 1 if task == "multiclass" else targets.shape[1])

        def part_of(rows: NDArray[np.int64], inputs: Inputs) -> Part:
            return Part(inputs, targets[rows], None if weights is None else weights[rows])

        def describe(examples: int) -> Seq2Vec:
            return headed(settings.model(sequences.kind, examples), task, width)

        self._learn(settings, sequences, describe, part_of, task, classes)

    def _answers(self, X: Any) -> NDArray[np.float64]:
        """What the model answers to N sequences, (N, outputs)."""
        inputs = self._read_for_use(X)
        return outputs(Plan(self.description_, self.reader_.inputs, self.task_), self.weights_, inputs)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        return tags


def set_aside(
    count: int, classes: NDArray[Any] | None, fraction: float, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Draw the rows that decide when training stops.

    Args:
        count: N, how many rows there are.
        classes: (N,) the class of each, or None where there are no classes.
        fraction: of the rows.
        seed: the same seed gives the same rows.

    Returns:
        The rows to train on, and those set aside: none where the fraction is 0, there are fewer than 50 rows, or not
        two classes have ten rows.

    Example:
        >>> [len(rows) for rows in set_aside(100, None, 0.1, seed=0)], [len(r) for r in set_aside(30, None, 0.1, 0)]
        ([90, 10], [30, 0])
    """
    common = 2 if classes is None else np.count_nonzero(np.unique_counts(classes).counts >= RARE)
    if round(count * fraction) == 0 or count < FEWEST or common < 2:
        return np.arange(count), np.arange(0)
    return split_by_chance(count, classes, None, fraction, seed)
