"""Commands for people's own files: train, inspect, predict, evaluate."""

import argparse
import shlex
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from unspool.cli.options import add_command, add_json, add_settings, positive, seed
from unspool.cli.output import console, print_json, say, table
from unspool.cli.runs import score_rows, show_result

if TYPE_CHECKING:
    from unspool.experiment.own.recipe import OwnFile

_TASKS = ("binary", "multiclass", "multilabel", "regression")
_COLUMNS = {
    "text": "the column that is read (default: found by name and content)",
    "label": "the column that is predicted (default: found by name and content)",
    "group": "rows with the same value stay together when parts are drawn, unless by time",
    "time": "of texts: the newest rows are held out; of series: the order of the steps",
    "newest": "of series: when each was recorded, by its latest row (may be --time): the newest are held out",
    "id": "a column whose values must not recur",
    "split": "a column that says train, validation or test",
    "series": "the column that tells series apart, in a table with a row for each time step",
}


def add_commands(commands: Any) -> None:
    """Add train, inspect, predict and evaluate."""
    _add_train(commands)
    _add_inspect(commands)
    _add_predict(commands)
    _add_evaluate(commands)


def _add_train(commands: Any) -> None:
    parser = add_command(
        commands,
        "train",
        _train,
        "train a model on a file of your own",
        "Reads labelled texts (CSV, TSV, JSON lines, Parquet, or a folder of texts by class) or series (.npz, or a "
        "table with a row for each time step), says what it sees, trains a model, judges it beside simple ones on "
        "examples it has not seen, and writes a folder with all that is needed to use it. After Ctrl-C or a crash "
        "`unspool resume` goes on to the same bits. The task is read from the labels: one of two, one of several, "
        "several at once, or a number.",
        "examples:\n"
        "  unspool train reviews.csv\n"
        "  unspool train reviews.csv --text review --label sentiment --out models/reviews\n"
        "  unspool train aclImdb --set model.layers=1 --set model.units=32    with an LSTM\n"
        "  unspool train readings.npz                    series, see docs/your-series.md\n"
        "  unspool train reviews.csv --label stars --task regression",
    )
    _add_file_options(parser)
    parser.add_argument("--test", metavar="FILE", help="a table with the test examples, in columns of the same names")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="the folder to write (default: runs/FILE)")
    add_settings(parser, "a setting of model, training or evaluation")
    add_json(parser)


def _add_inspect(commands: Any) -> None:
    parser = add_command(
        commands,
        "inspect",
        _inspect,
        "what is in a file, or in a model's folder",
        "Of a file: rows, labels, lengths, vocabulary, copies between the parts, and what train will do about each. "
        "Of a model's folder: what it reads, what it answers, how it was made and how good it is.",
        "examples:\n  unspool inspect reviews.csv\n  unspool inspect runs/reviews",
    )
    _add_file_options(parser)


def _add_predict(commands: Any) -> None:
    parser = add_command(
        commands,
        "predict",
        _predict,
        "what a trained model says of a file",
        "Writes the file's columns with the prediction and its probability beside them. The output appears whole or "
        "not at all; memory does not grow with the file.",
        "examples:\n"
        "  unspool predict runs/reviews new.csv --out scored.csv\n"
        "  unspool predict runs/reviews new.csv --out scored.jsonl --attributions --on-error skip",
    )
    parser.add_argument("model", type=Path, metavar="MODEL", help="the folder that train wrote")
    parser.add_argument("file", type=Path, metavar="FILE", help="a table, a folder of texts, or a .npz file")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="CSV, TSV, JSON lines or Parquet")
    parser.add_argument("--text", metavar="COLUMN", help="the column that is read (default: as in training)")
    parser.add_argument(
        "--attributions",
        action="store_true",
        help="write how much each token speaks for the prediction (integrated gradients), and the error in that",
    )
    parser.add_argument(
        "--check", action="store_true", help="refuse a model that does not answer alike however it is asked (seconds)"
    )
    add_on_error(parser)
    add_json(parser)


def _add_evaluate(commands: Any) -> None:
    parser = add_command(
        commands,
        "evaluate",
        _evaluate,
        "how good a trained model is on a labelled file",
        "Scores a model on a file that it has not seen, with 95% intervals.",
        "example:\n  unspool evaluate runs/reviews new.csv --label stars",
    )
    parser.add_argument("model", type=Path, metavar="MODEL", help="the folder that train wrote")
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="a labelled table, a folder of texts by class, or a .npz file"
    )
    parser.add_argument("--text", metavar="COLUMN", help="the column that is read (default: as in training)")
    parser.add_argument("--label", metavar="COLUMN", help="the column with the truth (default: as in training)")
    add_on_error(parser)
    add_json(parser)


def _add_file_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="a table, a folder of texts by class, or a .npz file")
    for name, meaning in _COLUMNS.items():
        parser.add_argument(f"--{name}", metavar="COLUMN", help=meaning)
    parser.add_argument("--channels", metavar="COLUMN,...", help="the columns with the numbers (default: all others)")
    parser.add_argument("--task", choices=_TASKS, help="what is predicted (default: read from the labels)")
    parser.add_argument("--tokenizer", choices=("words", "bpe"), default="words", help="default: words")
    parser.add_argument("--size", type=positive, metavar="N", help="of the vocabulary (default: chosen from the data)")
    parser.add_argument("--length", type=positive, metavar="N", help="tokens or steps read (default: from the data)")
    parser.add_argument("--seed", type=seed, default=0, metavar="N", help="of parts, weights, batches (default: 0)")
    add_on_error(parser)


def add_on_error(parser: argparse.ArgumentParser) -> None:
    """Add --on-error."""
    parser.add_argument(
        "--on-error",
        choices=("stop", "skip"),
        default="stop",
        help="at a row that cannot be used: stop (default), or skip it and count it",
    )


def _file(options: argparse.Namespace) -> "OwnFile":
    from unspool.experiment.own.examples import kind_of
    from unspool.experiment.own.recipe import OwnFile

    channels = tuple(options.channels.split(",")) if options.channels else None
    return OwnFile(
        path=str(options.file),
        test=getattr(options, "test", None),
        kind=kind_of(options.file, options.series, channels),
        channels=channels,
        task=options.task,
        tokenizer=options.tokenizer,
        size=options.size,
        length=options.length,
        on_error=options.on_error,
        **{name: getattr(options, name) for name in _COLUMNS},
    )


def _train(options: argparse.Namespace) -> None:
    from unspool.experiment import folder

    data = _file(options)
    runs, name = Path("runs"), options.file.resolve().stem
    out = options.out or folder.free_folder(runs, name)
    if not options.out and folder.is_unfinished(runs / name):
        say(f"{runs / name} is not finished; to go on with it: unspool resume {runs / name}")
    from unspool.experiment.own.training import train_file

    result = train_file(
        data,
        out,
        changes=options.settings,
        seed=options.seed,
        command=shlex.join(["unspool", *sys.argv[1:]]),
        show=say,
        say=say,
    )
    show_result(result, out, options.json)


def _inspect(options: argparse.Namespace) -> None:
    from unspool.data.inspection_text import describe
    from unspool.experiment.own.examples import inspected, read_file
    from unspool.experiment.own.model import is_own_model

    if is_own_model(options.file):
        from unspool.experiment.own.description import described

        print(described(options.file), end="")
        return
    data = _file(options)
    print(describe(inspected(read_file(data, options.seed), data)), end="")


def _predict(options: argparse.Namespace) -> None:
    from unspool.experiment.own.prediction import check_out

    check_out(options.out)
    from unspool.experiment.own.model import load_own_model
    from unspool.experiment.own.prediction import predict_file

    found = predict_file(
        load_own_model(options.model, check=options.check),
        options.file,
        options.out,
        text=options.text,
        attributions=options.attributions,
        on_error=options.on_error,
    )
    if options.json:
        print_json(asdict(found) | {"out": str(found.out)})
        return
    print(f"{found.out}: {found.rows:,} rows with predictions{_and_left_out(found.left_out)}")
    for label, count in found.predictions.items():
        print(f"  {label}  {count:,} ({count / found.rows:.1%})")


def _evaluate(options: argparse.Namespace) -> None:
    from unspool.experiment.own.evaluation import evaluate_file
    from unspool.experiment.own.model import load_own_model

    found = evaluate_file(
        load_own_model(options.model),
        options.file,
        text=options.text,
        label=options.label,
        on_error=options.on_error,
    )
    if options.json:
        print_json(asdict(found))
        return
    rows = table(f"{options.file.name}, {found.rows:,} examples{_and_left_out(found.left_out)}", "", options.model.name)
    for row in score_rows(found.task, [found.scores]):
        rows.add_row(*row)
    printer = console()
    printer.print(rows)
    for note in found.notes:
        printer.print(note, soft_wrap=True)


def _and_left_out(left_out: dict[str, int]) -> str:
    return "".join(f"; left out: {count:,} with {reason}" for reason, count in left_out.items())
