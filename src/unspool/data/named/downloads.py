"""Files from the network: whole and as they were published, or not at all."""

import os
from collections.abc import Callable
from os import PathLike
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from unspool import files, locks
from unspool.data import storage
from unspool.data.named.info import RemoteFile
from unspool.errors import UserError
from unspool.progress import bar

PATIENCE = 30.0  # seconds to wait for an answer, or for the next byte


def obtain(dataset: str, file: RemoteFile, folder: str | PathLike[str] | None = None, download: bool = True) -> Path:
    """Find a file in the user's data folder, else among the downloads, else download it.

    Args:
        dataset: its name in the registry.
        file: what is wanted.
        folder: the user's data folder, see `storage.data_folder`.
        download: whether the network may be used.

    Returns:
        Where the file lies. One in the user's folder has not been looked at; a download has the published hash.

    Raises:
        UserError: it is not here and cannot be downloaded.
    """
    found = storage.find(dataset, file.name, folder)
    if found is not None:
        return found
    target = storage.download_path(dataset, file.name)
    if _is_whole(target, file):
        return target
    if not download:
        raise _absent(dataset, file, "the network was not to be used")
    with locks.locked(target.parent):
        files.make_folder(target.parent)
        for leftover in target.parent.glob("tmp*"):  # under the lock, only a killed process can have left them
            leftover.unlink(missing_ok=True)
        return _download(dataset, file, target)


def _is_whole(path: Path, file: RemoteFile) -> bool:
    import pooch

    return path.is_file() and pooch.file_hash(str(path)) == file.sha256


def _download(dataset: str, file: RemoteFile, target: Path) -> Path:
    import pooch

    failures = []
    for url in file.urls:
        try:
            pooch.retrieve(url, file.sha256, target.name, target.parent, downloader=_Downloader(file))
            return target
        except (OSError, ValueError) as error:  # no connection, a bad answer, a full disk; too long, a wrong hash
            failures.append(f"{urlsplit(url).hostname}: {_reason(error)}")
    raise _absent(dataset, file, "; ".join(failures))


class _Downloader:
    """What pooch calls to fetch a file: its own HTTP downloader with a bar and a limit of size, which it has not."""

    def __init__(self, file: RemoteFile) -> None:
        self._file = file

    def __call__(self, url: str, output_file: str, _: object) -> None:
        import pooch

        fetch = pooch.HTTPDownloader(
            chunk_size=1 << 16,
            timeout=PATIENCE,
            headers={"Accept-Encoding": "identity"},  # a server must not unpack or pack the file on the way
        )
        with bar(f"Downloading {self._file.name}", self._file.size) as advance, open(output_file, "wb") as handle:
            fetch(url, _LimitedFile(handle, self._file.size, advance), None)


class _LimitedFile:
    """Passes on what is written, up to a limit."""

    def __init__(self, handle: IO[bytes], limit: int, advance: Callable[[float], None]) -> None:
        self._handle = handle
        self._limit = limit
        self._advance = advance
        self._written = 0

    def write(self, chunk: bytes) -> None:
        self._written += len(chunk)
        if self._written > self._limit:
            raise ValueError(f"the server sends more than the {self._limit:,} bytes that are expected")
        self._handle.write(chunk)
        self._advance(len(chunk))

    def flush(self) -> None:
        self._handle.flush()


def _reason(error: Exception) -> str:
    response = getattr(error, "response", None)
    if response is not None:
        return f"HTTP status {response.status_code}"
    if isinstance(error, OSError):
        return os.strerror(error.errno) if error.errno else type(error).__name__
    return str(error)


def _absent(dataset: str, file: RemoteFile, reason: str) -> UserError:
    return UserError(
        f"{dataset} is not on this machine and {file.name} could not be downloaded ({reason}). Get {file.urls[0]} by "
        f"other means, put it in a folder, and name that folder in {storage.DATA_VARIABLE}."
    )
