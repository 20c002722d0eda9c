"""Vectors of tokens, remembered as such: in inference a recurrent layer reads the tokens instead."""

from typing import Any

import keras
from keras import ops

from unspool.kernels.recurrent import Embedded
from unspool.layers.origin import remember


@keras.saving.register_keras_serializable(package="unspool")
class Embedding(keras.layers.Embedding):  # type: ignore[misc]
    """`keras.layers.Embedding`, whose output tells unspool's recurrent layers which tokens it stands for.

    In inference, a recurrent layer right behind it (or behind a Dropout) reads the tokens and the embedding, and an
    array of vectors is never made; where there are more tokens than the vocabulary has, it multiplies the vocabulary by
    its weights once, not every token. The results are the same. Training, which wants the vectors' gradients, is
    unchanged.

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

    def quantize(self, mode: Any = None, type_check: bool = True, config: Any = None) -> None:
        """Quantize the vectors as Keras's layer does, which takes this one for a subclass and refuses those."""
        super().quantize(mode, type_check=type_check and type(self) is not Embedding, config=config)
