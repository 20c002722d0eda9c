"""Estimates of the time and memory that candidates will take, from the candidates before them."""

from collections.abc import Iterable

from unspool.candidates.texts.blend import parts_of
from unspool.candidates.texts.candidate import TextCandidate
from unspool.candidates.texts.corpus import Corpus
from unspool.candidates.texts.held_out import HeldOut
from unspool.candidates.texts.joint import JointTexts
from unspool.candidates.texts.language_models.candidate import LanguageModelTexts
from unspool.candidates.texts.linear import LinearTexts
from unspool.candidates.texts.trees import MOST_EXAMPLES, TreesTexts
from unspool.candidates.texts.vector_training import VectorTraining
from unspool.candidates.texts.vectors import VectorTexts

BYTES_OF_A_CHARACTER = {"words": 15, "characters": 75}
"""Memory per character of the texts for fitting a linear model over n-grams of each kind (see LOG.md)."""

BYTES_OF_A_NUMBER = 30
"""Memory per number of a text's vector, if it is read beside n-grams."""


def reads_more(candidate: TextCandidate) -> bool:
    """Whether a candidate reads more than the texts of a fold, so that its time does not predict that of others."""
    return isinstance(candidate, LanguageModelTexts) or (
        isinstance(candidate, VectorTraining) and len(candidate.unlabelled) > 0
    )


class Costs:
    """The time that candidates took in cross-validations, and estimates for others.

    Args:
        corpus: all texts.
        growth: the time of a fit to all texts, divided by that of all fits of a cross-validation.

    Attributes:
        characters: the mean number per text.
    """

    def __init__(self, corpus: Corpus, growth: float):
        self._corpus, self._growth = corpus, growth
        self.characters = sum(map(len, corpus)) / max(len(corpus), 1)
        self._fits: dict[str, float] = {}  # by candidate, the seconds of its fits in cross-validation
        self._trained: set[tuple[int, ...]] = set()  # the settings of vectors that were trained in each fold
        self._pace = self._pace_of_fits = 0.0  # seconds per unit of cost, of the latest candidate

    def learn(self, part: TextCandidate, held: HeldOut) -> None:
        """Update the estimates with the time of a cross-validation."""
        self._fits[part.name] = held.seconds if held.fits is None else held.fits
        if isinstance(part, VectorTraining):
            self._trained.add(part.settings)
        # The time of trees grows with the labels, and a joint model finds its vectors trained.
        if not (reads_more(part) or isinstance(part, TreesTexts | JointTexts)):
            self._pace = held.seconds / part.cost
            self._pace_of_fits = self._fits[part.name] / part.cost

    def learn_at_least(self, part: TextCandidate, seconds: float) -> None:
        """Update the estimates: a cross-validation was given up because it would have taken at least so long."""
        if not isinstance(part, TreesTexts):
            self._pace = max(self._pace, seconds / part.cost)

    def of_comparison(self, part: TextCandidate) -> float:
        """The seconds that the cross-validation of a candidate will probably take; 0 if it has its own budget."""
        if isinstance(part, JointTexts) and part.settings in self._trained:
            return self._pace * part.cost_of_linear
        if isinstance(part, VectorTraining) and reads_more(part):
            return part.seconds_of(self._corpus)
        return 0.0 if isinstance(part, LanguageModelTexts) else self._pace * part.cost

    def of_fit(self, parts: Iterable[TextCandidate]) -> float:
        """The seconds that fitting some candidates to all texts will probably take."""
        each = list(parts)
        vectors = {part.settings: part for part in each if isinstance(part, VectorTexts)}
        seconds = 0.0
        for part in each:
            seconds += self._growth * self._share_read(part) * self._of_fits(part)
            if isinstance(part, JointTexts) and part.settings in vectors:  # which are trained for both of them
                seconds -= self._growth * min(self._of_fits(part), self._of_fits(vectors[part.settings]))
        return seconds

    def _share_read(self, part: TextCandidate) -> float:
        """The share of all texts that a candidate is fitted to: trees are grown on some of very many."""
        return min(MOST_EXAMPLES / max(len(self._corpus), 1), 1.0) if isinstance(part, TreesTexts) else 1.0

    def _of_fits(self, part: TextCandidate) -> float:
        """The seconds that a candidate's fits in the comparison took, or probably would; 0 if it has its own budget."""
        return 0.0 if reads_more(part) else self._fits.get(part.name, self._pace_of_fits * part.cost)

    def memory_of_fit(self, candidate: TextCandidate) -> float:
        """The bytes that fitting a candidate to all texts will probably need: those of its largest linear model."""
        parts = parts_of(candidate)
        linear = [part.linear if isinstance(part, JointTexts) else part for part in parts]
        kinds = {ngrams.of for part in linear if isinstance(part, LinearTexts) for ngrams in part.ngrams}
        each = max((BYTES_OF_A_CHARACTER[kind] for kind in kinds), default=0) * self.characters
        beside = max((BYTES_OF_A_NUMBER * part.width for part in parts if isinstance(part, JointTexts)), default=0)
        return (each + beside) * len(self._corpus)
