"""A model as `unspool check` sees it: rectangles of inputs in, one row of numbers each out."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from unspool.candidates import RawModel
from unspool.data.padding import pad
from unspool.data.ragged import Ragged
from unspool.data.tokenizers.vocabulary import PAD, START
from unspool.evaluation.certificate import DECODED_ROUNDING, ROUNDING
from unspool.readers import RawExamples
from unspool.runs.records.environment import RECURRENT_SEARCH, SEARCH
from unspool.tasks.translation import END, Translation

if TYPE_CHECKING:
    import keras

    from unspool.models.encoding_decoding import SequenceToSequence

Inputs: TypeAlias = Ragged | NDArray[np.float32] | RawExamples
"""N sequences of ids, or N series (N, T, D) with NaN where one has no step; or N raw examples."""

Padding = Literal["masked", "read", "none"]


@dataclass(frozen=True, eq=False)
class Checkable:
    """What turns inputs into answers.

    Attributes:
        networks: each reads what the one before it gives; an answer is what all of them give, side by side.
        padding: whether the model masks padding, reads it as if it were data, or never sees any.
        by_step: whether there is an answer at each step: those at padding are none, and left out.
    """

    networks: "tuple[keras.Model, ...]"
    padding: Padding
    by_step: bool = False
    unit: ClassVar[float] = 1.0  # labels are standardised

    @property
    def rounding(self) -> float:
        """By how much answers may differ that are computed in another order."""
        return DECODED_ROUNDING if len(self.networks) > 1 else ROUNDING

    @property
    def has_kernels(self) -> bool:
        """Whether a layer of it is recurrent: only the kernels of these can be exchanged."""
        return any(map(_is_recurrent, self.networks))

    def reads(self, inputs: Inputs) -> bool:
        """Whether inputs, which may be another model's, are of the kind and the width that it reads."""
        (_, length, *width), kind = self.networks[0].inputs[0].shape, self.networks[0].inputs[0].dtype
        if isinstance(inputs, Ragged):
            return list(inputs.flat.shape[1:]) == width and bool(inputs.flat.dtype.kind == kind[0])
        if isinstance(inputs, RawExamples):
            return False
        return list(inputs.shape[2:]) == width and length in (None, inputs.shape[1])

    def __call__(self, inputs: Ragged | NDArray[Any], batch_size: int) -> NDArray[np.float32]:
        """N inputs, ids (N, T) or series (N, T, D), to (N, ...) numbers; a Ragged in batches of similar length."""
        from unspool.models.series import present_steps
        from unspool.training import predict

        given: Any = inputs
        found = []
        for network in self.networks:
            if len(network.inputs) > 1 and isinstance(inputs, np.ndarray):
                given = [given, present_steps(inputs)]  # a decoder of series that may have different lengths
            given = predict(network, given, batch_size=batch_size)
            if self.by_step:
                given = _steps_in_front(given, inputs)
            found.append(given.reshape(len(given), -1))
        return np.concatenate(found, axis=1)

    def rectangle(self, inputs: Inputs) -> NDArray[Any]:
        """The inputs as one array: texts padded in front to the model's length, or else to the longest."""
        assert not isinstance(inputs, RawExamples)
        if not isinstance(inputs, Ragged):
            return inputs
        longest = self.networks[0].input_shape[1] or max(1, int(inputs.lengths.max()))
        return pad(inputs, longest, value=np.nan if inputs.flat.dtype.kind == "f" else PAD)

    def of_any_length(self) -> "Checkable":
        """The same layers and weights for inputs of any length; for a model of one network."""
        import keras

        (network,) = self.networks
        one = network.inputs[0]
        free = keras.Input((None, *one.shape[2:]), dtype=one.dtype, name=one.name)
        clone = keras.models.clone_model(network, input_tensors=free)
        clone.set_weights(network.get_weights())
        return Checkable((clone,), self.padding, self.by_step)


@dataclass(frozen=True, eq=False)
class RawCheckable:
    """A model that reads raw examples and was fitted in one go, in the same way."""

    model: RawModel
    by_step: bool = False
    padding: Padding = "none"
    unit: float = 1.0
    rounding: float = ROUNDING
    has_kernels: bool = False

    def reads(self, inputs: Inputs) -> bool:
        """Whether inputs, which may be another model's, are what it reads: texts, lists of words or series."""
        of_text = tuple if self.by_step else str
        read = of_text if self.model.kind == "text" else np.ndarray
        return isinstance(inputs, RawExamples) and all(isinstance(one, read) for one in inputs)

    def __call__(self, inputs: RawExamples, batch_size: int) -> NDArray[np.float32]:
        """N raw examples to (N, ...) numbers, so many at a time."""
        parts = [
            self.model.outputs(inputs.items[start : start + batch_size]) for start in range(0, len(inputs), batch_size)
        ]
        if self.by_step:  # each part is as wide as its longest
            longest = max(1, int(inputs.lengths.max()))
            parts = [np.pad(part, ((0, 0), (0, longest - part.shape[1]), (0, 0))) for part in parts]
            parts = [part.reshape(len(part), -1) for part in parts]
        return np.concatenate(parts).astype(np.float32)

    def rectangle(self, inputs: RawExamples) -> RawExamples:
        """The examples as they are."""
        return inputs

    def of_any_length(self) -> "RawCheckable":
        """The same."""
        return self


@dataclass(frozen=True, eq=False)
class TranslationCheckable:
    """A model that translates, in the same way; an answer is how likely its translation is, and the tokens of it.

    A token is two digits in base 256, each divided by 255: of two tokens one differs by more than rounding.
    """

    network: "SequenceToSequence"
    task: Translation
    padding: Padding = "masked"
    rounding: float = DECODED_ROUNDING
    unit: float = 1.0

    @property
    def has_kernels(self) -> bool:
        """Whether a layer of it is recurrent, or it is searched natively."""
        return _is_recurrent(self.network) or _is_transformer(self.network)

    @property
    def search(self) -> str:
        """Under which name the environment says how its translations are searched for."""
        return SEARCH if _is_transformer(self.network) else RECURRENT_SEARCH

    def reads(self, inputs: Inputs) -> bool:
        """Whether inputs, which may be another model's, are sequences of ids, or series as wide as it reads them."""
        width = (self.network.features,) if self.network.features else ()
        is_number = bool(self.network.features)
        return (
            isinstance(inputs, Ragged)
            and inputs.flat.shape[1:] == width
            and (inputs.flat.dtype.kind == "f") == is_number
        )

    def __call__(self, inputs: Ragged | NDArray[Any], batch_size: int) -> NDArray[np.float32]:
        """N sources, ids (N, S) or a Ragged in batches of similar length, to (N, 1 + 2 L) numbers."""
        found = self.task.translate(self.network, inputs, batch_size)
        ids = pad(found.best, self.task.maximum, padding="post")
        likely = found.log_probabilities[:, :1] / (1 + found.best.lengths[:, None])
        return np.concatenate([likely, (ids >> 8) / 255, (ids & 255) / 255], axis=1).astype(np.float32)

    def decoded(self, inputs: Ragged) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """How likely the best texts of N sources are, (N,) per token.

        Returns:
            As they were written, token by token with what is kept of the tokens before; and as the network reads them
            whole, with nothing kept.
        """
        from unspool.training.decoding import log_probabilities

        found = self.task.translate(self.network, inputs)
        tokens, ended = found.best, found.ended[:, 0]
        likely = log_probabilities(self.network, inputs, tokens, start=START, end=END)
        ends = likely.flat[likely.offsets[1:] - 1]
        whole = np.add.reduceat(likely.flat, likely.offsets[:-1]) - np.where(ended, 0, ends)
        lengths = 1 + tokens.lengths
        return (found.log_probabilities[:, 0] / lengths).astype(np.float32), (whole / lengths).astype(np.float32)

    def rectangle(self, inputs: Inputs) -> NDArray[Any]:
        """The sources padded in front to the longest."""
        assert isinstance(inputs, Ragged)
        return pad(inputs, max(1, int(inputs.lengths.max())), value=np.nan if self.network.features else PAD)

    def of_any_length(self) -> "TranslationCheckable":
        """The same."""
        return self


def _is_transformer(network: "SequenceToSequence") -> bool:
    from unspool.models.transformer import TransformerModel

    return isinstance(network, TransformerModel)


def _is_recurrent(network: "keras.Model") -> bool:
    import keras

    from unspool.keras_internals import layers_within

    return any(isinstance(layer, keras.layers.RNN) for layer in layers_within(network))


def _steps_in_front(outputs: Any, inputs: Any) -> NDArray[Any]:
    """(N, L, C) the answers at the steps that are there, each example's first step first, wherever padding was."""
    if not isinstance(outputs, Ragged):
        from unspool.models.series import present_steps

        if inputs.dtype.kind == "i":
            present: NDArray[np.bool_] = np.asarray((inputs[..., 0] if inputs.ndim == 3 else inputs) != PAD)
        else:
            present = present_steps(inputs)
        outputs = Ragged.from_lengths(outputs[present], present.sum(axis=1))
    return pad(outputs, max(1, int(outputs.lengths.max())), padding="post")


def masked_or_read(mask_padding: bool) -> Padding:
    """How a model of sequences that may be padded takes the padding, by its description."""
    return "masked" if mask_padding else "read"
