"""Simple models that tag words or steps: how a candidate is fitted, and compared on validation."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from unspool.candidates.heads.calibration import log_loss
from unspool.candidates.outcome import Compared


class Tagged(NamedTuple):
    """Texts whose words are tagged, or series whose steps are.

    Attributes:
        examples: N of them, tuples of words or (T_i, C).
        tags: (M,) the tags of all words or steps, end to end, from 0.
    """

    examples: Sequence[Any]
    tags: NDArray[np.int64]

    def with_more(self, other: "Tagged") -> "Tagged":
        """The examples of both."""
        return Tagged([*self.examples, *other.examples], np.concatenate([self.tags, other.tags]))


@dataclass(frozen=True, slots=True)
class TaggingCandidate:
    """A way to make a model that tags.

    Attributes:
        name: by which it is asked for.
        settings: to try; validation decides which is used.
        fit: fits a model, given tagged examples, the number of tags and a setting.
    """

    name: str
    settings: tuple[float, ...]
    fit: Callable[[Tagged, int, float], Any]

    def compare(self, training: Tagged, validation: Tagged, tags: int, *, separate: bool = True) -> Compared[Any]:
        """Fit it to the training examples, with the setting that has the lowest log loss on the validation examples.

        Args:
            training: what it is fitted to.
            validation: what it is compared on.
            tags: how many there are.
            separate: whether validation examples may be learned from in the end; if not, they are the test.

        Returns:
            The outputs for the validation examples; its `fit` is fitted to all examples, once.
        """
        began = time.perf_counter()
        truth = np.eye(tags)[validation.tags]
        there = steps_there(validation.examples)
        fitted = [(setting, self.fit(training, tags, setting)) for setting in self.settings]
        said = [(setting, model, model.outputs(validation.examples)) for setting, model in fitted]
        setting, model, outputs = min(said, key=lambda one: log_loss(one[2][there], truth))
        seconds = time.perf_counter() - began
        rows = len(training.examples) + np.arange(len(validation.examples))

        @cache
        def fit() -> Any:
            return self.fit(training.with_more(validation), tags, setting) if separate else model

        return Compared(rows, outputs, seconds, fit)


def steps_there(examples: Sequence[Any]) -> NDArray[np.bool_]:
    """(N, T) where examples have a word or step; T is the length of the longest.

    Example:
        >>> steps_there([("a", "film"), ("films",)]).tolist()
        [[True, True], [True, False]]
    """
    lengths = np.array([len(one) for one in examples], np.int64)
    return np.arange(max(1, int(lengths.max(initial=1)))) < lengths[:, None]
