"""Names of series in several columns, such as a person and the number of their trial."""

from collections.abc import Sequence
from typing import Any


def joined_name(names: Sequence[str], cells: Sequence[Any]) -> str | None:
    """Join the cells of one row into the name of a series; None if one is missing.

    Example:
        >>> joined_name(["person", "trial"], ["ada", 3]), joined_name(["person", "trial"], ["ada", " "])
        ('ada, 3', None)
    """
    texts = ["" if cell is None or cell != cell else str(cell).strip() for cell in cells]
    return ", ".join(texts) if all(texts) else None
