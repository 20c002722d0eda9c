"""Fingerprints of what a model was trained on."""

import numpy as np
import pytest

from unspool.errors import UserError
from unspool.runs.records.seen import SEEN, Seen, fingerprints, load_seen


def test_examples_are_recognised_whatever_their_order_and_surrounding_space(tmp_path):
    seen = Seen.of(fingerprints(["b", "a", "a"]), fingerprints(["c"]))
    seen.save(tmp_path)
    found = load_seen(tmp_path)
    assert found.known
    assert found.holds(fingerprints([" a\n", "c", "d"])).tolist() == [True, True, False]
    assert len(found.training) == 2


def test_series_are_recognised_in_32_bits():
    one, other = np.array([[0.1], [0.2]]), np.array([[0.1], [0.3]])
    seen = Seen.of(fingerprints([one]), fingerprints([]))
    assert seen.holds(fingerprints([one.astype(np.float32), other])).tolist() == [True, False]


def test_the_same_examples_give_the_same_bytes(tmp_path):
    for name, order in (("a", ["x", "y", "z"]), ("b", ["z", "x", "y"])):
        (tmp_path / name).mkdir()
        Seen.of(fingerprints(order), fingerprints([])).save(tmp_path / name)
    assert (tmp_path / "a" / SEEN).read_bytes() == (tmp_path / "b" / SEEN).read_bytes()


def test_a_folder_without_them_knows_nothing(tmp_path):
    found = load_seen(tmp_path)
    assert not found.known
    assert not found.holds(fingerprints(["a"])).any()


NONE = np.zeros(0, np.int64)


def test_fingerprints_of_forecasts_in_the_form_of_earlier_versions_are_told_apart(tmp_path):
    Seen.of(fingerprints(["a"]), NONE).save(tmp_path)
    assert load_seen(tmp_path).forecasts
    np.savez(tmp_path / SEEN, training=fingerprints(["a"]), validation=NONE)
    found = load_seen(tmp_path)
    assert (found.known, found.forecasts) == (True, False)
    found.save(tmp_path)
    assert not load_seen(tmp_path).forecasts


def test_fingerprints_without_the_cells_beside_texts_are_told_apart(tmp_path):
    Seen.of(fingerprints(["a"]), NONE).save(tmp_path)
    assert load_seen(tmp_path).cells
    np.savez(tmp_path / SEEN, training=fingerprints(["a"]), validation=NONE, form=np.array(2))
    found = load_seen(tmp_path)
    assert (found.known, found.forecasts, found.cells) == (True, True, False)
    found.save(tmp_path)
    assert not load_seen(tmp_path).cells


@pytest.mark.parametrize(
    "arrays",
    [
        {"training": NONE},
        {"training": NONE, "validation": np.zeros(3)},
        {"training": np.zeros((2, 2), np.int64), "validation": NONE},
        {"training": np.array(["a", None], object), "validation": NONE},
    ],
)
def test_a_file_of_something_else_is_refused(arrays, tmp_path):
    np.savez(tmp_path / SEEN, **arrays)
    with pytest.raises(UserError, match=r"seen\.npz is damaged.*Remove it to go without"):
        load_seen(tmp_path)


def test_a_file_that_is_cut_short_or_too_large_is_refused(tmp_path):
    Seen.of(fingerprints(map(str, range(100))), NONE).save(tmp_path)
    path = tmp_path / SEEN
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(UserError, match="is damaged"):
        load_seen(tmp_path)
    with path.open("wb") as file:
        file.truncate(1 << 40)  # a hole: nothing is written
    with pytest.raises(UserError, match="bytes, and 536,870,912 are the most"):
        load_seen(tmp_path)
