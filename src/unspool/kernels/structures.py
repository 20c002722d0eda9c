"""The structs of the native headers as ctypes structures, under the same names.

The trainer and the runtime share this file.
"""

import ctypes
from typing import Any

Pointer, Whole = ctypes.c_void_p, ctypes.c_int64


def fields(kind: Any, *names: str) -> list[tuple[str, Any]]:
    """Several fields of one type."""
    return [(name, kind) for name in names]


class UnspoolDense(ctypes.Structure):
    """A dense layer: native/transformer.h."""

    _fields_ = fields(Pointer, "kernel", "bias")


class UnspoolNorm(ctypes.Structure):
    """A normalisation."""

    _fields_ = fields(Pointer, "scale", "offset")


class UnspoolAttention(ctypes.Structure):
    """An attention."""

    _fields_ = fields(UnspoolDense, "queries", "keys", "values", "result")


class UnspoolTransformerBlock(ctypes.Structure):
    """A layer of a Transformer."""

    _fields_ = [
        ("attention_norm", UnspoolNorm),
        ("attention", UnspoolAttention),
        ("memory_norm", UnspoolNorm),
        ("to_memory", UnspoolAttention),
        ("dense_norm", UnspoolNorm),
        *fields(UnspoolDense, "hidden", "result"),
    ]


class UnspoolTransformer(ctypes.Structure):
    """A Transformer."""

    _fields_ = [
        *fields(Whole, "layers", "width", "heads", "feed_forward", "source_size", "target_size", "rotary"),
        *fields(Pointer, "source_embedding", "target_embedding"),
        ("head", UnspoolDense),
        *fields(ctypes.POINTER(UnspoolTransformerBlock), "encoder", "decoder"),
        *fields(UnspoolNorm, "encoder_norm", "decoder_norm"),
    ]


class UnspoolSearch(ctypes.Structure):
    """How answers are searched for."""

    _fields_ = [
        *fields(Whole, "beam", "returned"),
        ("length_penalty", ctypes.c_double),
        *fields(Whole, "start", "end", "maximum", "scored", "batch", "threads"),
    ]


class UnspoolDirection(ctypes.Structure):
    """A recurrent layer in one direction: native/encoder_decoder.h."""

    _fields_ = fields(Pointer, "kernel", "recurrent", "bias")


class UnspoolEncoderDecoderLayer(ctypes.Structure):
    """A layer of an encoder and of its decoder."""

    _fields_ = [*fields(UnspoolDirection, "forward", "backward", "decoder"), ("first", UnspoolDense * 2)]


class UnspoolEncoderDecoder(ctypes.Structure):
    """A recurrent encoder-decoder."""

    _fields_ = [
        *fields(Whole, "layers", "cell", "width", "units", "source_size", "target_size"),
        *fields(Whole, "additive", "input_feeding"),
        *fields(Pointer, "source_embedding", "target_embedding"),
        ("head", UnspoolDense),
        ("stack", ctypes.POINTER(UnspoolEncoderDecoderLayer)),
        ("keys", Pointer),
        ("query", UnspoolDense),
        ("sum", Pointer),
        ("found", UnspoolDense),
    ]


class UnspoolConvolution(ctypes.Structure):
    """A convolution over words: native/word_convolution.h."""

    _fields_ = [
        *fields(Whole, "words", "filters", "sizes", "outputs"),
        *fields(Pointer, "widths", "vectors", "bias", "head", "head_bias"),
    ]


class UnspoolVectors(ctypes.Structure):
    """Vectors of n-grams: native/document_vectors.h."""

    _fields_ = [
        *fields(Whole, "grams", "width"),
        *fields(Pointer, "vectors", "keep", "drawn"),
        *fields(Whole, "drawn_count", "negatives"),
    ]
