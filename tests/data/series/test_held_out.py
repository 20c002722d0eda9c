"""Series of a test file: read as the training file was, checked against it, and compared with it."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from unspool.data.inspection_in_words import describe
from unspool.data.series import read_series
from unspool.data.series.examples import SeriesExamples
from unspool.data.series.inspection import inspect_series
from unspool.errors import UserError
from unspool.tasks import find_task

LABELS = ("down", "up")


def read(path: Path, **settings: Any) -> SeriesExamples:
    return read_series(path, find_labels=partial(find_task, forced=None), **settings)


def numbers(count: int, seed: int) -> list[list[float]]:
    """Series of one channel and three steps; label n % 2."""
    return np.random.RandomState(seed).normal(size=(count, 3)).round(3).tolist()


def npz(path: Path, rows: list[list[float]], labels=LABELS) -> Path:
    path = path.with_suffix(".npz")
    np.savez(path, x=np.array(rows)[:, :, None], y=[labels[n % 2] for n in range(len(rows))])
    return path


def ts(path: Path, rows: list[list[float]], labels=LABELS) -> Path:
    lines = [f"{','.join(map(str, row))}:{labels[n % 2]}" for n, row in enumerate(rows)]
    path = path.with_suffix(".ts")
    path.write_text("\n".join(["@univariate true", "@classLabel true down up", "@data", *lines]))
    return path


def wide(path: Path, rows: list[list[float]], labels=LABELS) -> Path:
    lines = [f"{','.join(map(str, row))},{labels[n % 2]}" for n, row in enumerate(rows)]
    path = path.with_suffix(".csv")
    path.write_text("\n".join(["t0,t1,t2,state", *lines]))
    return path


def listed(path: Path, rows: list[list[float]], labels=LABELS) -> Path:
    path = path.with_suffix(".jsonl")
    path.write_text("\n".join(json.dumps({"x": row, "state": labels[n % 2]}) for n, row in enumerate(rows)))
    return path


def ucr(path: Path, rows: list[list[float]], labels=("1", "2")) -> Path:
    path = path.with_suffix(".tsv")
    numbered = [labels[n % 2].replace("down", "1").replace("up", "2") for n in range(len(rows))]
    path.write_text("\n".join("\t".join([label, *map(str, row)]) for label, row in zip(numbered, rows, strict=True)))
    return path


def long(path: Path, rows: list[list[float]], labels=LABELS) -> Path:
    lines = [f"s{n},{t},{x},{labels[n % 2]}" for n, row in enumerate(rows) for t, x in enumerate(row)]
    path = path.with_suffix(".csv")
    path.write_text("\n".join(["series,time,x,label", *lines]))
    return path


WRITERS = (npz, ts, wide, listed, ucr, long)


@pytest.mark.parametrize("write", WRITERS)
def test_all_series_of_the_test_file_are_the_test(tmp_path: Path, write) -> None:
    train, test = write(tmp_path / "a", numbers(40, 0)), write(tmp_path / "b", numbers(10, 1))
    examples = read(train, test=test)
    assert examples.counts() == {"training": 36, "validation": 4, "test": 10}
    values, targets = examples.load("test")
    np.testing.assert_allclose(values[:, :, 0], np.float32(numbers(10, 1)))
    assert targets.tolist() == [n % 2 for n in range(10)]
    assert f"the test is {test}" in examples.decisions
    assert "series for validation are drawn from the others: at random" in examples.decisions


@pytest.mark.parametrize("write", WRITERS)
def test_a_label_that_training_never_shows_is_told_of_the_test_file(tmp_path: Path, write) -> None:
    train, test = write(tmp_path / "a", numbers(40, 0)), write(tmp_path / "b", numbers(10, 1), ("down", "7"))
    with pytest.raises(UserError, match=r"b\.\w+, series 2\D.*the label '7' does not occur in training"):
        read(train, test=test)
    examples = read(train, test=test, on_error="skip")
    assert examples.counts()["test"] == 5
    assert sum(examples.series.left_out.values()) == 5


@pytest.mark.parametrize("write", WRITERS)
def test_copies_between_the_two_files_are_named(tmp_path: Path, write) -> None:
    train = write(tmp_path / "a", numbers(40, 0))
    test = write(tmp_path / "b", [*numbers(40, 0)[:4], *numbers(6, 1)])
    examples = read(train, test=test)
    said = describe(inspect_series(examples))
    found = "4 series of test are duplicates of a series of training or validation"
    assert f"{found}: kept; they can flatter the scores of test by 40.0%" in said


def test_a_test_file_may_be_of_another_kind(tmp_path: Path) -> None:
    examples = read(npz(tmp_path / "a", numbers(40, 0)), test=wide(tmp_path / "b", numbers(10, 1)))
    assert examples.counts()["test"] == 10
    assert examples.series.channels == ("0",)


def test_the_steps_of_the_test_file_are_read_by_name(tmp_path: Path) -> None:
    train = wide(tmp_path / "a", numbers(40, 0))
    rows = [f"{n},{c},{a},{b},{LABELS[n % 2]}" for n, (a, b, c) in enumerate(numbers(10, 1))]
    (tmp_path / "b.csv").write_text("\n".join(["batch,t2,t0,t1,state", *rows]))
    examples = read(train, test=tmp_path / "b.csv")
    np.testing.assert_allclose(examples.load("test")[0][:, :, 0], np.float32(numbers(10, 1)))
    assert "b.csv: ignored column: batch" in examples.decisions
    (tmp_path / "b.csv").write_text("batch,t0,t2,state\n0,1,2,up\n1,3,2,down\n")
    with pytest.raises(UserError, match=r"b\.csv lacks 1 of the 3 columns of steps in the training data: t1\. Add it"):
        read(train, test=tmp_path / "b.csv")


@pytest.mark.parametrize("start", [0, 1])
def test_a_training_file_without_a_header_names_no_steps(tmp_path: Path, start: int) -> None:
    train = ucr(tmp_path / "a", numbers(40, 0))
    head = f"label,{start},{start + 1},{start + 2}"
    rows = [",".join([str(n % 2 + 1), *map(str, row)]) for n, row in enumerate(numbers(10, 1))]
    (tmp_path / "b.csv").write_text("\n".join([head, *rows]))
    examples = read(train, test=tmp_path / "b.csv")
    np.testing.assert_allclose(examples.load("test")[0][:, :, 0], np.float32(numbers(10, 1)))
    assert not [words for words in examples.decisions if words.startswith("b.csv")]


def test_numbers_of_the_test_file_are_read_as_in_training(tmp_path: Path) -> None:
    head, wide_head = "series;time;x;label", "t0;t1;t2;state"
    (tmp_path / "a.csv").write_text(
        "\n".join([head, *(f"{n};{t};1,2{n + 10}.{t}5;{LABELS[n % 2]}" for n in range(40) for t in range(3))])
    )
    (tmp_path / "b.csv").write_text(
        "\n".join([head, *(f"{n};{t};1,20{t};{LABELS[n % 2]}" for n in range(4) for t in range(3))])
    )
    (tmp_path / "c.csv").write_text(
        "\n".join([wide_head, *(f"1,200.5;1,201.5;1,2{n + 10}.5;{LABELS[n % 2]}" for n in range(40))])
    )
    (tmp_path / "d.csv").write_text("\n".join([wide_head, *(f"1,200;1,201;1,202;{LABELS[n % 2]}" for n in range(4))]))
    for train, test, where in (("a", "b", "column x"), ("c", "d", "columns t0, t1, t2")):
        examples = read(tmp_path / f"{train}.csv", test=tmp_path / f"{test}.csv")
        assert examples.load("test")[0][0, :, 0].tolist() == [1200, 1201, 1202]
        words = f"{test}.csv: numbers in {where}, such as 1,200, are read as 1200, as in training"
        assert words in examples.decisions


def test_other_channels_are_refused(tmp_path: Path) -> None:
    train = npz(tmp_path / "a", numbers(40, 0))
    x = np.random.RandomState(0).normal(size=(10, 3, 2))
    np.savez(tmp_path / "b.npz", x=x, y=["up", "down"] * 5)
    with pytest.raises(UserError, match=r"b\.npz has 2 channels \(0, 1\), but .*a\.npz has 1 channel \(0\)\. Give"):
        read(train, test=tmp_path / "b.npz")
    other = long(tmp_path / "c", numbers(40, 0))
    renamed = tmp_path / "d.csv"
    renamed.write_text(other.read_text().replace("time,x,", "time,y,"))
    with pytest.raises(UserError, match=r"d\.csv has no column 'x' for the channel"):
        read(other, test=renamed)
    with pytest.raises(UserError, match=r"c\.csv cannot be the test of .*a\.npz"):
        read(train, test=other)


def test_what_the_test_file_says_of_parts_and_times_is_not_looked_at(tmp_path: Path) -> None:
    train, x = npz(tmp_path / "a", numbers(40, 0)), np.array(numbers(10, 1))[:, :, None]
    np.savez(tmp_path / "b.npz", x=x, y=["up", "down"] * 5, split=["train"] * 10, times=range(10), groups=[1, 2] * 5)
    examples = read(train, test=tmp_path / "b.npz")
    assert examples.counts()["test"] == 10
    assert examples.series.times is None
    assert examples.series.groups is None


def test_the_newest_stop_training_and_groups_are_kept(tmp_path: Path) -> None:
    x, y = np.array(numbers(40, 0))[:, :, None], ["up", "down"] * 20
    np.savez(tmp_path / "a.npz", x=x, y=y, times=range(40), groups=np.arange(40) // 2)
    np.savez(tmp_path / "b.npz", x=np.array(numbers(10, 1))[:, :, None], y=["up", "down"] * 5)
    examples = read(tmp_path / "a.npz", test=tmp_path / "b.npz")
    assert np.flatnonzero(examples.parts == 1).tolist() == [36, 37, 38, 39]
    assert np.flatnonzero(examples.parts == 2).tolist() == list(range(40, 50))
    assert examples.series.groups is not None
    assert len(set(examples.series.groups[40:].tolist())) == 10


@pytest.mark.parametrize("write", [wide, long])
def test_groups_are_found_however_the_test_file_spells_their_column(tmp_path: Path, write) -> None:
    train, test = write(tmp_path / "a", numbers(40, 0)), write(tmp_path / "b", numbers(10, 1))
    for path, name in ((train, "s\u00e9rie"), (test, "se\u0301rie")):
        header, *rows = path.read_text().splitlines()
        each = 1 if write is wide else 3
        path.write_text("\n".join([f"{header},{name}", *(f"{row},{n // each // 5}" for n, row in enumerate(rows))]))
    groups = read(train, test=test, group="s\u00e9rie").series.groups
    assert groups is not None
    assert len(set(groups[40:].tolist())) == 2


def test_tags_are_read_from_both_files(tmp_path: Path) -> None:
    for name, count in (("a", 30), ("b", 5)):
        x = np.array(numbers(count, count))
        np.savez(tmp_path / f"{name}.npz", x=x[:, :, None], y=np.where(x > 0, "up", "down"))
    examples = read_series(
        tmp_path / "a.npz", find_labels=partial(find_task, forced="tagging"), tags=True, test=tmp_path / "b.npz"
    )
    assert examples.counts()["test"] == 5
    assert len(examples.series.labels[-1]) == 3
    with pytest.raises(UserError, match=r"c\.csv has no tag for each step"):
        read_series(
            tmp_path / "a.npz",
            find_labels=partial(find_task, forced="tagging"),
            tags=True,
            test=wide(tmp_path / "c", numbers(5, 0)),
        )


def test_without_labels_none_are_looked_at(tmp_path: Path) -> None:
    train, test = wide(tmp_path / "a", numbers(40, 0)), wide(tmp_path / "b", numbers(10, 1), ("x", "y"))
    examples = read_series(train, find_labels=partial(find_task, forced="reconstruction"), labelled=False, test=test)
    assert examples.counts()["test"] == 10


def test_a_test_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"b\.npz is not there"):
        read(npz(tmp_path / "a", numbers(40, 0)), test=tmp_path / "b.npz")
