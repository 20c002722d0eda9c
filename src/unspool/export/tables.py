"""How training read tables, for pages into which parts of such tables are pasted."""

from typing import Any

from unspool.export.packing import Node
from unspool.runs.recipes.recipe import FileSettings


def table_node(data: Any) -> Node:
    """Describe the columns that a page's reader cannot know: of series by steps, and of texts in several columns.

    Args:
        data: where a run's examples come from. If not from such a table, the node is empty.
    """
    if not isinstance(data, FileSettings):
        return {}
    if data.kind == "series" and data.series is not None:
        return {"table": {"series": data.series, "time": data.time, "dates": data.dates, "resampled": data.resample}}
    parts = [part.strip() for part in (data.text or "").split(",")]
    return {"table": {"text": parts}} if data.kind == "text" and len(parts) > 1 else {}
