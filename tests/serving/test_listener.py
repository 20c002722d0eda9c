"""The socket that the server listens on."""

import socket
import sys

import pytest

from unspool.errors import UserError
from unspool.serving.listener import address_of, opened, refuse_newcomers
from unspool.serving.settings import Settings


@pytest.mark.parametrize(("host", "url"), [("127.0.0.1", "http://127.0.0.1"), ("::1", "http://[::1]")])
def test_an_address_can_be_opened_once(host, url):
    try:
        first = opened(Settings(host=host, port=0))
    except UserError:
        pytest.skip(f"this machine has no {host}")
    with first:
        first.listen()
        assert first.proto == socket.IPPROTO_TCP  # by which asyncio knows that it may turn Nagle's algorithm off
        port = first.getsockname()[1]
        assert address_of(first) == f"{url}:{port}"
        with pytest.raises(UserError, match=f"Cannot listen on {host} port {port}: Address already in use"):
            opened(Settings(host=host, port=port))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux's filters")
def test_who_has_connected_is_served_and_nobody_else_can(monkeypatch):
    with opened(Settings(port=0)) as listening:
        listening.listen()
        with socket.create_connection(listening.getsockname(), timeout=10) as client:
            refuse_newcomers(listening)
            with pytest.raises(TimeoutError):
                socket.create_connection(listening.getsockname(), timeout=0.2)
            client.sendall(b"hello")
            with listening.accept()[0] as accepted:
                assert accepted.recv(10) == b"hello"
