"""Linear models over n-grams of words, of characters, or of both, and over columns beside the texts."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Self, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

from unspool.candidates import model_files
from unspool.candidates.texts import linear_solution, storage, targets
from unspool.candidates.texts.arithmetic import ARITHMETIC, Floats, Task
from unspool.candidates.texts.candidate import FittedTexts, TextCandidate
from unspool.candidates.texts.corpus import Corpus
from unspool.candidates.texts.folds import Rows
from unspool.candidates.texts.ngram_features import NGramReader, NGrams, read_features
from unspool.candidates.texts.weighting import Floats32, Weighting, row_norms, values
from unspool.data.texts.side_columns import cells_of
from unspool.data.texts.side_encoder import SideEncoder
from unspool.data.tokenizers.lexicon import in_batches


@dataclass(frozen=True)
class LinearTexts:
    """L2-penalised logistic regression over n-grams, one against the rest; ridge regression for numbers.

    The rows of each kind of n-gram are scaled to length 1 unless counts are to be kept, and several kinds are
    concatenated. Columns beside the texts are read too, see `SideEncoder`.

    Attributes:
        name: of the candidate.
        cost: relative to that of reading the texts.
        ngrams: the kinds of n-grams; () for a model that only reads the columns beside the texts.
        weighting: "nb" weights an n-gram by how much more often it occurs with a label (Wang and Manning, 2012),
            "tfidf" by its inverse document frequency; regression takes "tfidf" instead of "nb". With "counts" an
            n-gram that occurs twice counts twice, in long texts and in short ones.
        c: inverse of the penalty; None chooses it on held-out texts if that takes seconds, and else takes `likely`.
        calibrated: whether scores are scaled on held-out texts.
        likely: the `c` to use if choosing it would take too long, as found on some of the texts; None: 30, and 10 for
            fewer than 10,000 texts of fewer than 20 classes or labels.
        parts: of the texts that it will be fitted to: for each fold the rows to fit to and those to hold out, to
            choose `c` and the scale of scores; None draws them at random.
    """

    name: str
    cost: float
    ngrams: tuple[NGrams, ...]
    weighting: Weighting = "nb"
    c: float | None = None
    calibrated: bool = True
    likely: float | None = None
    parts: list[tuple[Rows, Rows]] | None = field(default=None, repr=False, compare=False)

    def fit(
        self, texts: Iterable[str], target: ArrayLike, task: Task, seed: int = 0, *, classes: int | None = None
    ) -> "FittedLinearTexts":
        """Fit it; arguments as of `TextCandidate.fit`."""
        corpus, began = Corpus.of(texts), time.perf_counter()
        readers, problem = self.problem(corpus, targets.columns(target, task, classes), task, seed)
        counting = time.perf_counter() - began
        solution = linear_solution.solve(
            problem, self.c, np.asarray(target), calibrated=self.calibrated, parts=self.parts
        )
        side, weighting = corpus.side(), problem.weighting
        encoder, seconds = None if side is None else side[0], counting + solution.seconds
        return FittedLinearTexts(self.name, task, weighting, readers, solution, encoder, seconds)

    def held_out(
        self, corpus: Corpus, wanted: Floats, task: Task, parts: list[tuple[Rows, Rows]], seed: int
    ) -> linear_solution.HeldOutScores:
        """Cross-validate it, with the penalty that does best on all held-out texts.

        Args:
            corpus: N texts, which are read once for all folds.
            wanted: (N, K), from `targets.columns`.
            task: of the targets.
            parts: for each fold, rows to fit to and rows to hold out.
            seed: of the order of the rows in the solver.
        """
        _, problem = self.problem(corpus, wanted, task, seed)
        return linear_solution.held_out(problem, problem.grid(self.c), parts)

    def problem(
        self, corpus: Corpus, wanted: Floats, task: Task, seed: int
    ) -> tuple[list[NGramReader], linear_solution.Problem]:
        """The readers of n-grams, fitted to a corpus, and the linear problem of the corpus.

        Arguments as of `held_out`.
        """
        numbers = ARITHMETIC[task].numbers
        weighting: Weighting = "tfidf" if numbers and self.weighting == "nb" else self.weighting
        found = [read_features(corpus, of) for of in self.ngrams]
        side, least = _numbers(corpus.side(), len(corpus)), [of.least for of in self.ngrams]
        counts = [counts for _, counts in found]
        problem = linear_solution.Problem(counts, side, wanted, task, weighting, least, seed, self.likely)
        return [reader for reader, _ in found], problem


class FittedLinearTexts(FittedTexts):
    """A linear model of texts.

    Attributes:
        name: of the candidate.
        task: what it predicts.
        c: the inverse of the penalty that was chosen.
        encoder: of the columns beside the texts; None if it reads none.

    Example:
        >>> texts = ["a fine film", "a dull film", "fine acting", "dull acting"]
        >>> model = NB_WORDS.fit(texts, [1, 0, 1, 0], "binary")
        >>> (model.outputs(["fine", "dull"]) > 0.5).tolist()
        [True, False]
    """

    kind = "linear"

    def __init__(
        self,
        name: str,
        task: Task,
        weighting: Weighting,
        readers: list[NGramReader],
        solution: linear_solution.Solution,
        encoder: SideEncoder | None = None,
        seconds: float = 0.0,
    ):
        self.name, self.task, self.weighting, self.seconds = name, task, weighting, seconds
        self.readers, self.solution, self.encoder = readers, solution, encoder
        self.c = solution.c

    @property
    def side(self) -> SideEncoder | None:
        """The encoder of the columns beside the texts; None if it reads none."""
        return self.encoder

    def scores(self, texts: Iterable[str]) -> Floats:
        """(N, K) log-odds, logits or numbers: see `Arithmetic`."""
        found = [self._scores(some) for some in in_batches(texts)]
        return np.concatenate(found) if found else self._scores([])

    def _scores(self, texts: list[str]) -> Floats:
        side = np.zeros((len(texts), 0), np.float32)
        if self.encoder is not None:
            side = self.encoder.encode(cells_of(texts))
        return self.solution.scores([reader.read(texts) for reader in self.readers], side, self.weighting)

    def rescale(self, factor: float) -> None:
        """Multiply all later scores by a factor."""
        self.solution = replace(self.solution, scale=self.solution.scale * factor)

    def shift(self, by: Floats) -> None:
        """Add (K,) numbers to all later scores."""
        self.solution = replace(self.solution, scale=self.solution.scale + np.stack((np.zeros_like(by), by)))

    def state(self) -> tuple[dict[str, Any], storage.Arrays]:
        """All that `from_state` needs: plain values, and arrays by name."""
        plain = {
            "kind": self.kind,
            "name": self.name,
            "task": self.task,
            "weighting": self.weighting,
            "ngrams": [vars(reader.ngrams) for reader in self.readers],
            "c": self.c,
        } | ({} if self.encoder is None else {"side": self.encoder.state()})
        arrays = dict(self.solution.arrays())
        for i, reader in enumerate(self.readers):
            arrays |= model_files.prefixed(reader.arrays(), f"reader_{i}_")
        return plain, arrays

    @classmethod
    def from_state(cls, plain: dict[str, Any], arrays: storage.Arrays) -> Self:
        """Make a model of what `state` gave."""
        readers = [
            NGramReader.from_arrays(NGrams(**of), model_files.unprefixed(arrays, f"reader_{i}_"))
            for i, of in enumerate(plain["ngrams"])
        ]
        encoder = SideEncoder.from_state(plain["side"]) if "side" in plain else None
        widths, side = [sum(reader.widths) for reader in readers], 0 if encoder is None else encoder.width
        solution = linear_solution.Solution.from_arrays(arrays, widths, plain["c"], side)
        if plain["weighting"] not in get_args(Weighting):
            raise ValueError(f"there is no weighting {plain['weighting']!r}")
        return cls(plain["name"], plain["task"], plain["weighting"], readers, solution, encoder)

    def base(self, text: str) -> Floats:
        """(K,), the scores of an empty text with the cells of this one beside it."""
        found = self.solution.base()
        if self.encoder is None:
            return found
        side = self.encoder.encode(cells_of([text]))[0]
        return np.asarray(found + side @ self.solution.side * self.solution.scale[0])

    def shares(self, counts: list[csr_array]) -> list[list[NDArray[np.float64]]]:
        """What one occurrence of each n-gram of one text adds to each score.

        Args:
            counts: (1, F) of each kind of n-gram, from the readers.

        Returns:
            For each kind and score (L,) numbers, one for each n-gram in the order of `counts[kind].indices`.
        """
        found = []
        for count, block in zip(counts, self.solution.blocks, strict=True):
            given = values(count, self.weighting)
            norms = row_norms(count, block.weights, self.weighting)
            at = given.indices
            whole = given.data[:, None] * block.products(at) / norms / np.sqrt(len(counts))
            found.append(list((whole * self.solution.scale[0] / count.data[:, None]).T))
        return found


def uncalibrated(candidate: TextCandidate, c: float | None = None, *, likely: float | None = None) -> TextCandidate:
    """Return a linear candidate without calibration, for callers that calibrate its scores; any other as it is.

    Args:
        candidate: of any kind.
        c: the inverse penalty to set; None leaves it as it is.
        likely: the inverse penalty to use if it has none and choosing one would take too long; None leaves it.
    """
    if not isinstance(candidate, LinearTexts):
        return candidate
    return replace(candidate, c=candidate.c if c is None else c, calibrated=False, likely=likely or candidate.likely)


def _numbers(side: tuple[SideEncoder, Floats32] | None, count: int) -> Floats32:
    return np.zeros((count, 0), np.float32) if side is None else side[1]


_CHARACTERS = NGrams("characters", 1, 5)
_CHARACTERS_OF_WORDS = NGrams("characters", 1, 5, within_words=True)

COLUMNS = LinearTexts("columns", 0.5, ())
NB_WORDS = LinearTexts("nb-words", 1.0, (NGrams("words", 1, 3),))
COUNTS = LinearTexts("counts", 1.5, (NGrams("characters", 1, 3),), "counts")
WORDS_AND_CHARACTERS = LinearTexts("words+characters", 4.5, (NGrams("words", 1, 3), _CHARACTERS_OF_WORDS))
TFIDF = LinearTexts("tfidf", 5.0, (NGrams("words", 1, 2, least=1), _CHARACTERS_OF_WORDS), "tfidf")
NB_CHARACTERS = LinearTexts("nb-characters", 6.0, (_CHARACTERS,))
