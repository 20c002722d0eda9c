"""Which model of texts to train: candidates are cross-validated in the order of their cost, within a budget."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from unspool.candidates.texts import targets
from unspool.candidates.texts.arithmetic import ARITHMETIC, Floats
from unspool.candidates.texts.blend import BlendTexts, FittedBlendTexts, Mixture, mixed
from unspool.candidates.texts.candidate import FittedTexts, TextCandidate
from unspool.candidates.texts.comparison import better
from unspool.candidates.texts.convolution import ConvolutionTexts
from unspool.candidates.texts.corpus import Corpus
from unspool.candidates.texts.held_out import (
    SEVERAL,
    HeldOut,
    TooLongError,
    cross_validate_repeatedly,
    repeated_splits,
)
from unspool.candidates.texts.kinds import Task
from unspool.candidates.texts.language_model import LanguageModelTexts, Tell, quiet
from unspool.candidates.texts.language_model_budget import Sizing
from unspool.candidates.texts.linear import LinearTexts
from unspool.candidates.texts.shifts import Scaled, scaled, shifted
from unspool.candidates.texts.side import with_side
from unspool.candidates.texts.unlabelled import reads_unlabelled, with_unlabelled
from unspool.candidates.texts.vectors import VectorTexts

_OVER_BUDGET = "it would have taken longer than the budget"


@dataclass(frozen=True)
class Tried:
    """One candidate, and how well it did on training texts that were held out.

    Attributes:
        name: of the candidate.
        loss: the mean negative log-likelihood (with its scale chosen on the same texts, see `shifts.scaled`) or squared
            error; NaN where it was not tried.
        right: the share of right answers, or the root of the mean squared error of numbers; NaN where not tried.
        seconds: that the cross-validation took; 0 where not tried, or where it came from other candidates' scores.
        why_not: why it was not tried; empty where it was.
    """

    name: str
    loss: float
    right: float
    seconds: float
    why_not: str = ""


@dataclass(frozen=True)
class Compared:
    """A candidate, not a blend, that was compared and can still be fitted, even if another was taken.

    It holds no more than that takes: scores of texts that were not held out are left out.

    Attributes:
        rows: (M,) which training texts were held out.
        scores: (M, K) of these, as a `Choice` has them of the one that was taken.
        seconds: that it has taken so far: the comparison, and the fit if `fit` gives a model that is fitted already.
        fit: fits it to all texts, as if it had been taken.
    """

    rows: NDArray[np.int64]
    scores: Floats
    seconds: float
    fit: Callable[[], FittedTexts]


@dataclass(frozen=True)
class Choice:
    """What was tried, and the model that was taken, fitted to all texts.

    Attributes:
        model: the fitted model.
        taken: its candidate's name.
        tried: every candidate, in the order of cost.
        held_out: (N, K) the taken candidate's scores of training texts that were held out; NaN for the others. To pick
            thresholds on.
        unlabelled: how many texts without a label the model has read.
        work: of the language model that was tried, see `LanguageModelTexts`; None where none was.
        why: it was taken, in words.
        compared: the candidates that were tried and are no blends, by name.
    """

    model: FittedTexts
    taken: str
    tried: list[Tried]
    held_out: Floats
    unlabelled: int = 0
    work: float | None = None
    why: str = ""
    compared: Mapping[str, Compared] = field(default_factory=dict, repr=False)


def choose(
    texts: Iterable[str],
    target: ArrayLike,
    task: Task,
    candidates: Sequence[TextCandidate],
    *,
    budget: float,
    seed: int = 0,
    classes: int | None = None,
    groups: ArrayLike | None = None,
    times: ArrayLike | None = None,
    unlabelled: Sequence[str] = (),
    work: float | None = None,
    saves: Path | None = None,
    tell: Tell = quiet,
    heard: Callable[[Tried], None] = lambda tried: None,
) -> Choice:
    """Cross-validate candidates on training texts, and fit the one to take.

    They come in the order of their cost. A more expensive one is taken only if it is surely `better`. One that would
    probably take more than what is left of the budget is skipped, judging by those before it, or given up after its
    first part. Linear ones are tried as long as anything is left, since the others have to beat them; blends of what
    was tried always are, since they take no time of their own. A convolution over characters is not tried on long
    texts, where it costs most and has never been the best.

    Args:
        texts: N training texts, perhaps with cells beside them, see `TextRow`.
        target: as of `targets.columns`.
        task: what is predicted.
        candidates: the cheapest is always tried.
        budget: seconds of wall time for the cross-validations.
        seed: of everything.
        classes: K of "multiclass", if some are not in `target`.
        groups: (N,) names of groups that stay together when texts are held out, or None.
        times: (N,) when each text was written: later ones are held out, earlier ones learned from; or None.
        unlabelled: texts without a label, which candidates that can learn from too.
        work: of a language model, see `LanguageModelTexts`; None for what suits the budget.
        saves: the folder in which the training of a language model is saved meanwhile.
        tell: gets what is being done, again and again: which candidate is tried, and more of a language model.
        heard: gets each candidate as soon as it is known what became of it.

    Raises:
        ValueError: there are no candidates, or the targets are not the task's.

    Example:
        >>> from unspool.candidates.texts.linear import NB_WORDS
        >>> choice = choose(["fine film", "dull film"] * 30, [1, 0] * 30, "binary", [NB_WORDS], budget=10)
        >>> choice.taken, choice.tried[0].right, (choice.model.outputs(["fine", "dull"]) > 0.5).tolist()
        ('nb-words', 1.0, [True, False])
    """
    if not candidates:
        raise ValueError("there are no candidates to choose from")
    corpus = Corpus.of(texts)
    if corpus.side() is not None:
        candidates = [with_side(one) for one in candidates]
    trials = _Trials(corpus, np.asarray(target), task, seed, classes, groups, times, heard)
    sizing = Sizing(corpus, work, saves, tell)
    begin = time.perf_counter()
    for candidate in sorted(candidates, key=lambda one: one.cost):
        left = budget - (time.perf_counter() - begin)
        tell(candidate.name)
        sized = sizing.sized(with_unlabelled(candidate, unlabelled), left, alone=not trials.tried)
        if isinstance(sized, str):
            trials.pass_over(candidate, sized)
            continue
        trials.add(sized, left)
    tell(f"fitting {trials.taken.name} to all training examples")
    began = time.perf_counter()
    model = trials.fitted()
    took = time.perf_counter() - began
    read = len(unlabelled) if any(map(reads_unlabelled, trials.used())) else 0
    return Choice(
        model,
        trials.taken.name,
        trials.tried,
        trials.scores[: len(corpus)],
        read,
        sizing.work,
        trials.why(),
        trials.compared(model, took),
    )


def compare(
    texts: Iterable[str],
    target: ArrayLike,
    task: Task,
    candidates: Sequence[TextCandidate],
    *,
    seed: int = 0,
    classes: int | None = None,
    groups: ArrayLike | None = None,
    times: ArrayLike | None = None,
) -> dict[str, Compared]:
    """Cross-validate candidates that are no blends as `choose` does, without a budget; none is fitted to all texts.

    Args:
        texts: as for `choose`; so are all others.
        target: as of `targets.columns`.
        task: what is predicted.
        candidates: by whose names the answer is.
        seed: of everything.
        classes: K of "multiclass", if some are not in `target`.
        groups: (N,) names of groups that stay together when texts are held out, or None.
        times: (N,) when each text was written, or None.

    Example:
        >>> from unspool.candidates.texts.linear import NB_WORDS
        >>> found = compare(["fine film", "dull film"] * 30, [1, 0] * 30, "binary", [NB_WORDS])["nb-words"]
        >>> found.scores.shape, (found.fit().outputs(["fine", "dull"]) > 0.5).tolist()
        ((60, 1), [True, False])
    """
    trials = _Trials(Corpus.of(texts), np.asarray(target), task, seed, classes, groups, times, lambda tried: None)
    for candidate in sorted(candidates, key=lambda one: one.cost):
        trials.add(candidate, np.inf)
    return trials.compared()


class _Trials:
    """The cross-validations so far, and the best candidate of them."""

    taken: TextCandidate
    scores: Floats  # of the best, (R N, K) by R splits

    def __init__(
        self,
        corpus: Corpus,
        target: NDArray[Any],
        task: Task,
        seed: int,
        classes: int | None,
        groups: ArrayLike | None,
        times: ArrayLike | None,
        heard: Callable[[Tried], None],
    ):
        self._corpus, self._target, self._task, self._seed, self._classes = corpus, target, task, seed, classes
        self._repeats = repeated_splits(target, task, groups=groups, times=times, seed=seed)
        self._used: Corpus | None = corpus
        if len(corpus) > SEVERAL:
            used = np.unique(np.concatenate([rows for parts in self._repeats for part in parts for rows in part]))
            self._used = corpus.limited(used)
        self._wanted = np.tile(targets.columns(target, task, classes), (len(self._repeats), 1))
        self._scaled: dict[str, tuple[TextCandidate, Scaled]] = {}
        self._held: dict[str, HeldOut] = {}
        self._mixtures: dict[str, Mixture] = {}
        self._too_long: set[str] = set()  # what was given up after a first part, for the time that it took
        self._pace = 0.0  # seconds for one unit of cost, of the last
        self._characters = sum(map(len, corpus)) / max(len(corpus), 1)  # of a text, on average
        self._heard = heard
        self.tried: list[Tried] = []

    def add(self, candidate: TextCandidate, seconds: float) -> None:
        """Try a candidate if it probably takes at most so many seconds, is the first, or blends what was tried."""
        parts = candidate.parts if isinstance(candidate, BlendTexts) else (candidate,)
        lacking = [part for part in parts if part.name not in self._held]
        longest = min((part.longest for part in lacking if isinstance(part, ConvolutionTexts)), default=np.inf)
        if self.tried and self._characters > longest:
            self.pass_over(candidate, f"the texts have more than {longest:g} characters on average")
            return
        expected = 0.0 if isinstance(candidate, LinearTexts) else sum(map(self._expected, lacking))
        if self.tried and lacking and (expected >= seconds or any(part.name in self._too_long for part in lacking)):
            self.pass_over(candidate, _OVER_BUDGET)
            return
        end = time.perf_counter() + seconds
        for part in lacking:
            limited = bool(self.tried) and not isinstance(part, LinearTexts) and not _learns_once(part)
            try:
                self._held[part.name] = self._cross_validated(part, end - time.perf_counter() if limited else np.inf)
            except TooLongError as error:
                self._too_long.add(part.name)
                self._pace = max(self._pace, error.seconds / part.cost)
                self.pass_over(candidate, _OVER_BUDGET)
                return
            if not _learns_once(part):
                self._pace = self._held[part.name].seconds / part.cost
        if isinstance(candidate, BlendTexts):
            held, repeats = [self._held[part.name] for part in parts], len(self._repeats)
            mixture = mixed(held, self._wanted, self._task, repeats=repeats)
            self._mixtures[candidate.name] = mixture
            scores = mixture.scores
        else:
            one = self._held[candidate.name]
            how: dict[str, Any] = {"repeats": len(self._repeats), "shiftable": one.shiftable}
            found = scaled(one.scores, self._wanted, self._task, **how)
            self._scaled[candidate.name] = candidate, found
            scores = found.scores
        took = sum(self._held[part.name].seconds for part in lacking)
        self._note(_tried(candidate.name, scores, self._wanted, self._task, took))
        if len(self.tried) == 1 or better(scores, self.scores, self._wanted, self._task, len(self._repeats)):
            self.taken, self.scores = candidate, scores

    def _cross_validated(self, part: TextCandidate, limit: float) -> HeldOut:
        assert self._used is not None
        if not isinstance(part, LinearTexts):
            self._used.forget()  # counts of n-grams: linear models come first, and networks need the room
        return cross_validate_repeatedly(
            part,
            self._used,
            self._target,
            self._task,
            self._repeats,
            seed=self._seed,
            classes=self._classes,
            limit=limit,
        )

    def pass_over(self, candidate: TextCandidate, why: str) -> None:
        """Note that a candidate is not tried."""
        self._note(Tried(candidate.name, np.nan, np.nan, 0.0, why))

    def _note(self, one: Tried) -> None:
        self.tried.append(one)
        self._heard(one)

    def why(self) -> str:
        """Why the best is the best: it may have a greater loss than a dearer one."""
        loss = ARITHMETIC[self._task].loss_name
        compared = [one for one in self.tried if not one.why_not]
        least = min(compared, key=lambda one: one.loss)
        if len(compared) == 1:
            return ""
        if least.name == self.taken.name:
            return f"its {loss} is the lowest"
        return (
            f"{least.name} has a lower {loss}, but a more expensive model is only taken if the difference is "
            "larger than one standard error"
        )

    def _expected(self, part: TextCandidate) -> float:
        """The seconds that a cross-validation probably takes."""
        if isinstance(part, VectorTexts) and _learns_once(part):
            return part.seconds_of(self._corpus)
        return 0.0 if isinstance(part, LanguageModelTexts) else self._pace * part.cost  # its size is for the budget

    def used(self) -> list[TextCandidate]:
        """The parts of the best that count for something."""
        if not isinstance(self.taken, BlendTexts):
            return [self.taken]
        weights = self._mixtures[self.taken.name].weights
        return [part for part, weight in zip(self.taken.parts, weights, strict=True) if weight > 0]

    def _settled(self, part: TextCandidate) -> TextCandidate:
        """A linear model with the penalty that the comparison has found; its scores are scaled afterwards."""
        c = self._held[part.name].c
        return replace(part, c=c, calibrated=False) if isinstance(part, LinearTexts) and c is not None else part

    def fitted(self) -> FittedTexts:
        """Fit the best to all texts; nothing more is compared."""
        self._used = None  # with all that was read of them
        given = self._corpus, self._target, self._task
        if isinstance(self.taken, BlendTexts):
            settled = replace(self.taken, parts=tuple(map(self._settled, self.taken.parts)))
            return settled.fit_weighted(*given, self._mixtures[self.taken.name], self._seed, classes=self._classes)
        return self._fit(*self._scaled[self.taken.name])()

    def _fit(self, candidate: TextCandidate, found: Scaled) -> Callable[[], FittedTexts]:
        given = self._corpus, self._target, self._task, self._seed, self._classes
        return partial(_fitted, self._settled(candidate), found.factor, found.shift, *given)

    def compared(self, taken: FittedTexts | None = None, seconds: float = 0.0) -> dict[str, Compared]:
        """All that were tried except blends; the one taken, or the parts of a blend taken, are not fitted again.

        Args:
            taken: as `fitted` gave it; None where nothing was fitted.
            seconds: that this took.
        """
        ready = {} if taken is None else {taken.name: (taken, seconds)}
        if isinstance(taken, FittedBlendTexts):
            ready = {part.name: (part, took) for part, took in zip(taken.alone, taken.seconds, strict=True)}

        def compared(candidate: TextCandidate, found: Scaled) -> Compared:
            scores = found.scores[: len(self._corpus)]
            rows = np.flatnonzero(~np.isnan(scores).any(axis=1))
            fit, took = self._fit(candidate, found), self._held[candidate.name].seconds
            if candidate.name in ready:
                model, more = ready[candidate.name]
                fit = partial(
                    shifted, model, *((1.0, 0 * found.shift) if model is taken else (found.factor, found.shift))
                )
                took += more
            return Compared(rows, scores[rows], took, fit)

        return {name: compared(*one) for name, one in self._scaled.items()}


def _fitted(
    candidate: TextCandidate,
    factor: float,
    shift: Floats,
    corpus: Corpus,
    target: NDArray[Any],
    task: Task,
    seed: int,
    classes: int | None,
) -> FittedTexts:
    return shifted(candidate.fit(corpus, target, task, seed, classes=classes), factor, shift)


def _learns_once(candidate: TextCandidate) -> bool:
    """Whether a candidate learns once for all parts of a cross-validation, which tells nothing of the others' pace."""
    return isinstance(candidate, LanguageModelTexts) or (
        isinstance(candidate, VectorTexts) and len(candidate.unlabelled) > 0
    )


def _tried(name: str, scores: Floats, wanted: Floats, task: Task, seconds: float) -> Tried:
    seen = ~np.isnan(scores).any(axis=1)
    said, truth = scores[seen], wanted[seen]
    return Tried(name, targets.loss(said, truth, task), ARITHMETIC[task].score(said, truth), seconds)
