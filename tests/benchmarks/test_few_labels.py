"""What is drawn for the benchmark of few labels, on made-up reviews."""

import io
import tarfile

import numpy as np
import pytest
from benchmarks.texts.few import main, read_reviews


def archive_of(path):
    names = [f"{side}/{label}" for side in ("train", "test") for label in ("neg", "pos")]
    with tarfile.open(path, "w:gz") as files:
        for folder in names:
            for number in range(40):
                add(files, f"aclImdb/{folder}/{number}_1.txt", f"{folder} {number}")
        for number, text in enumerate(["new", "new ", "train/neg 3", "test/pos 7"]):
            add(files, f"aclImdb/train/unsup/{number}_0.txt", text)
    return path


def add(files, name, text):
    member = tarfile.TarInfo(name)
    member.size = len(text)
    files.addfile(member, io.BytesIO(text.encode()))


def test_copies_are_left_out_and_smaller_draws_lie_within_larger_ones(tmp_path, monkeypatch):
    monkeypatch.setattr("benchmarks.texts.few.EACH", 40)
    reviews = read_reviews(archive_of(tmp_path / "a.tar.gz"))
    assert reviews.unlabelled == ["new"]
    assert reviews.training[0] == "train/neg 0"
    assert reviews.truth.tolist() == [0] * 40 + [1] * 40
    few, many = reviews.draw([10, 40], 0)
    assert (len(few), reviews.target[few].mean(), reviews.target[many].mean()) == (10, 0.5, 0.5)
    assert set(few) < set(many)
    assert not np.array_equal(few, reviews.draw([10], 1)[0])


def test_a_missing_archive_is_one_line(tmp_path):
    with pytest.raises(SystemExit, match=r"there is no file .*none\.tar\.gz: set UNSPOOL_DATA"):
        main(["--archive", str(tmp_path / "none.tar.gz")])


def test_every_model_is_scored_on_the_test(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("benchmarks.texts.few.EACH", 40)
    monkeypatch.setattr("benchmarks.texts.few.COMPARED", ("nb-words",))
    path = archive_of(tmp_path / "a.tar.gz")
    assert main(["--archive", str(path), "--labels", "20,10", "--seeds", "3"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == ["1", "reviews", "without", "a", "label,", "seed", "3"]
    scored = [line[1:3] for line in lines if line[0] == "test"]
    alone = [["choose:", "nb-words"], ["nb-words", "100.00"], ["words+characters", "100.00"]]
    assert scored[:2] == [["vectors,", "10"], ["vectors,", "20"]]
    assert scored[2:4] == [alone[0]] * 2  # with the reviews that have no label
    assert scored[4:7] == alone
    assert len(scored) == 2 + 2 + 2 * 4
