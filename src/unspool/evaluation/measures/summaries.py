"""How summaries are judged: ROUGE, by the rouge-score library.

Targets are the references and outputs the summaries, both as `text_arrays.as_array` gives them. Words are runs of
letters and digits of any script with their marks, in lower case and not stemmed; for English this is the library's own
way. In scripts without spaces between words, each character is a word.

Source: C. Lin, "ROUGE: a package for automatic evaluation of summaries" (2004).
"""

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import regex
from numpy.typing import NDArray

from unspool.data.tokenizers.words import UNSPACED
from unspool.errors import UserError
from unspool.evaluation.measures import weighted
from unspool.evaluation.measures.measure import Figure, Measure, Outputs, Targets
from unspool.evaluation.measures.translation import points_of_hundred, written
from unspool.evaluation.text_arrays import texts_of

Rouge = Literal["rouge1", "rouge2", "rougeL"]

_WORDS = regex.compile(rf"(?V1)(?=[{UNSPACED}])\X|[\p{{L}}\p{{N}}--[{UNSPACED}]][\p{{L}}\p{{N}}\p{{M}}--[{UNSPACED}]]*")


class _Words:
    """The tokenizer that the library takes."""

    def tokenize(self, text: str) -> list[str]:
        found: list[str] = _WORDS.findall(text.lower())
        return found


def scorer(kind: Rouge) -> Any:
    """The library's scorer of one kind.

    Raises:
        UserError: the rouge-score library is not installed.
    """
    try:
        from rouge_score.rouge_scorer import RougeScorer
    except ImportError as error:
        raise UserError(
            "The task summary is scored with the rouge-score library. Install it: pip install 'unspool[summary]'."
        ) from error
    return RougeScorer([kind], tokenizer=_Words())


def signature() -> str:
    """Describe how ROUGE is computed.

    Example:
        >>> signature().split("|")[:3]
        ['rouge-score', 'F1', 'mean of examples']
    """
    from importlib.metadata import version

    words = "words with marks, characters of scripts without spaces"
    return f"rouge-score|F1|mean of examples|{words}|case:lc|no stemming|version:{version('rouge-score')}"


def each(kind: Rouge, targets: Targets, outputs: Outputs) -> NDArray[np.float64]:
    """Return the F1 of each of N summaries, (N,), from 0 to 100.

    Example:
        >>> from unspool.evaluation.text_arrays import as_array
        >>> each("rouge1", as_array(["a small dog", "der Löwe"]), as_array(["a dog", "Löwe"])).round().tolist()
        [80.0, 67.0]
    """
    by, pairs = scorer(kind), zip(texts_of(targets), texts_of(outputs), strict=True)
    return np.array([100 * by.score(reference, summary)[kind].fmeasure for reference, summary in pairs])


def _rouge(kind: Rouge, title: str, meaning: str) -> Measure:
    def value(targets: Targets, outputs: Outputs, _: float) -> float:
        return float(each(kind, targets, outputs).mean())

    prepare: Callable[[Targets, Outputs, float], Figure] = lambda y, p, _: weighted.mean(each(kind, y, p))  # noqa: E731
    return Measure(
        title,
        meaning,
        value,
        prepare,
        lambda figure: f"{figure:.1f}",
        points_of_hundred,
        bounds=(0.0, 100.0),
        decisions=written,
    )


MEASURES = {
    "rouge_l": _rouge(
        "rougeL",
        "ROUGE-L",
        "the longest sequence of words shared by summary and reference, gaps allowed, as an F1 from 0 to 100",
    ),
    "rouge_1": _rouge("rouge1", "ROUGE-1", "words shared by summary and reference, as an F1 from 0 to 100"),
    "rouge_2": _rouge("rouge2", "ROUGE-2", "pairs of neighbouring words shared by both, as an F1 from 0 to 100"),
}
"""By name."""
