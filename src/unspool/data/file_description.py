"""What the descriptions of files have in common: aligned tables, quantiles, and the order of their blocks."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from unspool import terminal
from unspool.data.balance import QUANTILES, quantiles


def described(head: str, decisions: Iterable[str], body: Iterable[Iterable[str]], remarks: Sequence[str]) -> str:
    """Put a description together, for the terminal.

    Args:
        head: what the file is, in one line.
        decisions: what was decided about it, each in a line.
        body: blocks of lines.
        remarks: what is out of the ordinary, and what will be done about it.
    """
    found = ["What is out of the ordinary, and what will be done about it:", *_indented(remarks or ["nothing"])]
    return terminal.in_blocks([[head, *_indented(decisions)], *body, found])


def aligned(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """A table as lines: the first column begins at the left, the others end at the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip() for row in rows]


def by_quantile(values: NDArray[np.int64]) -> str:
    """The quantiles of some counts, in one line."""
    return ", ".join(f"{q:.0%}: {value:,.0f}" for q, value in zip(QUANTILES, quantiles(values), strict=True))


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"  {line}" for line in lines]
