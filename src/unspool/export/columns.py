"""Texts with columns beside them as rows of a portable model."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from unspool.data.tables.problems import Flaw
from unspool.data.texts.side_columns import MISSING, SideColumns, TextRow
from unspool.export.packing import Node

Row = Mapping[str, Any]

TEXT = "text"
"""The column of the text, where it has no name."""


def text_column(named: str | None, side: SideColumns) -> str:
    """The name of the column of the text in rows."""
    name = named or TEXT
    while name in side.names:
        name += "_"
    return name


def columns_node(state: Node) -> Node:
    """Describe a `SideEncoder` by its state."""
    return {"numbers": state["numbers"], "categories": [{"names": list(names)} for names in state["categories"]]}


def row_reader_node(side: SideColumns, text: str) -> Node:
    """Describe a reader of texts and columns."""
    return {"kind": "rows", "text": text, "numeric": list(side.numeric), "categorical": list(side.categorical)}


def rows_of(texts: Sequence[TextRow], side: SideColumns, text: str) -> list[Row]:
    """Texts as rows that JSON can hold: None where a number is missing.

    Example:
        >>> rows_of([TextRow("fine", (float("nan"), "a"))], SideColumns(("price",), ("brand",)), "review")
        [{'review': 'fine', 'price': None, 'brand': 'a'}]
    """
    return [
        {text: str(one)} | {name: _plain(cell) for name, cell in zip(side.names, one.cells, strict=True)}
        for one in texts
    ]


def texts_of(rows: Sequence[Row], side: SideColumns, text: str) -> list[TextRow]:
    """Rows as the texts that they were."""
    found = []
    for row in rows:
        cells = side.parse([row[name] for name in side.names])
        assert not isinstance(cells, Flaw), "rows are made of cells"
        found.append(TextRow(row[text], cells))
    return found


def probed(texts: Sequence[TextRow], probes: Sequence[str], side: SideColumns) -> list[TextRow]:
    """More texts, beside the cells of others, and some beside cells that are missing or new."""
    known = [texts[place % len(texts)].cells for place in range(len(probes))]
    numbers = len(side.numeric)
    unknown = [(math.nan,) * numbers + (cell,) * len(side.categorical) for cell in (MISSING, "\x00 no such category")]
    found = [TextRow(probe, cells) for probe, cells in zip(probes, known, strict=True)]
    return found + [TextRow(probes[-1], cells) for cells in unknown]


def _plain(cell: float | str) -> Any:
    return None if isinstance(cell, float) and math.isnan(cell) else cell
