"""Streams: series that clients send step by step, whose state is kept between requests."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from unspool.serving.loaded import Loaded
from unspool.serving.metrics import Metrics
from unspool.serving.refusals import Full, Refusal
from unspool_runtime import Model, Stream


@dataclass(eq=False)
class Session:
    """An open stream, which keeps the model that it was opened with.

    Attributes:
        model: that reads it.
        stream: its state.
        used: the time of its last use.
    """

    model: Loaded
    stream: Stream
    used: float = 0.0

    def push(self, steps: list[float | list[float]]) -> list[dict[str, Any]]:
        """Read the next steps, all or none, and return the answer after each; of one channel, a step may be a number.

        Raises:
            InputError: the model cannot read a step; then none was read.
        """
        ahead = self.stream.take([0])
        answers = [_answer(self.model.model, ahead.push([np.atleast_1d(step)])) for step in steps]
        self.stream = ahead
        return answers


def _answer(model: Model, given: Any) -> dict[str, Any]:
    """The answer after a step; `given` holds probabilities, or a number."""
    outputs = given[:, 1:] if model.task == "binary" else given
    found: dict[str, Any] = {"prediction": model.decide(outputs)[0]}
    if model.labels:
        found["probabilities"] = dict(zip(model.labels, given[0].tolist(), strict=True))
    return found


class Streams:
    """All open streams, by random names.

    Args:
        most: the most open streams.
        idle: seconds after which an unused stream is closed.
        metrics: to count streams in.
        clock: returns the time in seconds.
    """

    def __init__(self, most: int, idle: float, metrics: Metrics, clock: Callable[[], float] = time.monotonic):
        self._most, self._idle, self._metrics, self._clock = most, idle, metrics, clock
        self._open: dict[str, Session] = {}

    def begin(self, model: Loaded, saved: bytes | None = None) -> str:
        """Open a stream, perhaps from a saved state, and return its name.

        Raises:
            InputError: the model does not read streams, or the state is of another model.
            Full: too many streams are open.
        """
        self.evict()
        if len(self._open) >= self._most:
            raise Full(f"{len(self._open)} streams are open, which is the limit.", self._idle)
        name = secrets.token_urlsafe(16)
        self._open[name] = Session(model, model.model.stream(saved=saved), used=self._clock())
        self._metrics.streams.set(len(self._open))
        return name

    def find(self, name: str) -> Session:
        """The stream of that name, which counts as a use of it.

        Raises:
            Refusal: there is none of that name.
        """
        self.evict()
        if name not in self._open:
            raise Refusal(
                404,
                f"No such stream: it was closed, or was idle for {self._idle:g} s. Open a new one.",
            )
        found = self._open.pop(name)  # and to the end: the one that was used longest ago stands first
        self._open[name] = found
        found.used = self._clock()
        return found

    def end(self, name: str) -> None:
        """Close a stream.

        Raises:
            Refusal: there is none of that name.
        """
        self.find(name)
        del self._open[name]
        self._metrics.streams.set(len(self._open))

    def evict(self) -> None:
        """Close streams that have been idle for too long."""
        last = self._clock() - self._idle
        for name, session in list(self._open.items()):
            if session.used >= last:
                break
            del self._open[name]
        self._metrics.streams.set(len(self._open))
