"""What is written of a file's predictions."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from unspool.data.tables.writing import Printed
from unspool.errors import UserError


@dataclass(frozen=True, slots=True)
class Predicted:
    """What was written.

    Attributes:
        out: the file, or the stream.
        rows: how many, each with a prediction.
        left_out: how many rows of the input have none, by reason.
        predictions: how many rows, tokens or steps have which label; none for numbers and for several labels at once.
        notes: what to know when judging the predictions, each a sentence without its stop.
    """

    out: Path | Printed
    rows: int
    left_out: dict[str, int]
    predictions: dict[str, int]
    notes: tuple[str, ...] = ()


def refuse_columns(path: Path, columns: Sequence[str], new: Sequence[str]) -> None:
    """Refuse a file that has a column which is to be written.

    Raises:
        UserError: names it.
    """
    for name in new:
        if name in columns:
            raise UserError(f"{path} has a column {name!r} already, which would be written. Rename it.")
