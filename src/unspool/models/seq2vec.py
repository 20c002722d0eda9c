"""Sequence to vector: a recurrent encoder, with a head for the task on top."""

from typing import Literal

import keras

from unspool import layers
from unspool.models.config import Count, CountOrNone, Flag, Rate, description
from unspool.models.inputs import Series, Tokens
from unspool.models.recurrent import Recurrent, recurrent_layers
from unspool.models.series import split_padding


@description(frozen=True, kw_only=True)
class Seq2Vec(Recurrent):
    """An encoder: reads a sequence, gives one vector, and from it the answer.

    What `Recurrent` describes comes first; the input is the tokens' embeddings, or the series.

    Attributes:
        shape: of the model, always "seq2vec".
        embedding: width of the vector that stands for a token; not used for series.
        mask_padding: padding (token 0; a step of a series that is NaN) does not touch the hidden state. (The chapter's
            models do read the padding.)
        outputs: width of the head; 0 for none, so that the model's output is the hidden state itself.
        activation: of the head.
    """

    shape: Literal["seq2vec"] = "seq2vec"
    embedding: Count = 64
    mask_padding: Flag = True
    input_dropout: Rate = 0.3
    output_dropout: Rate = 0.2
    outputs: CountOrNone = 1
    activation: Literal["sigmoid", "softmax", "tanh", "linear"] = "sigmoid"


def seq2vec(config: Seq2Vec, inputs: Tokens | Series, name: str = "seq2vec") -> keras.Model:
    """Build the Keras model that a description describes, its weights drawn from Keras's global seed.

    Args:
        config: the description.
        inputs: what it reads.
        name: of the model.

    Returns:
        A model from (batch, length) ids or (batch, length, features) numbers to (batch, outputs).

    Example:
        >>> seq2vec(Seq2Vec(cell="lstm"), Tokens(size=10_000, length=128)).count_params()
        652577
    """
    present = None
    if isinstance(inputs, Tokens):
        read = keras.Input((inputs.length,), dtype="int32", name="tokens")
        # It hands its mask on by itself.
        steps = keras.layers.Embedding(inputs.size, config.embedding, mask_zero=config.mask_padding, name="embedding")(
            read
        )
    else:
        steps = read = keras.Input((inputs.length, inputs.features), name="series")
        if config.mask_padding:
            steps, present = split_padding(read)
    if config.input_dropout:
        steps = layers.Dropout(config.input_dropout, name="input_dropout")(steps)
    answer = recurrent_layers(config, steps, present, every_state=False)
    if config.outputs:
        answer = keras.layers.Dense(config.outputs, activation=config.activation, name="head")(answer)
    return keras.Model(read, answer, name=name)
