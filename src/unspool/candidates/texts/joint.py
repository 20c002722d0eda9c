"""One linear model over n-grams and document vectors, which learns the weights of both together."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike

from unspool.candidates.texts import linear_solution, targets
from unspool.candidates.texts.arithmetic import ARITHMETIC, Task
from unspool.candidates.texts.corpus import Corpus
from unspool.candidates.texts.fitted_blend import FittedBlendTexts
from unspool.candidates.texts.linear import NB_WORDS, FittedLinearTexts, LinearTexts
from unspool.candidates.texts.vector_training import VectorTraining
from unspool.candidates.texts.vectors import FittedVectorTexts
from unspool.cores import pool_of

T = TypeVar("T")


@dataclass(frozen=True)
class JointTexts(VectorTraining):
    """A linear model over n-grams, as `LinearTexts`, and over the vectors of texts.

    A blend adds models that were fitted separately. Here the n-grams only learn what the vectors leave unexplained.
    The vectors are penalised by their own `c`. The n-grams take the usual penalty: it cannot be chosen on held-out
    training texts, as the vectors have seen the labels of all of them.

    Attributes:
        linear: the n-grams, their weighting, and the columns beside the texts.
    """

    linear: LinearTexts = NB_WORDS

    @property
    def cost_of_linear(self) -> float:
        """What is left of `cost` if the vectors are trained: two linear models, roughly."""
        return 2 * self.linear.cost

    def fit(
        self, texts: Iterable[str], target: ArrayLike, task: Task, seed: int = 0, *, classes: int | None = None
    ) -> FittedBlendTexts:
        """Train vectors, then fit the linear model; arguments as of `TextCandidate.fit`.

        Returns:
            A blend of a linear model and a model of vectors, as the scores are a sum.
        """
        corpus = Corpus.of(texts)
        wanted = targets.columns(target, task, classes)
        units = ARITHMETIC[task].units(wanted)
        corpus.words()  # once, before threads want it
        with pool_of(1) as pool:  # the vectors are trained on one core; n-grams are counted meanwhile
            counting = pool.submit(_timed, lambda: self.linear.problem(corpus, wanted, task, seed))
            found = self.trained(corpus, (wanted - units[0]) / units[1], task, seed)
        (readers, problem), counted = counting.result()
        began = time.perf_counter() - counted
        vectors = found.of(corpus)
        c = linear_solution.usual(len(wanted), wanted.shape[1], task)
        unit = np.float32(np.sqrt(self.c / c))  # of a vector's numbers, whose penalty is then that of `self.c`
        vectors *= unit
        beside = np.concatenate((problem.side, vectors), axis=1) if problem.side.shape[1] else vectors
        solution = linear_solution.solve(replace(problem, side=beside), c, np.asarray(target), calibrated=False)
        of_cells, of_vectors = np.split(solution.side, [problem.side.shape[1]])
        side = corpus.side()
        linear = FittedLinearTexts(
            self.linear.name,
            task,
            problem.weighting,
            readers,
            replace(solution, side=of_cells),
            None if side is None else side[0],
        )
        weights = np.concatenate((of_vectors * unit * solution.scale[0], np.zeros((1, wanted.shape[1]))))
        added = FittedVectorTexts(
            "vectors",
            task,
            found.reader,
            found.model,
            found.vectors.center,
            found.vectors.spread,
            weights,
            np.array([[0.0], [1.0]]),
            found.inference,
        )
        seconds = time.perf_counter() - began
        return FittedBlendTexts(self.name, task, [linear, added], np.ones(2), [seconds, found.seconds])


def _timed(make: Callable[[], T]) -> tuple[T, float]:
    began = time.perf_counter()
    return make(), time.perf_counter() - began


NB_WORDS_AND_VECTORS = JointTexts("nb-words+vectors", 9.0)
