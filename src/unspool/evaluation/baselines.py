"""Simple models that a classifier of texts must beat: the majority class, and a linear model over words and pairs."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from unspool.errors import UserError
from unspool.evaluation.checks import checked_labels
from unspool.evaluation.linear import Part, SimpleModel, linear_model, most_frequent
from unspool.evaluation.result import Baseline, Predictions
from unspool.evaluation.scores import binary_scores
from unspool.evaluation.tfidf import Tokenize

Texts = Iterable[str] | Callable[[], Iterable[str]]
"""Texts, or what reads them: called only where a baseline has to be fitted."""


def fit_baselines(
    train_texts: Texts,
    train_labels: ArrayLike,
    validation_texts: Texts,
    validation_labels: ArrayLike,
    test_texts: Texts,
    test_labels: ArrayLike,
    *,
    tokenize: Tokenize,
    groups: NDArray[np.integer] | None = None,
    cache_folder: Path | None = None,
    key: str = "",
    resamples: int = 2000,
    seed: int = 0,
) -> tuple[Baseline, ...]:
    """Fits baselines on the training examples and scores them on the test examples.

    Args:
        train_texts: a text for each label, or a function that gives them. What is in the cache needs no text.
        train_labels: (N,) 0 or 1.
        validation_texts: where the threshold is picked, as the run picks its own.
        validation_labels: 0 or 1.
        test_texts: what the run is scored on.
        test_labels: 0 or 1.
        tokenize: a text to its words.
        groups: of the test examples, see `Predictions`.
        cache_folder: where predictions are kept, or None to keep none.
        key: names the data: its digest and how it was split. Needed with a cache folder. The labels, the baseline's
            parameters and the versions of unspool and scikit-learn are added to it.
        resamples: how many bootstrap resamples for the intervals.
        seed: of the resamples.

    Returns:
        The majority class, and a logistic regression over words and pairs of words (see `linear.linear_model`).

    Raises:
        UserError: one class only, no word that two training texts share.
        ValueError: a cache folder without a key.

    Example:
        >>> texts, labels = ["good film", "bad film", "good", "bad"] * 5, [1, 0, 1, 0] * 5
        >>> majority, linear = fit_baselines(texts, labels, texts, labels, texts, labels, tokenize=str.split)
        >>> majority.scores.accuracy.value, linear.scores.accuracy.value
        (0.5, 1.0)
    """
    if cache_folder is not None and not key:
        raise ValueError("a cache folder needs a key that names the data")
    training = _part(train_texts, checked_labels(train_labels))
    validation = _part(validation_texts, checked_labels(validation_labels))
    test = _part(test_texts, checked_labels(test_labels))
    majority = most_frequent("binary", training.targets, validation.targets, len(test.targets), 2)
    linear = linear_model(
        "binary", "text", training, validation, test, 2, tokenize=tokenize, cache_folder=cache_folder, key=key
    )
    return tuple(scored(model, test.targets, groups, resamples, seed) for model in (majority, linear))


def scored(
    model: SimpleModel, labels: NDArray[np.integer], groups: NDArray[np.integer] | None, resamples: int, seed: int = 0
) -> Baseline:
    """Scores what a simple model says of test examples with one of two labels.

    Args:
        model: of the task "binary".
        labels: (N,) 0 or 1.
        groups: (N,) or None, see `Predictions`.
        resamples: how many bootstrap resamples for the intervals.
        seed: of the resamples.
    """
    scores = binary_scores(Predictions(labels, model.outputs, groups), model.threshold, resamples=resamples, seed=seed)
    return Baseline(model.name, model.title, scores, model.outputs, model.seconds)


def _part(texts: Texts, labels: NDArray[np.int64]) -> Part:
    def read() -> Iterator[str]:
        count = 0
        for text in texts() if callable(texts) else texts:
            count += 1
            yield text
        if count != len(labels):
            raise UserError(f"there are {count:,} texts but {len(labels):,} labels")

    return Part(read, labels)
