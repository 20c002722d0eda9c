"""The certificate of runs and of people's own models: written, shown in the report, and asked for at load time."""

import json
import shutil
import subprocess
import sys

import pytest

from unspool.cli import main
from unspool.errors import UserError
from unspool.experiment.record import read_result
from unspool.experiment.use import open_run


@pytest.fixture
def copy(tmp_path):
    return lambda folder: shutil.copytree(folder, tmp_path / "model")


def test_a_classifier_is_certified_in_a_process_of_its_own(finished, copy):
    folder = copy(finished[0])
    command = [sys.executable, "-m", "unspool.cli", "check", str(folder)]
    child = subprocess.run(command, capture_output=True, text=True)
    assert child.returncode == 0, child.stderr
    assert "reload            0                0         passed" in child.stdout
    certificate = read_result(folder).certificate
    assert {item.name: item.passed for item in certificate.checks if item.name != "instruction set"} == dict.fromkeys(
        ["reload", "padding", "batch mates", "batch size", "bucket", "kernel path"], True
    )
    assert certificate.checks[0].bound == 0
    page = (folder / "report.html").read_text()
    assert "Yes. 32 examples of the test set" in " ".join(page.split())
    assert certificate.models["model.keras"] in page


def test_an_autoencoder_is_certified_and_an_altered_one_refused(finished_autoencoder, copy, alter, capsys):
    folder = copy(finished_autoencoder[0])
    assert open_run(folder, check=True).autoencoder.latent == 2
    assert open_run(folder).autoencoder.answering.rounding == 1e-4
    alter(folder / "decoder.keras")
    before = sorted(folder.rglob("*"))
    with pytest.raises(UserError, match=r"model is refused by check 'reload': with the model read .* where 0 is"):
        open_run(folder, check=True)
    assert sorted(folder.rglob("*")) == before
    assert main(["check", str(folder), "--json"]) == 1
    told = capsys.readouterr()
    assert json.loads(told.out)["checks"][0]["passed"] is False
    assert told.err.startswith(f"unspool: The model in {folder} is refused by check 'reload'")
    assert "Do not use this model." in (folder / "report.html").read_text()
