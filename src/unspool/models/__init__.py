"""The shapes of sequence model: a frozen description of each, and the function that builds the Keras model."""

from unspool.models.inputs import Series, Tokens
from unspool.models.seq2vec import Seq2Vec, seq2vec

__all__ = ["Seq2Vec", "Series", "Tokens", "seq2vec"]
