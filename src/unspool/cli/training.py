"""Commands that read a person's file: train and inspect."""

import argparse
import shlex
from difflib import get_close_matches
from itertools import chain
from typing import Any

from unspool.cli.file_options import add_file_options, file_of, refuse_reading_options
from unspool.cli.options import (
    add_command,
    add_json,
    add_settings,
    add_track,
    command_of,
    duration,
    folder_to_write,
    training_examples_at,
)
from unspool.cli.output import say, tell_all
from unspool.cli.results import show_result
from unspool.cli.runs import free_out
from unspool.errors import UserError


def add_commands(commands: Any) -> None:
    """Add train and inspect."""
    _add_train(commands)
    _add_inspect(commands)


def _add_train(commands: Any) -> None:
    parser = add_command(
        commands,
        "train",
        _train,
        "train a model on your file",
        "Reads labelled texts or series, shows what it finds, compares several models by cross-validation, takes the "
        "best, and scores it beside simple baselines on examples it has not seen. Writes a folder with everything "
        "needed to use the model. FILE is CSV, TSV, JSON, Parquet or a folder of texts by class; for series also "
        ".npz or .ts; for translation also a text file with one text a line (see --target). The task is read from the "
        "labels: binary, multiclass, multilabel, regression, or tagging if each token or step has a label. --source "
        "and --target ask for a translation, --horizon for a forecast. After Ctrl-C or a crash, `unspool resume` "
        "continues where it stopped.",
        "examples:\n"
        "  unspool train reviews.csv\n"
        "  unspool train reviews.csv --text review --label sentiment --out models/reviews\n"
        "  unspool train train.csv --validation valid.csv --test test.csv\n"
        "  unspool train reviews.csv --text title,body --numeric price,age --categorical brand\n"
        "  unspool train aclImdb --set model.layers=1 --set model.units=32    with an LSTM\n"
        "  unspool train reviews.csv --unlabelled more.csv --budget 2h    with a language model\n"
        "  unspool train readings.npz                    series, see docs/your-series.md\n"
        "  unspool train names.conll                     a tag for each token, see docs/tagging.md\n"
        "  unspool train pairs.csv --source en --target de    translation, see docs/translation.md\n"
        "  unspool train train.en --target train.de --test test.en --test-target test.de    two files, line by line\n"
        "  unspool train papers.csv --source text --target abstract --task summary    docs/sequence-to-sequence.md\n"
        "  unspool train words.csv --source word --target phonemes --task pronunciation\n"
        "  unspool train films.npz --task captions       a text for each series, see docs/sequence-to-sequence.md\n"
        "  unspool train energy.csv --time t --series id --horizon 24    forecasting, see docs/forecasting.md\n"
        "  unspool train reviews.csv --label stars --task regression",
        usage="FILE [options]",
        file=training_examples_at,
        test=training_examples_at,
        validation=training_examples_at,
        unlabelled=training_examples_at,
    )
    add_file_options(parser)
    _add_choice_of_model(parser)
    parser.add_argument(
        "--out", type=folder_to_write, metavar="FOLDER", help="the folder to write (default: runs/FILE)"
    )
    add_track(parser)
    add_settings(parser, "a setting of model, training or evaluation")
    add_json(parser)


def _add_choice_of_model(parser: argparse.ArgumentParser) -> None:
    model = parser.add_mutually_exclusive_group()
    model.add_argument(
        "--model",
        default="auto",
        metavar="NAME",
        help="auto compares several by cross-validation and takes the best (default); network trains a neural network; "
        "or the name of one model, such as nb-words for texts or convolution for series (see docs/choosing.md)",
    )
    model.add_argument(
        "--streaming",
        dest="model",
        action="store_const",
        const="streaming",
        help="for series: train a network that answers after each step, for unspool serve and unspool-runtime",
    )
    parser.add_argument(
        "--budget",
        type=duration,
        metavar="TIME",
        help="time such as 90s, 5m or 2h for the comparison (default: 5m) or, where only a network is trained, as for "
        "translation, for its training (default: no limit); in a comparison, 15m or more also "
        "tries a language model for texts, and recurrent networks even for fewer than 2,000 series; "
        "with --model NAME, only language models and, except for forecasts, networks have one",
    )


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
        validation=training_examples_at,
        unlabelled=training_examples_at,
    )
    add_file_options(parser, "; or the folder of a model")
    add_settings(parser, "a setting of how the file is read, such as --set data.test_fraction=0.3")


def _train(options: argparse.Namespace) -> None:
    from unspool.data.tables.compression import stem_of

    _refuse_unknown_model(options.model, options.task or ("forecasting" if options.horizon else None))
    data = file_of(options)
    from unspool.runs.records.folder import Announcing

    announcing = Announcing(say)
    out = free_out(options, stem_of(options.file.resolve()), announcing.note)
    from unspool.runs.run import train

    result = train(
        data,
        out,
        changes=options.settings,
        seed=options.seed,
        command=command_of(options),
        show=announcing,
        say=announcing,
        model=options.model,
        budget="auto" if options.budget is None else options.budget,
        track=options.track,
    )
    show_result(result, out, options.json)


def _refuse_unknown_model(name: str, task: str | None) -> None:
    """Refuse unknown names of models; whether a model suits the file is checked once that is read."""
    from unspool.candidates.titles import TITLES, network_hint

    known = dict.fromkeys(("auto", "network", "streaming", *TITLES))
    if name in known:
        return
    models = "The models"
    if task is not None:
        from unspool.candidates import candidate_names

        of_task = (candidate_names(kind, task) for kind in ("text", "series", "forecast"))
        known, models = dict.fromkeys(("auto", "network", *chain(*of_task))), f"The models for {task}"
    near = get_close_matches(name, known, n=1)
    names = ", ".join(shlex.quote(one) for one in known if one != "streaming")
    hint = f"Did you mean {shlex.quote(near[0])}?" if near else f"{models} are {names}; not all suit every file."
    raise UserError(f"--model {name}: there is no such model. {hint}{network_hint(name)}")


def _inspect(options: argparse.Namespace) -> None:
    from unspool.runs.records.folder import RECIPE

    if (options.file / RECIPE).is_file():
        from unspool.runs.description import described

        because = f"{options.file} is the folder of a model, not a file"
        if options.settings:
            raise UserError(f"--set has no effect: {because}. Leave it out.")
        refuse_reading_options(options, because, seed=0)
        tell_all(described(options.file))
        return
    for change in options.settings:
        if not change.startswith(("data.", "training.seed")):
            raise UserError(
                f"{change.partition('=')[0]} has no effect: inspect only reads the file. It takes settings of data, "
                "such as data.test_fraction=0.3."
            )
    from unspool.runs.recipes.file import changed_data

    data, seed = changed_data(file_of(options), options.settings, options.seed)
    from unspool.runs.reading.read_file import read_file

    tell_all(read_file(data, seed).seen)
