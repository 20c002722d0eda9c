import gzip
import hashlib
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from unspool.data.named.idx import parse_idx, read_idx
from unspool.errors import UserError

PATH = Path("folder/train-images-idx3-ubyte.gz")


def write_idx(array: np.ndarray) -> bytes:
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


ARRAYS = hnp.arrays(np.uint8, hnp.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=5))


@given(ARRAYS)
def test_what_was_written_is_read(array: np.ndarray) -> None:
    np.testing.assert_array_equal(parse_idx(write_idx(array), PATH), array, strict=True)


@given(ARRAYS, st.data())
def test_a_file_of_another_length_is_refused(array: np.ndarray, data: st.DataObject) -> None:
    whole = write_idx(array)
    length = data.draw(st.integers(0, len(whole) - 1))
    for bad in (whole[:length], whole + b"0"):
        with pytest.raises(UserError, match=r"folder/train-images-idx3-ubyte\.gz"):
            parse_idx(bad, PATH)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is not an IDX file of unsigned bytes: it begins with nothing"),
        (b"\x00\x00\x0d\x01\x00\x00\x00\x00", "it begins with 00 00 0d 01"),
        (b"\x01\x00\x08\x01\x00\x00\x00\x00", "it begins with 01 00 08 01"),
        (b"\x00\x00\x08\x00", "it begins with 00 00 08 00"),
        (
            b"\x00\x00\x08\x02\x00\x00\x00\x02\x00\x00\x00\x03abcde",
            "17 bytes, but its header of dimensions 2 x 3 .* 18",
        ),
        (b"\x00\x00\x08\x03" + b"\xff" * 12, "cut short or altered"),
    ],
)
def test_a_bad_file_is_explained(data: bytes, message: str) -> None:
    with pytest.raises(UserError, match=message):
        parse_idx(data, PATH)


@pytest.fixture
def idx(tmp_path: Path) -> tuple[bytes, str, Path]:
    data = write_idx(np.arange(24, dtype=np.uint8).reshape(2, 3, 4))
    return data, hashlib.sha256(data).hexdigest(), tmp_path / "a-idx3-ubyte"


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_packed_or_not_it_is_read(idx: tuple[bytes, str, Path], pack) -> None:
    data, digest, path = idx
    path.write_bytes(pack(data))
    assert read_idx(path, digest).tolist() == np.arange(24).reshape(2, 3, 4).tolist()


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda data: gzip.compress(data)[:-9], "cannot be read to its end"),
        (lambda data: gzip.compress(data)[:-8] + b"\0" * 8, "cannot be read to its end"),
        (lambda data: gzip.compress(data[:-1]), "cut short or altered"),
        (lambda data: gzip.compress(data[:-1] + b"!"), "its content differs"),
        (lambda data: data[:-1], "cut short or altered"),
        (lambda data: b"", "begins with nothing"),
        (lambda data: gzip.compress(bytes(2_000_000)), "holds more than 1,000,000 bytes"),
    ],
)
def test_a_file_that_is_not_the_published_one_is_refused(idx: tuple[bytes, str, Path], damage, message: str) -> None:
    data, digest, path = idx
    path.write_bytes(damage(data))
    with pytest.raises(UserError, match=f"a-idx3-ubyte .*{message}"):
        read_idx(path, digest, limit=1_000_000)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"a-idx3-ubyte cannot be read .*No such file"):
        read_idx(tmp_path / "a-idx3-ubyte", "")
