"""Texts to tokens, and tokens to numbers."""
