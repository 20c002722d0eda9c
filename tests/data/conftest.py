"""What the tests of datasets share: a cache of their own, tiny archives, a server on this machine, the real data."""

import io
import os
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from unspool.data.datasets import TextDataset
from unspool.data.named import prose, sentences
from unspool.data.named.registry import load

REAL_DATA = os.environ.get("UNSPOOL_DATA")
LIBRARY_FILES, ENOUGH = prose.library_files, sentences.ENOUGH


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder, and no data folder but the one a test names."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("UNSPOOL_CACHE", str(folder))
    monkeypatch.delenv("UNSPOOL_DATA", raising=False)
    return folder


@pytest.fixture(autouse=True, scope="module")
def whole_library() -> Iterator[None]:
    """All the prose of Python's library, of which the other tests read a quarter."""
    with _whole_library():
        yield


@contextmanager
def _whole_library() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(prose, "library_files", LIBRARY_FILES)
        patch.setattr(sentences, "ENOUGH", ENOUGH)
        yield


@pytest.fixture(scope="session")
def collected() -> list[tuple[str, ...]]:
    """The sentences of the running Python, which take seconds to collect."""
    with _whole_library():
        return prose.collect()


@pytest.fixture(scope="session")
def real_data() -> Path:
    if not REAL_DATA:
        pytest.skip("UNSPOOL_DATA names no folder with the real datasets")
    return Path(REAL_DATA)


@pytest.fixture(scope="session")
def real_imdb(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[TextDataset, Path]:
    """The whole of IMDb, prepared once for all tests, and the cache folder with its prepared form."""
    folder = tmp_path_factory.mktemp("imdb-cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UNSPOOL_CACHE", str(folder))
        dataset = load("imdb", folder=real_data, download=False)
    assert isinstance(dataset, TextDataset)
    return dataset, folder


Member = tuple[tarfile.TarInfo, bytes]


@pytest.fixture
def make_archive(tmp_path: Path) -> Callable[[list[Member | tuple[str, bytes]]], Path]:
    """Writes an archive of the given members, in their order: a header or a mere name, and the bytes."""

    def make(members: list[Member | tuple[str, bytes]]) -> Path:
        path = tmp_path / "aclImdb_v1.tar.gz"
        with tarfile.open(path, "w:gz") as archive:
            for header, content in members:
                if isinstance(header, str):
                    header = tarfile.TarInfo(header)
                header.size = len(content)
                archive.addfile(header, io.BytesIO(content))
        return path

    return make


@dataclass
class Server:
    """Serves `files` by their paths; `pause_after` bytes of an answer it waits until `go_on` is set."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    announced: dict[str, int | None] = field(default_factory=dict)
    pause_after: int | None = None
    paused: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)
    requests: list[str] = field(default_factory=list)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.requests.append(self.path)
            if self.path not in state.files:
                self.send_error(404)
                return
            body = state.files[self.path]
            self.send_response(200)
            length = state.announced.get(self.path, len(body))
            if length is not None:
                self.send_header("Content-Length", str(length))
            self.end_headers()
            try:
                if state.pause_after is not None:
                    self.wfile.write(body[: state.pause_after])
                    body = body[state.pause_after :]
                    state.paused.set()
                    state.go_on.wait(300)
                self.wfile.write(body)
            except OSError:
                pass  # the client has gone

        def log_message(self, *_: object) -> None:
            pass

    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        state.url = f"http://127.0.0.1:{http.server_port}"
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield state
        state.go_on.set()
        http.shutdown()
        thread.join()
