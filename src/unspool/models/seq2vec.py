"""Sequence to vector: a recurrent encoder, with a head for the task on top."""

from typing import Any

import keras

from unspool import layers
from unspool.descriptions.inputs import Series, Tokens
from unspool.descriptions.networks import Seq2Vec
from unspool.errors import UserError
from unspool.models.recurrent import recurrent_layers
from unspool.models.series import split_padding


def seq2vec(config: Seq2Vec, inputs: Tokens | Series, name: str = "seq2vec") -> keras.Model:
    """Build the Keras model that a description describes, its weights drawn from Keras's global seed.

    Args:
        config: the description.
        inputs: what it reads.
        name: of the model.

    Returns:
        A model from (batch, length) ids or (batch, length, features) numbers to (batch, outputs).

    Raises:
        UserError: its pooling is not for texts.

    Example:
        >>> seq2vec(Seq2Vec(cell="lstm"), Tokens(size=10_000, length=128)).count_params()
        652577
    """
    present = beside = None
    if isinstance(inputs, Tokens):
        if config.pooling == "flatten":
            raise UserError('model.pooling = "flatten" is for series. For texts, choose "mean_max" or "last".')
        read = keras.Input((inputs.length,), dtype="int32", name="tokens")
        kept = layers.TokenDropout(config.token_dropout, name="token_dropout")(read) if config.token_dropout else read
        # It hands its mask on by itself.
        embedding = layers.Embedding(inputs.size, config.embedding, mask_zero=config.mask_padding, name="embedding")
        steps = embedding(kept)
        if config.bigrams:
            pairs = layers.HashedBigrams(config.bigrams, name="bigrams")(kept)
            beside = keras.layers.Embedding(
                config.bigrams, config.bigram_embedding, mask_zero=True, name="bigram_embedding"
            )(pairs)
    else:
        steps = read = keras.Input((inputs.length, inputs.features), name="series")
        if config.mask_padding:
            steps, present = split_padding(read)
    if config.input_dropout:
        steps = layers.Dropout(config.input_dropout, name="input_dropout")(steps)
    return keras.Model(read, answer_to(config, steps, present, beside), name=name)


def answer_to(config: Seq2Vec, steps: Any, present: Any = None, beside: Any = None, beside_present: Any = None) -> Any:
    """Put everything that follows the input upon a symbolic tensor: recurrent layers, pooling, head.

    Args:
        config: the description.
        steps: (B, T, D), embeddings or series.
        present: (B, T), which steps are there, or None: all, unless Keras has attached a mask to `steps`.
        beside: (B, T, config.bigram_embedding), the embeddings of pairs of tokens, or None.
        beside_present: of `beside`, as `present`.

    Returns:
        (B, outputs), or without a head what the encoder gives.
    """
    if beside is not None:
        beside = layers.MeanMaxPooling1D(name="bigram_pooling")(beside, mask=beside_present)
    answer = recurrent_layers(config, steps, present, gives=config.pooling, beside=beside)
    if config.outputs:
        answer = keras.layers.Dense(config.outputs, activation=config.activation, name="head")(answer)
    return answer
