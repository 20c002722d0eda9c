"""A recurrent encoder-decoder's answers in native code: greedy and beam search, see native/encoder_decoder.h.

The readable reference is `unspool.models.search` over `unspool.models.encoder_decoder`, which finds the same.
"""

import ctypes
from typing import Any

import numpy as np

from unspool.kernels.plain import pointer
from unspool.kernels.structures import (
    UnspoolDense,
    UnspoolDirection,
    UnspoolEncoderDecoder,
    UnspoolEncoderDecoderLayer,
)
from unspool.kernels.transformer import PackedModel, filled

CELLS = {"lstm": 2, "gru after": 3, "gru before": 4}
"""Their numbers in native/unspool.h."""


class PackedEncoderDecoder(PackedModel):
    """An encoder-decoder's weights as the kernels read them.

    Args:
        code: the native library.
        arrays: see `unspool.models.encoder_decoder_arrays.arrays_of`.
        cell: "lstm", "gru after" or "gru before".
        input_feeding: whether a step also reads what attention found in the one before.
        target_size: ids that are written.
    """

    kind = "encoder_decoder"

    def __init__(self, code: ctypes.CDLL, arrays: dict[str, Any], cell: str, input_feeding: bool, target_size: int):
        source, target, additive = arrays["source_embedding"], arrays["target_embedding"], arrays["sum"] is not None
        layers = [
            UnspoolEncoderDecoderLayer(
                *(filled(UnspoolDirection, layer[name]) for name in ("forward", "backward", "decoder")),
                (UnspoolDense * 2)(*(filled(UnspoolDense, first) for first in layer["first"])),
            )
            for layer in arrays["layers"]
        ]
        model = UnspoolEncoderDecoder(
            layers=len(layers),
            cell=CELLS[cell],
            width=source.shape[1],
            units=arrays["keys"].shape[1],
            source_size=len(source),
            target_size=target_size,
            additive=additive,
            input_feeding=input_feeding,
            source_embedding=pointer(source, np.float32),
            target_embedding=pointer(source if target is None else target, np.float32),
            head=filled(UnspoolDense, arrays["head"] or {}),
            stack=(UnspoolEncoderDecoderLayer * len(layers))(*layers),
            keys=pointer(arrays["keys"], np.float32),
            query=filled(UnspoolDense, arrays["query"] or {}),
            sum=pointer(arrays["sum"], np.float32) if additive else None,
            found=filled(UnspoolDense, arrays["found"]),
        )
        super().__init__(code, model, len(source))
