"""Pronunciation: from the letters of a word to its phonemes (grapheme to phoneme)."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.data.pronunciations import first_of, joined, pronunciations
from unspool.evaluation.baselines import RawPart, SimpleModel
from unspool.evaluation.joint_ngrams import joint_ngrams
from unspool.evaluation.pronunciation_measures import MEASURES, edit_distance, phoneme_edits
from unspool.evaluation.result import Predictions
from unspool.evaluation.translation_baselines import nearest_text
from unspool.evaluation.translation_measures import lengths_of
from unspool.tasks.translation import Translation


@dataclass(frozen=True)
class Pronunciation(Translation):
    """The phonemes of each word, separated by spaces; several pronunciations in one label are separated by |.

    A model learns all of them, and is right with any of them.

    Example:
        >>> reader, task = Pronunciation.fitted(["read", "red"] * 2, ["R IY D | R EH D", "R EH D"] * 2)
        >>> (_, read), said = task.examples(reader.read(["read"]), task.encode(["R IY D | R EH D"]), balanced=False)
        >>> [reader.tokenizer.decode(ids) for ids in said]
        ['R IY D', 'R EH D']
    """

    name = "pronunciation"
    title = "pronunciation (phonemes for each word)"
    pipeline_of_texts = ""
    with_answer = "pronounced"
    noun, nouns = "pronunciation", "pronunciations"
    words = "phonemes"
    merged = "targets"  # each phoneme becomes a token, and each letter stays one
    measures = MEASURES
    compared = ("word_errors", "phoneme_errors")
    example_measure = "wrong phonemes (%)"

    @classmethod
    def check_libraries(cls) -> None:
        """The distance between two sequences of phonemes."""
        edit_distance()

    @classmethod
    def learned_from(cls, targets: Sequence[str]) -> Sequence[str]:
        """Each pronunciation of a word."""
        return [*chain.from_iterable(map(pronunciations, targets))]

    @classmethod
    def distinct(cls, sources: Sequence[str], targets: Sequence[str]) -> tuple[NDArray[np.int64], list[str]]:
        """Each word once, with all its pronunciations.

        Example:
            >>> rows, cells = Pronunciation.distinct(["read", "red", "read"], ["R IY D", "R EH D", "R EH D"])
            >>> rows.tolist(), cells
            ([0, 1], ['R IY D | R EH D', 'R EH D'])
        """
        rows: dict[str, list[int]] = {}
        for row, word in enumerate(sources):
            rows.setdefault(word, []).append(row)
        first = np.array([some[0] for some in rows.values()], dtype=np.int64)
        return first, [joined(targets[row] for row in some) for some in rows.values()]

    def examples(self, inputs: Any, targets: Any, balanced: bool) -> tuple[Any, ...]:
        """An example for each pronunciation of a word."""
        ways = [pronunciations(text) for text in self.decode(targets)]
        rows = np.repeat(np.arange(len(ways)), [len(one) for one in ways])
        return super().examples(inputs.take(rows), self._encode([*chain.from_iterable(ways)]), balanced)

    def example_scores(self, predictions: Predictions) -> NDArray[np.float64]:
        """(N,) wrong phonemes in percent of those of the nearest pronunciation: 0 where the word is right."""
        edits, phonemes = phoneme_edits(predictions.targets, predictions.outputs).T
        wrong: NDArray[np.float64] = 100 * edits / np.maximum(phonemes, 1)
        return wrong

    def details(self, predictions: Predictions, threshold: float | None) -> dict[str, Any]:
        """How many phonemes pronunciations have, the first of each word for those with several."""
        return {"words": lengths_of(predictions, first_of)}

    def simple_models(self, training: RawPart, validation: RawPart, test: RawPart, measure: str) -> list[SimpleModel]:
        """A joint n-gram model, and the pronunciation of the word with the most similar letters."""
        by = self.measures[measure]
        return [
            joint_ngrams(training, validation, test, by),
            nearest_text(
                training,
                validation,
                test,
                by,
                parts=letters,
                title="pronunciation of the nearest training word (TF-IDF of letters)",
                answer=first_of,
            ),
        ]


def letters(word: str) -> list[str]:
    """Gives the letters of a word, its start and its end.

    Example:
        >>> letters("cat")
        ['^', 'c', 'a', 't', '$']
    """
    return ["^", *word, "$"]
