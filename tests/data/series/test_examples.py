from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from unspool.data.series import read_series
from unspool.data.series.examples import SeriesExamples
from unspool.data.tables.problems import Reason
from unspool.errors import UserError
from unspool.tasks import find_task


def read(path: Path, task: str | None = None, **settings: Any) -> SeriesExamples:
    return read_series(path, find_labels=partial(find_task, forced=task), **settings)


def csv_of(path: Path, count: int, label: str = "{n}", extra: str = "") -> Path:
    rows = [f"s{n},{step},{n + step / 10},{label.format(n=n % 2)}" for n in range(count) for step in range(2 + n % 3)]
    path.write_text("\n".join(["series,time,x,label", *rows]) + f"\n{extra}")
    return path


def test_a_table_in_long_form(tmp_path: Path) -> None:
    examples = read(csv_of(tmp_path / "a.csv", 40, "l{n}"))
    assert examples.counts() == {"training": 32, "validation": 4, "test": 4}
    assert examples.labels.names == ("l0", "l1")
    values, targets = examples.load("training")
    assert values.shape == (32, 4, 1)
    assert (values[:, 0, 0].astype(int) % 2 == targets).all()
    lengths = np.isfinite(values[:, :, 0]).sum(axis=1)
    assert (lengths == 2 + values[:, 0, 0].astype(int) % 3).all()
    assert examples.load("test", length=2)[0].shape == (4, 2, 1)
    assert examples.decisions == (
        "series are told apart by column series; labels are in label",
        "channels are x",
        "rows are in the order of column time",
        "the times in column time are even: a step is 1",
        "the task is binary: there are two labels, l0 and l1",
        "series for validation and test are drawn from the others: at random",
    )


def test_rows_of_one_name_are_asked_about_where_a_model_learns_from_them_alone(tmp_path: Path) -> None:
    rows = [f"w{n // 4},{n},{n % 7},{n % 3},{'up' if n % 80 < 40 else 'down'}" for n in range(160)]
    (tmp_path / "test.csv").write_text("\n".join(["window,p,q,r,label", *rows]))
    (tmp_path / "a.csv").write_text("\n".join(["window,x,y,z,label", *np.random.RandomState(0).permutation(rows)]))
    assert read(tmp_path / "a.csv", test=tmp_path / "test.csv").counts()["test"] == 160
    with pytest.raises(UserError, match="rows with the same window follow each other and agree in label"):
        read(tmp_path / "test.csv")


def test_dates_written_as_numbers_are_pointed_out(tmp_path: Path) -> None:
    rows = [
        f"s{n},{20_240_229_235_950 if step else 20_240_229_235_940},{n},{n % 2}" for n in range(40) for step in (1, 0)
    ]
    (tmp_path / "a.csv").write_text("\n".join(["series,time,x,label", *rows]))
    assert read(tmp_path / "a.csv").decisions[3:5] == (
        "times in column time are dates written as numbers, such as 20240229235950",
        "the times in column time are even: a step is 10 s",
    )


def test_times_that_do_not_order_the_rows_are_pointed_out(tmp_path: Path) -> None:
    rows = [f"s{n},{12 + step}:30,{n + step / 10},{n % 2}" for n in range(40) for step in (2, 0, 1)]
    (tmp_path / "a.csv").write_text("\n".join(["series,clock,x,label", *rows]))
    assert read(tmp_path / "a.csv").decisions[2:5] == (
        "rows are in the order of the file",
        "column clock holds times, but does not order the rows; for it to do so, name it (--time), with the column of "
        "the date if there is one (--time date,time), or write seconds since the beginning of the series",
        "ignored column: clock",
    )


def test_groups_stay_together_and_splits_stay(tmp_path: Path) -> None:
    x, groups = np.random.RandomState(0).normal(size=(80, 3, 1)), np.arange(80) // 4
    np.savez(tmp_path / "a.npz", x=x, y=np.arange(80) % 2, groups=groups)
    parts = read(tmp_path / "a.npz").parts
    assert all(len(set(parts[groups == group])) == 1 for group in range(20))
    np.savez(tmp_path / "b.npz", x=x, y=np.arange(80) % 2, split=["train"] * 60 + ["test"] * 20)
    examples = read(tmp_path / "b.npz")
    assert examples.decisions[-1] == "series for validation are drawn from the others: at random"
    assert examples.counts() == {"training": 54, "validation": 6, "test": 20}
    assert (examples.parts[60:] == 2).all()


def test_copies_of_a_series_stay_together(tmp_path: Path) -> None:
    x = np.tile(np.random.RandomState(0).normal(size=(40, 3, 1)), (3, 1, 1))
    np.savez(tmp_path / "a.npz", x=x, y=np.tile(np.arange(40) % 2, 3))
    examples = read(tmp_path / "a.npz")
    assert (examples.parts.reshape(3, 40) == examples.parts[:40]).all()
    assert examples.decisions[-1].endswith("at random, copies of one series together")


def test_copies_of_a_common_series_are_drawn_one_by_one(tmp_path: Path) -> None:
    """Together, silent recordings would be most of the part that they are drawn for."""
    x = np.random.RandomState(0).normal(size=(100, 3, 1))
    x[:60] = 0
    np.savez(tmp_path / "a.npz", x=x, y=np.arange(100) % 2)
    examples = read(tmp_path / "a.npz")
    assert set(examples.parts[:60].tolist()) == {0, 1, 2}
    assert examples.decisions[-1].endswith("copies of one series together unless they make up more than a tenth")


def test_the_newest_series_are_the_test_and_those_before_validation(tmp_path: Path) -> None:
    x, times = np.zeros((40, 3, 1)), np.random.RandomState(0).permutation(40)
    np.savez(tmp_path / "a.npz", x=x, y=np.arange(40) % 2, times=times)
    examples = read(tmp_path / "a.npz")
    assert set(times[examples.parts == 2]) == {36, 37, 38, 39}
    assert set(times[examples.parts == 1]) == {32, 33, 34, 35}
    assert examples.decisions[-1] == "series for validation and test are drawn from the others: the newest by times"
    np.savez(tmp_path / "b.npz", x=x, y=np.arange(40) % 2, times=times, groups=np.arange(40) // 10)
    assert (
        read(tmp_path / "b.npz")
        .decisions[-1]
        .endswith("the newest by times, so that one group may be in several parts")
    )
    np.savez(tmp_path / "b.npz", x=x, y=np.arange(40) % 2, times=np.zeros(40))
    with pytest.raises(UserError, match="cannot be held out by time: too many of the 40 rows have the same"):
        read(tmp_path / "b.npz")
    newest = read(csv_of(tmp_path / "a.csv", 40, "l{n}"), newest="time")
    assert newest.decisions[2:5] == (
        "rows are in the order of column time",
        "the times in column time are even: a step is 1",
        "the task is binary: there are two labels, l0 and l1",
    )
    assert newest.decisions[-1].endswith("the newest by time")
    latest = np.diff(newest.series.offsets) - 1
    assert (latest[newest.parts == 2] == 3).all()


def test_columns_are_not_named_of_arrays(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.zeros((40, 3, 1)), y=np.arange(40) % 2)
    with pytest.raises(UserError, match=r"a\.npz: --newest names a column of a table, but a \.npz file has arrays"):
        read(tmp_path / "a.npz", newest="day")


def test_a_label_that_training_never_shows_is_told_or_counted(tmp_path: Path) -> None:
    np.savez(
        tmp_path / "a.npz",
        x=np.random.RandomState(0).normal(size=(41, 2, 1)),
        y=[0, 1] * 20 + [7],
        split=["train"] * 40 + ["test"],
    )
    with pytest.raises(UserError, match=r"a\.npz, series 41: the label '7' does not occur in training"):
        read(tmp_path / "a.npz")
    examples = read(tmp_path / "a.npz", on_error="skip")
    assert len(examples) == 40
    assert examples.series.left_out[Reason.UNKNOWN_LABEL] == 1


def test_a_number_is_a_target(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.random.RandomState(0).normal(size=(50, 2, 1)), y=np.arange(50) / 7)
    examples = read(tmp_path / "a.npz")
    assert examples.labels.name == "regression"
    assert examples.load("training")[1].dtype == np.float64


def test_series_without_labels_are_read_where_none_are_needed(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.random.RandomState(0).normal(size=(40, 2, 1)))
    with pytest.raises(UserError, match="has no array 'y'"):
        read(tmp_path / "a.npz")
    assert read(tmp_path / "a.npz", "reconstruction", labelled=False).counts()["training"] == 32
    np.savez(tmp_path / "a.npz", x=np.zeros((40, 2, 1)), split=["train"] * 20 + ["dev"] * 5 + ["test"] * 15)
    counts = read(tmp_path / "a.npz", "reconstruction", labelled=False).counts()
    assert counts == {"training": 20, "validation": 5, "test": 15}
    rows = [f"s{n},{n + step / 10}" for n in range(40) for step in range(2)]
    (tmp_path / "a.csv").write_text("\n".join(["series,x", *rows]))
    with pytest.raises(UserError, match="the label cannot be determined"):
        read(tmp_path / "a.csv")
    examples = read(tmp_path / "a.csv", "reconstruction", labelled=False)
    assert examples.series.channels == ("x",)
    assert examples.load("test")[0].shape == (4, 2, 1)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, r"a\.csv: Nothing can be learned from one label"),
        ({"label": "lable"}, "has no column 'lable' for the label"),
        ({"on_error": "ignore"}, "on_error is 'ignore'"),
    ],
)
def test_what_cannot_be_used_is_told(tmp_path: Path, settings: dict[str, str], message: str) -> None:
    with pytest.raises(UserError, match=message):
        read(csv_of(tmp_path / "a.csv", 10, "same"), **settings)
