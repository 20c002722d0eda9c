"""Summary: from a document to a few words that say what is in it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.evaluation.baselines.simple_models import RawParts, SimpleModel
from unspool.evaluation.baselines.summaries import lead_sentences
from unspool.evaluation.baselines.translation import nearest_text
from unspool.evaluation.measures.summaries import MEASURES, each, scorer, signature
from unspool.evaluation.measures.translation import lengths_of
from unspool.evaluation.result import Predictions
from unspool.tasks.translation import Translation


@dataclass(frozen=True)
class Summary(Translation):
    """A short text for each long one.

    Example:
        >>> reader, task = Summary.fitted(["a long text about a dog"] * 2, ["a dog"] * 2)
        >>> task.headline, task.answers_in_words(None).partition(", ")[2]
        ('rouge_l', 'found by greedy search')
    """

    name = "summary"
    title = "summary (a short text for each document)"
    pipeline_of_texts = "summarization"
    measures = MEASURES
    compared = ("rouge_l", "rouge_1", "rouge_2")
    example_measure = "ROUGE-L"
    with_answer = "summarised as"
    noun, nouns = "summary", "summaries"

    @classmethod
    def check_libraries(cls) -> None:
        """ROUGE."""
        scorer("rougeL")

    def example_scores(self, predictions: Predictions) -> NDArray[np.float64]:
        """(N,) the ROUGE-L of each."""
        return each("rougeL", predictions.targets, predictions.outputs)

    def details(self, predictions: Predictions, threshold: float | None) -> dict[str, Any]:
        """How ROUGE is computed, and the lengths."""
        return {"signatures": {"ROUGE": signature()}, "words": lengths_of(predictions)}

    def simple_models(self, parts: RawParts) -> list[SimpleModel]:
        """The first sentences of the document, and the summary of the nearest training document."""
        return [
            lead_sentences(parts),
            nearest_text(parts, title="the summary of the nearest training document (TF-IDF)"),
        ]
