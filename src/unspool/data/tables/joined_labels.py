"""Labels that have a column each, with 1 in the rows that have the label and 0 in all others."""

from collections.abc import Sequence
from typing import Any

from unspool.data.tables.problems import Flaw, Reason

_MEANT = {"1": True, "1.0": True, "true": True, "yes": True, "0": False, "0.0": False, "false": False, "no": False}


def is_indicator(cell: object) -> bool:
    """Tell whether a cell says that a row has a label, or that it has not.

    Example:
        >>> is_indicator("1"), is_indicator(0.0), is_indicator("True"), is_indicator("2")
        (True, True, True, False)
    """
    return _said(cell) in _MEANT


def joined_labels(names: Sequence[str], cells: Sequence[Any]) -> list[str] | Flaw | None:
    """The labels of a row by its cells; None if all of these are empty.

    Example:
        >>> joined_labels(["toxic", "threat"], ["1", "0"]), joined_labels(["toxic", "threat"], ["", None])
        (['toxic'], None)
        >>> joined_labels(["toxic", "threat"], ["1", "-1"]).detail
        "'-1' is neither 1 nor 0; each label column must hold 1 in the rows with the label and 0 in all others"
    """
    said = [_said(cell) for cell in cells]
    if not any(said):
        return None
    for name, one in zip(names, said, strict=True):
        if not one:
            return Flaw(Reason.NO_VALUE, "it is empty, although another column of labels is not; write 1 or 0", name)
        if one not in _MEANT:
            detail = (
                f"{one[:40]!r} is neither 1 nor 0; each label column must hold 1 in the rows with the label and 0 in "
                "all others"
            )
            return Flaw(Reason.TYPE, detail, name)
    return [name for name, one in zip(names, said, strict=True) if _MEANT[one]]


def _said(cell: object) -> str:
    return "" if cell is None or cell != cell else str(cell).strip().lower()
