"""Which candidates read the columns beside the texts, and how these reach a blend."""

from dataclasses import replace

from unspool.candidates.texts.blend import BlendTexts, FittedBlendTexts
from unspool.candidates.texts.candidate import FittedTexts, TextCandidate
from unspool.candidates.texts.column_trees import COLUMN_TREES, ColumnTrees, FittedColumnTrees
from unspool.candidates.texts.linear import COLUMNS, FittedLinearTexts, LinearTexts


def reads_side(candidate: TextCandidate) -> bool:
    """Tell whether a candidate, or a part of it, reads the columns beside the texts."""
    if isinstance(candidate, BlendTexts):
        return any(map(reads_side, candidate.parts))
    return isinstance(candidate, LinearTexts | ColumnTrees)


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


def has_read_side(model: FittedTexts) -> bool:
    """Tell whether a fitted model reads the columns beside the texts."""
    if isinstance(model, FittedBlendTexts):
        return any(map(has_read_side, model.parts))
    return isinstance(model, FittedColumnTrees) or (isinstance(model, FittedLinearTexts) and model.encoder is not None)
