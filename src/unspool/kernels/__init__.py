"""Operations in native code, where there is some, and a readable reference beside each.

Recurrent operations are on JAX arrays, features of series on NumPy arrays.
"""

from unspool.kernels.competing_kernels import CompetitionPlan, competing_kernels, competing_kernels_reference
from unspool.kernels.convolution_features import (
    ConvolutionPlan,
    convolution_features,
    convolution_features_reference,
)
from unspool.kernels.flat_series import FlatSeries
from unspool.kernels.gru import gru, gru_reference
from unspool.kernels.lstm import lstm, lstm_reference
from unspool.kernels.path import Choice, Status, choose, status, use, use_instruction_set
from unspool.kernels.rnn import simple_rnn, simple_rnn_reference
from unspool.kernels.sharding import sharded_over
from unspool.kernels.tokens import Embedded, looped

__all__ = [
    "Choice",
    "CompetitionPlan",
    "ConvolutionPlan",
    "Embedded",
    "FlatSeries",
    "Status",
    "choose",
    "competing_kernels",
    "competing_kernels_reference",
    "convolution_features",
    "convolution_features_reference",
    "gru",
    "gru_reference",
    "looped",
    "lstm",
    "lstm_reference",
    "sharded_over",
    "simple_rnn",
    "simple_rnn_reference",
    "status",
    "use",
    "use_instruction_set",
]
