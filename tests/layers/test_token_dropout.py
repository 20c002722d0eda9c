import keras
import numpy as np
import pytest

from unspool.layers import TokenDropout

IDS = np.random.default_rng(0).integers(0, 50, (40, 60))


def test_inference_passes_through():
    np.testing.assert_array_equal(TokenDropout(0.5)(IDS), IDS)


def test_a_share_of_the_words_becomes_unknown_and_the_others_stay():
    dropped = np.asarray(TokenDropout(0.3, seed=0)(IDS, training=True))
    words = IDS >= 4
    np.testing.assert_array_equal(dropped[~words], IDS[~words])
    changed = dropped != IDS
    assert (dropped[changed] == 2).all()
    assert 0.27 < changed[words].mean() < 0.33


def test_of_the_forms_of_a_word_the_first_is_dropped():
    ids = np.random.default_rng(0).integers(0, 50, (40, 60, 8))
    dropped = np.asarray(TokenDropout(0.3, seed=0)(ids, training=True))
    np.testing.assert_array_equal(dropped[:, :, 1:], ids[:, :, 1:])
    words, changed = ids[:, :, 0] >= 4, dropped[:, :, 0] != ids[:, :, 0]
    assert not changed[~words].any()
    assert 0.27 < changed[words].mean() < 0.33


def test_a_seed_reproduces_its_choice_and_steps_differ():
    first, second = (TokenDropout(0.3, seed=7) for _ in range(2))
    steps = [np.asarray(layer(IDS, training=True)) for layer in (first, second, first)]
    np.testing.assert_array_equal(steps[0], steps[1])
    assert not np.array_equal(steps[0], steps[2])


def test_ids_of_a_small_type_become_larger_ids():
    dropped = np.asarray(TokenDropout(0.3, unknown=300, seed=0)(IDS.astype("uint8"), training=True))
    np.testing.assert_array_equal(dropped, TokenDropout(0.3, unknown=300, seed=0)(IDS, training=True))
    assert 300 in dropped


def test_a_rate_of_one_is_refused():
    with pytest.raises(ValueError, match="rate is 1"):
        TokenDropout(1)


def test_it_is_saved_and_loaded(tmp_path):
    model = keras.Sequential(
        [keras.Input((60,), dtype="int32"), TokenDropout(0.3, seed=7), keras.layers.Embedding(50, 2)]
    )
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras").layers[0]
    assert (loaded.rate, loaded.unknown, loaded.keep_below, loaded.seed) == (0.3, 2, 4, 7)
