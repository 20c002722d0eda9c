"""The cross-validations of text candidates, and the best candidate."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from unspool.candidates.examples import Examples
from unspool.candidates.outcome import (
    NO_TIME,
    OVER_BUDGET,
    Compared,
    Heard,
    Outputs,
    Tried,
    too_large_to_fit,
    too_long_to_fit,
)
from unspool.candidates.saved import Saved
from unspool.candidates.texts import targets
from unspool.candidates.texts.arithmetic import Floats, comparing
from unspool.candidates.texts.blend import BlendTexts, Mixture, mixed, parts_of
from unspool.candidates.texts.candidate import FittedTexts, TextCandidate
from unspool.candidates.texts.comparison import better
from unspool.candidates.texts.convolution import ConvolutionTexts
from unspool.candidates.texts.corpus import Corpus
from unspool.candidates.texts.costs import Costs, reads_more
from unspool.candidates.texts.fitted_blend import FittedBlendTexts
from unspool.candidates.texts.folds import Rows
from unspool.candidates.texts.held_out import (
    SEVERAL,
    HeldOut,
    TooLongError,
    cross_validate_repeatedly,
    parts_to_choose_on,
    repeated_splits,
    with_parts,
)
from unspool.candidates.texts.language_models.candidate import LanguageModelTexts
from unspool.candidates.texts.linear import LinearTexts, uncalibrated
from unspool.candidates.texts.shifts import Scaled, scaled, shifted
from unspool.candidates.texts.trees import TreesTexts
from unspool.candidates.texts.vector_training import VectorTraining
from unspool.cores import pool_of, usable
from unspool.memory import free_memory


class Trials:
    """The cross-validations so far, and the best candidate among them."""

    taken: TextCandidate
    scores: Floats  # of the best, (R N, K) for R splits
    _shown: Floats  # the same as they are compared

    def __init__(self, examples: Examples, seed: int, heard: Heard, saved: Saved, budget: float):
        self.corpus, target = Corpus.of(examples.inputs), np.asarray(examples.targets)
        self._examples = replace(examples, inputs=self.corpus)
        self._task, self._seed, self._heard, self._budget = examples.task, seed, heard, budget
        self._arithmetic = comparing(examples.task, examples.absolute_errors)
        parted = repeated_splits(target, self._task, groups=examples.groups, times=examples.times, seed=seed)
        self._rows, used = np.arange(len(self.corpus)), self.corpus  # used in the comparison
        self.of_many = len(self.corpus) > SEVERAL  # whether only some texts are used in the comparison
        if self.of_many:
            self.corpus.words()  # all candidates need them, so the first one's time should not include them
            self._rows = np.unique(np.concatenate([rows for parts in parted for part in parts for rows in part]))
            used = self.corpus.limited(self._rows).take(self._rows)
        self._repeats = [[(self._place(train), self._place(held)) for train, held in parts] for parts in parted]
        learned = sum(len(train) for parts in self._repeats for train, _ in parts)
        self.costs = Costs(self.corpus, growth=len(self.corpus) / max(learned, 1))
        groups = self._groups = None if examples.groups is None else np.asarray(examples.groups)[self._rows]
        times = None if examples.times is None else np.asarray(examples.times)[self._rows]
        self._used: Examples | None = replace(
            self._examples, inputs=used, targets=target[self._rows], groups=groups, times=times
        )
        wanted = targets.columns(target[self._rows], self._task, examples.classes)
        self._wanted = np.tile(wanted, (len(self._repeats), 1))
        unit = examples.transformation
        self._truth = self._wanted if unit is None else unit.numbers(self._wanted)
        self._slopes = None if unit is None else unit.slopes(self._wanted)
        self._scaled: dict[str, tuple[TextCandidate, Scaled]] = {}
        self._held: dict[str, HeldOut] = {}
        self._mixtures: dict[str, Mixture] = {}
        self._ahead: dict[str, Future[HeldOut]] = {}  # linear models whose turn is yet to come
        self._too_long: set[str] = set()  # given up after the first fold, as it took too long
        self._saved = saved
        self._read = False  # whether a model of the texts themselves was compared
        self.before = 0.0  # seconds spent before an interruption
        self.tried: list[Tried] = []

    def _place(self, rows: Rows) -> Rows:
        """The positions of some rows among those used in the comparison."""
        return np.searchsorted(self._rows, rows)

    @contextmanager
    def linear_models_in_threads(self, candidates: Sequence[TextCandidate]) -> Iterator[None]:
        """Cross-validate the linear models among candidates on all cores, within the block, before it is their turn.

        Only of many texts: these have a single fold, which keeps one core busy.
        """
        linear = [one for one in candidates if isinstance(one, LinearTexts) and self._saved.found(one.name) is None]
        if not self.of_many:
            yield
            return
        with pool_of(usable()) as pool:
            self._ahead = {one.name: pool.submit(self._held_out, one) for one in linear}
            try:
                yield
            finally:
                for left in self._ahead.values():
                    left.cancel()

    def add(self, candidate: TextCandidate, seconds: float) -> None:
        """Try a candidate if it is the first, only blends those tried before, or probably takes at most `seconds`."""
        parts = parts_of(candidate)
        new = [part for part in parts if part.name not in self._held]
        lacking = [part for part in new if not self._restored(part)]
        unsuited = self.unsuited(lacking)
        if self.tried and unsuited:
            self.pass_over(candidate, unsuited)
            return
        expected = 0.0 if isinstance(candidate, LinearTexts) else sum(map(self.costs.of_comparison, lacking))
        over = expected >= seconds or any(part.name in self._too_long for part in lacking)
        if self.tried and lacking and over and not all(map(self._begun, lacking)):
            self.pass_over(candidate, OVER_BUDGET if seconds > 0 else NO_TIME)
            return
        foreseen = bool(lacking) and not isinstance(candidate, LinearTexts)
        if foreseen and self._given_up(candidate, self.costs.of_fit(parts)):
            return
        if not self._cross_validate_all(lacking, time.perf_counter() + seconds):
            self.pass_over(candidate, OVER_BUDGET)
            return
        took = sum(self._held[part.name].seconds for part in new)
        scores = self._scores_of(candidate)
        if self._given_up(candidate, self.seconds_to_fit(candidate), took):
            return
        self._read |= _reads_texts(candidate)
        shown = self._in_their_unit(scores)
        self._note(self._judged(candidate.name, shown, took))
        if len(self.tried) == 1 or self._better(shown):
            self.taken, self.scores, self._shown = candidate, scores, shown

    def _begun(self, part: TextCandidate) -> bool:
        """Whether a linear model is being compared already; if not, it no longer will be."""
        return part.name in self._ahead and not self._ahead[part.name].cancel()

    def unsuited(self, parts: Sequence[TextCandidate]) -> str:
        """Which of the candidates' limits these texts and labels exceed, as a reason not to try them; "" if none."""
        limits = [part.limits for part in parts if isinstance(part, ConvolutionTexts | TreesTexts)]
        found = (one.exceeded(len(self.corpus), self.costs.characters, self._wanted.shape[1]) for one in limits)
        return next(filter(None, found), "")

    def _better(self, shown: Floats) -> bool:
        return better(
            shown,
            self._shown,
            self._truth,
            self._task,
            len(self._repeats),
            self._groups,
            absolute_errors=self._examples.absolute_errors,
        )

    def _cross_validate_all(self, parts: Sequence[TextCandidate], end: float) -> bool:
        """Cross-validate candidates until `end` at most; return whether there was time for all of them."""
        for part in parts:
            limited = bool(self.tried) and not isinstance(part, LinearTexts) and not reads_more(part)
            try:
                self._held[part.name] = self._cross_validated(part, end - time.perf_counter() if limited else np.inf)
            except TooLongError as error:
                self._too_long.add(part.name)
                self.costs.learn_at_least(part, error.seconds)
                return False
            self.costs.learn(part, self._held[part.name])
        return True

    def _scores_of(self, candidate: TextCandidate) -> Floats:
        """The blended or scaled scores of a candidate whose parts have been cross-validated."""
        repeats = len(self._repeats)
        if isinstance(candidate, BlendTexts):
            held = [self._held[part.name] for part in candidate.parts]
            mixture = mixed(
                held,
                self._wanted,
                self._task,
                repeats=repeats,
                groups=self._groups,
                slopes=self._slopes,
                absolute_errors=self._examples.absolute_errors,
            )
            self._mixtures[candidate.name] = mixture
            return mixture.scores
        one = self._held[candidate.name]
        found = scaled(
            one.scores, self._wanted, self._task, repeats=repeats, shiftable=one.shiftable, groups=self._groups
        )
        self._scaled[candidate.name] = candidate, found
        return found.scores

    def _in_their_unit(self, scores: Floats) -> Floats:
        """(R N, K) scores as they are compared: transformed targets are compared in the unit of the numbers."""
        unit, absolute = self._examples.transformation, self._examples.absolute_errors
        if unit is None:
            return scores
        return unit.fitted(scores, self._wanted, absolute_errors=absolute).numbers(scores)

    def _given_up(self, candidate: TextCandidate, seconds: float, took: float = 0.0) -> bool:
        """Give up a candidate whose fit to all texts would exceed budget or memory, once another has read the texts."""
        size = self.costs.memory_of_fit(candidate)
        why = too_long_to_fit(seconds, len(self.corpus)) if seconds > self._budget else ""
        if size > free_memory():
            why = too_large_to_fit(size, len(self.corpus))
        if not why or not self._read:
            return False
        self._note(Tried(candidate.name, None, took, why))
        return True

    def seconds_to_fit(self, candidate: TextCandidate) -> float:
        """The seconds that fitting a candidate, or the weighted parts of a blend, to all texts will probably take."""
        return self.costs.of_fit(self.used(candidate))

    def _cross_validated(self, part: TextCandidate, limit: float) -> HeldOut:
        ahead = self._ahead.pop(part.name, None)
        return self._held_out(part, limit) if ahead is None else ahead.result()

    def _held_out(self, part: TextCandidate, limit: float = np.inf) -> HeldOut:
        assert self._used is not None
        if not isinstance(part, LinearTexts | TreesTexts):
            # Networks need the memory of the counts; linear models came first, and a `JointTexts` counts anew.
            Corpus.of(self._used.inputs).forget()
        if not isinstance(part, VectorTraining):
            self.corpus.forget_own()
        in_turn = isinstance(part, ConvolutionTexts | LanguageModelTexts)
        held = cross_validate_repeatedly(
            part, self._used, self._repeats, seed=self._seed, limit=limit, of_many=self.of_many, in_turn=in_turn
        )
        plain = {"seconds": held.seconds, "c": held.c, "shiftable": held.shiftable, "fits": held.fits}
        self._saved.keep(part.name, plain, {"scores": held.scores, "spread": held.spread})
        return held

    def _restored(self, part: TextCandidate) -> bool:
        """Restore the results of a candidate from before an interruption; return whether there are any."""
        kept = self._saved.found(part.name)
        if kept is None:
            return False
        plain, arrays = kept
        if arrays["scores"].shape != self._wanted.shape:  # of an earlier version
            return False
        self._held[part.name] = HeldOut(arrays["scores"], arrays["spread"], **plain)
        self.before += plain["seconds"]
        self.costs.learn(part, self._held[part.name])
        return True

    def pass_over(self, candidate: TextCandidate, why: str) -> None:
        """Record that a candidate is not tried, and why."""
        self._note(Tried(candidate.name, None, 0.0, why))

    def _note(self, one: Tried) -> None:
        self.tried.append(one)
        self._heard(one)

    def _judged(self, name: str, scores: Floats, seconds: float) -> Tried:
        seen, arithmetic = ~np.isnan(scores).any(axis=1), self._arithmetic
        given = scores[seen], self._truth[seen]
        loss = None if arithmetic.numbers else arithmetic.loss(*given)
        return Tried(name, arithmetic.score(*given), seconds, loss=loss)

    def why(self) -> str:
        """Why the candidate was taken, in words: a more expensive one may have a lower loss."""
        loss = self._arithmetic.loss_name
        compared = {one.name: one.score if one.loss is None else one.loss for one in self.tried if not one.note}
        if len(compared) == 1:
            return ""
        least = min(compared, key=lambda name: compared[name] or 0.0)
        if least == self.taken.name:
            return f"its {loss} is the lowest"
        return (
            f"{least} has a lower {loss}, but a more expensive model is only taken if the difference is "
            "larger than one standard error"
        )

    def used(self, candidate: TextCandidate) -> list[TextCandidate]:
        """The parts of a compared blend with positive weight; for any other candidate, the candidate itself."""
        if not isinstance(candidate, BlendTexts):
            return [candidate]
        weights = self._mixtures[candidate.name].weights
        return [part for part, weight in zip(candidate.parts, weights, strict=True) if weight > 0]

    def _settled(self, part: TextCandidate) -> TextCandidate:
        """A candidate for the final fit: a linear one without calibration, with the penalty found in the comparison.

        If it still has something to choose, it gets the folds to choose on; see `with_parts`.

        With many texts, the penalty is chosen again on all of them, unless that would take too long.
        """
        found = self._held[part.name].c
        settled = uncalibrated(part, likely=found) if self.of_many else uncalibrated(part, found)
        return with_parts(settled, lambda: self._parts_of_all, self._examples.groups)

    @cached_property
    def _parts_of_all(self) -> list[tuple[Rows, Rows]] | None:
        return parts_to_choose_on(self._examples, np.arange(len(self.corpus)), self._seed)

    def fitted(self) -> FittedTexts:
        """Fit the best candidate to all texts; nothing can be compared afterwards."""
        self._used = None  # frees all that was computed from them
        self.corpus.forget_own()
        if not isinstance(self.taken, BlendTexts):
            return self._fit(*self._scaled[self.taken.name])()
        settled = replace(self.taken, parts=tuple(map(self._settled, self.taken.parts)))
        model = settled.fit_weighted(self._examples, self._mixtures[self.taken.name], self._seed)
        self.corpus.release()
        return model

    def _fit(self, candidate: TextCandidate, found: Scaled) -> Callable[[], FittedTexts]:
        return partial(_fitted, self._settled(candidate), self._examples, self._seed, found.factor, found.shift)

    def outputs(self, scores: Floats) -> tuple[NDArray[np.int64], Outputs]:
        """(M,) rows of the texts held out by the first split, and their outputs."""
        first = scores[: len(self._rows)]
        seen = np.flatnonzero(~np.isnan(first).any(axis=1))
        return self._rows[seen], self._arithmetic.outputs(first[seen])

    def compared(self, taken: FittedTexts | None = None, seconds: float = 0.0) -> dict[str, Compared[FittedTexts]]:
        """All candidates that were tried except blends, by name; those fitted already are not fitted again.

        Args:
            taken: the model that `fitted` returned; None if it was not called.
            seconds: what its fit took.
        """
        ready = {} if taken is None else {taken.name: (taken, seconds)}
        if isinstance(taken, FittedBlendTexts) and isinstance(self.taken, BlendTexts):
            ready = {part.name: (part, took) for part, took in zip(taken.alone, taken.seconds_of_parts, strict=True)}

        def compared(candidate: TextCandidate, found: Scaled) -> Compared[FittedTexts]:
            held_out, took = self.outputs(found.scores), self._held[candidate.name].seconds
            if candidate.name not in ready:
                fits = self.costs.memory_of_fit(candidate) <= free_memory()
                seconds = self.seconds_to_fit(candidate) if fits else np.inf
                return Compared(*held_out, took, self._fit(candidate, found), seconds)
            model, more = ready[candidate.name]
            factor, shift = (1.0, 0 * found.shift) if model is taken else (found.factor, found.shift)
            return Compared(*held_out, took + more, partial(shifted, model, factor, shift))

        return {name: compared(*one) for name, one in self._scaled.items()}


def _fitted(candidate: TextCandidate, examples: Examples, seed: int, factor: float, shift: Floats) -> FittedTexts:
    model = candidate.fit(examples.inputs, examples.targets, examples.task, seed, classes=examples.classes)
    Corpus.of(examples.inputs).release()
    return shifted(model, factor, shift)


def _reads_texts(candidate: TextCandidate) -> bool:
    """Whether a candidate reads more than the columns beside the texts."""
    return not (isinstance(candidate, LinearTexts | TreesTexts) and not candidate.ngrams)
