"""Figures that were printed elsewhere for the same experiment."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PublishedFigures:
    """What the chapter printed for a recipe, to stand beside our figures."""

    source: str
    auc: float
    balanced_accuracy: float
