"""What the parts of one server share."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from starlette.requests import Request

from unspool.serving.bodies import Bodies
from unspool.serving.loaded import Loaded
from unspool.serving.metrics import Metrics
from unspool.serving.refusals import Gone
from unspool.serving.schemas import Schemas, schemas_of
from unspool.serving.settings import Settings
from unspool.serving.streams import Streams
from unspool.serving.work import Work

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Served:
    """A model and the types of its requests: what a request takes once, and keeps until it is answered."""

    loaded: Loaded
    schemas: Schemas


@dataclass(eq=False)
class State:
    """A server.

    Attributes:
        settings: its limits.
        served: the model that answers requests from now on.
        say: tells a line of its log.
        leaving: whether it has been asked to end.
        metrics: that count.
        work: what waits for the model.
        streams: that are open.
        bodies: that are read.
    """

    settings: Settings
    served: Served
    say: Callable[[str], None]
    leaving: bool = False
    metrics: Metrics = field(default_factory=Metrics)
    work: Work = field(init=False)
    streams: Streams = field(init=False)
    bodies: Bodies = field(init=False)

    def __post_init__(self) -> None:
        settings = self.settings
        self.work = Work(settings.queue, self.metrics)
        self.streams = Streams(settings.streams, settings.idle, self.metrics)
        self.bodies = Bodies(settings.body, settings.bodies, settings.slow)
        self.metrics.model(**self.served.loaded.named)

    @classmethod
    def of(cls, loaded: Loaded, settings: Settings, say: Callable[[str], None]) -> "State":
        """A server of a model."""
        return cls(settings, Served(loaded, schemas_of(loaded, settings)), say)

    def swap(self, loaded: Loaded) -> None:
        """Serve another model from now on. What has been read for the one before is answered by that."""
        self.served = Served(loaded, schemas_of(loaded, self.settings))
        self.metrics.model(**loaded.named)


async def unless_gone(request: Request, answer: Awaitable[T]) -> T:
    """Wait for an answer, and give up on it when the client leaves, whose body has been read.

    Raises:
        Gone: it has left.
    """
    task = asyncio.ensure_future(answer)
    left = asyncio.ensure_future(_left(request))
    try:
        await asyncio.wait((task, left), return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise Gone
        return task.result()
    finally:
        task.cancel()
        left.cancel()


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
