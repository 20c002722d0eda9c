"""Simple models of captions."""

import numpy as np

from unspool.evaluation.baselines.captions import FRAMES, as_vectors, most_frequent_caption, nearest_frames
from unspool.evaluation.baselines.simple_models import RawPart, RawParts
from unspool.evaluation.measures.translation import MEASURES
from unspool.evaluation.text_arrays import as_array, texts_of


def part(series, captions):
    return RawPart(lambda: [np.array(one, dtype=np.float32)[:, None] for one in series], as_array(captions))


TRAINING = part([[0, 0, 0], [0, 0, 0, 0], [9, 9], [5, 7, 9]], ["flat", "flat", "high", "rising"])
OTHERS = part([[1, 1, 1, 1, 1], [5, 6, 7, 8, 9]], ["flat", "rising"])
PARTS = RawParts(TRAINING, OTHERS, OTHERS, MEASURES["exact_match"])


def test_the_most_frequent_caption_is_given_to_all():
    found = most_frequent_caption(PARTS)
    assert texts_of(found.outputs) == ["flat", "flat"]
    assert found.held_out == 0.5


def test_the_nearest_series_may_be_of_another_length():
    found = nearest_frames(PARTS)
    assert texts_of(found.outputs) == ["flat", "rising"]
    assert found.held_out == 1.0


def test_long_and_short_series_become_equally_long():
    one, many = np.array([[1.0, 2.0, 3.0]]), np.arange(3.0 * 99).reshape(99, 3)
    short, long = as_vectors([one, many]).reshape(2, FRAMES, 3)
    assert short.tolist() == [[1.0, 2.0, 3.0]] * FRAMES
    assert long.tolist() == many[np.arange(FRAMES) * 98 // 7].tolist()
