"""The server process: its socket, timeouts and signals."""

import asyncio
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

import uvicorn

from unspool.serving.app import application
from unspool.serving.listener import address_of, opened, refuse_newcomers
from unspool.serving.page import Pages
from unspool.serving.protocol import MOST_HEAD, PatientProtocol, patient_protocol
from unspool.serving.reloading import Copies
from unspool.serving.scratch import scratch_folder
from unspool.serving.settings import Settings
from unspool.serving.source import Source
from unspool.serving.state import State

KEEP_ALIVE = 30
"""Seconds that a connection stays open between two requests."""
FINISH = 30
"""Seconds to finish open requests when the server shuts down; those that still wait are then refused."""
LEAVE = 5
"""Seconds to send these refusals, before connections are closed."""
SETTLE = 0.1
"""Seconds to accept pending connections before the port closes."""
LINGER = 10
"""Tenths of a second for a connected client to send its first request once the port is closed."""
SWITCH = 1e-4
"""Python's thread switch interval in seconds. With the default of 5 ms, responses would wait that long for the GIL,
more than once, while the model's thread reads texts in Python."""
BACKLOG = 1024


class DrainingServer(uvicorn.Server):
    """Shuts down in three steps: reports not ready, closes the port, and answers open requests."""

    def __init__(self, config: uvicorn.Config, state: State):
        super().__init__(config)
        self._state = state
        self._loop: asyncio.AbstractEventLoop | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """The first SIGTERM gives load balancers time to notice; Ctrl-C and a second signal do not."""
        first, self._state.leaving = not self._state.leaving, True
        if first and sig == signal.SIGTERM and self._loop is not None:
            # Not said here: the signal may have come in the middle of another line of the log.
            self._loop.call_soon_threadsafe(self._begin_to_leave, self._loop)
            return
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen, and log the address."""
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)
        for one in sockets or ():
            self._state.say(f"serving at {address_of(one)}")

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close the port, then answer connected clients, even if their request has not arrived yet."""
        for listening in sockets or ():
            refuse_newcomers(listening)
        await asyncio.sleep(SETTLE)
        for one in self.servers:
            one.close()
        for _ in range(LINGER):
            if not any(isinstance(one, PatientProtocol) and one.is_new for one in self.server_state.connections):
                break
            await asyncio.sleep(0.1)
        asyncio.get_running_loop().call_later(FINISH, self._state.work.refuse_all, "The server is shutting down.")
        await super().shutdown(sockets)

    def _begin_to_leave(self, loop: asyncio.AbstractEventLoop) -> None:
        drain = self._state.settings.drain
        self._state.say(f"shutting down in {drain:g} s; /readyz reports not ready")
        loop.call_later(drain, self._close)

    def _close(self) -> None:
        self.should_exit = True


def serve(path: Path, settings: Settings, say: Callable[[str], None]) -> None:
    """Serve a model until a signal arrives.

    Args:
        path: of a portable model, or of a run's folder.
        settings: limits and access.
        say: logs a line.

    Raises:
        UserError: the model cannot be served, or the port is taken.
    """

    def tell(line: str) -> None:
        with suppress(OSError):  # whoever read the log has gone; the server stays
            say(line)

    source = Source(path)
    with opened(settings) as listening, scratch_folder() as folder, _switching(SWITCH):
        if source.is_folder:
            tell(f"exporting {path} (takes a few seconds)")
        copies = Copies(source, folder)
        loaded = copies.load()
        state = State.of(loaded, settings, tell)
        config = uvicorn.Config(
            application(state, source, copies, Pages(folder)),
            http=patient_protocol(settings.connections, settings.slow, state.metrics),
            ws="none",
            loop="asyncio",
            lifespan="on",
            log_level="critical",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            backlog=BACKLOG,
            timeout_keep_alive=KEEP_ALIVE,
            timeout_graceful_shutdown=FINISH + LEAVE,
            h11_max_incomplete_event_size=MOST_HEAD,
        )
        tell(f"{loaded.name}, version {loaded.version}: {loaded.check}")
        DrainingServer(config, state).run([listening])


@contextmanager
def _switching(seconds: float) -> Iterator[None]:
    """Set Python's thread switch interval within the block."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(seconds)
    try:
        yield
    finally:
        sys.setswitchinterval(before)
