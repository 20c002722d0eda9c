"""The native searches against the compiled one."""

import keras
import numpy as np
import pytest

from unspool import kernels
from unspool.data.ragged import Ragged
from unspool.kernels.transformer import PackedTransformer
from unspool.models import EncoderDecoder, Tokens, Transformer, encoder_decoder, transformer
from unspool.models.search import Beam, Sampling
from unspool.training.decoding import decode
from unspool.training.native_decoding import native_answers

pytestmark = pytest.mark.whole

EDGES = {"start": 1, "end": 2, "maximum": 37}


def small(**parts):
    keras.utils.set_random_seed(3)
    model = transformer(Transformer(layers=2, width=20, heads=2, feed_forward=24, **parts), Tokens(60), Tokens(50))
    rng = np.random.default_rng(0)
    for norm in (model.encoder_norm, model.decoder_norm):  # else it repeats what it has just written
        norm.gamma.assign(rng.normal(size=norm.gamma.shape))
    for block in model.decoder:  # and says the same of every source
        block.to_memory.result.kernel.assign(6 * np.asarray(block.to_memory.result.kernel))
    model.target_embedding.embeddings.assign(2.5 * np.asarray(model.target_embedding.embeddings))
    return model


def recurrent(**parts):
    """With decided opinions: it ends some answers, and does not only repeat what it has just written."""
    keras.utils.set_random_seed(3)
    model = encoder_decoder(EncoderDecoder(**({"units": 10, "width": 7} | parts)), Tokens(60), Tokens(50))
    rng = np.random.default_rng(0)
    for variable in model.trainable_variables:
        variable.assign(rng.normal(size=variable.shape) * (2 if "embeddings" in variable.path else 0.7))
    return model


def sources(count=12, longest=40):
    rng = np.random.default_rng(1)
    return Ragged.from_sequences([rng.integers(3, 50, size) for size in rng.integers(1, longest, count)])


def answers(model, how, path, **more):
    with kernels.use(path):
        return decode(model, sources(), how, **EDGES, **more)


@pytest.fixture(
    scope="module",
    params=[
        (small, {}),
        pytest.param((small, {"positions": "rotary"}), marks=pytest.mark.slow),  # all three options are in a case below
        pytest.param((small, {"shared": True}), marks=pytest.mark.slow),
        pytest.param((small, {"tied": False}), marks=pytest.mark.slow),
        (small, {"tied": False, "shared": True, "positions": "rotary"}),
        (recurrent, {}),
        (recurrent, {"attention": "dot", "input_feeding": True}),
        (recurrent, {"cell": "lstm", "layers": 2, "input_feeding": True, "shared": True}),
        (recurrent, {"cell": "lstm", "units": 32, "width": 16, "attention": "dot", "tied": False}),
    ],
)
def model(request):
    make, parts = request.param
    return make(**parts)


@pytest.mark.parametrize("how", [Sampling(), Beam(size=5, length_penalty=0.6, returned=3)])
def test_both_find_the_same(how, model):
    assert_same(how, model)


@pytest.mark.parametrize("make", [small, recurrent])
@pytest.mark.parametrize("how", [Beam(size=2), Beam(size=4, length_penalty=0.0)])
def test_both_find_the_same_by_any_beam(how, make):
    assert_same(how, make())


def assert_same(how, model):
    native, compiled = (answers(model, how, path) for path in ("native", "reference"))
    assert native.tokens.tolist() == compiled.tokens.tolist()
    assert len({tuple(one) for one in native.best.tolist()}) > 2
    np.testing.assert_array_equal(native.ended, compiled.ended)
    np.testing.assert_allclose(native.scores, compiled.scores, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(native.log_probabilities, compiled.log_probabilities, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("make", [small, recurrent])
@pytest.mark.parametrize("isa", ["avx512", "avx2", "baseline"])
def test_every_instruction_set_finds_the_same(isa, make):
    model, how = make(), Beam(size=3)
    expected = answers(model, how, "native").tokens.tolist()
    if isa not in kernels.status().instruction_sets:
        pytest.skip(f"this processor has no {isa}")
    with kernels.use_instruction_set(isa):
        assert answers(model, how, "native").tokens.tolist() == expected


@pytest.mark.parametrize("make", [small, recurrent])
def test_the_batch_changes_no_bit(make):
    one, other = (answers(make(), Beam(size=3), "native", batch_size=size) for size in (1, 64))
    assert one.tokens.tolist() == other.tokens.tolist()
    assert one.scores.tobytes() == other.scores.tobytes()


def test_new_weights_are_searched_with_and_old_ones_packed_once(monkeypatch):
    model, packed, make = small(), [], PackedTransformer.__init__

    def made(self, *args):
        packed.append(self)
        make(self, *args)

    monkeypatch.setattr(PackedTransformer, "__init__", made)
    before = [answers(model, None, "native").tokens.tolist() for _ in range(2)]
    assert len(packed) == 1
    assert before[0] == before[1]
    model.decoder[0].result.kernel.assign(-3 * np.asarray(model.decoder[0].result.kernel))
    after = answers(model, None, "native").tokens.tolist()
    assert len(packed) == 2
    assert after == answers(model, None, "reference").tokens.tolist() != before[0]


def test_what_it_cannot_search_is_left_to_the_compiled_search():
    def asked(model, how):
        return native_answers(model, sources(), how, **EDGES, batch_size=4)

    assert asked(small(), Sampling(temperature=1.0)) is None
    assert asked(recurrent(), Sampling(temperature=1.0)) is None
    with kernels.use("reference"):
        assert asked(small(), Sampling()) is None
    with kernels.use("native"):
        assert asked(small(), Sampling()) is not None


@pytest.mark.parametrize("make", [small, recurrent])
def test_a_model_with_a_quantized_layer_is_left_to_the_compiled_search(make):
    model = make()
    dense = next(layer for layer in model._flatten_layers() if isinstance(layer, keras.layers.Dense))
    dense.quantize("int8")
    assert native_answers(model, sources(), Sampling(), **EDGES, batch_size=4) is None


def test_ids_that_the_model_does_not_read_are_refused():
    with kernels.use("native"), pytest.raises(ValueError, match="ids of sources are from 1 to 59"):
        decode(small(), Ragged.from_sequences([[60]]), **EDGES)
