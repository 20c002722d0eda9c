"""The recurrent operations on JAX arrays: native code where there is one, a readable reference beside each."""

from unspool.kernels.lstm import lstm, lstm_reference
from unspool.kernels.path import Choice, Status, choose, status, use

__all__ = ["Choice", "Status", "choose", "lstm", "lstm_reference", "status", "use"]
