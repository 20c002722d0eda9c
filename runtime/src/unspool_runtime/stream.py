"""Series that arrive step by step: what a model says after each, from a state that can be kept."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool_runtime.answers import Answers, Floats
from unspool_runtime.errors import InputError
from unspool_runtime.networks import Network
from unspool_runtime.networks.recurrent import State
from unspool_runtime.readers import SeriesReader

MOST_SESSIONS = 1 << 20
_MARK, _EARLIER = b"unspool stream 2", b"unspool stream 1"
_MOST_STEPS = 1 << 63


class Stream:
    """One series, or several at once, read step by step. A stream is used by one thread at a time.

    After each step the model's answer is that to all steps so far, to the bit. (A model that reads at most the last
    steps of a series, see `length` in its description, reads all of them here.)

    Args:
        network: that reads in one direction and pools nothing.
        reader: of its series.
        answers: its task.
        sessions: N series.
        digest: of the model's weights, so that a state is not given to another model.

    Attributes:
        steps: the number of steps that were read so far, those before a saved state included.
    """

    def __init__(self, network: Network, reader: SeriesReader, answers: Answers, sessions: int, digest: str):
        if not network.streams:
            raise InputError(
                "This model cannot read a stream: it also reads from the last step to the first, or pools all steps. "
                "Train one with `unspool train FILE --streaming`."
            )
        if not 0 < sessions <= MOST_SESSIONS:
            raise InputError(f"{sessions} sessions: there must be one to {MOST_SESSIONS:,}.")
        self._network, self._reader, self._answers, self._digest = network, reader, answers, digest
        self._states: list[State] = network.start(sessions)
        self.steps = 0

    @property
    def sessions(self) -> int:
        """N."""
        return len(self._states[0][0])

    def push(self, steps: Any) -> Floats:
        """Read the next step of each series.

        Args:
            steps: (N, C) finite numbers; (C,) of one series.

        Returns:
            (N, L) the probability of each label so far, or (N, 1) a number.

        Raises:
            InputError: they are not; then nothing was read.
        """
        given = np.asarray(steps)
        width = self._reader.width
        given = given[None] if given.ndim == 1 and self.sessions == 1 else given
        if given.dtype.kind not in "iuf" or given.shape != (self.sessions, width):
            raise InputError(f"A step is {given.shape}; this stream takes ({self.sessions}, {width}) numbers.")
        with np.errstate(over="ignore"):  # what is too large becomes infinite, and is refused
            standardised = ((given - self._reader.mean) / self._reader.scale).astype(np.float32)
        if not np.isfinite(standardised).all():
            raise InputError("A number of this step is missing or infinite: a stream does not know what comes next.")
        values, self._states = self._network.step(standardised[:, None, :], self._states)
        self.steps += 1
        outputs = self._answers.of_head(values)
        return self._answers.probabilities(outputs) if self._answers.labels else outputs

    def save(self) -> bytes:
        """The states of all series, for `Model.stream` on this machine or another."""
        numbers = [np.ascontiguousarray(one, "<f4").tobytes() for state in self._states for one in state]
        return b"".join((self._head(), self.steps.to_bytes(8, "little"), *numbers))

    def restore(self, saved: bytes) -> None:
        """Go on from what `save` gave.

        Raises:
            InputError: it is of another model, of another number of series, or damaged.
        """
        head = self._head()
        if saved.startswith(_EARLIER):
            raise InputError("This state was saved by an earlier version. Begin a new stream.")
        if not saved.startswith(head[:-8]):
            raise InputError("This state is of another model, or is none.")
        steps, rest = int.from_bytes(saved[len(head) : len(head) + 8], "little"), saved[len(head) + 8 :]
        numbers = np.frombuffer(rest[: len(rest) // 4 * 4], "<f4")
        sizes = [one.size for state in self._states for one in state]
        whole = saved.startswith(head) and len(rest) == 4 * sum(sizes) and steps < _MOST_STEPS
        if not whole or not np.isfinite(numbers).all():
            raise InputError(f"This state is damaged, or not of {self.sessions} series.")
        parts = np.split(numbers.astype(np.float32), np.cumsum(sizes)[:-1])
        shaped = [part.reshape(self.sessions, -1) for part in parts]
        self._states, self.steps = list(zip(shaped[::2], shaped[1::2], strict=True)), steps

    def take(self, rows: Any) -> "Stream":
        """A stream of some of the series, numbered from 0, as they are now.

        Raises:
            InputError: there is no series of such a number.
        """
        chosen: NDArray[np.int64] = np.asarray(rows, np.int64).reshape(-1)
        if not len(chosen) or chosen.min() < 0 or chosen.max() >= self.sessions:
            raise InputError(f"Series are numbered from 0 to {self.sessions - 1}.")
        found = Stream(self._network, self._reader, self._answers, len(chosen), self._digest)
        found._states, found.steps = [(h[chosen], c[chosen]) for h, c in self._states], self.steps
        return found

    def _head(self) -> bytes:
        return b"".join((_MARK, bytes.fromhex(self._digest), self.sessions.to_bytes(8, "little")))
