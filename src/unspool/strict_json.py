"""JSON without NaN and infinities, which the format lacks and most readers refuse."""

import json
import math
from collections.abc import Callable
from typing import Any


def as_json(value: Any, **settings: Any) -> str:
    """Encode a value for other programs: numbers that are not finite become null.

    Args:
        value: of dicts, lists, tuples, texts and numbers.
        **settings: of `json.dumps`.

    Example:
        >>> as_json({"losses": (0.5, float("nan"))})
        '{"losses": [0.5, null]}'
    """
    return _encoded(value, lambda number: None, settings)


def as_lossless_json(value: Any, **settings: Any) -> str:
    """Encode a value for a file that is read again: numbers that are not finite become strings that `float` reads.

    They are the texts by which Protocol Buffers write such numbers: "NaN", "Infinity" and "-Infinity".

    Args:
        value: of dicts, lists, tuples, texts and numbers.
        **settings: of `json.dumps`.

    Example:
        >>> as_lossless_json({"psnr": float("inf"), "psnr_ci": (31.5, float("inf"))})
        '{"psnr": "Infinity", "psnr_ci": [31.5, "Infinity"]}'
    """
    return _encoded(value, json.dumps, settings)


def _encoded(value: Any, instead: Callable[[float], str | None], settings: dict[str, Any]) -> str:
    try:
        return json.dumps(value, allow_nan=False, **settings)
    except ValueError:
        return json.dumps(_finite(value, instead), **settings)


def _finite(value: Any, instead: Callable[[float], str | None]) -> Any:
    if isinstance(value, dict):
        return {name: _finite(one, instead) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one, instead) for one in value]
    return instead(value) if isinstance(value, float) and not math.isfinite(value) else value
