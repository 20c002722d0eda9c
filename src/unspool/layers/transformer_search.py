"""A whole Transformer in native code, where there is some: what searches for its answers."""

from typing import Any

from unspool.kernels import plain
from unspool.kernels.transformer import Found, PackedTransformer, Search

__all__ = ["Found", "PackedTransformer", "Search", "instruction_set", "packed"]


def instruction_set() -> str | None:
    """The instruction set of the native code, or None where it is not to be used, or not there."""
    code = plain.code()
    return None if code is None else str(code.unspool_isa().decode())


def packed(arrays: dict[str, Any], heads: int, rotary: bool, target_size: int) -> PackedTransformer:
    """Weights as the native code reads them; arguments as of `PackedTransformer`."""
    code = plain.code()
    assert code is not None, "there is an instruction set"
    return PackedTransformer(code, arrays, heads, rotary, target_size)
