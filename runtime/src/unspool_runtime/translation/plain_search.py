"""Greedy and beam search in NumPy, one source at a time, over any model that writes step by step."""

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from unspool_runtime.translation.searching import Answer, Search

Floats32 = NDArray[np.float32]
State = Any
"""What a model keeps of what was written: a list of tuples of arrays, with a row for each beginning."""


class Decoder(Protocol):
    """What a search needs of a model that has read one source."""

    def start(self) -> State:
        """The state before the first step, of one beginning."""
        ...

    def step(self, kept: State, tokens: list[int], place: int) -> tuple[Floats32, State]:
        """(B,) ids at a place to the logits of what follows, (B, V), and the state after it."""
        ...


def plain_search(decoder: Decoder, how: Search) -> list[Answer]:
    """Search for the answers to one source, the best first."""
    return _greedy(decoder, how) if how.beam == 1 else _beam(decoder, how)


def _gained(logits: Floats32, place: int, how: Search) -> Floats32:
    """(B, V) log-probabilities; -inf for ids that must not be written: 0, and the end as the first id."""
    found = _log_softmax(logits)
    found[:, 0 if place else [0, how.end]] = -np.inf
    return found


def _log_softmax(logits: Floats32) -> Floats32:
    shifted = logits - logits.max(axis=-1, keepdims=True)
    found: Floats32 = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return found


def _greedy(decoder: Decoder, how: Search) -> list[Answer]:
    kept, ids, total = decoder.start(), list[int](), np.float32(0)
    for place in range(how.maximum):
        logits, kept = decoder.step(kept, [ids[-1] if ids else how.start], place)
        gained = _gained(logits, place, how)[0]
        chosen = int(gained.argmax())
        total += gained[chosen]
        if chosen == how.end or np.isnan(total):
            return [Answer(ids, float(total), float(total), chosen == how.end)]
        ids.append(chosen)
    return [Answer(ids, float(total), float(total), False)]


def _beam(decoder: Decoder, how: Search) -> list[Answer]:
    kept, done = decoder.start(), list[Answer]()
    live = [(np.float32(0), list[int]())]
    for place in range(how.maximum):
        logits, after = decoder.step(kept, [ids[-1] if ids else how.start for _, ids in live], place)
        totals = np.array([total for total, _ in live])[:, None] + _gained(logits, place, how)
        following, parents = list[tuple[np.float32, list[int]]](), list[int]()
        for rank, (parent, token) in enumerate(_best(totals, 2 * how.beam)):
            total, ids = totals[parent, token], live[parent][1]
            if token == how.end:
                if rank < how.beam:
                    done.append(Answer(ids, float(total), float(total / np.float32(how.penalty(place + 1))), True))
            elif len(following) < how.beam:
                following.append((total, [*ids, token]))
                parents.append(parent)
        if not np.isfinite(totals).any():  # the model's numbers are too large
            return [Answer(live[0][1], float("nan"), float("nan"), False)]
        done = sorted(done, key=lambda one: -one.score)[: how.beam]
        live = following
        kept = [tuple(array[parents] for array in part) for part in after]
        if not live:
            break
        hoped = live[0][0] / np.float32(how.penalty(how.maximum))
        if len(done) >= how.returned and not hoped > done[how.returned - 1].score:
            break
    cut = np.float32(how.penalty(how.maximum))
    left = [Answer(ids, float(total), float(total / cut), False) for total, ids in live]
    return [*done, *left][: how.returned]


def _best(totals: Floats32, count: int) -> Iterator[tuple[int, int]]:
    """The places of the largest finite numbers of (B, V), of equal ones the first."""
    flat = totals.ravel()
    usable = np.flatnonzero(np.isfinite(flat))
    if len(usable) > count:
        least = -np.partition(-flat[usable], count - 1)[count - 1]
        usable = usable[flat[usable] >= least]
    order = usable[np.argsort(-flat[usable], kind="stable")][:count]
    return ((int(place) // totals.shape[1], int(place) % totals.shape[1]) for place in order)
