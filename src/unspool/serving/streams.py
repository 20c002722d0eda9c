"""Series that clients send step by step, each kept between two requests."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from unspool.serving.loaded import Loaded
from unspool.serving.metrics import Metrics
from unspool.serving.refusals import Full, Refusal
from unspool_runtime import Model, Stream


@dataclass(eq=False)
class Session:
    """A series that is being read, by the model that it began with.

    Attributes:
        model: that reads it.
        stream: where it has got to.
        steps: read so far.
        used: when it was last asked for.
    """

    model: Loaded
    stream: Stream
    steps: int = 0
    used: float = 0.0

    def push(self, steps: list[list[float]]) -> list[dict[str, Any]]:
        """Read the next steps, all or none: what the model says after each.

        Raises:
            InputError: a step is none that the model reads; then none was read.
        """
        ahead = self.stream.take([0])
        answers = [_answer(self.model.model, ahead.push([step])) for step in steps]
        self.stream, self.steps = ahead, self.steps + len(steps)
        return answers


def _answer(model: Model, given: Any) -> dict[str, Any]:
    """What is said after a step: `given` are probabilities, or a number."""
    outputs = given[:, 1:] if model.task == "binary" else given
    found: dict[str, Any] = {"prediction": model.decide(outputs)[0]}
    if model.labels:
        found["probabilities"] = dict(zip(model.labels, given[0].tolist(), strict=True))
    return found


class Streams:
    """All sessions, by names that cannot be guessed.

    Args:
        most: that may be open at once.
        idle: seconds after which one that is not used ends.
        metrics: that count them.
        clock: seconds.
    """

    def __init__(self, most: int, idle: float, metrics: Metrics, clock: Callable[[], float] = time.monotonic):
        self._most, self._idle, self._metrics, self._clock = most, idle, metrics, clock
        self._open: dict[str, Session] = {}

    def begin(self, model: Loaded, saved: bytes | None = None) -> str:
        """Begin a series, or go on from a saved state, and return its name.

        Raises:
            InputError: the model reads no streams, or the state is not one of its own.
            Full: too many are open.
        """
        self.evict()
        if len(self._open) >= self._most:
            raise Full(f"{len(self._open)} streams are open, which is the limit.", self._idle)
        name = secrets.token_urlsafe(16)
        self._open[name] = Session(model, model.model.stream(saved=saved), used=self._clock())
        self._metrics.streams.set(len(self._open))
        return name

    def find(self, name: str) -> Session:
        """A session, which counts as used.

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
        """End a series.

        Raises:
            Refusal: there is none of that name.
        """
        self.find(name)
        del self._open[name]
        self._metrics.streams.set(len(self._open))

    def evict(self) -> None:
        """End those that have not been used for long."""
        last = self._clock() - self._idle
        for name, session in list(self._open.items()):
            if session.used >= last:
                break
            del self._open[name]
        self._metrics.streams.set(len(self._open))
