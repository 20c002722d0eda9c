"""Models that read whole texts."""

from unspool_runtime.texts.columns import RowReader
from unspool_runtime.texts.models import TextModel, read_text_model
from unspool_runtime.texts.words import WordsModel

__all__ = ["RowReader", "TextModel", "WordsModel", "read_text_model"]
