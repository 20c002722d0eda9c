"""A vector repeated along time, remembered as such: a recurrent layer then projects it once, not at every step."""

from typing import Any

import keras

from unspool.layers.origin import Repeated, remember


@keras.saving.register_keras_serializable(package="unspool")
class RepeatVector(keras.layers.RepeatVector):  # type: ignore[misc]
    """`keras.layers.RepeatVector`, whose output tells unspool's recurrent layers that all its steps are equal."""

    def call(self, inputs: Any) -> Any:
        """(B, D) to (B, n, D)."""
        outputs = super().call(inputs)
        remember(outputs, Repeated(inputs[:, None, :]))
        return outputs
