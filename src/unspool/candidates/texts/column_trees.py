"""Random trees over the columns beside the texts, which find interactions between columns."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self, get_args

import numpy as np
from numpy.typing import ArrayLike

from unspool.candidates.heads.trees import Forest, end_to_end
from unspool.candidates.texts import storage, targets
from unspool.candidates.texts.arithmetic import ARITHMETIC, Floats, Task
from unspool.candidates.texts.candidate import FittedTexts
from unspool.candidates.texts.corpus import Corpus
from unspool.data.texts.side_columns import cells_of
from unspool.data.texts.side_encoder import SideEncoder

TREES = 100
LEAST = 10
"""The fewest examples in a leaf."""
MOST_LEAVES = 1_000
"""The most leaves of a tree, roughly: with more examples, leaves hold more of them."""
MOST_EXAMPLES = 20_000
"""The most examples that a tree is grown on; of more, each tree draws a sample."""
_TRIED = 0.5  # of the columns, at each node


@dataclass(frozen=True)
class ColumnTrees:
    """Extremely randomised trees (Geurts, Ernst and Wehenkel, 2006) over what `SideEncoder` makes of the columns.

    Trees are grown on the columns of the targets, 0 and 1 where there are classes: then a leaf's mean is a probability.

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
        from sklearn.ensemble import ExtraTreesRegressor

        corpus = Corpus.of(texts)
        side, wanted = corpus.side(), targets.columns(target, task, classes)
        if side is None:
            raise ValueError("there are no columns beside the texts")
        encoder, features = side
        drawn = min(len(wanted), MOST_EXAMPLES)
        least = max(min(LEAST, drawn // 2), drawn // MOST_LEAVES, 1)
        grown = ExtraTreesRegressor(TREES, min_samples_leaf=least, max_features=_TRIED, random_state=seed)
        if drawn < len(wanted):
            grown.set_params(bootstrap=True, max_samples=drawn)
        grown.fit(features, wanted if wanted.shape[1] > 1 else wanted[:, 0])
        return FittedColumnTrees(self.name, task, encoder, Forest.of(end_to_end(grown), None, wanted.shape[1]), 1.0)


class FittedColumnTrees(FittedTexts):
    """Trees over columns beside texts.

    Attributes:
        name: of the candidate.
        task: what it predicts.
        encoder: of the columns.
    """

    kind = "column trees"

    def __init__(self, name: str, task: Task, encoder: SideEncoder, forest: Forest, factor: float):
        self.name, self.task, self.encoder = name, task, encoder
        self._forest, self._factor = forest, factor

    @property
    def reads_side(self) -> bool:
        """Whether it reads the columns beside the texts."""
        return True

    def scores(self, texts: Iterable[str]) -> Floats:
        """(N, K) log-odds, logits or numbers: see `Arithmetic`."""
        found = self._forest(self.encoder.encode(cells_of(list(texts))))
        return np.asarray(ARITHMETIC[self.task].scores_of(found) * self._factor)

    def rescale(self, factor: float) -> None:
        """Multiply all later scores by a factor."""
        self._factor = self._factor * factor

    def state(self) -> tuple[dict[str, Any], storage.Arrays]:
        """All that `from_state` needs: plain values, and arrays by name."""
        plain = {"kind": self.kind, "name": self.name, "task": self.task, "side": self.encoder.state()}
        return plain, {**self._forest.arrays(), "factor": np.array([self._factor])}

    @classmethod
    def from_state(cls, plain: dict[str, Any], arrays: storage.Arrays) -> Self:
        """Make a model of what `state` gave."""
        encoder, forest = SideEncoder.from_state(plain["side"]), Forest.from_arrays(arrays)
        if plain["task"] not in get_args(Task):
            raise ValueError(f"there is no task {plain['task']!r}")
        if forest.feature.max() >= encoder.width:
            raise ValueError("the trees do not fit the columns")
        return cls(plain["name"], plain["task"], encoder, forest, float(arrays["factor"][0]))


COLUMN_TREES = ColumnTrees("column-trees", 0.8)
