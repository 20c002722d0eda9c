import json

import numpy as np
import pytest

from unspool import files
from unspool.data.tables.split_names import PARTS
from unspool.errors import UserError
from unspool.experiment.own.examples import inspected, read_file
from unspool.experiment.own.preparation import fit_series_reader, prepare_series, prepare_texts
from unspool.experiment.own.reading import TextReader
from unspool.experiment.own.recipe import OwnFile

from .reviews import write_reviews
from .series import write_npz


@pytest.fixture
def examples_and_reader(tmp_path, monkeypatch):
    monkeypatch.setenv(files.CACHE_VARIABLE, str(tmp_path / "cache"))
    data = OwnFile(path=str(write_reviews(tmp_path / "reviews.csv")), text="review", label="sentiment")
    examples = read_file(data, 0)
    return examples, TextReader(inspected(examples, data).tokenizer, 12)


def test_each_part_has_its_own_texts_and_targets_in_the_order_of_the_file(examples_and_reader):
    examples, reader = examples_and_reader
    prepared = prepare_texts(examples, reader)
    for part in PARTS:
        texts, targets = examples.load(part)
        found = getattr(prepared, part)
        assert len(found) == len(texts)
        assert found.inputs.load().tolist() == reader.read(texts).tolist()
        np.testing.assert_array_equal(found.targets, targets)


def test_nothing_is_left_in_the_cache(examples_and_reader):
    prepared = prepare_texts(*examples_and_reader)
    assert len(prepared.training.inputs.load()) > 0
    assert list(files.cache_folder().iterdir()) == []


def test_a_cache_that_cannot_be_written_is_told(examples_and_reader, tmp_path, monkeypatch):
    (tmp_path / "no-folder").write_text("")
    monkeypatch.setenv(files.CACHE_VARIABLE, str(tmp_path / "no-folder"))
    with pytest.raises(UserError, match=r"cannot be written.*UNSPOOL_CACHE"):
        prepare_texts(*examples_and_reader)


def write_grouped(path, rows, by=None):
    """Reviews of which `by` in a row are by one person, named after the file; None names nobody."""
    write_reviews(path)
    lines = path.read_text().splitlines()[: rows + 1]
    if by is not None:
        names = ["by", *(f"{path.stem} {number // by}" for number in range(rows))]
        lines = [f"{line},{name}" for line, name in zip(lines, names, strict=True)]
    path.write_text("\n".join(lines))
    return str(path)


def prepared(tmp_path, monkeypatch, **options):
    monkeypatch.setenv(files.CACHE_VARIABLE, str(tmp_path / "cache"))
    data = OwnFile(text="review", label="sentiment", group="by", **options)
    examples = read_file(data, 0)
    return prepare_texts(examples, TextReader(inspected(examples, data).tokenizer, 12))


def test_what_is_scored_knows_its_groups(tmp_path, monkeypatch):
    found = prepared(tmp_path, monkeypatch, path=write_grouped(tmp_path / "a.csv", 200, by=4))
    for part in (found.validation, found.test):
        assert part.groups.shape == (len(part),)
        assert np.unique(part.groups, return_counts=True)[1].tolist() == [4] * (len(part) // 4)
    assert found.training.groups is None


def test_a_test_file_brings_its_own_groups_where_it_has_them(tmp_path, monkeypatch):
    path, test = write_grouped(tmp_path / "a.csv", 200, by=4), tmp_path / "b.csv"
    found = prepared(tmp_path, monkeypatch, path=path, test=write_grouped(test, 30, by=3))
    assert np.unique(found.test.groups, return_counts=True)[1].tolist() == [3] * 10
    found = prepared(tmp_path, monkeypatch, path=path, test=write_grouped(test, 30))
    assert found.test.groups is None
    assert found.validation.groups is not None


def test_a_test_of_one_group_is_told_before_anything_is_trained(tmp_path, monkeypatch):
    path = write_grouped(tmp_path / "a.csv", 200, by=4)
    with pytest.raises(UserError, match="All test examples belong to one group"):
        prepared(tmp_path, monkeypatch, path=path, test=write_grouped(tmp_path / "b.csv", 30, by=30))
    split = ["train"] * 30 + ["validation"] * 5 + ["test"] * 5
    series = write_npz(tmp_path / "a.npz", groups=np.arange(40) // 5, split=split)
    examples = read_file(OwnFile(path=str(series), kind="series"), 0)
    with pytest.raises(UserError, match="All test examples belong to one group"):
        prepare_series(examples, fit_series_reader(examples))


def test_validation_of_one_group_is_scored_example_by_example(tmp_path):
    split = ["train"] * 25 + ["validation"] * 5 + ["test"] * 10
    path = write_npz(tmp_path / "a.npz", groups=np.arange(40) // 5, split=split)
    examples = read_file(OwnFile(path=str(path), kind="series"), 0)
    found = prepare_series(examples, fit_series_reader(examples))
    assert found.validation.groups is None
    assert np.unique(found.test.groups, return_counts=True)[1].tolist() == [5, 5]


@pytest.mark.parametrize(("part", "rows"), [("test", slice(0, 10)), ("validation", slice(10, 20))])
def test_one_of_two_labels_in_what_is_scored_is_told_before_anything_is_trained(part, rows, tmp_path):
    splits = np.array(["test"] * 10 + ["dev"] * 10 + ["train"] * 20)
    labels = np.array(["falling", "rising"] * 20)
    labels[rows] = "rising"
    path = write_npz(tmp_path / "a.npz", split=splits)
    with np.load(path) as arrays:
        np.savez(path, **{**arrays, "y": labels})
    examples = read_file(OwnFile(path=str(path), kind="series"), 0)
    with pytest.raises(UserError, match=f"All 10 {part} examples have the label rising"):
        prepare_series(examples, fit_series_reader(examples))


def test_a_test_without_any_label_is_told_before_anything_is_trained(tmp_path, monkeypatch):
    monkeypatch.setenv(files.CACHE_VARIABLE, str(tmp_path / "cache"))
    labels, parts = [["a"], ["b"], ["a", "b"]] * 10 + [[]] * 6, ["train"] * 30 + ["test"] * 6
    rows = (
        {"text": f"the film {n}", "label": label, "split": part}
        for n, (label, part) in enumerate(zip(labels, parts, strict=True))
    )
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)))
    data = OwnFile(path=str(tmp_path / "a.jsonl"))
    examples = read_file(data, 0)
    with pytest.raises(UserError, match="None of the 6 test examples has any label"):
        prepare_texts(examples, TextReader(inspected(examples, data).tokenizer, 12))
