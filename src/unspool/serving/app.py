"""The server as an ASGI application."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from starlette.routing import Router
from starlette.types import ASGIApp

from unspool.serving.endpoints import Endpoints
from unspool.serving.gate import Gate
from unspool.serving.page import Pages
from unspool.serving.reloading import Copies, watch
from unspool.serving.source import Source
from unspool.serving.state import State


def application(state: State, source: Source, copies: Copies, pages: Pages) -> ASGIApp:
    """Put a server together; it computes and watches its model while the application lives.

    Args:
        state: of the server.
        source: of its model.
        copies: that it loads.
        pages: at /.
    """

    @asynccontextmanager
    async def lifespan(app: Router) -> AsyncIterator[None]:
        tasks = [
            asyncio.create_task(state.work.run(), name="work"),
            asyncio.create_task(watch(state, source, copies), name="watch"),
        ]
        yield
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    router = Router(Endpoints(state, pages).routes(), lifespan=lifespan, redirect_slashes=False)
    return Gate(router, state.settings, state.metrics, lambda: state.leaving, state.say)
