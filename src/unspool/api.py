"""The front door: train, search, load, compare and inspect."""

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from importlib.util import find_spec
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from unspool import terminal
from unspool.data import frames
from unspool.data.columns import require_text
from unspool.data.tables.table import read_table
from unspool.data.texts.line_files import holds_lines
from unspool.data.texts.text_columns import texts_of_cells
from unspool.errors import UserError
from unspool.evaluation.certificate import Certificate
from unspool.evaluation.result import Result, Verdict
from unspool.files import expanded
from unspool.readers import ForecastReader, PairReader, Reader, WordReader, reads_texts
from unspool.runs.checking.check import check as check_folder
from unspool.runs.compare import WrittenComparison, compare_runs
from unspool.runs.evaluate_file import Evaluated, evaluate_file
from unspool.runs.model import TrainedModel, load_trained, reader_of
from unspool.runs.predict_file import forecast_rows, rows_with_cells, table_of_texts
from unspool.runs.reading.model_inputs import read_series_for, side_columns, tagged_texts_for
from unspool.runs.reading.read_file import read_file
from unspool.runs.recipes.file import changed_data, file_settings, recipe_names, with_absolute_paths
from unspool.runs.recipes.recipe import FileSettings, column_read
from unspool.runs.records import folder as run_folder
from unspool.runs.records.record import read_result
from unspool.runs.records.seen import load_seen
from unspool.runs.run import train as train_file
from unspool.tasks import OF_PAIRS
from unspool.tasks.written_texts import ScoredText, WrittenText, sampling

if TYPE_CHECKING:
    from unspool.runs.explanation import Explanation

PathLikeOrStr: TypeAlias = str | PathLike[str]
Data: TypeAlias = Any
"""A path; a data frame of pandas, polars or another library; a list of texts; an array or a list of series."""

_COLUMNS = ("text", "label", "source", "target", "group", "time", "newest", "id", "split", "series")
_SEVERAL = {"channels", "known_ahead", "numeric", "categorical"}


@dataclass(frozen=True, eq=False)
class Model:
    """A trained model, ready to predict.

    Attributes:
        folder: the folder that it was loaded from.
        trained: the network, with its reader and its task.
    """

    folder: Path
    trained: TrainedModel = field(repr=False)

    def predict(
        self,
        data: Data,
        *,
        text: str | None = None,
        beam: int | None = None,
        length_penalty: float | None = None,
    ) -> list[Any]:
        """Predict the label, the labels, the number, the translation or the next values of each example.

        Args:
            data: texts, lists of tokens, or series; or a data frame or the path of a file with a column of them.
            text: the column with the texts; None takes the column of training.
            beam: for translation, the width of the beam search (1 is greedy); None takes it from the recipe.
            length_penalty: of the beam search: 0 prefers short translations, larger numbers prefer longer ones; None
                takes it from the recipe.

        Returns:
            N labels: a name (a text, even if it is a number in the data), a tuple of names (of a tagging model one for
            each token or step), a number, or a translation. Of a forecast a row for each step of each series: its
            series, time, forecast, low and high.

        Raises:
            UserError: an entry is not a text, or not a series with the model's channels; the message says which. Or a
                beam or a length penalty is given to a model that does not translate.
        """
        if isinstance(self._reader, ForecastReader):
            if not _is_path(data) and not frames.is_frame(data):
                raise UserError(
                    "This model forecasts from a table. Give a file or a data frame with a row for each time step."
                )
            path = _as_file(data, None, "data")
            with _naming_as_given(path):
                return [*forecast_rows(self.trained, self._reader, path)]
        trained = self.trained.searching(beam, length_penalty)
        return trained.decide(self._outputs(trained, data, text))[0]

    def translate(
        self,
        data: Data,
        count: int = 1,
        *,
        text: str | None = None,
        beam: int | None = None,
        length_penalty: float | None = None,
    ) -> list[list[WrittenText]]:
        """Give the best translations (or pronunciations, summaries, captions) of each example, with scores.

        Args:
            data: see `predict`.
            count: how many for each, from 1 to 100.
            text: see `predict`.
            beam: how many partial texts the search keeps, from `count` to 100; None takes the model's own beam, or
                `count` if that is larger.
            length_penalty: see `predict`.

        Returns:
            For each example its texts, the best first, each with its `text`, `score`, `log_probability` and whether the
            model `ended` it; fewer than `count` where the model has no more.

        Raises:
            UserError: as for `predict`, the model writes no texts, or a number is out of bounds.
        """
        self.trained.refuse_without_texts()
        return self.trained.translate(self._inputs(data, text), count, beam, length_penalty)

    def sample(
        self,
        data: Data,
        count: int = 1,
        *,
        temperature: float = 1.0,
        top_k: int = 0,
        top_p: float = 1.0,
        seed: int = 0,
        text: str | None = None,
    ) -> list[list[WrittenText]]:
        """Sample translations, or other texts, instead of searching for the best.

        A text depends only on the seed, its source and the position of the source in `data`.

        Args:
            data: see `predict`.
            count: how many for each, from 1 to 100.
            temperature: divides the logits; below 1, probable tokens become more probable; 0 always takes the most
                probable token.
            top_k: sample only from the `top_k` most probable tokens; 0 for all.
            top_p: sample only from the most probable tokens whose probabilities reach this sum (Holtzman et al., 2020).
            seed: of the random numbers, from 0 to 2^32 - 1.
            text: see `predict`.

        Returns:
            For each example its texts, as `translate` gives them, in the order in which they were sampled.

        Raises:
            UserError: as for `translate`.
        """
        self.trained.refuse_without_texts()
        return self.trained.sample(self._inputs(data, text), sampling(temperature, top_k, top_p, seed), count)

    def score_pairs(self, data: Data, targets: Sequence[str], *, text: str | None = None) -> list[ScoredText]:
        """Compute the probability of existing translations, or other texts, under the model (forced decoding).

        Args:
            data: N sources, see `predict`.
            targets: N texts, one for each source; for pronunciations, one pronunciation each.
            text: see `predict`.

        Returns:
            For each pair its `log_probability`, and its `tokens`, each with its own; for pronunciations, by the network
            alone.

        Raises:
            UserError: as for `predict`, the model writes no texts, or there is not one target for each source.
        """
        self.trained.refuse_without_texts()
        return self.trained.score_pairs(self._inputs(data, text), targets)

    def probabilities(self, data: Data, *, text: str | None = None) -> NDArray[np.float64]:
        """The probability of each label, (N, L), in the order of `names`; (N,) numbers for regression.

        Of a tagging model (N, T, L), one row for each token or step, zeros behind the end of each example.

        Raises:
            UserError: the model translates or forecasts, without probabilities.
        """
        if self.trained.task.no_probabilities:
            raise UserError(self.trained.task.no_probabilities)
        outputs = self._outputs(self.trained, data, text)
        binary = outputs.ndim == 1 and len(self.names) == 2
        return np.column_stack([1 - outputs, outputs]) if binary else outputs

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the labels, in the order of the columns of `probabilities`."""
        return self.trained.task.names

    def explain(self, texts: Sequence[str] | Data, *, text: str | None = None) -> "list[Explanation]":
        """Return how much each word or token contributes to the prediction for its text.

        Networks are explained by integrated gradients; the scores of other models are divided among the words.

        Raises:
            UserError: the model does not read texts, or predicts several labels per text.
        """
        reader: Any = self._reader
        from unspool.runs.attributions import attributor_of

        attributor = attributor_of(self.trained, reader)
        inputs = reader.read(self._texts(texts, text))
        return list(attributor.explain(inputs, self.trained.outputs(inputs)))

    def evaluate(
        self,
        data: Data,
        *,
        labels: Sequence[Any] | None = None,
        text: str | None = None,
        label: str | None = None,
        include_seen: bool = False,
        beam: int | None = None,
        length_penalty: float | None = None,
    ) -> Evaluated:
        """Score the model on labelled examples that it was not trained on, with 95% intervals.

        Args:
            data: a path or a data frame with a column of labels; or texts or series, with `labels`.
            labels: N labels, where `data` has none.
            text: the column with the texts; None takes the column of training.
            label: the column with the labels; None takes the column of training.
            include_seen: whether to score examples that the model was trained on too.
            beam: see `predict`.
            length_penalty: see `predict`.

        Raises:
            UserError: the data cannot be used, or the model was trained on all of it; the message says why.
        """
        path = _as_file(data, labels, "data")
        if not _is_path(data) and not frames.is_frame(data):
            text, label = (frames.TEXT if path.suffix == ".jsonl" else None), frames.LABEL
        with _naming_as_given(path):
            return evaluate_file(
                self.trained,
                self._reader,
                path,
                text=text,
                label=label,
                seen=load_seen(self.folder),
                include_seen=include_seen,
                beam=beam,
                length_penalty=length_penalty,
            )

    def check(self) -> Certificate:
        """Check that the model's predictions are consistent, as `unspool check` does."""
        return check_folder(self.folder)

    @property
    def _reader(self) -> Reader:
        return reader_of(self.trained, self.folder)

    def _outputs(self, trained: TrainedModel, data: Data, text: str | None) -> NDArray[np.float64]:
        outputs = trained.outputs(self._inputs(data, text))
        return outputs if _is_path(data) or frames.is_frame(data) or len(data) else outputs[:0]

    def _inputs(self, data: Data, text: str | None) -> Any:
        """The examples as the model takes them; of no series at all one."""
        reader: Any = self._reader
        _refuse_no_data(data)
        if isinstance(reader, WordReader):
            path = expanded(data) if _is_path(data) else None
            column = text or column_read(self.trained.recipe.data)
            found = tagged_texts_for(self.trained, path, column).texts if path else frames.tokens_of(data, column)
            return reader.read(found)
        if reads_texts(reader):
            return reader.read(self._texts(data, text))
        if _is_path(data) or frames.is_frame(data):
            path = _as_file(data, None, "data")
            with _naming_as_given(path):
                series = read_series_for(self.trained, reader, path, "stop")[1]
            return reader.read_series(series.arrays(np.arange(len(series))))
        given = frames.series_of(data, len(reader.channels))
        for position, one in enumerate(given):
            if np.isnan(one).all():  # so in files, too
                raise UserError(f"Entry {position} (counted from 0) has no numbers.")
        return reader.read_series(given or [np.zeros((1, len(reader.channels)), dtype=np.float32)])

    def _texts(self, data: Data, text: str | None) -> list[str]:
        column, side = text or column_read(self.trained.recipe.data), side_columns(self._reader)
        if not _is_path(data):
            return frames.texts_of(data, column, side)
        path = expanded(data)
        if isinstance(self._reader, PairReader) and holds_lines(path):
            table, name = table_of_texts(self.trained, self._reader, path, text)
        else:
            table, name = read_table(path), column or frames.TEXT
        require_text(table.path, table.columns, name)
        if side:
            side.require(table.path, table.columns)
            return rows_with_cells(table, name, side)
        return frames.texts_of([cell for chunk in table.chunks() for cell in texts_of_cells(chunk.cells, name)], None)


@dataclass(frozen=True, eq=False)
class Run:
    """A finished run.

    Attributes:
        folder: the folder that holds it.
    """

    folder: Path

    @cached_property
    def result(self) -> Result:
        """Everything that the report shows."""
        return read_result(self.folder)

    @property
    def verdict(self) -> Verdict:
        """Whether the model beats the strongest baseline; `print` shows it as a sentence."""
        return self.result.verdict

    @property
    def report(self) -> Path:
        """The path of the report, to open in a browser."""
        return self.folder / run_folder.REPORT

    @cached_property
    def model(self) -> Model:
        """The trained model."""
        return load(self.folder)

    def predict(
        self,
        data: Data,
        *,
        text: str | None = None,
        beam: int | None = None,
        length_penalty: float | None = None,
    ) -> list[Any]:
        """See `Model.predict`."""
        return self.model.predict(data, text=text, beam=beam, length_penalty=length_penalty)

    def __repr__(self) -> str:
        return f"Run({str(self.folder)!r}): {self.verdict.words}"


def train(
    data: Data,
    *,
    label: str | Sequence[Any] | None = None,
    task: str | None = None,
    out: PathLikeOrStr | None = None,
    name: str = "data",
    settings: Mapping[str, Any] | Iterable[str] = (),
    seed: int = 0,
    model: str = "auto",
    budget: float | None = 300.0,
    verbose: bool = True,
    **columns: Any,
) -> Run:
    """Train a model on labelled examples, evaluate it beside baselines, and save it in a folder.

    Args:
        data: the path of a file (see `unspool train --help`); a data frame of pandas, polars or another library; a list
            of texts, or of lists of tokens; an array (N, T, C) or a list of arrays (T_i, C) of series.
        label: the column to predict; or, if `data` is a list or an array, its N labels (of tagging N lists, of
            translation N texts); None finds the column.
        task: "binary", "multiclass", "multilabel", "regression", "reconstruction", "tagging", "translation",
            "pronunciation", "summary", "captions" or "forecasting"; None infers it from the labels, from `source` and
            `target` (translation), or from `horizon`.
        out: the folder to write; None creates one in `runs`.
        name: the name of the run and its folder, for data that is not a file.
        settings: changes to the recipe, such as {"model.units": 32} or ["model.units=32"].
        seed: for the parts, the weights, the batches and dropout.
        model: "auto" compares several by cross-validation and takes the best; "network" trains a neural network;
            "streaming" one that reads series step by step; or the name of a candidate.
        budget: seconds for the comparison of models; None has no limit. For texts, 900 or more also tries a language
            model.
        verbose: whether to print progress.
        **columns: text=, source=, target=, group=, time=, newest=, id=, split=, series=, channels=, resample=, test=,
            test_target=, tokenizer=, size=, length=, on_error=, unlabelled=, numeric=, categorical=, horizon=, season=,
            known_ahead=, as the options of `unspool train` of these names; text, numeric, categorical and known_ahead
            may also be lists of columns, unlabelled a list of texts or a data frame.

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
    changes = _as_changes(settings)
    file = _settings(data, label, task, name, columns)
    say = _say if verbose else _silent
    folder = Path(out) if out is not None else run_folder.free_folder(Path("runs"), Path(file.path).stem, say)
    given = repr(file.path) if _is_path(data) else "data"
    call = f"unspool.train({given}, seed={seed}, settings={changes!r})"
    shown = "auto" if verbose else 0
    with _naming_as_given(file.path):
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
    name: str = "data",
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
    interrupted goes on; called in several processes, they share the trials. Needs the extra `search`.

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
        UserError: a range or a setting is wrong, the data cannot be used, the folder holds another search, no trial was
            trained to its end, Optuna is not installed, or other processes are not done yet: the last one judges.

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
    from unspool.runs.search.searching import search as search_settings
    from unspool.runs.search.subject import OfFile, OfRecipe, Subject

    changes, say = _as_changes(settings), _say if verbose else _silent
    subject: Subject
    if isinstance(data, str) and (data.endswith(".toml") or (data in recipe_names() and not Path(data).exists())):
        subject = OfRecipe(data, changes if seed is None else [*changes, f"training.seed={seed}"])
    else:
        subject = OfFile(_settings(data, label, task, name, columns), changes, seed or 0)
    place = Path(out) if out is not None else Path("runs") / f"{subject.name}-search"
    found = search_settings(
        subject,
        _as_ranges(over),
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


def load(folder: PathLikeOrStr, *, check: bool = False) -> Model:
    """Load a trained model from its folder.

    Args:
        folder: a folder that `train`, `unspool train`, `unspool run` or an estimator's `save` wrote.
        check: whether to check first that its predictions are consistent, which takes seconds.

    Raises:
        UserError: the folder holds no model, a file in it is damaged, or a check fails.
    """
    return Model(Path(folder), load_trained(Path(folder), check=check))


def compare(
    *runs: Run | PathLikeOrStr, seeds: int | None = None, out: PathLikeOrStr | None = None
) -> WrittenComparison:
    """Say whether the difference between finished runs is real.

    Args:
        *runs: two or more runs, or their folders, that were tested on the same examples.
        seeds: None compares the models as they are; a number trains each again with that many seeds.
        out: the folder for comparison.json and the page compare.html; None creates one beside the first run.

    Returns:
        The comparison: `differences`, `words`, and the page's path as `report`; `print` shows them as sentences.

    Raises:
        UserError: they cannot be compared; the message says what differs.
    """
    folders = [run.folder if isinstance(run, Run) else Path(run) for run in runs]
    names = "-".join(folder.resolve().name for folder in folders)
    place = Path(out) if out is not None else folders[0].resolve().parent / f"compare-{names}"
    command = shlex.join(["unspool", "compare", *map(str, folders)])
    return compare_runs(folders, place, seeds=range(seeds) if seeds else None, command=command)


def inspect(
    data: Data, *, label: str | Sequence[Any] | None = None, task: str | None = None, seed: int = 0, **columns: Any
) -> str:
    """Describe labelled data, and what `train` would do about each finding; takes the arguments of `train`."""
    file = _settings(data, label, task, "data", columns)
    asked, parts_seed = changed_data(file, (), seed)
    with _naming_as_given(file.path):
        return read_file(asked, parts_seed).seen


@contextmanager
def _naming_as_given(path: str | Path) -> Iterator[None]:
    """Call data that was in memory by that in an error, not by the file that it was written to."""
    try:
        yield
    except UserError as error:
        error.args = tuple(str(part).replace(str(path), frames.shown_path(path)) for part in error.args)
        raise


def _settings(
    data: Data, label: str | Sequence[Any] | None, task: str | None, name: str, columns: dict[str, Any]
) -> FileSettings:
    labels = None if isinstance(label, str) or label is None else list(label)
    path = _as_file(data, labels, name)
    in_memory = not _is_path(data) and not frames.is_frame(data)
    column = label if isinstance(label, str) else (frames.LABEL if in_memory and path.suffix == ".jsonl" else None)
    known = {
        "test",
        "test_target",
        "unlabelled",
        "tokenizer",
        "size",
        "length",
        "resample",
        "on_error",
        "horizon",
        "season",
    }
    known |= {*_COLUMNS, *_SEVERAL}
    if unknown := columns.keys() - known:
        raise UserError(f"There is no argument {min(unknown)!r}. There are {', '.join(sorted(known))}.")
    given = {key: value for key, value in columns.items() if value is not None}
    for file in {"test", "test_target"} & given.keys():
        if not _is_path(given[file]):
            raise UserError(f"{file} is of type {type(given[file]).__name__}. Give the path of a file.")
        given[file] = str(given[file])
    if "target" in given and _is_path(given["target"]):
        given["target"] = str(given["target"])
    if "text" in given and not isinstance(given["text"], str):
        given["text"] = ",".join(given["text"])
    if "unlabelled" in given:
        given["unlabelled"] = str(_as_file(given["unlabelled"], None, "unlabelled").absolute())
    for several in _SEVERAL & given.keys():
        names = given[several]
        given[several] = (tuple(names.split(",")) if isinstance(names, str) else tuple(names)) or None
    translates = task in OF_PAIRS or "source" in given or "target" in given
    if in_memory and translates and "horizon" not in given:
        column, given = None, {"source": frames.TEXT, "target": frames.LABEL} | given
    return with_absolute_paths(file_settings(path=str(path), kind="auto", label=column, task=task, **given))


def _as_file(data: Data, labels: Sequence[Any] | None, name: str) -> Path:
    _refuse_no_data(data)
    if _is_path(data):
        return expanded(data)
    return frames.kept_frame(data, name) if frames.is_frame(data) else frames.kept_lists(data, labels, name)


def _refuse_no_data(data: Any) -> None:
    if not _is_path(data) and not frames.is_frame(data) and not isinstance(data, Iterable):
        raise UserError(f"There is no data: {data!r} was given. Give a path, a data frame, a list or an array.")


def _is_path(data: Data) -> bool:
    return isinstance(data, str | PathLike)


def _as_changes(settings: Mapping[str, Any] | Iterable[str]) -> list[str]:
    if not isinstance(settings, Mapping):
        return list(settings)
    return [f"{key}={_as_toml(value)}" for key, value in settings.items()]


def _as_ranges(over: Mapping[str, Any] | Iterable[str]) -> list[str]:
    if not isinstance(over, Mapping):
        return list(over)
    return [
        f"{key}={value if isinstance(value, str) else ','.join(map(_as_toml, value))}" for key, value in over.items()
    ]


def _as_toml(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else repr(value) if isinstance(value, float) else str(value)


def _say(line: str) -> None:
    print(terminal.shown(line), flush=True)


def _silent(line: str) -> None:
    pass
