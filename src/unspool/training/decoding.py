"""Answers of a sequence-to-sequence model to many sources, in batches of similar length."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np
from numpy.typing import NDArray

from unspool.data.padding import pad
from unspool.data.ragged import Ragged
from unspool.data.stored_ragged import Sequences
from unspool.keras_internals import forget_masks_of_traced
from unspool.models.encoding_decoding import PAD, SequenceToSequence
from unspool.models.search import Answers, Beam, Sampling, beam_search, sample
from unspool.training.arrays import filled
from unspool.training.buckets import bucket_length, buckets
from unspool.training.native_decoding import native_answers

_ATTRIBUTE = "_unspool_searches"
TOKENS_AT_ONCE = 4096
"""Of given answers whose logits are in memory together: each has as many as the vocabulary has ids."""


@dataclass(frozen=True, eq=False)
class Decoded:
    """The answers to N sources.

    Attributes:
        tokens: N times K answers, those of a source one after the other, the best first; without start and end.
        log_probabilities: (N, K) of each, its end included.
        scores: (N, K) by which they are ranked.
        ended: (N, K) which have ended; the others were cut at the maximum.
    """

    tokens: Ragged
    log_probabilities: NDArray[np.float32]
    scores: NDArray[np.floating[Any]]
    ended: NDArray[np.bool_]

    @property
    def best(self) -> Ragged:
        """The best answer to each source."""
        return self.tokens.take(np.arange(len(self.scores)) * self.scores.shape[1])


def decode(
    model: SequenceToSequence,
    sources: Sequences | NDArray[np.int32],
    how: Beam | Sampling | None = None,
    *,
    start: int,
    end: int,
    maximum: int,
    batch_size: int = 64,
    numbers: NDArray[np.int64] | None = None,
) -> Decoded:
    """Let a model answer sources. An answer depends on its source alone, not on the batch (but for rounding).

    On the CPU the search runs in native code where possible: the same answers, several times as fast for a Transformer.

    Args:
        model: from `transformer` or `encoder_decoder`.
        sources: N of them, ids, or series of numbers for a model that reads these; or one array of them, padded with
            zeros or NaN, which is read as it is.
        how: `Beam`, or `Sampling`; greedy if not given, or with a beam of 1.
        start: the id that an answer begins with.
        end: the id that ends it.
        maximum: ids of an answer at most, its end among them.
        batch_size: sources at a time.
        numbers: (N,) a number for each source, of which its draws are made; None numbers them from 0.

    Returns:
        The answers, in the order of the sources: `how.returned` of a beam, else one.

    Raises:
        ValueError: there is no source, or start, end or maximum make no sense for the model.

    Example:
        >>> from unspool.models import Tokens, Transformer, transformer
        >>> model = transformer(Transformer(layers=1, width=8, heads=2), Tokens(20), Tokens(30))
        >>> found = decode(model, Ragged.from_sequences([[5, 6], [7]]), Beam(size=2), start=1, end=2, maximum=4)
        >>> len(found.best), found.scores.shape
        (2, (2, 1))
    """
    if how is None or (isinstance(how, Beam) and how.size == 1):
        how = Sampling()
    if len(sources) == 0:
        raise ValueError("there is no source")
    if maximum < 1 or not all(PAD < token < model.target_size for token in (start, end)):
        raise ValueError(f"maximum is at least 1; start and end are ids from 1 to {model.target_size - 1}")
    native = native_answers(model, sources, how, start=start, end=end, maximum=maximum, batch_size=batch_size)
    if native is not None:
        kept = np.arange(maximum) < native.lengths[:, :, None]
        written = Ragged.from_lengths(native.tokens[kept], np.maximum(native.lengths, 0).ravel())
        return Decoded(written, native.totals, native.scores, native.ended)
    search, seed = _search(model, how, start, end, maximum), np.uint32(how.seed if isinstance(how, Sampling) else 0)
    values = [variable.value for variable in model.variables]
    parts, order = [], []
    for rows, source in _batches(sources, batch_size):
        drawn_by = filled((rows if numbers is None else numbers[rows]).astype(np.int32), batch_size)
        answers = search(values, filled(source, batch_size), drawn_by, np.arange(batch_size) < len(rows), seed)
        parts.append([np.asarray(leaf)[: len(rows)] for leaf in answers])
        order.append(rows)
    places = np.argsort(np.concatenate(order))
    tokens, totals, scores = (np.concatenate(leaves)[places] for leaves in zip(*parts, strict=True))
    return _decoded(tokens, totals, scores, how.returned if isinstance(how, Beam) else 1, end)


def _batches(
    sources: Sequences | NDArray[np.int32], batch_size: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int32]]]:
    """Which sources come together, and their ids, (B, S)."""
    if isinstance(sources, np.ndarray):
        for first in range(0, len(sources), batch_size):
            yield np.arange(first, min(first + batch_size, len(sources))), sources[first : first + batch_size]
        return
    for bucket in buckets(sources.lengths, batch_size):
        for first in range(0, len(bucket.rows), batch_size):
            rows = bucket.rows[first : first + batch_size]
            some = sources.take(rows).load()
            yield rows, pad(some, bucket.length, value=np.nan if some.flat.dtype.kind == "f" else PAD)


def log_probabilities(
    model: SequenceToSequence,
    sources: Sequences | NDArray[np.int32],
    targets: Ragged,
    *,
    start: int,
    end: int,
    batch_size: int = 64,
) -> Ragged:
    """How probable a model holds given answers (forced decoding): it reads each whole, and nothing is searched for.

    Args:
        model: from `transformer` or `encoder_decoder`.
        sources: N of them, see `decode`.
        targets: N answers, ids without start and end.
        start: the id that an answer begins with.
        end: the id that ends it.
        batch_size: pairs at a time at most; fewer where answers are long.

    Returns:
        N sequences of T + 1 natural logarithms, float32, for an answer of T ids: of each id after the ones before it,
        and of the end. -inf for an id that the model cannot write.

    Example:
        >>> from unspool.models import Tokens, Transformer, transformer
        >>> model = transformer(Transformer(layers=1, width=8, heads=2), Tokens(20), Tokens(30))
        >>> pairs = Ragged.from_sequences([[5, 6], [7]]), Ragged.from_sequences([[8], [9, 10]])
        >>> log_probabilities(model, *pairs, start=1, end=2).lengths.tolist()
        [2, 3]
    """
    read, said = teacher_forcing(targets, start, end)
    program = _forced(model)
    values = [variable.value for variable in model.variables]
    found = np.empty(len(said.flat), np.float32)
    for some, length in _of_similar_length(said.lengths):
        size = max(1, min(batch_size, TOKENS_AT_ONCE // length))
        for rows, source in _batches(sources.take(some) if isinstance(sources, Sequences) else sources[some], size):
            rows = some[rows]
            given, asked = (pad(one.take(rows), length, padding="post") for one in (read, said))
            likely = program(values, *(filled(one, size) for one in (source, given, asked)))
            kept = np.arange(length) < said.lengths[rows][:, None]
            places = said.offsets[rows][:, None] + np.arange(length)
            found[places[kept]] = np.asarray(likely)[: len(rows)][kept]
    return Ragged(found, said.offsets)


def _of_similar_length(lengths: NDArray[np.int64]) -> Iterator[tuple[NDArray[np.int64], int]]:
    """Which answers are padded to one length, and to which."""
    padded = np.array([bucket_length(int(length)) for length in lengths])
    for length in np.unique(padded):
        yield np.flatnonzero(padded == length), int(length)


def _forced(model: SequenceToSequence) -> Callable[..., Any]:
    """The compiled program of `log_probabilities`, kept on the model."""
    programs = model.__dict__.setdefault(_ATTRIBUTE, {})
    if "forced" not in programs:

        def run(values: Any, source: Any, given: Any, asked: Any) -> Any:
            forget_masks_of_traced()
            with keras.StatelessScope(list(zip(model.variables, values, strict=True))):
                logits = model.decode(model.encode(source), given)
            shares = jax.nn.log_softmax(logits)
            known = asked < model.target_size
            likely = jnp.take_along_axis(shares, jnp.where(known, asked, PAD)[:, :, None], axis=2)[:, :, 0]
            return jnp.where(known, likely, -jnp.inf)

        programs["forced"] = jax.jit(run)
    compiled: Callable[..., Any] = programs["forced"]
    return compiled


def teacher_forcing(targets: Ragged, start: int, end: int) -> tuple[Ragged, Ragged]:
    """What a decoder reads in training, and what it is to say in each step: the same, one step on.

    Example:
        >>> read, said = teacher_forcing(Ragged.from_sequences([[7, 8], []]), start=1, end=2)
        >>> read.tolist(), said.tolist()
        ([[1, 7, 8], [1]], [[7, 8, 2], [2]])
    """
    offsets = targets.offsets + np.arange(len(targets) + 1)
    read, said = (np.full(offsets[-1], edge, dtype=targets.flat.dtype) for edge in (start, end))
    inner = np.ones(len(read), dtype=bool)
    inner[offsets[:-1]] = False
    read[inner] = targets.flat
    said[np.roll(inner, -1)] = targets.flat
    return Ragged(read, offsets), Ragged(said, offsets)


def _search(
    model: SequenceToSequence, how: Beam | Sampling, start: int, end: int, maximum: int
) -> Callable[..., Answers]:
    """The compiled search, kept on the model."""
    programs = model.__dict__.setdefault(_ATTRIBUTE, {})
    key = (replace(how, seed=0) if isinstance(how, Sampling) else how, start, end, maximum)
    if key not in programs:

        def run(values: Any, source: Any, rows: Any, there: Any, seed: Any) -> Answers:
            forget_masks_of_traced()
            with keras.StatelessScope(list(zip(model.variables, values, strict=True))):
                memory = model.encode(source)
                edges = {"start": start, "end": end, "maximum": maximum}
                if isinstance(how, Beam):
                    return beam_search(model, memory, there, how, **edges)
                return sample(model, memory, rows, there, how, **edges, seed=seed)

        programs[key] = jax.jit(run)
    compiled: Callable[..., Answers] = programs[key]
    return compiled


def _decoded(
    tokens: NDArray[np.int32], totals: NDArray[np.float32], scores: NDArray[np.float32], returned: int, end: int
) -> Decoded:
    tokens = tokens[:, :returned]
    is_end = tokens == end
    ended = is_end.any(axis=2)
    lengths = np.where(ended, is_end.argmax(axis=2), (tokens != PAD).sum(axis=2))
    kept = np.arange(tokens.shape[2]) < lengths[:, :, None]
    return Decoded(
        Ragged.from_lengths(tokens[kept], lengths.ravel()), totals[:, :returned], scores[:, :returned], ended
    )
