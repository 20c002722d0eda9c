"""The state that the parts of a server share."""

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
    """A model and the types of its requests; a request keeps the same one until it is answered."""

    loaded: Loaded
    schemas: Schemas


@dataclass(eq=False)
class State:
    """The state of a server.

    Attributes:
        settings: its limits.
        served: the model for new requests.
        say: logs a line.
        leaving: whether it is shutting down.
        metrics: of the server.
        work: the queue of the model.
        streams: the open streams.
        bodies: reads bodies within a limit for all of them.
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
        """The state of a server that serves a model."""
        return cls(settings, Served(loaded, schemas_of(loaded, settings)), say)

    def swap(self, loaded: Loaded) -> None:
        """Serve another model for new requests; those that have been read are answered by the one before."""
        self.served = Served(loaded, schemas_of(loaded, self.settings))
        self.metrics.model(**loaded.named)


async def unless_gone(request: Request, answer: Awaitable[T]) -> T:
    """Wait for an answer, and cancel it if the client disconnects; the body must have been read.

    Raises:
        Gone: the client has disconnected.
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
