"""Bodies of requests: read within limits of size and time, and decoded into types."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import msgspec
from starlette.requests import Request

from unspool.serving.refusals import Full, Gone, Refusal

JSON = "application/json"
MOST_SAID = 300
"""The most characters of an error in a body."""
T = TypeVar("T")


class Bodies:
    """Reads bodies within a limit on the memory of all of them.

    Args:
        most: the most bytes of a body.
        together: the most bytes of all bodies in memory.
        seconds: that a client has to send a body.
    """

    def __init__(self, most: int, together: int, seconds: float):
        self._most, self._together, self._seconds = most, together, seconds
        self._held = 0

    @asynccontextmanager
    async def read(self, request: Request) -> AsyncIterator[bytes]:
        """Read a body, which counts towards the limit of memory within the block.

        Raises:
            Refusal: it is not JSON by its headers, too large, or too slow.
            Full: the limit of memory is reached.
            Gone: the client has disconnected.
        """
        self._check_headers(request)
        content = bytearray()
        try:
            try:
                async with asyncio.timeout(self._seconds):
                    await self._fill(content, request)
            except TimeoutError:
                raise Refusal(408, f"The body did not arrive within {self._seconds:g} s.", closes=True) from None
            yield bytes(content)
        finally:
            self._held -= len(content)

    async def _fill(self, content: bytearray, request: Request) -> None:
        while True:
            message = await request.receive()
            if message["type"] == "http.disconnect":
                raise Gone
            chunk: bytes = message.get("body", b"")
            if len(content) + len(chunk) > self._most:
                raise self._too_large()
            if self._held + len(chunk) > self._together:
                raise Full(f"The server holds requests of {self._held:,} bytes, which is its limit.")
            content += chunk
            self._held += len(chunk)
            if not message.get("more_body", False):
                return

    def _check_headers(self, request: Request) -> None:
        headers = request.headers
        if headers.get("content-type", "").partition(";")[0].strip().lower() != JSON:
            raise Refusal(415, f"The body must be JSON: send the header Content-Type: {JSON}.")
        if headers.get("content-encoding", "identity").lower() != "identity":
            raise Refusal(415, "Compressed bodies are not accepted. Send it without Content-Encoding.")
        length = headers.get("content-length", "0")
        if length.isdecimal() and int(length) > self._most:
            raise self._too_large()

    def _too_large(self) -> Refusal:
        # The connection stays, and the rest is thrown away for some seconds (see `protocol`): closed at once, many
        # clients would fail to send, and never read why.
        return Refusal(
            413, f"The body is larger than {self._most:,} bytes. Send fewer or shorter examples per request."
        )


def decoded(content: bytes, kind: type[T]) -> T:
    """Decode JSON of a type; as all levels of the type are known, deeper nesting is refused.

    Raises:
        Refusal: it is not JSON, or not of the type; says where.
    """
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        invalid = isinstance(error, UnicodeDecodeError)  # before msgspec 0.23, which says this itself
        said = "Invalid UTF-8 encoded string" if invalid else str(error)[:MOST_SAID]
        raise Refusal(400, f"Invalid body: {said}. /openapi.json has the schema.") from error


def encoded(value: Any) -> bytes:
    """Encode as JSON; numbers that are not finite become null."""
    return msgspec.json.encode(value)
