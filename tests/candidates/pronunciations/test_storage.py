"""Joint n-grams on the disk."""

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from unspool.candidates.pronunciations import storage
from unspool.candidates.pronunciations.counting import fit_joint_ngrams
from unspool.errors import UserError

MODEL = fit_joint_ngrams(["ox", "so", "six", "né"], [said.split() for said in ("O K S", "S O", "S I K S", "N EY")])


def test_what_is_written_is_read(tmp_path):
    storage.write(MODEL, tmp_path)
    found = storage.read(tmp_path)
    assert (found.letters, found.phonemes) == (MODEL.letters, MODEL.phonemes)
    assert all(np.array_equal(one, storage.arrays_of(found)[name]) for name, one in storage.arrays_of(MODEL).items())
    words, said = ["ox", "nis"], [["O", "K", "S"], ["N", "I", "S"]]
    assert found.log_probabilities(words, said).tolist() == MODEL.log_probabilities(words, said).tolist()


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("units", lambda one: one.astype(np.int64)),
        ("units", lambda one: one[:, :2]),
        ("1.counts", lambda one: one[:-1]),
        ("2.sizes", lambda one: np.full_like(one, 1 << 30)),
        ("2.units", lambda one: one - 1),
        ("3.counts", None),
        ("letters_starts", lambda one: one + 1),
        ("phonemes_bytes", lambda one: np.full_like(one, ord("O"))),
    ],
)
def test_what_was_altered_is_refused(tmp_path, name, change):
    storage.write(MODEL, tmp_path)
    arrays = load_file(tmp_path / storage.FILE)
    changed = arrays.pop(name)
    if change:
        arrays[name] = np.ascontiguousarray(change(changed))
    save_file(arrays, tmp_path / storage.FILE)
    with pytest.raises(UserError, match=r"joint-ngrams\.safetensors cannot be read"):
        storage.read(tmp_path)


def test_a_file_that_is_missing_or_cut_short_is_refused(tmp_path):
    with pytest.raises(UserError, match="cannot be read"):
        storage.read(tmp_path)
    storage.write(MODEL, tmp_path)
    content = (tmp_path / storage.FILE).read_bytes()
    (tmp_path / storage.FILE).write_bytes(content[: len(content) // 2])
    with pytest.raises(UserError, match="cannot be read"):
        storage.read(tmp_path)
