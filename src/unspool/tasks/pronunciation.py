"""Pronunciation: from the letters of a word to its phonemes (grapheme to phoneme)."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from unspool.candidates.pronunciations import storage
from unspool.candidates.pronunciations.counting import ORDER, fit_joint_ngrams
from unspool.candidates.pronunciations.joint_ngrams import JointNgrams
from unspool.data.labels import Targets
from unspool.data.named.pronunciations import first_of, joined, pronunciations
from unspool.errors import UserError
from unspool.evaluation.baselines.joint_ngrams import joint_ngrams
from unspool.evaluation.baselines.simple_models import RawParts, SimpleModel
from unspool.evaluation.baselines.translation import nearest_text
from unspool.evaluation.measures.pronunciations import MEASURES, edit_distance, phoneme_edits
from unspool.evaluation.measures.translation import lengths_of
from unspool.evaluation.result import Predictions
from unspool.evaluation.scoring import HALF
from unspool.evaluation.text_arrays import as_array
from unspool.tasks.base import Part
from unspool.tasks.translation import Translation

if TYPE_CHECKING:
    from unspool.data.ragged import Ragged
    from unspool.models.encoding_decoding import SequenceToSequence
    from unspool.training.decoding import Decoded
    from unspool.training.ranking import Ranking

WEIGHTS = tuple(tenths / 10 for tenths in range(11))
"""Of the joint n-grams, among which one is chosen."""


@dataclass(frozen=True)
class Pronunciation(Translation):
    """The phonemes of each word, separated by spaces; several pronunciations in one label are separated by `|`.

    A model learns all of them, and is right with any of them. A network's best answers are ranked by it and by joint
    n-grams of letters and phonemes: the two err on different words (Rao et al., 2015).

    Attributes:
        weight: of the n-grams: answers are ranked by (1 - weight) times the log-probability of the network plus weight
            times that of the n-grams; 0: by the network alone.
        ngrams: None where the weight is 0.

    Example:
        >>> reader, task = Pronunciation.fitted(["read", "red"] * 2, ["R IY D | R EH D", "R EH D"] * 2)
        >>> (_, read), said = task.examples(reader.read(["read"]), task.encode(["R IY D | R EH D"]), balanced=False)
        >>> [reader.tokenizer.decode(ids) for ids in said]
        ['R IY D', 'R EH D']
    """

    weight: float = field(default=0.0, kw_only=True)
    ngrams: JointNgrams | None = field(default=None, repr=False, compare=False, kw_only=True)

    name = "pronunciation"
    title = "pronunciation (phonemes for each word)"
    pipeline_of_texts = ""
    with_answer = "pronounced"
    noun, nouns = "pronunciation", "pronunciations"
    words = "phonemes"
    usual_beam: ClassVar[int] = 12
    merged = "targets"  # each phoneme becomes a token, and each letter stays one
    measures = MEASURES
    compared = ("word_errors", "phoneme_errors")
    example_measure = "wrong phonemes (%)"

    def __post_init__(self) -> None:
        super().__post_init__()
        if isinstance(self.weight, bool) or not isinstance(self.weight, int | float) or not 0 <= self.weight <= 1:
            raise ValueError(f"weight is {self.weight!r}")

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

    def targets_of(self, texts: Sequence[object]) -> Targets:
        """The phonemes of N pronunciations.

        Raises:
            UserError: one is no text, or several pronunciations; names its position, from 1.
        """
        for position, text in enumerate(texts, start=1):
            if isinstance(text, str) and len(pronunciations(text)) > 1:
                raise UserError(f"Pronunciation {position}: {text!r} holds several, separated by |. Give only one.")
        return super().targets_of([first_of(text) if isinstance(text, str) else text for text in texts])

    def examples(self, inputs: Any, targets: Any, balanced: bool) -> tuple[Any, ...]:
        """An example for each pronunciation of a word."""
        ways = [pronunciations(text) for text in self.decode(targets)]
        rows = np.repeat(np.arange(len(ways)), [len(one) for one in ways])
        return super().examples(inputs.take(rows), self._encode([*chain.from_iterable(ways)]), balanced)

    # The n-grams beside the network

    def completed(self, network: Any, training: Part, validation: Part, measure: str | None = None) -> Self:
        """Fit joint n-grams to the training words, and weigh them by how well validation words are pronounced.

        A greedy search (a beam of 1) has no answers to rank.
        """
        if self.beam == 1:
            return self
        ways = [pronunciations(cell) for cell in self.decode(training.targets)]
        pairs = [
            (word, said.split()) for word, some in zip(self._read(training.inputs), ways, strict=True) for said in some
        ]
        ngrams = fit_joint_ngrams([word for word, _ in pairs], [said for _, said in pairs])
        ranking = replace(self, ngrams=ngrams, weight=1.0)._ranking(network, validation.inputs)
        by, truth = self.measures[measure or self.headline], self.truth(validation.targets)

        def reached(weight: float) -> float:
            said = as_array(self._said(ranking.weighed(weight).best))
            value = by.value(truth, np.asarray(said, np.float64), HALF)
            return -value if by.higher_is_better else value

        weight = min(WEIGHTS, key=reached)
        return replace(self, ngrams=ngrams, weight=weight) if weight else self

    def translate(
        self, network: "SequenceToSequence", inputs: Any, batch_size: int | None = None, returned: int = 1
    ) -> "Decoded":
        """Search for pronunciations, and rank them, all that the beam has; arguments as of `Translation.translate`."""
        if not self.weight or self.beam == 1:
            return super().translate(network, inputs, batch_size, returned)
        return self._ranking(network, inputs, batch_size).weighed(self.weight)

    def _ranking(self, network: "SequenceToSequence", inputs: Any, batch_size: int | None = None) -> "Ranking":
        from unspool.training.ranking import Ranking

        assert self.ngrams is not None, "a task with a weight has them"
        found = self._searched(network, inputs, batch_size, returned=self.beam)
        return Ranking.of(found, self.ngrams, self._read(inputs), self._said(found.tokens))

    def _read(self, inputs: Any) -> list[str]:
        """The N words that inputs, ids perhaps with padding, were read from."""
        return [self.tokenizer.decode([number for number in ids.tolist() if number]) for ids in inputs]

    def _said(self, found: "Ragged") -> list[str]:
        return [text.strip() for text in self.decode(found)]

    def answers_in_words(self, threshold: float | None) -> str:
        """How a pronunciation is found."""
        said = super().answers_in_words(threshold)
        if not self.weight or self.beam == 1:
            return said
        return (
            f"{said}; the best {self.beam} are ranked by {1 - self.weight:.1f} times their log-probability plus "
            f"{self.weight:.1f} times that of joint {ORDER}-grams of letters and phonemes"
        )

    # Saving

    beside: ClassVar[tuple[str, ...]] = ("ngrams",)

    def save(self, path: str | PathLike[str]) -> None:
        """Write it to one JSON file, and joint-ngrams.safetensors beside where there are n-grams."""
        super().save(path)
        if self.ngrams is not None:
            storage.write(self.ngrams, Path(path).parent)

    @property
    def learned(self) -> dict[str, NDArray[Any]]:
        """The weight and the n-grams."""
        if self.ngrams is None:
            return {}
        arrays = storage.arrays_of(self.ngrams)
        return {"weight": np.array(self.weight)} | {f"joint n-grams, {name}": one for name, one in arrays.items()}

    def with_learned(self, folder: Path) -> Self:
        """With the n-grams that `save` wrote."""
        return replace(self, ngrams=storage.read(folder)) if self.weight else self

    # Evaluation

    def example_scores(self, predictions: Predictions) -> NDArray[np.float64]:
        """(N,) wrong phonemes in percent of those of the nearest pronunciation: 0 where the word is right."""
        edits, phonemes = phoneme_edits(predictions.targets, predictions.outputs).T
        wrong: NDArray[np.float64] = 100 * edits / np.maximum(phonemes, 1)
        return wrong

    def details(self, predictions: Predictions, threshold: float | None) -> dict[str, Any]:
        """How many phonemes pronunciations have, the first of each word for those with several."""
        return {"words": lengths_of(predictions, first_of)}

    def simple_models(self, parts: RawParts) -> list[SimpleModel]:
        """A joint n-gram model, and the pronunciation of the word with the most similar letters."""
        return [
            joint_ngrams(parts),
            nearest_text(
                parts,
                split=letters,
                title="the pronunciation of the nearest training word (TF-IDF of letters)",
                answer=first_of,
            ),
        ]


def letters(word: str) -> list[str]:
    """Return the letters of a word between a start and an end token.

    Example:
        >>> letters("cat")
        ['^', 'c', 'a', 't', '$']
    """
    return ["^", *word, "$"]
