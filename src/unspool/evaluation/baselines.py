"""Simple models that a run must beat: the majority class, and a linear model over words and pairs of words."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from unspool.errors import UserError
from unspool.evaluation import baseline_cache
from unspool.evaluation.checks import checked_labels
from unspool.evaluation.curves import youden_threshold
from unspool.evaluation.result import Baseline, Predictions
from unspool.evaluation.scores import binary_scores

Texts = Iterable[str] | Callable[[], Iterable[str]]
"""Texts, or what reads them: called only where a baseline has to be fitted."""

Tokenize = Callable[[str], list[str]]

MAJORITY_CLASS = "majority-class"
TFIDF_LOGISTIC_REGRESSION = "tfidf-logistic-regression"
TITLES = {
    MAJORITY_CLASS: "the majority class",
    TFIDF_LOGISTIC_REGRESSION: "TF-IDF logistic regression over words and pairs of words",
}

# Chosen by five-fold cross-validation on IMDb's 25,000 training reviews, where 10, 30 and 100 differ by 0.2 points.
INVERSE_REGULARISATION = 30.0
# Leaving out what occurs in one text only keeps the vocabulary of a large collection in bounds; a small one can spare
# nothing.
_FEW_TEXTS = 1000
MOST_TEXTS = 50_000
"""Training texts that a linear model is fitted to. Of more, so many are drawn: its words and pairs lie in memory."""
_CHUNK = 5000


@dataclass(frozen=True, slots=True)
class FittedBaseline:
    """What a baseline says of the test set.

    Attributes:
        probabilities: (N,) of label 1.
        threshold: a probability at or above it is read as label 1.
        seconds: what fitting and predicting took.
    """

    probabilities: NDArray[np.float64]
    threshold: float
    seconds: float


@dataclass(frozen=True, slots=True)
class _Part:
    texts: Texts
    labels: NDArray[np.int64]

    def read(self) -> Iterator[str]:
        count = 0
        for text in self.texts() if callable(self.texts) else self.texts:
            count += 1
            yield text
        if count != len(self.labels):
            raise UserError(f"there are {count:,} texts but {len(self.labels):,} labels")


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
    names: Sequence[str] = (MAJORITY_CLASS, TFIDF_LOGISTIC_REGRESSION),
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
        names: which baselines.
        cache_folder: where predictions are kept, or None to keep none.
        key: names the data: its digest and how it was split. Needed with a cache folder. The labels, the baseline's
            parameters and the versions of unspool and scikit-learn are added to it.
        resamples: how many bootstrap resamples for the intervals.
        seed: of the resamples.

    Returns:
        One for each name, in that order.

    Raises:
        UserError: an unknown name, one class only, no word that two training texts share.
        ValueError: a cache folder without a key.

    Example:
        >>> texts, labels = ["good film", "bad film", "good", "bad"] * 5, [1, 0, 1, 0] * 5
        >>> majority, linear = fit_baselines(texts, labels, texts, labels, texts, labels, tokenize=str.split)
        >>> majority.scores.accuracy.value, linear.scores.accuracy.value
        (0.5, 1.0)
    """
    if cache_folder is not None and not key:
        raise ValueError("a cache folder needs a key that names the data")
    training = _Part(train_texts, checked_labels(train_labels))
    validation = _Part(validation_texts, checked_labels(validation_labels))
    test = _Part(test_texts, checked_labels(test_labels))
    fitted = {}
    for name in names:
        if name == MAJORITY_CLASS:
            fitted[name] = majority_class(training.labels, len(test.labels))
        elif name == TFIDF_LOGISTIC_REGRESSION:
            fitted[name] = _cached_tfidf(training, validation, test, tokenize, cache_folder, key)
        else:
            raise UserError(f"there is no baseline {name!r}; there are {', '.join(TITLES)}")
    return tuple(
        Baseline(
            name=name,
            title=TITLES[name] + (drawn_words(len(training.labels)) if name == TFIDF_LOGISTIC_REGRESSION else ""),
            scores=binary_scores(
                Predictions(test.labels, model.probabilities, groups), model.threshold, resamples=resamples, seed=seed
            ),
            probabilities=model.probabilities,
            seconds=model.seconds,
        )
        for name, model in fitted.items()
    )


def majority_class(train_labels: NDArray[np.int64], test_examples: int) -> FittedBaseline:
    """Says of every example what most training examples are (label 1 where both are equally many).

    Its probability is label 1's share of the training examples, its threshold one half.

    Example:
        >>> majority_class(np.array([0, 1, 1, 1]), 2).probabilities.tolist()
        [0.75, 0.75]
    """
    return FittedBaseline(np.full(test_examples, train_labels.mean()), threshold=0.5, seconds=0.0)


def tfidf_logistic_regression(
    train_texts: Iterable[str],
    train_labels: NDArray[np.int64],
    validation_texts: Iterable[str],
    validation_labels: NDArray[np.int64],
    test_texts: Iterable[str],
    *,
    tokenize: Tokenize,
) -> FittedBaseline:
    """Fits a logistic regression over the TF-IDF of words and pairs of neighbouring words.

    Counts enter as 1 + log(count), rows have length one, words and pairs in one training text only are left out
    (where there are at least 1,000 texts). The threshold is the one that maximises TPR - FPR on the validation texts.
    Of more than `MOST_TEXTS` training texts as many are drawn; all others are read a few thousand at a time.

    Raises:
        UserError: one class only, or no word is left.

    Source: G. Salton and C. Buckley, "Term-weighting approaches in automatic text retrieval", Information Processing
    and Management 24 (1988), 513-523; S. Wang and C. Manning, "Baselines and bigrams", ACL 2012, for how far pairs of
    words take a linear model.
    """
    start = time.perf_counter()
    rows = drawn(len(train_labels))
    vectorizer, features = tfidf_features(picked(train_texts, rows), tokenize)
    model = LogisticRegression(C=INVERSE_REGULARISATION, solver="liblinear")
    model.fit(features, train_labels[rows])

    def probabilities(texts: list[str]) -> NDArray[np.float64]:
        return np.asarray(model.predict_proba(vectorizer.transform(texts))[:, 1])

    threshold = youden_threshold(validation_labels, in_chunks(probabilities, validation_texts))
    return FittedBaseline(in_chunks(probabilities, test_texts), threshold, time.perf_counter() - start)


def drawn(count: int) -> NDArray[np.int64]:
    """Says which of N training texts a linear model is fitted to: all, or `MOST_TEXTS` of them, always the same."""
    if count <= MOST_TEXTS:
        return np.arange(count)
    return np.sort(np.random.RandomState(0).choice(count, MOST_TEXTS, replace=False))


def drawn_words(count: int) -> str:
    """Says in words what `drawn` leaves of N training texts, to put behind a title; nothing where it leaves all.

    Example:
        >>> drawn_words(900_000)
        ', fitted on 50,000 of 900,000 training texts'
    """
    return f", fitted on {MOST_TEXTS:,} of {count:,} training texts" if count > MOST_TEXTS else ""


def picked(texts: Iterable[str], rows: NDArray[np.int64]) -> list[str]:
    """Reads all texts and keeps those at `rows`.

    Example:
        >>> picked(iter("abc"), np.array([0, 2]))
        ['a', 'c']
    """
    kept = set(rows.tolist())
    return [text for row, text in enumerate(texts) if row in kept]


def in_chunks(say: Callable[[list[str]], NDArray[np.float64]], texts: Iterable[str]) -> NDArray[np.float64]:
    """Has a model speak of texts some thousands at a time: the features of all together would fill the memory."""
    stream, found = iter(texts), []
    while some := list(islice(stream, _CHUNK)):
        found.append(say(some))
    return np.concatenate(found)


def tfidf_features(train_texts: list[str], tokenize: Tokenize) -> tuple[TfidfVectorizer, Any]:
    """Fits the TF-IDF of words and pairs of words, as `tfidf_logistic_regression` says.

    Returns:
        What turns texts into features, and the features of the training texts.

    Raises:
        UserError: no word is left.
    """
    vectorizer = TfidfVectorizer(
        tokenizer=tokenize,
        token_pattern=None,
        lowercase=False,
        ngram_range=(1, 2),
        sublinear_tf=True,
        min_df=1 if len(train_texts) < _FEW_TEXTS else 2,
    )
    try:
        return vectorizer, vectorizer.fit_transform(train_texts)
    except ValueError as error:
        raise UserError(f"the TF-IDF baseline finds no words to learn from in the training texts: {error}") from error


def _cached_tfidf(
    training: _Part, validation: _Part, test: _Part, tokenize: Tokenize, folder: Path | None, key: str
) -> FittedBaseline:
    def fit() -> FittedBaseline:
        return tfidf_logistic_regression(
            training.read(), training.labels, validation.read(), validation.labels, test.read(), tokenize=tokenize
        )

    if folder is None:
        return fit()
    path = baseline_cache.cache_path(
        folder,
        TFIDF_LOGISTIC_REGRESSION,
        {
            "data": key,
            "labels": baseline_cache.digest_of_arrays(training.labels, validation.labels, test.labels),
            "parameters": f"C={INVERSE_REGULARISATION} few={_FEW_TEXTS} most={MOST_TEXTS}",
            "scikit-learn": version("scikit-learn"),
            "unspool": version("unspool"),
        },
    )
    stored = baseline_cache.load(path, {"probabilities": test.labels.shape, "threshold": (), "seconds": ()})
    if stored is not None and np.all((stored["probabilities"] >= 0) & (stored["probabilities"] <= 1)):
        return FittedBaseline(stored["probabilities"], float(stored["threshold"]), float(stored["seconds"]))
    fitted = fit()
    baseline_cache.save(path, asdict(fitted))
    return fitted
