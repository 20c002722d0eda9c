"""The networks that `unspool.models` builds."""

from typing import Literal, Self

from pydantic import model_validator

from unspool.descriptions.config import (
    Buckets,
    Cell,
    Count,
    CountOrNone,
    Factor,
    Flag,
    Layers,
    LayersOrNone,
    Rate,
    Units,
    description,
)

Score = Literal["additive", "dot"]
_RANGES = {"sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0)}


@description(frozen=True, kw_only=True)
class Recurrent:
    """The recurrent part of a model.

    Attributes:
        cell: what is carried from step to step: "rnn" (Elman, 1990), "lstm" (Hochreiter and Schmidhuber, 1997) or
            "gru" (Cho et al., 2014).
        units: width of the hidden state, in each direction.
        bidirectional: a second layer of as many units reads from the end, and both states stand side by side (Schuster
            and Paliwal, 1997).
        layers: how many recurrent layers lie one upon the other, each reading the states of the one below; 64 at most.
        input_dropout: share of the input's numbers set to 0 in training.
        batch_normalization: of what the last layer gives.
        output_dropout: share of the numbers that the last layer gives set to 0 in training.
    """

    cell: Cell = "lstm"
    units: Units = 32
    bidirectional: Flag = False
    layers: Layers = 1
    input_dropout: Rate = 0.0
    batch_normalization: Flag = True
    output_dropout: Rate = 0.0

    @property
    def width(self) -> int:
        """Of the hidden state."""
        return self.units * (2 if self.bidirectional else 1)


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
            after all of them ("mean_max": Howard and Ruder, 2018); of series without recurrent layers, all numbers
            side by side ("flatten").
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
    pooling: Literal["last", "mean_max", "flatten"] = "last"
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
        if self.pooling == "flatten" and (self.layers or self.bigrams):
            raise ValueError('pooling = "flatten" needs layers = 0 and bigrams = 0')
        return self


@description(frozen=True, kw_only=True)
class Vec2Seq(Recurrent):
    """A decoder: one vector in, a sequence out.

    What `Recurrent` describes comes first; the input is the vector.

    Attributes:
        shape: of the model, always "vec2seq".
        layers: as in `Recurrent`, or 0: every number of the sequence is a weighted sum of the vector's, and what `cell`
            and `units` say is not used.
        output: what the sequence's numbers are: "bernoulli", between 0 and 1 like grey values, so that the loss is the
            binary cross-entropy; or "gaussian", any numbers, with the mean squared error.
    """

    shape: Literal["vec2seq"] = "vec2seq"
    layers: LayersOrNone = 1
    output: Literal["bernoulli", "gaussian"] = "bernoulli"


ENCODER, DECODER = "encoder.keras", "decoder.keras"
"""The files of an autoencoder's halves."""


@description(frozen=True, kw_only=True)
class Autoencoder:
    """An autoencoder of sequences.

    Attributes:
        shape: of the model, always "autoencoder".
        encoder: gives the latent vector: `encoder.outputs` is its width, `encoder.activation` bounds it.
        decoder: gives the sequence back.
    """

    shape: Literal["autoencoder"] = "autoencoder"
    encoder: Seq2Vec
    decoder: Vec2Seq

    def __post_init__(self) -> None:
        if self.encoder.activation == "softmax":
            raise ValueError(
                "encoder.activation is 'softmax': that of a latent vector is 'sigmoid', 'tanh' or 'linear'"
            )

    @property
    def latent(self) -> int:
        """Width of the latent vector."""
        return self.encoder.outputs or self.encoder.width

    @property
    def linear(self) -> bool:
        """Whether both halves are linear: the best weights are then principal components (Baldi and Hornik, 1989)."""
        encoder, decoder = self.encoder, self.decoder
        return (
            encoder.pooling == "flatten"
            and encoder.outputs > 0
            and encoder.activation == "linear"
            and decoder.layers == 0
            and decoder.output == "gaussian"
            and not (encoder.batch_normalization or decoder.batch_normalization)
        )

    @property
    def latent_range(self) -> tuple[float, float] | None:
        """Between which numbers each of the latent vector's lies, or None: anywhere."""
        return _RANGES.get(self.encoder.activation) if self.encoder.outputs else None


@description(frozen=True, kw_only=True)
class Upscaler(Recurrent):
    """Reads an image row by row, and gives one that is larger.

    The layers that `Recurrent` describes stand between the rows that are read and those that are drawn.

    Attributes:
        shape: of the model, always "upscaler".
        factor: how many times as high and as wide the image becomes.
    """

    shape: Literal["upscaler"] = "upscaler"
    factor: Factor = 2
    units: Units = 64
    bidirectional: Flag = True
    batch_normalization: Flag = False


@description(frozen=True, kw_only=True)
class Tagger(Recurrent):
    """Reads a sequence, and gives the probability of each tag at each of its steps (Graves and Schmidhuber, 2005).

    What `Recurrent` describes stands between the input, which is the tokens' embeddings or the series, and the head.
    Padding is masked.

    Attributes:
        shape: of the model, always "tagger".
        embedding: width of the vector that stands for a token; not used for series.
        token_dropout: share of the tokens that become the unknown token in training; not used for series.
        outputs: how many tags; the task says it.
    """

    shape: Literal["tagger"] = "tagger"
    embedding: Units = 64
    token_dropout: Rate = 0.0
    units: Units = 64
    bidirectional: Flag = True
    batch_normalization: Flag = False
    input_dropout: Rate = 0.2
    output_dropout: Rate = 0.3
    outputs: Count = 2


@description(frozen=True, kw_only=True)
class EncoderDecoder:
    """A recurrent model that turns one sequence of tokens into another.

    Attributes:
        shape: of the model, always "encoder_decoder".
        cell: "gru" (Cho et al., 2014) or "lstm" (Hochreiter and Schmidhuber, 1997).
        units: width of the decoder's hidden state, and of the encoder's in each direction.
        layers: recurrent layers of the encoder, each in both directions, and as many of the decoder.
        width: of an embedding.
        attention: "additive" (Bahdanau et al., 2015) or "dot" (Luong et al., 2015, their "general").
        input_feeding: each step also reads what attention found in the one before (Luong et al., 2015, section 3.3);
            the decoder then runs step by step, which is slower than its kernel.
        dropout: of embeddings, between layers, and before the logits.
        shared: sources and targets have one vocabulary, and one embedding.
        tied: the logits are products with the target's embedding.
    """

    shape: Literal["encoder_decoder"] = "encoder_decoder"
    cell: Literal["gru", "lstm"] = "gru"
    units: Units = 128
    layers: Layers = 1
    width: Units = 128
    attention: Score = "additive"
    input_feeding: Flag = False
    dropout: Rate = 0.1
    shared: Flag = False
    tied: Flag = True


@description(frozen=True, kw_only=True)
class Transformer:
    """A Transformer that turns one sequence of tokens into another.

    Attributes:
        shape: of the model, always "transformer".
        layers: blocks of the encoder, and as many of the decoder.
        width: of an embedding and of all that is between blocks.
        heads: of each attention; they share `width` evenly.
        feed_forward: width of the hidden layer that follows attention in each block.
        dropout: of embeddings, and of what each part adds.
        positions: "sinusoidal", added to the embeddings, or "rotary", which turns queries and keys (Su et al., 2021).
        shared: sources and targets have one vocabulary, and one embedding.
        tied: the logits are products with the target's embedding.
    """

    shape: Literal["transformer"] = "transformer"
    layers: Layers = 4
    width: Units = 128
    heads: Count = 4
    feed_forward: Units = 256
    dropout: Rate = 0.1
    positions: Literal["sinusoidal", "rotary"] = "sinusoidal"
    shared: Flag = False
    tied: Flag = True

    def __post_init__(self) -> None:
        if self.width % self.heads or self.width // self.heads % 2:
            raise ValueError(f"width is {self.width}: {self.heads} heads need an even share of it each")
