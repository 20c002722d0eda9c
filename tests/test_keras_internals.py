"""The canary: if Keras moves a private name that unspool uses, this fails first, and says which."""

import ast
import gc
import json
import threading
from pathlib import Path

import jax
import keras
import numpy as np
import pytest
from keras.src.backend.common import global_state

import unspool

ROOT = Path(unspool.__file__).parent
MOVED = (
    f"Keras {keras.__version__} has moved or renamed {{}}, which it does not promise to keep: find its new name, and "
    "change src/unspool/keras_internals.py (nothing else uses it)"
)


@pytest.fixture(scope="module")
def internals():
    try:
        from unspool import keras_internals
    except ImportError as error:
        pytest.fail(MOVED.format(error))
    return keras_internals


def model_of_two_layers():
    x = keras.Input((4, 3))
    model = keras.Model(x, keras.layers.Dense(1)(keras.layers.Bidirectional(keras.layers.LSTM(2))(x)))
    model.compile("adam", "mse")
    return model


@pytest.mark.parametrize(
    ("owner", "names"),
    [
        (keras.Model, ["_symbolic_build", "_flatten_layers"]),
        (keras.callbacks.Callback, ["on_train_batch_end"]),
        (keras.layers.RNN, ["inner_loop"]),
        (keras.layers.LSTMCell, ["get_dropout_mask"]),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_methods(owner, names):
    for name in names:
        assert hasattr(owner, name), MOVED.format(f"{owner.__name__}.{name}")


def test_a_model_is_built_from_shapes(internals):
    model = keras.Sequential([keras.layers.Dense(2)])
    model.compile("adam", "mse")
    assert internals.compiled_loss(model) is not None, MOVED.format("Model._compile_loss")
    assert not internals.compiled_loss(model).built
    before = internals.compilation(model)
    assert before is not None, MOVED.format("Model._compile_config")
    model.compile(model.optimizer, "mse")
    assert internals.compilation(model) is not before, MOVED.format("Model._compile_config")
    internals.build_from(model, np.zeros((5, 3), "float32"), np.zeros((5, 2), "float32"))
    assert model.built, MOVED.format("what Model._symbolic_build builds")
    optimized = internals.optimized_variables(model)
    assert [*map(id, optimized)] == [*map(id, model.trainable_variables)], MOVED.format("_trainable_variables")
    assert model.optimizer.built, MOVED.format("what Model._symbolic_build builds")
    assert internals.compiled_loss(model).built, MOVED.format("CompileLoss.built")


def test_a_compilation_is_known(internals):
    def loss(y, p):
        return y - p

    model = keras.Sequential([keras.layers.Dense(2)])
    model.compile("adam", loss, steps_per_execution=3)
    arguments = internals.compile_arguments(model)
    assert arguments["loss"] is loss, MOVED.format("Model._compile_config")
    assert arguments["optimizer"] is model.optimizer, MOVED.format("Model._compile_config")
    del model._compile_config.config["optimizer"]  # as Keras does when it saves an .h5 file
    assert internals.compile_arguments(model)["optimizer"] is model.optimizer
    model.compile(**arguments)
    assert model.steps_per_execution == 3, MOVED.format("Model._compile_config")


def test_metrics_are_weighed(internals):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("adam", "mse", metrics=[keras.metrics.MeanSquaredError(name="plain")])
    model.fit(np.zeros((2, 1)), np.zeros((2, 1)), verbose=0)
    (loss,) = internals.parts_of_the_loss(model)
    assert loss.loss.reduction == "sum_over_batch_size", MOVED.format("CompileLoss._flat_losses")
    function, arguments = internals.function_of_loss(keras.losses.BinaryCrossentropy(label_smoothing=0.1))
    assert function is keras.losses.binary_crossentropy
    assert arguments["label_smoothing"] == 0.1, MOVED.format("LossFunctionWrapper._fn_kwargs")
    assert internals.places_of_losses(model, [0]) == [(0, 0)], MOVED.format("CompileLoss._y_pred_build_structure")
    metrics = internals.compiled_metrics(model)
    metrics.reset_state()
    internals.update_weighted(metrics, np.array([[0.0], [0.0]]), np.array([[1.0], [5.0]]), np.array([1.0, 0.0]))
    assert float(metrics.metrics[0].result()) == 1, MOVED.format("CompileMetrics._flat_metrics")


def test_masks_are_forgotten(internals):
    output = keras.layers.Masking()(np.ones((1, 2, 3), "float32"))
    assert output._keras_mask is not None, MOVED.format("_keras_mask")
    internals.forget_mask(output)
    assert getattr(output, "_keras_mask", None) is None, MOVED.format("set_keras_mask")


def test_masks_of_what_another_thread_collected_are_forgotten(internals):
    def traced(x):
        output = keras.layers.Masking()(x)
        circle = [output]
        circle.append(circle)
        return output

    gc.disable()
    try:
        jax.eval_shape(traced, np.ones((1, 2, 3), "float32"))
        thread = threading.Thread(target=gc.collect)
        thread.start()
        thread.join()
    finally:
        gc.enable()
    assert global_state.get_global_attribute(internals.MASKS_OF_TRACED), MOVED.format(internals.MASKS_OF_TRACED)
    internals.forget_masks_of_traced()
    assert not global_state.get_global_attribute(internals.MASKS_OF_TRACED), MOVED.format(internals.MASKS_OF_TRACED)


def test_layers_are_found_at_any_depth(internals):
    found = [type(layer).__name__ for layer in internals.layers_within(model_of_two_layers())]
    assert found.count("LSTM") == 2, MOVED.format("Layer._flatten_layers")


def test_the_model_that_is_called_is_known_within(internals):
    class Inside(keras.layers.Layer):
        def call(self, inputs):
            called.append(internals.outermost_layer(self))
            return inputs

    called: list[object] = []
    model = keras.Sequential([keras.Input((2,)), keras.Sequential([Inside()])])
    model(np.ones((1, 2), "float32"))
    assert called[-1] is model, MOVED.format("Layer._get_call_context")


def test_plain_models_are_known(internals):
    class Mine(keras.Model):
        pass

    assert internals.is_plain(model_of_two_layers()), MOVED.format("keras.src.models.functional.Functional")
    assert internals.is_plain(keras.Sequential())
    assert not internals.is_plain(Mine())


def test_inputs_and_outputs_have_names(internals):
    first, second = keras.Input((3,), name="a"), keras.Input((3,), name="b", optional=True)
    outputs = [keras.layers.Dense(1, name=name)(first) for name in "qp"]
    listed = keras.Model([first, second], outputs)
    by_name = keras.Model({"b": second, "a": first}, {"Q": outputs[0], "P": outputs[1]})
    nested = keras.Model([[first], second], [outputs])
    assert [internals.names_of_inputs(model) for model in (listed, by_name, nested)] == [["a"], ["a"], []]
    assert [internals.names_of_outputs(model) for model in (listed, by_name, nested)] == [["q", "p"], ["Q", "P"], []]
    assert [internals.outputs_by_name(model) for model in (listed, by_name, nested)] == [False, True, False]
    one = keras.Sequential([keras.layers.Dense(1)])
    assert internals.graph_of(one) is None
    internals.build_to_predict(one, np.ones((2, 3), "float32"))
    assert one.built
    assert internals.names_of_outputs(internals.graph_of(one)) == []


def test_hooks_of_callbacks_are_known(internals):
    class Acts(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            pass

    assert internals.is_keras_hook(keras.callbacks.Callback().on_train_batch_end), MOVED.format("_is_default")
    assert not internals.is_keras_hook(Acts().on_train_batch_end)


def test_state_of_callbacks(internals, tmp_path):
    model = model_of_two_layers()
    model.compile(keras.optimizers.Adam(use_ema=True), "mse")
    checkpoint = keras.callbacks.ModelCheckpoint(tmp_path / "it.keras")
    swap = keras.callbacks.SwapEMAWeights(swap_on_epoch=True)
    model.fit(np.zeros((2, 4, 3)), np.zeros((2, 1)), verbose=0, callbacks=[checkpoint, swap])
    for callback, names in ((checkpoint, internals.MODEL_CHECKPOINT), (swap, internals.SWAP_EMA_WEIGHTS)):
        for name in (*names, *internals.OF_EVERY_CALLBACK):
            assert name in vars(callback), MOVED.format(f"{type(callback).__name__}.{name}")


def test_the_global_seed_is_given_back(internals):
    keras.utils.set_random_seed(1)
    keras.random.normal((1,))
    kept = internals.global_seed()
    assert kept is not None, MOVED.format("keras.src.random.seed_generator.GLOBAL_SEED_GENERATOR")
    drawn = keras.random.normal((3,))
    internals.set_global_seed(kept)
    np.testing.assert_array_equal(keras.random.normal((3,)), drawn)
    internals.set_global_seed(None)
    assert internals.global_seed() is None


def test_modules_in_files(internals):
    x = keras.Input((4, 3))
    config = json.loads(keras.Model(x, keras.ops.relu(keras.ops.cast(keras.ops.isnan(x), "float32"))).to_json())
    assert config["module"] == internals.MODULES["functional"], MOVED.format(config["module"])
    places = ("operations", "core operations", "neural-network operations")
    for operation, place in zip(config["config"]["layers"][1:], places, strict=True):
        assert operation["module"] == internals.MODULES[place], MOVED.format(operation["module"])


def test_the_first_epoch_of_a_backup_is_known(internals, tmp_path):
    model, callback = model_of_two_layers(), keras.callbacks.BackupAndRestore(str(tmp_path))
    assert internals.first_epoch(model, 1) == 1, MOVED.format("Trainer._initial_epoch")
    model.optimizer.build(model.trainable_variables)
    callback.set_model(model)
    callback.on_epoch_end(4)
    callback.on_train_begin()
    assert internals.first_epoch(model, 1) == 5, MOVED.format("Trainer._initial_epoch")


def test_compiled_functions_are_forgotten(internals):
    model = model_of_two_layers()
    model.predict(np.zeros((1, 4, 3)), verbose=0)
    assert model.predict_function is not None, MOVED.format("Model.predict_function")
    internals.forget_compiled_functions(model)
    assert model.predict_function is None


def test_shapes_that_a_layer_makes(internals):
    model = model_of_two_layers()
    shapes = dict(internals.shapes_made(keras.Sequential([model, keras.layers.Flatten()])))
    assert shapes[model.layers[0].name] == model.layers[0].output.shape, MOVED.format("Layer._inbound_nodes")
    x = keras.Input((4, 3))
    first = x[:, 0]
    assert (None, 3) in dict(internals.shapes_made(keras.Model(x, first))).values()


def test_private_names_of_keras_are_used_in_one_module_only():
    for path in sorted(ROOT.rglob("*.py")):
        place = path.relative_to(ROOT).as_posix()
        if place == "keras_internals.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            module = getattr(node, "module", None) if isinstance(node, ast.ImportFrom) else None
            assert not str(module).startswith("keras.src"), f"{place} imports {module}"
            private = isinstance(node, ast.Attribute) and node.attr in PRIVATE
            assert not private, f"{place} uses {node.attr}: put it in keras_internals.py"


PRIVATE = {
    "_symbolic_build",
    "_compile_loss",
    "_compile_metrics",
    "_flat_losses",
    "_flat_metrics",
    "_flat_weighted_metrics",
    "_flatten_y",
    "_flatten_layers",
    "_run_through_graph",
    "_is_default",
    "_inbound_nodes",
    "_initial_epoch",
}
