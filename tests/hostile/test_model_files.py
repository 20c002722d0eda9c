"""Attacks by .keras file, opened in a child process with a memory limit that notes what it touches."""

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import h5py
import pytest

from unspool.errors import UserError
from unspool.models import Seq2Vec, Tokens, seq2vec
from unspool.models.loading import load_model, load_weights

from .model_files import ATTACKS, write_archive, write_attack, write_bomb, write_legacy_h5

PROGRAM = Path(__file__).with_name("open_files.py")
MORE = {
    "CVE-2025-9905, an older file under a new name": "cannot be read as a model: File is not a zip file",
    "a zip bomb": "its member metadata.json is compressed, which Keras never does",
    "a member twice": "its member config.json is there twice",
    "a link to another file": "it is a link to another file",
    "a file cut short": "cannot be read as a model",
}


def file_name(attack):
    return re.sub(r"\W+", "-", attack) + ".keras"


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    path = tmp_path_factory.mktemp("models") / "good.keras"
    seq2vec(Seq2Vec(units=4, embedding=8), Tokens(size=10)).save(path)
    return path


@pytest.fixture(scope="module")
def opened(good, tmp_path_factory):
    """How opening each file ended, and the folder they lay in."""
    folder, outside = tmp_path_factory.mktemp("attacks"), tmp_path_factory.mktemp("outside") / "secret.h5"
    with h5py.File(outside, "w") as file:
        file["secret"] = [[1.0] * 8] * 10
    before = outside.read_bytes()
    for name, (attack, _) in ATTACKS.items():
        write_attack(good, folder / file_name(name), attack, outside)
    older, bomb, twice, link, short = (folder / file_name(name) for name in MORE)
    write_legacy_h5(older)
    write_bomb(good, bomb)
    with zipfile.ZipFile(good) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    write_archive(twice, members)
    with zipfile.ZipFile(twice, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("config.json", members["config.json"])
    link.symlink_to(good)
    short.write_bytes(good.read_bytes()[:-300])
    there = sorted(folder.parent.rglob("*"))
    command = [sys.executable, str(PROGRAM), str(good), *(str(path) for path in sorted(folder.iterdir()))]
    child = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=os.environ)
    assert child.returncode == 0, child.stderr
    assert sorted(folder.parent.rglob("*")) == there, "something was written"
    assert outside.read_bytes() == before
    return json.loads(child.stdout)


def test_a_good_file_loads_and_touches_nothing_else(opened):
    assert opened["good.keras"] == ["loaded", []]


@pytest.mark.parametrize("attack", [*ATTACKS, *MORE])
def test_an_attack_is_refused_in_one_line_and_touches_nothing(attack, opened):
    reason = ATTACKS[attack][1] if attack in ATTACKS else MORE[attack]
    said, touched = opened[file_name(attack)]
    assert reason in said
    assert file_name(attack) in said
    assert "\n" not in said
    assert touched == []


def test_weights_that_do_not_fit_are_told(good):
    with pytest.raises(
        UserError, match=r"good\.keras is refused: its weights have other names or shapes than the descr"
    ):
        load_weights(lambda: seq2vec(Seq2Vec(units=4, embedding=7), Tokens(size=10)), good)
    with pytest.raises(
        UserError, match=r"good\.keras is refused: the description beside it describes .* but it stores"
    ):
        load_weights(lambda: seq2vec(Seq2Vec(units=16_000, embedding=8), Tokens(size=10)), good)
    fitting = load_weights(lambda: seq2vec(Seq2Vec(units=4, embedding=8), Tokens(size=10)), good)
    for mine, saved in zip(fitting.get_weights(), load_model(good).get_weights(), strict=True):
        assert (mine == saved).all()
