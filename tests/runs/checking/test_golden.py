"""Golden inputs: which they are, and that they come back as they were kept."""

import numpy as np
import pytest

from unspool.data.ragged import Ragged
from unspool.errors import UserError
from unspool.readers import RawExamples
from unspool.runs.checking.golden import COUNT, Golden, load_golden, varied

TEXTS = Golden(Ragged.from_sequences([[7, 8, 9], [], [5]]), np.ones((3, 1), np.float32))
SERIES = Golden(np.full((2, 4, 3), np.nan, np.float32), np.ones((2, 5), np.float32))


def test_they_go_from_the_shortest_to_the_longest_and_are_always_the_same():
    lengths = np.random.default_rng(1).integers(3, 200, 500)
    chosen = varied(lengths)
    assert len(set(chosen.tolist())) == COUNT
    assert {lengths[chosen].min(), lengths[chosen].max()} == {lengths.min(), lengths.max()}
    assert len(set(lengths[chosen].tolist())) > COUNT // 2
    np.testing.assert_array_equal(chosen, varied(lengths))


WORDS = Golden(RawExamples([("Ada", "", "né\ud800"), ("x y",)]), np.ones((2, 6), np.float32))


@pytest.mark.parametrize("golden", [TEXTS, SERIES, WORDS])
def test_they_come_back(golden, tmp_path):
    golden.save(tmp_path)
    back = load_golden(tmp_path)
    np.testing.assert_array_equal(back.answers, golden.answers)
    if isinstance(golden.inputs, Ragged):
        assert back.inputs.tolist() == golden.inputs.tolist()
    elif isinstance(golden.inputs, RawExamples):
        assert back.inputs.items == golden.inputs.items
    else:
        np.testing.assert_array_equal(back.inputs, golden.inputs)


@pytest.mark.parametrize(
    ("arrays", "reason"),
    [
        ({"flat": [1, 2], "offsets": [0, 3], "answers": [[1.0]]}, "offsets must rise"),
        ({"flat": [1, 2], "offsets": [0, 2], "answers": [[1.0]] * 2}, "do not fit together"),
        ({"texts": np.uint8([65]), "offsets": [0, 1], "words": [2], "answers": [[1.0]]}, "words do not fit its texts"),
        ({"flat": [], "offsets": [0], "answers": np.zeros((0, 1))}, "do not fit together"),
        ({"series": [[1.0]], "answers": [[1.0]]}, "do not fit together"),
        ({"flat": np.array([{}], object), "offsets": [0, 1], "answers": [[1.0]]}, "holds Python objects"),
        ({"flat": [1, 2], "offsets": [0.0, np.nan], "answers": [[1.0]]}, "offsets are not whole numbers"),
        ({"steps": [[1.0], [2.0]], "offsets": [0.0, np.nan], "answers": [[1.0]]}, "offsets are not whole numbers"),
        ({"series": [[[1.0]]], "answers": [[1j]]}, "does not hold numbers"),
        ({"texts": [np.nan], "offsets": [0, 1], "answers": [[1.0]]}, "its texts are not bytes"),
        ({"series": [[[1.0]]]}, "answers"),
        ({"series": [[[1.0]]] * 33, "answers": [[1.0]] * 33}, "more of them than are ever kept"),
        ({"flat": np.zeros(3_000_000), "offsets": [0] * 31 + [3_000_000], "answers": [[1.0]] * 31}, "more of them"),
    ],
)
def test_altered_ones_are_refused(arrays, reason, tmp_path):
    np.savez(tmp_path / "golden.npz", **{name: np.asarray(array) for name, array in arrays.items()})
    with pytest.raises(UserError, match=rf"golden\.npz is damaged: .*{reason}"):
        load_golden(tmp_path)


def test_a_folder_of_an_earlier_version_is_told(tmp_path):
    with pytest.raises(UserError, match=r"holds no golden\.npz.*Train the model again"):
        load_golden(tmp_path)
