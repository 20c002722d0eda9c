"""Simple models that a run must beat: what is most frequent, and a linear model over features of the raw examples."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from unspool.candidates.outcome import Compared
from unspool.data.texts.side_columns import TextRow, cells_of
from unspool.data.texts.side_encoder import SideEncoder
from unspool.evaluation.baselines import cache as baseline_cache
from unspool.evaluation.baselines import tfidf
from unspool.evaluation.baselines.linear import INVERSE_REGULARISATION, MOST_STEPS
from unspool.evaluation.baselines.summary_statistics import summary_statistics
from unspool.evaluation.measures.measure import Measure
from unspool.evaluation.scoring import HALF

Kind = Literal["text", "series"]
Outputs: TypeAlias = NDArray[np.float64]
Predict: TypeAlias = Callable[[Any], Outputs]
Rows: TypeAlias = NDArray[np.int64]

_NONE = -1.0
"""Stands in the cache for no threshold."""

_TITLES: dict[Kind, tuple[str, str]] = {
    "text": ("tfidf-{}-regression", "TF-IDF {} regression over words and pairs of words"),
    "series": ("summary-{}-regression", "{} regression over summary statistics of each channel"),
}


@dataclass(frozen=True, slots=True)
class RawPart:
    """Some of the examples, as they were before a model's reader.

    Attributes:
        inputs: gives N texts, perhaps one after the other, or (N, T, C) series; called only where a model has to be
            fitted.
        targets: as in `Predictions`.
    """

    inputs: Callable[[], Iterable[Any]]
    targets: NDArray[Any]

    def take(self, rows: Rows) -> "RawPart":
        """Some of the texts, in their order: others are read but not kept."""
        return RawPart(lambda: tfidf.picked(self.inputs(), rows), self.targets[rows])


@dataclass(frozen=True, slots=True)
class SimpleModel:
    """The predictions of a simple model for the test set.

    Attributes:
        name: its key.
        title: what it is, in words.
        outputs: as in `Predictions`.
        threshold: what a probability must reach to be a yes; None where the task needs none.
        seconds: what fitting and predicting took, and measuring it on held-out training data.
        held_out: what it reaches on held-out training data, by the measure of the verdict; None where that is
            not known.
    """

    name: str
    title: str
    outputs: NDArray[Any]
    threshold: float | None
    seconds: float
    held_out: float | None = None


@dataclass(frozen=True, slots=True)
class RawParts:
    """What simple models that only one task knows are fitted to and judged by; targets are as they are scored.

    Attributes:
        training: what they are fitted to.
        validation: what they are compared on.
        test: what they predict; the same as `validation` where that is the test.
        measure: that the verdict rests on.
        compared: those of them that the run has compared with its own model, by name.
    """

    training: RawPart
    validation: RawPart
    test: RawPart
    measure: Measure
    compared: Mapping[str, Compared[Any]] = field(default_factory=dict)

    def reached(self, outputs: NDArray[Any]) -> float:
        """What a model reaches on validation that says this of it."""
        return self.measure.value(self.validation.targets, np.asarray(outputs, dtype=np.float64), HALF)

    def answered(self, name: str, title: str, say: Callable[[RawPart], NDArray[Any]], began: float) -> SimpleModel:
        """The predictions of a fitted model for the test set, with its score on validation.

        Args:
            name: its key.
            title: in words.
            say: returns its predictions for some examples.
            began: when it began to be fitted, by `time.perf_counter`.
        """
        reached = self.reached(say(self.validation))
        return SimpleModel(name, title, say(self.test), None, time.perf_counter() - began, reached)


class LinearTask(Protocol):
    """What a linear model must know of a task."""

    @property
    def name(self) -> str:
        """Of the task."""

    @property
    def regression(self) -> Literal["logistic", "ridge"]:
        """The linear model that suits it."""

    @property
    def measures(self) -> Mapping[str, Measure]:
        """What its answers are judged by."""

    @property
    def headline(self) -> str:
        """The name of the measure that its verdict rests on."""

    def fit_linear(self, features: Any, targets: NDArray[Any]) -> Predict:
        """Fit a linear model, and return what turns features into outputs."""

    def pick_threshold(self, targets: NDArray[Any], outputs: Outputs, measure: str | None = None) -> float | None:
        """Pick on validation examples what a probability must reach to be a yes."""


def linear_baseline(
    task: LinearTask,
    kind: Kind,
    training: RawPart,
    validation: RawPart,
    test: RawPart,
    *,
    measure: str | None = None,
    cache_folder: Path | None = None,
    key: str = "",
    side: bool = False,
    learned: RawPart | None = None,
    parts: Sequence[tuple[Rows, Rows]] = (),
) -> SimpleModel:
    """Fit a linear model, and predict the test examples.

    Over texts: the TF-IDF of words and pairs of words (see `tfidf.tfidf_features`). Of more than `tfidf.MOST_TEXTS`
    training texts as many are drawn; all others are read a few thousand at a time. Over series: `STATISTICS` of each
    channel, standardised. Thresholds are picked on validation, as the run picks its own.

    Args:
        task: fits the linear model that suits its targets.
        kind: of inputs.
        training: what it is fitted to.
        validation: where thresholds are picked.
        test: what it predicts.
        measure: that the verdict rests on, and that thresholds serve; None takes the task's own.
        cache_folder: where predictions are kept, or None to keep none.
        key: names the data: its digest and how it was split.
        side: whether the texts have cells beside them (`TextRow`), which the model then reads too.
        learned: the examples that `parts` are rows of.
        parts: rows to fit to and rows to hold out, in turn: where what it reaches on held-out training data is
            measured, so that it can be compared with other models measured on the same; on validation if there are
            none.

    Raises:
        UserError: texts hold no word to learn from.
        ValueError: a cache folder without a key, or parts of nothing.

    Example:
        >>> from unspool.tasks import Binary
        >>> series = np.arange(40).reshape(40, 1, 1) % 2 + np.zeros((40, 5, 1))
        >>> part = RawPart(lambda: series, np.arange(40) % 2)
        >>> (linear_baseline(Binary(("a", "b")), "series", part, part, part).outputs[:2] > 0.5).tolist()
        [False, True]
    """
    if cache_folder is not None and not key:
        raise ValueError("a cache folder needs a key that names the data")
    if parts and learned is None:
        raise ValueError("parts are rows of what is learned from")
    name, title = (pattern.format(task.regression) for pattern in _TITLES[kind])
    if kind == "text":
        title += ", and the columns beside the text" if side else ""
        title += tfidf.drawn_words(len(training.targets))

    def fit() -> SimpleModel:
        start = time.perf_counter()
        over = _over_texts if kind == "text" else _over_series
        predict = over(task, training)
        said = predict(validation.inputs())
        threshold = task.pick_threshold(validation.targets, said, measure)
        if learned is None or not parts:
            reached = reached_on(task, validation.targets, said, measure)
        else:
            held = [row for _, rows in parts for row in rows]
            said = np.concatenate([over(task, learned.take(rest))(learned.take(rows).inputs()) for rest, rows in parts])
            reached = reached_on(task, learned.targets[held], said, measure)
        return SimpleModel(name, title, predict(test.inputs()), threshold, time.perf_counter() - start, reached)

    if cache_folder is None:
        return fit()
    facts = {
        "task": task.name,
        "data": key,
        "parameters": f"C={INVERSE_REGULARISATION} {tfidf.parameters()}" if kind == "text" else f"steps={MOST_STEPS}",
        "threshold": repr(measure),
        "labels": baseline_cache.digest_of_arrays(training.targets, validation.targets, test.targets),
        "scikit-learn": version("scikit-learn"),
        "unspool": baseline_cache.revision(),
        "parts": baseline_cache.digest_of_arrays(*(rows for part in parts for rows in part)),
    }
    path = baseline_cache.cache_path(cache_folder, name, facts)
    known = _kept(path, name, title)
    if known is not None and _suit(known.outputs, task, len(test.targets)):
        return known
    fitted = fit()
    _keep(path, fitted)
    return fitted


def _kept(path: Path, name: str, title: str) -> SimpleModel | None:
    """The predictions that `_keep` wrote to a file of the cache; None where there are none."""
    stored = baseline_cache.load(path, {"outputs": None, "threshold": (), "seconds": (), "held_out": ()})
    if stored is None:
        return None
    number = float(stored["threshold"])
    threshold = None if number == _NONE else number
    return SimpleModel(name, title, stored["outputs"], threshold, float(stored["seconds"]), float(stored["held_out"]))


def _keep(path: Path, fitted: SimpleModel) -> None:
    values: dict[str, Any] = {
        "outputs": fitted.outputs,
        "threshold": _NONE if fitted.threshold is None else fitted.threshold,
        "seconds": fitted.seconds,
        "held_out": fitted.held_out or 0.0,
    }
    baseline_cache.save(path, values)


def reached_on(task: LinearTask, targets: NDArray[Any], outputs: Outputs, measure: str | None = None) -> float:
    """What outputs for held-out training examples reach, at the threshold that suits them best."""
    threshold = task.pick_threshold(targets, outputs, measure)
    return task.measures[measure or task.headline].value(targets, outputs, HALF if threshold is None else threshold)


def _suit(outputs: Outputs, task: LinearTask, examples: int) -> bool:
    """Tell whether outputs from the cache may be those of the task: so many, and probabilities where it has them."""
    in_range = task.regression == "ridge" or bool(((outputs >= 0) & (outputs <= 1)).all())
    return outputs.shape[:1] == (examples,) and in_range


def _over_texts(task: LinearTask, training: RawPart) -> Predict:
    rows = tfidf.drawn(len(training.targets))
    known = tfidf.picked(training.inputs(), rows)
    vectorizer, features = tfidf.tfidf_features(known, str.split)
    if not isinstance(known[0], TextRow):
        predict = task.fit_linear(features, training.targets[rows])
        return lambda texts: tfidf.in_chunks(lambda some: predict(vectorizer.transform(some)), texts)
    encoder = SideEncoder.fit(cells_of(known))

    def beside(features: Any, texts: list[str]) -> Any:
        return sparse.hstack([features, sparse.csr_matrix(encoder.encode(cells_of(texts)))], format="csr")

    predict_both = task.fit_linear(beside(features, known), training.targets[rows])
    return lambda texts: tfidf.in_chunks(lambda some: predict_both(beside(vectorizer.transform(some), some)), texts)


def _over_series(task: LinearTask, training: RawPart) -> Predict:
    from sklearn.preprocessing import StandardScaler

    figures = summary_statistics(np.asarray(training.inputs()))
    scaler = StandardScaler().fit(figures)
    predict = task.fit_linear(scaler.transform(figures), training.targets)
    return lambda series: predict(scaler.transform(summary_statistics(series)))
