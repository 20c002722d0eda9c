"""What all estimators do with their sequences: read, set aside, train, answer."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils import estimator_html_repr
from sklearn.utils.validation import check_is_fitted

from unspool.data.drawn_parts import RARE, draw_validation
from unspool.descriptions.networks import Autoencoder, Seq2Vec
from unspool.estimators.errors import as_input_error
from unspool.estimators.fitted import Fitted
from unspool.estimators.inputs import Sequences, read_sequences
from unspool.estimators.network import Arrays, Plan, learn, outputs, trained_plan
from unspool.estimators.reading import fit_reader, read
from unspool.estimators.saving import save
from unspool.estimators.settings import Settings, checked_settings, seed_of
from unspool.estimators.summary import summary
from unspool.runs.checking.golden import few_of
from unspool.runs.held_together import copies_to_hold_out
from unspool.runs.records.seen import fingerprints
from unspool.tasks import Task

FEWEST = 50
"""Of fewer sequences none are set aside for validation: too few to tell anything, and needed for training."""


class SequenceEstimator(BaseEstimator):  # type: ignore[misc]
    """What `SequenceClassifier`, `SequenceRegressor` and `SequenceEncoder` have in common."""

    def _read_for_fit(self, X: Any) -> tuple[Settings, Sequences]:
        settings = checked_settings(self)
        sequences = read_sequences(self, X, settings.reads, fitting=True)
        settings.refuse_unused(sequences.kind)
        return settings, sequences

    def _read_for_use(self, X: Any) -> Any:
        check_is_fitted(self, "weights_")
        with as_input_error():
            sequences = read_sequences(self, X, self.kind_, fitting=False)
            return read(self.reader_, sequences)

    def _learn(
        self,
        settings: Settings,
        sequences: Sequences,
        encode: Callable[[NDArray[np.int64]], tuple[Task, NDArray[Any]]],
        describe: Callable[[Task, int], Seq2Vec | Autoencoder],
        *,
        classes: NDArray[Any] | None = None,
        weights: NDArray[np.floating] | None = None,
        balanced: bool = False,
        labels: Callable[[Task], Sequence[Any]] | None = None,
    ) -> NDArray[np.int64]:
        """Train, and keep what was learned.

        Args:
            settings: checked.
            sequences: N of them.
            encode: from the rows that are trained on to the task, and the targets of all N.
            describe: from the task and how many are trained on to the description of the model.
            classes: (N,) of which each part is to have the same share, or None.
            weights: (N,) how much each sequence counts, or None.
            balanced: whether all classes are to count the same instead.
            labels: gives the N labels as a file has them, if there are some.

        Returns:
            The rows that were trained on.
        """
        seed = seed_of(self.random_state)
        with as_input_error():
            prints = fingerprints(sequences.items)
            together = copies_to_hold_out(prints, sequences.kind, classes)
            counting = np.arange(len(sequences)) if weights is None else np.flatnonzero(weights)
            kept, held_out = (
                counting[rows]
                for rows in set_aside(
                    len(counting),
                    None if classes is None else classes[counting],
                    settings.validation_fraction,
                    seed,
                    None if together is None else together[counting],
                )
            )
            kept = np.sort(np.concatenate([kept, np.delete(np.arange(len(sequences)), counting)]))
            reader = fit_reader(sequences.take(kept), settings)
            task, targets = encode(kept)
            description = describe(task, len(kept))
            chosen = settings.training(sequences.kind, len(kept), seed, balanced)

            def part_of(rows: NDArray[np.int64], balanced: bool) -> Arrays:
                inputs = read(reader, sequences.take(rows))
                if weights is not None:
                    return inputs, targets[rows], weights[rows]
                return task.examples(inputs, targets[rows], balanced)

            training, validation = part_of(kept, balanced), part_of(held_out, False) if len(held_out) else None
            plan = trained_plan(description, reader.inputs, task)
            learned = learn(plan, training, validation, chosen, settings.verbose)
        self.kind_, self.reader_, self.task_ = sequences.kind, reader, task
        self.description_: Any = description  # each estimator knows which of the two it has
        self.weights_, self.history_ = learned.weights, learned.history
        self.n_iter_, self.best_epoch_ = learned.epochs, learned.best_epoch
        self._golden_inputs = few_of((validation or training)[0])
        self._fitted = Fitted(
            sequences,
            labels and partial(labels, task),
            held_out,
            weighted=weights is not None,
            prints=prints,
            settings=settings,
            training=chosen,
            seconds=learned.seconds,
            log=learned.log,
        )
        self._seen = self._fitted.seen
        return kept

    def __getstate__(self) -> dict[str, Any]:
        """What pickles and copies keep: not what the estimator was fitted to."""
        state: dict[str, Any] = super().__getstate__()
        return {name: value for name, value in state.items() if name != "_fitted"}

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "weights_")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.input_tags.allow_nan = True
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

    def _labels_of_test(self, y: Any) -> Sequence[Any] | None:
        """The labels of test examples as a file has them; None where there are none."""
        return None


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

    def save(self, folder: str | PathLike[str], *, test: tuple[Any, Any] | None = None) -> None:
        """Write the fitted model to a folder; with labelled test examples, as a complete run.

        Without `test` the folder has the model: `unspool.load(folder)` and the commands `predict`, `evaluate`,
        `inspect` and `check` read it. With `test` it is what `unspool train` writes: the model is scored on the test
        examples beside simple baselines, and `compare`, `report`, `resume` and `replay` read it too.

        For that, the estimator keeps a reference to its training data (texts as they are, series as float32), and
        `save` writes it with the test examples to a file in unspool's cache, which the folder's recipe names. Pickles
        and copies of the estimator do not include it: save before pickling, or fit again.

        The estimator's parameters are not saved; to keep them, pickle it.

        Args:
            folder: to make; not one that is there already.
            test: X and y of examples that the model has not seen, as `fit` takes them.

        Raises:
            NotFittedError: the model is not fitted.
            InputError: it predicts several numbers at once, the folder is there already or cannot be written, or with
                `test`: examples that a file cannot hold (empty texts or series, token ids), a label that does not
                occur in training, a model that was fitted with weights or without a validation set, or a pickled one.

        Example:
            >>> import tempfile, numpy as np, unspool
            >>> X = [np.linspace(0, 1 + n / 80, 6)[:: 1 if n % 2 else -1] for n in range(80)]
            >>> y = ["up" if n % 2 else "down" for n in range(80)]
            >>> model = unspool.SequenceClassifier(epochs=2, units=4, random_state=0).fit(X[:60], y[:60])
            >>> with tempfile.TemporaryDirectory() as parent:
            ...     model.save(f"{parent}/model", test=(X[60:], y[60:]))
            ...     unspool.load(f"{parent}/model").predict(X) == model.predict(X).tolist()
            True
        """
        save(self, folder, test)

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

    def _answers(self, X: Any) -> NDArray[np.float64]:
        """What the model answers to N sequences, (N, outputs)."""
        inputs = self._read_for_use(X)
        return outputs(trained_plan(self.description_, self.reader_.inputs, self.task_), self.weights_, inputs)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        return tags


def set_aside(
    count: int,
    classes: NDArray[Any] | None,
    fraction: float,
    seed: int,
    together: NDArray[np.int64] | None = None,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Draw the rows that decide when training stops.

    Args:
        count: N, how many rows there are.
        classes: (N,) the class of each, or None where there are no classes.
        fraction: of the rows.
        seed: the same seed gives the same rows.
        together: (N,) the same number for rows that are set aside together, such as copies, or None.

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
    return draw_validation(count, classes, together, fraction, seed)
