"""Commands that make a model from a file, and those that use any model: train, inspect, predict, evaluate."""

import argparse
import shlex
import sys
from contextlib import nullcontext
from dataclasses import asdict
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from unspool import terminal
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
from unspool.cli.output import print_json, print_prose, print_table, say, table, tell, tell_all
from unspool.cli.runs import free_out, score_rows, show_result
from unspool.errors import UserError

if TYPE_CHECKING:
    from unspool.runs.predict_file import Predicted
    from unspool.runs.recipe import FileSettings

_TASKS = (
    *("binary", "multiclass", "multilabel", "regression", "reconstruction", "tagging", "translation", "pronunciation"),
    *("summary", "captions", "forecasting"),
)
_COLUMNS = {
    "text": "the column to read, or several, such as title,body (default: found by name and content)",
    "label": "the column to predict (default: found by name and content)",
    "group": "rows with the same value, such as one author's, all go to training, to validation or to the test (not "
    "where parts are drawn by time)",
    "time": "for texts: the newest rows are held out; for series: the order of the steps; for forecasts: their time",
    "newest": "for series: when each was recorded, by its latest row (may be --time): the newest are held out",
    "id": "a name of each row: one that comes twice is an error",
    "split": "a column that says train, validation or test",
    "series": "the column that tells series apart, in a table with a row for each time step",
    "source": "the column to read",
    "target": "the column with the answers",
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
        "Reads labelled texts or series, shows what it finds, compares several models by cross-validation, takes the "
        "best, and scores it beside simple baselines on examples it has not seen. Writes a folder with everything "
        "needed to use the model. FILE is CSV, TSV, JSON lines, Parquet or a folder of texts by class; for series also "
        ".npz or .ts. The task is read from the labels: binary, multiclass, multilabel, regression, or tagging if each "
        "token or step has a label. --source and --target ask for a translation, --horizon for a forecast. After "
        "Ctrl-C or a crash, `unspool resume` continues a network's training to the same bits.",
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
        usage="FILE [options]",
        file=training_examples_at,
        test=training_examples_at,
        unlabelled=training_examples_at,
    )
    _add_file_options(parser)
    parser.add_argument(
        "--model",
        default="auto",
        metavar="NAME",
        help="auto compares several by cross-validation and takes the best (default); network trains a neural network; "
        "or the name of one model, such as nb-words for texts or convolution for series (see docs/choosing.md)",
    )
    parser.add_argument(
        "--streaming",
        dest="model",
        action="store_const",
        const="streaming",
        help="for series: train a network that answers after each step, for unspool serve and unspool-runtime",
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
        usage="FILE|MODEL [options]",
        file=training_examples_at,
        test=training_examples_at,
        unlabelled=training_examples_at,
    )
    _add_file_options(parser, "; or the folder of a model")
    add_settings(parser, "a setting of how the file is read, such as --set data.test_fraction=0.3")


def _add_predict(commands: Any) -> None:
    parser = add_command(
        commands,
        "predict",
        _predict,
        "predict the rows of a file with a trained model",
        "Prints the file's columns with the prediction and its probability beside them, or writes them to --out, which "
        "appears whole or not at all. Memory does not grow with the file.",
        "examples:\n"
        "  unspool predict runs/reviews new.csv\n"
        "  unspool predict runs/reviews new.csv --out scored.csv\n"
        "  unspool predict runs/reviews new.csv --out scored.jsonl --attributions --on-error skip",
        model=model_at,
        file=examples_at,
    )
    parser.add_argument("model", type=Path, metavar="MODEL", help="the folder of a trained model")
    parser.add_argument("file", type=Path, metavar="FILE", help="a table, a folder of texts, or a .npz file")
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="the file to write: CSV, TSV, JSON lines or Parquet (default: print CSV, or JSON lines with --json)",
    )
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
    parser.add_argument("--json", action="store_true", help="print JSON lines; with --out, counts as JSON")


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


def _add_file_options(parser: argparse.ArgumentParser, what: str = "") -> None:
    parser.add_argument(
        "file", type=Path, metavar="FILE", help=f"a table, a folder of texts by class, a .npz or a .ts file{what}"
    )
    parser.add_argument(
        "--seed", type=seed, default=0, metavar="N", help="for splitting, weights and batches (default: 0)"
    )
    add_reading_options(parser)


def add_reading_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say how a file is read."""
    add_on_error(parser)
    group = parser.add_argument_group("what the file holds")
    _add_columns(group, "text", "label")
    group.add_argument("--task", choices=_TASKS, metavar="TASK", help=f"{', '.join(_TASKS)} (default: by the labels)")
    group.add_argument("--numeric", metavar="COLUMN,...", help="for texts: columns of numbers to read beside the text")
    group.add_argument(
        "--categorical", metavar="COLUMN,...", help="for texts: columns of categories to read beside the text"
    )
    _add_columns(group, "id")
    group.add_argument(
        "--unlabelled",
        metavar="FILE",
        help="a table or folder of unlabelled texts: document vectors and language models learn from them, too",
    )
    group = parser.add_argument_group("training, validation and test (default: drawn at random)")
    _add_columns(group, "split", "group", "time", "newest")
    group.add_argument(
        "--test", metavar="FILE", help="the test examples: a file of the same kind, with the same columns or channels"
    )
    group = parser.add_argument_group("series and forecasts")
    _add_columns(group, "series")
    group.add_argument("--channels", metavar="COLUMN,...", help="the columns with the numbers (default: all others)")
    group.add_argument(
        "--resample",
        metavar="INTERVAL",
        help="for series with a time for each step: resample to even steps, such as 10s (default: steps as they are)",
    )
    group.add_argument("--horizon", type=positive, metavar="N", help="forecast so many steps")
    group.add_argument("--season", type=positive, metavar="N", help="steps of a season (default: from the times)")
    group.add_argument(
        "--known-ahead",
        metavar="COLUMN,...",
        help="covariates that are known for the forecast steps too (default: known until now)",
    )
    group = parser.add_argument_group("translation, pronunciation and summaries")
    _add_columns(group, "source", "target")
    group = parser.add_argument_group("neural networks")
    group.add_argument("--tokenizer", choices=("words", "bpe"), default="words", help="default: words")
    group.add_argument("--size", type=positive, metavar="N", help="tokens in the vocabulary (default: from the data)")
    group.add_argument("--length", type=positive, metavar="N", help="tokens read of a text (default: from the data)")


def _add_columns(group: "argparse._ArgumentGroup", *names: str) -> None:
    for name in names:
        group.add_argument(f"--{name}", metavar="COLUMN", help=_COLUMNS[name])


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
    """The file that options name, and how they say that it is read, once these are known to fit the file's header."""
    from unspool.files import expanded
    from unspool.runs.named_columns import refuse_missing_columns
    from unspool.runs.recipe_file import changed_data, file_settings

    found = file_settings(
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
    refuse_missing_columns(changed_data(found, options.settings, seed=0)[0])
    return found


def _names(columns: str | None) -> tuple[str, ...] | None:
    return tuple(columns.split(",")) if columns else None


def _absolute(path: str | None) -> str | None:
    from unspool.files import expanded

    return str(expanded(path).absolute()) if path else None


def _train(options: argparse.Namespace) -> None:
    _refuse_unknown_model(options.model)
    data = file_of(options)
    out = free_out(options, options.file.resolve().stem)
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


def _refuse_unknown_model(name: str) -> None:
    """Refuse what is no model's name; whether it is one for the file is told when that has been read."""
    from unspool.candidates.titles import TITLES

    known = ("auto", "network", "streaming", *TITLES)
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f"Did you mean {near[0]}? " if near else ""
        raise UserError(f"--model {name}: there is no such model. {hint}See docs/choosing.md for their names.")


def _inspect(options: argparse.Namespace) -> None:
    from unspool.runs.folder import RECIPE

    if (options.file / RECIPE).is_file():
        from unspool.runs.description import described

        tell_all(described(options.file))
        return
    for change in options.settings:
        if not change.startswith(("data.", "training.seed")):
            raise UserError(
                f"{change.partition('=')[0]} has no effect: inspect only reads the file. It takes settings of data, "
                "such as data.test_fraction=0.3."
            )
    from unspool.runs.recipe_file import changed_data

    data, seed = changed_data(file_of(options), options.settings, options.seed)
    from unspool.runs.read_file import read_file

    tell_all(read_file(data, seed).seen)


def _predict(options: argparse.Namespace) -> None:
    from unspool.data.tables.table import CSV, JSON_LINES
    from unspool.data.tables.writing import Printed, check_out
    from unspool.files import refuse_inside
    from unspool.progress import silenced
    from unspool.runs.named_columns import refuse_missing_columns_of

    if options.out is not None:
        check_out(options.out, options.file)
        refuse_inside(options.out, options.model)
    refuse_missing_columns_of(options.model, options.file, options.text)
    from unspool.runs.model import load_trained, reader_of
    from unspool.runs.predict_file import predict_file

    printed = Printed(terminal.for_data(sys.stdout), JSON_LINES if options.json else CSV)
    with silenced() if options.out is None and sys.stdout.isatty() else nullcontext():
        model = load_trained(options.model, check=options.check)
        found = predict_file(
            model,
            reader_of(model, options.model),
            options.file,
            options.out or printed,
            text=options.text,
            attributions=options.attributions,
            on_error=options.on_error,
            beam=options.beam,
        )
    if options.out is None:
        if found.left_out:
            say(_rows_predicted(found))
    elif options.json:
        print_json(asdict(found) | {"out": str(options.out)})
    else:
        tell(f"{options.out}: {_rows_predicted(found)}")
        total = sum(found.predictions.values())
        for label, count in found.predictions.items():
            tell(f"  {label}  {count:,} ({count / total:.1%})")


def _evaluate(options: argparse.Namespace) -> None:
    from unspool.runs.named_columns import refuse_missing_columns_of

    refuse_missing_columns_of(options.model, options.file, options.text, options.label)
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
    for note in found.notes:
        print_prose(note)


def _rows_predicted(found: "Predicted") -> str:
    return f"{found.rows:,} row{'s' * (found.rows != 1)} with predictions{_and_left_out(found.left_out)}"


def _and_left_out(left_out: dict[str, int]) -> str:
    return "".join(f"; left out: {count:,} with {reason}" for reason, count in left_out.items())
