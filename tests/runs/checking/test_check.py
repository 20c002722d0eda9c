"""The certificate of runs and of models of files: written, shown in the report, and asked for at load time."""

import errno
import hashlib
import json
import subprocess
import sys

import pytest

import unspool
from unspool.cli import main
from unspool.errors import UserError
from unspool.files import unwritable
from unspool.runs.autoencoders import open_run
from unspool.runs.checking.check import check
from unspool.runs.model import load_trained, read_trained
from unspool.runs.records.record import read_result


@pytest.mark.soak
def test_a_classifier_is_certified_in_a_process_of_its_own(finished, copy):
    folder = copy(finished[0])
    command = [sys.executable, "-m", "unspool.cli", "check", str(folder)]
    child = subprocess.run(command, capture_output=True, text=True)
    assert child.returncode == 0, child.stderr
    assert "reload            0                0         passed" in child.stdout
    certificate = read_result(folder).certificate
    assert {item.name: item.passed for item in certificate.checks if item.name != "instruction set"} == dict.fromkeys(
        ["reload", "padding", "batch mates", "batch size", "bucket", "kernel path", "files", "labels"], True
    )
    assert certificate.checks[0].bound == 0
    page = (folder / "report.html").read_text()
    assert "Yes. 32 examples of the test set" in " ".join(page.split())
    digest = hashlib.sha256((folder / "model.keras").read_bytes()).hexdigest()
    assert certificate.models["model.keras"] == digest


@pytest.mark.soak
def test_an_autoencoder_is_certified_and_an_altered_one_refused(finished_autoencoder, copy, alter, capsys):
    folder = copy(finished_autoencoder[0])
    assert open_run(folder).autoencoder.latent == 2
    assert load_trained(folder, check=True).checkable.rounding == 1e-4
    alter(folder / "model.keras")
    before = sorted(folder.rglob("*"))
    with pytest.raises(UserError, match=r"model in .* is refused by check 'reload': with the model read .* where 0 is"):
        load_trained(folder, check=True)
    assert sorted(folder.rglob("*")) == before
    assert main(["check", str(folder), "--json"]) == 1
    told = capsys.readouterr()
    assert json.loads(told.out)["checks"][0]["passed"] is False
    assert told.err.startswith(f"unspool: The model in {folder} is refused by check 'reload'")
    assert "Do not use this model." in (folder / "report.html").read_text()


def test_a_model_of_a_file_is_certified_and_an_altered_one_refused(trained, reviews, alter, copy, tmp_path, capsys):
    folder = copy(trained[0])
    assert not check(folder).broken
    predict = ["predict", str(folder), str(reviews), "--out", str(tmp_path / "scored.csv"), "--check"]
    assert main(predict) == 0
    (tmp_path / "scored.csv").unlink()
    alter(folder / "model.keras")
    assert read_result(folder).certificate is None, "it is of another file"
    assert read_trained(folder).threshold
    with pytest.raises(UserError, match=r"model\.keras is not as training wrote it"):
        load_trained(folder)
    assert main(predict) == 1
    assert "is refused by check 'reload'" in capsys.readouterr().err
    assert not (tmp_path / "scored.csv").exists()


def test_a_model_in_a_read_only_folder_is_certified(trained, copy, monkeypatch, capsys):
    folder = copy(trained[0])
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    def refused(path, content):
        error = OSError(errno.EROFS, "Read-only file system")
        raise unwritable(path.parent, error) from error

    monkeypatch.setattr("unspool.runs.checking.certificate_file.write_json_aside", refused)
    with pytest.raises(UserError, match="Read-only file system"):
        check(folder)
    assert not unspool.load(folder).check().broken
    assert main(["check", str(folder)]) == 0
    assert "certificate: not written, as the folder is read-only" in capsys.readouterr().out
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
