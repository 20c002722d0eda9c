"""HTTP as uvicorn speaks it, with limits that it lacks: on connections, and on the time of slow clients."""

import asyncio
from typing import Any, ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from unspool.serving.bodies import encoded
from unspool.serving.metrics import Metrics


def _refusal(status: bytes, message: str) -> bytes:
    """An answer given here, without the application, whose answers `Gate` formats and counts."""
    body = encoded({"error": message})
    head = b"HTTP/1.1 %s\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    return head % (status, len(body)) + body


MOST_HEAD = 1 << 15
"""The most bytes of a request's line and headers."""
_PIECE = 1 << 10
_MOMENT = 1.0
_BUSY = _refusal(b"503 Service Unavailable\r\nRetry-After: 1", "Too many connections. Try again later.")
_INVALID = _refusal(b"400 Bad Request", "This is not a valid HTTP request, or its headers are too long.")


class PatientProtocol(H11Protocol):
    """A connection.

    Attributes:
        most: connections at once; one more is refused with Retry-After.
        refused: connections that are one too many, as long as they have to read so.
        seconds: that a client has to send the head of a request, from connecting or from its first byte, and to take
            some of an answer. (`Bodies` limits the time of a body.)
        metrics: count what is refused here, before it reaches the application.
    """

    metrics: Metrics
    most = 512
    seconds = 10.0
    refused: ClassVar[set["PatientProtocol"]] = set()
    _head: asyncio.TimerHandle | None = None
    _taking: asyncio.TimerHandle | None = None

    @property
    def is_new(self) -> bool:
        """Whether its first request is still to come."""
        return self.cycle is None

    def connection_made(self, transport: Any) -> None:
        """Refuse it, or wait for the head of a request."""
        super().connection_made(transport)
        if len(self.connections) > self.most:
            self._refuse()
            return
        self._head = self.loop.call_later(self.seconds, transport.close)

    def data_received(self, data: bytes) -> None:
        """Stop the clock when a head is complete, and start it when another begins."""
        if self.transport.is_closing() or self in self.refused:
            return
        before = self.cycle
        while data and not self.transport.is_closing():
            # h11 limits only heads that it must wait for: in one piece, a head of any length would be accepted
            size = _PIECE if self.conn.their_state is h11.IDLE else len(data)
            super().data_received(data[:size])
            data = data[size:]
        if self.cycle is not before:
            _stop(self._head)
            self._head = None
        elif self._head is None and before is not None and before.response_complete:
            self._head = self.loop.call_later(self.seconds, self.transport.close)

    def pause_writing(self) -> None:
        """The client does not take what is sent."""
        super().pause_writing()
        self._taking = self.loop.call_later(self.seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """It does again."""
        super().resume_writing()
        _stop(self._taking)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop both clocks."""
        _stop(self._head)
        _stop(self._taking)
        self.refused.discard(self)
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Refuse what is not HTTP, unless an answer has begun."""
        self.metrics.request("other", 400, 0.0)
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.write(_INVALID)
        self.transport.close()

    def _refuse(self) -> None:
        """Say so and wait a moment: closed with a request unread, a connection is reset and the answer lost."""
        self.connections.discard(self)
        self.metrics.request("other", 503, 0.0)
        self.transport.write(_BUSY)
        if len(self.refused) < self.most:
            self.refused.add(self)
            self.transport.write_eof()
            self._head = self.loop.call_later(_MOMENT, self.transport.close)
        else:
            self.transport.close()


def patient_protocol(most: int, seconds: float, metrics: Metrics) -> type[PatientProtocol]:
    """The protocol with these limits, as uvicorn makes connections of a class."""
    own = {"most": most, "seconds": seconds, "metrics": metrics, "refused": set()}
    return type("LimitedProtocol", (PatientProtocol,), own)


def _stop(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()
