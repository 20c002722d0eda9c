import gzip
import io
import random
import tarfile
import tracemalloc
from pathlib import Path

import pytest

from unspool.data.named.archive import Limits, read_members
from unspool.errors import UserError


def read(path: Path, limits: Limits | None = None) -> dict[str, bytes]:
    return dict(read_members(path, lambda name: name.endswith(".txt"), "Reading", limits))


def special(name: str, kind: bytes, target: str = "") -> tuple[tarfile.TarInfo, bytes]:
    header = tarfile.TarInfo(name)
    header.type = kind
    header.linkname = target
    return header, b""


def test_wanted_files_are_read_in_their_order(make_archive) -> None:
    path = make_archive(
        [
            special("b", tarfile.DIRTYPE),
            ("b/2.txt", b"two"),
            ("b/skipped.bin", b"0"),
            ("./a/1.txt", b""),
            ("ä.txt", b"3"),
        ]
    )
    assert list(read(path).items()) == [("b/2.txt", b"two"), ("./a/1.txt", b""), ("ä.txt", b"3")]


def test_nothing_is_written(make_archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_archive([("a.txt", b"1")])
    monkeypatch.chdir(tmp_path)
    read(path)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("member", "reason"),
    [
        (("../x.txt", b"1"), r"'\.\./x\.txt': its path leads out"),
        (("a/../../x.txt", b"1"), "its path leads out"),
        (("/etc/x.txt", b"1"), "'/etc/x.txt': its path leads out"),
        (("../skipped.bin", b"1"), "its path leads out"),
        (special("x.txt", tarfile.SYMTYPE, "/etc/passwd"), "it is a link"),
        (special("x.txt", tarfile.LNKTYPE, "a.txt"), "it is a link"),
        (special("x.txt", tarfile.CHRTYPE), "neither a file nor a folder"),
        (special("x.txt", tarfile.BLKTYPE), "neither a file nor a folder"),
        (special("x.txt", tarfile.FIFOTYPE), "neither a file nor a folder"),
    ],
)
def test_a_member_that_could_do_harm_is_refused(make_archive, member, reason: str) -> None:
    path = make_archive([("a.txt", b"1"), member])
    with pytest.raises(UserError, match=rf"aclImdb_v1\.tar\.gz is refused at .*{reason}"):
        read(path)


@pytest.mark.parametrize("name", ["bomb.txt", "skipped.bin"])
def test_a_bomb_is_refused_before_it_fills_the_memory(make_archive, name: str) -> None:
    path = make_archive([(name, bytes(30_000_000))])
    assert path.stat().st_size < 40_000
    tracemalloc.start()
    with pytest.raises(UserError, match=r"refused at .*more than"):
        read(path, Limits(total=8_000_000))
    assert tracemalloc.get_traced_memory()[1] < 3_000_000
    tracemalloc.stop()


def test_a_bomb_in_a_header_is_refused(tmp_path: Path) -> None:
    """A long name is read by tarfile itself, before any member is seen."""
    header = tarfile.TarInfo("././@LongLink")
    header.type, header.size = tarfile.GNUTYPE_LONGNAME, 30_000_000
    path = tmp_path / "bomb.tar.gz"
    path.write_bytes(gzip.compress(header.tobuf() + b"a" * header.size))
    with pytest.raises(UserError, match="refused at its beginning: the archive holds more than 8,000,000 bytes"):
        read(path, Limits(total=8_000_000))


def test_too_many_members_are_refused(make_archive) -> None:
    path = make_archive([(f"{number}.txt", b"") for number in range(4)])
    assert len(read(path, Limits(members=4))) == 4
    with pytest.raises(UserError, match=r"refused at '3\.txt': there are more than 3 members"):
        read(path, Limits(members=3))


def test_a_member_at_the_limit_is_read(make_archive) -> None:
    path = make_archive([("a.txt", b"12345")])
    assert read(path, Limits(member=5)) == {"a.txt": b"12345"}
    with pytest.raises(UserError, match="it has 5 bytes, more than 4"):
        read(path, Limits(member=4))


def test_an_archive_cut_short_is_refused_wherever_it_ends(make_archive) -> None:
    noise = random.Random(0)
    path = make_archive([(f"{number}.txt", noise.randbytes(700)) for number in range(6)])
    whole = path.read_bytes()
    for length in range(0, len(whole) - 8, 97):
        path.write_bytes(whole[:length])
        with pytest.raises(UserError, match="cannot be read beyond"):
            read(path)


def test_any_flipped_byte_is_noticed(make_archive) -> None:
    noise = random.Random(0)
    members = {"noise.txt": noise.randbytes(700), "text.txt": bytes(noise.choices(b"abcdef ", k=40_000))}
    path = make_archive(list(members.items()))
    whole = path.read_bytes()
    for position in range(30, len(whole), 211):  # the header before holds a name, which is of no account
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 0xFF]) + whole[position + 1 :])
        with pytest.raises(UserError, match=r"cannot be read beyond|is refused at"):
            read(path)


@pytest.mark.parametrize("content", [b"", b"no archive", gzip.compress(b"no archive", mtime=0)])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.tar.gz"
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"a\.tar\.gz cannot be read beyond its beginning"):
        read(path)


def test_a_missing_archive_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"a\.tar\.gz cannot be read .*No such file"):
        read(tmp_path / "a.tar.gz")


def test_an_uncompressed_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.tar.gz"
    with tarfile.open(path, "w") as archive:
        archive.addfile(tarfile.TarInfo("a.txt"), io.BytesIO())
    with pytest.raises(UserError, match="Not a gzipped file"):
        read(path)
