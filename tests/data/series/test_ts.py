"""Files of sktime and aeon."""

import os
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from unspool.data.series.ts import read_ts
from unspool.data.tables.problems import Reason
from unspool.errors import UserError

HEAD = "# of walks\n@problemName walks\n@timeStamps false\n@univariate true\n@classLabel true up down\n@data\n"
TARGET = "@problemName rain\n@targetLabel true\n@data\n"


def write(tmp_path: Path, content: str) -> Path:
    path = tmp_path / "a.ts"
    path.write_text(content)
    return path


def test_series_of_different_lengths_with_class_labels(tmp_path: Path) -> None:
    found = read_ts(write(tmp_path, f"{HEAD}1,2,3:up\n\n4.5:down\n6,7,NaN,?:up\n"))
    assert (found.labels, found.lengths.tolist(), found.channels) == (["up", "down", "up"], [3, 1, 2], ("0",))
    assert found.values.ravel().tolist() == [1, 2, 3, 4.5, 6, 7]
    assert found.names == ["1", "2", "3"]


def test_several_channels_with_target_values(tmp_path: Path) -> None:
    found = read_ts(write(tmp_path, f"{TARGET}1,2:3,4:0.25\n5,6,7:8,9,10:-1.5\n"))
    assert (found.labels, found.channels) == (["0.25", "-1.5"], ("0", "1"))
    assert found.values.tolist() == [[1, 3], [2, 4], [5, 8], [6, 9], [7, 10]]


@pytest.mark.parametrize("mark", ["#", "%"])
def test_comments_are_passed_over(tmp_path: Path, mark: str) -> None:
    found = read_ts(write(tmp_path, f"{mark}# a sketch: 1,2\n{mark}\n{HEAD}1,2:up\n{mark} 3,4:down\n5,6:down\n"))
    assert (found.labels, found.names) == (["up", "down"], ["1", "2"])


def test_missing_numbers(tmp_path: Path) -> None:
    found = read_ts(write(tmp_path, f"{TARGET}1,?,2:3,4,NaN:0.25\n?,?,?:8,9,?:-1.5\n"))
    nan = np.nan
    np.testing.assert_array_equal(found.values, [[1, 3], [nan, 4], [2, nan], [nan, 8], [nan, 9]])
    assert found.lengths.tolist() == [3, 2]


def test_labels_are_not_looked_at_where_none_are_needed(tmp_path: Path) -> None:
    assert read_ts(write(tmp_path, f"{HEAD}1,2:\n"), labelled=False).labels == ["0"]
    bare = write(tmp_path, "@classLabel false\n@data\n1,2:3,4\n")
    assert read_ts(bare, labelled=False).channels == ("0", "1")
    with pytest.raises(UserError, match="says that it has no labels"):
        read_ts(bare)


@pytest.mark.parametrize(
    ("line", "message", "reason"),
    [
        ("1,x:up", r"series 2 \(line 8\), column channel 0: 'x' is not a finite number", Reason.NOT_FINITE),
        ("1e9,1000000001:up", "column channel 0: the series has numbers too large and too close", Reason.ROUNDED),
        ("?,NaN:up", "the series has no steps", Reason.NO_VALUE),
        ("1,2:", "the label is missing", Reason.NO_VALUE),
        ("1,2:3,4:up", "it has 2 channels and the first one 1", Reason.RAGGED),
        ("1,2:3:up", "its channels have 2 and 1 steps", Reason.RAGGED),
        ("up", "its channels have no steps", Reason.RAGGED),
        ("1,\0:up", "it holds a NUL byte", Reason.NUL),
    ],
)
def test_a_bad_line_is_told_or_left_out(tmp_path: Path, line: str, message: str, reason: Reason) -> None:
    path = write(tmp_path, f"{HEAD}1,2:up\n{line}\n3:down\n")
    with pytest.raises(UserError, match=message):
        read_ts(path)
    found = read_ts(path, "skip")
    assert (found.names, found.left_out) == (["1", "3"], Counter([reason]))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("1,2,3\n", "is no .ts file: .*ends at line 1"),
        ("@classLabel true a\n", "is no .ts file"),
        ("@timeStamps true\n@data\n", "has time stamps, which are not read"),
        (f"{HEAD}", "no series can be used"),
        ("", "is empty"),
    ],
)
def test_what_is_no_such_file_is_told(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        read_ts(write(tmp_path, content))


def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.ts")
    with pytest.raises(UserError, match=re.escape("is a pipe, not a file")):
        read_ts(tmp_path / "a.ts")
