"""Simple models of tags: each token's most frequent one, and models over a window of tokens or steps."""

import time
from collections import Counter
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from unspool.candidates.registry import tagging_candidates
from unspool.candidates.tagged import Tagged
from unspool.candidates.titles import title_of
from unspool.evaluation.baselines.simple_models import RawPart, RawParts, SimpleModel

Flat: TypeAlias = NDArray[np.float64]


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


def window_models(parts: RawParts, tags: int) -> list[SimpleModel]:
    """The simple models of words or steps, fitted to training and validation; arguments as `most_frequent_tags`."""
    training, validation = _tagged(parts.training), _tagged(parts.validation)
    found = []
    for candidate in tagging_candidates("series" if are_steps(parts.training) else "text"):
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


def _tagged(part: RawPart) -> Tagged:
    return Tagged(list(part.inputs()), part.targets[part.targets >= 0])


def are_steps(part: RawPart) -> bool:
    """Whether examples are series, not words."""
    return not isinstance(_first(part), tuple)


def _first(part: RawPart) -> Any:
    return next(iter(part.inputs()))


def _keys(example: Any) -> Sequence[Any]:
    """What a token is known by; all steps of a series are the same."""
    return [token.lower() for token in example] if isinstance(example, tuple) else [None] * len(example)
