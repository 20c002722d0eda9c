"""The cache of baselines: whole and right, or not used."""

import os

import numpy as np
import pytest

from unspool.evaluation.baselines import cache as baseline_cache

ARRAYS = {"losses": np.array([0.25, 0.5, 0.75]), "seconds": 2.0}
SHAPES = {"losses": (3,), "seconds": ()}


def test_what_is_saved_is_loaded(tmp_path):
    baseline_cache.save(tmp_path / "new" / "some.npz", ARRAYS)
    loaded = baseline_cache.load(tmp_path / "new" / "some.npz", SHAPES)
    assert {name: array.tolist() for name, array in loaded.items()} == {"losses": [0.25, 0.5, 0.75], "seconds": 2.0}
    assert baseline_cache.load(tmp_path / "other.npz", SHAPES) is None


def test_no_damage_to_a_cached_file_goes_unnoticed(tmp_path):
    path = tmp_path / "some.npz"
    baseline_cache.save(path, ARRAYS)
    content = path.read_bytes()
    assert baseline_cache.load(path, SHAPES) is not None
    damaged = [content[:length] for length in range(0, len(content), 7)]
    damaged += [content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :] for at in range(len(content))]
    for version in damaged:
        path.write_bytes(version)
        loaded = baseline_cache.load(path, SHAPES)
        assert loaded is None or all(loaded[name].tolist() == np.asarray(ARRAYS[name]).tolist() for name in SHAPES)


@pytest.mark.parametrize(
    "arrays",
    [
        {"losses": [0.5, 0.5], "seconds": 1.0},
        {"losses": [0.5, np.nan, 0.5], "seconds": 1.0},
        {"losses": [0.5, 0.5, 0.5], "seconds": np.inf},
        {"losses": [0.5, 0.5, 0.5]},
        {"losses": ["a", "b", "c"], "seconds": 1.0},
    ],
)
def test_a_cached_file_that_does_not_fit_is_not_taken(tmp_path, arrays):
    baseline_cache.save(tmp_path / "some.npz", arrays)
    assert baseline_cache.load(tmp_path / "some.npz", SHAPES) is None


def test_a_pickle_in_the_cache_is_not_run(tmp_path):
    class Hostile:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "run"),)

    np.savez(tmp_path / "some.npz", losses=np.array([Hostile()], dtype=object))
    assert baseline_cache.load(tmp_path / "some.npz", {"losses": (1,)}) is None
    assert not (tmp_path / "run").exists()


def test_another_key_is_another_file(tmp_path):
    paths = {baseline_cache.cache_path(tmp_path, "a", {"data": data}) for data in ("one", "two")}
    assert len(paths) == 2


@pytest.mark.parametrize(
    "other", [np.arange(7), np.arange(6.0), np.arange(6).reshape(2, 3), np.arange(6)[::-1], None, np.array([], int)]
)
def test_other_arrays_have_another_digest(other):
    assert baseline_cache.digest_of_arrays(other) != baseline_cache.digest_of_arrays(np.arange(6))


def test_a_view_has_the_digest_of_its_copy():
    view = np.arange(12).reshape(3, 4).T
    assert baseline_cache.digest_of_arrays(view) == baseline_cache.digest_of_arrays(view.copy())


def test_other_code_of_the_same_version_has_a_cache_of_its_own(tmp_path):
    (tmp_path / "evaluation").mkdir()
    found = []
    for content in ("THRESHOLD = 0.5", "THRESHOLD = 0.4"):
        (tmp_path / "evaluation" / "measures.py").write_text(content)
        found.append(baseline_cache.revision(tmp_path))
        baseline_cache.revision.cache_clear()
    assert found[0] != found[1]
    assert baseline_cache.revision() not in found
