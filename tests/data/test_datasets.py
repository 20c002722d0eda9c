import numpy as np
import pytest

from unspool.data.datasets import ImageSplit, TextSplit
from unspool.data.ragged import Ragged


def test_take_keeps_the_parts_of_an_example_together() -> None:
    split = TextSplit(
        texts=["a", "b b", "c"],
        ranks=Ragged.from_sequences([[1], [2, 2], [3]]),
        labels=np.array([0, 1, 0], np.int8),
        groups=np.array([7, 8, 9]),
    )
    taken = split.take([2, 1])
    assert taken.texts == ["c", "b b"]
    assert taken.ranks.tolist() == [[3], [2, 2]]
    assert taken.labels.tolist() == [0, 1]
    assert taken.groups is not None
    assert taken.groups.tolist() == [9, 8]
    assert len(taken) == 2


def test_parts_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match=r"equally many, not \[1, 2, 1\]"):
        TextSplit(["a"], Ragged.from_sequences([[1], [2]]), np.array([0], np.int8))
    with pytest.raises(ValueError, match=r"do not fit: \(2, 3, 3\), \(1,\)"):
        ImageSplit(np.zeros((2, 3, 3), np.float32), np.array([0]))


def test_images_are_taken_with_their_labels() -> None:
    split = ImageSplit(np.arange(12, dtype=np.float32).reshape(3, 2, 2), np.array([5, 6, 7]))
    taken = split.take([2, 0])
    assert taken.images[:, 0, 0].tolist() == [8, 0]
    assert taken.labels.tolist() == [7, 5]
