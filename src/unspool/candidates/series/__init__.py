"""Whole models of series: each fits, predicts, is saved and loaded; and the choice between them."""

from unspool.candidates.series.base import Candidate, load_model, model_of, save_model
from unspool.candidates.series.blend import Blend
from unspool.candidates.series.choice import BASELINES, CANDIDATES, candidate_named, choose
from unspool.candidates.series.encoded import (
    BOOSTED,
    COMPETITION,
    CONVOLUTION,
    FOREST,
    RAW_VALUES,
    STATISTICS,
    Encoded,
)
from unspool.candidates.series.neighbours import EUCLIDEAN, WARPED, Neighbour
from unspool.candidates.series.recurrent import RECURRENT, Recurrent
from unspool.candidates.series.standardised import Standardised
from unspool.candidates.series.steps import STEP_CANDIDATES
from unspool.candidates.series.truth import Truth

__all__ = [
    "BASELINES",
    "BOOSTED",
    "CANDIDATES",
    "COMPETITION",
    "CONVOLUTION",
    "EUCLIDEAN",
    "FOREST",
    "RAW_VALUES",
    "RECURRENT",
    "STATISTICS",
    "STEP_CANDIDATES",
    "WARPED",
    "Blend",
    "Candidate",
    "Encoded",
    "Neighbour",
    "Recurrent",
    "Standardised",
    "Truth",
    "candidate_named",
    "choose",
    "load_model",
    "model_of",
    "save_model",
]
