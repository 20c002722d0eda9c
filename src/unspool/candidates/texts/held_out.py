"""Cross-validation: scores of training texts by models that were not fitted to them."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from statistics import median_low
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from unspool.candidates.examples import Examples
from unspool.candidates.texts import targets
from unspool.candidates.texts.arithmetic import ARITHMETIC, Floats, Task
from unspool.candidates.texts.candidate import FittedTexts, TextCandidate
from unspool.candidates.texts.corpus import Corpus
from unspool.candidates.texts.folds import Rows, first_fold, folds, repeats
from unspool.candidates.texts.linear import FittedLinearTexts, LinearTexts, uncalibrated
from unspool.candidates.texts.linear_solution import FOLDS
from unspool.candidates.texts.shifts import Shiftable
from unspool.candidates.texts.vector_training import VectorTraining
from unspool.candidates.windows import expanding_windows, last_window
from unspool.cores import in_parallel, usable

FEW, SEVERAL = 2_000, 10_000
LEARN, HOLD = 8_000, 2_000
"""Of more than `SEVERAL` texts, so many are trained on and so many held out, once."""
MANY, DRAWN = 50_000, 20_000
"""Of more than `MANY` texts in groups, only some groups with about `DRAWN` texts in all are split."""
_FEWEST_GROUPS = 5
_MEASURED = 2_000  # training texts on which a model's spread is measured


class TooLongError(Exception):
    """A cross-validation would exceed its time limit, judging by its first fold.

    Attributes:
        seconds: that it would probably take.
    """

    def __init__(self, seconds: float):
        super().__init__(f"it would take {seconds:.0f} s")
        self.seconds = seconds


@dataclass(frozen=True)
class HeldOut:
    """The scores of a candidate in cross-validation.

    Attributes:
        scores: (N, K), NaN where a text was not held out.
        spread: (N, 1), for each held-out text the spread (`spread`) of its fold's model on its training texts.
        seconds: that the cross-validation took.
        c: of a linear model, the inverse penalty that did best on held-out texts; else None.
        shiftable: whether the models are `Shiftable`.
        fits: the seconds of all fits added up, see `FittedTexts.seconds`, or of fits and scores if the models do not
            know; more than `seconds` if folds ran at the same time. None if they were not measured.
    """

    scores: Floats
    spread: Floats
    seconds: float
    c: float | None = None
    shiftable: bool = True
    fits: float | None = None

    @property
    def seen(self) -> NDArray[np.bool_]:
        """(N,) which texts were held out."""
        return np.asarray(~np.isnan(self.scores).any(axis=1))


def splits(
    target: ArrayLike,
    task: Task,
    *,
    groups: ArrayLike | None = None,
    times: ArrayLike | None = None,
    seed: int = 0,
) -> list[tuple[Rows, Rows]]:
    """The folds to train on and to hold out: five of few texts, three of several, one of many.

    With times, models are trained on earlier texts and later ones are held out.

    Args:
        target: (N,) or (N, K), as of `targets.columns`.
        task: what they are of.
        groups: (N,) names of groups that stay together, or None.
        times: (N,) when each text was written, or None.
        seed: of the shuffling.

    Example:
        >>> [(len(train), len(held)) for train, held in splits(np.arange(20_000) % 2, "binary")]
        [(8000, 2000)]
    """
    count = len(np.asarray(target))
    several = max(count // HOLD, 2) if count > SEVERAL else 5 if count <= FEW else 3
    labels = target if ARITHMETIC[task].single_label else None
    if count <= SEVERAL:
        windows = [] if times is None else expanding_windows(times, several, labels=labels, groups=groups)
        return windows or folds(target, task, several, groups=groups, seed=seed)
    found = None if times is None else last_window(times, several, labels=labels, groups=groups)
    if found is None and groups is not None and count > MANY:
        found = _fold_of_some_groups(np.asarray(target), task, np.asarray(groups), seed)
    train, held = found or first_fold(target, task, several, groups=groups, seed=seed)
    drawn = np.random.default_rng(seed).permutation(len(train))[:LEARN]
    return [(train[np.sort(drawn)], held)]


def parts_to_choose_on(examples: Examples, rows: Rows, seed: int) -> list[tuple[Rows, Rows]] | None:
    """The folds of some texts, counted from 0, on which a model fitted to them chooses its penalty or its kind.

    Groups stay together, and with times only the latest texts are held out. A penalty chosen on random folds would be
    too small: an author's other texts, for example, give away the label of one held out.

    Returns:
        None for random folds, as for texts without groups and times.
    """
    target, task = np.asarray(examples.targets)[rows], examples.task
    groups, times = (None if of is None else np.asarray(of)[rows] for of in (examples.groups, examples.times))
    labels = target if ARITHMETIC[task].single_label else None
    window = None if times is None else last_window(times, FOLDS, labels=labels, groups=groups)
    if window is not None:
        return [window]
    if groups is None or len(np.unique(groups)) == 1:
        return None
    return folds(target, task, FOLDS, groups=groups, seed=seed)


def with_parts(
    candidate: TextCandidate,
    find: Callable[[], list[tuple[Rows, Rows]] | None],
    groups: NDArray[np.int64] | None,
) -> TextCandidate:
    """Give a candidate the folds that it chooses its penalty or its kind on; return any other as it is.

    Args:
        candidate: the candidate.
        find: returns the folds.
        groups: (N,) of the texts that it will be fitted to, or None.
    """
    if isinstance(candidate, LinearTexts):
        return replace(candidate, parts=find())
    if isinstance(candidate, VectorTraining):
        return replace(candidate, parts=find(), groups=groups)
    return candidate


def _fold_of_some_groups(target: NDArray[Any], task: Task, groups: NDArray[np.generic], seed: int) -> tuple[Rows, Rows]:
    """A fold of groups sampled at random: splitting very many groups takes longer than fitting the models."""
    random = np.random.default_rng(seed)
    _, number, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    order = random.permutation(len(sizes))
    enough = int(np.searchsorted(np.cumsum(sizes[order]), DRAWN)) + 1
    chosen = np.zeros(len(sizes), bool)
    chosen[order[: max(enough, _FEWEST_GROUPS)]] = True
    rows = np.flatnonzero(chosen[number])
    train, held = first_fold(target[rows], task, DRAWN // HOLD, groups=number[rows], seed=seed)
    some = np.sort(random.permutation(len(held))[: 2 * HOLD])  # of a fold with one large group
    return rows[train], rows[held[some]]


def repeated_splits(
    target: ArrayLike,
    task: Task,
    *,
    groups: ArrayLike | None = None,
    times: ArrayLike | None = None,
    seed: int = 0,
) -> list[list[tuple[Rows, Rows]]]:
    """Several `splits` of few texts, as one is a noisy estimate; one of many texts, or with times.

    Example:
        >>> [len(repeated_splits(np.arange(count) % 2, "binary")) for count in (100, 500, 2_000)]
        [5, 3, 1]
    """
    count = repeats(len(np.asarray(target))) if times is None else 1
    return [splits(target, task, groups=groups, times=times, seed=seed + i) for i in range(count)]


def cross_validate_repeatedly(
    candidate: TextCandidate,
    examples: Examples,
    parted: list[list[tuple[Rows, Rows]]],
    *,
    seed: int = 0,
    limit: float = np.inf,
    of_many: bool | None = None,
    in_turn: bool = False,
) -> HeldOut:
    """`cross_validate` with each of R splits: (R N, K) scores, those of the first split first, and the median c.

    Raises:
        TooLongError: all of it would take longer than `limit` seconds, judging by the first part of the first split.
    """
    found: list[HeldOut] = []
    for parts in parted:
        limited = np.inf if found else limit / len(parted)
        try:
            one = cross_validate(candidate, examples, parts, seed=seed, limit=limited, of_many=of_many, in_turn=in_turn)
        except TooLongError as error:
            raise TooLongError(error.seconds * len(parted)) from error
        found.append(one)
    chosen = [one.c for one in found if one.c is not None]
    fits = [one.fits for one in found if one.fits is not None]
    return HeldOut(
        np.concatenate([one.scores for one in found]),
        np.concatenate([one.spread for one in found]),
        sum(one.seconds for one in found),
        median_low(chosen) if chosen else None,
        all(one.shiftable for one in found),
        sum(fits) if fits else None,
    )


def cross_validate(
    candidate: TextCandidate,
    examples: Examples,
    parts: list[tuple[Rows, Rows]],
    *,
    seed: int = 0,
    limit: float = np.inf,
    of_many: bool | None = None,
    in_turn: bool = False,
) -> HeldOut:
    """Fit a candidate to the training texts of each fold, and score those held out.

    For up to `SEVERAL` texts, a linear model gets the penalty that does best on all held-out texts, as a search within
    each fold would take most of the time. Scores of linear models are not calibrated within a fold either; the caller
    finds their scale on the held-out texts.

    Args:
        candidate: the model to fit.
        examples: N texts with targets.
        parts: the folds, from `splits`.
        seed: of every fit.
        limit: the most seconds that it may take by the estimate after the first fold; there is none for linear
            models of few texts.
        of_many: whether these are a sample of more than `SEVERAL` texts; None if they are all texts.
        in_turn: whether folds are fitted one after the other, because a single fit uses all cores or much memory.

    Raises:
        TooLongError: it would take longer, judging by the first fold.
    """
    begin = time.perf_counter()
    corpus, given, task = Corpus.of(examples.inputs), np.asarray(examples.targets), examples.task
    wanted = targets.columns(given, task, examples.classes)
    width = wanted.shape[1]
    many = len(corpus) > SEVERAL if of_many is None else of_many
    if isinstance(candidate, LinearTexts) and not many:
        found = candidate.held_out(corpus, wanted, task, parts, seed)
        spreads = np.full((len(corpus), 1), np.nan)
        for (_, held), own in zip(parts, found.in_training, strict=True):
            spreads[held] = ARITHMETIC[task].spread(own[_some(len(own))])
        return HeldOut(found.scores, spreads, time.perf_counter() - begin, found.c)
    scores, spreads = np.full((len(corpus), width), np.nan), np.full((len(corpus), 1), np.nan)

    def fold(part: tuple[Rows, Rows]) -> tuple[float, float | None, bool]:
        """Fit to one fold; the seconds that it took, the penalty of a linear model, and whether it is `Shiftable`."""
        (train, held), began = part, time.perf_counter()
        texts = corpus.take(train)
        groups = None if examples.groups is None else examples.groups[train]
        ready = with_parts(uncalibrated(candidate), partial(parts_to_choose_on, examples, train, seed), groups)
        model = ready.fit(texts, given[train], task, seed, classes=width)
        scores[held] = model.scores(corpus.take(held))
        spreads[held] = spread(model, texts)
        penalty = model.c if isinstance(model, FittedLinearTexts) else None
        return model.seconds or time.perf_counter() - began, penalty, isinstance(model, Shiftable)

    rounds = len(parts) if in_turn else -(-len(parts) // usable())
    sizes = [len(train) for train, _ in parts]  # with times, each fold learns from more than the one before
    longer = sum(sizes) / len(sizes) / sizes[0]
    done = []
    for one in map(fold, parts) if in_turn else in_parallel(fold, parts):
        done.append(one)
        expected = (time.perf_counter() - begin) * rounds * longer
        if len(done) == 1 and expected > limit:
            raise TooLongError(expected)
    seconds, penalties, shiftable = zip(*done, strict=True)
    return HeldOut(scores, spreads, time.perf_counter() - begin, penalties[-1], shiftable[-1], sum(seconds))


def spread(model: FittedTexts, texts: Corpus) -> float:
    """The standard deviation of a model's scores on its training texts, or on some of them; 1 for regression.

    For multiclass, the mean of each text's scores is subtracted before.
    """
    arithmetic = ARITHMETIC[model.task]
    return 1.0 if arithmetic.numbers else arithmetic.spread(model.scores(texts.take(_some(len(texts)))))


def _some(count: int) -> Rows:
    return np.unique(np.linspace(0, count - 1, _MEASURED).astype(np.int64))
