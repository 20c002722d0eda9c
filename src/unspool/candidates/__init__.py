"""Whole models that are fitted to raw texts or series in one go, and the choice between them.

The networks of `unspool.models` are trained epoch by epoch on arrays that a reader makes; a candidate reads raw
examples itself and is fitted in seconds. `choose` compares candidates by cross-validation within the training data.
"""

from unspool.candidates.choice import (
    Choice,
    RawModel,
    baselines,
    candidate_names,
    choose,
    choose_forecaster,
    holds_language_model,
    holds_network,
    load_raw_model,
    reads_side,
    reads_unlabelled,
)
from unspool.kernels import status as kernel_status

__all__ = [
    "Choice",
    "RawModel",
    "baselines",
    "candidate_names",
    "choose",
    "choose_forecaster",
    "holds_language_model",
    "holds_network",
    "kernel_status",
    "load_raw_model",
    "reads_side",
    "reads_unlabelled",
]
