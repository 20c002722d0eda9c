"""The page at / is made by a process that ends with whoever asked for it."""

import asyncio
import os
from types import SimpleNamespace

import pytest

from unspool.serving import page
from unspool.serving.page import Pages

SLOW = """#!/bin/sh
echo $$ > {place}.new
mv {place}.new {place}
exec sleep 600
"""


def ended(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return False


async def leave(pages, loaded, place):
    """Ask for a page that SLOW makes, and leave once its process runs."""
    made = asyncio.create_task(pages.of(loaded))
    while not place.exists():
        await asyncio.sleep(0.01)
    process = int(place.read_text())
    made.cancel()
    await asyncio.wait([made])
    assert ended(process)


@pytest.mark.skipif(os.name == "nt", reason="no shell")
def test_its_process_ends_with_the_request(serve, tmp_path, monkeypatch):
    loaded, place, program = serve().state.served.loaded, tmp_path / "process", tmp_path / "slow.sh"
    program.write_text(SLOW.format(place=place))
    program.chmod(0o700)
    monkeypatch.setattr(page, "sys", SimpleNamespace(executable=str(program)))
    asyncio.run(leave(Pages(tmp_path), loaded, place))


def test_it_is_not_made_for_a_client_that_has_left(serve, monkeypatch):
    served, messages = serve(), [{"type": "http.request"}, {"type": "http.disconnect"}]
    sent = []

    async def forever(self, loaded):
        await asyncio.Event().wait()

    async def receive():
        return messages.pop(0)

    async def send(message):
        sent.append(message)

    monkeypatch.setattr(Pages, "of", forever)
    headers = [(b"host", b"testserver")]
    scope = {"type": "http", "method": "GET", "path": "/", "headers": headers, "query_string": b""}
    asyncio.run(asyncio.wait_for(served.app(scope, receive, send), 20))
    assert sent == []


def test_a_failure_is_tried_again_after_a_pause(serve, tmp_path, monkeypatch):
    """A model without a page has none for good; an error or a lack of memory may pass."""
    loaded, program, clock = serve().state.served.loaded, tmp_path / "program.sh", [0.0]
    monkeypatch.setattr(page, "sys", SimpleNamespace(executable=str(program)))
    monkeypatch.setattr(page, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    pages = Pages(tmp_path)

    def asked(script):
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o700)
        return asyncio.run(pages.of(loaded))

    assert "could not be made. Reload in a minute" in asked("exit 1")
    clock[0] = page.PAUSE - 1
    assert "could not be made" in asked('echo made > "$5"')
    clock[0] = page.PAUSE + 1
    assert asked('echo made > "$5"').read_text() == "made\n"
    clock[0] = 10 * page.PAUSE
    assert asked("exit 1").read_text() == "made\n"

    (tmp_path / "left").mkdir()
    pages = Pages(tmp_path / "left")  # a client that leaves while it is tried again does not end that
    assert "could not be made" in asked("exit 1")
    clock[0] += page.PAUSE + 1
    program.write_text(SLOW.format(place=tmp_path / "process"))
    asyncio.run(leave(pages, loaded, tmp_path / "process"))
    assert asked('echo made > "$5"').read_text() == "made\n"

    pages = Pages(tmp_path / "none")
    assert "There is no page for this model" in asked(f"exit {page.NO_PAGE}")
    clock[0] = 20 * page.PAUSE
    assert "There is no page for this model" in asked("exit 1")
