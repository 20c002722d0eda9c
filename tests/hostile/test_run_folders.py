"""Folders of runs that someone else has made."""

import json
import re
import shutil

import numpy as np
import pytest

from unspool.cli import main
from unspool.errors import UserError
from unspool.runs.autoencoders import open_run
from unspool.runs.model import load_trained
from unspool.runs.recipes.file import load_recipe
from unspool.runs.recipes.recipe import FileSettings
from unspool.runs.records.record import read_result
from unspool.runs.run import run, train

SMALL = [
    *("training.epochs=1", "model.encoder.units=4", "model.decoder.units=4", "evaluation.resamples=100"),
    "training.batch_size=4000",  # all in one step: one program to compile, not two
]
SCRIPT = "</title><script>alert(1)</script>"


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "good"
    run(load_recipe("digits-lstm-ae", SMALL), folder)
    return folder


@pytest.fixture
def copy(good, tmp_path):
    return shutil.copytree(good, tmp_path / "run")


def test_a_script_in_its_texts_is_inert_in_the_report(copy, capsys):
    metrics = copy / "metrics.json"
    text = metrics.read_text()
    for name in ("title", "description", "command", "recipe"):
        text = text.replace(f'"{name}": "', f'"{name}": "{SCRIPT}', 1)
    metrics.write_text(text)
    assert main(["report", str(copy)]) == 0
    page = (copy / "report.html").read_text()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_figures_folder_that_lies_elsewhere_gets_nothing(copy, tmp_path, capsys):
    shutil.rmtree(copy / "figures")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (copy / "figures").symlink_to(elsewhere)
    assert main(["report", str(copy)]) == 1
    assert capsys.readouterr().err == (
        f"unspool: {copy / 'figures'} is a link. A run's folder holds files of its own only: put a copy there.\n"
    )
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("name", ["metrics.json", "predictions.npz", "model.keras", "reader.json", "recipe.toml"])
def test_a_file_that_lies_elsewhere_is_not_read(name, copy, tmp_path):
    (copy / name).rename(tmp_path / name)
    (copy / name).symlink_to(tmp_path / name)
    with pytest.raises(UserError, match=f"{name} is a link"):
        open_run(copy)
    for read in (read_result, load_trained):
        with pytest.raises(UserError, match=f"{name} is a link"):
            read(copy)


def test_deep_or_wrong_metrics_are_damage(copy):
    for content in ("[" * 200_000, "[]", "null", '{"kind": "reconstruction"}', '{"kind": []}', '{"task": "binary"}'):
        (copy / "metrics.json").write_text(content)
        with pytest.raises(UserError, match="is damaged"):
            read_result(copy)


def changed(tree, place, value):
    """A JSON tree with another value at a place, as in "test.mse_ci.0"."""
    *path, last = (int(part) if part.isdigit() else part for part in place.split("."))
    branch = tree
    for part in path:
        branch = branch[part]
    branch[last] = value
    return tree


OF_ANY = [
    "title",
    "seed",
    "layers.0",
    "layers.0.parameters",
    "data",
    "data.label_names.0",
    "baselines",
    "verdict.words",
]
OF_AUTOENCODER = [
    "test.mse_ci.0",
    "test.latent.trustworthiness",
    "data.steps",
    "pictures.walk.low",
    "baselines.pca.seconds",
]
OF_CLASSIFIER = ["test.auc_ci", "test.confusion_matrix.0", "data.example", "data.example.ids", "data.counts.training"]


@pytest.mark.parametrize("value", [[], {"x": 1}])
@pytest.mark.parametrize(
    ("kind", "place"),
    [
        *(("copy", place) for place in OF_ANY + OF_AUTOENCODER),
        *(("copy_of_file", place) for place in OF_ANY + OF_CLASSIFIER),
    ],
)
def test_a_value_of_another_type_in_its_metrics_is_damage(kind, place, value, request):
    folder = request.getfixturevalue(kind)
    metrics = json.loads((folder / "metrics.json").read_text())
    (folder / "metrics.json").write_text(json.dumps(changed(metrics, place, value)))
    with pytest.raises(UserError, match=r"is damaged: [^\n]*Run the recipe again\.$"):
        read_result(folder)


@pytest.mark.parametrize("measure", ["../../x", "rmse", "", "brier"])
def test_a_verdict_on_what_was_not_scored_is_damage(measure, copy_of_file, of_file, tmp_path, capsys):
    metrics = json.loads((copy_of_file / "metrics.json").read_text())
    metrics["verdict"]["measure"] = measure
    metrics["test"] |= {"brier": None, "brier_ci": None}
    (copy_of_file / "metrics.json").write_text(json.dumps(metrics))
    other = shutil.copytree(of_file, tmp_path / "other")
    for folders in ((copy_of_file, other), (other, copy_of_file)):
        assert main(["compare", *map(str, folders), "--out", str(tmp_path / "comparison")]) == 1
        told = capsys.readouterr().err
        assert f"its verdict rests on {measure!r}, which it was not scored by. Run the recipe again." in told
        assert told.count("\n") == 1


@pytest.mark.parametrize("content", ["[]", "-1", "true", '{"jax": []}'])
def test_an_environment_that_is_none_is_damage(content, copy):
    (copy / "environment.json").write_text(content)
    with pytest.raises(UserError, match="is damaged"):
        read_result(copy)


@pytest.fixture
def copy_of_file(of_file, tmp_path):
    return shutil.copytree(of_file, tmp_path / "model")


@pytest.fixture(scope="module")
def of_file(tmp_path_factory):
    """A model that `unspool train` made."""
    folder = tmp_path_factory.mktemp("file")
    lines = [f"{('fine', 'dull')[number % 2]} film {number},{'pn'[number % 2]}" for number in range(60)]
    (folder / "reviews.csv").write_text("\n".join(["text,label", *lines]))
    changes = ["training.epochs=1", "model.layers=1", "model.units=4", "evaluation.resamples=100"]
    train(FileSettings(path=str(folder / "reviews.csv")), folder / "model", changes=changes)
    return folder / "model"


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        (
            "units = 1000000000",
            r"recipe\.toml: model\.units is 1000000000: it must be at most 16,384",
        ),
        ("units = 16000", r"model\.keras is refused: the description beside it describes [\d,]+ weights"),
        (
            "embedding = 1000000000",
            r"recipe\.toml: model\.embedding is 1000000000: it must be at most 16,384",
        ),
        ("embedding = 16000", r"model\.keras is refused: the description beside it describes [\d,]+ weights"),
        (
            "bigram_embedding = 16000",
            r"model\.keras is refused: the description beside it describes [\d,]+ weights",
        ),
        ("layers = 1000000000", r"recipe\.toml: model\.layers is 1000000000: it must be at most 64"),
    ],
)
def test_a_recipe_that_would_fill_the_memory_is_refused(setting, reason, of_file, tmp_path, capsys):
    copy = shutil.copytree(of_file, tmp_path / "model")
    recipe = copy / "recipe.toml"
    name = setting.split()[0]
    text = re.sub(rf"(?m)^{name} = \d+$", setting, recipe.read_text())
    assert setting in text
    recipe.write_text(text)
    for command in (
        ["check", str(copy)],
        ["predict", str(copy), str(of_file.parent / "reviews.csv"), "--out", "x.csv"],
    ):
        assert main(command) == 1
        told = capsys.readouterr().err
        assert re.match(rf"unspool: .*{reason}", told)
        assert told.count("\n") == 1


@pytest.mark.parametrize(
    "content", ["[]", "[" * 200_000, '{"arrays": 3, "epochs": "x"}', '{"arrays": [], "epochs": [1]}']
)
def test_deep_or_wrong_digests_are_damage(content, copy, capsys):
    (copy / "digests.json").write_text(content)
    assert main(["replay", str(copy)]) == 1
    told = capsys.readouterr().err
    assert "digests.json is damaged" in told
    assert told.count("\n") == 1


def test_a_certificate_from_elsewhere_is_read_as_one_or_not_at_all(copy, capsys):
    assert main(["check", str(copy)]) == 0
    path = copy / "certificate.json"
    whole = json.loads(path.read_text())
    for name, value in (("measured", "x"), ("bound", None), ("passed", [])):
        path.write_text(json.dumps(whole | {"checks": [whole["checks"][0] | {name: value}]}))
        with pytest.raises(UserError, match="is damaged"):
            read_result(copy)
    path.write_text("[" * 200_000)
    with pytest.raises(UserError, match="is damaged"):
        read_result(copy)
    path.write_text(json.dumps(whole | {"models": {"../run/model.keras": whole["models"]["model.keras"]}}))
    assert read_result(copy).certificate is None
    path.write_text(json.dumps(whole | {"date": SCRIPT, "checks": [whole["checks"][0] | {"changed": SCRIPT}]}))
    assert main(["report", str(copy)]) == 0
    assert "<script>" not in (copy / "report.html").read_text()


@pytest.mark.parametrize("name", ["metrics.json", "reader.json", "labels.json", "golden.json", "environment.json"])
def test_a_file_of_gigabytes_is_damage_before_it_takes_memory(name, copy, capsys):
    with (copy / name).open("wb") as file:
        file.truncate(8 << 30)  # without a block on the disk
    assert main(["report" if name == "metrics.json" else "check", str(copy)]) == 1
    told = capsys.readouterr().err
    assert name in told or "damaged" in told
    assert told.count("\n") == 1


@pytest.mark.parametrize("length", [0, -1, 10**9, "7", 1.5])
def test_a_length_that_no_text_has_is_refused(length, copy, capsys):
    content = json.loads((copy / "reader.json").read_text())
    (copy / "reader.json").write_text(json.dumps(content | {"length": length}))
    assert main(["check", str(copy)]) == 1
    told = capsys.readouterr().err
    assert re.search(r"reader .* is altered: a length or size is", told)
    assert told.count("\n") == 1


def test_golden_ids_of_another_vocabulary_are_not_exported(copy_of_file, tmp_path, capsys):
    pytest.importorskip("unspool_runtime")
    with np.load(copy_of_file / "golden.npz") as golden:
        arrays = dict(golden)
    np.savez(copy_of_file / "golden.npz", **arrays | {"flat": arrays["flat"] + 10**6})
    assert main(["export", str(copy_of_file), "--out", str(tmp_path / "x.unspool")]) == 1
    told = capsys.readouterr().err
    assert "golden.npz holds examples that the model cannot read (tuple index out of range)" in told
    assert told.count("\n") == 1


@pytest.mark.parametrize("name", ["test/targets", "test/outputs", "baseline/majority-class"])
@pytest.mark.parametrize("change", ["texts", "complex", "short", "deeper", "infinite", "nan", "huge"])
def test_predictions_that_are_none_are_told_in_a_line(name, change, copy_of_file, of_file, tmp_path, capsys):
    changes = {
        "texts": lambda array: np.full(array.shape, "x"),
        "complex": lambda array: array.astype(complex),
        "short": lambda array: array[:-1],
        "deeper": lambda array: array[:, None],
        "infinite": lambda array: np.full(array.shape, np.inf),
        "nan": lambda array: np.full(array.shape, np.nan),
        "huge": lambda array: np.full(array.shape, 2**62),
    }
    with np.load(copy_of_file / "predictions.npz") as stored:
        arrays = dict(stored)
    np.savez(copy_of_file / "predictions.npz", **arrays | {name: changes[change](arrays[name])})
    other = shutil.copytree(copy_of_file if name == "test/targets" else of_file, tmp_path / "other")
    code = main(["compare", str(copy_of_file), str(other), "--out", str(tmp_path / "comparison")])
    told = capsys.readouterr().err
    assert code == 1 or (change in ("huge", "deeper") and name != "test/targets") or name.startswith("baseline")
    assert told.count("\n") == code
    if change in ("texts", "complex", "short"):
        assert f"model/predictions.npz is damaged: ValueError: array {name!r} is of" in told
    if change in ("infinite", "nan") and name != "test/targets":
        assert f"model/predictions.npz is damaged: ValueError: array {name!r} holds NaN or infinity" in told
