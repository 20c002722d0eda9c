"""The shapes of sequence model: a frozen description of each, and the function that builds the Keras model."""

from unspool.models.inputs import Series, Tokens
from unspool.models.seq2seq import Seq2Seq, reconstruction_loss, seq2seq
from unspool.models.seq2vec import Seq2Vec, seq2vec
from unspool.models.series import pad_series, present_steps, targets_and_weights
from unspool.models.vec2seq import Vec2Seq, vec2seq

__all__ = [
    "Seq2Seq",
    "Seq2Vec",
    "Series",
    "Tokens",
    "Vec2Seq",
    "pad_series",
    "present_steps",
    "reconstruction_loss",
    "seq2seq",
    "seq2vec",
    "targets_and_weights",
    "vec2seq",
]
