import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unspool.data.ragged import Ragged
from unspool.data.tokenizer import fit_tokenizer
from unspool.errors import UserError
from unspool.experiment.own.reading import READER, SeriesReader, TextReader, last, load_reader

TEXTS = ["a good film", "a bad film", "a good plot and a bad one"]


@given(st.lists(st.lists(st.integers(0, 99), max_size=9), max_size=9), st.integers(1, 10))
def test_the_last_ids_are_kept(sequences, length):
    assert last(Ragged.from_sequences(sequences), length).tolist() == [ids[-length:] for ids in sequences]


def test_a_text_reader_comes_back_as_it_was(tmp_path):
    reader = TextReader(fit_tokenizer(TEXTS), length=4)
    reader.save(tmp_path)
    again = load_reader(tmp_path)
    assert again == reader
    assert again.read(["a plot and a film"]).tolist() == reader.read(["a plot and a film"]).tolist()
    assert again.inputs.size == reader.tokenizer.size


def test_a_series_reader_standardises_by_what_it_was_fitted_on(tmp_path):
    rng = np.random.default_rng(0)
    steps = rng.normal(3.0, 2.0, size=(60, 2)).astype("float32")
    steps[:, 1] = 7.0
    reader = SeriesReader.fit(steps, np.array([30, 30]), ["x", "constant"], None)
    assert reader.length == 30
    read = reader.read(np.concatenate([steps[None, :30], np.full((1, 1, 2), np.nan)], axis=1))
    assert np.isnan(read[0, 30]).all()
    np.testing.assert_allclose(reader.read(steps[None]).mean(axis=1), 0.0, atol=1e-5)
    np.testing.assert_allclose(reader.read(steps[None]).std(axis=1), [[1.0, 0.0]], atol=1e-5)
    reader.save(tmp_path)
    assert load_reader(tmp_path) == reader


@pytest.mark.parametrize(
    "change",
    [{"length": 0}, {"length": "4"}, {"channels": ["x"]}, {"scale": [1, 0]}, {"mean": ["a", 1]}, {"mean": [1e999, 1]}],
)
def test_an_altered_reader_is_refused(change, tmp_path):
    SeriesReader(("x", "y"), 5, (0.0, 0.0), (1.0, 1.0)).save(tmp_path)
    content = json.loads((tmp_path / READER).read_text()) | change
    (tmp_path / READER).write_text(json.dumps(content))
    with pytest.raises(UserError, match="is altered"):
        load_reader(tmp_path)
