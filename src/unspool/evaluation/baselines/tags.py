"""Simple models of tags: each token's most frequent one, and models over a window of tokens or steps."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from unspool.candidates.series import STEP_CANDIDATES, TaggedSteps
from unspool.candidates.titles import title_of
from unspool.evaluation.baselines.simple_models import RawPart, RawParts, SimpleModel

if TYPE_CHECKING:
    from sklearn.linear_model import SGDClassifier

Tokens: TypeAlias = tuple[str, ...]
Flat: TypeAlias = NDArray[np.float64]

STRENGTHS = (1e-6, 1e-5, 1e-4)
"""Of the regularisation, of which the validation examples choose."""
WINDOW = 2
"""Tokens to either side that the linear model of words sees."""

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

    title = "the most frequent tag" if are_steps(parts.training) else "each token’s most frequent tag"
    return parts.answered("most-frequent-tag", title, outputs, began)


def word_model(parts: RawParts, tags: int) -> SimpleModel:
    """Fit a logistic regression to each token with its neighbours; arguments as `most_frequent_tags`.

    It sees the token, the two before it and the two after it, pairs of neighbours, its beginning and its end, and
    whether it has capitals or digits.
    """
    from sklearn.feature_extraction import FeatureHasher
    from sklearn.linear_model import SGDClassifier

    began, training, test = time.perf_counter(), parts.training, parts.test
    hasher = FeatureHasher(_HASHED, input_type="string", alternate_sign=False)

    def features(part: RawPart) -> Any:
        return hasher.transform(one for tokens in part.inputs() for one in word_features(tokens))

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
    title = f"logistic regression over a window of {2 * WINDOW + 1} words"
    return SimpleModel("window-regression", title, said, None, time.perf_counter() - began, reached)


def step_models(parts: RawParts, tags: int) -> list[SimpleModel]:
    """The simple models of series, fitted to training and validation series; arguments as `most_frequent_tags`."""
    training, validation = _steps(parts.training), _steps(parts.validation)
    found = []
    for candidate in STEP_CANDIDATES:
        began, compared = time.perf_counter(), parts.compared.get(candidate.name)
        before = 0.0 if compared is None else compared.seconds
        if compared is None:
            separate = parts.test is not parts.validation
            compared = candidate.compare(training, validation, tags, separate=separate)
        outputs = compared.fit().outputs(list(parts.test.inputs()))
        reached = parts.reached(compared.held_out)
        seconds = before + time.perf_counter() - began
        title = title_of(candidate.name, "tagging")
        found.append(SimpleModel(candidate.name, title, outputs, None, seconds, reached))
    return found


def _steps(part: RawPart) -> TaggedSteps:
    return TaggedSteps(list(part.inputs()), part.targets[part.targets >= 0])


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


def are_steps(part: RawPart) -> bool:
    """Whether examples are series, not words."""
    return not isinstance(_first(part), tuple)


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
