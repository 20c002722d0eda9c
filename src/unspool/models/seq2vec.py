"""Sequence to vector: a recurrent encoder, with a head for the task on top."""

from typing import Literal

import keras

from unspool import layers
from unspool.models.config import Cell, Count, CountOrNone, Flag, Rate, description
from unspool.models.inputs import Series, Tokens

CELLS = {"rnn": layers.SimpleRNN, "lstm": layers.LSTM, "gru": layers.GRU}


@description(frozen=True)
class Seq2Vec:
    """An encoder: reads a sequence, gives one vector, and from it the answer.

    Attributes:
        shape: of the model, always "seq2vec".
        cell: what is carried from step to step: "rnn" (Elman, 1990), "lstm" (Hochreiter and Schmidhuber, 1997) or
            "gru" (Cho et al., 2014).
        units: width of the hidden state.
        embedding: width of the vector that stands for a token; not used for series.
        mask_padding: padding does not touch the hidden state. (The chapter's models do read the padding.)
        input_dropout: share of the embedding's (or the series') numbers set to 0 in training.
        batch_normalization: of the hidden state, before the head.
        output_dropout: share of the hidden state's numbers set to 0 in training.
        outputs: width of the head; 0 for none, so that the model's output is the hidden state itself.
        activation: of the head.
    """

    shape: Literal["seq2vec"] = "seq2vec"
    cell: Cell = "lstm"
    units: Count = 32
    embedding: Count = 64
    mask_padding: Flag = True
    input_dropout: Rate = 0.3
    batch_normalization: Flag = True
    output_dropout: Rate = 0.2
    outputs: CountOrNone = 1
    activation: Literal["sigmoid", "softmax", "linear"] = "sigmoid"


def seq2vec(config: Seq2Vec, inputs: Tokens | Series) -> keras.Model:
    """Build the Keras model that a description describes, its weights drawn from Keras's global seed.

    Args:
        config: the description.
        inputs: what it reads.

    Returns:
        A model from (batch, length) ids or (batch, length, features) numbers to (batch, outputs).

    Example:
        >>> seq2vec(Seq2Vec(cell="lstm"), Tokens(size=10_000, length=128)).count_params()
        652577
    """
    if isinstance(inputs, Tokens):
        stack = [
            keras.Input((inputs.length,), dtype="int32", name="tokens"),
            keras.layers.Embedding(inputs.size, config.embedding, mask_zero=config.mask_padding, name="embedding"),
        ]
    else:
        stack = [keras.Input((inputs.length, inputs.features), name="series")]
        if config.mask_padding:
            stack.append(keras.layers.Masking(name="masking"))
    if config.input_dropout:
        stack.append(layers.Dropout(config.input_dropout, name="input_dropout"))
    stack.append(CELLS[config.cell](config.units, name=config.cell))
    if config.batch_normalization:
        stack.append(keras.layers.BatchNormalization(name="batch_normalization"))
    if config.output_dropout:
        stack.append(layers.Dropout(config.output_dropout, name="output_dropout"))
    if config.outputs:
        stack.append(keras.layers.Dense(config.outputs, activation=config.activation, name="head"))
    return keras.Sequential(stack, name="seq2vec")
