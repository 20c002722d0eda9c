"""Folders of models that are no networks, one value of which was altered: used, or refused in one line."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from unspool.cli import main
from unspool.runs.recipes.recipe import FileSettings
from unspool.runs.run import train

EARLIER = Path(__file__).parents[1] / "runs" / "earlier"
FEW = ["evaluation.resamples=100"]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A model of each kind, and what it predicts."""
    folder = tmp_path_factory.mktemp("candidates")
    days = [f"2024-{1 + n // 28:02d}-{1 + n % 28:02d},{shop},{10 + n % 7}" for shop in "ab" for n in range(56)]
    (folder / "sales.csv").write_text("\n".join(["day,shop,sold", *days]))
    reviews, waves = EARLIER / "reviews.csv", EARLIER / "waves.npz"
    train(FileSettings(path=str(reviews)), folder / "texts", changes=FEW, model="nb-words")
    train(FileSettings(path=str(waves), kind="series"), folder / "series", changes=FEW, model="nearest neighbour")
    sales = FileSettings(path=str(folder / "sales.csv"), kind="forecast", time="day", series="shop", horizon=3)
    train(sales, folder / "sales", changes=FEW, model="ridge")
    return {
        "texts": (folder / "texts", reviews),
        "series": (folder / "series", waves),
        "sales": (folder / "sales", folder / "sales.csv"),
    }


@pytest.fixture(scope="module")
def statistics(tmp_path_factory):
    """A model of series with scaled features and a linear head."""
    folder = tmp_path_factory.mktemp("statistics") / "model"
    train(FileSettings(path=str(EARLIER / "waves.npz"), kind="series"), folder, changes=FEW, model="statistics")
    return folder


@pytest.fixture
def said(trained, tmp_path, capsys):
    """What `predict` says of a copy of a model that was altered."""

    def predict(kind, alter):
        good, data = trained[kind]
        copy = shutil.copytree(good, tmp_path / "model")
        alter(copy)
        out = tmp_path / "out.csv"
        assert main(["predict", str(copy), str(data), "--out", str(out)]) == 1
        told = capsys.readouterr().err
        assert told.count("\n") == 1
        assert not out.exists()
        return told

    return predict


def leave_out_digests(folder):
    """As an attacker would, who could also write other digests: files are then refused because of their content."""
    (folder / "golden.json").unlink(missing_ok=True)


def of_json(name, place, value):
    def alter(folder):
        content = json.loads((folder / name).read_text())
        *path, last = place
        branch = content
        for key in path:
            branch = branch[key]
        branch[last] = value
        (folder / name).write_text(json.dumps(content))
        leave_out_digests(folder)

    return alter


def of_array(file, name, change):
    def alter(folder):
        arrays = load_file(folder / file)
        arrays[name] = change(arrays[name])
        save_file(arrays, folder / file)
        leave_out_digests(folder)

    return alter


ALTERED = [
    ("sales", "forecaster.json", ("least",), 10**400, "too large to convert to float"),
    ("sales", "forecaster.json", ("setup", "horizon"), True, "horizon is True, and not from 1"),
    ("sales", "reader.json", ("setup", "horizon"), True, "a length or size is True"),
    ("sales", "reader.json", ("columns", "time"), None, "0 numbers are known ahead, and by its setup 12"),
    ("sales", "reader.json", ("resample",), "1000000000", "0 numbers are known ahead, and by its setup 12"),
    ("texts", "text-model.json", ("weighting",), "", "there is no weighting ''"),
    ("texts", "text-model.json", ("c",), 10**400, "too large to convert to float"),
    ("series", "model.json", ("window",), 10**9, "the window is 1e+09, and not a share of the length"),
]


ARRAYS = [
    ("sales", "forecaster.safetensors", "model/model/intercept"),
    ("texts", "text-model.safetensors", "coefficients_0"),
    ("series", "model.safetensors", "values"),
]


@pytest.mark.parametrize(("kind", "name", "place", "value", "reason"), ALTERED)
def test_a_value_that_training_never_wrote_is_refused(kind, name, place, value, reason, said):
    assert reason in said(kind, of_json(name, place, value))


def reported(trained, tmp_path, capsys, alter):
    """What `report` says of a copy of the forecaster whose metrics were altered."""
    copy = shutil.copytree(trained["sales"][0], tmp_path / "model")
    alter(copy)
    assert main(["report", str(copy)]) == 1
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    return told


def test_a_report_of_a_measure_that_is_gone_is_damage(trained, tmp_path, capsys):
    told = reported(trained, tmp_path, capsys, of_json("metrics.json", ("test", "mase"), None))
    assert "is damaged: " in told
    assert "its verdict rests on 'mase', which it was not scored by" in told


def test_a_hundred_thousand_candidates_are_not_drawn(trained, tmp_path, capsys):
    rows = json.loads((trained["sales"][0] / "metrics.json").read_text())["candidates"]
    told = reported(trained, tmp_path, capsys, of_json("metrics.json", ("candidates",), rows * 100_000))
    assert "there are 100,000 candidates" in told


def test_a_history_of_gigabytes_is_damage_before_it_takes_memory(trained, tmp_path, capsys):
    def alter(folder):
        with (folder / "history.csv").open("wb") as file:
            file.truncate(8 << 30)  # without a block on the disk

    assert "it has more than 268,435,456 bytes" in reported(trained, tmp_path, capsys, alter)


@pytest.mark.parametrize(("kind", "file", "name"), ARRAYS)
def test_arrays_of_gigabytes_are_damage_before_they_take_memory(kind, file, name, said):
    def alter(folder):
        with (folder / file).open("wb") as handle:
            handle.truncate(7 << 30)  # without a block on the disk

    assert "it does not begin as a .safetensors file" in said(kind, alter)


def test_golden_examples_of_another_model_are_refused(trained, tmp_path, capsys):
    copy = shutil.copytree(trained["sales"][0], tmp_path / "model")
    shutil.copyfile(trained["series"][0] / "golden.npz", copy / "golden.npz")
    assert main(["check", str(copy)]) == 1
    told = capsys.readouterr().err
    assert "golden.npz holds examples that the model cannot read" in told
    assert told.count("\n") == 1


def with_nan(array):
    return np.full_like(array, np.nan)


def without_numbers(array):
    return np.zeros((0, 1 << 40), array.dtype)


@pytest.mark.parametrize(("kind", "file", "name"), ARRAYS)
def test_nan_is_no_answer(kind, file, name, said):
    assert "some answers are NaN or infinite" in said(kind, of_array(file, name, with_nan))


@pytest.mark.parametrize(("kind", "file", "name"), ARRAYS)
def test_an_array_of_no_numbers_has_no_length_that_fills_the_memory(kind, file, name, said):
    assert "has the shape (0, 1099511627776)" in said(kind, of_array(file, name, without_numbers))


@pytest.mark.parametrize("change", [lambda array: array[:1], lambda array: array[None]])
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("encoder0/scaling.centre", "the centre of its features is"),
        ("encoder0/scaling.factor", "and their factor"),
        ("head/intercept", "and its intercept"),
    ],
)
def test_an_array_that_numpy_would_repeat_is_refused(name, change, reason, statistics, tmp_path, capsys):
    copy = shutil.copytree(statistics, tmp_path / "model")
    of_array("model.safetensors", name, change)(copy)
    arguments = ["predict", str(copy), str(EARLIER / "waves.npz"), "--out", str(tmp_path / "out.csv")]
    assert main(arguments) == 1
    told = capsys.readouterr().err
    assert reason in told
    assert told.count("\n") == 1


def test_a_model_of_series_for_more_labels_than_its_task_is_refused(statistics, tmp_path, capsys):
    copy = shutil.copytree(statistics, tmp_path / "model")
    of_json("labels.json", ("task",), "binary")(copy)
    of_json("labels.json", ("names",), ["no", "yes"])(copy)
    of_json("chosen.json", ("task",), "binary")(copy)
    arguments = ["predict", str(copy), str(EARLIER / "waves.npz"), "--out", str(tmp_path / "out.csv")]
    assert main(arguments) == 1
    assert "its files do not belong together (it gives 3 numbers for a series, not 2)" in capsys.readouterr().err


def test_weights_of_a_network_that_are_nan_are_refused(tmp_path, capsys):
    import keras

    from unspool.models.loading import load_model

    copy = shutil.copytree(EARLIER / "own-text", tmp_path / "model")
    model = load_model(copy / "model.keras")
    model.layers[-1].bias.assign(keras.ops.full(model.layers[-1].bias.shape, float("nan")))
    model.save(copy / "model.keras")
    arguments = ["predict", str(copy), str(EARLIER / "reviews.csv"), "--out", str(tmp_path / "out.csv")]
    assert main(arguments) == 1
    assert "hold NaN or infinity" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("own-text", ("predict", EARLIER / "reviews.csv", "--out", "out.csv")),
        ("autoencoder", ("encode", "x.npy", "--out", "out.npy")),
        ("autoencoder", ("generate", "--out", "out.npy")),
    ],
)
def test_weights_of_a_network_that_make_nan_are_told(name, command, tmp_path, capsys, monkeypatch):
    import keras

    from unspool.models.loading import load_model

    copy = shutil.copytree(EARLIER / name, tmp_path / "model")
    model = load_model(copy / "model.keras")
    for weight in model.trainable_variables:
        signs = np.where(np.arange(weight.shape[-1]) % 2, 1, -1)
        weight.assign(keras.ops.full(weight.shape, 3e38) * signs)
    model.save(copy / "model.keras")
    monkeypatch.chdir(tmp_path)
    np.save("x.npy", np.ones((2, 8, 8), np.float32))
    verb, *arguments = map(str, command)
    assert main([verb, str(copy), *arguments]) == 1
    told = capsys.readouterr().err
    assert "some answers are NaN or infinite" in told
    assert told.count("\n") == 1
    assert not list(tmp_path.glob("out.*"))


@pytest.mark.parametrize(
    ("kind", "task"),
    [
        ("texts", "tagging"),
        ("texts", "reconstruction"),
        ("texts", "multilabel"),
        ("series", "tagging"),
        ("series", "multilabel"),
        ("sales", "reconstruction"),
    ],
)
def test_labels_of_a_task_that_the_model_does_not_do_are_refused(kind, task, said):
    told = said(kind, of_json("labels.json", ("task",), task))
    assert f"is altered: its task is {task}, which the model in chosen.json does not do. Get it again." in told


def test_labels_of_a_task_that_no_earlier_version_did_are_refused(said):
    """Earlier versions did not write the task beside the name of the model."""

    def alter(folder):
        of_json("labels.json", ("task",), "multilabel")(folder)
        chosen = json.loads((folder / "chosen.json").read_text())
        del chosen["task"]
        (folder / "chosen.json").write_text(json.dumps(chosen))

    assert "its task is multilabel, which the model in chosen.json does not do" in said("series", alter)


def test_golden_examples_of_another_kind_are_not_exported(trained, tmp_path, capsys):
    pytest.importorskip("unspool_runtime")
    for kind, other in (("texts", "series"), ("series", "texts")):
        copy = shutil.copytree(trained[kind][0], tmp_path / kind)
        shutil.copyfile(trained[other][0] / "golden.npz", copy / "golden.npz")
        for option, name in (("--out", "x.unspool"), ("--html", "x.html")):
            assert main(["export", str(copy), option, str(tmp_path / name)]) == 1
            told = capsys.readouterr().err
            assert (
                told
                == "unspool: golden.npz holds examples of another kind than the model reads: it is another model's.\n"
            )
            assert not (tmp_path / name).exists()


def test_what_the_runtime_cannot_read_is_told_and_not_left(trained, tmp_path, capsys, monkeypatch):
    runtime = pytest.importorskip("unspool_runtime")

    def refuses(path):
        raise runtime.ModelError("The description of this model is damaged.")

    monkeypatch.setattr(runtime.Model, "load", refuses)
    assert main(["export", str(trained["texts"][0]), "--out", str(tmp_path / "x.unspool")]) == 1
    told = capsys.readouterr().err
    assert told == (
        "unspool: The runtime cannot read this model: The description of this model is damaged. No file was written.\n"
    )
    assert list(tmp_path.iterdir()) == []
