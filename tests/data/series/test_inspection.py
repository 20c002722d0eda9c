import re
from pathlib import Path

import numpy as np
import pytest

from unspool.data.inspection_in_words import describe, remarks
from unspool.data.series import read_series
from unspool.data.series.inspection import Channel, SeriesInspection, inspect_series
from unspool.tasks import find_task


@pytest.fixture
def seen(tmp_path: Path) -> SeriesInspection:
    """60 series, 40 of them for training; one of the test is a copy, one of the training contradicts another."""
    x = np.random.RandomState(0).normal(size=(60, 5, 2))
    x[:, :, 1] = 7
    x[0, 0], x[1, 0] = [-10, 7], [10, 7]
    x[50], x[3] = x[4], x[2]
    x[59, 2, 0] = np.inf
    x[7, 1, 0] = x[8, 1, 0] = np.nan
    split = ["train"] * 40 + ["dev"] * 10 + ["test"] * 10
    np.savez(
        tmp_path / "a.npz", x=x, y=np.arange(60) % 2, lengths=[3, 4, 5, 5] * 15, split=split, channels=["v", "one"]
    )
    return inspect_series(read_series(tmp_path / "a.npz", find_labels=find_task, on_error="skip"))


def test_what_series_hold_is_counted(seen: SeriesInspection) -> None:
    assert seen.series == 59
    assert seen.balance.parts == {"training": 40, "validation": 10, "test": 9}
    assert seen.balance.labels == {"0": (20, 5, 5), "1": (20, 5, 4)}
    assert seen.lengths == (3, 3, 4, 5, 5, 5)
    assert seen.channels[1] == Channel("one", 7, 7, 0, 7)
    assert seen.channels[0].missing == 2
    assert (seen.channels[0].least, seen.channels[0].most) == (-10, 10)
    assert abs(seen.channels[0].mean) < 0.5
    assert 1 < seen.channels[0].deviation < 2


def test_what_is_out_of_the_ordinary_is_said(seen: SeriesInspection) -> None:
    assert {remark.found: remark.done for remark in remarks(seen)} == {
        "1 series with a value that is not a finite number": "left out",
        "channels with one number only: one": "kept; they carry no information",
        "2 series of training are duplicates of another series of training": "kept",
        "2 series with a duplicate that has another label": "kept; no model can be right on all",
    }


def test_the_whole_text(seen: SeriesInspection) -> None:
    text = describe(seen)
    assert "\n  2 numbers are missing, in 2 of 59 series: filled in by linear interpolation along time" in text
    assert re.search(r"\nchannel +least +mean +deviation +most +missing\nv .* 2\none .* 0\n", text)
    assert ": 59 series that can be used\n  the file has arrays\n  the task is binary" in text
    assert "time steps  least  10%  median  90%  99%  most\ntraining        3    3       4    5    5     5\n" in text
    assert "one          7" in text


def test_channels_that_models_may_take_for_constant_are_pointed_out(tmp_path: Path) -> None:
    x = np.random.RandomState(0).normal(size=(30, 9, 4)) * [1, 1e-12, 300, 0] + [0, 0, 1e9, 3]
    np.savez(tmp_path / "a.npz", x=x, y=np.arange(30) % 2, channels=["plain", "ampere", "clock", "still"])
    found = [remark.found for remark in remarks(inspect_series(read_series(tmp_path / "a.npz", find_labels=find_task)))]
    assert found == [
        "channels with one number only: still",
        "channels with a standard deviation below 1e-10: ampere",
        "channels that vary by less than a millionth of their mean: clock",
    ]


def test_a_number_that_stands_for_a_missing_one_is_pointed_out(tmp_path: Path) -> None:
    x = np.random.RandomState(0).normal(size=(30, 9, 2))
    x[3, 4, 1] = x[5, 0, 1] = -9999
    np.savez(tmp_path / "a.npz", x=x, y=np.arange(30) % 2, channels=["plain", "heart"])
    found = inspect_series(read_series(tmp_path / "a.npz", find_labels=find_task))
    (said,) = [remark for remark in remarks(found) if "-9999" in remark.found]
    assert said.found.startswith("channel heart contains -9999 (")
    assert said.done == "kept as it is; if it stands for a missing number, leave these cells empty"


@pytest.mark.parametrize(("shape", "told"), [((30, 2, 9), True), ((30, 1, 9), True), ((30, 9, 2), False)])
def test_channels_in_the_place_of_steps_are_pointed_out(tmp_path: Path, shape, told) -> None:
    np.savez(tmp_path / "a.npz", x=np.random.RandomState(0).normal(size=shape), y=np.arange(30) % 2)
    text = describe(inspect_series(read_series(tmp_path / "a.npz", find_labels=find_task)))
    steps = "1 step" if shape[1] == 1 else "2 steps"
    assert (f"each series has 9 channels and only {steps}: read as they are; if these are" in text) is told


def test_channels_that_never_change_within_a_series_are_told(tmp_path: Path) -> None:
    x = np.random.RandomState(0).normal(size=(30, 4, 2))
    x[:, :, 1] = np.arange(30)[:, np.newaxis] // 3
    x[5, 2:, 1] = np.nan
    np.savez(tmp_path / "a.npz", x=x, y=np.arange(30) % 2, channels=["load", "age"])
    seen = inspect_series(read_series(tmp_path / "a.npz", find_labels=find_task))
    assert [channel.steady for channel in seen.channels] == [False, True]
    (remark,) = (one for one in remarks(seen) if "never change" in one.found)
    assert remark.found == "channels that never change within a series: age"
    assert remark.done == "kept; leave out any that are not known for new series, such as another label"


@pytest.mark.parametrize(
    ("codes", "telling"), [([3, 8, 8, 3], ()), ([3, 8, 3, 8], ("code",)), ([3, 8, 5, 8], ("code",))]
)
def test_a_column_that_determines_the_label_is_pointed_out(tmp_path: Path, codes: list[int], telling) -> None:
    noise = np.random.RandomState(0).normal(size=(40, 2))
    rows = [f"{a},{codes[n % 4]},{b},{['no', 'yes'][n % 2]}" for n, (a, b) in enumerate(noise)]
    (tmp_path / "a.csv").write_text("\n".join(["pressure,code,heat,state", *rows]))
    seen = inspect_series(read_series(tmp_path / "a.csv", find_labels=find_task))
    assert seen.telling == telling
    found = [remark for remark in remarks(seen) if remark.found == "column code: each value has one label only"]
    assert [remark.done[:15] for remark in found] == ["kept as a step;"] * len(telling)
