"""Translation: a Transformer that searches for what to write, natively or in NumPy."""

from unspool_runtime.translation.engine import Translation, TranslationEngine

__all__ = ["Translation", "TranslationEngine"]
