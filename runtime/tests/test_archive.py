"""Files that are not as `unspool export` writes them: each is refused with one clear error."""

import json
import os
import struct
import zipfile
from io import BytesIO

import numpy as np
import pytest

import small
from unspool_runtime import Model, ModelError
from unspool_runtime.tensors import read_tensors


@pytest.fixture
def members():
    return small.members_of(small.of_texts(small.linear()))


def refused(path, message):
    with pytest.raises(ModelError, match=message):
        Model.load(path)


def written(tmp_path, content):
    path = tmp_path / "model.unspool"
    path.write_bytes(content)
    return path


def changed(members, **changes):
    """Members whose description says something else."""
    content = json.loads(members["model.json"])
    return members | {"model.json": json.dumps(content | changes).encode()}


def test_a_whole_file_loads(tmp_path, members):
    assert Model.load(written(tmp_path, small.archive(members))).labels == ("no", "yes")


def test_every_cut_is_noticed(tmp_path, members):
    content = small.archive(members)
    for size in range(0, len(content), 97):
        refused(written(tmp_path, content[:size]), "model")


def test_every_flipped_byte_of_the_weights_is_noticed(tmp_path, members):
    content = bytearray(small.archive(members))
    start = content.index(members["weights.safetensors"])
    for place in range(start, start + len(members["weights.safetensors"]), 53):
        content[place] ^= 1
        refused(written(tmp_path, bytes(content)), "damaged or altered: weights.safetensors")
        content[place] ^= 1


def test_every_flipped_byte_of_the_rest_is_noticed_or_means_nothing(tmp_path, members):
    content = bytearray(small.archive(members))
    whole = Model.load(written(tmp_path, bytes(content))).outputs(["a fine film"])
    weights = content.index(members["weights.safetensors"])
    golden = content.index(members["golden.safetensors"])
    noticed = 0
    for place in [*range(weights), *range(golden, len(content))][::7]:
        content[place] ^= 0x10
        try:
            found = Model.load(written(tmp_path, bytes(content)))
            np.testing.assert_array_equal(found.outputs(["a fine film"]), whole)
            found.check()
        except ModelError:
            noticed += 1
        content[place] ^= 0x10
    assert noticed > 100


def test_bytes_before_and_behind_are_refused(tmp_path, members):
    content = small.archive(members)
    refused(written(tmp_path, content + b"x"), "no model of unspool")
    refused(written(tmp_path, b"x" + content), "no model of unspool")


def test_members_must_be_those_of_a_model(tmp_path, members):
    refused(written(tmp_path, small.archive(members | {"run.py": b""})), "its members are .*run.py")
    del members["golden.safetensors"]
    refused(written(tmp_path, small.archive(members)), "its members are")


def test_a_deflated_member_is_refused(tmp_path, members):
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
    refused(written(tmp_path, content.getvalue()), "not stored as it is")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_member_that_is_there_twice_is_refused(tmp_path, members):
    content = BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        for name, data in [*members.items(), ("model.json", b"{}")]:
            file.writestr(zipfile.ZipInfo(name), data)
    refused(written(tmp_path, content.getvalue()), "not stored as it is")


def test_a_link_is_refused(tmp_path, members):
    content = BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        for name, data in members.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = 0o120777 << 16
            file.writestr(entry, data)
    refused(written(tmp_path, content.getvalue()), "link or a device")


def test_members_that_overlap_are_refused(tmp_path, members):
    content = bytearray(small.archive(members))
    at = content.rindex(b"golden.safetensors") - 46
    struct.pack_into("<I", content, at + 42, 0)  # golden.safetensors begins where model.json does
    refused(written(tmp_path, bytes(content)), "no model of unspool")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"version": 5}, "version 5 of the format"),
        ({"version": None}, "version None of the format"),
        ({"format": "else"}, "does not say that it is one"),
        ({"task": {"kind": "binary", "labels": ["a", "a"], "threshold": 0.5}}, "labels"),
        ({"task": {"kind": "binary", "labels": ["a", "\ud800"], "threshold": 0.5}}, "contains half a character"),
        ({"task": {"kind": "binary", "labels": ["a", "b"], "threshold": "0.5"}}, "threshold"),
        (
            {"task": {"kind": "binary", "labels": ["a", "b"], "threshold": 10**400}},
            "'threshold' is not a finite number",
        ),
        ({"task": {"kind": "sorcery", "labels": ["a", "b"]}}, "task: kind is 'sorcery'"),
        ({"reader": {"kind": "pictures"}}, "reader: kind is 'pictures'"),
        ({"model": {"kind": "oracle"}}, "model: kind is 'oracle'"),
        ({"model": []}, "model is not an object"),
        ({"characters": {}}, "characters: there is no 'starts'"),
        ({"files": {}}, "damaged or altered"),
    ],
)
def test_a_description_that_cannot_be_is_refused(tmp_path, members, changes, message):
    refused(written(tmp_path, small.archive(changed(members, **changes))), message)


@pytest.mark.parametrize("text", [b"", b"[]", b"{", b"\xff", b"[" * 100_000, b'{"a":' * 100_000])
def test_a_description_that_is_no_object_is_refused(tmp_path, members, text):
    refused(written(tmp_path, small.archive(members | {"model.json": text})), "no model of unspool")


def other(name, make):
    """A model, one array of which is another."""
    tree = small.of_texts(small.blend())
    linear, convolution = tree["model"]["parts"]
    holders = {
        "first": linear["blocks"][0]["levels"][0],
        "weights": linear["blocks"][0],
        "constant": linear,
        "vectors": convolution["members"][0],
        "starts": tree["characters"],
    }
    holders[name][name] = make(holders[name][name])
    return tree


@pytest.mark.parametrize(
    ("name", "make", "message"),
    [
        ("first", lambda a: a + 5, "not from 0 to 6"),
        ("first", lambda a: a - 1, "not from 0 to 6"),
        ("first", lambda a: a.astype(np.int64), "is int64"),
        ("first", lambda a: a[:2], "the array 'last' is"),
        ("weights", lambda a: a[:-1], "is float32"),
        ("weights", lambda a: a * np.float32("nan"), "NaN or infinity"),
        ("constant", lambda a: a.astype(np.float32), "is float32"),
        ("vectors", lambda a: a[:, :, :15].copy(), "multiple of 16"),
        ("vectors", lambda a: a[:-1], "the array 'vectors' is"),
        ("starts", lambda a: a[::-1].copy(), "do not fit each other"),
    ],
)
def test_an_array_that_does_not_fit_is_refused(tmp_path, name, make, message):
    refused(small.write(tmp_path, other(name, make)), message)


def test_texts_that_are_no_utf_8_are_refused(tmp_path):
    golden = small.golden_texts(["a fine film"], np.zeros((1, 1)), ["no"])
    golden["texts"] = golden["texts"] | 0x80
    path = small.write(tmp_path, small.of_texts(small.linear()), golden)
    with pytest.raises(ModelError, match="The texts of this model are damaged: 'utf-8' codec"):
        Model.load(path).check()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda tree: tree["model"]["layers"].pop(0), "does not read what its reader gives|is float32"),
        (lambda tree: tree["model"]["layers"].pop(2), "no pairs|array|beside|given"),
        (lambda tree: tree["model"]["layers"].pop(), "last layer does not fit"),
        (lambda tree: tree["model"]["layers"].insert(1, tree["model"]["layers"][-1]), "given tokens"),
        (lambda tree: tree["model"]["layers"][0].update(vectors=np.zeros((5, 3), np.float32)), "does not read"),
        (lambda tree: tree["model"]["layers"][2].update(activation="relu"), "no lstm with relu"),
        (lambda tree: tree["model"]["layers"][-1].update(activation="exec"), "activation is 'exec'"),
    ],
)
def test_layers_that_do_not_fit_are_refused(tmp_path, change, message):
    tree = small.words_network()
    change(tree)
    refused(small.write(tmp_path, tree), message)


def header(entries):
    head = json.dumps(entries).encode()
    return len(head).to_bytes(8, "little") + head


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff" * 8,
        (100).to_bytes(8, "little") + b"{}",
        header([]),
        header({"x": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}),
        header({"x": {"dtype": "F32", "shape": [1], "data_offsets": [1, 5]}}) + bytes(5),
        header({"x": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}) + bytes(5),
        header({"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}}) + bytes(4),
        header({"x": {"dtype": "O", "shape": [1], "data_offsets": [0, 8]}}) + bytes(8),
        header({"x": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}}) + bytes(4),
        header({"x": {"dtype": "F32", "shape": [True], "data_offsets": [0, 4]}}) + bytes(4),
        header({"x": {"dtype": "F32", "shape": [1] * 9, "data_offsets": [0, 4]}}) + bytes(4),
        header({name: {"dtype": "U8", "shape": [4], "data_offsets": [0, 4]} for name in "xy"}) + bytes(4),
    ],
)
def test_hostile_tensors_are_refused(content):
    with pytest.raises(ValueError):  # noqa: PT011
        read_tensors(memoryview(content))


def test_arrays_of_a_misaligned_file_are_read(tmp_path):
    data = small.tensors({"x": np.array([1.5, -2.0])})
    moved = memoryview(b"x" + data)[1:]
    found = read_tensors(moved)["x"]
    assert found.tolist() == [1.5, -2.0]
    assert found.flags.aligned


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_what_is_no_file_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    refused(tmp_path / "pipe", "not a file")
    refused(tmp_path, "not a file|directory")
    refused(tmp_path / "missing", "cannot be read")
