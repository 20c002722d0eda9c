"""A convolution over the words of a text, with the maximum over the text."""

import weakref
from collections.abc import Sequence
from typing import Any

import jax
import keras
from keras import ops

from unspool import keras_internals
from unspool.kernels.word_maxima import trained_word_maxima, word_maxima, word_maxima_reference

_FIRST = 0.1
"""Vectors are drawn uniformly from minus this to this, as in `unspool train`'s convolutions."""


@keras.saving.register_keras_serializable(package="unspool")
class WordConvolution(keras.layers.Layer):  # type: ignore[misc]
    """Filters over neighbouring words, and the maximum of each over the text (Johnson and Zhang, 2015).

    Words are one-hot: a filter of width n has a weight for each word of the vocabulary at each of its n places. So this
    layer replaces `Embedding`, `Conv1D` and `GlobalMaxPooling1D`, without the bottleneck of the embedding:

        y[s, f] = relu(max_t (bias[s, f] + sum_{k < n_s} vectors[word[t + k], o_s + k, f]))

    Windows lie within the text; a text shorter than a width is one window. Padding, before or after the text, and
    the other texts of a batch do not change an output. A step with id 0, or that a mask leaves out, is padding;
    inside a text it is a word without a vector, as are ids outside the vocabulary.

    In a training step, only weights that reached a maximum have a gradient: thousands out of millions. Keras's
    optimizers update all weights. With an `optimizer` of its own, the layer updates those few in its backward pass;
    the result is that of a model whose optimizer is the same Adagrad. This uses Keras variables that are
    overwritten by their gradient (`overwrite_with_gradient`, as in float8 training). So the layer must be called
    only once in a step, and the model's optimizer must not accumulate gradients over several steps (Keras would
    then keep the larger of two weights): training is refused otherwise. The loss must depend on the layer (else
    its outputs become NaN).

    Args:
        vocabulary_size: V; ids are 0 to V - 1.
        filters: F, the number of filters of each width; multiples of 16 are fastest.
        widths: of the filters, in words.
        mask_zero: whether id 0 is padding; as in `keras.layers.Embedding`, except for the default.
        optimizer: a `keras.optimizers.Adagrad` for the vectors, of which the learning rate (a number or a schedule),
            `initial_accumulator_value` and `epsilon` can be set; it needs JAX. If None, the model's optimizer trains
            them.

    Raises:
        ValueError: an argument is not supported; or a layer with its own optimizer is called twice in a step, or its
            model's optimizer accumulates gradients.

    Example:
        >>> import keras, numpy as np
        >>> from unspool.layers import WordConvolution
        >>> layer = WordConvolution(1000, 16, widths=(1, 2), optimizer=keras.optimizers.Adagrad(0.1))
        >>> layer(np.array([[5, 17, 3], [8, 0, 0]])).shape
        (2, 32)
    """

    def __init__(
        self,
        vocabulary_size: int,
        filters: int,
        widths: Sequence[int] = (1, 2, 3),
        mask_zero: bool = True,
        optimizer: Any = None,
        **kwargs: Any,
    ):
        super().__init__(
            autocast=False, **kwargs
        )  # ids that are floats keep their digits, as in keras.layers.Embedding
        self.vocabulary_size, self.filters, self.widths = vocabulary_size, filters, tuple(widths)
        if vocabulary_size < 1 or filters < 1 or min(self.widths, default=0) < 1:
            raise ValueError(
                f"a vocabulary of {vocabulary_size} words, {filters} filters, widths {self.widths}: each must be at "
                "least 1"
            )
        self.mask_zero = mask_zero
        self.optimizer = keras.optimizers.get(optimizer) if optimizer is not None else None
        if self.optimizer is not None and keras.backend.backend() != "jax":
            raise ValueError(
                f"a WordConvolution can have its own optimizer only on JAX, not on {keras.backend.backend()}"
            )
        if self.optimizer is not None and self.compute_dtype != "float32":
            raise ValueError(
                f"a WordConvolution with its own optimizer must compute in float32, not {self.compute_dtype}"
            )
        self._adagrad = _settings(self.optimizer) if self.optimizer is not None else None
        self._traced: Any = None
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        """Make the vectors and the biases, and the state of the layer's own optimizer."""
        shape = self.vocabulary_size, sum(self.widths), self.filters
        own = self._adagrad is not None
        self.vectors = self.add_weight(
            shape=shape,
            initializer=keras.initializers.RandomUniform(-_FIRST, _FIRST),
            overwrite_with_gradient=own,
            name="vectors",
        )
        self.bias = self.add_weight(shape=(len(self.widths), self.filters), initializer="zeros", name="bias")
        if self._adagrad is not None:
            self.squares = self.add_weight(
                shape=shape,
                initializer=keras.initializers.Constant(self._adagrad["initial_accumulator_value"]),
                overwrite_with_gradient=True,
                name="squares",
            )
            self.steps = self.add_weight(shape=(), initializer="zeros", dtype="int32", trainable=False, name="steps")

    def call(self, inputs: Any, mask: Any = None, training: bool = False) -> Any:
        """(B, T) ids, and a mask of those that are present, to (B, S F)."""
        tokens = self._tokens(inputs, mask)
        vectors, bias = (ops.convert_to_tensor(weight) for weight in (self.vectors, self.bias))
        if self._adagrad is not None:
            maxima = self._trained(tokens, vectors, bias, training)
        elif keras.backend.backend() == "jax":
            maxima = word_maxima(tokens, vectors, bias, self.widths)
        else:
            maxima = word_maxima_reference(tokens, vectors, bias, self.widths, ops)
        outputs = ops.relu(ops.reshape(maxima, (-1, len(self.widths) * self.filters)))
        return ops.cast(outputs, self.compute_dtype)

    def _tokens(self, inputs: Any, mask: Any) -> Any:
        """(B, T) int32: -1 for padding, V for what has no vector."""
        known = ops.logical_and(inputs >= 0, inputs < self.vocabulary_size)
        tokens = ops.where(known, ops.cast(inputs, "int32"), self.vocabulary_size)
        present = ops.not_equal(inputs, 0) if self.mask_zero else None
        if mask is not None:
            mask = ops.cast(mask, "bool")
            present = mask if present is None else ops.logical_and(present, mask)
        return tokens if present is None else ops.where(present, tokens, -1)

    def _trained(self, tokens: Any, vectors: Any, bias: Any, training: bool) -> Any:
        assert self._adagrad is not None
        if training:
            self._refuse_second_call(vectors)
        self._refuse_accumulation(keras_internals.outermost_layer(self))
        rate = self._adagrad["learning_rate"]
        if callable(rate):
            rate = rate(ops.convert_to_tensor(self.steps))
        if training:
            self.steps.assign(self.steps + 1)
        squares, rate = ops.convert_to_tensor(self.squares), ops.cast(rate, "float32")
        maxima = trained_word_maxima(tokens, vectors, squares, bias, rate, self.widths, self._adagrad["epsilon"])
        # A step whose loss does not depend on this layer has overwritten it with zeros: better NaN than a guess.
        return ops.where(squares[0, 0, 0] > 0, maxima, float("nan"))

    def _refuse_second_call(self, vectors: Any) -> None:
        """The "gradients" of two calls are new vectors, and would be added up."""
        if isinstance(vectors, jax.core.Tracer):
            if self._traced is not None and self._traced() is vectors:
                raise ValueError(f"{self.name} has its own optimizer, so it cannot be called twice in a training step")
            self._traced = weakref.ref(vectors)

    def _refuse_accumulation(self, model: Any) -> None:
        """Keras would accumulate "gradients" that overwrite a weight by taking their maximum.

        A compiled model is called as such when its first training begins; its steps call only the layers in it.
        """
        optimizer = getattr(model, "optimizer", None)
        optimizer = getattr(optimizer, "inner_optimizer", optimizer)  # of a LossScaleOptimizer
        if getattr(optimizer, "gradient_accumulation_steps", None):
            raise ValueError(
                f"{self.name} has its own optimizer, which cannot accumulate gradients, but the optimizer of "
                f"{model.name} has gradient_accumulation_steps. Leave these out and train with larger batches, or "
                f"create {self.name} without an optimizer"
            )

    def compute_mask(self, inputs: Any, mask: Any = None) -> None:
        """There are no steps left to mask."""
        return None

    def compute_output_shape(self, input_shape: Any) -> Any:
        """(B, T) to (B, S F)."""
        return input_shape[0], len(self.widths) * self.filters

    def get_config(self) -> dict[str, Any]:
        """What `__init__` takes."""
        own = {
            "vocabulary_size": self.vocabulary_size,
            "filters": self.filters,
            "widths": list(self.widths),
            "mask_zero": self.mask_zero,
            "optimizer": keras.optimizers.serialize(self.optimizer) if self.optimizer is not None else None,
        }
        return {**super().get_config(), **own}


def _settings(optimizer: Any) -> dict[str, Any]:
    """What can be set of an Adagrad: learning rate (a number or a schedule), initial_accumulator_value, epsilon."""
    if type(optimizer) is not keras.optimizers.Adagrad:
        raise ValueError(
            f"optimizer is {type(optimizer).__name__}: a WordConvolution's own must be a keras.optimizers.Adagrad"
        )
    config, plain = optimizer.get_config(), keras.optimizers.Adagrad().get_config()
    settings = {name: config.pop(name) for name in ("learning_rate", "initial_accumulator_value", "epsilon")}
    config.pop("name")
    changed = [name for name, value in config.items() if value != plain[name]]
    if changed:
        raise ValueError(f"{', '.join(changed)}: not supported by a WordConvolution's own Adagrad")
    if settings["initial_accumulator_value"] <= 0:
        raise ValueError("initial_accumulator_value must be above 0 in a WordConvolution's own Adagrad")
    if isinstance(settings["learning_rate"], dict):
        settings["learning_rate"] = keras.optimizers.schedules.deserialize(settings["learning_rate"])
    return settings
