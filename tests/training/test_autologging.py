"""`mlflow.keras.autolog()` logs of `unspool.fit` what it logs of Keras's own `fit`."""

import os
import warnings

import keras
import numpy as np
import pytest

import unspool

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    mlflow = pytest.importorskip("mlflow", reason="the extra `track-mlflow` is not installed")

pytestmark = pytest.mark.filterwarnings("ignore")  # MLflow's own


@pytest.fixture
def autologging(tmp_path):
    """MLflow's autologging for Keras, to a store of its own."""
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path / 'mlflow.db'}")
    mlflow.create_experiment("test", artifact_location=(tmp_path / "artifacts").as_uri())
    mlflow.set_experiment("test")
    mlflow.keras.autolog(log_models=False)
    yield
    mlflow.keras.autolog(disable=True)
    from mlflow.utils.autologging_utils.safety import revert_patches

    revert_patches("keras")


def trained_by(fit):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(name="sgd"), "mse", metrics=["mae"])
    x = np.linspace(-1, 1, 40, dtype=np.float32)[:, None]
    history = fit(model, x, 2 * x, batch_size=16, epochs=3, verbose=0, validation_data=(x[:8], 2 * x[:8]))
    return history.history


def logged():
    """The parameters, the metrics by step, and the state of the newest run."""
    client = mlflow.tracking.MlflowClient()
    experiment = client.get_experiment_by_name("test").experiment_id
    run = client.search_runs([experiment], order_by=["attributes.start_time DESC"], max_results=1)[0]
    steps = {name: [m.value for m in client.get_metric_history(run.info.run_id, name)] for name in run.data.metrics}
    return run.data.params, steps, run.info.status


def test_mlflow_logs_what_it_logs_for_keras(autologging):
    trained_by(lambda model, *args, **kwargs: model.fit(*args, **kwargs))
    params, metrics, status = logged()
    history = trained_by(unspool.fit)
    ours, our_metrics, our_status = logged()
    assert ours == params
    assert params["epochs"] == "3"
    assert our_metrics.keys() == metrics.keys()
    assert metrics.keys() >= {"loss", "mae", "val_loss", "val_mae"}
    assert our_metrics["val_loss"] == pytest.approx(history["val_loss"])
    assert len(our_metrics["loss"]) == 3
    assert our_status == status == "FINISHED"


def test_a_checkpoint_is_kept_and_no_argument_of_mlflow(autologging, tmp_path):
    trained_by(
        lambda model, *args, **kwargs: unspool.fit(
            model, *args, **kwargs, checkpoint=unspool.Checkpoint(tmp_path / "saved")
        )
    )
    assert any((tmp_path / "saved").glob("checkpoint-*"))
    assert "checkpoint" not in logged()[0]


def test_a_checkpoint_goes_on_without_autologging(autologging, tmp_path):
    checkpoint = unspool.Checkpoint(tmp_path / "saved")
    first = trained_by(lambda model, *args, **kwargs: unspool.fit(model, *args, **kwargs, checkpoint=checkpoint))
    mlflow.keras.autolog(disable=True)
    longer = trained_by(
        lambda model, *args, **kwargs: unspool.fit(model, *args, **(kwargs | {"epochs": 4}), checkpoint=checkpoint)
    )
    assert longer["loss"][:3] == first["loss"]
    assert len(longer["loss"]) == 4


def test_an_error_of_the_training_reaches_the_caller_and_mlflow(autologging):
    with pytest.raises(ValueError, match="batch_size"):
        trained_by(lambda model, *args, **kwargs: unspool.fit(model, *args, **(kwargs | {"batch_size": -1})))
    assert logged()[2] == "FAILED"


def test_without_autologging_nothing_is_logged(autologging):
    mlflow.keras.autolog(disable=True)
    trained_by(unspool.fit)
    client = mlflow.tracking.MlflowClient()
    assert not client.search_runs([client.get_experiment_by_name("test").experiment_id])
