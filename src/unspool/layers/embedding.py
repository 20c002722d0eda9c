"""Vectors of tokens, remembered as such: in inference a recurrent layer projects the vocabulary, not every step."""

from typing import Any

import keras
from keras import ops

from unspool.kernels import Embedded
from unspool.layers.origin import remember


@keras.saving.register_keras_serializable(package="unspool")
class Embedding(keras.layers.Embedding):  # type: ignore[misc]
    """`keras.layers.Embedding`, whose output tells unspool's recurrent layers which tokens it stands for.

    Predicting over many tokens, a recurrent layer right behind it (or behind a Dropout) multiplies each vector of the
    vocabulary by its kernel once, and does the rest with token ids. The results are the same. In training nothing
    changes, since there the vectors' gradients are wanted.

    Example:
        >>> import numpy as np
        >>> from unspool.layers import Embedding
        >>> Embedding(30, 10)(np.zeros((2, 5), "int32")).shape
        (2, 5, 10)
    """

    def call(self, inputs: Any) -> Any:
        """Ids (B, T) to (B, T, output_dim)."""
        outputs = super().call(inputs)
        if inputs.dtype != "int64":  # which may hold ids that int32 does not
            tokens, embedding = ops.cast(inputs, "int32"), ops.convert_to_tensor(self.embeddings)
            if embedding.dtype == outputs.dtype:
                remember(outputs, Embedded(tokens, embedding))
        return outputs
