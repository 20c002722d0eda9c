"""The shapes of sequence model: a frozen description of each, and the function that builds the Keras model."""

from unspool.data.padding import pad_series
from unspool.models.encoder_decoder import EncoderDecoder, encoder_decoder
from unspool.models.inputs import Series, Steps, Tokens
from unspool.models.label_smoothing import SmoothedCrossentropy
from unspool.models.loading import load_model
from unspool.models.saving import save_model
from unspool.models.seq2seq import Seq2Seq, reconstruction_loss, seq2seq
from unspool.models.seq2vec import Seq2Vec, seq2vec
from unspool.models.series import present_steps, targets_and_weights
from unspool.models.tagger import Tagger, tagger
from unspool.models.transformer import Transformer, transformer
from unspool.models.vec2seq import Vec2Seq, vec2seq

__all__ = [
    "EncoderDecoder",
    "Seq2Seq",
    "Seq2Vec",
    "Series",
    "SmoothedCrossentropy",
    "Steps",
    "Tagger",
    "Tokens",
    "Transformer",
    "Vec2Seq",
    "encoder_decoder",
    "load_model",
    "pad_series",
    "present_steps",
    "reconstruction_loss",
    "save_model",
    "seq2seq",
    "seq2vec",
    "tagger",
    "targets_and_weights",
    "transformer",
    "vec2seq",
]
