"""Recurrent operations on JAX arrays, and what says how they run: all that `unspool.layers` needs of the kernels."""

from unspool.kernels.gru import gru, gru_reference
from unspool.kernels.lstm import lstm, lstm_reference
from unspool.kernels.rnn import simple_rnn, simple_rnn_reference
from unspool.kernels.sharding import sharded_over
from unspool.kernels.tokens import Embedded, looped

__all__ = [
    "Embedded",
    "gru",
    "gru_reference",
    "looped",
    "lstm",
    "lstm_reference",
    "sharded_over",
    "simple_rnn",
    "simple_rnn_reference",
]
