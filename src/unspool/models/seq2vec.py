"""Sequence to vector: a recurrent encoder, with a head for the task on top."""

from typing import Any, Literal, Self

import keras
from pydantic import model_validator

from unspool import layers
from unspool.models.config import Buckets, CountOrNone, Flag, LayersOrNone, Rate, Units, description
from unspool.models.inputs import Series, Tokens
from unspool.models.recurrent import Recurrent, recurrent_layers
from unspool.models.series import split_padding


@description(frozen=True, kw_only=True)
class Seq2Vec(Recurrent):
    """An encoder: reads a sequence, gives one vector, and from it the answer.

    What `Recurrent` describes comes first; the input is the tokens' embeddings, or the series.

    Attributes:
        shape: of the model, always "seq2vec".
        layers: as in `Recurrent`, or 0: the input itself is pooled, and what `cell` and `units` say is not used.
        embedding: width of the vector that stands for a token; not used for series.
        mask_padding: padding (token 0; a step of a series that is NaN) does not touch the hidden state. (The chapter's
            models do read the padding.)
        token_dropout: share of the tokens that become the unknown token in training; not used for series.
        pooling: what the encoder gives: the hidden state after the "last" step, or mean and maximum over the states
            after all of them ("mean_max": Howard and Ruder, 2018).
        bigrams: numbers for the hashed pairs of neighbouring tokens, whose embeddings are pooled beside the states
            (Joulin et al., 2017); 0 for no pairs; not used for series.
        bigram_embedding: width of the vector that stands for a pair.
        outputs: width of the head; 0 for none, so that the model's output is what the encoder gives.
        activation: of the head.
    """

    shape: Literal["seq2vec"] = "seq2vec"
    layers: LayersOrNone = 1
    embedding: Units = 64
    mask_padding: Flag = True
    token_dropout: Rate = 0.0
    pooling: Literal["last", "mean_max"] = "last"
    bigrams: Buckets = 0
    bigram_embedding: Units = 16
    input_dropout: Rate = 0.3
    output_dropout: Rate = 0.2
    outputs: CountOrNone = 1
    activation: Literal["sigmoid", "softmax", "tanh", "linear"] = "sigmoid"

    @model_validator(mode="after")
    def _pools_what_is_not_read(self) -> Self:
        if self.pooling == "last" and (self.layers == 0 or self.bigrams):
            raise ValueError('layers = 0 and bigrams need pooling = "mean_max": there is no last state to take')
        return self


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
    present = beside = None
    if isinstance(inputs, Tokens):
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
