"""Commands that make a model from a file, and those that use any model: train, inspect, predict, evaluate."""

import argparse
import shlex
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from unspool.cli.options import (
    add_command,
    add_json,
    add_settings,
    add_track,
    duration,
    examples_at,
    model_at,
    positive,
    seed,
    training_examples_at,
)
from unspool.cli.output import console, print_json, print_table, say, table, tell, tell_all
from unspool.cli.runs import score_rows, show_result
from unspool.errors import UserError

if TYPE_CHECKING:
    from unspool.runs.recipe import FileSettings

_TASKS = (
    *("binary", "multiclass", "multilabel", "regression", "reconstruction", "tagging", "translation", "pronunciation"),
    *("summary", "captions", "forecasting"),
)
_COLUMNS = {
    "text": "the column to read, or several, such as title,body (default: found by name and content)",
    "label": "the column to predict (default: found by name and content)",
    "source": "for translation, pronunciation or summary: the column to read",
    "target": "for translation, pronunciation or summary: the column with the answers",
    "group": "rows with the same value stay in one part, unless parts are drawn by time",
    "time": "for texts: the newest rows are held out; for series: the order of the steps; for forecasts: their time",
    "newest": "for series: when each was recorded, by its latest row (may be --time): the newest are held out",
    "id": "a column whose values must all be different",
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
        "train a model on your file",
        "Reads labelled texts (CSV, TSV, JSON lines, Parquet, or a folder of texts by class) or series (.npz, .ts, or "
        "a table with a row for each series or for each time step), shows what it finds, compares several models by "
        "cross-validation and takes the best, scores it beside simple baselines on examples it has not seen, and "
        "writes a folder with everything needed to use it. After Ctrl-C or a crash, `unspool resume` continues a "
        "network's training to the same bits. The task is read from the labels: binary, multiclass, multilabel, "
        "regression, or tagging if each token or step has a label. With --source and --target, it is translation "
        "(or the pronunciation or summary of --task); with --horizon, forecasting. --task captions writes a text for "
        "each series.",
        "examples:\n"
        "  unspool train reviews.csv\n"
        "  unspool train reviews.csv --text review --label sentiment --out models/reviews\n"
        "  unspool train reviews.csv --text title,body --numeric price,age --categorical brand\n"
        "  unspool train aclImdb --set model.layers=1 --set model.units=32    with an LSTM\n"
        "  unspool train reviews.csv --unlabelled more.csv --budget 2h    with a language model\n"
        "  unspool train readings.npz                    series, see docs/your-series.md\n"
        "  unspool train names.conll                     a tag for each token, see docs/tagging.md\n"
        "  unspool train pairs.csv --source en --target de    translation, see docs/translation.md\n"
        "  unspool train papers.csv --source text --target abstract --task summary    docs/sequence-to-sequence.md\n"
        "  unspool train words.csv --source word --target phonemes --task pronunciation\n"
        "  unspool train films.npz --task captions       a text for each series, see docs/sequence-to-sequence.md\n"
        "  unspool train energy.csv --time t --series id --horizon 24    forecasting, see docs/forecasting.md\n"
        "  unspool train reviews.csv --label stars --task regression",
        file=training_examples_at,
        test=training_examples_at,
        unlabelled=training_examples_at,
    )
    _add_file_options(parser)
    parser.add_argument(
        "--model",
        default="auto",
        metavar="NAME",
        help="auto compares several by cross-validation and takes the best (default); network trains a neural network, "
        "streaming one that reads series step by step; or the name of a model, such as nb-words or convolution",
    )
    parser.add_argument(
        "--streaming",
        dest="model",
        action="store_const",
        const="streaming",
        help="train a network that reads series step by step and answers after each step, for unspool serve and "
        "unspool-runtime; the same as --model streaming",
    )
    parser.add_argument(
        "--budget",
        type=duration,
        default=300.0,
        metavar="TIME",
        help="time for the comparison, such as 90s, 5m or 2h (default: 5m); 15m or more also "
        "tries a language model, for texts",
    )
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="the folder to write (default: runs/FILE)")
    add_track(parser)
    add_settings(parser, "a setting of model, training or evaluation")
    add_json(parser)


def _add_inspect(commands: Any) -> None:
    parser = add_command(
        commands,
        "inspect",
        _inspect,
        "show what is in a file or in a model's folder",
        "For a file: rows, labels, lengths, vocabulary, copies between the parts, and what train will do about each. "
        "For a model's folder: what it reads and predicts, how it was made and how good it is.",
        "examples:\n  unspool inspect reviews.csv\n  unspool inspect runs/reviews",
        file=training_examples_at,
        test=training_examples_at,
        unlabelled=training_examples_at,
    )
    _add_file_options(parser)
    add_settings(parser, "a setting of how the file is read, such as --set data.test_fraction=0.3")


def _add_predict(commands: Any) -> None:
    parser = add_command(
        commands,
        "predict",
        _predict,
        "predict the rows of a file with a trained model",
        "Writes the file's columns with the prediction and its probability beside them. The output appears whole or "
        "not at all; memory does not grow with the file.",
        "examples:\n"
        "  unspool predict runs/reviews new.csv --out scored.csv\n"
        "  unspool predict runs/reviews new.csv --out scored.jsonl --attributions --on-error skip",
        model=model_at,
        file=examples_at,
    )
    parser.add_argument("model", type=Path, metavar="MODEL", help="the folder of a trained model")
    parser.add_argument("file", type=Path, metavar="FILE", help="a table, a folder of texts, or a .npz file")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="CSV, TSV, JSON lines or Parquet")
    parser.add_argument("--text", metavar="COLUMN", help="the column that is read (default: as in training)")
    parser.add_argument(
        "--attributions",
        action="store_true",
        help="write how much each token speaks for the prediction (integrated gradients), and the error in that",
    )
    _add_beam(parser)
    parser.add_argument(
        "--check",
        action="store_true",
        help="first make sure that its predictions are consistent (see unspool check)",
    )
    add_on_error(parser)
    add_json(parser)


def _add_evaluate(commands: Any) -> None:
    parser = add_command(
        commands,
        "evaluate",
        _evaluate,
        "score a trained model on a labelled file",
        "Scores a model on a file that it has not seen, with 95% intervals. Examples that it was trained on are "
        "recognised and left out.",
        "example:\n  unspool evaluate runs/reviews new.csv --label stars",
        model=model_at,
        file=examples_at,
    )
    parser.add_argument("model", type=Path, metavar="MODEL", help="the folder of a trained model")
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="a labelled table, a folder of texts by class, or a .npz file"
    )
    parser.add_argument("--text", metavar="COLUMN", help="the column that is read (default: as in training)")
    parser.add_argument("--label", metavar="COLUMN", help="the column with the truth (default: as in training)")
    parser.add_argument(
        "--include-seen", action="store_true", help="score examples that the model was trained on as well"
    )
    _add_beam(parser)
    add_on_error(parser)
    add_json(parser)


def _add_file_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="a table, a folder of texts by class, or a .npz file")
    add_reading_options(parser)
    parser.add_argument("--seed", type=seed, default=0, metavar="N", help="of parts, weights, batches (default: 0)")


def add_reading_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say how a file is read."""
    for name, meaning in _COLUMNS.items():
        parser.add_argument(f"--{name}", metavar="COLUMN", help=meaning)
    parser.add_argument("--numeric", metavar="COLUMN,...", help="for texts: columns of numbers to read beside the text")
    parser.add_argument(
        "--categorical", metavar="COLUMN,...", help="for texts: columns of categories to read beside the text"
    )
    parser.add_argument("--channels", metavar="COLUMN,...", help="the columns with the numbers (default: all others)")
    parser.add_argument(
        "--test", metavar="FILE", help="the test examples: a file of the same kind, with the same columns or channels"
    )
    parser.add_argument(
        "--unlabelled",
        metavar="FILE",
        help="a table or folder of unlabelled texts: document vectors and language models learn from them, too",
    )
    parser.add_argument(
        "--resample",
        metavar="INTERVAL",
        help="for series with a time for each step: resample to even steps, such as 10s (default: steps as they are)",
    )
    parser.add_argument("--horizon", type=positive, metavar="N", help="for forecasting: how many steps are forecast")
    parser.add_argument(
        "--season", type=positive, metavar="N", help="for forecasting: steps of a season (default: from the times)"
    )
    parser.add_argument(
        "--known-ahead",
        metavar="COLUMN,...",
        help="for forecasting: covariates that are known for the forecast steps too (default: known until now)",
    )
    parser.add_argument("--task", choices=_TASKS, help="what is predicted (default: read from the labels)")
    parser.add_argument("--tokenizer", choices=("words", "bpe"), default="words", help="for networks (default: words)")
    parser.add_argument("--size", type=positive, metavar="N", help="a network's vocabulary (default: from the data)")
    parser.add_argument("--length", type=positive, metavar="N", help="tokens a network reads (default: from the data)")
    add_on_error(parser)


def _add_beam(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--beam",
        type=positive,
        metavar="N",
        help="for translation: the width of the beam search; 1 is greedy (default: from the recipe)",
    )


def add_on_error(parser: argparse.ArgumentParser) -> None:
    """Add --on-error."""
    parser.add_argument(
        "--on-error",
        choices=("stop", "skip"),
        default="stop",
        help="at a row that cannot be used: stop (default), or skip it and count it",
    )


def file_of(options: argparse.Namespace) -> "FileSettings":
    """The file that options name, and how they say that it is read."""
    from unspool.files import expanded
    from unspool.runs.recipe_file import file_settings

    return file_settings(
        path=str(expanded(options.file).absolute()),
        test=_absolute(options.test),
        unlabelled=_absolute(options.unlabelled),
        kind="auto",
        numeric=_names(options.numeric),
        categorical=_names(options.categorical),
        channels=_names(options.channels),
        resample=options.resample,
        horizon=options.horizon,
        season=options.season,
        known_ahead=_names(options.known_ahead),
        task=options.task,
        tokenizer=options.tokenizer,
        size=options.size,
        length=options.length,
        on_error=options.on_error,
        **{name: getattr(options, name) for name in _COLUMNS},
    )


def _names(columns: str | None) -> tuple[str, ...] | None:
    return tuple(columns.split(",")) if columns else None


def _absolute(path: str | None) -> str | None:
    from unspool.files import expanded

    return str(expanded(path).absolute()) if path else None


def _train(options: argparse.Namespace) -> None:
    from unspool.runs import folder

    data = file_of(options)
    runs, name = Path("runs"), options.file.resolve().stem
    out = options.out or folder.free_folder(runs, name)
    if not options.out and folder.is_unfinished(runs / name):
        say(f"{runs / name} is not finished; to continue: unspool resume {runs / name}")
    from unspool.runs.run import train

    result = train(
        data,
        out,
        changes=options.settings,
        seed=options.seed,
        command=shlex.join(["unspool", *sys.argv[1:]]),
        show=say,
        say=say,
        model=options.model,
        budget=options.budget,
        track=options.track,
    )
    show_result(result, out, options.json)


def _inspect(options: argparse.Namespace) -> None:
    from unspool.runs.folder import RECIPE

    if (options.file / RECIPE).is_file():
        from unspool.runs.description import described

        tell_all(described(options.file))
        return
    from unspool.runs.defaults import changed_data
    from unspool.runs.read_file import read_file

    for change in options.settings:
        if not change.startswith(("data.", "training.seed")):
            raise UserError(
                f"{change.partition('=')[0]} has no effect: inspect only reads the file. It takes settings of data, "
                "such as data.test_fraction=0.3."
            )
    data, seed = changed_data(file_of(options), options.settings, options.seed)
    tell_all(read_file(data, seed).seen)


def _predict(options: argparse.Namespace) -> None:
    from unspool.files import refuse_inside
    from unspool.runs.predict_file import check_out

    check_out(options.out, options.file)
    refuse_inside(options.out, options.model)
    from unspool.runs.model import load_trained, reader_of
    from unspool.runs.predict_file import predict_file

    model = load_trained(options.model, check=options.check)
    found = predict_file(
        model,
        reader_of(model, options.model),
        options.file,
        options.out,
        text=options.text,
        attributions=options.attributions,
        on_error=options.on_error,
        beam=options.beam,
    )
    if options.json:
        print_json(asdict(found) | {"out": str(found.out)})
        return
    tell(f"{found.out}: {found.rows:,} rows with predictions{_and_left_out(found.left_out)}")
    total = sum(found.predictions.values())
    for label, count in found.predictions.items():
        tell(f"  {label}  {count:,} ({count / total:.1%})")


def _evaluate(options: argparse.Namespace) -> None:
    from unspool.runs.evaluate_file import evaluate_file
    from unspool.runs.model import load_trained, reader_of
    from unspool.runs.seen import load_seen

    model = load_trained(options.model)
    found = evaluate_file(
        model,
        reader_of(model, options.model),
        options.file,
        text=options.text,
        label=options.label,
        on_error=options.on_error,
        seen=load_seen(options.model),
        include_seen=options.include_seen,
        beam=options.beam,
    )
    if options.json:
        print_json(
            {"rows": found.rows, "seen": found.seen, "left_out": found.left_out, "task": found.task.name}
            | {"scores": asdict(found.scores), "notes": found.notes}
        )
        return
    rows = table(f"{options.file.name}, {found.rows:,} examples{_and_left_out(found.left_out)}", "", options.model.name)
    for row in score_rows(found.task.measures, [found.scores]):
        rows.add_row(*row)
    print_table(rows)
    printer = console()
    for note in found.notes:
        printer.print(note, soft_wrap=True)


def _and_left_out(left_out: dict[str, int]) -> str:
    return "".join(f"; left out: {count:,} with {reason}" for reason, count in left_out.items())
