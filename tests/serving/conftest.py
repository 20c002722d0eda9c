from contextlib import ExitStack
from types import SimpleNamespace

import pytest

pytest.importorskip("starlette")
pytest.importorskip("unspool_runtime")

from starlette.testclient import TestClient

from unspool.serving.app import application
from unspool.serving.page import Pages
from unspool.serving.reloading import Copies
from unspool.serving.settings import Settings
from unspool.serving.source import Source
from unspool.serving.state import State

from . import models


@pytest.fixture
def serve(tmp_path):
    """Serves a small model in this process: gives a client, the server's state, its log, and the model's file."""
    with ExitStack() as stack:

        def served(tree=None, file="films.unspool", **settings):
            path = models.write(tmp_path / file, tree or models.texts())
            folder = tmp_path / "copies"
            folder.mkdir()
            log: list[str] = []
            source = Source(path)
            copies = Copies(source, folder)
            allowed = Settings(**{"host": "testserver", "watch": 0.01} | settings)
            state = State.of(copies.load(), allowed, log.append)
            app = application(state, source, copies, Pages(folder))
            client = stack.enter_context(TestClient(app))
            return SimpleNamespace(client=client, state=state, log=log, path=path, app=app)

        yield served
