"""Dynamic batching: a bounded queue, and one thread that computes all waiting requests together.

No request waits for a batch to fill: if the thread is idle, it is computed at once. Requests that arrive meanwhile
form the next batch.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from unspool.serving.loaded import Loaded, Translating
from unspool.serving.metrics import Metrics
from unspool.serving.refusals import Full

AT_ONCE = 256
"""The most examples in a batch, unless one request has more."""
_SMOOTHING = 0.2
_FIRST_GUESS = 1e-3


@dataclass(eq=False)
class _Job:
    """Something to compute: the answers to examples, or a function to call.

    Attributes:
        size: the number of examples, or of steps of a series.
        answer: the future of the result; cancelled if the client has left.
        model: that answers the examples.
        examples: raw examples.
        how: options for a model that translates.
        call: the function to call instead.
    """

    size: int
    answer: asyncio.Future[Any]
    model: Loaded | None = None
    examples: Sequence[Any] = ()
    how: Translating | None = None
    call: Callable[[], Any] | None = None


class Work:
    """The queue and its thread.

    Args:
        most: examples that may wait; a request that comes while fewer wait is accepted whole.
        metrics: to count batches and waiting examples in.
    """

    def __init__(self, most: int, metrics: Metrics):
        self._most, self._metrics = most, metrics
        self._jobs: deque[_Job] = deque()
        self._asked: set[asyncio.Future[Any]] = set()  # that somebody waits for, in the queue or being computed
        self._there = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, "model")
        self._waiting = 0
        self._seconds = _FIRST_GUESS
        """Per example, an exponential moving average."""

    @property
    def waiting(self) -> int:
        """The number of examples in the queue."""
        return self._waiting

    def refuse_if_full(self) -> None:
        """Refuse a request before its body is read if the queue is full.

        Raises:
            Full: the most examples are waiting.
        """
        if self._waiting >= self._most:
            raise Full(f"The queue is full: {self._waiting} examples are waiting.", self._waiting * self._seconds)

    def refuse_all(self, why: str) -> None:
        """Refuse all requests that still wait, in the queue or for the thread: they get 503 with Retry-After."""
        for answer in tuple(self._asked):
            _give(answer, Full(why))

    async def answers(self, model: Loaded, examples: Sequence[Any], how: Translating | None = None) -> Any:
        """Answer N raw examples, see `Loaded.answers`, in one batch with those of other requests.

        Raises:
            InputError: the model cannot read an example.
            Full: too many examples are waiting.
        """
        return await self._answer(_Job(len(examples), self._future(), model, examples, how))

    async def call(self, function: Callable[[], Any], size: int) -> Any:
        """Call a function in the thread, in turn; it counts as `size` examples.

        Raises:
            Full: too many examples are waiting.
        """
        return await self._answer(_Job(size, self._future(), call=function))

    async def run(self) -> None:
        """Compute until cancelled."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                await self._there.wait()
                if not (jobs := self._taken()):
                    continue
                begun = time.perf_counter()
                try:
                    answers = await loop.run_in_executor(self._thread, _computed, jobs)
                except Exception as error:  # no thread could be started: those who wait learn of it
                    answers = [error] * len(jobs)
                size = sum(job.size for job in jobs)
                self._seconds += _SMOOTHING * ((time.perf_counter() - begun) / size - self._seconds)
                self._metrics.batch(size)
                for job, answer in zip(jobs, answers, strict=True):
                    _give(job.answer, answer)
        finally:
            self._thread.shutdown(wait=False)

    @staticmethod
    def _future() -> asyncio.Future[Any]:
        return asyncio.get_running_loop().create_future()

    async def _answer(self, job: _Job) -> Any:
        self.refuse_if_full()
        self._asked.add(job.answer)
        job.answer.add_done_callback(self._asked.discard)
        self._jobs.append(job)
        self._count(job.size)
        self._there.set()
        return await job.answer

    def _taken(self) -> list[_Job]:
        """Take the next batch of jobs, without those whose client has left."""
        found: list[_Job] = []
        size = 0
        while self._jobs and (not found or size + self._jobs[0].size <= AT_ONCE):
            job = self._jobs.popleft()
            self._count(-job.size)
            if not job.answer.done():
                found.append(job)
                size += job.size
        if not self._jobs:
            self._there.clear()
        return found

    def _count(self, size: int) -> None:
        self._waiting += size
        self._metrics.waiting.set(self._waiting)


def _give(future: asyncio.Future[Any], answer: Any) -> None:
    if future.done():
        return
    if isinstance(answer, Exception):
        future.set_exception(answer)
    else:
        future.set_result(answer)


def _computed(jobs: list[_Job]) -> list[Any]:
    """The result of each job, or the exception that it raised.

    Examples for the same model with the same options are computed together.
    """
    answers: dict[_Job, Any] = {}
    together: dict[tuple[Loaded, Translating | None], list[_Job]] = {}
    for job in jobs:
        if job.call is not None:
            answers[job] = _tried(job.call)
        elif job.model is not None:
            together.setdefault((job.model, job.how), []).append(job)
    for (model, how), some in together.items():
        answers |= zip(some, _answers(model, how, some), strict=True)
    return [answers[job] for job in jobs]


def _answers(model: Loaded, how: Translating | None, jobs: list[_Job]) -> list[Any]:
    examples = [one for job in jobs for one in job.examples]
    answers = _tried(lambda: model.answers(examples, how))
    if isinstance(answers, Exception):
        if len(jobs) == 1:
            return [answers]
        # One request's fault is not another's: each is asked alone.
        return [_tried(lambda job=job: model.answers(job.examples, how)) for job in jobs]  # type: ignore[misc]
    found, start = [], 0
    for job in jobs:
        found.append(answers[start : start + job.size])
        start += job.size
    return found


def _tried(function: Callable[[], Any]) -> Any:
    """The result of a function, or the exception that it raised."""
    try:
        return function()
    except Exception as error:  # whatever it is, it must reach the one who asked, and the thread must go on
        return error
