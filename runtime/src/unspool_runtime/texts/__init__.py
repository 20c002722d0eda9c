"""Models that read whole texts."""

from unspool_runtime.texts.columns import RowReader
from unspool_runtime.texts.models import TextModel, read_text_model

__all__ = ["RowReader", "TextModel", "read_text_model"]
