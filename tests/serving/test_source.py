"""A run's folder is exported by a process that trusts nothing in the current folder."""

import os
from pathlib import Path

import pytest

from unspool.errors import UserError
from unspool.serving.source import Source


def test_a_folder_of_any_name_is_exported_without_the_code_in_the_current_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "argparse.py").write_text("open('ran', 'w')\n")
    (tmp_path / "-run").mkdir()
    with pytest.raises(UserError, match="-run holds no trained model"):
        Source(Path("-run")).bring(tmp_path / "m.unspool")
    assert not (tmp_path / "ran").exists()


def test_a_file_whose_name_is_not_utf_8_is_served(serve):
    client = serve(file=os.fsdecode(b"films\xff.unspool")).client
    answer = client.post("/predict", json={"examples": ["a film"]})
    assert (answer.status_code, answer.json()["model"]["name"]) == (200, "films\N{REPLACEMENT CHARACTER}")
    for path in ("/v2/models/films%FF", "/v2/models/films%EF%BF%BD"):
        assert client.get(path).json()["name"] == "films\N{REPLACEMENT CHARACTER}"
    assert client.get("/v2/models/%FE").status_code == 404
