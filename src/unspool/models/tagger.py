"""Sequence to as many tags: a recurrent network that gives an answer at each step."""

from typing import Any

import keras

from unspool import layers
from unspool.descriptions.inputs import Steps, Tokens, WordForms
from unspool.descriptions.networks import Tagger
from unspool.models.recurrent import recurrent_layers
from unspool.models.series import split_padding


def tagger(config: Tagger, inputs: Tokens | WordForms | Steps, name: str = "tagger") -> keras.Model:
    """Build the Keras model that a description describes, its weights drawn from Keras's global seed.

    Returns:
        A model from (batch, length) ids, (batch, length, forms) ids or (batch, length, features) numbers to (batch,
        length, outputs).

    Example:
        >>> tagger(Tagger(units=8, embedding=4, outputs=3), Tokens(size=20)).output_shape
        (None, None, 3)
    """
    present: Any = None
    if isinstance(inputs, Tokens | WordForms):
        shape = (inputs.length,) if isinstance(inputs, Tokens) else (None, inputs.forms)
        read = keras.Input(shape, dtype="int32", name="tokens")
        kept = layers.TokenDropout(config.token_dropout, name="token_dropout")(read) if config.token_dropout else read
        made = layers.Embedding if isinstance(inputs, Tokens) else layers.FormEmbedding
        steps = made(inputs.size, config.embedding, mask_zero=True, name="embedding")(kept)
    else:
        read = keras.Input((None, inputs.features), name="series")
        steps, present = split_padding(read)
    if config.input_dropout:
        steps = layers.Dropout(config.input_dropout, name="input_dropout")(steps)
    states = recurrent_layers(config, steps, present, gives="all")
    answer = keras.layers.Dense(config.outputs, activation="softmax", name="head")(states)
    return keras.Model(read, answer, name=name)
