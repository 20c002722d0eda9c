"""Inputs and weights, drawn from a seed with NumPy alone, so that every peer gets the same numbers.

Speed does not depend on what a review says, except through the embedding: how often the same rows are read and written.
So the ids follow Zipf's law and the lengths are spread as in IMDb (median 174 words, mean 234), cut to the last words
and padded in front, with the most frequent words replaced by the unknown word, as the recipes do.
"""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.specs import GATES, Autoencoder, Layer, Model, Sentiment, Translator

PAD, START, UNKNOWN, FIRST_WORD = 0, 1, 2, 4
SKIPPED_WORDS = 20
SHARE_OF_RARE_WORDS = 0.06

Arrays = dict[str, NDArray[np.floating]]
Weights = dict[str, Arrays]
"""By layer, then by name; in the order and the layouts of Keras."""


@cache
def reviews(count: int, length: int, vocabulary: int, seed: int = 0) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """IMDb-like token ids (count, length) and labels (count,)."""
    random = np.random.default_rng(seed)
    ranks = np.arange(vocabulary - FIRST_WORD)
    cumulative = np.cumsum(1.0 / (ranks + 2.7))
    cumulative *= (1.0 - SHARE_OF_RARE_WORDS) / cumulative[-1]
    words = _words(random, count)
    ids = np.full((count, length), PAD, np.int32)
    for first in range(0, count, 1000):  # in pieces: random numbers are float64, and memory is measured
        block = ids[first : first + 1000]
        drawn = np.searchsorted(cumulative, random.random(block.shape, np.float32)).astype(np.int32)
        drawn = np.where((drawn < SKIPPED_WORDS) | (drawn >= len(ranks)), UNKNOWN, drawn + FIRST_WORD)
        padding = length - words[first : first + 1000, None] - 1
        place = np.arange(length)
        block[:] = np.where(place > padding, drawn, np.where(place == padding, START, PAD))
    return ids, random.integers(0, 2, count).astype(np.float32)


@cache
def sequences(
    count: int, longest: int, vocabulary: int, seed: int = 0
) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.float32]]:
    """Token ids of all reviews end to end (M,), their lengths (count,) as in IMDb, at most `longest`, and labels.

    Words are drawn evenly: all ways of batching read the same ones.
    """
    random = np.random.default_rng(seed)
    lengths = np.minimum(_words(random, count) + 1, longest)
    ids = random.integers(FIRST_WORD, vocabulary, int(lengths.sum()), np.int32)
    return ids, lengths, random.integers(0, 2, count).astype(np.float32)


@cache
def images(count: int, length: int, width: int, seed: int = 0) -> NDArray[np.float32]:
    """Grey images (count, length, width) in [0, 1] with, as in MNIST, a fifth of the pixels not 0."""
    random = np.random.default_rng(seed)
    pixels = random.random((count, length, width), np.float32)
    pixels -= np.float32(0.8)
    pixels *= np.float32(5.0)
    return np.maximum(pixels, 0.0, out=pixels)


@cache
def pairs(spec: Translator, seed: int = 0) -> tuple[tuple[NDArray[np.int32], NDArray[np.int32]], NDArray[np.int32]]:
    """Sources and targets, (count, length) ids without padding, and at each step the target's next id."""
    random = np.random.default_rng(seed)
    shape = spec.examples, spec.length + 1
    source, target = (random.integers(FIRST_WORD, most, shape, np.int32) for most in (spec.vocabulary, spec.written))
    source[:, 0] = target[:, 0] = START
    return (source[:, :-1], target[:, :-1]), target[:, 1:]


def training_data(spec: Model) -> tuple[Any, NDArray[Any]]:
    """Inputs and targets of a model's epoch."""
    if isinstance(spec, Translator):
        return pairs(spec)
    if isinstance(spec, Sentiment):
        return reviews(spec.examples, spec.length, spec.vocabulary)
    pixels = images(spec.examples, spec.length, spec.width)
    return pixels, pixels


def weights(spec: Model | Layer, seed: int = 1) -> Weights:
    """A model's weights, so that all peers begin alike. No value is special: not a bias of 0, not a variance of 1."""
    random = np.random.default_rng(seed)
    if isinstance(spec, Layer):
        return {"cell": _cell(random, spec.cell, spec.width, spec.units)}
    if isinstance(spec, Translator):
        return _translator(random, spec)
    return _sentiment(random, spec) if isinstance(spec, Sentiment) else _autoencoder(random, spec)


def flat(of_model: Weights) -> list[NDArray[np.floating]]:
    """In the order of Keras's `get_weights`."""
    return [array for layer in of_model.values() for array in layer.values()]


def _words(random: np.random.Generator, count: int) -> NDArray[np.int64]:
    """How many words reviews have, (count,)."""
    return np.exp(random.normal(np.log(174), 0.77, count)).astype(np.int64).clip(10, 2500)


def _sentiment(random: np.random.Generator, spec: Sentiment) -> Weights:
    layers = {
        "embedding": {"table": _normal(random, 0.05, spec.vocabulary, spec.embedding)},
        "cell": _cell(random, spec.cell, spec.embedding, spec.units),
    }
    if spec.batch_normalization:
        layers["norm"] = _norm(random, spec.units)
    return layers | {"head": _dense(random, spec.units, 1)}


def _autoencoder(random: np.random.Generator, spec: Autoencoder) -> Weights:
    directions = ("_forward", "_backward") if spec.bidirectional else ("_forward",)
    encoder = {f"encoder{d}": _cell(random, "lstm", spec.width, spec.units) for d in directions}
    decoder = {f"decoder{d}": _cell(random, "lstm", spec.latent, spec.units) for d in directions}
    return {
        **encoder,
        "encoder_norm": _norm(random, spec.read),
        "latent": _dense(random, spec.read, spec.latent),
        **decoder,
        "decoder_norm": _norm(random, spec.read),
        "head": _dense(random, spec.read, spec.width),
    }


def _translator(random: np.random.Generator, spec: Translator) -> Weights:
    width, inner = spec.width, spec.feed_forward
    layers = {"embedding": {"table": _normal(random, width**-0.5, spec.vocabulary, width)}}
    for side, attentions in (("encoder", ("self",)), ("decoder", ("self", "memory"))):
        for number in range(spec.layers):
            name = f"{side}_{number}"
            for attention in attentions:
                for part in ("queries", "keys", "values", "result"):
                    layers[f"{name}_{attention}_{part}"] = _dense(random, width, width)
            layers[f"{name}_hidden"] = _dense(random, width, inner)
            layers[f"{name}_result"] = _dense(random, inner, width)
            for norm in (*attentions, "feed_forward"):
                layers[f"{name}_{norm}_norm"] = _layer_norm(random, width)
    for side in ("encoder", "decoder"):
        layers[f"{side}_norm"] = _layer_norm(random, width)
    return layers


def _layer_norm(random: np.random.Generator, width: int) -> Arrays:
    return {"gamma": 1 + _normal(random, 0.1, width), "beta": _normal(random, 0.1, width)}


def _cell(random: np.random.Generator, cell: str, width: int, units: int) -> Arrays:
    columns = GATES[cell] * units
    return {
        "kernel": _normal(random, (2.0 / (width + columns)) ** 0.5, width, columns),
        "recurrent_kernel": _normal(random, units**-0.5 / 2, units, columns),
        "bias": _normal(random, 0.1, *((2, columns) if cell == "gru" else (columns,))),
    }


def _norm(random: np.random.Generator, width: int) -> Arrays:
    return {
        "gamma": 1 + _normal(random, 0.1, width),
        "beta": _normal(random, 0.1, width),
        "mean": _normal(random, 0.1, width),
        "variance": 0.5 + random.random(width, np.float32),
    }


def _dense(random: np.random.Generator, width: int, outputs: int) -> Arrays:
    return {
        "kernel": _normal(random, (2.0 / (width + outputs)) ** 0.5, width, outputs),
        "bias": _normal(random, 0.1, outputs),
    }


def _normal(random: np.random.Generator, scale: float, *shape: int) -> NDArray[np.float32]:
    return np.float32(scale) * random.standard_normal(shape, np.float32)
