"""Which candidates read the columns beside the texts, and how these reach a blend."""

from dataclasses import replace

from unspool.candidates.texts.blend import BlendTexts, parts_of
from unspool.candidates.texts.candidate import TextCandidate
from unspool.candidates.texts.column_trees import COLUMN_TREES, ColumnTrees
from unspool.candidates.texts.linear import COLUMNS, LinearTexts


def reads_side(candidate: TextCandidate) -> bool:
    """Tell whether a candidate, or a part of it, reads the columns beside the texts."""
    return any(isinstance(part, LinearTexts | ColumnTrees) for part in parts_of(candidate))


def with_side(candidate: TextCandidate) -> TextCandidate:
    """Return a candidate, or a blend that has the two models of the columns alone as further parts.

    Parts that read the text alone would leave the columns too small a share of the sum.

    Example:
        >>> from unspool.candidates.texts.registry import BLEND
        >>> [part.name for part in with_side(BLEND).parts]
        ['nb-words', 'cnn', 'vectors', 'columns', 'column-trees']
    """
    if isinstance(candidate, BlendTexts) and COLUMNS not in candidate.parts:
        return replace(candidate, parts=(*candidate.parts, COLUMNS, COLUMN_TREES))
    return candidate
