"""Films of moving digits: what moves is what the caption says."""

import numpy as np
import pytest

from unspool.data.named.moving_digits import CANVAS, films_of
from unspool.data.named.registry import load, lookup, where


@pytest.fixture(scope="module")
def films():
    return films_of(lookup("moving-digits"), load("digits"), 300, 50)


def centre(frame):
    """Row and column of the centre of a frame's ink."""
    image = frame.reshape(CANVAS, CANVAS)
    rows, columns = np.arange(CANVAS), np.arange(CANVAS)
    return np.array([image.sum(axis=1) @ rows, image.sum(axis=0) @ columns]) / image.sum()


def test_a_digit_moves_as_its_caption_says(films):
    ways = {"left": (0, -1), "right": (0, 1), "up": (-1, 0), "down": (1, 0)}
    seen = set()
    for frames, caption in zip(films.train.series, films.train.captions, strict=True):
        path = np.array([centre(frame) for frame in frames])
        said = [one for one in ways if one in caption.replace(",", "").split()]
        first = caption.rsplit("moves ", 1)[-1].split(", then ")
        if not said:
            assert np.ptp(path, axis=0).max() < 1e-4
            continue
        turn = len(frames) // 2 if len(first) > 1 else len(frames) - 1
        for way, (start, end) in zip(first, ((0, turn), (turn, len(frames) - 1)), strict=False):
            moved = (path[end] - path[start]) @ ways[way]
            assert moved > 1.4
        seen.update(first)
    assert seen == set(ways)


def test_the_whole_digit_is_always_seen(films):
    for frames in films.train.series[:50]:
        ink = frames.sum(axis=1)
        np.testing.assert_allclose(ink, ink[0], rtol=1e-5)


def test_films_are_of_different_lengths_and_always_the_same(films):
    again = films_of(lookup("moving-digits"), load("digits"), 300, 50)
    assert {len(one) for one in films.train.series} == set(range(8, 13))
    assert again.train.captions == films.train.captions
    assert np.array_equal(again.test.series[7], films.test.series[7])
    assert again.digest == films.digest
    assert films_of(lookup("moving-digits"), load("digits"), 301, 50).digest != films.digest


def test_it_lies_where_mnist_lies():
    assert where("moving-digits") == where("mnist")
