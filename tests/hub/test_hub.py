"""Runs on a hub that stands on this machine: what arrives there, what is taken from there, and what is refused."""

import json
import shutil
import socket
from pathlib import Path

import numpy as np
import pytest
from huggingface_hub import constants

from unspool.cli import main
from unspool.errors import UserError
from unspool.hub import pull, push
from unspool.hub.contents import files_to_send
from unspool.runs.checking.certificate_file import read_certificate
from unspool.runs.recipes.file import load_recipe
from unspool.runs.records.folder import PARTS_OF_FILE, TEST_PREDICTIONS
from unspool.runs.records.record import read_result
from unspool.runs.run import run

from .stand_in import TOKEN, Repository, StandIn

NOT_SENT = {"notes.txt", TEST_PREDICTIONS}
SMALL = [
    *("training.epochs=1", "model.units=4", "model.embedding=4", "data.num_words=300", "evaluation.resamples=100"),
    "training.batch_size=4000",  # all in one step: one program to compile, not two
]


@pytest.fixture
def hub(monkeypatch, tmp_path):
    """A hub for which this process has a token."""
    hub = StandIn()
    monkeypatch.setenv("HF_ENDPOINT", hub.url)
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "no-token"))
    yield hub
    hub.close()


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A finished run, with a file in its folder that is not of the run."""
    folder = tmp_path_factory.mktemp("runs") / "small"
    run(load_recipe("sentences-rnn", SMALL), folder)
    (folder / "notes.txt").write_text("what I think of it")
    return folder


@pytest.fixture(scope="module")
def contents(finished, tmp_path_factory):
    """What a hub holds once the run has been pushed there."""
    with pytest.MonkeyPatch.context() as patch:
        hub = StandIn()
        patch.setenv("HF_ENDPOINT", hub.url)
        patch.setenv("HF_TOKEN", TOKEN)
        push(finished, "ada/small")
        hub.close()
    return hub.repositories["ada/small"]


@pytest.fixture
def there(hub, contents):
    """The repository, public, on this test's own hub."""
    hub.repositories["ada/small"] = Repository(dict(contents.files))
    return hub.repositories["ada/small"]


def refused(arguments, capsys):
    """The one line with which a command refuses; no secret is in it, and nothing that a server said."""
    assert main(arguments) == 1
    said = capsys.readouterr().err
    line = said.splitlines()[-1]
    assert line.startswith("unspool: ")
    assert "Traceback" not in said
    assert TOKEN not in said
    assert "said by the server" not in said
    return line


def test_a_run_arrives_whole_and_private_and_nothing_else_does(finished, contents):
    own = {path.relative_to(finished).as_posix() for path in finished.rglob("*") if path.is_file()} - NOT_SENT
    assert set(contents.files) == own | {".gitattributes"}
    assert {"README.md", "certificate.json", "metrics.json", "model.keras"} <= own
    assert all(contents.files[name] == (finished / name).read_bytes() for name in own)
    assert contents.private


def test_what_is_taken_gives_the_same_answers_and_is_made_here(there, finished, tmp_path, capsys):
    there.large = {"model.keras", "predictions.npz"}
    out = tmp_path / "taken"
    assert main(["pull", "ada/small", "--out", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {path.name for path in out.iterdir()} == {path.name for path in finished.iterdir()} - NOT_SENT
    for name in ("model.keras", "metrics.json", "recipe.toml", "golden.npz", "README.md"):
        assert (out / name).read_bytes() == (finished / name).read_bytes(), name
    assert told["verdict"] == read_result(finished).verdict.words
    assert not read_certificate(out).broken
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("taken")] == ["taken"]


def test_pages_and_files_of_a_stranger_are_not_even_asked_for(there, hub, tmp_path):
    strange = {
        "report.html": b"<script>alert(1)</script>",
        "README.md": b"![x](http://e.vil)",
        "figures/headline.svg": b"<svg onload='alert(1)'/>",
        "model.py": b"import os",
        "../outside.txt": b"out",
        "/etc/unspool": b"out",
        "sub/metrics.json": b"{}",
    }
    there.files |= strange
    out = tmp_path / "taken"
    pull("ada/small", out)
    assert "<script>alert(1)" not in (out / "report.html").read_text()
    assert "e.vil" not in (out / "README.md").read_text()
    assert not (out / "model.py").exists()
    asked = {path.partition("/resolve/")[2].partition("/")[2] for _, path in hub.requests if "/resolve/" in path}
    assert asked
    assert not asked & {name.lstrip("/") for name in strange}


def _altered_transfer(there):
    there.listed["metrics.json"] = there.files["metrics.json"]
    there.files["metrics.json"] = there.files["metrics.json"].replace(b"1", b"2", 1)


def _longer_transfer(there):
    there.listed["metrics.json"] = there.files["metrics.json"]
    there.files["metrics.json"] += b" "


def _altered_large_transfer(there):
    there.large = {"predictions.npz"}
    there.listed["predictions.npz"] = there.files["predictions.npz"]
    there.files["predictions.npz"] = there.files["predictions.npz"][:-1] + b"x"


def _without_certificate(there):
    del there.files["certificate.json"]


def _other_model(there):
    there.files["decision.json"] = there.files["decision.json"].replace(b"0.", b"0.1", 1)


def _without_golden(there):
    del there.files["golden.npz"]


def _huge(there):
    there.listed["metrics.json"] = b" " * ((1 << 28) + 1)


def _damaged_record(there):
    there.files["metrics.json"] = there.files["metrics.json"][:-100]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_altered_transfer, "metrics.json of ada/small did not arrive as the hub lists it. Nothing was written"),
        (_longer_transfer, "metrics.json of ada/small is refused: the hub sends more than the "),
        (_altered_large_transfer, "predictions.npz of ada/small did not arrive as the hub lists it."),
        (_without_certificate, "does not hold a run that `unspool push` sent: there is no certificate.json in it."),
        (_other_model, "ada/small is not taken, nothing was written. The model's files are not those that"),
        (_without_golden, "ada/small is not taken, nothing was written. "),
        (_huge, "ada/small is refused: metrics.json is larger than any such file of a run."),
        (_damaged_record, "ada/small is not taken, nothing was written. metrics.json is damaged: "),
    ],
)
def test_what_is_not_as_it_should_be_is_refused_and_leaves_nothing(change, told, there, tmp_path, capsys):
    change(there)
    out = tmp_path / "runs" / "taken"
    line = refused(["pull", "ada/small", "--out", str(out)], capsys)
    assert told in line
    assert ".partial" not in line
    assert list(out.parent.iterdir()) == []


def test_answers_that_are_not_the_models_are_refused(there, finished, tmp_path, capsys):
    """A certificate that was made up for other files: the saved examples are run again here."""
    folder = shutil.copytree(finished, tmp_path / "forged")
    with np.load(folder / "golden.npz") as file:
        arrays = dict(file)
    name = next(name for name in arrays if "answers" in name)
    arrays[name] = arrays[name] + 0.25
    np.savez(folder / "golden.npz", **arrays)
    there.files["golden.npz"] = (folder / "golden.npz").read_bytes()
    line = refused(["pull", "ada/small", "--out", str(tmp_path / "taken")], capsys)
    assert "The model in ada/small is refused by check 'reload'" in line
    assert not (tmp_path / "taken").exists()


def test_a_folder_that_is_there_is_left_alone_before_anything_is_asked(there, hub, tmp_path, capsys):
    line = refused(["pull", "ada/small", "--out", str(tmp_path)], capsys)
    assert "is there already" in line
    assert hub.requests == []


def test_a_private_run_needs_the_token(there, hub, tmp_path, capsys, monkeypatch):
    there.private = True
    monkeypatch.setenv("HF_TOKEN", "hf_another")
    line = refused(["pull", "ada/small", "--out", str(tmp_path / "taken")], capsys)
    assert line.startswith(f"unspool: There is no model ada/small at {hub.url} that you may read.")
    assert "hf_another" not in line


def test_without_a_token_nothing_is_sent(hub, finished, capsys, monkeypatch):
    monkeypatch.delenv("HF_TOKEN")
    assert "There is no token for the hub." in refused(["push", str(finished), "ada/new"], capsys)
    assert hub.requests == []


def test_a_token_that_opens_nothing(hub, finished, capsys, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_another")
    assert "does not accept your token (HTTP status 401)" in refused(["push", str(finished), "ada/new"], capsys)


def test_another_owner(hub, finished, capsys):
    line = refused(["push", str(finished), "grace/new"], capsys)
    assert "Your token may not write to grace/new (HTTP status 403)" in line


def test_a_model_that_may_not_be_read(hub, tmp_path, capsys):
    hub.status = 403
    line = refused(["pull", "ada/small", "--out", str(tmp_path / "taken")], capsys)
    assert "does not let you read ada/small (HTTP status 403)" in line


def test_a_name_that_is_taken(there, finished, capsys):
    before = dict(there.files)
    assert "ada/small is taken: there are files in it." in refused(["push", str(finished), "ada/small"], capsys)
    assert there.files == before


def test_what_a_failed_push_left_empty_is_used_again(hub, finished, capsys):
    hub.commits_refused = True
    assert "HTTP status 500" in refused(["push", str(finished), "ada/new"], capsys)
    hub.commits_refused = False
    assert "is there and empty, but private" in refused(["push", str(finished), "ada/new", "--public"], capsys)
    assert main(["push", str(finished), "ada/new"]) == 0
    assert "private, " in capsys.readouterr().out
    assert "metrics.json" in hub.repositories["ada/new"].files


def test_public_where_that_is_asked_for(hub, finished, capsys):
    assert main(["push", str(finished), "ada/open", "--public", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["private"] is False
    assert not hub.repositories["ada/open"].private


@pytest.mark.parametrize(
    "name",
    [
        *("small", "ada/a/b", "ada/", "../x", "ada/-x", "ada/x-", "ada./x", "ada/x.git", "ada/x--y"),
        "a" * 90 + "/" + "b" * 20,
    ],
)
def test_what_is_no_name(name, hub, finished, tmp_path, capsys):
    assert "is not the name of a repository" in refused(["push", str(finished), name], capsys)
    assert "is not the name of a repository" in refused(["pull", name, "--out", str(tmp_path / "x")], capsys)
    assert hub.requests == []


def test_what_is_no_run(hub, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    assert "is not the folder of a finished run" in refused(["push", str(tmp_path / "empty"), "ada/x"], capsys)
    assert "There is no folder" in refused(["push", str(tmp_path / "none"), "ada/x"], capsys)
    assert hub.requests == []


def test_no_such_repository(hub, tmp_path, capsys):
    line = refused(["pull", "ada/none", "--out", str(tmp_path / "x")], capsys)
    assert "There is no model ada/none" in line


def test_a_hub_that_is_out_of_order(there, hub, tmp_path, capsys):
    hub.status = 503
    assert "refused ada/small (HTTP status 503)" in refused(["pull", "ada/small", "--out", str(tmp_path / "x")], capsys)


def test_a_server_that_is_no_hub(there, hub, tmp_path, capsys):
    hub.talks_nonsense = True
    line = refused(["pull", "ada/small", "--out", str(tmp_path / "x")], capsys)
    assert f"{hub.url} did not answer as a hub does" in line


def test_no_network(finished, tmp_path, capsys, monkeypatch):
    with socket.socket() as free:  # bound, so that nobody else listens there
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{free.getsockname()[1]}")
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        assert "cannot be reached (ConnectError)" in refused(["pull", "ada/x", "--out", str(tmp_path / "x")], capsys)
        assert "cannot be reached (ConnectError)" in refused(["push", str(finished), "ada/x"], capsys)


def test_a_run_whose_predictions_are_not_consistent_is_not_sent(hub, finished, tmp_path, capsys):
    folder = shutil.copytree(finished, tmp_path / "broken")
    certificate = json.loads((folder / "certificate.json").read_text())
    certificate["checks"][0] |= {"passed": False, "measured": 0.5}
    (folder / "certificate.json").write_text(json.dumps(certificate))
    assert "is refused by check" in refused(["push", str(folder), "ada/x"], capsys)
    assert hub.requests == []


def test_a_link_in_a_run_is_not_followed(hub, finished, tmp_path):
    folder = shutil.copytree(finished, tmp_path / "linked")
    (tmp_path / "secret").write_text("secret")
    (folder / "log.csv").unlink()
    (folder / "log.csv").symlink_to(tmp_path / "secret")
    with pytest.raises(UserError, match="is a link"):
        push(folder, "ada/x")


def test_without_the_library_it_is_named(finished, capsys, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "huggingface_hub", None)
    assert "pip install 'unspool[hub]'" in refused(["push", str(finished), "ada/x"], capsys)


@pytest.mark.parametrize("kind", ["autoencoder", "classifier", "own-series", "own-text"])
def test_no_file_of_any_kind_of_run_is_left_behind(kind):
    folder = Path(__file__).parents[1] / "runs" / "earlier" / kind
    assert files_to_send(folder) == sorted(path.name for path in folder.iterdir())


def test_what_names_all_examples_of_a_file_stays(finished, tmp_path):
    folder = shutil.copytree(finished, tmp_path / "run")
    for name in (PARTS_OF_FILE, TEST_PREDICTIONS):
        (folder / name).write_text("patient,part\nMary,test\n")
    assert not {PARTS_OF_FILE, TEST_PREDICTIONS} & set(files_to_send(folder))


def test_figures_are_sent_and_other_names_in_that_folder_are_not(finished, tmp_path):
    folder = shutil.copytree(finished, tmp_path / "run")
    (folder / "figures" / "Thumbs.db").write_text("x")
    names = files_to_send(folder)
    assert "figures/headline.svg" in names
    assert "figures/Thumbs.db" not in names
