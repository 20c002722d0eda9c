"""An Embedding in front of a recurrent layer: Keras's results, from token ids where no gradient is wanted."""

import jax
import keras
import numpy as np
import pytest

import unspool
from unspool import layers
from unspool.training.programs import programs_of

pytestmark = pytest.mark.usefixtures("native_kernels")

BOUND = 2e-5
VOCABULARY = 20
LAYERS = {"SimpleRNN": 1, "LSTM": 1, "GRU": 1, "Bidirectional": 2}


def model(home, *between, kind="LSTM", mask_zero=False, width=6):
    """Ids to the last state, with random weights."""
    keras.utils.set_random_seed(3)
    recurrent = home.Bidirectional(home.LSTM(4)) if kind == "Bidirectional" else getattr(home, kind)(4)
    built = keras.Sequential(
        [keras.Input((7,), dtype="int32"), home.Embedding(VOCABULARY, width, mask_zero=mask_zero), *between, recurrent]
    )
    rng = np.random.default_rng(4)
    built.set_weights([rng.normal(size=w.shape).astype("float32") * 0.5 for w in built.get_weights()])
    return built


def ids(rows=9):
    return np.random.default_rng(0).integers(0, VOCABULARY, (rows, 7)).astype("int32")


def state_of(built):
    return [v.value for v in built.trainable_variables], [v.value for v in built.non_trainable_variables]


def projections(built, x, **call):
    """How many vocabularies are projected when the model is called."""
    traced = jax.make_jaxpr(lambda state: built.stateless_call(*state, x, **call)[0])(state_of(built))
    return str(traced).count("target_name=unspool_project")


def assert_same(got, expected):
    got, expected = np.asarray(got), np.asarray(expected)
    assert got.shape == expected.shape
    assert np.abs(got - expected).max() <= BOUND * np.abs(expected).max()


@pytest.mark.parametrize("mask_zero", [False, True])
@pytest.mark.parametrize("kind", LAYERS)
def test_predictions_as_keras_from_ids(kind, mask_zero):
    stock, ours = (model(home, kind=kind, mask_zero=mask_zero) for home in (keras.layers, layers))
    assert projections(ours, ids()) == LAYERS[kind]
    assert_same(ours(ids()), stock(ids()))


@pytest.mark.parametrize("kind", LAYERS)
def test_the_way_does_not_show_in_the_bits(kind):
    ours = model(layers, kind=kind)
    assert projections(ours, ids(2)) == 0
    np.testing.assert_array_equal(ours(ids())[:2], ours(ids()[:2]))


@pytest.mark.parametrize("dropout", [layers.Dropout, keras.layers.Dropout, keras.layers.SpatialDropout1D])
def test_dropout_in_between_hands_the_ids_on_in_inference_only(dropout):
    ours = model(layers, dropout(0.5))
    assert projections(ours, ids()) == 1
    assert projections(ours, ids(), training=True) == 0
    assert projections(model(layers), ids(), training=True) == 0


def test_a_layer_that_changes_the_vectors_takes_the_ids_away():
    ours = model(layers, keras.layers.LayerNormalization())
    assert projections(ours, ids()) == 0
    assert_same(ours(ids()), model(keras.layers, keras.layers.LayerNormalization())(ids()))


@pytest.mark.parametrize("kind", LAYERS)
def test_gradients_as_keras(kind):
    def gradients(home, **call):
        built = model(home, kind=kind, mask_zero=True)
        weights, others = state_of(built)
        return jax.grad(lambda w: (built.stateless_call(w, others, ids(), **call)[0] ** 2).sum())(weights)

    for training in (False, True):
        for got, expected in zip(
            gradients(layers, training=training), gradients(keras.layers, training=training), strict=True
        ):
            assert_same(got, expected)


@pytest.mark.parametrize("dtype", ["int64", "uint8", "float32"])
def test_ids_of_every_type(dtype):
    given = ids().astype(dtype)
    embedding = layers.Embedding(VOCABULARY, 6)
    lstm = layers.LSTM(4)
    assert_same(lstm(embedding(given)), lstm(keras.ops.convert_to_tensor(np.asarray(embedding(ids())))))


def test_ids_outside_the_vocabulary_as_keras():
    given = ids()
    given[0, 1], given[1, 6], given[2, 3] = -1, VOCABULARY, -VOCABULARY - 1
    got, expected = (np.asarray(model(home)(given)) for home in (layers, keras.layers))
    np.testing.assert_array_equal(np.isnan(got), np.isnan(expected))
    assert np.isnan(got).all(axis=1).tolist() == [False, True, True] + [False] * 6
    assert_same(got[3:], expected[3:])


def test_other_precisions_take_the_vectors():
    embedding = layers.Embedding(VOCABULARY, 6, dtype="mixed_bfloat16")
    lstm = layers.LSTM(4)
    vectors = embedding(ids())
    assert vectors.dtype == "bfloat16"
    assert_same(lstm(vectors), lstm(keras.ops.cast(vectors, "float32")))
    assert projections(keras.Sequential([keras.Input((7,), dtype="int32"), embedding, lstm]), ids()) == 0


def test_a_low_rank_adaptation_counts():
    ours = model(layers)
    ours.layers[0].enable_lora(2)
    ours.layers[0].lora_embeddings_b.assign(np.ones((2, 6), "float32"))
    assert projections(ours, ids()) == 1
    assert_same(ours(ids()), ours.layers[1](keras.ops.add(ours.layers[0](ids()), 0.0)))


def test_saved_and_loaded_predicts_the_same_bits(tmp_path):
    ours = model(layers, layers.Dropout(0.2), mask_zero=True)
    ours.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert type(loaded.layers[0]) is layers.Embedding
    assert keras.saving.get_registered_name(layers.Embedding) == "unspool>Embedding"  # part of the file format
    np.testing.assert_array_equal(loaded(ids()), ours(ids()))


def test_a_predicting_loop_projects_the_vocabulary_once():
    """Though a step alone has fewer tokens than the vocabulary; XLA takes the table out of the loop."""
    ours = model(layers)
    program = programs_of(ours).predict.lower(state_of(ours), ids(8), np.int32(4), batch_size=2).compile().as_text()
    loop, once = program.split("\nENTRY ")
    assert once.count('custom_call_target="unspool_project"') == 1
    assert "unspool_project" not in loop
    np.testing.assert_array_equal(unspool.predict(ours, ids(8), batch_size=2), np.asarray(ours(ids(8))))


@pytest.mark.filterwarnings("ignore:Layer .* does not have a `quantize` method:UserWarning")  # of the others
def test_it_is_quantized_as_keras_own(tmp_path):
    stock, ours = model(keras.layers), model(layers)
    for one in (stock, ours):
        one.quantize("int8")
    assert [one.dtype_policy.name for one in ours.layers] == [one.dtype_policy.name for one in stock.layers]
    assert ours.layers[0].dtype_policy.name == "int8_from_float32"
    assert_same(ours(ids()), stock(ids()))
    another = type("Another", (layers.Embedding,), {})(3, 2)
    another.build(None)
    with pytest.raises(NotImplementedError, match="Another"):
        another.quantize("int8")
    ours.save(tmp_path / "quantized.keras")
    assert_same(keras.saving.load_model(tmp_path / "quantized.keras")(ids()), ours(ids()))
