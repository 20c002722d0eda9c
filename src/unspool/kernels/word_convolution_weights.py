"""The weights of a convolution over a text's tokens, and how they are trained."""

from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from unspool.kernels.plain import aligned_zeros

Floats32 = NDArray[np.float32]
Loss = Literal["sigmoid", "softmax", "squared"]
LOSSES: tuple[Loss, ...] = ("sigmoid", "softmax", "squared")

LANES = 16
"""The number of filters of a width is a multiple of this."""

_BLOCK = 1 << 20  # numbers that are drawn at a time


@dataclass(frozen=True, eq=False)
class Weights:
    """The numbers of a convolution over V tokens with S widths of F filters each, `taps` in all, and K outputs.

    Attributes:
        widths: S numbers of tokens.
        vectors: (V, taps, F), what each token adds at each place of each width's window.
        bias: (S, F).
        head: (S, F, K).
        head_bias: (K,).
        seed: with which the vectors were drawn before training, or None if that is not known.
    """

    widths: tuple[int, ...]
    vectors: Floats32
    bias: Floats32
    head: Floats32
    head_bias: Floats32
    seed: int | None = None

    @classmethod
    def drawn(cls, words: int, widths: tuple[int, ...], filters: int, outputs: int, seed: int) -> Self:
        """Draw weights: vectors uniform from -0.1 to 0.1, the head normal with deviation 0.1, the biases 0.

        Raises:
            ValueError: the number of filters is not a multiple of `LANES`, or a width is below 1.
        """
        if filters % LANES or filters < LANES or min(widths) < 1:
            raise ValueError(
                f"{filters} filters of widths {widths}: filters are a multiple of {LANES}, widths at least 1"
            )
        random = np.random.default_rng(seed)
        vectors = aligned_zeros(words, sum(widths), filters)
        random.random(dtype=np.float32, out=vectors)
        vectors -= 0.5
        vectors *= 0.2
        head = random.standard_normal((len(widths), filters, outputs), np.float32) * np.float32(0.1)
        bias, head_bias = np.zeros((len(widths), filters), np.float32), np.zeros(outputs, np.float32)
        return cls(widths, vectors, bias, head, head_bias, seed)

    def like(self, value: float) -> "Weights":
        """Arrays of the same shapes that hold one value everywhere."""
        vectors, bias, head, head_bias = (aligned_zeros(*array.shape) for array in self.arrays())
        for array in (vectors, bias, head, head_bias):
            array.fill(value)
        return Weights(self.widths, vectors, bias, head, head_bias)

    def check(self) -> None:
        """See that the arrays fit each other.

        Raises:
            ValueError: they do not.
        """
        words, taps, filters = self.vectors.shape
        head = len(self.widths), filters, *self.head_bias.shape
        shapes = ((words, sum(self.widths), filters), (len(self.widths), filters), head)
        given = (self.vectors.shape, self.bias.shape, self.head.shape)
        if given != shapes or filters % LANES or taps < 1 or any(array.dtype != np.float32 for array in self.arrays()):
            raise ValueError("the weights of a convolution do not fit each other")

    def arrays(self) -> tuple[Floats32, Floats32, Floats32, Floats32]:
        """The four arrays."""
        return self.vectors, self.bias, self.head, self.head_bias


def first_vectors(shape: tuple[int, int, int], seed: int) -> Floats32:
    """The vectors that `Weights.drawn` draws, in any version of NumPy.

    They are made of the raw numbers of PCG64, which NumPy promises never to change (NEP 19); it does not promise this
    of `Generator.random`.

    Args:
        shape: V, taps, and a multiple of `LANES` filters.
        seed: of `drawn`.
    """
    vectors, source, done = aligned_zeros(*shape), np.random.PCG64(seed), 0
    flat = vectors.reshape(-1)
    while done < flat.size:
        some = flat[done : done + _BLOCK]
        raw = source.random_raw(len(some) // 2).astype("<u8").view("<u4")
        some[:] = raw >> 8
        some *= np.float32(2**-24)
        done += len(some)
    vectors -= 0.5
    vectors *= 0.2
    return vectors


@dataclass(frozen=True)
class Training:
    """How a convolution is trained: one text a step, by Adagrad (Duchi et al., 2011).

    Attributes:
        loss: "sigmoid" for each output, "softmax" over them, or half the "squared" error.
        steps: of the whole training.
        seed: of what is dropped.
        rate: of the first step; it falls linearly to 0.
        token_dropout: share of the tokens that are none.
        output_dropout: share of the maxima that are 0.
    """

    loss: Loss
    steps: int
    seed: int = 0
    rate: float = 0.1
    token_dropout: float = 0.3
    output_dropout: float = 0.5
