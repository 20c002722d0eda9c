import json

import numpy as np
import pytest

from unspool.descriptions.inputs import Series
from unspool.errors import UserError
from unspool.readers import READER, load_reader
from unspool.readers.series import ImageReader, SeriesReader


def test_a_series_reader_standardises_by_what_it_was_fitted_on(tmp_path):
    rng = np.random.default_rng(0)
    steps = rng.normal(3.0, 2.0, size=(60, 2)).astype("float32")
    steps[:, 1] = 7.0
    reader = SeriesReader.fit(steps, np.array([30, 30]), ["x", "constant"], None)
    assert reader.length == 30
    assert reader.inputs == Series(length=30, features=2)
    read = reader.read(np.concatenate([steps[None, :30], np.full((1, 1, 2), np.nan)], axis=1))
    assert read.dtype == np.float32
    assert np.isnan(read[0, 30]).all()
    np.testing.assert_allclose(reader.read(steps[None]).mean(axis=1), 0.0, atol=1e-5)
    np.testing.assert_allclose(reader.read(steps[None]).std(axis=1), [[1.0, 0.0]], atol=1e-5)
    reader.save(tmp_path)
    assert load_reader(tmp_path) == reader


def test_a_length_that_is_given_is_taken():
    assert SeriesReader.fit(np.zeros((60, 1)), np.array([30, 30]), ["x"], 4).length == 4


@pytest.mark.parametrize(
    "change",
    [
        {"length": 0},
        {"length": "4"},
        {"channels": ["x"]},
        {"channels": [], "mean": [], "scale": []},
        {"scale": [1, 0]},
        {"mean": ["a", 1]},
        {"mean": [1e999, 1]},
    ],
)
def test_an_altered_series_reader_is_refused(change, tmp_path):
    SeriesReader(("x", "y"), 5, (0.0, 0.0), (1.0, 1.0)).save(tmp_path)
    content = json.loads((tmp_path / READER).read_text()) | change
    (tmp_path / READER).write_text(json.dumps(content))
    with pytest.raises(UserError, match="is altered"):
        load_reader(tmp_path)


def test_images_are_read_as_they_are(tmp_path):
    reader = ImageReader(length=3, features=2)
    images = np.linspace(0, 1, 12).reshape(2, 3, 2)
    read = reader.read(images)
    assert read.dtype == np.float32
    np.testing.assert_array_equal(read, images.astype(np.float32))
    assert reader.inputs == Series(length=3, features=2)
    assert reader.channels == ("0", "1")
    reader.save(tmp_path)
    assert load_reader(tmp_path) == reader


def test_an_altered_image_reader_is_refused(tmp_path):
    ImageReader(length=3, features=2).save(tmp_path)
    path = tmp_path / READER
    path.write_text(path.read_text().replace("3", "-3"))
    with pytest.raises(UserError, match="is altered: a length or size is -3"):
        load_reader(tmp_path)
