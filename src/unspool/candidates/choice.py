"""One interface to the candidates of texts and of series: choose, fit, save and load."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from unspool.candidates import forecasts as of_forecasts
from unspool.candidates import series as of_series
from unspool.candidates import texts as of_texts
from unspool.candidates.series.choose import BLEND, PARTNERS
from unspool.candidates.texts import targets as text_targets
from unspool.candidates.texts.folds import folds
from unspool.candidates.titles import title_of, with_columns
from unspool.candidates.windows import Rows, expanding_windows, usable
from unspool.errors import UserError

Kind = Literal["text", "series", "forecast"]
Outputs = NDArray[np.float64]

GROUP_FOLDS = 5
"""Into which series are parted where whole groups are held out."""

_TEXT_BASELINES = ("nb-words", "words+characters")
COLUMNS = ("columns", "column-trees")
"""The models of the columns beside the texts alone."""
FORECAST_NETWORK = "network"
FORECAST_NAMES = (
    *(one.name for one in of_forecasts.CANDIDATES[:-1]),
    FORECAST_NETWORK,
    of_forecasts.CANDIDATES[-1].name,
    of_forecasts.BLEND,
)
"""Models that forecast, in the order of their cost; the network is made where networks are, see `choose_forecaster`."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of a candidate.

    Attributes:
        name: of the candidate.
        score: accuracy (of the decisions, where there are several labels), the root mean squared error, or the MASE of
            a forecast, on training examples that were held out; None if not tried.
        seconds: that it took; 0 where it came from what others had taken.
        note: why it was not tried.
        title: what it is, in words.
        loss: the log loss on the same examples, by which candidates are compared that predict labels; else None.
    """

    name: str
    score: float | None
    seconds: float
    note: str = ""
    title: str = ""
    loss: float | None = None


Heard = Callable[[Tried], None]
"""Gets each candidate as soon as it is known what became of it."""


@dataclass(frozen=True, eq=False)
class RawModel:
    """A fitted candidate.

    Attributes:
        kind: what it reads.
        name: of the candidate.
        task: the name of what it predicts.
        fitted: the model itself.
    """

    kind: Kind
    name: str
    task: str
    fitted: Any = field(repr=False)

    @property
    def title(self) -> str:
        """What it is, in words."""
        title = title_of(self.name, self.task)
        return with_columns(title) if self.reads_side and self.name not in COLUMNS else title

    @property
    def reads_side(self) -> bool:
        """Whether it reads columns beside the texts."""
        return self.kind == "text" and of_texts.has_read_side(self.fitted)

    def outputs(self, examples: Sequence[Any]) -> Outputs:
        """What it says of N raw texts or series (T_i, C): (N,) or (N, K), as the task scores it."""
        found = self.fitted.outputs(list(examples))
        return _of_series(found, self.task) if self.kind == "series" else found

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All that was learned, by name."""
        parts = self.fitted.state() if self.kind == "text" else self.fitted.parts()  # what it is, and its arrays
        arrays: dict[str, NDArray[Any]] = parts[1]
        return arrays

    def save(self, folder: Path) -> None:
        """Write it to a folder: arrays as safetensors, the rest as JSON."""
        if self.kind == "series":
            of_series.save_model(self.fitted, folder)
        else:
            self.fitted.save(folder)


@dataclass(frozen=True, eq=False)
class Choice:
    """What was tried, and the model that was taken.

    Attributes:
        model: fitted to all training examples.
        tried: all candidates, in the order in which they were tried.
        rows: (M,) which training examples the held-out outputs are of.
        held_out: (M,) or (M, K): what fits without an example say of it.
        by_time: whether candidates were compared in the order of time: fitted to earlier ones, scored on later ones.
        unlabelled: how many texts without a label the model has read.
        work: of a language model among those tried, see `LanguageModelTexts`; None where there was none.
        points: what candidates forecast where they were compared, by name.
        why: this model was taken, as in "its log loss is the lowest".
    """

    model: RawModel
    tried: tuple[Tried, ...]
    rows: NDArray[np.int64] = field(repr=False)
    held_out: Outputs = field(repr=False)
    by_time: bool = False
    unlabelled: int = 0
    work: float | None = None
    points: dict[str, Outputs] = field(default_factory=dict, repr=False)
    why: str = ""


def candidate_names(kind: Kind, task: str, *, side: bool = False) -> tuple[str, ...]:
    """The candidates that are compared where nobody names one, in the order of their cost; none for some tasks.

    Args:
        kind: of the examples.
        task: its name.
        side: whether there are columns beside the texts.

    Example:
        >>> "convolution" in candidate_names("series", "multiclass"), candidate_names("series", "multilabel")
        (True, ())
    """
    if kind == "forecast":
        return FORECAST_NAMES if task == "forecasting" else ()
    if task not in ("binary", "multiclass", "regression") and (kind, task) != ("text", "multilabel"):
        return ()
    if kind == "series":
        return (*(one.name for one in sorted(of_series.CANDIDATES, key=lambda one: one.cost)), "blend")
    names = (one.name for one in sorted(of_texts.CANDIDATES.values(), key=lambda one: one.cost))
    return tuple(name for name in names if side or name not in COLUMNS)


def gathered(kind: Kind, examples: Iterable[Any]) -> Sequence[Any]:
    """Raw examples in memory; what several candidates read from texts is then read once."""
    return of_texts.Corpus.of(examples) if kind == "text" else list(examples)


def choose(
    kind: Kind,
    examples: Sequence[Any],
    targets: NDArray[Any],
    task: str,
    names: Sequence[str],
    *,
    classes: int,
    budget: float | None = None,
    seed: int = 0,
    groups: NDArray[np.int64] | None = None,
    times: NDArray[np.float64] | None = None,
    unlabelled: Sequence[str] = (),
    work: float | None = None,
    saves: Path | None = None,
    tell: Callable[[str], None] = lambda line: None,
    heard: Heard = lambda tried: None,
) -> Choice:
    """Compare candidates by cross-validation within the training examples, and fit the best to all of them.

    With times, candidates are fitted to earlier examples and scored on later ones (`windows.expanding_windows`): what
    they are for is to come after all that they were fitted to.

    Args:
        kind: of the examples.
        examples: N raw texts, or series (T_i, C); see `gathered`.
        targets: (N,) or (N, L), as the task scores them.
        task: its name.
        names: of the candidates, see `candidate_names`.
        classes: how many classes there are, where there are some.
        budget: seconds for the comparison; None takes as long as it takes.
        seed: of everything random.
        groups: (N,) examples of one group are held out together, or None.
        times: (N,) when each example was recorded, as numbers that rise; or None.
        unlabelled: texts without a label, which some candidates learn from.
        work: of a language model, as a `Choice` has it, for the same again; None for what suits the budget.
        saves: the folder in which a language model's training is saved meanwhile, and from which it goes on.
        tell: gets what is being done, again and again: which candidate is tried, and more where that takes long.
        heard: gets what became of each candidate, one by one.

    Raises:
        UserError: there is no candidate of a name, or none can serve.
    """
    known = candidate_names(kind, task, side=True)
    for name in names:
        if name not in known:
            raise UserError(f"There is no model {name!r} of {_plural(kind)}. There are {', '.join(known)}.")
    limit = math.inf if budget is None else budget
    if kind == "text":
        more: dict[str, Any] = {"unlabelled": unlabelled, "work": work, "saves": saves}
        more |= {"tell": tell, "heard": heard}
        return _choose_texts(examples, targets, task, names, classes, limit, seed, groups, times, **more)
    return _choose_series(list(examples), targets, task, names, limit, seed, groups, times, tell, heard)


def choose_forecaster(
    training: of_forecasts.Training,
    names: Sequence[str],
    *,
    more: Sequence[of_forecasts.Candidate] = (),
    budget: float | None = None,
    seed: int = 0,
    tell: Callable[[str], None] = lambda line: None,
    heard: Heard = lambda tried: None,
) -> Choice:
    """Compare models that forecast on rolling origins within the training part, and fit the best to all of it.

    The rows of the choice are counted behind the series, one for each forecast that was held out.

    Args:
        training: the series, and the forecasts to compare on.
        names: of the candidates, see `candidate_names`.
        more: candidates that are made elsewhere.
        budget: seconds for the comparison; None takes as long as it takes.
        seed: of everything random.
        tell: gets the candidate that is tried.
        heard: gets what became of each candidate, one by one.

    Raises:
        UserError: there is no candidate of a name, or none can serve.
    """
    limit = math.inf if budget is None else budget
    found = of_forecasts.choose(
        training,
        names,
        more=more,
        budget=limit,
        seed=seed,
        tell=tell,
        heard=lambda one: heard(_of_forecast(one)),
    )
    rows = len(training.histories) + np.arange(len(training.windows))
    return Choice(
        RawModel("forecast", found.name, "forecasting", found.forecaster),
        tuple(map(_of_forecast, found.tried)),
        rows,
        found.held_out,
        by_time=True,
        points={one.name: one.points for one in found.tried if one.points is not None},
        why=found.why,
    )


def _of_forecast(one: of_forecasts.ForecastTried) -> Tried:
    return Tried(one.name, one.score, one.seconds, one.note, title_of(one.name, "forecasting"))


def reads_unlabelled(names: Iterable[str]) -> bool:
    """Tell whether one of these candidates learns from texts without a label.

    Example:
        >>> reads_unlabelled(["nb-words"]), reads_unlabelled(["nb-words", "blend"])
        (False, True)
    """
    found = (of_texts.CANDIDATES.get(name) for name in names)
    return any(one is not None and of_texts.reads_unlabelled(one) for one in found)


def holds_language_model(name: str) -> bool:
    """Tell whether a candidate is a language model or has one as a part: how large it becomes depends on the budget.

    Example:
        >>> holds_language_model("blend-language-model"), holds_language_model("blend")
        (True, False)
    """
    candidate = of_texts.CANDIDATES.get(name)
    parts = candidate.parts if isinstance(candidate, of_texts.BlendTexts) else (candidate,)
    return any(isinstance(part, of_texts.LanguageModelTexts) for part in parts)


def holds_network(name: str) -> bool:
    """Tell whether a candidate is a network or has one as a part, which JAX computes.

    Example:
        >>> holds_network("network"), holds_network("language-model"), holds_network("convolution")
        (True, True, False)
    """
    return name == FORECAST_NETWORK or holds_language_model(name)


def reads_side(names: Iterable[str]) -> bool:
    """Tell whether one of these candidates reads the columns beside the texts.

    Example:
        >>> reads_side(["cnn", "vectors"]), reads_side(["cnn", "nb-words"])
        (False, True)
    """
    found = (of_texts.CANDIDATES.get(name) for name in names)
    return any(one is not None and of_texts.reads_side(one) for one in found)


def baselines(kind: Kind, task: str, *, side: bool = False) -> tuple[str, ...]:
    """The simple models that a person would use instead, by name.

    Args:
        kind: of the examples.
        task: its name.
        side: whether there are columns beside the texts.
    """
    if kind == "forecast":
        return tuple(one.name for one in of_forecasts.BASELINES)
    if not candidate_names(kind, task):
        return ()
    if kind == "series":
        return tuple(one.name for one in of_series.BASELINES)
    return (*_TEXT_BASELINES, *COLUMNS) if side else _TEXT_BASELINES


def fit_baseline(
    name: str,
    kind: Kind,
    examples: Sequence[Any],
    targets: NDArray[Any],
    task: str,
    *,
    classes: int,
    seed: int = 0,
    groups: NDArray[np.int64] | None = None,
    times: NDArray[np.float64] | None = None,
) -> Choice | None:
    """Fit one simple model, and cross-validate it as `choose` does; None where it cannot serve for such examples."""
    if kind == "text":
        return _choose_texts(examples, targets, task, [name], classes, math.inf, seed, groups, times)
    candidate = of_series.candidate_named(name)
    if candidate.serves(examples, task):  # type: ignore[arg-type]
        return None
    return _choose_series(list(examples), targets, task, [name], math.inf, seed, groups, times)


def held_out_parts(
    kind: Kind,
    targets: NDArray[Any],
    task: str,
    *,
    groups: NDArray[np.int64] | None = None,
    times: NDArray[np.float64] | None = None,
) -> list[tuple[Rows, Rows]]:
    """The rows that `fit_baseline` fits to and those that it holds out, in turn; none where it holds out one by one.

    Example:
        >>> [len(held) for _, held in held_out_parts("text", np.arange(20) % 2, "binary")]
        [4, 4, 4, 4, 4]
    """
    if kind == "text":
        return of_texts.splits(targets, task, groups=groups, times=times)  # type: ignore[arg-type]
    return _windows(targets, task, groups, times) or _parted_groups(targets, task, 0, groups)


def load_raw_model(kind: Kind, name: str, task: str, folder: Path) -> RawModel:
    """Read what `RawModel.save` wrote.

    Raises:
        UserError: the folder holds none, or it is damaged.
    """
    if kind == "forecast":
        return RawModel(kind, name, task, of_forecasts.load_forecaster(folder))
    return RawModel(kind, name, task, of_texts.load(folder) if kind == "text" else of_series.load_model(folder))


def candidate_title(name: str, task: str, *, side: bool = False) -> str:
    """What a candidate is, in words; where there are columns beside the texts, with whether it reads them.

    Example:
        >>> candidate_title("vectors", "binary", side=True)
        'document vectors (text alone)'
    """
    title = title_of(name, task)
    if not side or name in COLUMNS:
        return title
    return with_columns(title) if reads_side([name]) else f"{title} (text alone)"


def _plural(kind: Kind) -> str:
    return "texts" if kind == "text" else "series"


def _choose_texts(
    texts: Sequence[str],
    targets: NDArray[Any],
    task: Any,
    names: Sequence[str],
    classes: int,
    budget: float,
    seed: int,
    groups: NDArray[np.int64] | None,
    times: NDArray[np.float64] | None,
    heard: Heard = lambda tried: None,
    **more: Any,
) -> Choice:
    beside = isinstance(texts, of_texts.Corpus) and texts.side() is not None

    def as_tried(one: of_texts.Tried) -> Tried:
        title = candidate_title(one.name, task, side=beside)
        if one.why_not:
            return Tried(one.name, None, one.seconds, one.why_not, title)
        return Tried(one.name, one.right, one.seconds, "", title, None if task == "regression" else one.loss)

    found = of_texts.choose(
        texts,
        targets,
        task,
        [of_texts.CANDIDATES[name] for name in names],
        budget=budget,
        seed=seed,
        classes=classes,
        groups=groups,
        times=times,
        heard=lambda one: heard(as_tried(one)),
        **more,
    )
    rows = np.flatnonzero(~np.isnan(found.held_out).any(axis=1))
    held_out = text_targets.outputs(found.held_out[rows], task)
    by_time = bool(_windows(targets, task, groups, times))
    model = RawModel("text", found.taken, task, found.model)
    tried = tuple(map(as_tried, found.tried))
    return Choice(model, tried, rows, held_out, by_time, found.unlabelled, found.work, why=found.why)


def _choose_series(
    series: list[NDArray[np.float32]],
    targets: NDArray[Any],
    task: Any,
    names: Sequence[str],
    budget: float,
    seed: int,
    groups: NDArray[np.int64] | None,
    times: NDArray[np.float64] | None,
    tell: Callable[[str], None] = lambda line: None,
    heard: Heard = lambda tried: None,
) -> Choice:
    def as_tried(one: of_series.Tried) -> Tried:
        loss = None if task == "regression" else one.loss
        return Tried(one.name, one.score, one.seconds, one.skipped, title_of(one.name, task), loss)

    alone = [name for name in names if name != BLEND]
    single = [of_series.candidate_named(name) for name in alone or PARTNERS]
    windows = _windows(targets, task, groups, times)
    parts = windows or _parted_groups(targets, task, seed, groups)
    found = of_series.choose(
        series,
        targets,
        task,
        candidates=single,
        seed=seed,
        budget=budget,
        parts=parts,
        tell=tell,
        heard=lambda one: heard(as_tried(one)),
    )
    rows = np.flatnonzero(~np.isnan(found.held_out).any(axis=1))
    held_out = _of_series(found.held_out[rows], task)
    tried = tuple(map(as_tried, found.tried))
    return Choice(
        RawModel("series", found.name, task, found.model), tried, rows, held_out, bool(windows), why=found.why
    )


def _windows(
    targets: NDArray[Any], task: str, groups: NDArray[np.int64] | None, times: NDArray[np.float64] | None
) -> list[tuple[Rows, Rows]]:
    """What to learn from and what to hold out in the order of time; nothing without times."""
    labels = targets if task in ("binary", "multiclass") else None
    return [] if times is None else expanding_windows(times, labels=labels, groups=groups)


def _parted_groups(
    targets: NDArray[Any], task: Any, seed: int, groups: NDArray[np.int64] | None
) -> list[tuple[Rows, Rows]]:
    """The same by whole groups; nothing without groups: each example may then be held out by itself."""
    if groups is None:
        return []
    labels = None if task == "regression" else targets
    return usable(folds(targets, task, GROUP_FOLDS, groups=groups, seed=seed), labels)


def _of_series(outputs: Any, task: str) -> Outputs:
    found = np.asarray(outputs, dtype=np.float64)
    wanted = {"binary": 2, "regression": 1}.get(task, found.shape[1])
    if found.shape[1] != wanted:
        raise ValueError(f"it gives {found.shape[1]} numbers for a series, not {wanted}")
    if task == "binary":
        return found[:, 1]
    return found[:, 0] if task == "regression" else found
