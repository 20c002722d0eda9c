"""Each check is passed by a good model and seen to fail by one that is broken in its way."""

import json

import keras
import numpy as np
import pytest
from keras import ops

from unspool import kernels
from unspool.data.ragged import Ragged
from unspool.errors import UserError
from unspool.evaluation.certificate import Certificate, Check
from unspool.layers import LSTM, Embedding, kernel_status
from unspool.models import Seq2Vec, Series, Tokens, Transformer, pad_series, seq2vec
from unspool.models.transformer import TransformerModel
from unspool.readers import SeriesReader
from unspool.runs.checking import certificate as certificate_module
from unspool.runs.checking.certificate import checks_of, refuse_broken
from unspool.runs.checking.certificate_file import read_certificate, write_certificate
from unspool.runs.checking.checkable import Checkable, TranslationCheckable
from unspool.runs.checking.golden import golden_of
from unspool.runs.model import TrainedModel
from unspool.runs.recipes.recipe import FileSettings, Recipe
from unspool.runs.records import environment
from unspool.tasks import Multiclass, Translation

EVERY = ["reload", "padding", "batch mates", "batch size", "bucket", "kernel path", "instruction set"]
RNG = np.random.default_rng(0)
TEXTS = Ragged.from_sequences([RNG.integers(1, 30, length) for length in RNG.integers(1, 24, 50)])


def fresh(model):
    """The same model, not compiled yet, as reading it from a file gives it."""
    clone = keras.models.clone_model(model)
    clone.set_weights(model.get_weights())
    return clone


def checked(model, inputs=TEXTS, padding="masked"):
    """The checks by name."""
    golden = golden_of(Checkable((model,), padding), inputs)
    return {check.name: check for check in checks_of(lambda: Checkable((fresh(model),), padding), golden)}


def failed(checks):
    return [name for name, check in checks.items() if check.passed is False]


class LooksAtTheOthers(keras.layers.Layer):
    """Takes the mean over the batch away, as a batch normalization does that is left in training mode."""

    def call(self, inputs):
        return inputs - ops.mean(inputs, axis=0, keepdims=True)


class CountsTheBatch(keras.layers.Layer):
    """Gives another answer in a larger batch."""

    def compute_output_shape(self, shape):
        return shape

    def call(self, inputs):
        return inputs + 0.001 * inputs.shape[0]


class CountsTheSteps(keras.layers.Layer):
    """Reads how many steps there are, padding or not."""

    supports_masking = True

    def compute_mask(self, inputs, mask=None):
        return None

    def compute_output_shape(self, shape):
        return shape[0], shape[2]

    def call(self, inputs, mask=None):
        return inputs[:, -1] + 0.001 * inputs.shape[1]


def reader_of_tokens(more=None, mask_zero=True, sequences=False):
    keras.utils.set_random_seed(1)
    layers = [Embedding(30, 6, mask_zero=mask_zero), LSTM(5, return_sequences=sequences), *([more()] if more else [])]
    return keras.Sequential([keras.Input((None,), dtype="int32"), *layers, keras.layers.Dense(1, activation="sigmoid")])


@pytest.mark.parametrize(("pooling", "length"), [("last", 24), ("mean_max", None)])
def test_a_masked_model_of_texts_passes(pooling, length):
    keras.utils.set_random_seed(0)
    config = Seq2Vec(units=5, embedding=6, pooling=pooling, bidirectional=True, token_dropout=0.2)
    checks = checked(seq2vec(config, Tokens(size=30, length=length)))
    assert list(checks) == EVERY
    assert failed(checks) == []
    assert (checks["reload"].measured, checks["reload"].bound) == (0, 0)
    assert all(checks[name].passed for name in ("padding", "batch mates", "batch size", "bucket"))


def test_a_masked_model_of_series_passes_by_either_path(monkeypatch):
    native, choose = set(), kernels.choose
    monkeypatch.setattr(kernels, "choose", lambda *arrays: native.add(choose(*arrays).native) or choose(*arrays))
    keras.utils.set_random_seed(0)
    series = pad_series([RNG.normal(size=(length, 2)) for length in RNG.integers(1, 9, 20)])
    checks = checked(seq2vec(Seq2Vec(units=4, pooling="mean_max"), Series(length=8, features=2)), series)
    assert failed(checks) == []
    assert checks["padding"].passed
    assert checks["bucket"].passed is None
    assert native == ({True, False} if kernel_status().path == "native" else {False})


def test_a_classifier_that_flattens_series_is_not_given_longer_ones():
    config = Seq2Vec(layers=0, pooling="flatten", outputs=3, activation="softmax")
    recipe = Recipe(name="small", title="", data=FileSettings(path="memory", kind="series"), model=config)
    reader, task = SeriesReader(("x", "y"), 9, (0.0, 0.0), (1.0, 1.0)), Multiclass(("a", "b", "c"))
    model = TrainedModel(recipe, reader, task, None, task.build(config, reader.inputs)).checkable
    series = RNG.normal(size=(12, 9, 2)).astype(np.float32)
    series[3:, 5:] = np.nan
    checks = {check.name: check for check in checks_of(lambda: model, golden_of(model, series))}
    assert not failed(checks)
    assert checks["padding"].passed is None


def test_a_model_that_reads_padding_is_told_as_such_with_what_it_does():
    keras.utils.set_random_seed(0)
    model = seq2vec(Seq2Vec(units=5, mask_padding=False), Tokens(size=30, length=24))
    model.set_weights([3 * weight for weight in model.get_weights()])
    checks = checked(model, padding="read")
    assert failed(checks) == []
    assert [name for name, check in checks.items() if check.passed is None][:2] == ["padding", "bucket"]
    assert checks["padding"].measured > 1e-4
    assert "reads padding as if it were data" in checks["padding"].reason


@pytest.mark.parametrize(
    ("model", "names"),
    [
        ({"mask_zero": False}, ["padding", "bucket"]),
        ({"more": CountsTheSteps, "sequences": True}, ["padding", "bucket"]),
        ({"more": LooksAtTheOthers}, ["batch mates", "batch size", "bucket"]),
        ({"more": CountsTheBatch}, ["batch mates", "batch size", "bucket"]),
    ],
)
def test_a_broken_model_is_found_by_the_check_of_that_name_and_refused(model, names, tmp_path):
    checks = checked(reader_of_tokens(**model))
    assert failed(checks) == names
    with pytest.raises(UserError, match=rf"is refused by check '{names[0]}': with .* where 1e-05 is allowed"):
        refuse_broken(tmp_path, Certificate({}, 32, "", {}, tuple(checks.values())))


def test_altered_weights_are_found_by_the_reload():
    model = reader_of_tokens()
    golden = golden_of(Checkable((model,), "masked"), TEXTS)
    weights = model.get_weights()
    weights[-1] = np.nextafter(weights[-1], np.float32(1))
    model.set_weights([w + np.float32(1e-7) if number == 0 else w for number, w in enumerate(weights)])
    checks = {check.name: check for check in checks_of(lambda: Checkable((model,), "masked"), golden)}
    assert failed(checks) == ["reload"]
    assert 0 < checks["reload"].measured < 1e-5


def test_on_another_machine_the_last_bits_may_differ():
    changes = ["instruction_set: avx2, now avx512"]
    first, now = np.ones((2, 1), np.float32), np.full((2, 1), 1 + 1e-6, np.float32)
    model = Checkable((), "none")
    assert certificate_module._reload(first, model, now, []).passed is False
    check = certificate_module._reload(first, model, now, changes)
    assert check.passed
    assert check.reason == "changed since: instruction_set: avx2, now avx512"


class AnswersByWhatItRunsOn(Checkable):
    """Gives 1 on what is the first choice here, and something else on the rest."""

    has_kernels = True

    def __call__(self, inputs, batch_size):
        same = (kernel_status().path, kernel_status().instruction_set) == HERE
        return np.full((len(inputs), 1), 1.0 if same else 1.01, np.float32)


HERE = kernel_status().path, kernel_status().instruction_set


@pytest.mark.skipif(len(kernel_status().instruction_sets) < 2, reason="there is nothing else to run on")
def test_kernels_that_compute_otherwise_are_found():
    model, inputs, answers = AnswersByWhatItRunsOn((), "none"), np.zeros((3, 2)), np.ones((3, 1), np.float32)
    assert certificate_module._kernel_path(model, lambda: model, inputs, answers).passed is False
    check = certificate_module._instruction_sets(model, inputs, answers)
    assert check.passed is False
    assert check.measured == pytest.approx(0.01)
    assert (kernel_status().path, kernel_status().instruction_set) == HERE


def test_a_model_without_recurrence_is_not_asked_on_other_kernels():
    keras.utils.set_random_seed(0)
    config = Seq2Vec(layers=0, embedding=6, pooling="mean_max", bigrams=50, bigram_embedding=4)
    checks = checked(seq2vec(config, Tokens(size=30)))
    assert failed(checks) == []
    assert [name for name, check in checks.items() if check.passed is None] == ["kernel path", "instruction set"]
    assert "not a Keras model with a recurrent layer" in checks["kernel path"].reason


def new_translator():
    pytest.importorskip("tokenizers")
    keras.utils.set_random_seed(0)
    reader, task = Translation.fitted(["a man", "two men"] * 3, ["ein mann", "zwei"] * 3, size=270, beam=2)
    network = task.build(Transformer(layers=1, width=8, heads=2, feed_forward=8), reader.inputs)
    return lambda: TranslationCheckable(network, task)


@pytest.fixture(scope="module")
def translator():
    return new_translator()


def test_a_translators_native_search_is_compared_with_the_compiled_one(translator):
    if kernel_status().path != "native":
        pytest.skip(kernel_status().reason)
    checks = {check.name: check for check in checks_of(translator, golden_of(translator(), TEXTS))}
    assert failed(checks) == []
    assert checks["kernel path"].passed
    assert checks["cached decoding"].passed
    assert checks["batch mates"].measured == 0


def test_keys_and_values_that_are_not_kept_are_found(monkeypatch):
    step = TransformerModel.step

    def forgetful(self, memory, state, token):
        logits, new = step(self, memory, state, token)
        return logits, {**new, "keys_values": state["keys_values"]}

    monkeypatch.setattr(TransformerModel, "step", forgetful)
    translator = new_translator()
    with kernels.use("reference"):
        checks = {check.name: check for check in checks_of(translator, golden_of(translator(), TEXTS))}
    assert failed(checks) == ["cached decoding"]


def test_a_translator_that_was_searched_otherwise_may_differ_by_rounding(monkeypatch):
    now = {environment.SEARCH: "native", environment.RECURRENT_SEARCH: "native"}
    monkeypatch.setattr(environment, "describe", lambda network=True: now)
    assert environment.searched_otherwise({}) == ["transformer_search: compiled, now native"]
    assert environment.searched_otherwise({environment.SEARCH: "native"}) == []
    earlier = environment.searched_otherwise({environment.SEARCH: "native"}, environment.RECURRENT_SEARCH)
    assert earlier == ["recurrent_search: compiled, now native"]
    assert environment.changes({environment.SEARCH: "compiled"})[0] == []


def test_few_golden_inputs_are_not_batched_otherwise_where_there_is_no_other_way():
    few = checked(reader_of_tokens(more=CountsTheBatch), TEXTS.take(np.arange(4)))
    assert few["batch size"].passed is None
    assert failed(few) == ["batch mates", "bucket"]
    some = checked(reader_of_tokens(more=CountsTheBatch), TEXTS.take(np.arange(12)))
    assert some["batch size"].changed == "batches of 5, not 12"
    assert some["batch size"].passed is False


def test_a_certificate_of_another_file_is_none(tmp_path):
    (tmp_path / "model.keras").write_bytes(b"x")
    certificate = Certificate(
        {"model.keras": "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"},
        32,
        "2026-11-24T12:00:00+00:00",
        {"jax": "0.10"},
        (Check("padding", "more", 1e-5, None, None, "there is none"),),
    )
    assert read_certificate(tmp_path) is None
    write_certificate(certificate, tmp_path)
    assert read_certificate(tmp_path) == certificate
    assert json.loads((tmp_path / "certificate.json").read_text())["checks"][0]["name"] == "padding"
    (tmp_path / "model.keras").write_bytes(b"y")
    assert read_certificate(tmp_path) is None
