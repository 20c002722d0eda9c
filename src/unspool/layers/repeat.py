"""A vector repeated along time, remembered as such: a recurrent layer then projects it once, not at every step."""

import weakref
from typing import Any

import keras

# By the output's identity, as neither JAX's arrays nor its tracers take attributes everywhere (Keras keeps masks in the
# same way). An entry lives as long as its output.
_sources: dict[int, tuple[Any, Any]] = {}


@keras.saving.register_keras_serializable(package="unspool")
class RepeatVector(keras.layers.RepeatVector):  # type: ignore[misc]
    """`keras.layers.RepeatVector`, whose output tells unspool's recurrent layers that all its steps are equal.

    What is remembered is the very tensor: any layer in between makes another one, of which nothing is known.
    """

    def call(self, inputs: Any) -> Any:
        """(B, D) to (B, n, D)."""
        outputs = super().call(inputs)
        if keras.backend.backend() == "jax" and not isinstance(outputs, keras.KerasTensor):
            key = id(outputs)
            _sources[key] = weakref.ref(outputs, lambda _: _sources.pop(key, None)), inputs[:, None, :]
        return outputs


def repeated_input(sequences: Any) -> Any:
    """The one step (B, 1, D) that `sequences` (B, T, D) repeats, or None if that is not known."""
    reference, source = _sources.get(id(sequences), (None, None))
    return source if reference is not None and reference() is sequences else None
