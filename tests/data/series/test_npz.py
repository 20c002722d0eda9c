from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from unspool.data.series.npz import read_npz
from unspool.data.tables.problems import Reason
from unspool.errors import UserError

NAN = np.nan
X = np.arange(24.0).reshape(4, 3, 2)
Y = np.array(["a", "b", "a", "b"])


@pytest.fixture
def save(tmp_path: Path) -> Callable[..., Path]:
    def save(**arrays: object) -> Path:
        np.savez(tmp_path / "a.npz", **arrays)  # type: ignore[arg-type]
        return tmp_path / "a.npz"

    return save


def test_series_of_one_length(save: Callable[..., Path]) -> None:
    found = read_npz(save(x=X, y=Y, channels=["left", "right"]))
    assert found.lengths.tolist() == [3] * 4
    assert found.values.tolist() == X.reshape(12, 2).tolist()
    assert found.values.dtype == np.float32
    assert (found.labels, found.names, found.channels) == (list(Y), ["1", "2", "3", "4"], ("left", "right"))


@pytest.mark.parametrize(
    "arrays",
    [
        {"x": np.where(np.arange(3)[:, np.newaxis] < np.array([3, 1, 2, 3])[:, np.newaxis, np.newaxis], X, NAN)},
        {"x": X, "lengths": [3, 1, 2, 3]},
        {"x": X[np.arange(3) < np.array([3, 1, 2, 3])[:, np.newaxis]], "lengths": [3, 1, 2, 3]},
    ],
)
def test_series_of_different_lengths_in_three_forms(save: Callable[..., Path], arrays: dict[str, object]) -> None:
    found = read_npz(save(y=Y, **arrays))
    assert found.lengths.tolist() == [3, 1, 2, 3]
    assert found.values[3:6].tolist() == [[6, 7], [12, 13], [14, 15]]
    padded = found.padded(np.array([1, 2]))
    assert padded[0].tolist()[0] == [6, 7]
    assert np.isnan(padded[0, 1]).all()
    assert found.padded(np.array([0]), length=2).tolist() == [X[0, 1:].tolist()]


def test_one_channel_may_go_without_its_axis(save: Callable[..., Path]) -> None:
    found = read_npz(save(x=np.array([[1, 2], [3, 4]]), y=[0, 1]))
    assert found.values.tolist() == [[1], [2], [3], [4]]
    assert found.lengths.tolist() == [2, 2]


@pytest.mark.parametrize(
    "times",
    [
        [3.5, 1, 2, 4],
        np.array(["2026-01-03", "2026-01-01", "2026-01-02", "2026-01-04"]),
        np.array(["2026-01-03", "2026-01-01", "2026-01-02", "2026-01-04"], dtype="datetime64[s]"),
        np.array(["2026-01-03", "2026-01-01", "2026-01-02", "2026-01-04"], dtype="datetime64[ns]"),
    ],
)
def test_times_are_numbers_or_dates(save: Callable[..., Path], times: object) -> None:
    found = read_npz(save(x=X, y=Y, times=times)).times
    assert found is not None
    assert np.argsort(found).tolist() == [1, 2, 0, 3]


def test_a_time_that_is_none_spoils_its_series(save: Callable[..., Path]) -> None:
    path = save(x=X, y=Y, times=np.array(["2026-01-03", "NaT", "2026-01-02", "2026-01-04"], dtype="datetime64[D]"))
    assert len(read_npz(path, labelled=False, parted=False)) == 4  # what is predicted needs no time
    with pytest.raises(UserError, match=r"a\.npz, series 2, column times: None is not a time"):
        read_npz(path)
    found = read_npz(path, on_error="skip")
    assert (found.names, found.left_out) == (["1", "3", "4"], Counter([Reason.NOT_A_TIME]))
    assert found.times is not None
    assert len(found.times) == 3
    with pytest.raises(UserError, match=r"times has the shape \(3,\), but there are 4 series"):
        read_npz(save(x=X, y=Y, times=[1, 2, 3]))


def test_groups_and_splits(save: Callable[..., Path]) -> None:
    found = read_npz(save(x=X, y=Y, groups=[7, 8, 7, 8], split=["train", "dev", "test", "train"]))
    assert found.groups is not None
    assert found.groups[0] == found.groups[2] != found.groups[1]
    assert found.parts is not None
    assert found.parts.tolist() == [0, 1, 2, 0]


@pytest.mark.parametrize(
    ("change", "message", "reason"),
    [
        (
            {"x": np.where(X // 6 == 1, NAN, X), "lengths": [3] * 4},
            "series 2: the series has no number",
            Reason.NO_VALUE,
        ),
        ({"x": np.where(X == 9, 1e300, X)}, r"series 2, column channel 1: step 2 is 1e\+300", Reason.NOT_FINITE),
        ({"x": np.where(X == 8, np.inf, X)}, "series 2, column channel 0: step 2 is inf", Reason.NOT_FINITE),
        (
            {"x": X + np.where(X // 6 == 1, 1.7e9, 0)},
            "series 2, column channel 0: the series has numbers too large and too close together",
            Reason.ROUNDED,
        ),
        ({"lengths": [3, 0, 3, 3]}, "series 2: the series has no steps", Reason.RAGGED),
        ({"y": np.array(["a", "", "a", "b"])}, "series 2: the label is missing", Reason.NO_VALUE),
        ({"y": np.array([1, NAN, 2, 3])}, "series 2: the label is nan", Reason.NOT_FINITE),
        ({"split": ["train", "?", "test", "dev"]}, r"series 2, column split: '\?' is neither", Reason.UNKNOWN_SPLIT),
    ],
)
def test_a_bad_series_is_told_or_counted(
    save: Callable[..., Path], change: dict[str, object], message: str, reason: Reason
) -> None:
    path = save(**{"x": X, "y": Y} | change)
    with pytest.raises(UserError, match=rf"a\.npz, {message}"):
        read_npz(path)
    found = read_npz(path, "skip")
    assert found.names == ["1", "3", "4"]
    assert found.values[3].tolist() == [12, 13]
    assert found.left_out == Counter([reason])


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": X}, "has no array 'y', but x. It needs x with shape"),
        ({"images": X}, "has no array 'x', but images"),
        ({"x": X, "y": Y[:3]}, r"y has the shape \(3,\), but there are 4 series"),
        ({"x": X, "y": Y, "groups": [1, 2]}, r"groups has the shape \(2,\)"),
        ({"x": X, "y": Y, "channels": ["one"]}, "channels has 1 names, but x has 2 channels"),
        ({"x": X, "y": Y, "lengths": [4, 1, 1, 1]}, r"lengths do not fit x, which has the shape \(4, 3, 2\)"),
        ({"x": X, "y": Y, "lengths": [1, 1]}, "lengths do not fit x"),
        ({"x": X, "y": Y, "lengths": [1.0, 1, 1, 1]}, "lengths must be whole numbers"),
        ({"x": X, "y": Y, "lengths": [-1, 1, 1, 1]}, "lengths must be whole numbers"),
        ({"x": np.array(["a"]), "y": ["a"]}, "x holds <U1, not numbers"),
        ({"x": np.zeros(3), "y": [0, 1, 2]}, r"x has the shape \(3,\)"),
        ({"x": np.zeros((4, 3, 2, 2)), "y": Y}, r"flatten it: x\.reshape\(4, 3, -1\)"),
        ({"x": np.zeros((9, 2, 2)), "y": Y, "lengths": [3, 2, 2, 2]}, r"flatten it: x\.reshape\(9, -1\)"),
        ({"x": np.array([[1], [2, 3]], dtype=object), "y": [0, 1]}, "holds Python objects, which are not read"),
        ({"x": X[:, :0], "y": Y}, "series 1: the series has no steps"),
    ],
)
def test_arrays_that_do_not_fit_are_told(save: Callable[..., Path], arrays: dict[str, object], message: str) -> None:
    with pytest.raises(UserError, match=rf"a\.npz.*{message}"):
        read_npz(save(**arrays))


def test_files_that_are_no_npz_are_told(tmp_path: Path, save: Callable[..., Path]) -> None:
    path = save(x=X, y=Y)
    whole = path.read_bytes()
    for content in (b"", b"no zip", whole[:-30], whole[: len(whole) // 2]):
        path.write_bytes(content)
        with pytest.raises(UserError, match=r"a\.npz is not a complete \.npz file"):
            read_npz(path)
    damaged = bytearray(whole)
    damaged[300:310] = bytes(10)
    path.write_bytes(damaged)
    with pytest.raises(UserError, match=r"a\.npz is not a complete \.npz file"):
        read_npz(path)
    np.save(tmp_path / "b.npy", X)
    (tmp_path / "b.npy").rename(tmp_path / "b.npz")
    with pytest.raises(UserError, match="holds one bare array"):
        read_npz(tmp_path / "b.npz")
    with pytest.raises(UserError, match="is not there"):
        read_npz(tmp_path / "c.npz")
