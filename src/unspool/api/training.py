"""Train a model, search its settings, or only inspect the data."""

from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from inspect import signature
from numbers import Integral, Real
from pathlib import Path
from typing import Any, Literal

from unspool import terminal
from unspool.api.arguments import as_call, as_changes, as_ranges, settings_of
from unspool.api.data import Data, PathLikeOrStr, naming_as_given
from unspool.api.run import Run
from unspool.data.tables.compression import stem_of
from unspool.errors import UserError
from unspool.files import expanded
from unspool.runs.reading.read_file import read_file
from unspool.runs.recipes.defaults import Budget
from unspool.runs.recipes.file import changed_data, is_recipe
from unspool.runs.records import folder as run_folder
from unspool.runs.run import train as train_file

_NAME = "data"


def train(
    data: Data,
    *,
    label: str | Sequence[Any] | None = None,
    task: str | None = None,
    out: PathLikeOrStr | None = None,
    name: str = _NAME,
    settings: Mapping[str, Any] | Iterable[str] = (),
    seed: int = 0,
    model: str = "auto",
    budget: Budget = "auto",
    verbose: bool = True,
    **columns: Any,
) -> Run:
    """Train a model on labelled examples, evaluate it beside baselines, and save it in a folder.

    Args:
        data: the path of a file (see `unspool train --help`); a data frame of pandas, polars or another library; a list
            of texts, or of lists of tokens; an array (N, T, C) or a list of arrays (T_i, C) of series; to forecast one
            series, also a column of pandas or polars (a `Series`), with its times in the index.
        label: the column to predict, or several columns of 1 and 0, one for each label (as a list or "a,b"); to
            forecast, several columns of numbers are each a series (also as a pattern, "shop_*"); or, if `data` is a
            list or an array, its N labels (of tagging N lists, of translation N texts); None finds the column. Labels
            are predicted as texts, such as "1" for 1, numbers of a regression as numbers.
        task: "binary", "multiclass", "multilabel", "regression", "reconstruction", "tagging", "translation",
            "pronunciation", "summary", "captions" or "forecasting"; None infers it from the labels, from `source` and
            `target` (translation), or from `horizon`.
        out: the folder to write; None creates one in `runs`.
        name: the name of the run and its folder, for data that is not a file.
        settings: changes to the recipe, such as {"model.units": 32} or ["model.units=32"].
        seed: for the parts, the weights, the batches and dropout.
        model: "auto" compares several by cross-validation and takes the best; "network" trains a neural network;
            "streaming" one that reads series step by step; or the name of a candidate.
        budget: seconds for the comparison of models, or for the training where there is only one network, as for
            translation; None has no limit; "auto" is 300 for a comparison, and no limit for a network. 900 or more also
            tries a language model for texts, and recurrent networks for series.
        verbose: whether to print progress.
        **columns: text=, source=, target=, group=, time=, newest=, dates=, id=, split=, series=, channels=, resample=,
            test=, test_target=, validation=, validation_target=, tokenizer=, size=, length=, on_error=, unlabelled=,
            numeric=, categorical=, horizon=, season=, fill=, aggregate=, known_ahead=, as the options of
            `unspool train` of these names; text, time, series, numeric, categorical and known_ahead may also be lists
            of columns, unlabelled a list of texts or a data frame. test and validation may also be data frames or
            tuples of examples and labels; if `data` is a list or an array, group and split may be N values, and so may
            newest (for series) or time (for texts), which say when each was recorded or written.

    Returns:
        The run: its `verdict`, its `report`, its `model`.

    Raises:
        UserError: the data cannot be used, a setting is wrong, or the folder exists.

    Example:
        >>> import tempfile, unspool
        >>> films = [f"a {'fine' if n % 2 else 'dull'} film of {n} scenes" for n in range(60)]
        >>> moods = ["good" if n % 2 else "bad" for n in range(60)]
        >>> out = tempfile.mkdtemp() + "/films"
        >>> run = unspool.train(films, label=moods, out=out, settings={"training.epochs": 4}, verbose=False)
        >>> run.predict(["a fine film", "a dull film"])
        ['good', 'bad']
    """
    changes = as_changes(settings)
    _check_numbers(None if budget == "auto" else budget, seed)
    file = settings_of(data, label, task, name, columns, signature(train).parameters)
    say = run_folder.Announcing(terminal.say if verbose else _silent)
    stem = stem_of(Path(file.path))
    folder = expanded(out) if out is not None else run_folder.free_folder(Path("runs"), stem, say.note)
    asked = {
        argument: value for argument, value in {"label": label, "task": task, **columns}.items() if value is not None
    }
    asked |= {"name": name} if name != _NAME else {}
    asked |= {"model": model} if model != "auto" else {}
    asked |= {"budget": budget} if budget != "auto" else {}
    call = as_call(data, file, asked | {"seed": seed, "settings": changes})
    shown = "auto" if verbose else 0
    with naming_as_given(file.path):
        train_file(
            file,
            folder,
            changes=changes,
            seed=seed,
            command=call,
            show=say,
            say=say,
            verbose=shown,
            model=model,
            budget=budget,
        )
    return Run(folder)


def search(
    data: Data,
    over: Mapping[str, Any] | Iterable[str],
    *,
    label: str | Sequence[Any] | None = None,
    task: str | None = None,
    out: PathLikeOrStr | None = None,
    name: str = _NAME,
    settings: Mapping[str, Any] | Iterable[str] = (),
    seed: int | None = None,
    trials: int = 20,
    budget: float | None = None,
    storage: str | None = None,
    sampler: Literal["tpe", "random", "qmc"] = "tpe",
    pruner: Literal["halving", "median", "none"] = "halving",
    verbose: bool = True,
    **columns: Any,
) -> Run:
    """Search the settings of a network for labelled examples, or of a recipe, for the lowest validation loss.

    The winner alone is scored on the test set, once. Called again with the same arguments, a search that was
    interrupted resumes; called in several processes, they share the trials. Needs the extra `search`.

    Args:
        data: as `train` takes it; or the name of a recipe, or the path of one.
        over: what to vary, as in ["model.units=16..256:log", "model.cell=lstm,gru"]; of a mapping, each value is either
            such a text or a list, as in {"model.units": "16..256:log", "model.cell": ["lstm", "gru"]}.
        label: see `train`, as all that is not named here.
        task: see `train`.
        out: the search's folder; None takes `runs/NAME-search`.
        name: see `train`.
        settings: changes of every trial.
        seed: of the parts, the weights, the batches, the dropout and the proposals; None is 0, or that of the recipe.
        trials: how many, those of all processes together.
        budget: seconds; None has no limit.
        storage: the URL of a database for the trials; None keeps them in the folder.
        sampler: how values are proposed.
        pruner: which trials are ended early.
        verbose: whether to print a line for each trial.
        **columns: see `train`.

    Returns:
        The winner's run; beside its folder lie search.html, with all trials, and trials.csv.

    Raises:
        UserError: an argument, a range or a setting is wrong, the data cannot be used, the folder holds another search
            or one of other data, no trial was trained to its end, Optuna is not installed, or other processes are not
            done yet: the last one judges.

    Example:
        >>> import tempfile, unspool
        >>> films = [f"a {'fine' if n % 2 else 'dull'} film of {n} scenes" for n in range(60)]
        >>> moods = ["good" if n % 2 else "bad" for n in range(60)]
        >>> out, settings = tempfile.mkdtemp() + "/films", {"training.epochs": 2}
        >>> run = unspool.search(
        ...     films, {"model.embedding": "4..16"}, label=moods, out=out, settings=settings, trials=2, verbose=False
        ... )
        >>> run.folder.name
        'winner'
    """
    if find_spec("optuna") is None:
        raise UserError("unspool.search needs Optuna: pip install 'unspool[search]'.")
    _check_numbers(budget, 0 if seed is None else seed)
    from unspool.runs.search.searching import search as search_settings
    from unspool.runs.search.subject import OfFile, OfRecipe, Subject

    changes, say = as_changes(settings), terminal.say if verbose else _silent
    subject: Subject
    if isinstance(data, str) and is_recipe(data):
        subject = OfRecipe(data, changes if seed is None else [*changes, f"training.seed={seed}"])
    else:
        file = settings_of(data, label, task, name, columns, signature(search).parameters)
        subject = OfFile(file, changes, seed or 0)
    place = expanded(out) if out is not None else Path("runs") / f"{subject.name}-search"
    found = search_settings(
        subject,
        as_ranges(over),
        place,
        trials=trials,
        budget=budget,
        storage=storage,
        sampler=sampler,
        pruner=pruner,
        say=say,
    )
    if found.result is None:
        raise UserError(f"{place}: other processes still train trials; the last one judges the winner.")
    return Run(place / "winner")


def inspect(
    data: Data, *, label: str | Sequence[Any] | None = None, task: str | None = None, seed: int = 0, **columns: Any
) -> str:
    """Describe labelled data, and what `train` would do about each finding; takes the arguments of `train`."""
    file = settings_of(data, label, task, _NAME, columns, signature(inspect).parameters)
    asked, parts_seed = changed_data(file, (), seed)
    with naming_as_given(file.path):
        return read_file(asked, parts_seed).seen


def _check_numbers(budget: Any, seed: Any) -> None:
    """Refuse a budget that is no number of seconds, and a seed that is no whole number.

    Raises:
        UserError: one is not.
    """
    if budget is not None and (isinstance(budget, bool) or not isinstance(budget, Real) or not float(budget) > 0):
        raise UserError(f"budget is {budget!r}. Give seconds, as in budget=300, or None for no limit.")
    if isinstance(seed, bool) or not isinstance(seed, Integral) or seed < 0:
        raise UserError(f"seed is {seed!r}. Give a whole number of at least 0.")


def _silent(line: str) -> None:
    pass
