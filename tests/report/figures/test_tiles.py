"""Sequences drawn as small images: every pixel in its place, dark where there is ink."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.figure import Figure

from unspool.report.figures.tiles import draw_tiles, gap_between, ink, mosaic

SIDES = st.integers(1, 4)


@given(SIDES, SIDES, SIDES, SIDES, st.integers(0, 3))
def test_every_tile_stands_in_its_place_and_gaps_are_empty(rows, columns, length, features, gap):
    tiles = np.random.default_rng(0).random((rows, columns, length, features)) + 1
    whole = mosaic(tiles, gap)
    assert whole.shape == (rows * (length + gap) - gap, columns * (features + gap) - gap)
    for row in range(rows):
        for column in range(columns):
            top, left = row * (length + gap), column * (features + gap)
            np.testing.assert_array_equal(whole[top : top + length, left : left + features], tiles[row, column])
    assert np.count_nonzero(whole) == tiles.size


def test_ink_is_opaque_where_values_are_large():
    image = ink(np.array([[0.0, 0.5, 1.0, 1.5, -0.5]]))
    assert image[0, :, 3].tolist() == [0, 128, 255, 255, 0]
    assert len(np.unique(image[..., :3].reshape(-1, 3), axis=0)) == 1


@pytest.mark.parametrize(("shape", "gap"), [((28, 28), 2), ((8, 8), 1), ((5, 3), 1), ((3, 50), 4)])
def test_the_gap_grows_with_the_tiles(shape, gap):
    assert gap_between(np.zeros((2, *shape))) == gap


def test_names_stand_at_the_middle_of_their_tiles():
    axes = Figure().subplots()
    draw_tiles(axes, np.ones((2, 3, 5, 4)), ["above", "below"], ["a", "b", "c"])
    assert axes.get_yticks().tolist() == [2, 8]
    assert axes.get_xticks().tolist() == [1.5, 6.5, 11.5]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["above", "below"]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["a", "b", "c"]
    assert axes.yaxis_inverted()
