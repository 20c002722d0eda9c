import logging
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from unspool.data.datasets import TextDataset, TextSplit
from unspool.data.named import cache as dataset_cache
from unspool.data.tokenizers.vocabulary import Vocabulary


def tiny(digest: str = "0") -> TextDataset:
    train, test = ["good film", "", "a ä\n\x00 film"], ["bad\U0001f600 film"]
    vocabulary = Vocabulary.from_texts(train)
    return TextDataset(
        name="tiny",
        title="A tiny one",
        source="here",
        licence="none",
        digest=digest,
        label_names=("bad", "good"),
        vocabulary=vocabulary,
        train=TextSplit(train, vocabulary.ranks(train), np.array([1, 0, 1], np.int8), np.array([5, 5, 7])),
        test=TextSplit(test, vocabulary.ranks(test), np.array([0], np.int8)),
    )


def assert_equal(ours: TextDataset, other: TextDataset) -> None:
    for name in (field.name for field in fields(TextDataset) if field.name not in ("train", "test")):
        assert getattr(ours, name) == getattr(other, name)
    for one, two in ((ours.train, other.train), (ours.test, other.test)):
        assert list(one.texts) == list(two.texts)
        assert one.ranks.tolist() == two.ranks.tolist()
        np.testing.assert_array_equal(one.labels, two.labels, strict=True)
        if one.groups is None or two.groups is None:
            assert one.groups is two.groups
        else:
            np.testing.assert_array_equal(one.groups, two.groups, strict=True)


def refuse() -> TextDataset:
    raise AssertionError("it must not be built again")


def test_what_is_written_is_read(tmp_path: Path) -> None:
    dataset_cache.write(tmp_path / "tiny.bin", tiny())
    assert_equal(dataset_cache.read(tmp_path / "tiny.bin"), tiny())


def test_it_is_built_once(cache: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = cache / "prepared" / "tiny.bin"
    assert_equal(dataset_cache.load_or_build(path, tiny), tiny())
    assert_equal(dataset_cache.load_or_build(path, refuse), tiny())
    assert caplog.records == []


def test_a_prepared_form_can_be_read_where_nothing_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / "tiny.bin"
    dataset_cache.write(path, tiny())
    assert_equal(dataset_cache.load_or_build(path, refuse), tiny())
    assert list(tmp_path.iterdir()) == [path]  # not even a lock


@pytest.mark.parametrize("damage", ["cut", "flipped", "emptied", "older", "a folder"])
def test_a_damaged_one_is_built_again_and_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, damage: str
) -> None:
    path = tmp_path / "tiny.bin"
    dataset_cache.write(path, tiny("old"))
    whole = path.read_bytes()
    bad = {
        "cut": whole[:-1],
        "flipped": whole[:-99] + bytes([whole[-99] ^ 1]) + whole[-98:],
        "emptied": b"",
        "older": whole.replace(b"dataset 1", b"dataset 0", 1),
    }
    if damage == "a folder":
        path.unlink()
        path.mkdir()
        with pytest.raises(dataset_cache.Damaged):
            dataset_cache.read(path)
        return
    path.write_bytes(bad[damage])
    with pytest.raises(dataset_cache.Damaged):
        dataset_cache.read(path)
    with caplog.at_level(logging.WARNING):
        assert_equal(dataset_cache.load_or_build(path, lambda: tiny("new")), tiny("new"))
    assert "preparing the dataset again" in caplog.text
    assert_equal(dataset_cache.load_or_build(path, refuse), tiny("new"))


def test_each_cut_and_each_flip_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "tiny.bin"
    dataset_cache.write(path, tiny())
    whole = path.read_bytes()
    for position in range(0, len(whole), 53):
        for bad in (whole[:position], whole[:position] + bytes([whole[position] ^ 0x10]) + whole[position + 1 :]):
            path.write_bytes(bad)
            with pytest.raises(dataset_cache.Damaged):
                dataset_cache.read(path)


def test_a_build_that_fails_leaves_nothing(cache: Path) -> None:
    path = cache / "prepared" / "tiny.bin"
    with pytest.raises(AssertionError, match="must not"):
        dataset_cache.load_or_build(path, refuse)
    assert [entry.name for entry in path.parent.iterdir()] == ["tiny.bin.lock"]


def test_leftovers_of_a_killed_build_are_removed(cache: Path) -> None:
    path = cache / "prepared" / "tiny.bin"
    path.parent.mkdir(parents=True)
    (path.parent / "tiny.bin.12345.partial").write_bytes(b"half")
    dataset_cache.load_or_build(path, tiny)
    assert sorted(entry.name for entry in path.parent.iterdir()) == ["tiny.bin", "tiny.bin.lock"]
