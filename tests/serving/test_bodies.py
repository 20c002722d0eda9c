"""Bodies that are held, and clients that leave."""

import asyncio

import pytest
from starlette.requests import Request

from unspool.serving.bodies import Bodies
from unspool.serving.refusals import Full, Gone
from unspool.serving.state import unless_gone


def request_of(*messages, waits=False):
    """A request whose body comes in pieces; then its client leaves, or waits for the answer."""
    coming = iter(messages)

    async def receive():
        for message in coming:
            return message
        if waits:
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    scope = {"type": "http", "method": "POST", "headers": [(b"content-type", b"application/json")]}
    return Request(scope, receive)


def piece(size, more=False):
    return {"type": "http.request", "body": b" " * size, "more_body": more}


def test_all_bodies_together_are_bounded():
    async def several():
        bodies = Bodies(most=100, together=150, seconds=10)
        async with bodies.read(request_of(piece(40, more=True), piece(60))) as first:
            assert len(first) == 100
            with pytest.raises(Full, match="100 bytes, which is its limit"):
                async with bodies.read(request_of(piece(60))):
                    pass
            async with bodies.read(request_of(piece(50))) as second:
                assert len(second) == 50
        async with bodies.read(request_of(piece(100))):
            pass

    asyncio.run(several())


def test_a_client_that_leaves_half_way_holds_nothing():
    async def left():
        bodies = Bodies(most=100, together=100, seconds=10)
        with pytest.raises(Gone):
            async with bodies.read(request_of(piece(90, more=True))):
                pass
        async with bodies.read(request_of(piece(100))):
            pass

    asyncio.run(left())


def test_an_answer_that_nobody_waits_for_is_given_up():
    async def given_up():
        answer = asyncio.get_running_loop().create_future()
        with pytest.raises(Gone):
            async with asyncio.timeout(10):
                await unless_gone(request_of(), answer)
        assert answer.cancelled()

    asyncio.run(given_up())


def test_an_answer_that_somebody_waits_for_arrives():
    async def waited():
        async def answer():
            await asyncio.sleep(0.01)
            return 7

        return await unless_gone(request_of(waits=True), answer())

    assert asyncio.run(waited()) == 7
