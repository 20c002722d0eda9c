"""A tar archive read as a stream: no path in it ever touches the disk, and nothing in it can fill the memory."""

import gzip
import io
import tarfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from unspool.errors import UserError
from unspool.progress import bar


@dataclass(frozen=True, slots=True)
class Limits:
    """What an archive may hold at most.

    Attributes:
        member: bytes in a member that is read.
        total: bytes of the whole unpacked archive, those of skipped members too.
        members: how many.
    """

    member: int = 1 << 20
    total: int = 1 << 29
    members: int = 200_000


def read_members(
    path: Path, wanted: Callable[[str], bool], title: str, limits: Limits | None = None
) -> Iterator[tuple[str, bytes]]:
    """Read the wanted files of a tar archive, packed by gzip, in the order in which they stand.

    Args:
        path: of the archive.
        wanted: whether a member is read, by its name; others are skipped.
        title: what the bar says meanwhile.
        limits: see `Limits`; the defaults suit a corpus of short texts.

    Yields:
        The name and the bytes of each wanted file.

    Raises:
        UserError: the archive is damaged, cut short or unreadable, or holds what a dataset has no need of: an absolute
            path, `..`, a link, a device, or more than the limits allow.
    """
    limits = limits or Limits()
    place = "its beginning"
    try:
        with path.open("rb") as packed, gzip.open(packed) as unpacked, bar(title, path.stat().st_size) as advance:
            stream = _LimitedStream(unpacked, limits.total)
            with tarfile.open(fileobj=stream, mode="r|") as archive:
                read = 0
                for count, member in enumerate(archive, start=1):
                    place = repr(member.name[:200])
                    _refuse_unsafe(member)
                    if count > limits.members:
                        raise _Unsafe(f"there are more than {limits.members:,} members")
                    if member.isfile() and wanted(member.name):
                        if member.size > limits.member:
                            raise _Unsafe(f"it has {member.size:,} bytes, more than {limits.member:,}")
                        content = archive.extractfile(member)
                        assert content is not None  # it is a file
                        yield member.name, content.read()
                    advance(packed.tell() - read)
                    read = packed.tell()
            while stream.read(1 << 20):
                pass  # tarfile stops at its own end mark; gzip compares its checksum only at the end of the file
    except _Unsafe as error:
        raise UserError(f"{path} is refused at {place}: {error}. Get the archive from its publisher.") from error
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        raise UserError(f"{path} cannot be read beyond {place}: {error}. Get the archive again.") from error


class _Unsafe(Exception):
    """An archive that was made to do harm, or might as well have been."""


def _refuse_unsafe(member: tarfile.TarInfo) -> None:
    name = PurePosixPath(member.name)
    if name.is_absolute() or ".." in name.parts:
        raise _Unsafe("its path leads out of the archive")
    if member.issym() or member.islnk():
        raise _Unsafe("it is a link")
    if not (member.isfile() or member.isdir()):
        raise _Unsafe("it is neither a file nor a folder")


class _LimitedStream(io.RawIOBase):
    """Reads on up to a limit; also what tarfile reads on its own account, such as long names, counts."""

    def __init__(self, stream: gzip.GzipFile, limit: int) -> None:
        self._stream = stream
        self._limit = limit
        self._read = 0

    def read(self, size: int = -1) -> bytes:
        chunk = self._stream.read(size)
        self._read += len(chunk)
        if self._read > self._limit:
            raise _Unsafe(f"the archive holds more than {self._limit:,} bytes")
        return chunk
