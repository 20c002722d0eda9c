"""Simple models of tags: each token's most frequent one, and models over a window of tokens or steps."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from unspool.evaluation.baselines.simple_models import RawPart, RawParts, SimpleModel

if TYPE_CHECKING:
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import SGDClassifier

Tokens: TypeAlias = tuple[str, ...]
Flat: TypeAlias = NDArray[np.float64]

STRENGTHS = (1e-6, 1e-5, 1e-4)
"""Of the regularisation, of which the validation examples choose."""
WINDOW = 2
"""Tokens or steps to either side that the linear model sees."""

WIDE = 8
"""Steps to either side over which the forest sees the mean, standard deviation, minimum and maximum."""
MOST_ROWS = 20_000
"""The most steps that a tree of the forest is grown on; each tree draws its own."""

_HASHED, _STEPS, _SEED = 1 << 20, 20, 0
_TREES, _LEAF = 100, 2


def most_frequent_tags(parts: RawParts, tags: int) -> SimpleModel:
    """Give each token its most frequent tag in training; unknown tokens, and steps of series, get the overall one.

    Args:
        parts: tokens or steps of N examples, and targets (N, T), -1 where there is none.
        tags: how many there are.
    """
    began = time.perf_counter()
    counts: dict[Any, Counter[int]] = {}
    of_all: Counter[int] = Counter()
    for example, row in zip(parts.training.inputs(), parts.training.targets, strict=True):
        for token, tag in zip(_keys(example), row.tolist(), strict=False):
            counts.setdefault(token, Counter())[tag] += 1
            of_all[tag] += 1

    def outputs(part: RawPart) -> Flat:
        found = np.zeros((*part.targets.shape, tags))
        for number, example in enumerate(part.inputs()):
            for step, token in enumerate(_keys(example)):
                seen = counts.get(token, of_all)
                for tag, count in seen.items():
                    found[number, step, tag] = count / seen.total()
        return found

    title = "the most frequent tag" if are_steps(parts.training) else "each token’s most frequent tag"
    return parts.answered("most-frequent-tag", title, outputs, began)


def window_model(parts: RawParts, tags: int) -> SimpleModel:
    """Fit a multinomial logistic regression to each token with its neighbours; arguments as `most_frequent_tags`.

    Of words: the token, the two before it and the two after it, pairs of neighbours, its beginning and its end, and
    whether it has capitals or digits. Of series: the numbers of the same five steps.
    """
    from sklearn.linear_model import SGDClassifier

    began, training, test = time.perf_counter(), parts.training, parts.test
    features = _features_of(training)
    x, y = features(training), training.targets[training.targets >= 0]
    fitted = []
    for strength in STRENGTHS:
        model = SGDClassifier(
            loss="log_loss", alpha=strength, max_iter=_STEPS, tol=None, average=True, random_state=_SEED, n_jobs=-1
        ).fit(x, y)
        outputs = _spread(model, features(parts.validation), parts.validation, tags)
        fitted.append((parts.reached(outputs), model))
    better = 1 if parts.measure.higher_is_better else -1
    reached, best = max(fitted, key=lambda one: better * one[0])
    said = _spread(best, features(test), test, tags)
    what = "steps" if are_steps(training) else "words"
    title = f"logistic regression over a window of {2 * WINDOW + 1} {what}"
    return SimpleModel("window-regression", title, said, None, time.perf_counter() - began, reached)


def window_forest(parts: RawParts, tags: int) -> SimpleModel:
    """Fit a random forest (Breiman, 2001) to the steps of series; arguments as `most_frequent_tags`.

    Each tree is grown on at most `MOST_ROWS` steps of its own, however many there are.
    """
    from sklearn.ensemble import RandomForestClassifier

    began, training = time.perf_counter(), parts.training

    def features(part: RawPart) -> Flat:
        return np.concatenate([wide_features(one) for one in part.inputs()])

    x, y = features(training), training.targets[training.targets >= 0]
    forest = RandomForestClassifier(
        _TREES, min_samples_leaf=_LEAF, max_samples=min(MOST_ROWS, len(x)), random_state=_SEED, n_jobs=-1
    ).fit(x, y)
    title = f"a random forest over a window of {2 * WIDE + 1} steps"
    return parts.answered("window-forest", title, lambda part: _spread(forest, features(part), part, tags), began)


def word_features(tokens: Tokens) -> Iterator[list[str]]:
    """Return the features of each token.

    Example:
        >>> next(word_features(("Fine", "film")))[:4]
        ['w-2=<start>', 'w-1=<start>', 'w+0=fine', 'w+1=film']
    """
    lower = ["<start>"] * WINDOW + [token.lower() for token in tokens] + ["<end>"] * WINDOW
    for position, token in enumerate(tokens):
        window = lower[position : position + 2 * WINDOW + 1]
        word = window[WINDOW]
        found = [f"w{offset - WINDOW:+d}={near}" for offset, near in enumerate(window)]
        found += [f"p{number}={one} {other}" for number, (one, other) in enumerate(pairwise(window))]
        found += [f"e{size}={word[-size:]}" for size in (1, 2, 3)] + [f"b{size}={word[:size]}" for size in (1, 2, 3)]
        shape = (token[:1].isupper(), token.isupper(), any(map(str.isdigit, token)), token.isalnum())
        yield [*found, f"shape={shape}"]


def step_features(steps: NDArray[np.floating]) -> Flat:
    """Return the numbers of each step of (T, C) and of its neighbours, (T, (2 WINDOW + 1) C); the ends are repeated."""
    padded = np.pad(np.asarray(steps, dtype=np.float64), ((WINDOW, WINDOW), (0, 0)), mode="edge")
    return np.concatenate([padded[offset : offset + len(steps)] for offset in range(2 * WINDOW + 1)], axis=1)


def wide_features(steps: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return `step_features`, and mean, deviation, minimum and maximum over a wider window: (T, (2 WINDOW + 5) C)."""
    padded = np.pad(np.asarray(steps, dtype=np.float64), ((WIDE, WIDE), (0, 0)), mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * WIDE + 1, axis=0)
    statistics = (windows.mean(-1), windows.std(-1), windows.min(-1), windows.max(-1))
    return np.concatenate([step_features(steps), *statistics], axis=1).astype(np.float32)


def are_steps(part: RawPart) -> bool:
    """Whether examples are series, not words."""
    return not isinstance(_first(part), tuple)


def _features_of(training: RawPart) -> Any:
    from sklearn.feature_extraction import FeatureHasher
    from sklearn.preprocessing import StandardScaler

    if not are_steps(training):
        hasher = FeatureHasher(_HASHED, input_type="string", alternate_sign=False)
        return lambda part: hasher.transform(one for tokens in part.inputs() for one in word_features(tokens))
    scaler = StandardScaler().fit(np.concatenate([step_features(one) for one in training.inputs()]))
    return lambda part: scaler.transform(np.concatenate([step_features(one) for one in part.inputs()]))


def _first(part: RawPart) -> Any:
    return next(iter(part.inputs()))


def _keys(example: Any) -> Sequence[Any]:
    """What a token is known by; all steps of a series are the same."""
    return [token.lower() for token in example] if isinstance(example, tuple) else [None] * len(example)


def _spread(model: "SGDClassifier | RandomForestClassifier", features: Any, part: RawPart, tags: int) -> Flat:
    """(N, T, tags) of the probabilities of all tokens, end to end."""
    found = np.zeros((*part.targets.shape, tags))
    rows = np.zeros((features.shape[0], tags))
    rows[:, model.classes_] = model.predict_proba(features)
    found[part.targets >= 0] = rows
    return found
