import errno
import os
import signal

import pytest

from unspool.errors import UserError
from unspool.export.written import take_places, written_aside
from unspool.interruption import leaving_politely


@pytest.fixture
def pair(tmp_path):
    """The places of an encoder and a decoder, where those of another model lie."""
    places = tmp_path / "m.encoder.onnx", tmp_path / "m.decoder.onnx"
    for place in places:
        place.write_text("old")
    return places


def _exchange(pair):
    with written_aside(pair[0]) as first, written_aside(pair[1]) as second:
        for aside in (first, second):
            aside.write_text("new")
        take_places((first, pair[0]), (second, pair[1]))


def test_two_files_take_their_places(pair, tmp_path):
    _exchange(pair)
    assert [place.read_text() for place in pair] == ["new", "new"]
    assert sorted(tmp_path.iterdir()) == sorted(pair)


def test_a_disk_that_fails_at_the_second_file_changes_neither(pair, tmp_path, monkeypatch):
    flush, flushed = os.fsync, iter((1, 2))

    def full(handle):
        if next(flushed) == 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        flush(handle)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UserError, match="No space left on device"):
        _exchange(pair)
    assert [place.read_text() for place in pair] == ["old", "old"]
    assert sorted(tmp_path.iterdir()) == sorted(pair)


def test_a_signal_between_two_files_waits_for_the_second(pair, monkeypatch):
    rename = os.replace

    def signalled(aside, place):
        rename(aside, place)
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(os, "replace", signalled)
    with pytest.raises(KeyboardInterrupt), leaving_politely():
        _exchange(pair)
    assert [place.read_text() for place in pair] == ["new", "new"]
