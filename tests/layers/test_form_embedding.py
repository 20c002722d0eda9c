import keras
import numpy as np

from unspool.layers import FormEmbedding

IDS = np.array([[[2, 3, 0], [4, 0, 3], [0, 0, 0]]], np.int32)


def test_a_word_is_the_sum_of_its_forms():
    layer = FormEmbedding(5, 2, mask_zero=True)
    found = np.asarray(layer(IDS))
    table = np.asarray(layer.embeddings)
    np.testing.assert_allclose(found, [[table[2] + table[3], table[4] + table[3], [0, 0]]], rtol=1e-6)
    assert np.asarray(layer.compute_mask(IDS)).tolist() == [[True, True, False]]
    assert FormEmbedding(5, 2).compute_mask(IDS) is None


def test_no_form_learns_nothing_and_shared_forms_learn_from_all_words():
    keras.utils.set_random_seed(0)
    inputs = keras.Input((None, 3), dtype="int32")
    model = keras.Model(inputs, FormEmbedding(5, 2, name="forms")(inputs))
    model.compile(keras.optimizers.SGD(1.0), "mse")
    before = np.asarray(model.get_layer("forms").embeddings)
    target = np.asarray(model(IDS)) - [1.0, 0.0]
    model.train_on_batch(IDS, target)
    moved = np.asarray(model.get_layer("forms").embeddings) - before
    step = 2 * 1.0 / target.size  # of the mean of squares
    np.testing.assert_allclose(moved, np.outer([0, 0, -step, -2 * step, -step], [1, 0]), atol=1e-6)


def test_it_is_saved_and_loaded(tmp_path):
    inputs = keras.Input((None, 3), dtype="int32")
    model = keras.Model(inputs, FormEmbedding(5, 2, mask_zero=True)(inputs))
    model.save(tmp_path / "m.keras")
    loaded = keras.models.load_model(tmp_path / "m.keras")
    np.testing.assert_array_equal(loaded(IDS), model(IDS))
