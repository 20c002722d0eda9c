from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.utils.class_weight import compute_class_weight

from unspool.data.labels import LabelCodec, class_weights
from unspool.errors import UserError


def test_names_stand_in_the_order_of_numbers_or_of_the_alphabet() -> None:
    assert LabelCodec.fit(["10", "9", "1"] * 2).names == ("1", "9", "10")
    assert LabelCodec.fit(["b", "10", "9", "a"] * 2).names == ("9", "10", "a", "b")
    assert LabelCodec.fit([True, False]).names == ("false", "true")


@given(st.lists(st.sampled_from(["a", "b", "c", "d"]), min_size=4).filter(lambda labels: len(set(labels)) > 1))
def test_classes_come_back(labels: list[str]) -> None:
    codec = LabelCodec.fit(labels, "multiclass")
    targets = codec.encode(labels)
    assert targets.dtype == np.int64
    assert codec.decode(targets) == labels
    assert codec.outputs == len(set(labels))


@given(st.lists(st.sets(st.sampled_from("abc"), min_size=1), min_size=1))
def test_several_labels_come_back(labels: list[set[str]]) -> None:
    codec = LabelCodec.fit(labels)
    targets = codec.encode(labels)
    assert targets.shape == (len(labels), codec.outputs)
    assert [set(decoded) for decoded in codec.decode(targets)] == labels


def test_several_labels_in_a_text_are_parted() -> None:
    codec = LabelCodec.fit(["b | a", "a", "c||a"])
    assert codec.names == ("a", "b", "c")
    assert codec.encode(["a", "c|b", "|"]).tolist() == [[1, 0, 0], [0, 1, 1], [0, 0, 0]]


@given(st.lists(st.integers(-1000, 1000).map(lambda number: number / 8), min_size=3, unique=True))
def test_numbers_come_back_and_have_mean_0_and_deviation_1(numbers: list[float]) -> None:
    codec = LabelCodec.fit(numbers, "regression")
    targets = codec.encode(numbers)
    assert targets.dtype == np.float32
    assert codec.decode(targets) == pytest.approx(numbers, rel=1e-4, abs=1e-4)
    assert targets.mean() == pytest.approx(0, abs=1e-4)
    assert targets.std() == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize(
    ("training", "labels", "message"),
    [
        (["a", "b"], ["a", "c"], r"Label 2: training never shows the label 'c' \(it shows a, b\)"),
        (["a|b", "b"], ["a|c"], "Label 1: training never shows the label 'c'"),
        ([f"{n:02}x" for n in range(12)] * 3, ["a"], r"shows 00x, 01x, .*, 09x, \.\.\.\)"),
        ([1.5, 2.5, 3.5], [1, "much"], "Label 2: the label 'much' is no finite number"),
        (["a", "b"], [["a", "b"]], "Label 1: the label is a list, and one label was expected"),
        (["a", "b"], ["a", None], "Label 2: the label is missing"),
        ([1.5, 2.5, 3.5], [float("inf")], "Label 1: the label is inf"),
    ],
)
def test_labels_that_training_did_not_show_are_told(training: list[object], labels: list[object], message: str) -> None:
    codec = LabelCodec.fit(training)
    with pytest.raises(UserError, match=message):
        codec.encode(labels)


def test_training_labels_must_all_be_labels() -> None:
    with pytest.raises(UserError, match="Label 2: the label is missing"):
        LabelCodec.fit(["a", None, "b"])


@pytest.mark.parametrize(
    "labels", [["a", "b"], ["a", "b", "c"] * 2, [["a"], ["b", "ö"]], ["a|b", "c"], [1.5, 2.0, 7.25]]
)
def test_a_saved_codec_comes_back(tmp_path: Path, labels: list[object]) -> None:
    codec = LabelCodec.fit(labels)
    codec.save(tmp_path / "labels.json")
    assert LabelCodec.load(tmp_path / "labels.json") == codec


GOOD = '{"unspool label codec": 1, "task": "binary", "names": ["a", "b"], "separator": null, "mean": 0, "scale": 1}'


@pytest.mark.parametrize(
    ("good", "bad", "message"),
    [
        (GOOD, GOOD[:50], "is cut short or altered: it is not JSON"),
        ("label codec", "tokenizer", "is no label codec of this version"),
        ('"binary"', '"guess"', "is altered: there is no task 'guess'"),
        ('["a", "b"]', '["a"]', "is altered: 1 names do not suit the task binary"),
        ('["a", "b"]', '["a", "a"]', "is altered: 2 names do not suit"),
        ('["a", "b"]', '["a", 1]', "is altered: the names are no list of texts"),
        ('["a", "b"]', "7", "is altered: the names are no list of texts"),
        ('"names"', '"nomes"', "is altered: 'names'"),
        ("null", '""', "is altered: the separator is no text"),
        ('"scale": 1', '"scale": 0', "is altered: mean and scale"),
        ('"mean": 0', '"mean": "zero"', "is altered: could not convert"),
    ],
)
def test_a_damaged_codec_is_told(tmp_path: Path, good: str, bad: str, message: str) -> None:
    path = tmp_path / "labels.json"
    path.write_text(GOOD)
    assert LabelCodec.load(path).names == ("a", "b")
    path.write_text(GOOD.replace(good, bad, 1))
    with pytest.raises(UserError, match=message):
        LabelCodec.load(path)


@given(st.lists(st.integers(0, 3), min_size=1))
def test_class_weights_are_scikit_learns_balanced(targets: list[int]) -> None:
    present = np.unique(targets)
    weights = class_weights(np.array(targets), 5)
    assert weights[present] == pytest.approx(
        compute_class_weight("balanced", classes=present, y=targets) * len(present) / 5
    )
    assert weights[4] == 0
