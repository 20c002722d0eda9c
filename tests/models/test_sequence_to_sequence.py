"""Transformer and recurrent encoder-decoder: what they may see, and that writing step by step is writing at once."""

from functools import partial

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest

from unspool.models import (
    EncoderDecoder,
    SmoothedCrossentropy,
    Steps,
    Tokens,
    Transformer,
    encoder_decoder,
    load_model,
    save_model,
    search,
    transformer,
)
from unspool.models.loading import load_weights
from unspool.models.search import Beam, Sampling

SMALL = {
    "transformer": (transformer, Transformer(layers=1, width=8, heads=2, feed_forward=12)),
    "rotary": (transformer, Transformer(layers=1, width=8, heads=2, positions="rotary", tied=False, shared=True)),
    "gru": (encoder_decoder, EncoderDecoder(units=6, width=5)),
    "lstm": (
        encoder_decoder,
        EncoderDecoder(cell="lstm", units=6, width=5, layers=2, attention="dot", input_feeding=True, tied=False),
    ),
}


def build(name):
    keras.utils.set_random_seed(0)
    function, config = SMALL[name]
    return function(config, Tokens(20), Tokens(20))


@pytest.fixture(params=SMALL, scope="module")
def model(request):
    return build(request.param)


SOURCE, TARGET = np.array([[5, 6, 7], [8, 9, 3]], "int32"), np.array([[1, 4, 12, 9, 2], [1, 15, 5, 6, 7]], "int32")


def logits(model, source=SOURCE, target=TARGET, training=False):
    """In one compiled program, made once: eagerly the models' small operations would take seconds."""
    weights = [[one.value for one in kind] for kind in (model.trainable_variables, model.non_trainable_variables)]
    return np.asarray(_logits(model, training, weights, (source, target)))


@partial(jax.jit, static_argnums=(0, 1))
def _logits(model, training, weights, ids):
    return model.stateless_call(*weights, ids, training=training)[0]


def padded(ids, before, behind):
    return np.pad(ids, ((0, 0), (before, behind)))


def test_neither_amount_nor_side_nor_content_of_padding_changes_an_answer(model):
    expected = logits(model)
    for before, behind in ((4, 0), (0, 4), (1, 3)):
        found = logits(model, padded(SOURCE, before, behind), padded(TARGET, behind, before))
        np.testing.assert_allclose(found[:, behind : behind + TARGET.shape[1]], expected, atol=1e-5)
    before = model.get_weights()
    for embedding in {model.source_embedding, model.target_embedding}:
        vectors = embedding.get_weights()[0]
        vectors[0] = 100.0
        embedding.set_weights([vectors])
    found = logits(model, padded(SOURCE, 3, 1), padded(TARGET, 2, 2))[:, 2:-2]
    model.set_weights(before)
    np.testing.assert_allclose(found[..., 1:], expected[..., 1:], atol=1e-5)  # the logit of padding itself may


def test_no_step_sees_a_later_one_and_each_sees_those_before_and_the_source(model):
    expected = logits(model)
    other = TARGET.copy()
    other[:, 3] = 11
    found = logits(model, SOURCE, other)
    np.testing.assert_allclose(found[:, :3], expected[:, :3], atol=1e-6)
    assert (np.abs(found[:, 4] - expected[:, 4]).max(axis=-1) > 1e-5).all()
    source = SOURCE.copy()
    source[:, 1] = 11
    assert (np.abs(logits(model, source) - expected).max(axis=-1) > 1e-6).all()


def test_step_by_step_is_the_same_as_at_once(model):
    def steps(source, target):
        memory = model.encode(source)
        state = model.start(memory, 7)
        found = []
        for step in range(target.shape[1]):
            each, state = model.step(memory, state, target[:, step])
            found.append(each)
        return model.decode(memory, target), jnp.stack(found, axis=1)

    at_once, one_by_one = jax.jit(steps)(SOURCE, TARGET)
    np.testing.assert_allclose(one_by_one, at_once, atol=1e-5)


def test_a_row_does_not_depend_on_the_rows_beside_it(model):
    both = logits(model)
    np.testing.assert_allclose(logits(model, SOURCE[1:], TARGET[1:])[0], both[1], atol=1e-5)


def test_a_saved_model_says_the_same(model, tmp_path):
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(logits(loaded), logits(model))
    assert loaded.config == model.config


@pytest.mark.parametrize("name", ["rotary", "lstm"])
def test_a_model_of_few_bits_learns_and_comes_back(name, tmp_path):
    plain = build(name)
    model = type(plain)(plain.config, 20, 20, dtype="mixed_bfloat16")
    model.build()
    layers = [layer for layer in model._flatten_layers() if layer.weights]
    assert {layer.compute_dtype for layer in layers} == {"bfloat16"}
    model.set_weights(plain.get_weights())
    found = logits(model)
    assert found.dtype == "bfloat16"
    np.testing.assert_allclose(found.astype("float32"), logits(plain), atol=0.1)
    model.compile("adam", SmoothedCrossentropy(0.1))
    model.fit((SOURCE, TARGET), TARGET, epochs=1, verbose=0)
    save_model(model, tmp_path / "model.keras")
    loaded = load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(logits(loaded), logits(model))
    how = {"start": 1, "end": 2, "maximum": 3}
    memory = loaded.encode(SOURCE)
    assert search.sample(loaded, memory, jnp.arange(2), jnp.ones(2, bool), Sampling(), **how).tokens.shape == (2, 1, 3)


def test_parameters_of_the_transformer_are_those_of_the_paper():
    model = transformer(Transformer(layers=2, width=8, heads=2, feed_forward=12), Tokens(20), Tokens(30))
    attention, norm, dense = 4 * (8 * 8 + 8), 2 * 8, 8 * 12 + 12 + 12 * 8 + 8
    encoder, decoder = attention + dense + 2 * norm, 2 * attention + dense + 3 * norm
    assert model.count_params() == 2 * (encoder + decoder) + 2 * norm + (20 + 30) * 8


def test_dropout_acts_in_training_alone():
    model = build("transformer")
    assert np.abs(logits(model, training=True) - logits(model)).max() > 1e-3
    np.testing.assert_array_equal(logits(model), logits(model))


def test_descriptions_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match="even share"):
        Transformer(width=9, heads=3)
    with pytest.raises(ValueError, match="no 4 to write"):
        transformer(Transformer(shared=True), Tokens(3), Tokens(4))


def test_attention_weights_sum_to_one_and_rest_on_what_is_there(model):
    weights = jax.jit(lambda source, target: model.memory_weights(model.encode(source), target))(
        padded(SOURCE, 2, 1), TARGET
    )
    if getattr(model.config, "input_feeding", False):
        assert weights is None
        return
    assert weights.shape == (2, 5, 6)
    np.testing.assert_allclose(weights.sum(axis=2), 1, atol=1e-5)
    assert not np.asarray(weights)[:, :, [0, 1, 5]].any()
    assert np.ptp(np.asarray(weights)[:, :, 2:5]) > 1e-4


def test_a_compiled_model_is_saved_without_its_optimizer_and_comes_back(model, tmp_path):
    model.compile("adam", SmoothedCrossentropy(0.1))
    save_model(model, tmp_path / "model.keras")
    save_model(build_again(model), tmp_path / "plain.keras")
    sizes = [(tmp_path / name).stat().st_size for name in ("model.keras", "plain.keras")]
    assert abs(sizes[0] - sizes[1]) < 1000
    for again in (
        load_model(tmp_path / "model.keras"),
        load_weights(lambda: build_again(model), tmp_path / "model.keras"),
    ):
        assert not again.compiled
        for ours, theirs in zip(model.get_weights(), again.get_weights(), strict=True):
            np.testing.assert_array_equal(ours, theirs)


def build_again(model):
    again = type(model).from_config(model.get_config())
    again.build()
    return again


@pytest.mark.parametrize("how", [Sampling(temperature=1.0), Beam(size=3)])
def test_a_search_finds_the_same_whatever_room_it_begins_with(monkeypatch, model, how):
    def found(room):
        monkeypatch.setattr(search, "ROOM", room)

        def run(source):
            rows, memory = jnp.arange(len(source)), model.encode(source)
            edges = {"start": 1, "end": 2, "maximum": 7}
            if isinstance(how, Beam):
                return search.beam_search(model, memory, rows >= 0, how, **edges)
            return search.sample(model, memory, rows, rows >= 0, how, **edges)

        return jax.jit(run)(SOURCE)

    whole, grown = found(7), found(2)
    assert (np.asarray(whole.tokens) != 0).sum() > 6, "long enough to outgrow the room"
    np.testing.assert_array_equal(grown.tokens, whole.tokens)
    np.testing.assert_allclose(grown.log_probabilities, whole.log_probabilities, rtol=1e-5)


@pytest.fixture(scope="module")
def reads_numbers():
    keras.utils.set_random_seed(0)
    return encoder_decoder(EncoderDecoder(units=6, width=5), Steps(features=3), Tokens(20))


def test_frames_beyond_the_end_of_a_series_are_not_read(reads_numbers):
    frames = np.random.RandomState(0).normal(size=(2, 3, 3)).astype("float32")
    missing = np.full((2, 2, 3), np.nan, "float32")
    said = logits(reads_numbers, frames)
    assert np.isfinite(said).all()
    for longer in ([missing, frames], [frames, missing]):
        np.testing.assert_allclose(logits(reads_numbers, np.concatenate(longer, axis=1)), said, atol=1e-5)
    changed = frames.copy()
    changed[0, -1, 0] += 1
    assert np.abs(logits(reads_numbers, changed) - said)[0].max() > 1e-3


def test_a_model_of_series_comes_back(reads_numbers, tmp_path):
    frames = np.random.RandomState(0).normal(size=(2, 4, 3)).astype("float32")
    save_model(reads_numbers, tmp_path / "model.keras")
    assert np.array_equal(logits(load_model(tmp_path / "model.keras"), frames), logits(reads_numbers, frames))


def test_series_share_no_vocabulary():
    with pytest.raises(ValueError, match="a shared vocabulary"):
        encoder_decoder(EncoderDecoder(shared=True), Steps(features=3), Tokens(20))
