"""That an autoencoder's pictures show the result's own images and vectors."""

from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from matplotlib.colors import to_hex

from plots import tick_labels
from unspool.report.figures.drawing import draw, inline
from unspool.report.figures.pictures import (
    apart,
    class_averages_figure,
    generated_figure,
    interpolation_figure,
    latent_space_figure,
    latent_walk_figure,
    reconstructions_figure,
)
from unspool.report.figures.theme import CLASS_COLOURS

GAP = 1  # between tiles of 6 by 4


def _darkness(axes):
    """The ink of a figure's only image, (H, W) in [0, 1]."""
    (image,) = axes.images
    return np.asarray(image.get_array())[..., 3] / 255


def _row(images):
    spaced = np.pad(images, ((0, 0), (0, 0), (0, GAP)))
    return np.concatenate(list(spaced), axis=1)[:, :-GAP]


@pytest.mark.parametrize(
    ("figure", "above", "below", "name"),
    [
        (reconstructions_figure, "originals", "reconstructions", "original"),
        (class_averages_figure, "class_averages", "class_average_reconstructions", "average"),
    ],
)
def test_originals_stand_above_their_reconstructions(reconstruction_result, figure, above, below, name):
    axes = figure(reconstruction_result).axes[0]
    darkness, pictures = _darkness(axes), reconstruction_result.pictures
    np.testing.assert_allclose(darkness[:6], _row(getattr(pictures, above)), atol=1 / 255)
    np.testing.assert_allclose(darkness[-6:], _row(getattr(pictures, below)), atol=1 / 255)
    assert tick_labels(axes.yaxis) == [name, "reconstructed"]
    assert axes.get_yticks()[0] < 6 < axes.get_yticks()[1]
    assert axes.yaxis_inverted()
    assert tick_labels(axes.xaxis) == ["hook", "bar", "ring"]


def test_names_follow_the_labels_of_the_pictures(reconstruction_result):
    pictures = replace(reconstruction_result.pictures, labels=np.array([2, 0, 1]))
    axes = reconstructions_figure(replace(reconstruction_result, pictures=pictures)).axes[0]
    assert tick_labels(axes.xaxis) == ["ring", "hook", "bar"]


def test_an_interpolation_is_named_at_both_ends(reconstruction_result):
    axes = interpolation_figure(reconstruction_result).axes[0]
    np.testing.assert_allclose(_darkness(axes), _row(reconstruction_result.pictures.interpolation), atol=1 / 255)
    assert tick_labels(axes.xaxis) == ["hook", "", "", "", "", "", "ring"]


def test_what_was_drawn_evenly_stands_on_the_left(reconstruction_result):
    pictures = reconstruction_result.pictures
    left, right = generated_figure(reconstruction_result).axes
    assert (left.get_title(), right.get_title()) == ("drawn evenly", "drawn where images lie")
    np.testing.assert_allclose(_darkness(left)[:6], _row(pictures.generated_uniform[:5]), atol=1 / 255)
    np.testing.assert_allclose(_darkness(right)[-6:], _row(pictures.generated_density[5:]), atol=1 / 255)


@pytest.mark.parametrize("count", [1, 3, 7, 16])
def test_any_number_of_new_images_can_be_drawn(reconstruction_result, count):
    new = np.ones((count, 6, 4), np.float32)
    pictures = replace(reconstruction_result.pictures, generated_uniform=new, generated_density=new)
    axes = generated_figure(replace(reconstruction_result, pictures=pictures)).axes
    assert [np.count_nonzero(_darkness(panel)) for panel in axes] == [count * 24, count * 24]


def test_each_test_image_is_a_dot_of_its_labels_colour_and_each_label_is_named(reconstruction_result):
    pictures = reconstruction_result.pictures
    figure = latent_space_figure(reconstruction_result)
    axes = figure.axes[0]
    (dots,) = axes.collections
    np.testing.assert_array_equal(dots.get_offsets(), pictures.latent_vectors)
    assert [to_hex(colour) for colour in dots.get_facecolors()] == [
        CLASS_COLOURS[label] for label in pictures.latent_labels
    ]
    assert dots.get_rasterized()
    for label, text in enumerate(axes.texts):
        assert text.get_text() == reconstruction_result.data.label_names[label]
        median = np.median(pictures.latent_vectors[pictures.latent_labels == label], axis=0)
        np.testing.assert_allclose(text.xy, median)
        assert to_hex(text.get_bbox_patch().get_edgecolor()) == CLASS_COLOURS[label]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["hook", "bar", "ring"]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("latent dimension 1", "latent dimension 2")


def test_more_dimensions_are_projected_and_one_is_drawn_against_the_label(other_reconstruction_results):
    projected = other_reconstruction_results["projected"]
    axes = latent_space_figure(projected).axes[0]
    np.testing.assert_array_equal(axes.collections[0].get_offsets(), projected.pictures.projection.vectors)
    assert axes.get_xlabel() == "first component"
    one = other_reconstruction_results["one dimension"]
    axes = latent_space_figure(one).axes[0]
    np.testing.assert_array_equal(axes.collections[0].get_offsets()[:, 1], one.pictures.latent_labels)
    assert axes.get_ylabel() == "label"


def test_the_walk_has_the_axes_of_the_latent_space(reconstruction_result):
    axes = latent_walk_figure(reconstruction_result).axes[0]
    walk = reconstruction_result.pictures.walk
    left, right, bottom, top = axes.images[0].get_extent()
    width, height = (right - left) / 5, (top - bottom) / 3
    assert (left + width / 2, bottom + height / 2) == pytest.approx(walk.low)
    assert (right - width / 2, top - height / 2) == pytest.approx(walk.high)
    assert axes.images[0].origin == "upper"
    np.testing.assert_allclose(_darkness(axes)[1:7, 1:5], walk.tiles[0, 0], atol=1 / 255)
    np.testing.assert_allclose(_darkness(axes)[-7:-1, 1:5], walk.tiles[2, 0], atol=1 / 255)
    scatter = latent_space_figure(reconstruction_result).axes[0]
    assert (scatter.get_xlim(), scatter.get_ylim()) == ((left, right), (bottom, top))


def test_tiles_stay_pixels_and_dots_a_raster(reconstruction_result):
    """The style sheet finds the tiles, which it inverts on a dark page, by how they are drawn."""
    for figure, tiles in ((reconstructions_figure, True), (latent_walk_figure, True), (latent_space_figure, False)):
        page = inline(draw(lambda figure=figure: figure(reconstruction_result))[0], "some", "what it shows")
        (image,) = ElementTree.fromstring(page).iter("image")
        assert image.attrib["href"].startswith("data:image/png;base64,")
        assert ("pixelated" in image.attrib.get("style", "")) is tiles


@given(arrays.arrays(np.float64, st.tuples(st.integers(1, 10), st.just(2)), elements=st.floats(0, 1)))
@settings(deadline=None)
def test_labels_are_moved_apart_and_stay_within_the_axes(points):
    moved = apart(points, 0.05)
    assert np.all((moved >= 0.025) & (moved <= 0.975))
    distances = np.linalg.norm(moved[:, np.newaxis] - moved, axis=-1)[~np.eye(len(points), dtype=bool)]
    assert np.all(distances > 0.045)


def test_labels_that_are_apart_stay_where_they_are():
    points = np.array([[0.2, 0.2], [0.2, 0.3], [0.9, 0.5]])
    np.testing.assert_allclose(apart(points, 0.05), points, atol=1e-5)
