"""Commands that use a trained model on a file: predict and evaluate."""

import argparse
import sys
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from unspool import terminal
from unspool.cli.options import (
    add_command,
    add_json,
    add_on_error,
    examples_at,
    file_to_write,
    model_at,
    penalty,
    positive,
    seed,
)
from unspool.cli.output import print_json, print_prose, print_table, say, table, tell
from unspool.cli.results import score_rows
from unspool.errors import UserError

if TYPE_CHECKING:
    from unspool.runs.predict_written import Asked
    from unspool.runs.predicted import Predicted


def add_commands(commands: Any) -> None:
    """Add predict and evaluate."""
    _add_predict(commands)
    _add_evaluate(commands)


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
        "  unspool predict runs/reviews new.csv --out scored.jsonl --attributions --on-error skip\n"
        "  unspool predict runs/translator new.csv --best 5",
        model=model_at,
        file=examples_at,
    )
    parser.add_argument("model", type=Path, metavar="MODEL", help="the folder of a trained model")
    parser.add_argument(
        "file",
        type=Path,
        metavar="FILE",
        help="a table, a folder of texts, a text file with one text a line, a .conll file, or a .npz file",
    )
    parser.add_argument(
        "--out",
        type=file_to_write,
        metavar="FILE",
        help="the file to write: CSV, TSV, JSON lines or Parquet (default: print CSV, or JSON lines with --json)",
    )
    parser.add_argument("--text", metavar="COLUMN", help="the column that is read (default: as in training)")
    parser.add_argument(
        "--attributions",
        action="store_true",
        help="write how much each word speaks for the prediction, and how exact that is (for text models)",
    )
    _add_search(parser)
    parser.add_argument(
        "--check",
        action="store_true",
        help="first make sure that its predictions are consistent (see unspool check)",
    )
    add_on_error(parser)
    parser.add_argument("--json", action="store_true", help="print JSON lines; with --out, counts as JSON")
    _add_written(parser)


def _add_evaluate(commands: Any) -> None:
    parser = add_command(
        commands,
        "evaluate",
        _evaluate,
        "score a trained model on a labelled file",
        "Scores a model on a file that it has not seen, with 95% intervals. Examples that it was trained on are "
        "recognised and left out.",
        "examples:\n"
        "  unspool evaluate runs/reviews new.csv --label stars\n"
        "  unspool evaluate runs/translator new.en --target new.de",
        model=model_at,
        file=examples_at,
    )
    parser.add_argument("model", type=Path, metavar="MODEL", help="the folder of a trained model")
    parser.add_argument(
        "file",
        type=Path,
        metavar="FILE",
        help="a labelled table, a folder of texts by class, or a .npz file; for translation also a text file, one "
        "text a line",
    )
    parser.add_argument("--text", metavar="COLUMN", help="the column that is read (default: as in training)")
    parser.add_argument(
        "--label",
        "--target",
        dest="label",
        metavar="COLUMN|FILE",
        help="the column with the true labels (default: as in training); or, if FILE has one text a line, the file "
        "with the translations",
    )
    parser.add_argument(
        "--include-seen", action="store_true", help="score examples that the model was trained on as well"
    )
    _add_search(parser)
    add_on_error(parser)
    add_json(parser)


def _add_search(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--beam",
        type=positive,
        metavar="N",
        help="for translation: the width of the beam search; 1 is greedy (default: from the recipe)",
    )
    parser.add_argument(
        "--length-penalty",
        type=penalty,
        metavar="X",
        help="for translation with a beam: 0 prefers short texts, more prefers longer ones (default: from the recipe)",
    )


def _add_written(parser: argparse.ArgumentParser) -> None:
    """Add the options for models that write texts."""
    group = parser.add_argument_group("models that write texts (translations, pronunciations, summaries, captions)")
    group.add_argument(
        "--best",
        type=positive,
        metavar="N",
        help="write the N best texts, a row for each, with scores; widens a narrower beam",
    )
    group.add_argument(
        "--score",
        metavar="COLUMN",
        help="write how probable the texts in this column are, as a whole and per token, instead of predictions",
    )
    group.add_argument(
        "--temperature",
        type=float,
        metavar="T",
        help="sample each token instead of searching; 1 uses the model's probabilities, less gives more probable texts",
    )
    group.add_argument("--top-k", type=positive, metavar="K", help="sample only from the K most probable tokens")
    group.add_argument(
        "--top-p", type=float, metavar="P", help="sample only from the most probable tokens that together reach P"
    )
    group.add_argument("--seed", type=seed, metavar="N", help="seed for sampling (default: 0)")


def _asked(options: argparse.Namespace) -> "Asked | None":
    """What a model that writes texts is asked for; None for plain predictions.

    Raises:
        UserError: options do not go together.
    """
    found = {f"--{name}": getattr(options, name) for name in ("best", "score", "temperature")}
    given = [name for name, value in found.items() if value is not None]
    searched = [name for name in ("beam", "length_penalty") if getattr(options, name) is not None]
    drawn = [name for name in ("top_k", "top_p", "seed") if getattr(options, name) is not None]
    if len(given) > 1:
        raise UserError(f"{given[0]} and {given[1]} cannot be combined. Give one of them.")
    if drawn and options.temperature is None:
        raise UserError(f"{_option(drawn[0])} is for sampling. Give --temperature, too.")
    if not given:
        return None
    if options.attributions:
        raise UserError(
            f"{given[0]} and --attributions cannot be combined: they are for different models. Leave one out."
        )
    if searched and options.best is None:
        raise UserError(f"{_option(searched[0])} has no effect: {given[0]} does not search. Leave it out.")
    from unspool.runs.predict_written import Best, Drawn, Scored
    from unspool.tasks.written_texts import refuse_count, sampling

    if options.best is not None:
        refuse_count(options.best, options.beam)
        return Best(options.best, options.beam, options.length_penalty)
    if options.score is not None:
        return Scored(options.score)
    top_p = 1.0 if options.top_p is None else options.top_p
    return Drawn(sampling(options.temperature, options.top_k or 0, top_p, options.seed or 0))


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _predict(options: argparse.Namespace) -> None:
    from unspool.data.tables.formats import CSV, JSON_LINES
    from unspool.data.tables.writing import Printed, check_out
    from unspool.files import refuse_inside
    from unspool.progress import silenced
    from unspool.runs.reading.named_columns import refuse_missing_columns_of

    if options.out is not None:
        check_out(options.out, options.file)
        refuse_inside(options.out, options.model)
    for words in refuse_missing_columns_of(options.model, options.file, options.text, score=options.score):
        say(f"{options.file}: {words}")
    asked = _asked(options)
    from unspool.runs.model import load_trained, reader_of
    from unspool.runs.predict_file import predict_file
    from unspool.runs.predict_written import predict_written

    printed = Printed(terminal.for_data(sys.stdout), JSON_LINES if options.json else CSV)
    with silenced() if options.out is None and sys.stdout.isatty() else nullcontext():
        model = load_trained(options.model, check=options.check)
        reader, out = reader_of(model, options.model), options.out or printed
        if asked is not None:
            found = predict_written(
                model, reader, options.file, out, asked, text=options.text, on_error=options.on_error
            )
        else:
            found = predict_file(
                model,
                reader,
                options.file,
                out,
                text=options.text,
                attributions=options.attributions,
                on_error=options.on_error,
                beam=options.beam,
                length_penalty=options.length_penalty,
            )
    for note in found.notes:
        say(f"{options.file}: {note}.")
    if options.out is None:
        if found.left_out:
            say(_rows_predicted(found))
    elif options.json:
        print_json(asdict(found) | {"out": str(options.out)})
    else:
        tell(f"{options.out}: {_rows_predicted(found)}")
        from unspool.evaluation.wording import percent

        total = sum(found.predictions.values())
        for label, count in found.predictions.items():
            tell(f"  {label}  {count:,} ({percent(count / total)})")


def _evaluate(options: argparse.Namespace) -> None:
    from unspool.runs.reading.named_columns import refuse_missing_columns_of

    for words in refuse_missing_columns_of(options.model, options.file, options.text, options.label):
        say(f"{options.file}: {words}")
    from unspool.runs.evaluate_file import evaluate_file
    from unspool.runs.model import load_trained, reader_of
    from unspool.runs.records.seen import load_seen

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
        length_penalty=options.length_penalty,
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
