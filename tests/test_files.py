import dataclasses
import errno
import os
from pathlib import Path

import pydantic
import pytest

from unspool import atomic_writes, files, locks
from unspool.errors import UserError


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("UNSPOOL_CACHE", str(folder))
    return folder


def test_the_cache_is_where_the_variable_says(cache: Path) -> None:
    assert files.cache_folder() == cache


def test_the_cache_is_the_users_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UNSPOOL_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert files.cache_folder().name == "unspool"


def test_a_cache_that_cannot_be_written_is_named(cache: Path) -> None:
    cache.write_text("a file where a folder should be")
    with pytest.raises(UserError, match=r"cache/prepared cannot be written .* name another cache folder in UNSPOOL_CA"):
        files.make_folder(cache / "prepared")
    with pytest.raises(UserError, match="cannot be written"), locks.locked(cache / "prepared" / "a"):
        pass
    with pytest.raises(UserError, match="cannot be written"):
        atomic_writes.write_aside(cache / "a", b"")


def test_a_folder_of_the_users_is_not_called_a_cache(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=r"No such file or directory\)\. Choose another place\.$"):
        atomic_writes.write_aside(tmp_path / "absent" / "words.txt", b"")
    with pytest.raises(UserError, match=r"file cannot be written \(File exists\)\. Choose another place\.$"):
        files.make_folder(tmp_path / "file")
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert str(files.unwritable(tmp_path, full)).endswith("Free some space there or change the permissions.")
    too_large = OSError(errno.EFBIG, os.strerror(errno.EFBIG))  # for the file system: space does not help
    assert str(files.unwritable(tmp_path, too_large)).endswith("(File too large). Choose another place.")


def test_a_file_larger_than_any_that_is_written_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "metrics.json"
    path.write_bytes(b"12345")
    assert files.read_bounded(path, most=5) == b"12345"
    with pytest.raises(ValueError, match="more than 4 bytes"):
        files.read_bounded(path, most=4)
    with path.open("wb") as handle:
        handle.truncate(8 << 30)  # without a block on the disk
    with pytest.raises(ValueError, match="more than 268,435,456 bytes"):
        files.read_bounded(path)


def test_a_disk_that_cannot_tell_does_not_say_that_nothing_is_there(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "loop").symlink_to("loop")
    assert files.is_there(tmp_path)
    assert not any(files.is_there(tmp_path / name) for name in ("none", "none/below", "loop", "x" * 300))

    def fails(path: Path) -> None:
        raise OSError(5, "Input/output error", str(path))

    monkeypatch.setattr(Path, "stat", fails)
    with pytest.raises(OSError, match="Input/output error"):
        files.is_there(tmp_path)


def test_a_link_to_a_runs_file_is_refused_as_the_file_is(tmp_path: Path) -> None:
    run, link, loop = tmp_path / "run", tmp_path / "link.csv", tmp_path / "loop"
    run.mkdir()
    link.symlink_to(run / "test_predictions.csv")
    loop.symlink_to("loop")
    for out in (link, run / "new.csv"):
        with pytest.raises(UserError, match="holds the files of its run only"):
            files.refuse_inside(out, run)
    for out in (tmp_path / "new.csv", loop):
        files.refuse_inside(out, run)
    assert files.linked(link) == run / "test_predictions.csv"


@dataclasses.dataclass
class Noted:
    """What a file holds."""

    command: str
    digests: list[int]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('{"command": "x"}', "digests: Field required"),
        ('{"command": "x", "digests": [1, "a"]}', "digests.1: Input should be a valid integer, unable to parse"),
        ("3", "Input should be an object"),
    ],
)
def test_content_of_another_type_is_told_with_its_place(content: str, reason: str) -> None:
    with pytest.raises(files.DAMAGE) as caught:
        pydantic.TypeAdapter(Noted).validate_json(content)
    assert files.reason_of(caught.value).startswith(reason)


def test_a_file_that_is_not_there_is_named_without_its_folder(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file") as caught:
        files.read_bounded(tmp_path / "begun.json")
    assert files.reason_of(caught.value) == "No such file or directory: begun.json"


@pytest.mark.parametrize("address", ["https://example.com/a.csv", "s3://bucket/a.csv"])
def test_an_address_is_told_from_a_path(address: str) -> None:
    for path in (Path(address), Path(address).absolute()):
        with pytest.raises(
            UserError, match=r"is not there\. An address is not read: download the file, and give its path\.$"
        ):
            files.refuse_missing(path)


def test_a_folder_named_like_an_address_is_a_folder() -> None:
    with pytest.raises(UserError, match="Give the path of a table"):
        files.refuse_missing(Path("/data/s3/a.csv"))
