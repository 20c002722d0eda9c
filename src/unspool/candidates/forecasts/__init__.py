"""Models that forecast series, and the choice between them."""

from unspool.candidates.forecasts.base import Candidate, Setup, item_of
from unspool.candidates.forecasts.blend import BLEND
from unspool.candidates.forecasts.choice import (
    BASELINES,
    BASELINES_OF_COVARIATES,
    CANDIDATES,
    choose,
    fit_baseline,
)
from unspool.candidates.forecasts.forecaster import Forecaster, forecaster_of, load_forecaster
from unspool.candidates.forecasts.training import Training

__all__ = [
    "BASELINES",
    "BASELINES_OF_COVARIATES",
    "BLEND",
    "CANDIDATES",
    "Candidate",
    "Forecaster",
    "Setup",
    "Training",
    "choose",
    "fit_baseline",
    "forecaster_of",
    "item_of",
    "load_forecaster",
]
