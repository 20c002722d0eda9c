"""The options that say which file of examples is read, and how."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from unspool.cli.options import add_on_error, number, positive, seed, steps
from unspool.errors import UserError

if TYPE_CHECKING:
    from unspool.runs.recipes.recipe import FileSettings

_TASKS = (
    *("binary", "multiclass", "multilabel", "regression", "reconstruction", "tagging", "translation", "pronunciation"),
    *("summary", "captions", "forecasting"),
)
_COLUMNS = {
    "text": "the column to read, or several, such as title,body (default: found by name and content)",
    "label": "the column to predict (default: found by name and content), or several columns of 1 and 0, "
    "one for each label, such as toxic,threat; or, for forecasts, several columns of numbers, one per series, such as "
    "a,b or 'shop_*'",
    "group": "rows with the same value, such as one author's, all go to training, to validation or to the test (not "
    "where parts are drawn by time or given by --split, --validation or --test)",
    "time": "for texts: the newest rows are held out; for series: the order of the steps; for forecasts: their time; "
    "several columns, such as year,month or date,time, are joined",
    "newest": "for series: when each was recorded, by its latest row (may be --time): the newest are held out",
    "id": "a name of each row: one that comes twice is an error",
    "split": "a column that says train, validation or test",
    "series": "the column that identifies the series, in a table with a row for each time step, or the text, in one "
    "with a row for each token; or several, as in "
    "person,trial or store,item",
    "source": "the column to read",
}
_SEVERAL = ("numeric", "categorical", "channels", "known_ahead")
_FILES = ("test", "test_target", "validation", "validation_target", "unlabelled")
_OTHERS = (
    "target",
    "resample",
    "dates",
    "horizon",
    "season",
    "fill",
    "aggregate",
    "task",
    "tokenizer",
    "size",
    "length",
    "on_error",
)


def add_file_options(parser: argparse.ArgumentParser, what: str = "") -> None:
    """Add the file itself, the seed and how the file is read."""
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
    _add_contents(parser.add_argument_group("what the file holds"))
    _add_parts(parser.add_argument_group("training, validation and test (default: drawn at random)"))
    _add_series(parser.add_argument_group("series and forecasts"))
    _add_pairs(parser.add_argument_group("translation, pronunciation and summaries"))
    _add_tokens(parser.add_argument_group("neural networks"))


def _add_contents(group: "argparse._ArgumentGroup") -> None:
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
        help="unlabelled texts: a table, a folder, or a text file with one text a line; document vectors and language "
        "models learn from them, too",
    )


def _add_parts(group: "argparse._ArgumentGroup") -> None:
    _add_columns(group, "split", "group", "time", "newest")
    group.add_argument(
        "--dates",
        choices=("day-first", "month-first"),
        metavar="ORDER",
        help="day-first or month-first: how to read dates such as 1/2/2026 (default: as others in the column show)",
    )
    group.add_argument(
        "--test", metavar="FILE", help="the test examples: a file of the same kind, with the same columns or channels"
    )
    group.add_argument(
        "--validation",
        metavar="FILE",
        help="the validation examples, likewise: networks stop early by them; where several models are compared, they "
        "join the training examples in the cross-validation, and the chosen model learns from both",
    )


def _add_series(group: "argparse._ArgumentGroup") -> None:
    _add_columns(group, "series")
    group.add_argument(
        "--channels",
        metavar="COLUMN,...",
        help="the columns with the numbers, or with lists of them (default: all others)",
    )
    group.add_argument(
        "--resample",
        metavar="INTERVAL",
        help="for series with a time for each step: resample to even steps, such as 10s (default: steps as they are)",
    )
    group.add_argument("--horizon", type=steps, metavar="N", help="forecast so many steps")
    group.add_argument("--season", type=positive, metavar="N", help="steps of a season (default: from the times)")
    group.add_argument(
        "--fill",
        type=number,
        metavar="VALUE",
        help="for forecasts: the target's value at steps without a row, such as 0 if days without a sale have no row "
        "(default: interpolate)",
    )
    group.add_argument(
        "--aggregate",
        choices=("sum", "mean", "count"),
        metavar="HOW",
        help="for forecasts: combine a series' rows that have the same time, or lie in the same --resample interval: "
        "sum or mean of the target, mean of covariates; count forecasts how many rows there are, such as calls a day "
        "(default: rows with the same time are refused)",
    )
    group.add_argument(
        "--known-ahead",
        metavar="COLUMN,...",
        help="covariates that are known for the forecast steps too (default: known until now)",
    )


def _add_pairs(group: "argparse._ArgumentGroup") -> None:
    _add_columns(group, "source")
    group.add_argument(
        "--target",
        metavar="COLUMN|FILE",
        help="the column with the answers; or, if FILE has one text a line, such as train.en, the file with the "
        "answers in the same order, such as train.de",
    )
    group.add_argument(
        "--test-target", metavar="FILE", help="the answers to --test, if that is a file with one text a line"
    )
    group.add_argument("--validation-target", metavar="FILE", help="the same for --validation")


def _add_tokens(group: "argparse._ArgumentGroup") -> None:
    group.add_argument(
        "--tokenizer", choices=("words", "bpe"), default="words", help="default: words; for pairs always bpe"
    )
    group.add_argument("--size", type=positive, metavar="N", help="tokens in the vocabulary (default: from the data)")
    group.add_argument("--length", type=positive, metavar="N", help="tokens read of a text (default: from the data)")


def refuse_reading_options(options: argparse.Namespace, because: str, **others: Any) -> None:
    """Refuse the options that say how a file is read, where no file is read.

    Args:
        options: of a command.
        because: why they have no effect.
        **others: defaults of more options that are refused.

    Raises:
        UserError: one of them is not its default.
    """
    parser = argparse.ArgumentParser(add_help=False)
    add_reading_options(parser)
    for name, default in (vars(parser.parse_args([])) | others).items():
        if getattr(options, name) != default:
            raise UserError(f"--{name.replace('_', '-')} has no effect: {because}. Leave it out.")


def _add_columns(group: "argparse._ArgumentGroup", *names: str) -> None:
    for name in names:
        group.add_argument(f"--{name}", metavar="COLUMN", help=_COLUMNS[name])


def file_of(options: argparse.Namespace) -> "FileSettings":
    """The file that options name, and how they say that it is read, once these are known to fit the file's header."""
    from unspool.runs.reading.named_columns import refuse_missing_columns
    from unspool.runs.recipes.file import changed_data, file_settings, with_absolute_paths

    given = file_settings(
        path=str(options.file),
        kind="auto",
        **{name: _names(getattr(options, name)) for name in _SEVERAL},
        **{name: getattr(options, name) for name in (*_COLUMNS, *_FILES, *_OTHERS)},
    )
    found = with_absolute_paths(given)
    refuse_missing_columns(changed_data(found, options.settings, seed=0)[0])
    return found


def _names(columns: str | None) -> tuple[str, ...] | None:
    return tuple(columns.split(",")) if columns else None
