"""Trees over counts of n-grams and columns beside the texts, which learn what these mean in combination."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self, get_args

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_array

from unspool.candidates import model_files
from unspool.candidates.heads.boosting import grow_answers, grow_classifier, grow_regressor, some
from unspool.candidates.heads.linear import Features
from unspool.candidates.heads.trees import Forest
from unspool.candidates.texts import storage, targets
from unspool.candidates.texts.arithmetic import ARITHMETIC, Floats, Task
from unspool.candidates.texts.candidate import UNLIMITED, FittedTexts, Limits
from unspool.candidates.texts.corpus import Corpus
from unspool.candidates.texts.ngram_features import NGramReader, NGrams, read_features
from unspool.data.texts.side_columns import cells_of
from unspool.data.texts.side_encoder import SideEncoder
from unspool.data.tokenizers.lexicon import in_batches

ROUNDS = 100
"""Each grows one tree for each output."""
MOST_TREES = 1_000
"""With more than 10 outputs there are fewer rounds."""
MOST_EXAMPLES = 20_000
"""The most examples that trees are grown on, drawn if there are more."""
MOST_NGRAMS = 300
"""The most n-grams that are counted."""
_LEAVES = 15  # of a tree at most
_LEARNED = 5.0  # the rate times the rounds


@dataclass(frozen=True)
class TreesTexts:
    """Gradient-boosted trees (Friedman, 2001) over counts of n-grams, and over the columns beside the texts.

    Trees learn what n-grams and their counts mean in combination; linear models only add up their effects.

    Attributes:
        name: of the candidate.
        cost: relative to that of reading the texts.
        ngrams: their kind; the `MOST_NGRAMS` that occur in the most texts are counted. None reads columns alone.
        leaf: the fewest examples at a leaf.
        limits: of the texts that it is tried on in a comparison.
    """

    name: str
    cost: float
    ngrams: NGrams | None = None
    leaf: int = 20
    limits: Limits = UNLIMITED

    def fit(
        self, texts: Iterable[str], target: ArrayLike, task: Task, seed: int = 0, *, classes: int | None = None
    ) -> "FittedTreesTexts":
        """Grow the trees; arguments as of `TextCandidate.fit`.

        Raises:
            ValueError: there is nothing to read: neither n-grams nor columns beside the texts.
        """
        corpus, wanted = Corpus.of(texts), targets.columns(target, task, classes)
        side = corpus.side()
        if side is None and self.ngrams is None:
            raise ValueError("there are no columns beside the texts")
        rows = some(np.arange(len(wanted)), MOST_EXAMPLES, seed)
        features: list[Features] = []
        reader: NGramReader | None = None
        if self.ngrams is not None:
            # The n-grams of all texts would take much more memory than those of the texts that were drawn.
            drawn = corpus if len(rows) == len(corpus) else Corpus(corpus[row] for row in rows.tolist())
            reader, counts = _most_frequent(*read_features(drawn, self.ngrams), self.leaf)
            features.append(_dense(counts, reader.widths[0]))
        if side is not None:
            features.append(side[1][rows])
        forest = _grown(np.concatenate(features, axis=1), wanted[rows], task, seed, self.leaf)
        encoder = None if side is None else side[0]
        return FittedTreesTexts(self.name, task, reader, encoder, forest, 1.0, gives_scores=True)


def _most_frequent(reader: NGramReader, counts: csr_array, least: int) -> tuple[NGramReader, csr_array]:
    """A reader of the n-grams that occur in the most texts, and their (N, F) counts.

    Those in fewer than `least` texts are left out, as they cannot fill a leaf. The parts of an n-gram occur wherever it
    does and come before it, so they are kept with it.
    """
    texts = np.bincount(counts.indices, minlength=counts.shape[1])
    found = np.argsort(-texts, kind="stable")[:MOST_NGRAMS]
    kept = np.sort(found[texts[found] >= least])
    return reader.reduced(kept), counts[:, kept]


def _dense(counts: csr_array, singles: int) -> Features:
    """(N, F + 1): counts of n-grams, and the sum of the first `singles`, which are those of the known tokens."""
    found = np.zeros((counts.shape[0], counts.shape[1] + 1), np.float32)
    found[:, :-1] = counts.toarray()
    found[:, -1] = found[:, :singles].sum(axis=1)
    return found


def _grown(features: Features, wanted: Floats, task: Task, seed: int, leaf: int) -> Forest:
    outputs = wanted.shape[1]
    rounds = max(min(ROUNDS, MOST_TREES // outputs), 1)
    how = {"max_leaf_nodes": _LEAVES, "min_samples_leaf": leaf, "max_iter": rounds}
    how["learning_rate"] = min(_LEARNED / rounds, 1.0)
    if task == "regression":
        return grow_regressor(features, wanted, seed, **how).averaged()
    if task == "multiclass":
        return grow_classifier(features, wanted.argmax(axis=1), outputs, seed, **how).averaged()
    return grow_answers(features, wanted, seed, **how).averaged()


class FittedTreesTexts(FittedTexts):
    """Trees over counts of n-grams and over columns beside the texts.

    Attributes:
        name: of the candidate.
        task: what it predicts.
        reader: of the n-grams; None if it reads columns alone.
        encoder: of the columns; None if it reads none.
        gives_scores: whether the trees' mean is a score; else it is a mean of the targets, as older models have it.

    Example:
        >>> texts = ["ab", "ba", "aab", "bba", "abb"] * 20
        >>> model = COUNT_TREES.fit(texts, list(map(len, texts)), "regression")
        >>> model.outputs(["ab", "bab"]).round(1).tolist()
        [2.0, 3.0]
    """

    kind = "trees"

    def __init__(
        self,
        name: str,
        task: Task,
        reader: NGramReader | None,
        encoder: SideEncoder | None,
        forest: Forest,
        factor: float,
        *,
        gives_scores: bool,
    ):
        self.name, self.task, self.reader, self.encoder = name, task, reader, encoder
        self.gives_scores, self._forest, self._factor = gives_scores, forest, factor

    @property
    def side(self) -> SideEncoder | None:
        """The encoder of the columns beside the texts; None if it reads none."""
        return self.encoder

    @property
    def width(self) -> int:
        """How many features there are."""
        counted = 0 if self.reader is None else sum(self.reader.widths) + 1
        return counted + (0 if self.encoder is None else self.encoder.width)

    def scores(self, texts: Iterable[str]) -> Floats:
        """(N, K) log-odds, logits or numbers: see `Arithmetic`."""
        found = [self._scores(some) for some in in_batches(texts)]
        return np.concatenate(found) if found else self._scores([])

    def _scores(self, texts: list[str]) -> Floats:
        features = []
        if self.reader is not None:
            features.append(_dense(self.reader.read(texts), self.reader.widths[0]))
        if self.encoder is not None:
            features.append(self.encoder.encode(cells_of(texts)))
        found = self._forest(np.concatenate(features, axis=1))
        scores = found if self.gives_scores else ARITHMETIC[self.task].scores_of(found)
        return np.asarray(scores * self._factor)

    def rescale(self, factor: float) -> None:
        """Multiply all later scores by a factor."""
        self._factor = self._factor * factor

    def state(self) -> tuple[dict[str, Any], storage.Arrays]:
        """All that `from_state` needs: plain values, and arrays by name."""
        plain: dict[str, Any] = {"kind": self.kind, "name": self.name, "task": self.task}
        plain["gives_scores"] = self.gives_scores
        arrays = {**self._forest.arrays(), "factor": np.array([self._factor])}
        if self.reader is not None:
            plain["ngrams"] = vars(self.reader.ngrams)
            arrays |= model_files.prefixed(self.reader.arrays(), "reader_")
        if self.encoder is not None:
            plain["side"] = self.encoder.state()
        return plain, arrays

    @classmethod
    def from_state(cls, plain: dict[str, Any], arrays: storage.Arrays) -> Self:
        """Make a model of what `state` gave."""
        reader: NGramReader | None = None
        if "ngrams" in plain:
            reader = NGramReader.from_arrays(NGrams(**plain["ngrams"]), model_files.unprefixed(arrays, "reader_"))
        encoder, forest = SideEncoder.from_state(plain["side"]) if "side" in plain else None, Forest.from_arrays(arrays)
        if plain["task"] not in get_args(Task):
            raise ValueError(f"there is no task {plain['task']!r}")
        gives_scores, factor = plain.get("gives_scores", False), float(arrays["factor"][0])
        if type(gives_scores) is not bool:
            raise ValueError("gives_scores is neither true nor false")
        model = cls(plain["name"], plain["task"], reader, encoder, forest, factor, gives_scores=gives_scores)
        if not model.width or forest.feature.max() >= model.width or model.state()[1].keys() != arrays.keys():
            raise ValueError("the trees do not fit what they read")
        if not (np.isfinite(forest.values).all() and np.isfinite(factor)):
            raise ValueError("the trees hold numbers that are not finite")
        return model


COLUMN_TREES = TreesTexts("column-trees", 0.8)
COUNT_TREES = TreesTexts("count-trees", 30.0, NGrams("characters", 1, 3), 5, limits=Limits(200, 150, 5))
