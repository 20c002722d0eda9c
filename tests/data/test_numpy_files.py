import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.lib import format as npy

from unspool.data.numpy_files import read_npy, read_npz


@given(array=arrays(st.sampled_from(["<f4", "<i8", "|b1", "<U3"]), st.lists(st.integers(0, 4), max_size=3).map(tuple)))
def test_arrays_read_back(array, tmp_path_factory):
    path = tmp_path_factory.mktemp("arrays") / "a"
    np.savez_compressed(path.with_suffix(".npz"), x=array, other=np.arange(3))
    np.save(path.with_suffix(".npy"), array)
    found = read_npz(path.with_suffix(".npz"))
    assert found.keys() == {"x", "other"}
    np.testing.assert_array_equal(found["x"], array)
    np.testing.assert_array_equal(read_npy(path.with_suffix(".npy")), array)
    assert read_npz(path.with_suffix(".npz"), ["x"]).keys() == {"x"}


def test_objects_are_not_read(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.array([{"code": print}], dtype=object), allow_pickle=True)
    np.save(tmp_path / "a.npy", np.array([{"code": print}], dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match="array 'x' holds Python objects"):
        read_npz(tmp_path / "a.npz")
    with pytest.raises(ValueError, match="the array holds Python objects"):
        read_npy(tmp_path / "a.npy")


def test_another_file_is_named_as_such(tmp_path):
    (tmp_path / "a.npy").write_text("date,y\n2020-01-01,3\n")
    with pytest.raises(ValueError, match=r"^the array is not in NumPy's format$"):
        read_npy(tmp_path / "a.npy")


@pytest.mark.parametrize("shape", [(10**12,), (10**9, 10**9), (3,), (5,)])
def test_a_shape_that_is_not_that_of_the_numbers_is_refused(tmp_path, shape):
    path = tmp_path / "a.npy"
    with path.open("wb") as file:
        npy.write_array_header_1_0(file, {"descr": "<f4", "fortran_order": False, "shape": shape})
        file.write(bytes(16))
    with pytest.raises(ValueError, match=r"the array has the shape .* but there are 16"):
        read_npy(path)


def test_an_oversized_header_is_refused(tmp_path):
    path = tmp_path / "a.npy"
    descr = [(f"{'x' * 100}{number}", "<f4") for number in range(2000)]
    with path.open("wb") as file:
        npy.write_array_header_2_0(file, {"descr": descr, "fortran_order": False, "shape": (0,)})
    with pytest.raises(ValueError, match="Header info length"):
        read_npy(path)


def test_a_bomb_and_a_double_are_refused(tmp_path):
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("x.npy", "w") as file:
        npy.write_array_header_1_0(file, {"descr": "<f4", "fortran_order": False, "shape": (75_000_000,)})
        for _ in range(300):
            file.write(bytes(1_000_000))
    with pytest.raises(ValueError, match=r"array 'x' has 300,000,\d+ bytes, packed into"):
        read_npz(path)
    np.savez(path, x=np.zeros(3))
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("x.npy", archive.read("x.npy"))
    with pytest.raises(ValueError, match="array 'x' is there twice"):
        read_npz(path)
