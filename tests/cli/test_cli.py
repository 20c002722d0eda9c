"""The command line, in process where it can be and in a child where it must be."""

import gzip
import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import unspool
from programs import imported_by, output_of
from unspool import cli
from unspool.cli import main
from unspool.cli.options import folder_to_write, recipe_names
from unspool.errors import UserError
from unspool.runs.recipes.file import load_recipe

EARLIER = Path(__file__).parents[1] / "runs" / "earlier"

SMALL = ("--set", "training.epochs=1", "--set", "model.units=3", "--set", "evaluation.resamples=100")


def test_help_imports_nothing_heavy():
    program = """
import sys
from unspool.cli import main
try:
    main(["--help"])
except SystemExit as exit:
    assert exit.code == 0
heavy = {"jax", "keras", "numpy", "matplotlib", "sklearn", "scipy", "pydantic", "rich"} & set(sys.modules)
assert not heavy, heavy
"""
    assert "exit codes:" in output_of(program)


def test_files_are_inspected_and_runs_compared_without_keras(tmp_path):
    table = tmp_path / "a.csv"
    table.write_text(
        "text,label\n" + "".join(f"film {n} was {'fine' if n % 2 else 'dull'},{n % 2}\n" for n in range(60))
    )
    one, other = (str(shutil.copytree(EARLIER / "own-text", tmp_path / name)) for name in ("one", "other"))
    targets = np.load(EARLIER / "own-text" / "predictions.npz")["test/labels"]
    answers = tmp_path / "answers.csv"
    answers.write_text("prediction\n" + "".join(f"{('neg', 'pos')[target]}\n" for target in targets))
    _said_without_keras_or_jax(
        ["inspect", str(table)],
        ["compare", one, other, "--out", str(tmp_path / "compared")],
        ["compare", one, str(answers), "--out", str(tmp_path / "compared with answers")],
    )


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("train none.csv", "none.csv is not there. Give the path of a table or of a folder of text files."),
        ("train there.csv --test none.npz", "none.npz is not there."),
        ("inspect none.csv", "none.csv is not there. Give the path of a table or of a folder of text files."),
        ("predict none there.csv --out s.csv", "There is no folder none. Give the folder of a trained model."),
        ("predict model none.csv --out s.csv", "none.csv is not there. Give the path of a table or of a folder of"),
        ("evaluate model none.npz", "none.npz is not there."),
        ("predict there.csv model", "there.csv is a file. Give the folder of a trained model, such as runs/there."),
        (
            "predict a.unspool there.csv",
            "a.unspool is a portable model, for unspool-runtime. Give the folder",
        ),
        (
            "export a.keras --out m.unspool",
            "a.keras is the file of a Keras model. Give the folder of a trained model. A Keras model of your own "
            "cannot be exported",
        ),
        ("check model/model.keras", "model/model.keras is a file. Give the folder of a trained model: model."),
        ("report there.csv", "there.csv is a file. Give the folder of a finished run, such as runs/there."),
        ("train imdb-lstm", "imdb-lstm is not there. It is the name of a recipe: unspool run imdb-lstm"),
        ("check none", "There is no folder none. Give the folder of a trained model."),
        ("check empty", "empty holds no trained model: there is no recipe.toml in it."),
        ("resume none", "There is no unfinished run none: none.partial/recipe.toml does not exist."),
        ("replay none", "There is no folder none."),
        ("encode model none.npy --out v.npy", "There is no file none.npy."),
        ("export none --out m.unspool", "There is no folder none. Give the folder of a trained model."),
    ],
)
def test_a_missing_path_is_told_before_anything_heavy_is_imported(command, message, in_folder, capsys, monkeypatch):
    (in_folder / "there.csv").write_text("text,label\n")
    (in_folder / "a.unspool").touch()
    (in_folder / "empty").mkdir()
    (in_folder / "model").mkdir()
    (in_folder / "model/recipe.toml").touch()
    (in_folder / "model/model.keras").touch()
    (in_folder / "a.keras").touch()
    monkeypatch.setattr(cli, "leaving_politely", None)  # no command runs
    assert main(command.split()) == 1
    assert message in capsys.readouterr().err


def test_a_missing_path_needs_neither_keras_nor_numpy():
    said = output_of(
        "import sys\nfrom unspool.cli import main\nassert main(['predict', 'none', 'none', '--out', 's.csv']) == 1\n"
        "assert not {'numpy', 'jax', 'keras'} & set(sys.modules)"
    )
    assert said == ""


WRONG_NAMES = [
    ("train a.csv --label sentimnt", "a.csv has no column 'sentimnt' for the label. Did you mean sentiment?"),
    ("train a.csv --text body,review", "a.csv has no column 'body' for the text."),
    ("train a.csv --numeric price", "a.csv has no column 'price' for --numeric."),
    ("train a.csv --set training.epoch=3", "unknown key training.epoch. Did you mean training.epochs?"),
    ("train a.csv --set epochs=3", "unknown key epochs. Did you mean training.epochs?"),
    ("train a.csv --set training.epochs=two", "training.epochs is 'two'"),
    ("train a.csv --set evaluation.resamples=1", "evaluation.resamples is 1"),
    ("train a.csv --set data.label=sentimnt", "a.csv has no column 'sentimnt' for the label."),
    ("train a.csv --model nbwords", "there is no such model. Did you mean nb-words?"),
    ("train a.csv --model oracle", "there is no such model. The models are auto, network, column-trees,"),
    ("train a.csv --model LSTM", "For an LSTM or a GRU, give 'network' and set model.layers=1 and model.cell=lstm."),
    ("train a.csv --model convolution,small", "there is no such model. Did you mean 'convolution, small'?"),
    ("inspect a.csv --label sentimnt", "a.csv has no column 'sentimnt' for the label."),
    ("inspect a.csv --set data.test_fractoin=0.3", "Did you mean data.test_fraction?"),
    ("predict model b.csv", "b.csv has no column 'review', which the model reads. Its columns are body, when. Name "),
    ("predict model a.csv --text reviw", "a.csv has no column 'reviw' for the text. Did you mean review?"),
    ("predict model a.csv --out scored.doc", "tables are written as CSV"),
    ("predict model a.csv --score reviw", "a.csv has no column 'reviw' for --score. Did you mean review?"),
    ("predict model a.csv --best 5 --score review", "--best and --score cannot be combined."),
    ("predict model a.csv --seed 3", "--seed is for sampling. Give --temperature, too."),
    ("predict model a.csv --temperature 1 --beam 3", "--beam has no effect: --temperature does not search."),
    (
        "predict model a.csv --best 2 --attributions",
        "--best and --attributions cannot be combined: they are for different models.",
    ),
    ("evaluate model b.csv", "the one with the texts: --text COLUMN."),
    ("evaluate model b.csv --text body --label stars", "b.csv has no column 'stars' for the label."),
    ("search a.csv --label sentimnt --over model.units=2..4", "a.csv has no column 'sentimnt' for the label."),
    ("search a.csv --over model.unit=2..4", "--over: unknown key model.unit. Did you mean model.units?"),
    ("run imdb-lstm --set training.epoch=3", "unknown key training.epoch. Did you mean training.epochs?"),
]


def test_a_wrong_name_is_told_before_anything_heavy_is_imported(in_folder):
    Path("a.csv").write_text("review,sentiment\nfine,good\ndull,bad\n")
    Path("b.csv").write_text("body,when\nfine,2024\n")
    shutil.copytree(EARLIER / "own-text", "model")
    program = """
import sys
sys.modules |= dict.fromkeys(("keras", "jax", "sklearn", "scipy", "matplotlib"))  # importing one of them fails
from unspool.cli import main
for command in sys.argv[1:]:
    assert main(command.split()) == 1, command
"""
    commands = [command for command, _ in WRONG_NAMES]
    child = subprocess.run([sys.executable, "-c", program, *commands], capture_output=True, text=True)
    assert child.returncode == 0, child.stderr
    for (_, message), line in zip(WRONG_NAMES, child.stderr.splitlines(), strict=True):
        assert message in line


def _said_without_keras_or_jax(*commands):
    """What commands print, one after the other in one child process, none of which imports Keras or JAX."""
    return output_of(f"""
import sys
import unspool
from unspool.cli import main
for command in [[], *{commands}]:
    assert not command or main(command) == 0, command
    heavy = {{"jax", "jaxlib", "keras"}} & set(sys.modules)
    assert not heavy, (command, heavy)
""")


def test_folders_are_inspected_and_reports_written_without_keras_or_jax(in_folder):
    folders = {kind: shutil.copytree(EARLIER / kind, kind) for kind in ("classifier", "autoencoder")}
    folders |= {kind: EARLIER / kind for kind in ("own-text", "own-series")}
    inspections = [["inspect", str(folder)] for folder in folders.values()]
    said = _said_without_keras_or_jax(*inspections, ["report", "classifier"], ["report", "autoencoder"])
    assert said.count(" parameters") == len(folders)
    assert said.endswith("report: classifier/report.html\nreport: autoencoder/report.html\n")


def test_models_that_are_no_networks_need_no_keras_or_jax(in_folder):
    rng = np.random.default_rng(0)
    np.savez("series.npz", x=rng.normal(size=(40, 12, 1)).cumsum(axis=1), y=np.arange(40) % 2)
    rows = (f"a {word} film number {number},{word}" for number in range(20) for word in ("good", "bad"))
    Path("texts.csv").write_text("text,label\n" + "\n".join(rows) + "\n")
    commands = []
    for data, model in (("series.npz", "statistics"), ("texts.csv", "nb-words")):
        commands += [
            ["train", data, "--model", model, "--out", model],
            ["predict", model, data, "--out", "said.csv"],
            ["check", model],
        ]
    _said_without_keras_or_jax(*commands)
    for model in ("statistics", "nb-words"):
        assert "device" not in json.loads(Path(model, "environment.json").read_text())
    predicting = [command for command in commands if command[0] == "predict"]
    code = f"from unspool.cli import main\nfor command in {predicting}: assert main(command) == 0"
    slow = ("sklearn", "scipy.stats", "scipy.optimize", "pandas", "pyarrow", "matplotlib")
    assert not imported_by(code, *slow) & set(slow), "they would take most of the time that a prediction takes"


@pytest.mark.parametrize(
    "command",
    [
        "run",
        "resume",
        "replay",
        "check",
        "compare",
        "report",
        "encode",
        "decode",
        "reconstruct",
        "generate",
        "export",
        "datasets",
    ],
)
def test_each_command_teaches_by_example(command, capsys):
    assert main([command, "--help"]) == 0
    assert f"unspool {command}" in capsys.readouterr().out.split("example")[-1]


def test_only_the_models_for_the_task_are_listed(in_folder, capsys):
    Path("a.csv").touch()
    for options, names in (
        (
            "--task tagging",
            "tagging are auto, network, window-regression, blend-network, window-forest; not all suit every file.",
        ),
        ("--task translation", "translation are auto, network; not all suit every file."),
        ("--horizon 2", "forecasting are auto, network, naive, seasonal-naive, "),
    ):
        assert main(f"train a.csv --model oracle {options}".split()) == 1
        assert f"--model oracle: there is no such model. The models for {names}" in capsys.readouterr().err


def test_names_of_models_are_listed_once(in_folder, capsys):
    Path("a.csv").write_text("text,label\na fine film,good\n")
    assert main(["train", "a.csv", "--model", "oracle"]) == 1
    names = capsys.readouterr().err.partition("The models are ")[2].partition(";")[0].split(", ")
    assert len(set(names)) == len(names) > 40


def test_the_help_of_run_lists_the_recipes_with_their_titles(capsys):
    assert main(["run", "--help"]) == 0
    listed = " ".join(capsys.readouterr().out.partition("recipes that come with unspool:")[2].split())
    for name in recipe_names():
        assert f"{name} {load_recipe(name).title} " in listed


@pytest.mark.soak
def test_run_prints_the_verdict_and_names_the_report(in_folder, capsys):
    assert main(["run", "sentences-rnn", *SMALL]) == 0
    printed = capsys.readouterr().out
    assert "test examples" in printed.replace("test set", "")
    assert "report: runs/sentences-rnn/report.html" in printed
    assert (in_folder / "runs/sentences-rnn/report.html").is_file()


@pytest.mark.soak
def test_run_as_json_and_report_again(in_folder, capsys):
    assert main(["run", "sentences-rnn", "--seed", "3", "--json", "--out", "mine", *SMALL]) == 0
    metrics = json.loads(capsys.readouterr().out)
    assert metrics["seed"] == 3
    assert metrics["folder"] == "mine"
    assert metrics["command"].startswith("unspool run sentences-rnn --set training.epochs=1")
    page = in_folder / "mine/report.html"
    before = page.read_bytes()
    page.unlink()
    assert main(["report", "mine"]) == 0
    assert page.read_bytes() == before


@pytest.mark.soak
def test_compare_prints_what_is_known(in_folder, capsys):
    assert main(["compare", "sentences-rnn", "sentences-lstm", "--seeds", "1", *SMALL]) == 0
    printed = capsys.readouterr().out
    assert "One training of each" in printed
    assert (in_folder / "runs/compare-sentences-rnn-sentences-lstm/comparison.json").is_file()


def test_datasets_as_text_and_json(capsys):
    assert main(["datasets"]) == 0
    assert "built in" in capsys.readouterr().out
    assert main(["datasets", "--json"]) == 0
    assert {row["name"] for row in json.loads(capsys.readouterr().out)} == {
        "imdb",
        "sentences",
        "capitals",
        "dates",
        "digits",
        "mnist",
        "moving-digits",
        "multi30k",
        "cmudict",
        "docstrings",
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "imdb-lsmt"], "Did you mean imdb-lstm"),
        (["run", __file__], "is no recipe. To train a model on a file: unspool train"),
        (["run", "imdb-lstm", "--set", "model.unit=3"], "Did you mean model.units"),
        (["run", "imdb-lstm", "--data", "nowhere"], "nowhere"),
        (["report", "nowhere"], "There is no folder nowhere"),
        (["compare", "imdb-lstm"], "at least two"),
    ],
)
def test_a_users_error_is_one_line_and_exit_code_1(arguments, message, in_folder, capsys):
    assert main(arguments) == 1
    told = capsys.readouterr().err
    assert message in told
    assert "Traceback" not in told
    assert list(in_folder.glob("runs/*")) == []


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("run", "the following arguments are required: RECIPE. See unspool run --help."),
        ("fly", "there is no command 'fly'. Choose from train, inspect, predict, "),
        ("traim a.csv", "there is no command 'traim'. Did you mean train? See unspool --help."),
        ("train a.csv --task binry", "--task: there is no 'binry'. Did you mean binary? See unspool train --help."),
        (
            "run a --protocol kind",
            "--protocol: there is no 'kind'. Choose from honest, chapter. See unspool run --help.",
        ),
        ("train a.csv --lable x", "train has no option --lable. Did you mean --label? See unspool train --help."),
        ("predict run a.csv --force", "predict has no option --force. See unspool predict --help."),
        ("train a.csv --force", "train has no option --force. See unspool train --help."),
        ("train a.csv --label", "--label needs a value. See unspool train --help."),
        ("train my reviews.csv", "train takes no further argument 'reviews.csv'. Put a name with spaces into quotes."),
        ("train a.csv --budget soon", "--budget: 'soon' is not a time such as 90s, 5m or 2h."),
        ("train a.csv --budget 0s", "--budget: '0s' is not a time such as 90s, 5m or 2h."),
        ("train a.csv --seed -1", "--seed: '-1' is not a seed: a whole number from 0 to 4294967295."),
        ("run a --seed x", "--seed: 'x' is not a seed: a whole number from 0 to 4294967295."),
        ("serve a --port 80x", "--port: 80x is not a port: it must lie between 0 and 65535."),
        ("serve a --port 65536", "--port: 65536 is not a port"),
        (
            "train a.csv --horizon 14d",
            "--horizon: '14d' has a unit; give a number of steps, each as long as in the file",
        ),
        ("train a.csv --model nb-words --streaming", "--streaming: not allowed with argument --model"),
        ("run a --set data.maxlen 9", "--set: expected TABLE.KEY=VALUE, as in --set model.units=64, not data.maxlen."),
        ("compare a --seeds 0", "--seeds: '0' is not a whole number from 1 on."),
        ("train a.csv \x1b[31m", "train takes no further argument '\\x1b[31m'."),
    ],
)
def test_a_wrong_command_line_is_one_line_and_exit_code_2(command, message, capsys):
    assert main(command.split()) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(f"unspool: {message}")
    assert told.err.count("\n") == 1


@pytest.mark.soak
@pytest.mark.parametrize(
    ("number", "code", "word"), [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")]
)
def test_a_signal_has_its_own_exit_code_and_leaves_what_was_trained(number, code, word, in_folder):
    setting = "training.early_stopping_patience=999"
    command = [sys.executable, "-m", "unspool.cli", "run", "sentences-rnn", "--set", setting]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as child:
        for line in child.stderr:
            if line.startswith("epoch 2/"):
                break
        child.send_signal(number)
        began = time.monotonic()
        rest = child.stderr.read()
        assert child.wait(timeout=300) == code, rest
    assert time.monotonic() - began < 30  # it ends an epoch and saves, and does no more
    *_, kept, last = rest.splitlines()
    assert kept == "the training so far is saved. To continue: unspool resume runs/sentences-rnn"
    assert last == f"unspool: {word}"
    assert "Traceback" not in rest
    assert [path.name for path in in_folder.glob("runs/*")] == ["sentences-rnn.partial"]


def test_a_run_that_was_interrupted_is_resumed_and_replayed(in_folder, capsys, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("unspool.runs.run.write_report", lambda *arguments: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            main(["run", "sentences-rnn", *SMALL])
    assert main(["run", "sentences-rnn", "--set", "model.cell=none"]) == 1
    capsys.readouterr()
    assert main(["resume", "runs/sentences-rnn.partial"]) == 0
    assert "report: runs/sentences-rnn/report.html" in capsys.readouterr().out
    assert main(["replay", "runs/sentences-rnn"]) == 0
    assert capsys.readouterr().out == "equal: 10 arrays of weights, after the only epoch\n"
    digests = in_folder / "runs/sentences-rnn/digests.json"
    digests.write_text(json.dumps(json.loads(digests.read_text()) | {"epochs": [["0"] * 10]}))
    assert main(["replay", "runs/sentences-rnn"]) == 3
    assert capsys.readouterr().out.startswith("not equal: they first differ in epoch 1, in ")
    assert main(["replay", "runs/sentences-rnn", "--json"]) == 3
    assert json.loads(capsys.readouterr().out)["equal"] is False


@pytest.mark.parametrize(
    "command",
    [
        "compare one other --out c.html",
        "run imdb-lstm --out c.html",
        "train a.csv --out c.HTML",
        "search a.csv --over model.units=2..4 --out c.json",
        "pull ada/reviews --out c.html",
    ],
)
def test_a_folder_to_write_is_not_named_as_a_file(command, in_folder, capsys):
    assert main(command.split()) == 2
    complaint = capsys.readouterr().err
    assert f"--out: {command.split()[-1]} looks like the name of a file, but this command writes a folder" in complaint
    assert "such as c. See unspool" in complaint


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("predict run a.csv --out=~/run/b.csv", "which holds the files of its run only"),
        ("export run --out=~/b.unspool", "b.unspool is a folder"),
        ("export run --html=~/b.html", "b.html is a folder"),
        ("export run --onnx=~/no/b.onnx", "there is no folder HOME/no."),
        ("encode run a.npy --out=~/b.npy", "b.npy is a folder"),
        ("generate run --out=~/b.png", "b.png is a folder"),
        ("export run --out=~nobody-here/b.unspool", "the home folder of that user is not known"),
    ],
)
def test_a_tilde_after_an_equals_sign_is_the_home_folder(command, message, in_folder, monkeypatch, capsys):
    monkeypatch.setenv("HOME", str(in_folder))
    for name in ("run", "b.unspool", "b.html", "b.npy", "b.png"):
        Path(name).mkdir()
    for name in ("run/recipe.toml", "run/metrics.json", "a.csv", "a.npy"):
        Path(name).write_text("")
    assert main(command.split()) != 0
    assert message.replace("HOME", str(in_folder)) in capsys.readouterr().err


def test_a_folder_that_is_there_may_have_any_name(in_folder):
    assert folder_to_write("runs/reviews.v2") == Path("runs/reviews.v2")
    Path("c.html").mkdir()
    assert folder_to_write("c.html") == Path("c.html")


def test_a_run_is_named_after_a_compressed_table(in_folder):
    rows = "".join(f'{{"text": "{("good", "bad")[n % 2]} film {n}", "label": {n % 2}}}\n' for n in range(40))
    (in_folder / "films.jsonl.gz").write_bytes(gzip.compress(rows.encode()))
    assert main(["train", "films.jsonl.gz", "--model", "nb-words", "--set", "evaluation.resamples=100"]) == 0
    assert (in_folder / "runs/films/recipe.toml").is_file()


def test_a_name_that_is_taken_is_told_once_the_file_is_read(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs" / "films").mkdir(parents=True)
    (tmp_path / "films.csv").write_text("text,label\na fine film,good\n")
    assert main(["train", "films.csv"]) == 1
    assert "is taken" not in capsys.readouterr().err
    with pytest.raises(UserError):
        unspool.train("films.csv")
    assert "is taken" not in capsys.readouterr().err

    def refuses_later(*_, say, **__):
        say("films.csv: one text")
        raise UserError("too few")

    monkeypatch.setattr("unspool.runs.run.train", refuses_later)
    assert main(["train", "films.csv"]) == 1
    told = capsys.readouterr().err
    assert told.index("runs/films is taken: this run will be in runs/films-2") < told.index("films.csv: one text")
