"""The socket that the server listens on: bound before the model is loaded, closed without losing a connection."""

import ctypes
import socket
import struct
import sys
from contextlib import suppress

from unspool.errors import UserError
from unspool.serving.settings import Settings

_SO_ATTACH_FILTER = 26
# A packet that opens a connection (SYN, byte 13 of TCP's head) is dropped, any other let through.
_FILTER = b"".join(
    struct.pack("=HBBI", *one) for one in ((0x30, 0, 0, 13), (0x45, 0, 1, 2), (0x06, 0, 0, 0), (0x06, 0, 0, 0xFFFFFFFF))
)


def opened(settings: Settings) -> socket.socket:
    """A socket that is bound; it listens only when the model is there.

    Raises:
        UserError: the port is taken, or the address is not this machine's.
    """
    try:
        # With the protocol named, asyncio sends small packets at once; else an answer waits 40 ms for the client.
        family, kind, protocol, _, address = socket.getaddrinfo(
            settings.host, settings.port, proto=socket.IPPROTO_TCP, type=socket.SOCK_STREAM
        )[0]
        found = socket.socket(family, kind, protocol)
        try:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            found.bind(address)
        except BaseException:
            found.close()
            raise
        return found
    except OSError as error:
        raise UserError(
            f"Cannot listen on {settings.host} port {settings.port}: {error.strerror or error}. Choose another with "
            "--port or --host."
        ) from error


def address_of(listening: socket.socket) -> str:
    """Where it can be reached."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def refuse_newcomers(listening: socket.socket) -> None:
    """Drop new connections, while those that have begun can still be accepted.

    Closing a socket resets connections that it has not accepted yet, though their clients may have sent a request.
    After this call, all of them can be accepted first; clients that come later try again after a second and find the
    port closed. Where the system has no such filters, nothing changes.
    """
    if not sys.platform.startswith("linux"):
        return
    program = ctypes.create_string_buffer(_FILTER, len(_FILTER))
    described = struct.pack("HP", len(_FILTER) // 8, ctypes.addressof(program))
    with suppress(OSError):
        listening.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, described)
