import errno
import gc
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unspool.data.ragged import Ragged
from unspool.data.stored_ragged import StoredRagged
from unspool.errors import UserError

SEQUENCES = st.lists(st.lists(st.integers(0, 2**31 - 1), max_size=6), max_size=8)


@given(st.lists(SEQUENCES, max_size=3), st.data())
def test_gives_back_what_was_written_in_any_order(
    tmp_path_factory: pytest.TempPathFactory, written: list[list[list[int]]], data: st.DataObject
) -> None:
    stored = StoredRagged.write(map(Ragged.from_sequences, written), tmp_path_factory.getbasetemp(), size=2**31)
    sequences = [sequence for some in written for sequence in some]
    assert len(stored) == len(sequences)
    assert stored.lengths.tolist() == [len(sequence) for sequence in sequences]
    assert stored.load().tolist() == sequences
    chosen = data.draw(st.lists(st.integers(0, max(len(sequences) - 1, 0)), max_size=10 * bool(sequences)))
    assert stored.take(chosen).load().tolist() == [sequences[index] for index in chosen]
    assert stored.take(chosen).take(range(len(chosen))[::-1]).load().tolist() == [sequences[i] for i in chosen[::-1]]
    assert stored.take(chosen).with_more(stored).load().tolist() == [*(sequences[i] for i in chosen), *sequences]


@pytest.mark.parametrize(("size", "bytes_each"), [(1 << 16, 2), ((1 << 16) + 1, 4)])
def test_takes_two_bytes_a_token_where_these_are_enough(tmp_path: Path, size: int, bytes_each: int) -> None:
    stored = StoredRagged.write([Ragged.from_sequences([[0, size - 1]])], tmp_path, size)
    assert stored.load().tolist() == [[0, size - 1]]
    assert os.fstat(stored._file._descriptor).st_size == 2 * bytes_each


def test_integers_beyond_32_bits_are_refused(tmp_path: Path) -> None:
    written = [Ragged.from_lengths(np.array([[last]]), [1]) for last in (3, 2**31)]
    with pytest.raises(ValueError, match=r"sequence 1 \(counted from 0\) has the integer 2,147,483,648, but"):
        StoredRagged.write(written, tmp_path)


def test_pieces_are_all_sequences_in_their_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("unspool.data.stored_ragged._PIECE", 2)
    stored = StoredRagged.write([Ragged.from_sequences([[1], [2, 3], [], [4], [5]])], tmp_path, size=6)
    assert [piece.tolist() for piece in stored.pieces()] == [[[1], [2, 3]], [[], [4]], [[5]]]


def test_the_file_has_no_name_and_is_closed_with_the_last_part_of_it(tmp_path: Path) -> None:
    stored = StoredRagged.write([Ragged.from_sequences([[1], [2]])], tmp_path, size=3)
    assert list(tmp_path.iterdir()) == []
    descriptor, part = stored._file._descriptor, stored.take([1])
    del stored
    gc.collect()
    assert part.load().tolist() == [[2]]
    del part
    gc.collect()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "unspool.data.stored_ragged.tempfile.TemporaryFile",
        lambda dir: os.fdopen(os.open("/dev/full", os.O_RDWR), "r+b", 0),
    )
    with pytest.raises(UserError, match="No space left on device"):
        StoredRagged.write([Ragged.from_sequences([[1]])], tmp_path, size=2)


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=f"{os.strerror(errno.ENOENT)}.*Choose another place"):
        StoredRagged.write([], tmp_path / "none", size=2)


def test_the_folder_may_be_a_text(tmp_path: Path) -> None:
    assert StoredRagged.write([Ragged.from_sequences([[1]])], str(tmp_path), size=2).load().tolist() == [[1]]
    with pytest.raises(UserError, match="Choose another place"):
        StoredRagged.write([], str(tmp_path / "none"), size=2)


def test_what_gives_the_sequences_may_fail_and_nothing_stays(tmp_path: Path) -> None:
    def sequences():
        yield Ragged.from_sequences([[1]])
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        StoredRagged.write(sequences(), tmp_path, size=2)
    gc.collect()
    assert list(tmp_path.iterdir()) == []


def test_keeps_vectors_and_numbers_below_zero_where_no_size_is_given(tmp_path: Path) -> None:
    vectors = Ragged.from_arrays([np.full((2, 3), 0.5), np.zeros((0, 3)), np.full((1, 3), -1.0)])
    stored = StoredRagged.write([vectors, vectors], tmp_path)
    assert stored.width == 3
    assert stored.take([5, 1, 0]).load().tolist() == vectors.take([2, 1, 0]).tolist()
    assert StoredRagged.write([Ragged.from_arrays([[-7]])], tmp_path).load().tolist() == [[-7]]


def test_vectors_of_another_kind_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"float32 \(4,\) after some of float32 \(3,\)"):
        StoredRagged.write([Ragged.from_arrays([np.zeros((2, n))]) for n in (3, 4)], tmp_path)
