"""An autoencoder that an estimator trained, as a folder."""

import pickle

import numpy as np
import pytest

import unspool
from unspool.data.padding import pad_series
from unspool.errors import UserError
from unspool.estimators.errors import InputError
from unspool.runs.autoencoders import open_run
from unspool.runs.checking.check import check
from unspool.runs.records.record import read_result
from unspool.runs.replay import replay

from .small import QUICK, digits, ragged

SERIES, NEW = ragged(80)[0], ragged(20, seed=1)[0]


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """An encoder, and the folder of the model alone."""
    folder = tmp_path_factory.mktemp("saved") / "model"
    model = unspool.SequenceEncoder(**QUICK, latent=2, epochs=3).fit(SERIES)
    model.save(folder)
    return model, folder


def test_a_folder_encodes_decodes_and_reconstructs_as_the_estimator_does(saved):
    model, folder = saved
    opened, padded = open_run(folder), pad_series(NEW, model.reader_.length)
    np.testing.assert_allclose(opened.encode(padded), model.transform(NEW), atol=1e-5)
    vectors = model.transform(NEW)
    np.testing.assert_allclose(opened.decode(vectors), model.inverse_transform(vectors), rtol=1e-4)
    again, losses = opened.reconstruct(padded)
    np.testing.assert_allclose(again[~np.isnan(padded)], model.inverse_transform(vectors)[~np.isnan(padded)], rtol=0.2)
    np.testing.assert_allclose(losses, unspool.load(folder).predict(NEW), rtol=1e-4)
    assert opened.generate(3, "density", 0).shape == (3, *padded.shape[1:])
    assert not check(folder).broken


def test_a_pickled_encoder_is_saved_but_for_where_vectors_lie(saved, tmp_path):
    model = pickle.loads(pickle.dumps(saved[0]))
    model.task_ = None  # as an earlier version had it
    model.save(tmp_path / "model")
    opened = open_run(tmp_path / "model")
    np.testing.assert_allclose(opened.encode(pad_series(NEW, model.reader_.length)), model.transform(NEW), atol=1e-5)
    with pytest.raises(UserError, match=r"has no latent\.npz, .* save it before that"):
        opened.generate(3, "density", 0)
    with pytest.raises(InputError, match="pickles and copies do not include it"):
        model.save(tmp_path / "run", test=NEW)


@pytest.mark.parametrize(
    ("training", "test"),
    [
        (SERIES, NEW),
        pytest.param(np.asfortranarray(digits(100)[0]), digits(120)[0][100:], marks=pytest.mark.soak),
    ],
)
def test_with_test_series_a_folder_is_a_run_that_gives_the_same_bits_again(training, test, tmp_path):
    model = unspool.SequenceEncoder(**QUICK, latent=2, epochs=2).fit(training)
    model.save(tmp_path / "run", test=test)
    again = replay(tmp_path / "run")
    assert (again.parting, again.epochs) == (None, 2)
    result = read_result(tmp_path / "run")
    assert result.test.examples == len(test)
    assert result.data.examples == {"training": 0.9 * len(training), "validation": 0.1 * len(training), "test": 20}
    assert not check(tmp_path / "run").broken
