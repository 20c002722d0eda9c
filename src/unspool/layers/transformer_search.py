"""Whole models that translate in native code, where there is some: what searches for their answers."""

from typing import Any

from unspool.kernels import plain
from unspool.kernels.encoder_decoder import PackedEncoderDecoder
from unspool.kernels.transformer import Found, PackedModel, PackedTransformer, Search

__all__ = ["Found", "PackedModel", "PackedTransformer", "Search", "instruction_set", "packed", "packed_recurrent"]


def instruction_set() -> str | None:
    """The instruction set of the native code, or None where it is not to be used, or not there."""
    code = plain.code()
    return None if code is None else str(code.unspool_isa().decode())


def packed(arrays: dict[str, Any], heads: int, rotary: bool, target_size: int) -> PackedTransformer:
    """Weights as the native code reads them; arguments as of `PackedTransformer`."""
    code = plain.code()
    assert code is not None, "there is an instruction set"
    return PackedTransformer(code, arrays, heads, rotary, target_size)


def packed_recurrent(arrays: dict[str, Any], cell: str, input_feeding: bool, target_size: int) -> PackedEncoderDecoder:
    """The same of an encoder-decoder; arguments as of `PackedEncoderDecoder`."""
    code = plain.code()
    assert code is not None, "there is an instruction set"
    return PackedEncoderDecoder(code, arrays, cell, input_feeding, target_size)
