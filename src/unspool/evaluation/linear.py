"""Simple models for every task, over texts or series: what is most frequent, and a linear model."""

import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.multiclass import OneVsRestClassifier
from sklearn.preprocessing import StandardScaler

from unspool.data.task import Task
from unspool.evaluation import baseline_cache, tfidf
from unspool.evaluation.curves import f1_threshold, youden_threshold
from unspool.evaluation.summary_statistics import summary_statistics
from unspool.evaluation.tfidf import Tokenize

Kind = Literal["text", "series"]

HALF = 0.5
# Chosen by five-fold cross-validation on IMDb's 25,000 training reviews, where 10, 30 and 100 differ by 0.2 points.
INVERSE_REGULARISATION = 30.0
_STEPS = 1000  # of a solver, at most

_MOST_FREQUENT: dict[Task, tuple[str, str]] = {
    "binary": ("majority-class", "the majority class"),
    "multiclass": ("most-frequent-class", "the most frequent class"),
    "multilabel": ("label-frequencies", "each label’s frequency"),
    "regression": ("mean", "the mean of the training numbers"),
}
_LINEAR: dict[Kind, tuple[str, str]] = {
    "text": ("tfidf-{}-regression", "TF-IDF {} regression over words and pairs of words"),
    "series": ("summary-{}-regression", "{} regression over summary statistics of each channel"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """Some of the examples.

    Attributes:
        inputs: gives N texts, perhaps one after the other, or (N, T, C) series; called only where a model has to be
            fitted.
        targets: as in `TaskPredictions`; 0 and 1 for one of two labels.
    """

    inputs: Callable[[], Any]
    targets: NDArray[Any]


@dataclass(frozen=True, slots=True)
class SimpleModel:
    """What a simple model says of the test set.

    Attributes:
        name: its key.
        title: what it is, in words.
        outputs: as in `TaskPredictions`; (N,) the probability of label 1, for one of two labels.
        threshold: what a probability must reach to be a yes; one half where there is nothing to pick.
        seconds: what fitting and predicting took.
    """

    name: str
    title: str
    outputs: NDArray[np.float64]
    threshold: float
    seconds: float


def pick_threshold(task: Task, targets: NDArray[Any], outputs: NDArray[np.float64]) -> float:
    """Picks on validation examples what a probability must reach to be a yes; one half where there is no choice.

    Of two labels: the threshold with the largest TPR - FPR. Of several at once: the one with the largest micro F1.

    Example:
        >>> pick_threshold("binary", np.array([0, 1]), np.array([0.5, 0.75]))
        0.625
    """
    if task == "binary":
        return youden_threshold(targets, outputs)
    return f1_threshold(targets, outputs) if task == "multilabel" else HALF


def most_frequent(
    task: Task, training: NDArray[Any], validation: NDArray[Any], test_examples: int, classes: int
) -> SimpleModel:
    """Says of every example what is most frequent in training: shares of classes or labels, or the mean number.

    Args:
        task: what is predicted.
        training: the targets.
        validation: the targets, where the threshold for several labels at once is picked.
        test_examples: how many it is to speak of.
        classes: how many classes or labels there are.

    Example:
        >>> most_frequent("multiclass", np.array([0, 1, 1, 1]), np.array([0]), 2, 2).outputs.tolist()
        [[0.25, 0.75], [0.25, 0.75]]
    """
    if task == "multiclass":
        one = np.bincount(training, minlength=classes) / len(training)
    else:
        one = np.asarray(training.mean(axis=0, dtype=np.float64))
    threshold = HALF
    if task == "multilabel":
        threshold = f1_threshold(validation, np.broadcast_to(one, validation.shape))
    outputs = np.broadcast_to(one, (test_examples, *one.shape)).copy()
    return SimpleModel(*_MOST_FREQUENT[task], outputs, threshold, 0.0)


def linear_model(
    task: Task,
    kind: Kind,
    training: Part,
    validation: Part,
    test: Part,
    classes: int,
    *,
    tokenize: Tokenize = str.split,
    cache_folder: Path | None = None,
    key: str = "",
) -> SimpleModel:
    """Fits a linear model, and lets it speak of the test examples.

    Over texts: the TF-IDF of words and pairs of words (see `tfidf.tfidf_features`). Of more than `tfidf.MOST_TEXTS`
    training texts as many are drawn; all others are read a few thousand at a time. Over series: `STATISTICS` of each
    channel, standardised. On either, a logistic regression (one for each label, and over texts one for each class; over
    series one multinomial one for all classes), or a ridge regression. Thresholds are picked on validation, as the run
    picks its own.

    Args:
        task: what is predicted.
        kind: of inputs.
        training: what it is fitted to.
        validation: where thresholds are picked.
        test: what it speaks of.
        classes: how many classes or labels there are.
        tokenize: a text to its words.
        cache_folder: where predictions are kept, or None to keep none.
        key: names the data: its digest and how it was split.

    Raises:
        UserError: texts hold no word to learn from.

    Example:
        >>> series = np.arange(40).reshape(40, 1, 1) % 2 + np.zeros((40, 5, 1))
        >>> part = Part(lambda: series, np.arange(40) % 2)
        >>> (linear_model("binary", "series", part, part, part, 2).outputs[:2] > 0.5).tolist()
        [False, True]
    """
    name, title = (pattern.format("ridge" if task == "regression" else "logistic") for pattern in _LINEAR[kind])
    if kind == "text":
        title += tfidf.drawn_words(len(training.targets))

    def fit() -> SimpleModel:
        start = time.perf_counter()
        say = (_over_texts if kind == "text" else _over_series)(task, training, classes, tokenize)
        threshold = HALF
        if task in ("binary", "multilabel"):
            threshold = pick_threshold(task, validation.targets, say(validation.inputs()))
        return SimpleModel(name, title, say(test.inputs()), threshold, time.perf_counter() - start)

    if cache_folder is None:
        return fit()
    targets = (training.targets, validation.targets, test.targets)
    facts = {
        "task": task,
        "data": key,
        "parameters": f"C={INVERSE_REGULARISATION} {tfidf.parameters()}" if kind == "text" else f"steps={_STEPS}",
        "labels": baseline_cache.digest_of_arrays(*targets),
        "scikit-learn": version("scikit-learn"),
        "unspool": version("unspool"),
    }
    path = baseline_cache.cache_path(cache_folder, name, facts)
    one_each = task in ("binary", "regression")
    shape = (len(test.targets),) if one_each else (len(test.targets), classes)
    stored = baseline_cache.load(path, {"outputs": shape, "threshold": (), "seconds": ()})
    if stored is not None and (task == "regression" or _are_probabilities(stored["outputs"])):
        return SimpleModel(name, title, stored["outputs"], float(stored["threshold"]), float(stored["seconds"]))
    fitted = fit()
    baseline_cache.save(path, {"outputs": fitted.outputs, "threshold": fitted.threshold, "seconds": fitted.seconds})
    return fitted


def _are_probabilities(outputs: NDArray[np.float64]) -> bool:
    return bool(np.all((outputs >= 0) & (outputs <= 1)))


_Say = Callable[[Any], NDArray[np.float64]]


def _over_texts(task: Task, training: Part, classes: int, tokenize: Tokenize) -> _Say:
    rows = tfidf.drawn(len(training.targets))
    vectorizer, features = tfidf.tfidf_features(tfidf.picked(training.inputs(), rows), tokenize)
    say = _fitted(task, "text", features, training.targets[rows], classes)
    return lambda texts: tfidf.in_chunks(lambda some: say(vectorizer.transform(some)), texts)


def _over_series(task: Task, training: Part, classes: int, tokenize: Tokenize) -> _Say:
    figures = summary_statistics(training.inputs())
    scaler = StandardScaler().fit(figures)
    say = _fitted(task, "series", scaler.transform(figures), training.targets, classes)
    return lambda series: say(scaler.transform(summary_statistics(series)))


def _fitted(task: Task, kind: Kind, features: Any, targets: NDArray[Any], classes: int) -> _Say:
    """Fits the linear model itself, and returns what turns features into outputs."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # near enough for a baseline
        if task == "regression":
            return Ridge().fit(features, targets).predict  # type: ignore[no-any-return]
        if task == "binary":
            return _one_label(kind, features, targets)
        if task == "multilabel":
            columns = [_one_label(kind, features, column) for column in targets.T]
            return lambda given: np.stack([column(given) for column in columns], axis=1)
        several = task == "multiclass" and kind == "text"
        model = OneVsRestClassifier(_logistic(kind)) if several else _logistic(kind)
        model.fit(features, targets)

    def of_classes(given: Any) -> NDArray[np.float64]:
        outputs = np.zeros((given.shape[0], classes))  # a class that is not in training keeps its zero
        outputs[:, model.classes_] = model.predict_proba(given)
        return outputs

    return of_classes


def _one_label(kind: Kind, features: Any, column: NDArray[Any]) -> _Say:
    """Fits one yes or no, which may be the same everywhere: of many texts, those drawn may lack a rare label."""
    if column.min() == column.max():
        return lambda given: np.full(given.shape[0], float(column[0]))
    model = _logistic(kind).fit(features, column)
    return lambda given: np.asarray(model.predict_proba(given)[:, 1])


def _logistic(kind: Kind) -> LogisticRegression:
    if kind == "text":
        return LogisticRegression(C=INVERSE_REGULARISATION, solver="liblinear")
    return LogisticRegression(max_iter=_STEPS)
