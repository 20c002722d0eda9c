"""What stands between a raw example and its label is certified: files by their digests, the whole way by its labels."""

import hashlib
import json
from dataclasses import asdict, replace

import pytest

from unspool.errors import UserError
from unspool.runs.checking import certificate
from unspool.runs.checking.certificate_file import read_certificate, write_certificate
from unspool.runs.checking.check import check
from unspool.runs.checking.golden import load_golden
from unspool.runs.checking.golden_labels import FILE, load_golden_labels
from unspool.runs.model import load_trained


@pytest.fixture
def answers_unchecked(monkeypatch):
    """Whether a model answers alike in every other way: it is not altered here, and `test_certificate` checks that."""
    monkeypatch.setattr(certificate, "checks_of", lambda *given: ())


def change(path, alter):
    content = json.loads(path.read_text())
    alter(content)
    path.write_text(json.dumps(content))


def sign(folder):
    """Let the digests be those of the files as they are now."""
    change(
        folder / FILE,
        lambda kept: kept.update(
            files={name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in kept["files"]}
        ),
    )


def test_a_folder_keeps_raw_texts_and_labels_and_a_digest_of_each_file(trained, copy):
    kept = load_golden_labels(trained[0])
    assert len(kept.texts) == len(kept.labels) == 20
    of_the_model = {"model.keras", "reader.json", "tokenizer.json", "labels.json", "decision.json", "recipe.toml"}
    assert {*kept.files} == of_the_model | {"seen.npz"}
    passed = {one.name: one.passed for one in check(copy(trained[0])).checks}
    assert passed["files"]
    assert passed["labels"]


@pytest.mark.usefixtures("answers_unchecked")
def test_line_ends_that_git_changed_and_fingerprints_that_were_removed_leave_the_model_as_it_was(trained, copy):
    folder = copy(trained[0])
    recipe = folder / "recipe.toml"
    recipe.write_bytes(recipe.read_bytes().replace(b"\n", b"\r\n"))
    (folder / "seen.npz").unlink()
    load_trained(folder)
    assert {one.name: one.passed for one in check(folder).checks}["files"]


ALTERATIONS = {
    "labels.json": lambda content: content["names"].reverse(),
    "tokenizer.json": lambda content: content["vocabulary"].reverse(),
    "decision.json": lambda content: content.update(threshold=1.1),
}


@pytest.mark.usefixtures("answers_unchecked")
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.soak) if name == "decision.json" else name for name in ALTERATIONS]
)
def test_a_file_that_was_changed_is_named_and_one_with_a_new_digest_gives_other_labels(trained, copy, name):
    folder = copy(trained[0])
    change(folder / name, ALTERATIONS[name])
    assert f"its predictions change: {name} is not as training wrote it" in check(folder).broken
    sign(folder)
    assert "check 'labels'" in check(folder).broken


@pytest.mark.usefixtures("answers_unchecked")
def test_labels_that_are_gone_are_missed(trained, copy):
    folder = copy(trained[0])
    (folder / FILE).unlink()
    assert "check 'files'" in check(folder).broken
    assert "golden.json, which training wrote, is missing: get another copy of the folder" in check(folder).broken


@pytest.mark.usefixtures("answers_unchecked")
def test_a_file_that_training_did_not_write_is_named(trained, copy):
    folder = copy(trained[0])
    change(folder / FILE, lambda kept: kept["files"].pop("labels.json"))
    assert "labels.json is not as training wrote it" in check(folder).broken


@pytest.mark.usefixtures("answers_unchecked")
def test_a_certificate_is_of_labels_and_tokenizer_too(trained, copy):
    folder = copy(trained[0])
    write_certificate(check(folder), folder)
    assert read_certificate(folder) is not None
    change(folder / "labels.json", ALTERATIONS["labels.json"])
    assert read_certificate(folder) is None
    (folder / "certificate.json").write_text(json.dumps(asdict(check(folder)) | {"models": {}}))
    assert read_certificate(folder) is None


@pytest.mark.usefixtures("answers_unchecked")
def test_an_earlier_folder_has_nothing_to_compare_with(trained, copy):
    folder = copy(trained[0])
    (folder / FILE).unlink()
    replace(load_golden(folder), labelled=False).save(folder)
    checks = {one.name: one for one in check(folder).checks}
    assert checks["files"].passed is None
    assert "earlier version" in checks["labels"].reason


@pytest.mark.parametrize("content", ["", "[]", '{"texts": 1, "labels": [], "files": {}}', "[" * 100_000])
def test_damage_is_told(trained, copy, content):
    folder = copy(trained[0])
    (folder / FILE).write_text(content)
    with pytest.raises(UserError, match=r"golden\.json is damaged"):
        load_golden_labels(folder)
