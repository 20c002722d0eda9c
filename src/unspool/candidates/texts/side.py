"""Candidates that read the columns beside the texts."""

from dataclasses import replace

from unspool.candidates.texts.blend import BlendTexts, parts_of
from unspool.candidates.texts.candidate import TextCandidate
from unspool.candidates.texts.joint import JointTexts
from unspool.candidates.texts.linear import COLUMNS, LinearTexts
from unspool.candidates.texts.trees import COLUMN_TREES, TreesTexts


def reads_side(candidate: TextCandidate) -> bool:
    """Return whether a candidate, or a part of it, reads the columns beside the texts."""
    return any(isinstance(part, LinearTexts | TreesTexts | JointTexts) for part in parts_of(candidate))


def with_side(candidate: TextCandidate) -> TextCandidate:
    """Add the two models of the columns to a blend; return any other candidate as it is.

    In a blend of models most of which only read the text, columns would have too little weight.

    Example:
        >>> from unspool.candidates.texts.registry import BLEND
        >>> [part.name for part in with_side(BLEND).parts]
        ['nb-words', 'cnn', 'vectors', 'nb-words+vectors', 'columns', 'column-trees']
    """
    if isinstance(candidate, BlendTexts) and COLUMNS not in candidate.parts:
        return replace(candidate, parts=(*candidate.parts, COLUMNS, COLUMN_TREES))
    return candidate
