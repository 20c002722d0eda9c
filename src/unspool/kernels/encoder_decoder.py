"""A recurrent encoder-decoder's answers in native code: greedy and beam search, see native/encoder_decoder.h.

The readable reference is `unspool.models.search` over `unspool.models.encoder_decoder`, which finds the same.
"""

import ctypes
from typing import Any

import numpy as np

from unspool.kernels.plain import pointer
from unspool.kernels.transformer import Dense, PackedModel, Pointer, fields, filled

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
            _Layer(
                *(filled(_Direction, layer[name]) for name in ("forward", "backward", "decoder")),
                (Dense * 2)(*(filled(Dense, first) for first in layer["first"])),
            )
            for layer in arrays["layers"]
        ]
        model = _Model(
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
            head=filled(Dense, arrays["head"] or {}),
            stack=(_Layer * len(layers))(*layers),
            keys=pointer(arrays["keys"], np.float32),
            query=filled(Dense, arrays["query"] or {}),
            sum=pointer(arrays["sum"], np.float32) if additive else None,
            found=filled(Dense, arrays["found"]),
        )
        super().__init__(code, model, len(source))


class _Direction(ctypes.Structure):
    _fields_ = fields(Pointer, "kernel", "recurrent", "bias")


class _Layer(ctypes.Structure):
    _fields_ = [*fields(_Direction, "forward", "backward", "decoder"), ("first", Dense * 2)]


class _Model(ctypes.Structure):
    _fields_ = [
        *fields(ctypes.c_int64, "layers", "cell", "width", "units", "source_size", "target_size"),
        *fields(ctypes.c_int64, "additive", "input_feeding"),
        *fields(Pointer, "source_embedding", "target_embedding"),
        ("head", Dense),
        ("stack", ctypes.POINTER(_Layer)),
        ("keys", Pointer),
        ("query", Dense),
        ("sum", Pointer),
        ("found", Dense),
    ]
