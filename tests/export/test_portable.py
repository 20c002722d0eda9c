"""What stands between a model's folder and its file."""

import errno
import json
import stat
from pathlib import Path
from unittest.mock import Mock

import keras
import numpy as np
import pytest

from unspool.candidates import RawModel
from unspool.candidates.texts import LinearTexts, NGrams
from unspool.cli import main
from unspool.descriptions.networks import Seq2Vec
from unspool.errors import UserError
from unspool.export import export_model, export_onnx, export_page, portable
from unspool.export.networks import seq2vec_node
from unspool.readers import RawExamples, RawTextReader
from unspool.runs.records.folder import METRICS
from unspool.tasks import Binary

unspool_runtime = pytest.importorskip("unspool_runtime")
TEXTS = ["a fine film", "a dull film", "fine acting", "dull acting"] * 3


@pytest.fixture
def folder(folder_of):
    fitted = LinearTexts("linear", 1.0, (NGrams("words", 1, 2),), c=1.0, calibrated=False).fit(
        TEXTS, [1, 0] * 6, "binary"
    )
    raw = RawModel("text", "linear", "binary", fitted)
    return folder_of(raw, RawTextReader(), Binary(("dull", "fine")), RawExamples(TEXTS), threshold=0.5)


def test_the_command_says_how_many_answers_agree(folder, tmp_path, capsys):
    assert main(["export", str(folder), "--out", str(tmp_path / "m.unspool")]) == 0
    assert capsys.readouterr().out.startswith("19 of 19 golden answers agree, largest difference ")
    assert main(["export", str(folder), "--out", str(tmp_path / "m.unspool"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["count"] == 19


def test_the_same_model_gives_the_same_bytes(folder, tmp_path):
    first, second = (export_model(folder, tmp_path / f"{name}.unspool") for name in "ab")
    assert first.sha256 == second.sha256
    assert first.out.read_bytes() == second.out.read_bytes()


def test_the_file_behind_a_link_is_replaced_and_keeps_its_permissions(folder, tmp_path):
    (tmp_path / "real.unspool").touch(mode=0o600)
    (tmp_path / "link.unspool").symlink_to("real.unspool")
    export_model(folder, tmp_path / "link.unspool")
    assert (tmp_path / "link.unspool").is_symlink()
    found = (tmp_path / "real.unspool").stat()
    assert (stat.S_IMODE(found.st_mode), found.st_size > 0) == (0o600, True)


def test_members_are_aligned_for_their_numbers(folder, tmp_path):
    content = export_model(folder, tmp_path / "m.unspool").out.read_bytes()
    assert content.index(b'{"model') % 64 == 8  # behind the length of the header


def test_scores_and_verdict_go_along(folder, tmp_path):
    metrics = {"recipe": "small", "test": {"accuracy": 0.9}, "verdict": {"words": "No clear winner."}, "layers": []}
    (folder / METRICS).write_text(json.dumps(metrics))
    found = unspool_runtime.Model.load(export_model(folder, tmp_path / "m.unspool").out)
    assert found.description["record"] == {name: metrics[name] for name in ("recipe", "test", "verdict")}


def test_scores_that_may_not_be_read_are_not_called_damaged(folder, tmp_path, monkeypatch):
    path = folder / METRICS
    path.write_text("{}")
    refused = PermissionError(errno.EACCES, "Permission denied", str(path))
    monkeypatch.setattr(portable, "read_bounded", Mock(side_effect=refused))
    with pytest.raises(UserError, match=r"metrics.json cannot be read \(Permission denied\)\. It is not changed\."):
        export_model(folder, tmp_path / "m.unspool")


def test_scores_that_are_none_are_damage(tmp_path):
    (tmp_path / METRICS).write_text("[]")
    with pytest.raises(UserError, match=r"metrics\.json is damaged: it is not a JSON object"):
        portable._record(tmp_path)


def test_a_file_that_answers_otherwise_is_not_left(folder, tmp_path, monkeypatch):
    right = portable.golden_node

    def wrong(*args):
        node = right(*args)
        return node | {"outputs": node["outputs"] + np.float64(1e-3)}

    monkeypatch.setattr(portable, "golden_node", wrong)
    (tmp_path / "m.unspool").write_bytes(b"as it was")
    with pytest.raises(UserError, match=r"0 of 19 golden answers agree, largest difference 0\.001"):
        export_model(folder, tmp_path / "m.unspool")
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["m.unspool"]
    assert (tmp_path / "m.unspool").read_bytes() == b"as it was"


@pytest.mark.parametrize(("out", "message"), [("m.zip", "ends in .unspool"), ("no/m.unspool", "there is no folder")])
def test_a_place_that_cannot_be_written_is_refused_first(folder, tmp_path, out, message):
    with pytest.raises(UserError, match=message):
        export_model(folder, tmp_path / out)


def test_a_tilde_is_the_home_folder(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "m.unspool").mkdir()
    with pytest.raises(UserError, match=r"m\.unspool is a folder"):
        export_model(folder, Path("~/m.unspool"))


@pytest.mark.parametrize(
    ("export", "ending"), [(export_model, "unspool"), (export_page, "html"), (export_onnx, "onnx")]
)
def test_paths_may_be_texts_and_a_keras_model_is_no_path(folder, tmp_path, export, ending):
    out = tmp_path / f"m.{ending}"
    assert export(str(folder), str(out)).out == out
    assert out.stat().st_size
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    with pytest.raises(UserError, match=r"not a Keras model\. A Keras model of your own cannot be exported .*to_keras"):
        export(model, str(out))
    with pytest.raises(UserError, match="Give the path of the folder of a trained model; this is of type dict"):
        export({}, str(out))


def test_without_the_runtime_the_message_says_what_to_install(folder, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "unspool_runtime", None)
    with pytest.raises(UserError, match="pip install unspool-runtime"):
        export_model(folder, tmp_path / "m.unspool")


def test_a_cell_with_other_activations_is_refused_by_name():
    inputs = keras.Input((5, 2))
    network = keras.Model(inputs, keras.layers.LSTM(3, activation="relu", name="lstm")(inputs))
    with pytest.raises(UserError, match="The layer lstm cannot be exported"):
        seq2vec_node(Seq2Vec(units=3, outputs=0, batch_normalization=False), network, False)
