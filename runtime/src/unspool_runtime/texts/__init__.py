"""Models that read whole texts."""

from unspool_runtime.texts.models import TextModel, read_text_model

__all__ = ["TextModel", "read_text_model"]
