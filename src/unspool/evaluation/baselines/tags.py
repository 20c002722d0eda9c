"""Simple models of tags: each token's most frequent one, and a linear model over a window of tokens or steps."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from unspool.evaluation.baselines.simple_models import RawPart, RawParts, SimpleModel

if TYPE_CHECKING:
    from sklearn.linear_model import SGDClassifier

Tokens: TypeAlias = tuple[str, ...]
Flat: TypeAlias = NDArray[np.float64]

STRENGTHS = (1e-6, 1e-5, 1e-4)
"""Of the regularisation, of which the validation examples choose."""
WINDOW = 2
"""Tokens or steps to either side that the linear model sees."""

_HASHED, _STEPS, _SEED = 1 << 20, 20, 0


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

    title = "each token’s most frequent tag"
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
    what = "words" if isinstance(_first(training), tuple) else "steps"
    title = f"logistic regression over a window of {2 * WINDOW + 1} {what}"
    return SimpleModel("window-regression", title, said, None, time.perf_counter() - began, reached)


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


def _features_of(training: RawPart) -> Any:
    from sklearn.feature_extraction import FeatureHasher
    from sklearn.preprocessing import StandardScaler

    if isinstance(_first(training), tuple):
        hasher = FeatureHasher(_HASHED, input_type="string", alternate_sign=False)
        return lambda part: hasher.transform(one for tokens in part.inputs() for one in word_features(tokens))
    scaler = StandardScaler().fit(np.concatenate([step_features(one) for one in training.inputs()]))
    return lambda part: scaler.transform(np.concatenate([step_features(one) for one in part.inputs()]))


def _first(part: RawPart) -> Any:
    return next(iter(part.inputs()))


def _keys(example: Any) -> Sequence[Any]:
    """What a token is known by; all steps of a series are the same."""
    return [token.lower() for token in example] if isinstance(example, tuple) else [None] * len(example)


def _spread(model: "SGDClassifier", features: Any, part: RawPart, tags: int) -> Flat:
    """(N, T, tags) of the probabilities of all tokens, end to end."""
    found = np.zeros((*part.targets.shape, tags))
    rows = np.zeros((features.shape[0], tags))
    rows[:, model.classes_] = model.predict_proba(features)
    found[part.targets >= 0] = rows
    return found
