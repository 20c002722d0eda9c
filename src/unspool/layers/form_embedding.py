"""A vector for each word: the sum of those of its forms."""

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="unspool")
class FormEmbedding(keras.layers.Embedding):  # type: ignore[misc]
    """Embed each word, given by the ids of its forms, as the sum of the forms' vectors.

    Words that share a form, such as an ending, share what is learned about it (Bojanowski et al., 2017, do the same
    with all character n-grams of a word). The id 0 stands for no form: it adds nothing. With `mask_zero`, steps whose
    first id is 0 are masked. The arguments are those of `keras.layers.Embedding`.

    Example:
        >>> import numpy as np
        >>> from unspool.layers import FormEmbedding
        >>> FormEmbedding(30, 10)(np.zeros((2, 5, 3), "int32")).shape
        (2, 5, 10)
    """

    def call(self, inputs: Any) -> Any:
        """Ids (B, T, K) to (B, T, output_dim)."""
        vectors = super().call(inputs)
        there = ops.cast(ops.not_equal(inputs, 0), vectors.dtype)
        return ops.sum(vectors * ops.expand_dims(there, -1), axis=-2)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Which steps are there, (B, T); None without `mask_zero`."""
        return ops.not_equal(inputs[..., 0], 0) if self.mask_zero else None

    def compute_output_shape(self, input_shape: Any) -> Any:
        """(B, T, output_dim)."""
        return (*input_shape[:-1], self.output_dim)
