import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from unspool.data.named import downloads
from unspool.data.named.info import RemoteFile
from unspool.errors import UserError

BODY = bytes(range(256)) * 2000


def remote(url: str, *more: str) -> RemoteFile:
    return RemoteFile("a.gz", len(BODY), hashlib.sha256(BODY).hexdigest(), "", (f"{url}/a.gz", *more))


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock")


def test_a_file_is_downloaded_once(server, cache: Path) -> None:
    server.files["/a.gz"] = BODY
    path = downloads.obtain("mnist", remote(server.url))
    assert path == cache / "downloads" / "mnist" / "a.gz"
    assert path.read_bytes() == BODY
    assert downloads.obtain("mnist", remote(server.url), download=False) == path
    assert server.requests == ["/a.gz"]
    assert files_in(cache) == ["a.gz"]


def test_the_users_folder_comes_first(server, cache: Path, tmp_path: Path) -> None:
    mine = tmp_path / "a"
    mine.write_bytes(b"whatever")
    assert downloads.obtain("mnist", remote(server.url), tmp_path) == mine
    assert server.requests == []
    assert not cache.exists()


def test_a_damaged_download_is_fetched_anew(server, cache: Path) -> None:
    server.files["/a.gz"] = BODY
    path = downloads.obtain("mnist", remote(server.url))
    path.write_bytes(BODY[:-1])
    assert downloads.obtain("mnist", remote(server.url)).read_bytes() == BODY
    assert len(server.requests) == 2


def test_the_second_mirror_is_asked_when_the_first_fails(server) -> None:
    server.files["/mirror"] = BODY
    assert downloads.obtain("mnist", remote(server.url, f"{server.url}/mirror")).read_bytes() == BODY
    assert server.requests == ["/a.gz", "/mirror"]


@pytest.mark.parametrize(
    ("body", "announced", "reason"),
    [
        (BODY[:-1] + b"!", len(BODY), "does not match the known hash"),  # another content
        (BODY[:-9], len(BODY) - 9, "does not match the known hash"),  # a short answer
        (BODY[:-9], len(BODY), "ChunkedEncodingError"),  # cut off
        (BODY + b"!", len(BODY) + 1, "sends more than the 512,000 bytes"),
        (BODY * 9, None, "sends more than the 512,000 bytes"),  # and it does not say so
        (None, None, "HTTP status 404"),
    ],
)
def test_what_is_not_the_file_is_never_kept(server, cache: Path, body: bytes, announced: int, reason: str) -> None:
    if body is not None:
        server.files["/a.gz"] = body
    server.announced["/a.gz"] = announced
    with pytest.raises(UserError, match=rf"mnist is not on this machine and a\.gz could not be .*{reason}"):
        downloads.obtain("mnist", remote(server.url))
    assert files_in(cache) == []


def test_without_a_network_the_message_says_what_to_do(cache: Path) -> None:
    url = "http://127.0.0.1:9/a.gz"  # the discard port: nobody listens
    file = RemoteFile("a.gz", 1, "0" * 64, "", (url,))
    with pytest.raises(UserError, match=rf"\(127\.0\.0\.1: ConnectionError\)\. Get {url} by .* in UNSPOOL_DATA\.$"):
        downloads.obtain("mnist", file)


def test_without_leave_to_download_nothing_is_asked_of_the_network(server, cache: Path) -> None:
    server.files["/a.gz"] = BODY
    with pytest.raises(UserError, match="the network was not to be used"):
        downloads.obtain("mnist", remote(server.url), download=False)
    assert server.requests == []
    assert not cache.exists()


SCRIPT = """
import sys
from unspool.data.named import downloads
from unspool.data.named.info import RemoteFile
url, size, sha256 = sys.argv[1:]
print(downloads.obtain("mnist", RemoteFile("a.gz", int(size), sha256, "", (url + "/a.gz",))).read_bytes()[:4].hex())
"""


def start(url: str) -> subprocess.Popen[str]:
    arguments = [url, str(len(BODY)), hashlib.sha256(BODY).hexdigest()]
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_killed_mid_download_nothing_partial_is_trusted(server, cache: Path) -> None:
    server.files["/a.gz"] = BODY
    server.pause_after = len(BODY) // 2
    with start(server.url) as child:
        assert server.paused.wait(120)
        child.kill()
    partial = files_in(cache)
    assert len(partial) == 1
    assert partial[0].startswith("tmp")
    with pytest.raises(UserError, match="not on this machine"):
        downloads.obtain("mnist", remote(server.url), download=False)
    server.pause_after = None
    assert downloads.obtain("mnist", remote(server.url)).read_bytes() == BODY
    assert files_in(cache) == ["a.gz"]


@pytest.mark.whole
def test_of_eight_racing_processes_one_downloads(server, cache: Path) -> None:
    server.files["/a.gz"] = BODY
    children = [start(server.url) for _ in range(8)]
    for child in children:
        output, errors = child.communicate(timeout=300)
        assert output.strip() == "00010203", errors
    assert server.requests == ["/a.gz"]
    assert files_in(cache) == ["a.gz"]
