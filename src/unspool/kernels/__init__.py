"""The recurrent operations on JAX arrays: native code where there is one, a readable reference beside each."""

from unspool.kernels.gru import gru, gru_reference
from unspool.kernels.lstm import lstm, lstm_reference
from unspool.kernels.path import Choice, Status, choose, status, use, use_instruction_set
from unspool.kernels.rnn import simple_rnn, simple_rnn_reference
from unspool.kernels.tokens import Embedded, looped

__all__ = [
    "Choice",
    "Embedded",
    "Status",
    "choose",
    "gru",
    "gru_reference",
    "looped",
    "lstm",
    "lstm_reference",
    "simple_rnn",
    "simple_rnn_reference",
    "status",
    "use",
    "use_instruction_set",
]
