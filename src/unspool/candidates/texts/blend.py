"""Blends of models of texts: the weighted sum of their scores, each divided by its spread."""

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from unspool.candidates.examples import Examples
from unspool.candidates.texts import targets
from unspool.candidates.texts.arithmetic import Floats, Task, comparing
from unspool.candidates.texts.candidate import FittedTexts, TextCandidate
from unspool.candidates.texts.corpus import Corpus
from unspool.candidates.texts.fitted_blend import FittedBlendTexts
from unspool.candidates.texts.held_out import HeldOut, cross_validate_repeatedly, repeated_splits, spread
from unspool.candidates.texts.joint import JointTexts
from unspool.candidates.texts.linear import LinearTexts, uncalibrated
from unspool.candidates.texts.ngram_features import NGrams
from unspool.candidates.texts.shifts import scaled
from unspool.cores import pool_of, usable

T = TypeVar("T")

STEPS = (0.0, 0.5, 1.0)
"""The weights that are tried for a part, before they are normalised to sum to 1."""
MANY_CHARACTERS = 20_000_000
"""With more characters in all texts, linear models are fitted in turn, as their counts take most of the memory."""
_ALL_OF = 4  # parts at most, of which all combinations are tried


@dataclass(frozen=True)
class BlendTexts:
    """The weighted sum of the parts' scores, each divided by its standard deviation on training texts.

    Weights, scale and shifts are chosen by cross-validation (`held_out.repeated_splits`); then the parts are fitted to
    all texts. For regression, scores are not divided.

    Attributes:
        name: of the candidate.
        cost: relative to that of reading the texts.
        parts: the candidates that are blended.
    """

    name: str
    cost: float
    parts: tuple[TextCandidate, ...]

    def fit(
        self, texts: Iterable[str], target: ArrayLike, task: Task, seed: int = 0, *, classes: int | None = None
    ) -> FittedBlendTexts:
        """Fit it; arguments as of `TextCandidate.fit`."""
        examples = Examples(Corpus.of(texts), target, task, classes)
        repeats = repeated_splits(target, task, seed=seed)
        held = [cross_validate_repeatedly(part, examples, repeats, seed=seed) for part in self.parts]
        wanted = np.tile(targets.columns(target, task, classes), (len(repeats), 1))
        return self.fit_weighted(examples, mixed(held, wanted, task, repeats=len(repeats)), seed)

    def fit_weighted(self, examples: Examples, mixture: "Mixture", seed: int = 0) -> FittedBlendTexts:
        """Fit the parts with a weight to all texts, and blend them as `mixed` chose."""
        corpus, task = Corpus.of(examples.inputs), examples.task
        used = [(part, weight) for part, weight in zip(self.parts, mixture.weights, strict=True) if weight > 0]

        def fit(part: TextCandidate) -> tuple[FittedTexts, float, float]:
            began = time.perf_counter()
            given = corpus, examples.targets, task, seed
            model = uncalibrated(part).fit(*given, classes=examples.classes)
            return model, time.perf_counter() - began, spread(model, corpus)

        corpus.words()  # once, before threads want it
        with pool_of(usable()) as pool:
            if sum(map(len, corpus)) <= MANY_CHARACTERS:
                fitted = list(pool.map(fit, [part for part, _ in used]))
            else:
                fitted = _in_turn([part for part, _ in used], fit, corpus, pool)
        models, seconds, deviations = zip(*fitted, strict=True)
        factors = [weight * mixture.scale / one for (_, weight), one in zip(used, deviations, strict=True)]
        blend = FittedBlendTexts(self.name, task, models, np.array(factors), seconds)
        if mixture.shift.any():
            blend.shift(mixture.shift)
        return blend


def _in_turn(
    parts: Sequence[TextCandidate], fit: Callable[[TextCandidate], T], corpus: Corpus, pool: ThreadPoolExecutor
) -> list[T]:
    """Fit linear models in turn, and the other parts meanwhile; free counts that no later model needs."""
    linear = [part for part in parts if _counted(part)]

    def one_by_one() -> dict[str, T]:
        fitted = {}
        for at, part in enumerate(linear):
            fitted[part.name] = fit(part)
            needed = {ngrams for later in linear[at + 1 :] for ngrams in _counted(later)}
            corpus.drop(ngrams for ngrams in _counted(part) if ngrams not in needed)
        return fitted

    in_turn = pool.submit(one_by_one)
    others = {part.name: pool.submit(fit, part) for part in parts if part not in linear}
    return [others[part.name].result() if part.name in others else in_turn.result()[part.name] for part in parts]


def _counted(part: TextCandidate) -> tuple[NGrams, ...]:
    """The n-grams that a linear model counts."""
    linear = part.linear if isinstance(part, JointTexts) else part
    return linear.ngrams if isinstance(linear, LinearTexts) else ()


def parts_of(candidate: TextCandidate) -> tuple[TextCandidate, ...]:
    """The parts of a blend; any other candidate is its only part."""
    return candidate.parts if isinstance(candidate, BlendTexts) else (candidate,)


@dataclass(frozen=True)
class Mixture:
    """How parts are blended.

    Attributes:
        weights: of the parts, in their order; they sum to 1.
        scale: the factor on the weighted sum.
        shift: (K,), added afterwards.
        scores: (N, K) of the blend for held-out texts, see `Scaled`.
    """

    weights: tuple[float, ...]
    scale: float
    shift: Floats
    scores: Floats


def mixed(
    held: Sequence[HeldOut],
    wanted: Floats,
    task: Task,
    *,
    repeats: int = 1,
    groups: NDArray[np.generic] | None = None,
    slopes: Floats | None = None,
    absolute_errors: bool = False,
) -> Mixture:
    """Choose the weights of a blend by the loss on held-out texts, and then its scale and shifts.

    Args:
        held: the parts' scores.
        wanted: (N, K), from `targets.columns`.
        task: of the targets.
        repeats: R; the N rows are the same N / R texts, R times.
        groups: (N / R,) as of `scaled`.
        slopes: (N, K), by which errors of transformed numbers are multiplied, see `Transformation.slopes`; or None.
        absolute_errors: whether the loss of numbers is the absolute error, not the squared one.

    Example:
        >>> wanted = np.array([[1.0], [0.0], [1.0], [0.0]])
        >>> right, wrong = (HeldOut(sign * (wanted - 0.5), np.ones((4, 1)), 0.0) for sign in (1, -1))
        >>> mixed([right, wrong], wanted, "binary").weights
        (1.0, 0.0)
    """
    seen = np.all([one.seen for one in held], axis=0)
    ready = [one.scores[seen] / one.spread[seen] for one in held]
    compared, truth = ready, wanted[seen]
    if slopes is not None:
        compared, truth = [one * slopes[seen] for one in ready], truth * slopes[seen]

    @cache
    def tried(weights: tuple[float, ...]) -> float:
        scores = np.einsum("p,pnk->nk", weights, compared)
        return comparing(task, absolute_errors).loss(scores * targets.fitted_scale(scores, truth, task), truth)

    weights = _least(tried, len(held))
    whole = np.full(wanted.shape, np.nan)
    whole[seen] = np.einsum("p,pnk->nk", weights, ready)
    shiftable = any(one.shiftable for one, weight in zip(held, weights, strict=True) if weight > 0)
    found = scaled(whole, wanted, task, repeats=repeats, shiftable=shiftable, groups=groups)
    return Mixture(weights, found.factor, found.shift, found.scores)


def _least(loss: Callable[[tuple[float, ...]], float], parts: int) -> tuple[float, ...]:
    """The weights with the lowest loss: of all combinations, or of many parts by coordinate descent from equal ones."""
    if parts <= _ALL_OF:
        every = (steps for steps in product(STEPS, repeat=parts) if max(steps) == 1)  # no multiples of others
        return min(map(_shares, every), key=loss)
    steps = (1.0,) * parts
    while True:
        before = steps
        for i in range(parts):
            changed = [(*steps[:i], step, *steps[i + 1 :]) for step in STEPS]
            steps = min((one for one in changed if sum(one) > 0), key=lambda one: loss(_shares(one)))
        if steps == before:
            return _shares(steps)


def _shares(steps: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(step / sum(steps) for step in steps)
