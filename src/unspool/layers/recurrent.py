"""Keras's recurrent layers, with the loop over time done by the kernels where they cover the layer."""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax.numpy as jnp
import keras
from jax import Array
from keras import ops

from unspool import kernels
from unspool.kernels.recurrent import Embedded, gru, lstm, simple_rnn
from unspool.kernels.scan import Options
from unspool.layers.origin import Repeated, origin_of

CELLS = {
    keras.layers.SimpleRNNCell: keras.layers.SimpleRNN,
    keras.layers.LSTMCell: keras.layers.LSTM,
    keras.layers.GRUCell: keras.layers.GRU,
}
"""Keras's cells, and its layer that is `RNN` over each."""

_register = keras.saving.register_keras_serializable(package="unspool")


class Recurrent:
    """What the three layers share. Comes before Keras's class among the bases, and leaves it all but the inner loop."""

    cell: Any
    return_sequences: bool
    go_backwards: bool
    zero_output_for_mask: bool

    def obstacle(self) -> str:
        """Why no kernel covers this layer as it is configured, whatever the machine; or an empty string."""
        return self._common_obstacle() or self._gate_obstacle()

    def choice(self) -> kernels.Choice:
        """Which path this layer takes here, and why."""
        reason = self.obstacle()
        return kernels.Choice(False, reason) if reason else kernels.choose()

    def operation(self) -> Callable[..., tuple[Array, ...]]:
        """The function of inputs, states, weights and mask that gives outputs and final states; see `kernels.lstm`."""
        raise NotImplementedError

    def inner_loop(self, sequences: Any, initial_state: Any, mask: Any, training: bool = False) -> Any:
        """Keras's hook: (last output (B, U), outputs (B, T or 1, U), final states)."""
        states = tuple(initial_state) if isinstance(initial_state, (list, tuple)) else (initial_state,)
        self._check_number(states)
        if not self.choice().native:
            return super().inner_loop(sequences, initial_state, mask, training=training)  # type: ignore[misc]
        if isinstance(mask, (list, tuple)):
            mask = mask[0]
        options: Options = {
            "go_backwards": self.go_backwards,
            "return_sequences": self.return_sequences,
            "zero_output_for_mask": self.zero_output_for_mask,
        }
        origin, rows = origin_of(sequences), sequences.shape[0]
        if isinstance(origin, Repeated):
            options["length"] = sequences.shape[1]
            sequences = origin.step
        elif isinstance(origin, Embedded) and not training:
            sequences = origin
        if training and self.cell.dropout:
            sequences = sequences * ops.expand_dims(self.cell.get_dropout_mask(sequences[:, 0, :]), 1)
        if mask is not None:
            mask = ops.cast(mask, "bool")
            if len(mask.shape) == 3:  # of the parts of each step: it counts if any does, as in Keras
                mask = ops.any(mask, axis=-1)
            if mask.shape[0] == 1:  # for all rows, as in Keras
                mask = ops.broadcast_to(mask, (rows, mask.shape[1]))
        outputs, *final = self.operation()(sequences, *states, *self._weights_now(), mask, **options)
        if self.return_sequences:
            return outputs[:, -1], outputs, final
        return outputs, outputs[:, None], final

    def _check_number(self, states: tuple[Any, ...]) -> None:
        sizes = self.cell.state_size
        needed = len(sizes) if isinstance(sizes, (list, tuple)) else 1
        if len(states) != needed:
            takes = {1: "1 initial state, [h]", 2: "2 initial states, [h, c]"}.get(needed, f"{needed} initial states")
            raise ValueError(f"{type(self).__name__} takes {takes}, not {len(states)}")

    def _weights_now(self) -> tuple[Array, Array, Array]:
        """The weights as the surrounding call means them: Keras may have put others in their place for its duration."""
        kernel, recurrent = (ops.convert_to_tensor(w) for w in (self.cell.kernel, self.cell.recurrent_kernel))
        if self.cell.bias is not None:
            return kernel, recurrent, ops.convert_to_tensor(self.cell.bias)
        two = getattr(self.cell, "reset_after", False)
        return kernel, recurrent, jnp.zeros((2, kernel.shape[1]) if two else kernel.shape[1:], kernel.dtype)

    def _common_obstacle(self) -> str:
        cell = self.cell
        if keras.backend.backend() != "jax":
            return f"Keras runs on {keras.backend.backend()}, and the kernels are JAX operations"
        if not isinstance(self, CELLS.get(type(cell), ())):
            return f"its cell is a {type(cell).__name__}, for which there is no kernel"
        if cell.compute_dtype != "float32":
            return f"the layer computes in {cell.compute_dtype}, the kernels in float32"
        if getattr(self, "unroll", False):
            return "unroll=True asks for Keras's unrolled loop"
        if cell.recurrent_dropout:
            return "recurrent_dropout changes the state inside the loop, which no kernel does"
        if cell.dropout and getattr(cell, "implementation", 2) == 1:
            return "implementation=1 draws one dropout mask per gate, and the kernels take one input"
        if getattr(self, "use_cudnn", "auto") is True:
            return "use_cudnn=True asks for cuDNN"
        return ""

    def _gate_obstacle(self) -> str:
        if self.cell.activation is not keras.activations.tanh:
            return f"activation={_name(self.cell.activation)}: the kernel has tanh"
        if self.cell.recurrent_activation is not keras.activations.sigmoid:
            return f"recurrent_activation={_name(self.cell.recurrent_activation)}: the kernel has sigmoid"
        return ""


def _name(activation: Any) -> str:
    return str(getattr(activation, "__name__", activation))


@_register
class LSTM(Recurrent, keras.layers.LSTM):  # type: ignore[misc]
    """`keras.layers.LSTM`, several times faster on a CPU: the same arguments, weights, files and results.

    What a kernel does not cover runs on Keras's own path; `explain` tells.

    Example:
        >>> import numpy as np
        >>> from unspool.layers import LSTM
        >>> LSTM(4, return_sequences=True)(np.zeros((2, 5, 3), "float32")).shape
        (2, 5, 4)
    """

    def operation(self) -> Callable[..., tuple[Array, ...]]:
        """Return outputs, final h, final c."""
        return lstm


@_register
class GRU(Recurrent, keras.layers.GRU):  # type: ignore[misc]
    """`keras.layers.GRU`, faster on a CPU: the same arguments, weights, files and results.

    What a kernel does not cover runs on Keras's own path; `explain` tells.
    """

    def operation(self) -> Callable[..., tuple[Array, ...]]:
        """Return outputs, final h."""
        return partial(gru, reset_after=self.cell.reset_after)


@_register
class SimpleRNN(Recurrent, keras.layers.SimpleRNN):  # type: ignore[misc]
    """`keras.layers.SimpleRNN`, faster on a CPU: the same arguments, weights, files and results.

    What a kernel does not cover runs on Keras's own path; `explain` tells.
    """

    def _gate_obstacle(self) -> str:
        if self.cell.activation not in (keras.activations.tanh, keras.activations.relu):
            return f"activation={_name(self.cell.activation)}: the kernel has tanh and relu"
        return ""

    def operation(self) -> Callable[..., tuple[Array, ...]]:
        """Return outputs, final h."""
        return partial(simple_rnn, activation=_name(self.cell.activation))


@_register
class Bidirectional(keras.layers.Bidirectional):  # type: ignore[misc]
    """`keras.layers.Bidirectional`, which keeps its mask for the layers behind it in every version of Keras.

    Speed comes from the layer inside: `Bidirectional(unspool.layers.LSTM(32))`.
    """

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.supports_masking = True
