"""The shapes of sequence model: a frozen description of each, and the function that builds the Keras model."""

from unspool.data.padding import pad_series
from unspool.descriptions.inputs import Series, Steps, Tokens, WordForms
from unspool.descriptions.networks import Autoencoder, EncoderDecoder, Seq2Vec, Tagger, Transformer, Upscaler, Vec2Seq
from unspool.models.autoencoder import autoencoder, reconstruction_loss
from unspool.models.encoder_decoder import encoder_decoder
from unspool.models.label_smoothing import SmoothedCrossentropy
from unspool.models.loading import load_model
from unspool.models.saving import save_model
from unspool.models.seq2vec import seq2vec
from unspool.models.series import present_steps, targets_and_weights
from unspool.models.tagger import tagger
from unspool.models.transformer import transformer
from unspool.models.upscaler import upscaler
from unspool.models.vec2seq import vec2seq

__all__ = [
    "Autoencoder",
    "EncoderDecoder",
    "Seq2Vec",
    "Series",
    "SmoothedCrossentropy",
    "Steps",
    "Tagger",
    "Tokens",
    "Transformer",
    "Upscaler",
    "Vec2Seq",
    "WordForms",
    "autoencoder",
    "encoder_decoder",
    "load_model",
    "pad_series",
    "present_steps",
    "reconstruction_loss",
    "save_model",
    "seq2vec",
    "tagger",
    "targets_and_weights",
    "transformer",
    "upscaler",
    "vec2seq",
]
