"""How a run's folder gets its name: whole, on the disk, and its makings kept until then."""

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from unspool import locks
from unspool.errors import UserError
from unspool.runs.recipes.file import load_recipe
from unspool.runs.records.folder import (
    check_model,
    check_run,
    free_folder,
    holds_checkpoint,
    is_unfinished,
    of_partial,
    partial_of,
    written_whole,
)
from unspool.runs.records.unfinished import Begun
from unspool.runs.records.unfinished import begin as begin_run


@pytest.fixture
def out(tmp_path):
    return tmp_path / "run"


def begin(out, checkpoint=False):
    partial_of(out).mkdir(exist_ok=True)
    (partial_of(out) / "recipe.toml").write_text("")
    if checkpoint:
        (partial_of(out) / "checkpoints").mkdir()
        (partial_of(out) / "checkpoints" / "checkpoint-000001.safetensors").write_text("")


def test_it_takes_its_name_when_all_is_on_the_disk_and_only_then_its_makings_go(out, monkeypatch):
    done = []
    for module, call in ((os, "fsync"), (Path, "rename"), (os, "rmdir")):
        real = getattr(module, call)

        def noted(what, *arguments, real=real, call=call, **settings):
            name = os.readlink(f"/proc/self/fd/{what}") if call == "fsync" else str(what)
            done.append((call, Path(name).name))
            return real(what, *arguments, **settings)

        monkeypatch.setattr(module, call, noted)
    with written_whole(out) as content:
        (content / "figures").mkdir()
        (content / "figures" / "loss.svg").write_text("x")
    (rename,) = (place for place, (call, _) in enumerate(done) if call == "rename")
    content = done[rename][1]
    assert {("fsync", "figures"), ("fsync", "loss.svg"), ("fsync", content)} == set(done[:rename])
    assert done[rename + 1] == ("fsync", out.parent.name)
    assert done[-1] == ("rmdir", "run.partial")
    assert [path.name for path in out.parent.iterdir()] == ["run"]


def test_after_an_error_nothing_is_left_but_what_was_there_before(out):
    with pytest.raises(ZeroDivisionError), written_whole(out):
        raise ZeroDivisionError
    assert list(out.parent.iterdir()) == []
    begin(out)
    with pytest.raises(UserError, match="refused"), written_whole(out, go_on=True):
        raise UserError("refused")
    assert is_unfinished(out)


def test_only_files_that_are_written_whole_are_checkpoints(out):
    checkpoints = partial_of(out) / "checkpoints"
    assert not holds_checkpoint(out)
    both = checkpoints / "checkpoint-of-both-directions"
    both.mkdir(parents=True)
    (both / "training.lock").write_text("")
    (both / "checkpoint-000001-ab.safetensors.7.partial").write_text("half")
    assert not holds_checkpoint(out)
    (both / "checkpoint-000001-ab.safetensors").write_text("whole")
    assert holds_checkpoint(out)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_disk_that_cannot_be_written_is_told_in_one_line(out, code):
    reason = os.strerror(code)
    for file, told in (("x/model.keras", r", x/model\.keras"), (None, "")):
        message = rf"run cannot be finished \({reason}{told}\)\. Free some space there or change the permissions\.$"
        with pytest.raises(UserError, match=message), written_whole(out):
            raise OSError(code, reason, file)
    with pytest.raises(ConnectionError), written_whole(out):
        raise ConnectionError("which is no matter of the disk")


def test_makings_that_a_kill_left_beside_a_finished_run_are_not_gone_on_with(out):
    begin(out, checkpoint=True)
    out.mkdir()
    assert not is_unfinished(out)
    said = []
    assert free_folder(out.parent, "run", said.append).name == "run-2"
    assert said == [f"{out} is taken: this run will be in {out}-2"]
    assert free_folder(out.parent, "other", said.append).name == "other"
    assert len(said) == 1
    with pytest.raises(UserError, match="is there already"), written_whole(out):
        pass
    out.rmdir()
    (partial_of(out) / "recipe.toml").unlink()  # what goes first is up to the file system
    with written_whole(out) as content:
        assert sorted(path.name for path in content.parent.iterdir()) == [content.name, "run.lock"]


def test_a_folder_that_another_process_is_making_is_not_free(tmp_path):
    said = []
    with written_whole(tmp_path / "run"):
        assert free_folder(tmp_path, "run", said.append).name == "run-2"
    assert said == [
        f"{tmp_path / 'run'} is being made by another process",
        f"{tmp_path / 'run'} is taken: this run will be in {tmp_path / 'run-2'}",
    ]
    shutil.rmtree(tmp_path / "run")
    assert free_folder(tmp_path, "run").name == "run"


def test_makings_that_cannot_be_removed_are_told(out, monkeypatch, caplog):
    def fails(path):
        raise OSError(errno.EBUSY, "Device or resource busy", str(path))

    monkeypatch.setattr(Path, "rmdir", fails)
    with written_whole(out):
        pass
    assert caplog.messages == [f"{out} is finished, but {out}.partial cannot be removed. It is no longer needed."]


def test_a_run_under_way_is_not_called_unfinished_to_a_second_process(out):
    begin(out)
    with (
        written_whole(out, go_on=True),
        pytest.raises(UserError, match="run is being made by another process"),
        written_whole(out),
    ):
        pass


def test_the_folder_one_is_in_can_be_named_by_a_dot(out, monkeypatch):
    begin(out)
    monkeypatch.chdir(partial_of(out))
    assert of_partial(Path()) == out
    with pytest.raises(UserError, match=r"\. is there already"), written_whole(Path()):
        pass


def test_a_run_may_be_named_as_if_it_were_a_partial_one(tmp_path):
    begin(tmp_path / "mine.partial")
    assert of_partial(tmp_path / "mine.partial") == tmp_path / "mine.partial"
    assert of_partial(tmp_path / "mine.partial.partial") == tmp_path / "mine.partial"


def test_that_its_makings_were_removed_meanwhile_is_told(out):
    def write_after_removal():
        with written_whole(out) as content:
            shutil.rmtree(partial_of(out))
            (content / "model.keras").write_text("x")

    with pytest.raises(UserError, match=r"run\.partial was removed while \S*run was being written"):
        write_after_removal()
    with pytest.raises(FileNotFoundError), written_whole(out) as content:
        (content / "nowhere" / "model.keras").write_text("x")


def test_a_run_whose_makings_are_moved_away_writes_to_nobody_elses(out):
    def first():
        with written_whole(out) as mine:
            (mine / "model").write_text("first")
            partial_of(out).rename(out.with_name("moved"))
            with written_whole(out) as others:
                (others / "model").write_text("second")
                for write in (lambda: (mine / "model").write_text("x"), lambda: begin_run(mine, recipe, noted)):
                    with pytest.raises(FileNotFoundError):
                        write()

    recipe, noted = load_recipe("sentences-rnn"), Begun("unspool run x", None, {})
    with pytest.raises(UserError, match=r"run\.partial was removed while \S*run was being written"):
        first()
    assert {path.name: path.read_text() for path in out.iterdir()} == {"model": "second"}
    assert not partial_of(out).exists()


def test_a_run_whose_makings_are_moved_away_removes_nobody_elses_when_it_fails(out):
    def first():
        with written_whole(out):
            partial_of(out).rename(out.with_name("moved"))
            second = written_whole(out)
            kept.append((second, second.__enter__()))
            raise UserError("of its own")

    kept = []
    with pytest.raises(UserError, match=r"run\.partial was removed while"):
        first()
    ((second, content),) = kept
    (content / "model").write_text("second")
    second.__exit__(None, None, None)
    assert (out / "model").read_text() == "second"


def test_the_lock_is_the_last_to_go_so_that_nobody_takes_hold_of_the_rest(out, monkeypatch):
    real, beside = Path.unlink, []

    def noted(path, **settings):
        if path.name == "run.lock":
            beside.append([other.name for other in path.parent.iterdir()])
        real(path, **settings)

    monkeypatch.setattr(Path, "unlink", noted)
    with written_whole(out):
        begin(out, checkpoint=True)
    with pytest.raises(ZeroDivisionError), written_whole(out.with_name("other")):
        raise ZeroDivisionError
    assert beside == [["run.lock"]] * 2


def test_processes_that_race_for_a_folder_have_it_one_at_a_time(out):
    """Each makes it and takes it away, or fails; whoever has it finds its own files in it."""
    program = """
import random, shutil, sys, time
from pathlib import Path
from unspool.errors import UserError
from unspool.runs.records.folder import written_whole

out, me = Path(sys.argv[1]), sys.argv[2]
chance, made = random.Random(me), 0
for number in range(300):
    try:
        with written_whole(out, go_on=chance.random() < 0.5) as content:
            for name in "abc":
                (content / name).write_text(me)
                time.sleep(chance.random() / 1000)
            if chance.random() < 0.4:
                raise ZeroDivisionError
        taken = out.rename(out.with_name(f"{me}-{number}"))
        assert {path.name: path.read_text() for path in taken.iterdir()} == dict.fromkeys("abc", me)
        shutil.rmtree(taken)
        made += 1
    except (UserError, ZeroDivisionError):
        time.sleep(chance.random() / 1000)
print(made)
"""
    racers = [
        subprocess.Popen([sys.executable, "-c", program, out, str(number)], stdout=subprocess.PIPE, text=True)
        for number in range(4)
    ]
    said = [racer.communicate()[0] for racer in racers]
    assert [racer.returncode for racer in racers] == [0] * 4
    assert sum(map(int, said)) > 10
    assert list(out.parent.iterdir()) == []


@pytest.mark.parametrize("place", ["", "checkpoints", "content", "checkpoints/checkpoint-000001"])
def test_a_link_in_an_unfinished_run_is_refused_before_anything_is_touched(out, tmp_path, place):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "recipe.toml").write_text("")
    (elsewhere / "checkpoint-7.partial").write_text("precious")
    if place:
        begin(out)
        (partial_of(out) / place).parent.mkdir(exist_ok=True)
    link = partial_of(out) / place if place else partial_of(out)
    link.symlink_to(elsewhere)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(UserError, match=r"is a link.*Nothing was changed"), written_whole(out, go_on=True):
        pass
    assert sorted(tmp_path.rglob("*")) == before
    assert (elsewhere / "checkpoint-7.partial").read_text() == "precious"


def test_a_link_that_leads_nowhere_is_in_the_way(out):
    out.symlink_to("nowhere")
    with pytest.raises(UserError, match="is there already"), written_whole(out):
        raise AssertionError("the whole work would be done for nothing")


def test_a_folder_without_a_name_is_there_already(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match="is there already"), written_whole(Path()):
        pass


@pytest.mark.parametrize("check", [check_model, check_run])
def test_whoever_asks_for_a_run_under_way_is_told_to_wait(out, check):
    begin(out)
    with (
        written_whole(out, go_on=True),
        pytest.raises(UserError, match=r"run is being made by another process\. Wait for it to finish\.$"),
    ):
        check(out)


def test_a_run_that_another_process_has_finished_meanwhile_is_not_called_in_the_way(out):
    out.mkdir()
    (out / "metrics.json").touch()
    with (
        pytest.raises(UserError, match=r"^Another process has finished .*run in the meantime\.$"),
        written_whole(out, go_on=True),
    ):
        pass
    assert [path.name for path in out.iterdir()] == ["metrics.json"]


def test_nor_is_one_that_is_finished_just_before_the_lock_is_taken(out, monkeypatch):
    begin(out)
    real = locks.locked

    def late(*arguments, **settings):
        partial_of(out).rename(out)
        (out / "metrics.json").touch()
        return real(*arguments, **settings)

    monkeypatch.setattr(locks, "locked", late)
    with pytest.raises(UserError, match="Another process has finished"), written_whole(out, go_on=True):
        pass
    assert (out / "metrics.json").exists()


@pytest.mark.parametrize("check", [check_model, check_run])
@pytest.mark.parametrize("name", ["x", "x.partial"])
def test_whoever_asks_for_an_unfinished_run_is_told_how_to_finish_it(tmp_path, check, name):
    (tmp_path / "x.partial").mkdir()
    (tmp_path / "x.partial" / "recipe.toml").touch()
    with pytest.raises(UserError, match=r"x was started but is not finished. To continue: unspool resume .*x\.$"):
        check(tmp_path / name)
