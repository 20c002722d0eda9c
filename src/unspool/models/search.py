"""Decoding: greedy, by sampling, or by beam search, each as a loop in one compiled program.

A model only has to implement `Decodes`. The answer of a row does not depend on other rows: a row that has ended does
not change any more, and the loop stops when all have ended.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array, lax

from unspool.descriptions.config import Count, CountOrNone, description
from unspool.models.encoding_decoding import PAD, Decodes, Memory, State

ROOM = 32
"""The first capacity of a search, in steps; it is doubled as needed. At each step the whole state of a model's steps so
far is read, and in a beam search copied."""

IMPOSSIBLE = -1e30
"""A log-probability lower than that of any answer; finite, so that sums and differences are numbers."""


class Answers(NamedTuple):
    """The answers that a search found, the best first.

    Attributes:
        tokens: (B, K, T) ids including the end, if there is one, and then zeros.
        log_probabilities: (B, K) of all tokens of an answer, including its end.
        scores: (B, K) by which answers are ranked: the log-probabilities divided by the length penalty.
    """

    tokens: Array
    log_probabilities: Array
    scores: Array


@description(frozen=True, kw_only=True)
class Sampling:
    """How tokens are sampled.

    Attributes:
        temperature: divides the logits; 0 always takes the most probable token (greedy decoding).
        top_k: sample only from the `top_k` most probable tokens; 0 for all.
        top_p: sample only from the most probable tokens whose probabilities reach this sum (Holtzman et al., 2020).
        seed: of the random numbers.
    """

    temperature: float = 0.0
    top_k: CountOrNone = 0
    top_p: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        if self.temperature < 0 or not 0 < self.top_p <= 1:
            raise ValueError("temperature must not be negative, and top_p above 0 and at most 1")


@description(frozen=True, kw_only=True)
class Beam:
    """Keep the best `size` hypotheses.

    Attributes:
        size: K, the width of the beam.
        length_penalty: the log-probability is divided by ((5 + length) / 6) to this power (Wu et al., 2016, section 7);
            0 prefers short answers, 1 long ones.
        returned: the number of answers to return; the search ends when no better ones are possible.
    """

    size: Count = 5
    length_penalty: float = 1.0
    returned: Count = 1

    def __post_init__(self) -> None:
        if self.returned > self.size or self.length_penalty < 0:
            raise ValueError("returned is at most size, and length_penalty not negative")


class _Written(NamedTuple):
    step: Array
    token: Array
    tokens: Array
    total: Array
    ended: Array
    state: State


def sample(
    model: Decodes,
    memory: Memory,
    rows: Array,
    there: Array,
    how: Sampling,
    *,
    start: int,
    end: int,
    maximum: int,
    seed: Array | None = None,
) -> Answers:
    """Decode greedily or by sampling.

    Args:
        model: the decoder.
        memory: the encoded B sources.
        rows: (B,) numbers that seed the random numbers of each row, so that they do not depend on the batch.
        there: (B,) which rows are wanted; others only fill the batch.
        how: how tokens are sampled.
        start: the id of the start.
        end: the id of the end.
        maximum: the most tokens of an answer, including its end.
        seed: replaces that of `how`, so that one program serves all seeds.

    Returns:
        One answer (K = 1) for each row, of at least one token before its end; its log-probability is that of the
        model, without temperature, top-k and top-p.
    """
    first_key = jax.random.key(how.seed if seed is None else seed)
    keys = jax.vmap(lambda row: jax.random.fold_in(first_key, row))(rows)

    def one(now: _Written) -> _Written:
        logits, state = model.step(memory, now.state, now.token)
        token = jnp.where(now.ended, PAD, _draw(_without_end_at_first(logits, now.step, end), keys, now.step, how))
        gained = jnp.take_along_axis(jax.nn.log_softmax(logits), token[:, None], axis=1)[:, 0]
        total = now.total + jnp.where(now.ended, 0.0, gained)
        tokens = now.tokens.at[:, now.step].set(token)
        return _Written(now.step + 1, token, tokens, total, now.ended | (token == end), state)

    count = there.shape[0]
    first = _Written(
        jnp.int32(0),
        jnp.full(count, start, "int32"),
        jnp.full((count, maximum), PAD, "int32"),
        jnp.zeros(count),
        ~there,
        model.start(memory, min(ROOM, maximum)),
    )
    last = _in_stages(model, first, one, lambda now: ~now.ended.all(), maximum)
    return Answers(last.tokens[:, None], last.total[:, None], last.total[:, None])


def _without_end_at_first(scores: Array, step: Array, end: int) -> Array:
    """(B, V) scores, with the end impossible at the first step."""
    return jnp.where((step == 0) & (jnp.arange(scores.shape[-1]) == end), IMPOSSIBLE, scores)


def _in_stages(
    model: Decodes, now: Any, one: Callable[[Any], Any], goes_on: Callable[[Any], Array], maximum: int
) -> Any:
    """Take at most `maximum` steps of a search; the state's capacity is doubled when it is full."""

    def has_room(room: int, now: Any) -> Array:
        fits: Array = (now.step < room) & goes_on(now)
        return fits

    room = min(ROOM, maximum)
    while True:
        now = lax.while_loop(partial(has_room, room), one, now)
        if room == maximum:
            return now
        room = min(2 * room, maximum)
        now = now._replace(state=model.grown(now.state, room))


def _draw(logits: Array, keys: Array, step: Array, how: Sampling) -> Array:
    """Draw (B,) ids from (B, V) logits, never that of padding."""
    numbers = jnp.arange(logits.shape[-1], dtype="int32")
    logits = jnp.where(numbers == PAD, IMPOSSIBLE, logits)
    if how.temperature == 0:
        # The first that is as large as the largest; XLA's own argmax takes ten times as long.
        largest = logits.max(axis=-1, keepdims=True)
        return jnp.where(logits >= largest, numbers, len(numbers) - 1).min(axis=-1)
    logits = logits / how.temperature
    if how.top_k:
        lowest = lax.top_k(logits, min(how.top_k, logits.shape[-1]))[0][:, -1:]
        logits = jnp.where(logits < lowest, IMPOSSIBLE, logits)
    if how.top_p < 1:
        falling = -jnp.sort(-logits, axis=-1)
        p = jax.nn.softmax(falling, axis=-1)
        kept = jnp.cumsum(p, axis=-1) - p < how.top_p  # those before have not reached the sum
        lowest = jnp.min(jnp.where(kept, falling, jnp.inf), axis=-1, keepdims=True)
        logits = jnp.where(logits < lowest, IMPOSSIBLE, logits)
    draw = jax.vmap(lambda key, row: jax.random.categorical(jax.random.fold_in(key, step), row))
    return jnp.asarray(draw(keys, logits), "int32")  # type: ignore[no-untyped-call]


class _Beams(NamedTuple):
    step: Array
    tokens: Array  # (B, K, T) of those that go on
    totals: Array  # (B, K)
    state: State
    done_tokens: Array  # (B, K, T) of those that have ended
    done_totals: Array  # (B, K)
    done_scores: Array  # (B, K)


def beam_search(
    model: Decodes, memory: Memory, there: Array, how: Beam, *, start: int, end: int, maximum: int
) -> Answers:
    """Decode by beam search.

    A hypothesis ends if its end is among the K best continuations; 2 K are considered, so that K always continue.

    Args:
        model: the decoder.
        memory: the encoded B sources.
        there: (B,) which rows are wanted; others only fill the batch.
        how: the beam.
        start: the id of the start.
        end: the id of the end.
        maximum: the most tokens of an answer, including its end.

    Returns:
        K answers for each row, of at least one token before their end; those that have ended come before those that
        were cut at the maximum.
    """
    rows, size = there.shape[0], how.size
    memory = jax.tree.map(lambda leaf: jnp.repeat(leaf, size, axis=0), memory)

    def one(now: _Beams) -> _Beams:
        token = jnp.where(now.step > 0, now.tokens[:, :, jnp.maximum(now.step - 1, 0)], start)
        logits, state = model.step(memory, now.state, token.reshape(-1))
        gained = _without_end_at_first(jax.nn.log_softmax(logits), now.step, end)
        gained = gained.at[:, PAD].set(IMPOSSIBLE).reshape(rows, size, -1)
        vocabulary = gained.shape[-1]
        totals, places = lax.top_k((now.totals[:, :, None] + gained).reshape(rows, -1), 2 * size)
        parents, chosen = places // vocabulary, (places % vocabulary).astype("int32")
        tokens = jnp.take_along_axis(now.tokens, parents[:, :, None], axis=1).at[:, :, now.step].set(chosen)
        ends = chosen == end
        # Those that end, and are among the K best.
        scores = totals / _penalty(now.step + 1, how)
        scores = jnp.where(ends & (jnp.arange(2 * size) < size) & (totals > IMPOSSIBLE / 2), scores, IMPOSSIBLE)
        done = _best(
            size,
            jnp.concatenate([now.done_scores, scores], axis=1),
            jnp.concatenate([now.done_totals, totals], axis=1),
            jnp.concatenate([now.done_tokens, tokens], axis=1),
        )
        # The K best of those that do not.
        totals, _, tokens, parents = _best(size, jnp.where(ends, IMPOSSIBLE, totals), totals, tokens, parents)
        places = (jnp.arange(rows)[:, None] * size + parents).reshape(-1)
        state = jax.tree.map(lambda leaf: leaf[places], state)
        return _Beams(now.step + 1, tokens, totals, state, done[2], done[1], done[0])

    def goes_on(now: _Beams) -> Array:
        best = now.totals[:, 0] / _penalty(jnp.int32(maximum), how)  # what the best beginning can come to at most
        return (there & (best > now.done_scores[:, how.returned - 1])).any()

    none = jnp.full((rows, size), IMPOSSIBLE)
    empty = jnp.full((rows, size, maximum), PAD, "int32")
    start_state = model.start(memory, min(ROOM, maximum))
    first = _Beams(jnp.int32(0), empty, none.at[:, 0].set(0.0), start_state, empty, none, none)
    last = _in_stages(model, first, one, goes_on, maximum)
    return _answers(last, how, maximum)


def _answers(last: _Beams, how: Beam, maximum: int) -> Answers:
    """The best hypotheses that have ended, then those that were cut at the maximum."""
    cut = last.totals / _penalty(jnp.int32(maximum), how)
    ranks = jnp.concatenate([last.done_scores, cut + IMPOSSIBLE / 2], axis=1)
    scores = jnp.concatenate([last.done_scores, cut], axis=1)
    totals = jnp.concatenate([last.done_totals, last.totals], axis=1)
    tokens = jnp.concatenate([last.done_tokens, last.tokens], axis=1)
    _, scores, totals, tokens = _best(how.size, ranks, scores, totals, tokens)
    return Answers(tokens, totals, scores)


def _penalty(length: Array, how: Beam) -> Array:
    return ((5.0 + length) / 6.0) ** how.length_penalty


def _best(size: int, ranks: Array, *others: Array) -> tuple[Array, ...]:
    """The entries (B, K, ...) of the K highest ranks among (B, N)."""
    ranks, places = lax.top_k(ranks, size)
    chosen: list[Any] = [
        jnp.take_along_axis(other, places.reshape(*places.shape, *[1] * (other.ndim - 2)), axis=1) for other in others
    ]
    return ranks, *chosen
