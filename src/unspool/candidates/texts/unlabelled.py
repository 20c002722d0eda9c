"""Candidates that learn from texts without a label."""

from collections.abc import Sequence
from dataclasses import replace

from unspool.candidates.texts.blend import BlendTexts, parts_of
from unspool.candidates.texts.candidate import TextCandidate
from unspool.candidates.texts.language_models.candidate import LanguageModelTexts
from unspool.candidates.texts.vector_training import VectorTraining


def reads_unlabelled(candidate: TextCandidate) -> bool:
    """Return whether a candidate, or a part of it, learns from texts without a label."""
    return any(isinstance(part, VectorTraining | LanguageModelTexts) for part in parts_of(candidate))


def with_unlabelled(candidate: TextCandidate, texts: Sequence[str], *, by_labels: bool = False) -> TextCandidate:
    """Give a candidate, or the parts of a blend, texts without a label if it learns from such.

    Args:
        candidate: of any kind.
        texts: without a label; may be empty.
        by_labels: see `VectorTraining`.

    Example:
        >>> from unspool.candidates.texts.vectors import VECTORS
        >>> with_unlabelled(VECTORS, ["a film"]).unlabelled
        ['a film']
    """
    if not texts:
        return candidate
    if isinstance(candidate, BlendTexts):
        return replace(
            candidate, parts=tuple(with_unlabelled(part, texts, by_labels=by_labels) for part in candidate.parts)
        )
    if isinstance(candidate, VectorTraining):
        return replace(candidate, unlabelled=texts, by_labels=by_labels)
    if isinstance(candidate, LanguageModelTexts):
        return replace(candidate, unlabelled=texts)
    return candidate
