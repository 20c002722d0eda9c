"""The file of an exported model: a zip archive whose members are stored as they are, read where they lie.

Strict on purpose: a file that a strict reader takes has one meaning, and nothing in it can be larger than the file.
"""

import mmap
import os
import stat
import struct
import zlib
from dataclasses import dataclass
from os import PathLike

from unspool_runtime.errors import ModelError

MOST_BYTES = 1 << 31
"""Of a file."""
_END, _ENTRY, _LOCAL = struct.Struct("<4s4H2IH"), struct.Struct("<4s6H3I5H2I"), struct.Struct("<4s5H3I2H")
_REGULAR_MODES = (0, stat.S_IFREG)


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """A member of the archive, where it lies in the file.

    Attributes:
        start: its first byte.
        size: its bytes.
        crc: its CRC-32, as the archive says.
    """

    start: int
    size: int
    crc: int


@dataclass(frozen=True, slots=True, eq=False)
class Archive:
    """An open archive.

    Attributes:
        path: of the file.
        content: all its bytes, in the system's page cache.
        members: by name.
    """

    path: str
    content: mmap.mmap
    members: dict[str, Member]

    def intact(self, name: str) -> bool:
        """Whether a member is as it was when it was put in."""
        return zlib.crc32(self.view(name)) == self.members[name].crc

    def view(self, name: str) -> memoryview:
        """The bytes of a member, not copied."""
        member = self.members[name]
        return memoryview(self.content)[member.start : member.start + member.size]


def open_archive(path: str | PathLike[str], names: tuple[str, ...]) -> Archive:
    """Open the file of a model and find its members.

    Args:
        path: of a file; pipes, devices and folders are refused.
        names: the members that there must be, and no others.

    Raises:
        ModelError: it is no such archive; says why.
    """
    shown = os.fspath(path)
    try:
        content = _mapped(shown)
    except OSError as error:
        raise ModelError(f"{shown} cannot be read: {error.strerror or error}.") from error
    try:
        members = _members(content)
        if {*members} != {*names}:
            raise ValueError(f"its members are {', '.join(sorted(members)) or 'none'}")
    except (ValueError, struct.error) as error:
        raise ModelError(f"{shown} is no model of unspool, or is damaged: {error}. Export it again.") from error
    return Archive(shown, content, members)


def _mapped(path: str) -> mmap.mmap:
    # Opening a pipe waits for a writer unless told not to.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(None, "it is not a file")
        if not _END.size <= status.st_size <= MOST_BYTES:
            raise OSError(None, f"it has {status.st_size:,} bytes, which no model has")
        return mmap.mmap(descriptor, status.st_size, access=mmap.ACCESS_READ)
    finally:
        os.close(descriptor)


def _members(content: mmap.mmap) -> dict[str, Member]:
    """Every entry of the directory, each checked against what stands before the member itself.

    Raises:
        ValueError: the archive is not as `unspool export` writes it.
    """
    end = len(content) - _END.size
    mark, disk, first_disk, here, entries, size, start, comment = _END.unpack_from(content, end)
    if mark != b"PK\x05\x06" or disk or first_disk or here != entries or comment or start + size != end:
        raise ValueError("it does not end as a zip archive without a comment")
    found: dict[str, Member] = {}
    place, taken = start, 0
    for _ in range(entries):
        fields = _ENTRY.unpack_from(content, place)
        mark, flags, method, crc, packed, plain, name_size, extra, note = (
            fields[i] for i in (0, 3, 4, 7, 8, 9, 10, 11, 12)
        )
        mode, local = fields[15] >> 16, fields[16]
        name = _name(content, place + _ENTRY.size, name_size)
        if mark != b"PK\x01\x02" or flags & ~0x800 or method or packed != plain or note or name in found:
            raise ValueError(f"the member {name!r} is not stored as it is")
        if stat.S_IFMT(mode) not in _REGULAR_MODES:
            raise ValueError(f"the member {name!r} is a link or a device")
        member = _local(content, local, (name, flags, crc, plain))
        if local < taken or member.start + member.size > start:
            raise ValueError(f"the member {name!r} lies in another")
        taken = member.start + member.size
        found[name] = member
        place += _ENTRY.size + name_size + extra
    if place != end:
        raise ValueError("its directory is not where it should be")
    return found


def _local(content: mmap.mmap, place: int, expected: tuple[str, int, int, int]) -> Member:
    mark, _, flags, method, _, _, crc, packed, plain, name_size, extra = _LOCAL.unpack_from(content, place)
    name = _name(content, place + _LOCAL.size, name_size)
    if mark != b"PK\x03\x04" or method or packed != plain or (name, flags, crc, plain) != expected:
        raise ValueError(f"the member {name!r} is not what the directory says")
    return Member(place + _LOCAL.size + name_size + extra, plain, crc)


def _name(content: mmap.mmap, place: int, size: int) -> str:
    return content[place : place + size].decode("ascii", "replace")
