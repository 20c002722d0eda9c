"""Files of arrays: what is written is read again, and any changed bit is noticed."""

import numpy as np
import pytest
from safetensors.numpy import save

from unspool.data.tensor_files import read_tensors, tensor_bytes

ARRAYS = {
    "weights": np.arange(6.0).reshape(2, 3).T,
    "labels": np.array(["é"]).view(np.uint32),
    "none": np.zeros((0, 2)),
}


def test_arrays_are_read_as_they_were_written(tmp_path):
    path = tmp_path / "model.safetensors"
    for content in (tensor_bytes(ARRAYS), save({name: np.ascontiguousarray(one) for name, one in ARRAYS.items()})):
        path.write_bytes(content)
        found = read_tensors(path)
        assert found.keys() == ARRAYS.keys()
        for name, array in ARRAYS.items():
            np.testing.assert_array_equal(found[name], array)
            assert found[name].dtype == array.dtype


def test_a_changed_bit_is_noticed(tmp_path):
    path, content = tmp_path / "model.safetensors", tensor_bytes(ARRAYS)
    for place in range(len(content)):
        for bit in (1, 32):
            changed = bytearray(content)
            changed[place] ^= bit
            path.write_bytes(changed)
            try:
                found = read_tensors(path)
            except ValueError:
                continue
            # What looks like no digest is none, but then nothing else has changed.
            assert place < content.index(b"}")
            np.testing.assert_array_equal(found["weights"], ARRAYS["weights"])
    changed = content[:-1] + bytes([content[-1] ^ 1])
    path.write_bytes(changed)
    with pytest.raises(ValueError, match=r"model\.safetensors has changed since it was written"):
        read_tensors(path)
