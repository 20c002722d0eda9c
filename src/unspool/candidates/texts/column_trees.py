"""Trees over the columns beside the texts, which find interactions between columns."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self, get_args

import numpy as np
from numpy.typing import ArrayLike

from unspool.candidates.heads.boosting import grow_answers, grow_classifier, grow_regressor, some
from unspool.candidates.heads.linear import Features
from unspool.candidates.heads.trees import Forest
from unspool.candidates.texts import storage, targets
from unspool.candidates.texts.arithmetic import ARITHMETIC, Floats, Task
from unspool.candidates.texts.candidate import FittedTexts
from unspool.candidates.texts.corpus import Corpus
from unspool.data.texts.side_columns import cells_of
from unspool.data.texts.side_encoder import SideEncoder

ROUNDS = 100
"""Each grows one tree for each output."""
MOST_TREES = 1_000
"""With more than 10 outputs there are fewer rounds."""
MOST_EXAMPLES = 20_000
"""The most examples that trees are grown on, drawn if there are more."""
_HOW = {"max_leaf_nodes": 15, "min_samples_leaf": 20}
_LEARNED = 5.0  # the rate times the rounds


@dataclass(frozen=True)
class ColumnTrees:
    """Gradient-boosted trees (Friedman, 2001) over what `SideEncoder` makes of the columns.

    Attributes:
        name: of the candidate.
        cost: relative to that of reading the texts.
    """

    name: str
    cost: float

    def fit(
        self, texts: Iterable[str], target: ArrayLike, task: Task, seed: int = 0, *, classes: int | None = None
    ) -> "FittedColumnTrees":
        """Grow the trees; arguments as of `TextCandidate.fit`.

        Raises:
            ValueError: there are no columns beside the texts.
        """

        corpus = Corpus.of(texts)
        side, wanted = corpus.side(), targets.columns(target, task, classes)
        if side is None:
            raise ValueError("there are no columns beside the texts")
        encoder, features = side
        rows = some(np.arange(len(wanted)), MOST_EXAMPLES, seed)
        forest = _grown(features[rows], wanted[rows], task, seed)
        return FittedColumnTrees(self.name, task, encoder, forest, 1.0, gives_scores=True)


def _grown(features: Features, wanted: Floats, task: Task, seed: int) -> Forest:
    outputs = wanted.shape[1]
    rounds = max(min(ROUNDS, MOST_TREES // outputs), 1)
    how = {**_HOW, "max_iter": rounds, "learning_rate": min(_LEARNED / rounds, 1.0)}
    if task == "regression":
        return grow_regressor(features, wanted, seed, **how).averaged()
    if task == "multiclass":
        return grow_classifier(features, wanted.argmax(axis=1), outputs, seed, **how).averaged()
    return grow_answers(features, wanted, seed, **how).averaged()


class FittedColumnTrees(FittedTexts):
    """Trees over columns beside texts.

    Attributes:
        name: of the candidate.
        task: what it predicts.
        encoder: of the columns.
        gives_scores: whether the trees' mean is a score; else it is a mean of the targets, as older models have it.
    """

    kind = "column trees"

    def __init__(
        self, name: str, task: Task, encoder: SideEncoder, forest: Forest, factor: float, *, gives_scores: bool
    ):
        self.name, self.task, self.encoder, self.gives_scores = name, task, encoder, gives_scores
        self._forest, self._factor = forest, factor

    @property
    def side(self) -> SideEncoder | None:
        """The encoder of the columns beside the texts; None if it reads none."""
        return self.encoder

    def scores(self, texts: Iterable[str]) -> Floats:
        """(N, K) log-odds, logits or numbers: see `Arithmetic`."""
        found = self._forest(self.encoder.encode(cells_of(list(texts))))
        scores = found if self.gives_scores else ARITHMETIC[self.task].scores_of(found)
        return np.asarray(scores * self._factor)

    def rescale(self, factor: float) -> None:
        """Multiply all later scores by a factor."""
        self._factor = self._factor * factor

    def state(self) -> tuple[dict[str, Any], storage.Arrays]:
        """All that `from_state` needs: plain values, and arrays by name."""
        plain: dict[str, Any] = {"kind": self.kind, "name": self.name, "task": self.task, "side": self.encoder.state()}
        plain["gives_scores"] = self.gives_scores
        return plain, {**self._forest.arrays(), "factor": np.array([self._factor])}

    @classmethod
    def from_state(cls, plain: dict[str, Any], arrays: storage.Arrays) -> Self:
        """Make a model of what `state` gave."""
        encoder, forest = SideEncoder.from_state(plain["side"]), Forest.from_arrays(arrays)
        if plain["task"] not in get_args(Task):
            raise ValueError(f"there is no task {plain['task']!r}")
        if forest.feature.max() >= encoder.width:
            raise ValueError("the trees do not fit the columns")
        gives_scores = plain.get("gives_scores", False)
        if type(gives_scores) is not bool:
            raise ValueError("gives_scores is neither true nor false")
        return cls(plain["name"], plain["task"], encoder, forest, float(arrays["factor"][0]), gives_scores=gives_scores)


COLUMN_TREES = ColumnTrees("column-trees", 0.8)
