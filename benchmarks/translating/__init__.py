"""Translations by a trained Transformer, beside CTranslate2's with the same weights."""
