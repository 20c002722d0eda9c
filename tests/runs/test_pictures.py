import numpy as np

from unspool.data import load


def test_the_pictures_are_what_they_are_called(finished_autoencoder):
    pictures, test = finished_autoencoder[1].pictures, load("digits").test
    assert pictures.labels.tolist() == list(range(10))
    for image, label in zip(pictures.originals, pictures.labels, strict=True):
        assert any(np.array_equal(image, other) for other in test.images[test.labels == label])
    np.testing.assert_allclose(pictures.class_averages[3], test.images[test.labels == 3].mean(axis=0), rtol=1e-6)
    np.testing.assert_array_equal(pictures.latent_labels, test.labels)
    assert pictures.interpolation_labels == (0, 1)
    np.testing.assert_allclose(pictures.interpolation[0], pictures.reconstructions[0], atol=1e-5)
    np.testing.assert_allclose(pictures.interpolation[-1], pictures.reconstructions[1], atol=1e-5)


def test_the_walk_has_its_corners_where_it_says(finished_autoencoder):
    from unspool.runs.model import load_trained

    folder, result = finished_autoencoder
    walk = result.pictures.walk
    assert (walk.low, walk.high) == ((0.0, 0.0), (1.0, 1.0))
    corners = load_trained(folder).autoencoder.decode(np.array([[0, 0], [1, 0], [1, 1]], "float32"))
    for corner, tile in zip(corners, (walk.tiles[-1, 0], walk.tiles[-1, -1], walk.tiles[0, -1]), strict=True):
        np.testing.assert_allclose(tile, corner, atol=1e-5)
