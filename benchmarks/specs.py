"""What is measured, as frozen values that every peer reads: models with their exact sizes, and single layers."""

from dataclasses import dataclass

GATES = {"rnn": 1, "lstm": 4, "gru": 3}


@dataclass(frozen=True)
class Sentiment:
    """Token ids (batch, length) to a probability.

    Embedding > Dropout > cell > BatchNormalization > Dropout > Dense(1, sigmoid), binary cross-entropy.
    """

    cell: str
    parameters: int
    length: int = 128
    vocabulary: int = 10_000
    embedding: int = 64
    units: int = 32
    input_dropout: float = 0.3
    output_dropout: float = 0.2
    batch_normalization: bool = True
    mask_padding: bool = False
    batch_size: int = 100
    examples: int = 25_000


@dataclass(frozen=True)
class Autoencoder:
    """Rows of pixels (batch, 28, 28) to a latent vector and back to rows, binary cross-entropy.

    Encoder: Dropout > LSTM > BatchNormalization > Dropout > Dense(latent, sigmoid). Decoder: Dropout > RepeatVector >
    LSTM, all steps > BatchNormalization > Dense(28, sigmoid) at each step. Both LSTMs may be bidirectional.
    """

    bidirectional: bool
    latent: int
    encoder_dropout: float
    decoder_dropout: float
    parameters: int
    length: int = 28
    width: int = 28
    units: int = 28
    batch_size: int = 100
    examples: int = 30_000

    @property
    def read(self) -> int:
        """Width of what an LSTM gives: both directions side by side."""
        return self.units * (2 if self.bidirectional else 1)


@dataclass(frozen=True)
class Translator:
    """A Transformer: token ids (batch, length) of two languages, to logits of the second's next token at each step.

    Pre-norm, sinusoids, one embedding for both sides and the output, of which the first `written` ids are written.
    Cross-entropy with smoothed labels, gradients clipped to the norm 1.
    """

    parameters: int
    layers: int = 4
    width: int = 128
    heads: int = 4
    feed_forward: int = 256
    vocabulary: int = 10_000
    written: int = 7_000
    length: int = 32
    dropout: float = 0.3
    label_smoothing: float = 0.1
    batch_size: int = 128
    examples: int = 1280


@dataclass(frozen=True)
class Layer:
    """One recurrent layer alone: forward, and backward from the last output to the input and all weights."""

    cell: str
    batch: int
    length: int
    width: int
    units: int

    @property
    def flops(self) -> float:
        """Of the matrix products alone: forward once, backward twice (to the input and to the weights)."""
        return 6.0 * self.batch * self.length * (self.width + self.units) * GATES[self.cell] * self.units

    def __str__(self) -> str:
        return f"{self.cell} B{self.batch} T{self.length} D{self.width} H{self.units}"


Model = Sentiment | Autoencoder | Translator

IMDB_RNN = Sentiment("rnn", parameters=643_265)
IMDB_LSTM = Sentiment("lstm", parameters=652_577)
IMDB_GRU = Sentiment("gru", parameters=649_569)
IMDB_WHOLE = Sentiment("lstm", parameters=652_577, length=2500, mask_padding=True)
MNIST_LSTM_AE = Autoencoder(False, latent=2, encoder_dropout=0.1, decoder_dropout=0.0, parameters=10_950)
MNIST_BILSTM_AE = Autoencoder(True, latent=100, encoder_dropout=0.5, decoder_dropout=0.1, parameters=49_408)
PYTORCH_94457 = Sentiment(
    "lstm",
    parameters=373_301,
    length=500,
    embedding=32,
    units=100,
    input_dropout=0.0,
    output_dropout=0.0,
    batch_normalization=False,
    batch_size=256,
)
MULTI30K = Translator(parameters=2_605_568)
