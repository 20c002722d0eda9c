"""Clients on 127.0.0.1: at a rate that the server does not slow down, or each after the answer to the one before."""

import asyncio
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field

MOST_WAITING = 30.0
"""Seconds that an answer may take."""


@dataclass
class Waits:
    """Seconds that answers of one kind took.

    Attributes:
        since_due: since the request was due; what a busy client sent late counts as late.
        since_sent: since the request was sent.
    """

    since_due: list[float] = field(default_factory=list)
    since_sent: list[float] = field(default_factory=list)


@dataclass
class Answers:
    """What came back.

    Attributes:
        accepted: of requests that were answered with 200.
        refused: of requests that were refused with 503.
        without_retry: refusals without Retry-After.
        others: answers of other statuses.
        lost: requests that were sent and not answered.
    """

    accepted: Waits = field(default_factory=Waits)
    refused: Waits = field(default_factory=Waits)
    without_retry: int = 0
    others: int = 0
    lost: int = 0

    @property
    def count(self) -> int:
        """Of all requests."""
        return len(self.accepted.since_sent) + len(self.refused.since_sent) + self.others + self.lost

    def add(self, status: int, head: bytes, due: float, sent: float) -> None:
        """Count an answer to a request that was due and sent at these times."""
        if status not in (200, 503):
            self.others += 1
            return
        waits, now = self.accepted if status == 200 else self.refused, time.perf_counter()
        waits.since_due.append(now - due)
        waits.since_sent.append(now - sent)
        self.without_retry += status == 503 and b"retry-after:" not in head


def request_of(body: bytes, path: str = "/predict") -> bytes:
    """A request as it goes over the wire."""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


class Connection:
    """A connection that is used again and again, and opened anew when it was closed."""

    def __init__(self, port: int):
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def open(self) -> None:
        """Connect, if need be."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Send a request, and return the answer's status and its head in lower case.

        Raises:
            OSError: there is no answer.
            EOFError: the same.
            TimeoutError: the same.
        """
        await self.open()
        assert self._streams is not None
        reader, writer = self._streams
        try:
            async with asyncio.timeout(MOST_WAITING):
                writer.write(request)
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
                await reader.readexactly(length)
        except BaseException:
            await self.close()
            raise
        if b"connection: close" in head:
            await self.close()
        return int(head[9:12]), head

    async def close(self) -> None:
        """Close it."""
        if self._streams is not None:
            (_, writer), self._streams = self._streams, None
            writer.close()
            with suppress(OSError):  # the server was faster
                await writer.wait_closed()


async def in_turn(port: int, request: bytes, seconds: float, clients: int) -> Answers:
    """Clients that each ask again once they are answered.

    Args:
        port: of the server.
        request: that all send.
        seconds: that they go on for.
        clients: so many.
    """
    found, end = Answers(), time.perf_counter() + seconds

    async def client() -> None:
        connection = Connection(port)
        while (begun := time.perf_counter()) < end:
            status, head = await connection.ask(request)
            found.add(status, head, begun, begun)
        await connection.close()

    await asyncio.gather(*(client() for _ in range(clients)))
    return found


async def at_a_rate(port: int, request: bytes, seconds: float, rate: float, connections: int) -> Answers:
    """Requests at even intervals, whether the ones before were answered or not.

    Args:
        port: of the server.
        request: that is sent.
        seconds: that it goes on for.
        rate: requests a second.
        connections: at most; a request that finds none free is sent late.
    """
    found, due = Answers(), deque[float]()
    there, over = asyncio.Event(), False

    async def client() -> None:
        connection = Connection(port)
        while due or not over:
            if not due:
                there.clear()
                await there.wait()
                continue
            wanted, begun = due.popleft(), time.perf_counter()
            try:
                status, head = await connection.ask(request)
                found.add(status, head, wanted, begun)
            except (OSError, EOFError, TimeoutError):
                found.lost += 1
        await connection.close()

    clients = [asyncio.create_task(client()) for _ in range(connections)]
    begun, sent = time.perf_counter(), 0
    while (now := time.perf_counter() - begun) < seconds:
        while sent < now * rate:
            due.append(begun + sent / rate)
            sent += 1
        there.set()
        await asyncio.sleep(0.001)
    over = True
    there.set()
    await asyncio.gather(*clients)
    return found


async def until_closed(port: int, request: bytes, clients: int, asked: asyncio.Event) -> Answers:
    """Clients that go on until the server takes no more connections; `asked` is set once some were answered.

    What was sent counts as lost if no answer comes. A refused connection ends a client: nothing was sent on it.
    """
    found = Answers()

    async def client() -> None:
        connection = Connection(port)
        while True:
            try:
                await connection.open()
            except OSError:
                return
            begun = time.perf_counter()
            try:
                status, head = await connection.ask(request)
            except (OSError, EOFError, TimeoutError):
                found.lost += 1
                continue
            found.add(status, head, begun, begun)
            if found.count >= 10 * clients:
                asked.set()

    await asyncio.gather(*(client() for _ in range(clients)))
    return found
