"""Operations in native code, where there is some, and a readable reference beside each.

Features of texts and series are on NumPy arrays and need no JAX; recurrent operations, which are on JAX arrays, are in
`recurrent`.
"""

from unspool.kernels.competing_kernels import CompetitionPlan, competing_kernels, competing_kernels_reference
from unspool.kernels.convolution_features import (
    ConvolutionPlan,
    convolution_features,
    convolution_features_reference,
)
from unspool.kernels.flat_series import FlatSeries
from unspool.kernels.path import Choice, Status, choose, status, use, use_instruction_set

__all__ = [
    "Choice",
    "CompetitionPlan",
    "ConvolutionPlan",
    "FlatSeries",
    "Status",
    "choose",
    "competing_kernels",
    "competing_kernels_reference",
    "convolution_features",
    "convolution_features_reference",
    "status",
    "use",
    "use_instruction_set",
]
