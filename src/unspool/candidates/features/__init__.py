"""Series to vectors without labels: a frozen description of each encoder, and what fitting it gives."""

from unspool.candidates.features.competition import Competition, FittedCompetition
from unspool.candidates.features.convolution import Convolution, FittedConvolution
from unspool.candidates.features.preparation import fill_missing, flat_series, prepare
from unspool.candidates.features.quantiles import FittedQuantiles, Quantiles

__all__ = [
    "Competition",
    "Convolution",
    "FittedCompetition",
    "FittedConvolution",
    "FittedQuantiles",
    "Quantiles",
    "fill_missing",
    "flat_series",
    "prepare",
]
