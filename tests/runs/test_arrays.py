import numpy as np
import pytest
from matplotlib.image import imread

from unspool.errors import UserError
from unspool.runs.arrays import check_sheet, check_writable, read_npy, write_contact_sheet, write_npy, write_sequences


def test_an_array_reads_back(tmp_path):
    array = np.random.default_rng(0).random((3, 2), "float32")
    write_npy(tmp_path / "a.npy", array)
    np.testing.assert_array_equal(read_npy(tmp_path / "a.npy"), array)


def test_what_is_no_array_is_told(tmp_path):
    with pytest.raises(UserError, match="There is no file"):
        read_npy(tmp_path / "a.npy")
    with pytest.raises(UserError, match="cannot be read"):
        read_npy(tmp_path)
    for content in (b"", b"not numpy", b"\x93NUMPY\x01\x00"):
        (tmp_path / "a.npy").write_bytes(content)
        with pytest.raises(UserError, match=r"cannot be read as a \.npy file"):
            read_npy(tmp_path / "a.npy")
    np.save(tmp_path / "a.npy", np.array([{"code": print}], dtype=object), allow_pickle=True)
    with pytest.raises(UserError, match=r"cannot be read as a \.npy file: the array holds Python objects"):
        read_npy(tmp_path / "a.npy")


def test_a_contact_sheet_shows_each_image_in_its_place(tmp_path):
    images = np.zeros((5, 8, 8))
    images[3] = 1
    write_contact_sheet(tmp_path / "sheet.png", images)
    sheet = imread(tmp_path / "sheet.png")[:, :, 0]
    scale = 11  # 84 pixels or more a side
    assert sheet.shape == ((2 * 9 + 1) * scale, (3 * 9 + 1) * scale)
    ink = np.argwhere(sheet < 0.5)
    assert (ink.min(axis=0) // scale).tolist() == [10, 1]
    assert (ink.max(axis=0) // scale).tolist() == [17, 8]


def test_on_a_sheet_of_pairs_each_stands_beside_its_own(tmp_path):
    black, white = np.ones((1, 8, 8)), np.zeros((1, 8, 8))
    write_sequences(tmp_path / "pairs.png", white, beside=black)
    sheet = imread(tmp_path / "pairs.png")[:, :, 0]
    scale = 5  # a pair is 17 pixels wide
    assert sheet.shape == (10 * scale, 19 * scale)
    assert np.argwhere(sheet < 0.5).max(axis=0).tolist() == [9 * scale - 1, 9 * scale - 1]
    write_sequences(tmp_path / "a.npy", white, beside=black)
    np.testing.assert_array_equal(read_npy(tmp_path / "a.npy"), white)


def test_what_is_no_sheet_of_images_is_refused(tmp_path):
    check_sheet(tmp_path / "a.npy", 10**6, grey=False)
    check_sheet(tmp_path / "a.png", 2_500, grey=True)
    with pytest.raises(UserError, match="outputs are not grey values"):
        check_sheet(tmp_path / "a.png", 1, grey=False)
    with pytest.raises(UserError, match="a sheet holds 2,500 images at most, not 2,501"):
        check_sheet(tmp_path / "a.png", 2_501, grey=True)


def test_a_place_that_cannot_be_written_is_refused_at_once(tmp_path):
    check_writable(tmp_path / "a.npy", tmp_path / "run", ".npy")
    with pytest.raises(UserError, match=r"must end in \.png or \.npy"):
        check_writable(tmp_path / "a.jpg", tmp_path / "run", ".png", ".npy")
    with pytest.raises(UserError, match="there is no folder"):
        check_writable(tmp_path / "nowhere" / "a.npy", tmp_path / "run", ".npy")
