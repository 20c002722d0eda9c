"""Whether a language model is worth its time, and how large it may become in what is left of the budget."""

import math
from dataclasses import replace
from pathlib import Path

from unspool.candidates.outcome import OVER_BUDGET
from unspool.candidates.texts.blend import BlendTexts
from unspool.candidates.texts.candidate import TextCandidate
from unspool.candidates.texts.corpus import Corpus
from unspool.candidates.texts.language_models.candidate import LanguageModelTexts, Tell
from unspool.candidates.texts.language_models.size import least_work

LEAST_SECONDS, LEAST_WORDS = 600.0, 100_000
"""With less time or fewer words a language model is only tried where somebody asks for it by name."""
_MOST_SECONDS = 7200.0  # where there is no limit
_SHARE = 0.8  # of the time that is left, as texts are read and scored, too


class Sizing:
    """Gives candidates that hold a language model one of a size, the same to all.

    Args:
        corpus: the texts with labels.
        work: of the language model; None for what suits the budget.
        saves: see `LanguageModelTexts`.
        tell: likewise.

    Attributes:
        work: of the language model, once it has one.
    """

    def __init__(self, corpus: Corpus, work: float | None, saves: Path | None, tell: Tell):
        self._corpus, self._saves, self._tell = corpus, saves, tell
        self.work = work

    def sized(self, candidate: TextCandidate, seconds: float, *, alone: bool) -> TextCandidate | str:
        """A candidate with its language model, if it holds one, or why there is to be none.

        Args:
            candidate: any.
            seconds: that are left; perhaps infinity.
            alone: whether it is the first of all that are tried, so that somebody has asked for it.
        """
        if isinstance(candidate, BlendTexts):
            parts = [self.sized(part, seconds, alone=alone) for part in candidate.parts]
            lacking = [part for part in parts if isinstance(part, str)]
            if lacking:
                return lacking[0]
            return replace(candidate, parts=tuple(part for part in parts if not isinstance(part, str)))
        if not isinstance(candidate, LanguageModelTexts):
            return candidate
        if self.work is None:
            found = self._suited(candidate, seconds, alone)
            if isinstance(found, str):
                return found
            self.work = found
        return replace(candidate, work=self.work, saves=self._saves, tell=self._tell)

    def _suited(self, candidate: LanguageModelTexts, seconds: float, alone: bool) -> float | str:
        from unspool.candidates.texts.language_models.pretraining import pace, saved_work

        saved = saved_work(self._saves) if self._saves else None
        if saved is not None:
            return saved
        words, labelled = candidate.words_of(self._corpus)
        if not alone and words < LEAST_WORDS:
            return "there are too few words for a language model"
        if not alone and seconds < LEAST_SECONDS:
            return f"it is tried only if {LEAST_SECONDS / 60:.0f} minutes of the budget are left"
        work = _SHARE * min(max(seconds, 0.0), _MOST_SECONDS) * pace()
        if not alone and work < least_work(words, labelled, len(self._corpus)):
            return OVER_BUDGET
        return max(work, math.ulp(1.0))
