"""The benchmark of series: reading sets, drawing them again, the tables."""

import io

import numpy as np
import pytest
from benchmarks.series import sets
from benchmarks.series.building import drawn_groups
from benchmarks.series.models import stacked
from benchmarks.series.run import main, tables
from benchmarks.series.sets import DEVELOPMENT, HELD_OUT, LATER, load, read_columns, read_npz, read_ts, resampled
from benchmarks.series.worker import few, score
from rich.console import Console


def test_a_file_of_series_of_different_lengths(tmp_path):
    path = tmp_path / "Two_TRAIN.ts"
    path.write_text("#note\n@targetLabel false\n@data\n1,2,?:4,5,6:left\n7:8:right\n")
    series, targets, regression = read_ts(path, "train")
    assert [one.shape for one in series] == [(3, 2), (1, 2)]
    assert np.isnan(series[0][2, 0])
    assert targets == ["left", "right"]
    assert regression is False


def test_files_of_numbers_and_of_arrays(tmp_path):
    text, arrays = tmp_path / "Two_TRAIN.txt", tmp_path / "Two.npz"
    text.write_text(" 2.0e0 1 2 3\n 10 4 5 6\n")
    one = np.arange(6.0).reshape(2, 3, 1)
    np.savez(arrays, X_train=one, y_train=[1, 2], X_test=one + 1, y_test=[2, 1])
    series, targets, _ = read_columns(text, "train")
    assert [one.tolist() for one in series] == [[[1], [2], [3]], [[4], [5], [6]]]
    assert targets == ["0002", "0010"]
    series, targets, _ = read_npz(arrays, "test")
    assert series[0].tolist() == [[1], [2], [3]]
    assert targets == ["0002", "0001"]


def test_a_set_of_the_archive_whose_shorter_series_are_padded(tmp_path):
    (tmp_path / "Two").mkdir()
    (tmp_path / "Two/Two_TRAIN.tsv").write_text("1\t1\t2\tNaN\n2\tNaN\t5\t6\n")
    with pytest.raises(FileNotFoundError, match=r"Two does not hold Two_TRAIN\.tsv and Two_TEST\.tsv or"):
        load(str(tmp_path / "Two"))
    (tmp_path / "Two/Two_TEST.tsv").write_text("2\t7\t8\t9\n")
    known = load(str(tmp_path / "Two"))
    assert [one[:, 0].tolist() for one in known.train] == [[1, 2], [pytest.approx(np.nan, nan_ok=True), 5, 6]]
    assert (known.name, known.task, known.train_y.tolist(), known.test_y.tolist()) == ("Two", "binary", [0, 1], [1])


def test_a_set_of_the_archive_with_many_channels(tmp_path):
    (tmp_path / "Two").mkdir()
    for part, label in (("TRAIN", "a"), ("TEST", "b")):
        (tmp_path / f"Two/Two_{part}.ts").write_text(f"@targetLabel false\n@data\n1,2:3,4:b\n5,6:7,8:{label}\n")
    known = load(str(tmp_path / "Two"))
    assert [one.tolist() for one in known.train] == [[[1, 3], [2, 4]], [[5, 7], [6, 8]]]
    assert (known.train_y.tolist(), known.test_y.tolist()) == ([1, 0], [1, 1])


def test_a_folder_of_the_archive_is_not_taken_for_a_set_of_the_wheels(tmp_path, monkeypatch):
    (tmp_path / "UnitTest").mkdir()
    for part in ("TRAIN", "TEST"):
        (tmp_path / f"UnitTest/UnitTest_{part}.ts").write_text("@data\n1,2:a\n3,4:b\n")
    measured = []
    monkeypatch.setattr("benchmarks.series.run.run", lambda models, sets, *rest: measured.extend(sets))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit):
        main(["--archive", "."])
    assert measured == [str(tmp_path / "UnitTest")]


def test_a_set_that_is_not_there_is_named(tmp_path, capsys):
    with pytest.raises(SystemExit):
        main(["--archive", str(tmp_path), "--sets", "Car"])
    assert "there is no set 'Car'" in capsys.readouterr().err


def test_a_set_of_a_wheel():
    pytest.importorskip("sktime")
    known = load("UnitTest")
    assert (len(known.train), len(known.test), known.task) == (20, 22, "binary")
    drawn = resampled(known, 1)
    assert len(drawn.train) == 20
    assert sorted(drawn.train_y.tolist() + drawn.test_y.tolist()) == sorted(
        known.train_y.tolist() + known.test_y.tolist()
    )
    assert set(few(known).train_y) == {0, 1}


def test_no_set_is_both_developed_on_and_held_out():
    assert len({*DEVELOPMENT, *HELD_OUT, *LATER}) == len(DEVELOPMENT) + len(HELD_OUT) + len(LATER)


def test_scores():
    assert score(np.array([0, 1, 1, 1]), np.array([0, 1, 0, 1]), "multiclass") == 0.75
    assert score(np.array([1.0, 2.0]), np.array([1.0, 4.0]), "regression") == pytest.approx(np.sqrt(2))


def test_tables_give_means_and_say_what_failed():
    line = {"model": "unspool", "set": "Waves", "task": "binary", "seed": 0, "score": 0.5, "seconds": 1.0}
    lines = [line, {**line, "seed": 1, "score": 1.0}, {"model": "QUANT", "set": "Waves", "task": "binary", "error": ""}]
    lines.append({**line, "set": "Numbers", "task": "regression", "score": 0.125})
    out = io.StringIO()
    Console(file=out, width=100).print(tables(lines))
    text = out.getvalue()
    assert "75.0" in text
    assert "failed" in text
    assert "0.125" in text
    assert "75.00" in text


def test_sets_that_are_built_have_their_parts_and_labels(monkeypatch):
    series = [np.full((2, 1), number, np.float32) for number in range(4)]
    training = np.array([True, False, True, True])
    monkeypatch.setitem(sets.BUILDERS, "Small", lambda: (series, ["b", "c", "a", "c"], training))
    built = sets.load("Small")
    assert [one[0, 0] for one in built.train] == [0, 2, 3]
    assert [one[0, 0] for one in built.test] == [1]
    assert (built.task, built.train_y.tolist(), built.test_y.tolist()) == ("multiclass", [1, 0, 2], [2])


def test_groups_are_not_parted():
    groups = list("aabbbccddd")
    training = drawn_groups(groups, 0.5)
    assert 0 < training.sum() < 10
    assert all(len(set(training[np.array(groups) == name])) == 1 for name in set(groups))


def test_missing_numbers_are_filled_in_for_peers():
    one = np.array([[np.nan, np.nan], [1.0, np.nan], [np.nan, np.nan], [3.0, np.nan]], np.float32)
    known = sets.Set("small", "binary", [one], np.array([0]), [one], np.array([1]))
    np.testing.assert_array_equal(stacked([one], known)[0], [[1, 1, 2, 3], [0, 0, 0, 0]])
