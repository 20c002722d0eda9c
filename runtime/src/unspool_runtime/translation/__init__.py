"""Translation: a Transformer, or a recurrent encoder-decoder, that searches for what to write, natively or in NumPy."""

from unspool_runtime.translation.engine import Translation, TranslationEngine

__all__ = ["Translation", "TranslationEngine"]
