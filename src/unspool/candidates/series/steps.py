"""Models that tag each step of a series by the steps around it: a linear model, and a forest."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.candidates.features.scaling import Scaling
from unspool.candidates.features.step_windows import WINDOWS
from unspool.candidates.heads import LogisticClassifier, Temperature, TreesClassifier
from unspool.candidates.heads.boosting import fit_trees
from unspool.candidates.heads.logistic import fit_softmax
from unspool.candidates.heads.trees import Forest, end_to_end
from unspool.candidates.model_files import prefixed, unprefixed
from unspool.candidates.series.base import LOADERS, Arrays, Outputs, Series
from unspool.candidates.tagged import Tagged, TaggingCandidate, steps_there

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
        there = steps_there(series)
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


def fit_linear(tagged: Tagged, tags: int, strength: float) -> StepsModel:
    """Fit a multinomial logistic regression to each step with its neighbours."""
    drawn = _drawn(tagged.tags, MOST_OF_LINEAR)
    found = features_of(tagged.examples, "near")[drawn]
    scaling = Scaling.fit(found)
    linear = fit_softmax(scaling.scale_in_place(found), tagged.tags[drawn], tags, strength)
    return StepsModel("near", scaling, LogisticClassifier(linear, Temperature(1.0)))


def fit_forest(tagged: Tagged, tags: int, leaf: float) -> StepsModel:
    """Grow a random forest (Breiman, 2001) on each step with its neighbours and what is seen of wider windows.

    Half of the trees see the window "wide" only, which "far" begins with: where tags change fast, they are better.
    """
    from sklearn.ensemble import RandomForestClassifier

    found, most = features_of(tagged.examples, "far"), min(MOST_OF_A_TREE, len(tagged.tags))
    present, numbers = np.unique(tagged.tags, return_inverse=True)
    wide = features_of(tagged.examples[:1], "wide").shape[1]
    forest, other = (
        fit_trees(
            RandomForestClassifier(
                _TREES // 2, min_samples_leaf=int(leaf), max_samples=most, random_state=seed, n_jobs=-1
            ),
            seen,
            numbers,
        )
        for seed, seen in enumerate((found[:, :wide], found), start=_SEED)
    )
    forest.estimators_ += other.estimators_
    return StepsModel("far", None, TreesClassifier(Forest.of(end_to_end(forest), present, tags), Temperature(1.0)))


STEP_CANDIDATES = (
    TaggingCandidate("window-regression", STRENGTHS, fit_linear),
    TaggingCandidate("window-forest", (_LEAF,), fit_forest),
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
            room = _AT_ONCE // 15
        parts[-1].append(one)
        room -= one.size
    return list(parts)


def _drawn(tags: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """Positions of at most `most` steps, and of one of each tag: without it, nothing would be learned of that tag."""
    if len(tags) <= most:
        return np.arange(len(tags))
    drawn = np.random.RandomState(_SEED).permutation(len(tags))[:most]
    return np.union1d(drawn, np.unique(tags, return_index=True)[1])
