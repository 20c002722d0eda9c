"""Models that tag each step of a series by the steps around it: a linear model, and a forest."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from unspool.candidates.features.scaling import Scaling
from unspool.candidates.features.step_windows import WINDOWS
from unspool.candidates.heads import LogisticClassifier, Temperature, TreesClassifier
from unspool.candidates.heads.calibration import log_loss
from unspool.candidates.heads.logistic import fit_softmax
from unspool.candidates.heads.trees import Forest, end_to_end
from unspool.candidates.model_files import prefixed, unprefixed
from unspool.candidates.outcome import Compared
from unspool.candidates.series.base import LOADERS, Arrays, Outputs, Series

STRENGTHS = (0.01, 1.0, 100.0)
"""Inverse regularisation (scikit-learn's C) of the linear model; validation decides which is used."""
MOST_OF_LINEAR = 200_000
"""The most steps that the linear model is fitted to, drawn at random: it has few weights."""
MOST_OF_A_TREE = 20_000
"""The most steps that a tree of the forest is grown on; each tree draws its own."""

_TREES, _LEAF, _SEED = 100, 2, 0
_AT_ONCE = 2**22
"""The most features that are computed at once when a model predicts."""
_SCALING = "scaling"


class TaggedSteps(NamedTuple):
    """Series whose steps are tagged.

    Attributes:
        series: N of them, (T_i, C).
        tags: (M,) the tags of all steps, end to end, from 0.
    """

    series: Series
    tags: NDArray[np.int64]

    def with_more(self, other: "TaggedSteps") -> "TaggedSteps":
        """All of both."""
        return TaggedSteps([*self.series, *other.series], np.concatenate([self.tags, other.tags]))


@dataclass(frozen=True, slots=True, eq=False)
class StepsModel:
    """A fitted model.

    Attributes:
        window: what it sees around a step, a key of `WINDOWS`.
        scaling: of what it sees; None for none.
        head: gives the probability of each tag.
    """

    window: str
    scaling: Scaling | None
    head: LogisticClassifier | TreesClassifier

    held_out = None

    def outputs(self, series: Series) -> Outputs:
        """(N, T, K) the probability of each tag at each step, zeros behind the end of each series."""
        lengths = np.array([len(one) for one in series], np.int64)
        there = np.arange(max(1, int(lengths.max(initial=1)))) < lengths[:, None]
        rows = [self.head.outputs(self._features(part)) for part in _parts(series)]
        found = np.zeros((*there.shape, rows[0].shape[1] if rows else 0))
        if rows:
            found[there] = np.concatenate(rows)
        return found

    def _features(self, series: Series) -> NDArray[np.float32]:
        return _scaled(features_of(series, self.window), self.scaling)

    def state(self) -> tuple[dict[str, Any], Arrays]:
        """What the model is, and its arrays."""
        scaling = {} if self.scaling is None else self.scaling.arrays(_SCALING)
        description = {"kind": "steps", "window": self.window, "head": type(self.head).__name__}
        return description, prefixed(self.head.arrays(), "head/") | scaling

    @classmethod
    def from_state(cls, description: dict[str, Any], arrays: Arrays) -> "StepsModel":
        """The model again.

        Raises:
            KeyError, ValueError: the state was altered.
        """
        head: Any = {one.__name__: one for one in (LogisticClassifier, TreesClassifier)}[description["head"]]
        WINDOWS[description["window"]]
        scaling = Scaling.from_arrays(arrays, _SCALING) if f"{_SCALING}.centre" in arrays else None
        return cls(description["window"], scaling, head.from_arrays(unprefixed(arrays, "head/")))


LOADERS["steps"] = StepsModel.from_state


@dataclass(frozen=True, slots=True)
class StepsCandidate:
    """A way to make a model that tags steps.

    Attributes:
        name: by which it is asked for.
        window: what it sees around a step, a key of `WINDOWS`.
        settings: to try; validation decides which is used.
        fit: fits a model, given tagged steps, the number of tags and a setting.
    """

    name: str
    window: Literal["near", "wide"]
    settings: tuple[float, ...]
    fit: Callable[[TaggedSteps, int, float], StepsModel]

    def compare(
        self, training: TaggedSteps, validation: TaggedSteps, tags: int, *, separate: bool = True
    ) -> Compared[StepsModel]:
        """Fit it to the training series, with the setting that has the lowest log loss on the validation series.

        Args:
            training: what it is fitted to.
            validation: what it is compared on.
            tags: how many there are.
            separate: whether validation series may be learned from in the end; if not, they are the test.

        Returns:
            The outputs for the validation series; its `fit` is fitted to all series, once.
        """
        began = time.perf_counter()
        truth = np.eye(tags)[validation.tags]
        lengths = [len(one) for one in validation.series]
        there = np.arange(max(lengths)) < np.array(lengths)[:, None]
        fitted = [(setting, self.fit(training, tags, setting)) for setting in self.settings]
        said = [(setting, model, model.outputs(validation.series)) for setting, model in fitted]
        setting, model, outputs = min(said, key=lambda one: log_loss(one[2][there], truth))
        seconds = time.perf_counter() - began
        rows = len(training.series) + np.arange(len(validation.series))

        @cache
        def fit() -> StepsModel:
            return self.fit(training.with_more(validation), tags, setting) if separate else model

        return Compared(rows, outputs, seconds, fit)


def fit_linear(steps: TaggedSteps, tags: int, strength: float) -> StepsModel:
    """Fit a multinomial logistic regression to each step with its neighbours."""
    drawn = _drawn(steps.tags, MOST_OF_LINEAR)
    found = features_of(steps.series, "near")[drawn]
    scaling = Scaling.fit(found)
    linear = fit_softmax(scaling.scale_in_place(found), steps.tags[drawn], tags, strength)
    return StepsModel("near", scaling, LogisticClassifier(linear, Temperature(1.0)))


def fit_forest(steps: TaggedSteps, tags: int, leaf: float) -> StepsModel:
    """Grow a random forest (Breiman, 2001) on each step with its neighbours and the statistics of a wider window."""
    from sklearn.ensemble import RandomForestClassifier

    found, most = features_of(steps.series, "wide"), min(MOST_OF_A_TREE, len(steps.tags))
    present, numbers = np.unique(steps.tags, return_inverse=True)
    forest = RandomForestClassifier(
        _TREES, min_samples_leaf=int(leaf), max_samples=most, random_state=_SEED, n_jobs=-1
    ).fit(found, numbers)
    return StepsModel("wide", None, TreesClassifier(Forest.of(end_to_end(forest), present, tags), Temperature(1.0)))


STEP_CANDIDATES = (
    StepsCandidate("window-regression", "near", STRENGTHS, fit_linear),
    StepsCandidate("window-forest", "wide", (_LEAF,), fit_forest),
)
"""In the order of their cost."""


def features_of(series: Series, window: str) -> NDArray[np.float32]:
    """(M, F) what is seen around each step of N series, end to end."""
    return np.concatenate([WINDOWS[window](np.asarray(one, np.float32)) for one in series])


def _scaled(features: NDArray[np.float32], scaling: Scaling | None) -> NDArray[np.float32]:
    return features if scaling is None else scaling.scale_in_place(features)


def _parts(series: Series) -> list[Sequence[NDArray[np.float32]]]:
    """The series in parts whose features fit into memory."""
    parts: list[list[NDArray[np.float32]]] = []
    room = 0
    for one in series:
        if room < one.size:
            parts.append([])
            room = _AT_ONCE // 9
        parts[-1].append(one)
        room -= one.size
    return list(parts)


def _drawn(tags: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """Positions of at most `most` steps, and of one of each tag: without it, nothing would be learned of that tag."""
    if len(tags) <= most:
        return np.arange(len(tags))
    drawn = np.random.RandomState(_SEED).permutation(len(tags))[:most]
    return np.union1d(drawn, np.unique(tags, return_index=True)[1])
