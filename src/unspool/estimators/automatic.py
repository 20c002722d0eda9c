"""Scikit-learn estimators that choose a model by cross-validation, as `unspool train` does."""

import math
from numbers import Integral
from os import PathLike
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils import check_consistent_length, column_or_1d
from sklearn.utils.validation import check_is_fitted

from unspool.candidates import candidate_names, choose, holds_network
from unspool.candidates.examples import Examples
from unspool.candidates.outcome import BUDGET
from unspool.candidates.registry import is_blend
from unspool.candidates.transformation_choice import transformed
from unspool.data.cell_values import is_missing
from unspool.data.learnable import refuse_unlearnable
from unspool.data.series.missing import channel_statistics
from unspool.descriptions.choice import ModelChoice
from unspool.estimators.errors import InputError, as_input_error
from unspool.estimators.inputs import Sequences, check_series, end_to_end, read_sequences
from unspool.estimators.saving import save_model
from unspool.estimators.settings import seed_of
from unspool.estimators.targets import checked_targets, decided, encoded_classes, mean_and_scale
from unspool.files import expanded
from unspool.readers import RawExamples, RawSeriesReader, RawTextReader
from unspool.runs.checking.golden import few_of
from unspool.runs.fitting import telling
from unspool.runs.held_together import classes_of, copies_to_hold_out
from unspool.runs.records.seen import Seen, fingerprints
from unspool.tasks import Binary, Multiclass, Regression, Task
from unspool.terminal import say

FEWEST = 10
"""With fewer sequences, a cross-validation says too little."""


class AutoEstimator(BaseEstimator):  # type: ignore[misc]
    """What `AutoClassifier` and `AutoRegressor` have in common."""

    def __init__(
        self,
        *,
        reads: Literal["auto", "text", "series"] = "auto",
        model: str = "auto",
        budget: float | None = BUDGET,
        random_state: Any = None,
        verbose: int = 0,
    ):
        self.reads = reads
        self.model = model
        self.budget = budget
        self.random_state = random_state
        self.verbose = verbose

    def save(self, folder: str | PathLike[str]) -> None:
        """Write the fitted model to a folder.

        `unspool.load(folder)` and the commands `predict`, `evaluate`, `check` and `export` read it. For a run with a
        test set, baselines and a report, call `unspool.train` with the same data.

        Args:
            folder: to create; it must not exist.

        Raises:
            NotFittedError: the model is not fitted.
            InputError: the folder exists or cannot be written.
        """
        check_is_fitted(self)
        with as_input_error():
            save_model(
                self,
                self.task_,
                ModelChoice(candidates=(self.chosen_,)),
                self.model_,
                expanded(folder),
                network=any(map(holds_network, self._parts)),
            )

    @property
    def _parts(self) -> list[str]:
        """The candidates that the model may consist of: a blend weighs all that were compared."""
        if not is_blend(self.chosen_):
            return [self.chosen_]
        return [one.name for one in self.tried_ if one.score is not None]

    def _read_for_fit(self, X: Any) -> Sequences:
        name, budget = type(self).__name__, self.budget
        if self.reads not in ("auto", "text", "series", "tokens"):
            raise InputError(f"{name}: reads is {self.reads!r}. It can be 'auto', 'text' or 'series'.")
        sequences = read_sequences(self, X, self.reads, fitting=True)
        if sequences.kind == "tokens":
            raise InputError(f"{name} reads texts or series. For token ids use SequenceClassifier.")
        is_number = isinstance(budget, int | float | np.integer | np.floating) and not isinstance(budget, bool)
        if budget is not None and not (is_number and 0 < budget < math.inf):
            raise InputError(f"{name}: budget is {budget!r}. Give seconds, or None for no limit.")
        verbose: Any = self.verbose
        if not isinstance(verbose, Integral) or verbose < 0:
            raise InputError(f"{name}: verbose is {verbose!r}. Give 0, or a larger number for a line for each model.")
        return sequences

    def _choose(self, sequences: Sequences, task: Task, targets: NDArray[Any], groups: Any) -> None:
        """Compare the candidates, and keep the best, fitted to all sequences."""
        kind: Literal["text", "series"] = "series" if sequences.kind == "series" else "text"
        names = candidate_names(kind, task.name)
        names = names if self.model == "auto" else (self.model,)
        if len(sequences) < FEWEST:
            samples = "1 sample" if len(sequences) == 1 else f"{len(sequences)} samples"
            raise InputError(f"X has {samples}. Give at least {FEWEST} to compare models.")
        with as_input_error():
            reader = _reader_of(sequences)
            inputs = _inputs(reader, sequences)
            prints, together = fingerprints(sequences.items), _numbered(groups, len(sequences))
            if together is not None and isinstance(task, Binary | Multiclass):
                refuse_unlearnable([task.names[one] for one in targets.tolist()], together)
            if together is None:
                together = copies_to_hold_out(prints, kind, classes_of(task, targets))
            examples, _ = transformed(kind, Examples(inputs.items, targets, task.name, len(task.names), together))
            how: Any = {"budget": self.budget, "seed": seed_of(self.random_state)}
            if self.verbose:
                on = f", on {len(sequences):,} training examples"
                with telling(f"comparing {len(names)} models by cross-validation", on, names, task, say) as told:
                    choice = choose(kind, examples, names, tell=told[0], heard=told[1], **how)
            else:
                choice = choose(kind, examples, names, **how)
        self.kind_, self.reader_, self.task_, self.model_ = kind, reader, task, choice.model
        self.chosen_, self.tried_ = choice.name, choice.tried
        self.why_ = "; ".join(filter(None, (choice.why, choice.on_lack_of_time)))
        self._golden_inputs, self._seen = few_of(inputs), Seen.of(prints, fingerprints([]))

    def _outputs(self, X: Any) -> NDArray[np.float64]:
        """The outputs of the model for N sequences, (N,) or (N, K), as the task scores them."""
        check_is_fitted(self)
        with as_input_error():
            sequences = read_sequences(self, X, self.kind_, fitting=False)
            return self.model_.outputs(_inputs(self.reader_, sequences).items)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "model_")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        return tags


class AutoClassifier(ClassifierMixin, AutoEstimator):  # type: ignore[misc]
    """A scikit-learn classifier of texts or series that chooses its model by cross-validation.

    Several models are compared on the data that `fit` gets, from cheapest to most expensive, and the best is fitted to
    all of it, as `unspool train` does with the training part of a file. For texts, these are linear models over
    n-grams, convolutions, document vectors and their blends; for series, random convolutions, quantiles of intervals,
    trees, nearest neighbours and their blend. See docs/choosing.md.

    X holds texts or series, as `SequenceClassifier` takes them; y one class for each or, for texts, several at once as
    an array (N, K) of 0 and 1.

    Args:
        reads: "text" or "series"; "auto" takes strings for texts and anything else for series, except lists of whole
            numbers, which may be token ids: then it asks.
        model: "auto" compares several; or the name of one to fit without a comparison, such as "nb-words" or
            "convolution".
        budget: seconds for the comparison, or None for no limit. Models that do not fit into it are not tried, so a
            slower machine may choose another model. 900 or more also tries a language model for texts, and recurrent
            networks for series.
        random_state: a whole number for the same model each time; a RandomState, from which a seed is drawn; None for a
            different seed each time.
        verbose: 1 prints a line for each model that is compared.

    Attributes:
        classes_: (K,) the classes.
        chosen_: the name of the model that was chosen.
        why_: why it was chosen, and how many models lacked time, if it is more than a third.
        tried_: for each model its `name`, `loss` (log loss) and `score` (accuracy) in the cross-validation, and the
            `seconds` that it took; or a `note` that says why it was not tried.
        model_: the model.
        kind_: what was read: "text" or "series".
        reader_: how sequences are read.
        n_features_in_: T, where X was an array (N, T).

    Example:
        >>> import numpy as np, unspool
        >>> waves = [np.sin(np.arange(40 + n) * (0.2 if n % 2 else 0.5)) for n in range(40)]
        >>> model = unspool.AutoClassifier(random_state=0).fit(waves[:20], ["fast", "slow"] * 10)
        >>> model.predict(waves[20:22]).tolist(), [one.name for one in model.tried_][:2]
        (['fast', 'slow'], ['statistics', 'raw values'])
    """

    def fit(self, X: Any, y: Any, groups: Any = None) -> "AutoClassifier":
        """Compare models, and fit the best.

        Args:
            X: N sequences.
            y: (N,) classes, or (N, K) of 0 and 1.
            groups: (N,) the group of each sequence, such as the author of a text; the sequences of a group are held out
                together, so at least two classes must each occur in several groups. If None, copies of a sequence are
                held out together.

        Returns:
            Itself.

        Raises:
            InputError: a parameter or a sequence is wrong, or there are too few; it is a UserError and a ValueError.
            ValueError: scikit-learn's own, where y holds no classes, or an array is not of finite numbers.
        """
        sequences = self._read_for_fit(X)
        task, targets, classes, columns = encoded_classes(checked_targets(self, y))
        check_consistent_length(sequences.items, targets)
        self._choose(sequences, task, targets, groups)
        self.classes_, self._columns = classes, columns
        return self

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Compute the probability of each class.

        Args:
            X: N sequences.

        Returns:
            (N, K), in the order of `classes_`; each row sums to 1, unless a text may have several classes.
        """
        outputs = self._outputs(X)
        probabilities = np.column_stack([1 - outputs, outputs]) if outputs.ndim == 1 else outputs
        return probabilities[:, self._columns]

    def predict(self, X: Any) -> NDArray[Any]:
        """Predict the most probable class.

        Args:
            X: N sequences.

        Returns:
            (N,) classes; or (N, K) of 0 and 1 where a text may have several: 1 where the probability is a half or more.
        """
        return decided(self.predict_proba(X), self.classes_, self.task_)


class AutoRegressor(RegressorMixin, AutoEstimator):  # type: ignore[misc]
    """A scikit-learn regressor of texts or series that chooses its model by cross-validation.

    X is what `AutoClassifier` takes, y a number for each sequence; parameters and attributes are those of
    `AutoClassifier`, without `classes_`. In `tried_`, `score` is the root mean squared error. Models may learn the
    square roots or logarithms of skewed numbers such as prices (see docs/choosing.md); predictions and errors are in
    the unit of y.

    Example:
        >>> import numpy as np, unspool
        >>> X = np.random.default_rng(0).random((60, 5))
        >>> unspool.AutoRegressor(random_state=0).fit(X, X.sum(axis=1)).score(X, X.sum(axis=1)) > 0.9
        True
    """

    def fit(self, X: Any, y: Any, groups: Any = None) -> "AutoRegressor":
        """Compare models, and fit the best.

        Args:
            X: N sequences.
            y: (N,) numbers.
            groups: (N,) the group of each sequence; the sequences of a group are held out together. If None,
                copies of a sequence are held out together.

        Returns:
            Itself.

        Raises:
            InputError: a parameter or a sequence is wrong, or there are too few; it is a UserError and a ValueError.
            ValueError: scikit-learn's own, where an array is not of finite numbers.
        """
        sequences = self._read_for_fit(X)
        numbers = column_or_1d(checked_targets(self, y, np.float64), warn=True)
        check_consistent_length(sequences.items, numbers)
        (mean,), (scale,) = mean_and_scale(numbers[:, None])
        self._choose(sequences, Regression(mean=float(mean), scale=float(scale)), numbers, groups)
        return self

    def predict(self, X: Any) -> NDArray[np.float64]:
        """Predict numbers.

        Args:
            X: N sequences.

        Returns:
            (N,) numbers.
        """
        return self._outputs(X)


def _reader_of(sequences: Sequences) -> RawTextReader | RawSeriesReader:
    if sequences.kind == "text":
        return RawTextReader()
    means, _ = channel_statistics(end_to_end(sequences))
    return RawSeriesReader(tuple(map(str, range(len(means)))), means)


def _inputs(reader: RawTextReader | RawSeriesReader, sequences: Sequences) -> RawExamples:
    if isinstance(reader, RawTextReader):
        return reader.read(sequences.items)
    check_series(sequences, len(reader.channels))
    return reader.read_series(sequences.items)


def _numbered(groups: Any, count: int) -> NDArray[np.int64] | None:
    """(N,) the groups of N sequences, counted from 0.

    Raises:
        InputError: a group is missing, there is only one, or each sequence has several.
    """
    if groups is None:
        return None
    names = np.asarray(groups)
    if names.ndim == 2 and names.shape[1] > 1:
        raise InputError(f"groups has {names.shape[1]} columns: give one group for each sequence.")
    names = column_or_1d(names)
    check_consistent_length(names, np.empty(count))
    missing = next((position for position, name in enumerate(names.tolist()) if is_missing(name)), None)
    if missing is not None:
        raise InputError(f"groups[{missing}] is missing. Give its group, or leave the sequence out.")
    names = names.astype(str) if names.dtype.kind == "O" else names  # a mix of numbers and texts cannot be sorted
    different, numbers = np.unique(names, return_inverse=True)
    if len(different) == 1:
        raise InputError("All sequences are in one group, so none can be held out. Give several groups, or none.")
    return numbers.astype(np.int64)
