"""The answers of a model that translates by the native search, where it can serve."""

from typing import Any

import jax
import numpy as np
from numpy.typing import NDArray

from unspool.data.ragged import Ragged
from unspool.data.stored_ragged import Sequences
from unspool.layers.transformer_search import (
    Found,
    PackedModel,
    Search,
    instruction_set,
    packed,
    packed_recurrent,
)
from unspool.models import encoder_decoder_arrays, transformer_arrays
from unspool.models.encoder_decoder import EncoderDecoderModel
from unspool.models.encoding_decoding import PAD
from unspool.models.search import Beam, Sampling
from unspool.models.transformer import TransformerModel

_ATTRIBUTE = "_unspool_packed"


def native_answers(
    model: Any,
    sources: Sequences | NDArray[np.int32],
    how: Beam | Sampling,
    *,
    start: int,
    end: int,
    maximum: int,
    batch_size: int,
) -> Found | None:
    """Search natively; arguments as of `decode`.

    Returns:
        The answers; or None where the compiled search has to serve: tokens are drawn at random, sources are numbers,
        the weights are not float32, another device computes, there is no library, or `kernels.use("reference")` holds.
    """
    drawn = isinstance(how, Sampling) and how.temperature > 0
    if drawn or not isinstance(model, TransformerModel | EncoderDecoderModel) or jax.default_backend() != "cpu":
        return None
    if (
        model.features
        or instruction_set() is None
        or any(weight.dtype != "float32" for weight in model.weights)  # integers where Keras has quantized it
    ):
        return None
    beam = how if isinstance(how, Beam) else Beam(size=1, length_penalty=0.0)
    search = Search(start, end, maximum, beam.size, beam.length_penalty, beam.returned, batch_size)
    return _packed(model).search(_without_padding(sources), search)


def _without_padding(sources: Sequences | NDArray[np.int32]) -> Ragged:
    if not isinstance(sources, np.ndarray):
        return sources.load()
    present = sources != PAD
    return Ragged.from_lengths(sources[present], present.sum(axis=1))


def _packed(model: TransformerModel | EncoderDecoderModel) -> PackedModel:
    """The model's weights as the kernels read them, kept with it for as long as it has these."""
    now = (instruction_set(), *(variable.value for variable in model.variables))
    before, found = model.__dict__.get(_ATTRIBUTE, ((), None))
    if found is None or before[0] != now[0] or any(a is not b for a, b in zip(before[1:], now[1:], strict=True)):
        found = _pack(model)
        model.__dict__[_ATTRIBUTE] = now, found
    kept: PackedModel = found
    return kept


def _pack(model: TransformerModel | EncoderDecoderModel) -> PackedModel:
    config = model.config
    if isinstance(model, EncoderDecoderModel):
        arrays, cell = encoder_decoder_arrays.arrays_of(model), encoder_decoder_arrays.cell_of(model)
        return packed_recurrent(arrays, cell, config.input_feeding, model.target_size)
    return packed(transformer_arrays.arrays_of(model), config.heads, config.positions == "rotary", model.target_size)
