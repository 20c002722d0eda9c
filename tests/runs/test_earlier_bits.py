"""Finished folders of an earlier version pass the check, and are replayed to the same bits."""

import shutil

import pytest

from unspool.runs.checking.check import check
from unspool.runs.recipes.file import load_recipe
from unspool.runs.records import environment
from unspool.runs.records.record import read_result
from unspool.runs.replay import replay

from .test_earlier import ALL, EARLIER, OF_FILES

pytestmark = pytest.mark.optimized


@pytest.mark.parametrize("name", ALL)
def test_it_passes_the_check(name, tmp_path):
    folder = shutil.copytree(EARLIER / name, tmp_path / name)
    certificate = check(folder)
    changed = environment.changes(read_result(folder).environment)[0]
    assert not certificate.broken
    assert certificate.checks[0].passed
    assert bool(certificate.checks[0].bound) == bool(changed), "if nothing has changed, the bits must be the same"
    assert read_result(folder).certificate == certificate


@pytest.mark.parametrize("name", ALL)
def test_it_is_replayed_to_the_same_bits(name, monkeypatch):
    monkeypatch.chdir(EARLIER)  # from where the paths of its recipe are told
    said = []
    replayed = replay(EARLIER / name, force=True, say=said.append)
    told = " ".join(line for line in said if line.startswith("changed since the run"))
    assert name not in OF_FILES or "data: " not in told, "a file is read and parted as it was"
    changed, _ = environment.changes(read_result(EARLIER / name).environment)
    if changed or "data: " in told:
        pytest.skip(f"the same bits cannot be asked for: {told}")
    assert (replayed.epochs, replayed.parting) == (load_recipe(EARLIER / name / "recipe.toml").training.epochs, None)
