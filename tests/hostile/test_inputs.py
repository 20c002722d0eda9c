"""Files, names and places that a person, or a stranger, may give to any command."""

import json
import os
import re
import shutil
import socket
import time
from pathlib import Path

import numpy as np
import pytest

from unspool import files
from unspool.cli import main
from unspool.errors import UserError

EARLIER = Path(__file__).parents[1] / "runs" / "earlier"
REVIEWS = EARLIER / "reviews.csv"


@pytest.fixture
def special(tmp_path):
    """A pipe that nobody writes to, under each of the endings that commands know, a socket, and devices."""

    def make(ending):
        path = tmp_path / f"pipe{ending}"
        os.mkfifo(path)
        return path

    return make


def refused(capsys, *arguments):
    """That a command ends with one line, and at once."""
    began = time.monotonic()
    assert main([str(one) for one in arguments]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.startswith("unspool: ")
    assert time.monotonic() - began < 60
    return said


IS_A_PIPE = "is a pipe, not a file. Save its content to a file, and give the path of that."


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".jsonl", ".parquet", ".npz", ".ts", ".conll", ""])
def test_a_pipe_is_refused_by_inspect(ending, special, capsys):
    assert IS_A_PIPE in refused(capsys, "inspect", special(ending))


def test_a_pipe_is_refused_wherever_a_path_is_taken(special, tmp_path, capsys):
    table, array, series = special(".csv"), special(".npy"), special(".npz")
    own, out = EARLIER / "own-text", tmp_path / "out.csv"
    for command in (
        ("train", table, "--out", tmp_path / "run"),
        ("train", REVIEWS, "--test", table, "--out", tmp_path / "run"),
        ("train", REVIEWS, "--unlabelled", table, "--out", tmp_path / "run"),
        ("inspect", EARLIER / "waves.npz", "--test", series),
        ("run", special(".toml")),
        ("predict", own, table, "--out", out),
        ("evaluate", own, table),
        ("predict", EARLIER / "own-series", series, "--out", out),
        ("encode", EARLIER / "autoencoder", array, "--out", tmp_path / "out.npy"),
        ("decode", EARLIER / "autoencoder", array, "--out", tmp_path / "out.npy"),
        ("reconstruct", EARLIER / "autoencoder", array, "--out", tmp_path / "out.npy"),
    ):
        assert IS_A_PIPE in refused(capsys, *command), command
    assert not out.exists()
    assert not list(tmp_path.glob("run*"))


def test_a_pipe_is_not_replaced_by_an_output(special, capsys):
    table, array, page, model = (special(ending) for ending in (".csv", ".npy", ".html", ".unspool"))
    own, autoencoder = EARLIER / "own-text", EARLIER / "autoencoder"
    for out, command in (
        (table, ("predict", own, REVIEWS, "--out", table)),
        (array, ("generate", autoencoder, "--out", array)),
        (page, ("export", own, "--html", page)),
        (model, ("export", own, "--out", model)),
    ):
        assert "is a pipe, not a file. Name a file to write." in refused(capsys, *command), command
        assert out.is_fifo()


def test_devices_sockets_and_pipes_within_folders_are_refused(tmp_path, capsys, monkeypatch):
    assert "is a device, not a file" in refused(capsys, "inspect", "/dev/zero")
    link = tmp_path / "zero.csv"
    link.symlink_to("/dev/zero")
    assert "is a device, not a file" in refused(capsys, "inspect", link)
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as one:
        one.bind("socket.csv")
        assert "is a socket, not a file" in refused(capsys, "inspect", "socket.csv")
    for label in ("good", "bad"):
        (tmp_path / "texts" / label).mkdir(parents=True)
        for number in range(20):
            (tmp_path / "texts" / label / f"{number}.txt").write_text(f"a {label} film, number {number}")
    os.mkfifo(tmp_path / "texts" / "good" / "x.txt")
    assert IS_A_PIPE in refused(capsys, "inspect", tmp_path / "texts")


def test_a_pipe_in_the_folder_of_a_run_is_refused(tmp_path, capsys):
    for name in ("predictions.npz", "environment.json", "history.csv", "golden.npz"):
        folder = tmp_path / name
        folder.mkdir()
        for path in (EARLIER / "own-text").iterdir():
            if path.name != name:
                (folder / path.name).write_bytes(path.read_bytes())
        os.mkfifo(folder / name)
        assert IS_A_PIPE in refused(capsys, "report", folder)


def test_a_pipe_that_comes_meanwhile_does_not_wait(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "refuse_special", lambda path: None)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="Is a directory"):
        files.opened(tmp_path / "pipe")


@pytest.mark.parametrize("how", ["itself", "link", "hard link", "other spelling"])
def test_predict_does_not_write_over_what_it_reads(how, tmp_path, monkeypatch, capsys):
    table = tmp_path / "new.csv"
    table.write_text(REVIEWS.read_text())
    out = {"itself": table, "other spelling": Path("../x") / ".." / tmp_path.name / "new.csv"}.get(how)
    monkeypatch.chdir(tmp_path)
    (tmp_path.parent / "x").mkdir(exist_ok=True)
    if out is None:
        out = tmp_path / "out.csv"
        out.symlink_to(table) if how == "link" else out.hardlink_to(table)
    said = refused(capsys, "predict", EARLIER / "own-text", table, "--out", out)
    assert "is the file that is read. Name another one, so that it is not lost." in said
    assert table.read_text() == REVIEWS.read_text()


@pytest.mark.parametrize("name", ["history.csv", "log.csv", "figures/new.csv", "../own/history.csv", "new.csv"])
def test_no_command_writes_into_the_folder_of_the_run_that_it_reads(name, tmp_path, capsys):
    own = shutil.copytree(EARLIER / "own-text", tmp_path / "own")
    (own / "figures").mkdir()
    (tmp_path / "link").symlink_to(own)
    before = {path: path.read_bytes() for path in own.rglob("*") if path.is_file()}
    for folder in (own, tmp_path / "link"):
        said = refused(capsys, "predict", folder, REVIEWS, "--out", own / name)
        assert f"lies in {folder}, which holds the files of its run only" in said
        said = refused(capsys, "compare", folder, EARLIER / "classifier", "--out", own / "figures")
        assert "which holds the files of its run only" in said
    assert {path: path.read_bytes() for path in own.rglob("*") if path.is_file()} == before


def test_nor_do_those_of_autoencoders_and_export(tmp_path, capsys):
    run = shutil.copytree(EARLIER / "autoencoder", tmp_path / "run")
    np.save(tmp_path / "x.npy", np.zeros((2, 8, 8), np.float32))
    for command in ("encode", "reconstruct", "decode"):
        said = refused(capsys, command, run, tmp_path / "x.npy", "--out", run / "y.npy")
        assert f"lies in {run}, which holds the files of its run only" in said
    assert "its run only" in refused(capsys, "generate", run, "--out", run / "y.npy")
    pytest.importorskip("unspool_runtime")
    assert "its run only" in refused(capsys, "export", run, "--out", run / "y.unspool")
    assert "its run only" in refused(capsys, "export", run, "--html", run / "report.html")


def test_a_folder_is_no_place_for_a_result(tmp_path, capsys):
    for command, ending in (("predict", ".csv"), ("generate", ".npy")):
        out = tmp_path / f"x{ending}"
        out.mkdir()
        more = [REVIEWS] if command == "predict" else []
        model = EARLIER / ("own-text" if command == "predict" else "autoencoder")
        assert (
            refused(capsys, command, model, *more, "--out", out) == f"unspool: --out {out} is a folder. Name a file.\n"
        )


def test_nor_does_an_autoencoder(tmp_path, capsys):
    array = tmp_path / "x.npy"
    np.save(array, np.zeros((2, 8, 8), np.float32))
    for command in ("encode", "reconstruct", "decode"):
        said = refused(capsys, command, EARLIER / "autoencoder", array, "--out", array)
        assert "is the file that is read" in said


def test_a_header_of_30_000_columns_is_read_at_once(tmp_path, capsys):
    path = tmp_path / "x.csv"
    path.write_text(",".join(f"c{n}" for n in range(30_000)) + "\n" + ",".join(["1"] * 30_000) + "\n")
    began = time.process_time()
    assert main(["inspect", str(path)]) == 1
    assert time.process_time() - began < 5
    assert len(capsys.readouterr().err) < 3000


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("x = " + "[" * 100_000, "is not a recipe: it is nested too deep"),
        (".".join(["a"] * 100_000) + " = 1", "is not a recipe: it is nested too deep"),
        ("['a'" + ' . "a"' * 40 + "]", "is not a recipe: it is nested too deep"),
        ("x = " + "9" * 5000, "is not valid TOML: Exceeds the limit"),
        ('name = "\ud800"', "cannot be read: 'utf-8' codec"),
        ('name = "x"\ndata = 3', "data is 3: it must be a table"),
        ('name = "x"\n[data]\npath = "x"\nsize = 0x' + "f" * 5000 + "\n[model]\nunits = -1", "model.units is -1"),
        ("#" * (1 << 23), "it has more than 4,194,304 bytes"),
    ],
)
def test_a_recipe_that_is_none_is_refused_in_a_line(content, reason, tmp_path, capsys):
    path = tmp_path / "x.toml"
    path.write_bytes(content.encode("utf-8", "surrogatepass"))
    assert reason in refused(capsys, "run", path)


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        ("shape = 'transformer'", "model.shape is 'transformer': those of models for "),
        ("shape = 'tagger'", "are seq2vec, choice."),
        (
            "shape = 'autoencoder'\n[model.encoder]\nunits = 4\n[model.decoder]\nunits = 4",
            "model.shape is 'autoencoder'",
        ),
        ("shape = 'choice'\ncandidates = []", "model.candidates is []"),
        ("shape = 'choice'\ncandidates = ['nothing']", "There is no model 'nothing' for texts."),
    ],
)
def test_a_recipe_with_a_model_for_another_task_is_refused(model, reason, tmp_path, capsys):
    path = tmp_path / "x.toml"
    path.write_text(f"name = 'x'\ntitle = 'X'\n[data]\npath = '{REVIEWS}'\n[model]\n{model}\n")
    assert main(["run", str(path), "--out", str(tmp_path / "run")]) == 1
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith("unspool: ")
    assert reason in said
    assert not list(tmp_path.glob("run*"))


def test_a_home_that_nobody_has_is_refused_in_a_line(tmp_path, capsys):
    reason = "~nobody-of-this-name/x.csv: the home folder of that user is not known."
    for command in ("inspect", "train"):
        assert reason in refused(capsys, command, "~nobody-of-this-name/x.csv")
    out = tmp_path / "out.csv"
    assert reason in refused(capsys, "predict", EARLIER / "own-text", "~nobody-of-this-name/x.csv", "--out", out)

    assert reason in refused(capsys, "search", "~nobody-of-this-name/x.csv", "--over", "model.units=2..4")


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("check /", "/ holds no trained model"),
        ("predict / x.csv", "/ holds no trained model"),
        ("resume /", "There is no unfinished run /:"),
        ("resume .partial", "There is no unfinished run .partial:"),
    ],
)
def test_folders_without_a_name_are_refused_in_a_line(command, reason, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert reason in refused(capsys, *command.split())


@pytest.mark.parametrize("value", ["[" * 5000, "9" * 5000])
def test_a_setting_that_is_none_is_refused_in_a_line(value, capsys):
    assert "model.units is '" in refused(capsys, "run", "sentences-rnn", "--set", f"model.units={value}")


def test_names_that_are_not_utf_8_are_refused_in_a_line(tmp_path, capsys):
    path = tmp_path / "reviews\udcff.csv"
    path.write_text(REVIEWS.read_text())
    assert main(["train", str(path), "--model", "nb-words", "--out", str(tmp_path / "run")]) == 1
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith("unspool: A recipe cannot hold what is not UTF-8 (title = ")
    assert said.endswith("Rename the file or the column.")
    assert not (tmp_path / "run.partial").exists()


@pytest.mark.parametrize("option", ["--horizon", "--season"])
def test_an_option_of_a_billion_times_too_much_is_refused_in_a_line(option, capsys):
    said = refused(capsys, "inspect", REVIEWS, "--horizon", "3", option, "9" * 30)
    assert f"{option[2:]} is {'9' * 30}: it must be at most" in said


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        ("training.warmup=" + "9" * 30, "input should be less than 2147483648"),
        ("training.learning_rate=1e308", "it must be at most 1e+38"),
        ("training.learning_rate=inf", "it must be at most 1e+38"),
    ],
)
def test_a_number_that_no_training_can_use_is_refused_in_a_line(setting, reason, tmp_path, capsys):
    assert reason in refused(capsys, "run", "sentences-rnn", "--set", setting, "--out", tmp_path / "run")


def test_rows_that_a_parquet_file_only_repeats_are_counted_before_they_are_read(tmp_path, capsys):
    pyarrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    same = pyarrow.array(["a film"] * 4_000_000).dictionary_encode()
    parquet.write_table(pyarrow.table({"text": same, "label": same}), tmp_path / "x.parquet", compression="zstd")
    assert "it has 4,000,000 rows in" in refused(capsys, "inspect", tmp_path / "x.parquet")


def test_names_that_are_too_long_are_refused_in_a_line(tmp_path, capsys):
    long = tmp_path / ("x" * 300)
    assert "File name too long" in refused(capsys, "inspect", f"{long}.csv")
    assert "File name too long" in refused(capsys, "train", REVIEWS, "--model", "nb-words", "--out", long)
    assert "File name too long" in refused(capsys, "predict", EARLIER / "own-text", f"{long}.csv", "--out", "x.csv")
    assert "File name too long" in refused(capsys, "resume", long)


def test_labels_of_400_digits_and_lists_of_lists(tmp_path, capsys):
    path = tmp_path / "x.jsonl"
    rows = [{"text": f"a film, number {n}", "label": int("9" * 400) if n % 2 else 1} for n in range(40)]
    path.write_text("\n".join(map(json.dumps, rows)))
    assert main(["inspect", str(path)]) == 0
    capsys.readouterr()
    path.write_text('{"text": "a", "label": ' + "[" * 500 + "]" * 500 + "}\n")
    assert "column label: the label is a list of lists" in refused(capsys, "inspect", path)


def test_numbers_that_32_bits_do_not_hold(tmp_path, capsys):
    x = np.zeros((20, 5, 2))
    x[3, 2, 1] = 1e300
    np.savez(tmp_path / "x.npz", x=x, y=[0, 1] * 10)
    said = refused(capsys, "inspect", tmp_path / "x.npz")
    assert re.search(r"series 4, column channel 1: step 3 is 1e\+300, which is too large for 32 bits", said)


def test_a_disk_that_fails_is_not_damage(tmp_path, monkeypatch):
    from unspool.runs.latent_space import load_latent_space

    def fails(path):
        raise OSError(5, "Input/output error", str(path))

    monkeypatch.setattr(files, "opened", fails)
    with pytest.raises(UserError, match=r"latent\.npz cannot be read \(Input/output error\)\. It is not changed"):
        load_latent_space(EARLIER / "autoencoder")
