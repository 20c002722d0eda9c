"""JSON for other programs: NaN and infinities, which JSON lacks and most readers refuse, become null."""

import json
import math
from typing import Any


def as_json(value: Any, **settings: Any) -> str:
    """Encode a value.

    Args:
        value: of dicts, lists, tuples, texts and numbers.
        **settings: of `json.dumps`.

    Example:
        >>> as_json({"losses": (0.5, float("nan"))})
        '{"losses": [0.5, null]}'
    """
    try:
        return json.dumps(value, allow_nan=False, **settings)
    except ValueError:
        return json.dumps(_finite(value), **settings)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _finite(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
