"""Choose a model of texts, of series or of forecasts: candidates are compared, and the best is fitted."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.candidates import forecasts as of_forecasts
from unspool.candidates import series as of_series
from unspool.candidates import texts as of_texts
from unspool.candidates.held_out import parted_groups, windows
from unspool.candidates.raw_model import Outputs, RawModel, as_scored
from unspool.candidates.registry import Kind, baselines, candidate_names, candidate_title
from unspool.candidates.series.choice import BLEND, PARTNERS, PARTNERS_OF_NUMBERS
from unspool.candidates.texts import targets as text_targets
from unspool.candidates.texts.arithmetic import ARITHMETIC
from unspool.candidates.titles import title_of
from unspool.errors import UserError


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


@dataclass(frozen=True, eq=False)
class Alternative:
    """A candidate that was compared and can be a baseline, whether it was taken or not.

    Attributes:
        rows: as a `Choice` has them.
        held_out: of this candidate, as a `Choice` has it of the one that was taken.
        seconds: that it has taken so far: the comparison, and the fit if `fit` gives a model that is fitted already.
        fit: fits it to all training examples.
    """

    rows: NDArray[np.int64] = field(repr=False)
    held_out: Outputs = field(repr=False)
    seconds: float
    fit: Callable[[], RawModel] = field(repr=False)


Heard = Callable[[Tried], None]
"""Gets each candidate as soon as it is known what became of it."""


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
        alternatives: candidates of texts or series that were compared and can be baselines, by name; also the one that
            was taken.
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
    alternatives: Mapping[str, Alternative] = field(default_factory=dict, repr=False)


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
            what = "texts" if kind == "text" else "series"
            raise UserError(f"There is no model {name!r} of {what}. There are {', '.join(known)}.")
    how: dict[str, Any] = {"seed": seed, "groups": groups, "times": times, "tell": tell, "heard": heard}
    how["budget"] = math.inf if budget is None else budget
    if kind == "text":
        how |= {"classes": classes, "unlabelled": unlabelled, "work": work, "saves": saves}
        return _choose_texts(examples, targets, task, names, **how)
    return _choose_series(examples, targets, task, names, **how)


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

    def as_tried(one: of_forecasts.ForecastTried) -> Tried:
        return Tried(one.name, one.score, one.seconds, one.note, title_of(one.name, "forecasting"))

    found = of_forecasts.choose(
        training,
        names,
        more=more,
        budget=math.inf if budget is None else budget,
        seed=seed,
        tell=tell,
        heard=lambda one: heard(as_tried(one)),
    )
    rows = len(training.histories) + np.arange(len(training.windows))
    return Choice(
        RawModel("forecast", found.name, "forecasting", found.forecaster),
        tuple(map(as_tried, found.tried)),
        rows,
        found.held_out,
        by_time=True,
        points={one.name: one.points for one in found.tried if one.points is not None},
        why=found.why,
    )


def compare_baselines(
    names: Sequence[str],
    kind: Kind,
    examples: Sequence[Any],
    targets: NDArray[Any],
    task: Any,
    *,
    classes: int,
    seed: int = 0,
    groups: NDArray[np.int64] | None = None,
    times: NDArray[np.float64] | None = None,
) -> dict[str, Alternative]:
    """Cross-validate simple models as `choose` does, by name; those that cannot serve for such examples are left out.

    Models of texts are fitted to all of them only when asked for.
    """
    how: dict[str, Any] = {"seed": seed, "groups": groups, "times": times}
    if kind == "text":
        candidates = [of_texts.CANDIDATES[name] for name in names]
        compared = of_texts.compare(examples, targets, task, candidates, classes=classes, **how)
        return {name: _alternative(name, task, compared[name]) for name in names}
    found: dict[str, Alternative] = {}
    for name in names:
        if of_series.candidate_named(name).serves(examples, task):
            continue
        found |= _choose_series(examples, targets, task, [name], **how).alternatives
    return found


def _same(model: RawModel) -> RawModel:
    return model


def _choose_texts(
    texts: Sequence[str],
    targets: NDArray[Any],
    task: Any,
    names: Sequence[str],
    *,
    budget: float = math.inf,
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
        return Tried(one.name, one.right, one.seconds, "", title, None if ARITHMETIC[task].numbers else one.loss)

    found = of_texts.choose(
        texts,
        targets,
        task,
        [of_texts.CANDIDATES[name] for name in names],
        budget=budget,
        groups=groups,
        times=times,
        heard=lambda one: heard(as_tried(one)),
        **more,
    )
    rows = np.flatnonzero(~np.isnan(found.held_out).any(axis=1))
    alternatives = {
        name: _alternative(name, task, one)
        for name, one in found.compared.items()
        if name in baselines("text", task, side=beside)
    }
    return Choice(
        RawModel("text", found.taken, task, found.model),
        tuple(map(as_tried, found.tried)),
        rows,
        text_targets.outputs(found.held_out[rows], task),
        by_time=bool(windows(targets, task, groups, times)),
        unlabelled=found.unlabelled,
        work=found.work,
        why=found.why,
        alternatives=alternatives,
    )


def _alternative(name: str, task: Any, compared: of_texts.Compared) -> Alternative:
    said = text_targets.outputs(compared.scores, task)
    return Alternative(compared.rows, said, compared.seconds, partial(_fitted, name, task, compared.fit))


def _fitted(name: str, task: str, fit: Callable[[], of_texts.FittedTexts]) -> RawModel:
    return RawModel("text", name, task, fit())


def _choose_series(
    series: Sequence[NDArray[np.float32]],
    targets: NDArray[Any],
    task: Any,
    names: Sequence[str],
    *,
    seed: int,
    budget: float = math.inf,
    groups: NDArray[np.int64] | None,
    times: NDArray[np.float64] | None,
    heard: Heard = lambda tried: None,
    **more: Any,
) -> Choice:
    tried: list[Tried] = []
    alternatives: dict[str, Alternative] = {}

    def hear(one: of_series.Tried) -> None:
        loss = None if ARITHMETIC[task].numbers else one.loss
        tried.append(Tried(one.name, one.score, one.seconds, one.skipped, title_of(one.name, task), loss))
        heard(tried[-1])
        if one.kept is not None and one.name in baselines("series", task):
            same = partial(_same, RawModel("series", one.name, task, one.kept))
            alternatives[one.name] = Alternative(*_of_held_out(one.held_out, task), one.seconds, same)

    alone = [name for name in names if name != BLEND]
    partners = PARTNERS_OF_NUMBERS if ARITHMETIC[task].numbers else PARTNERS
    in_time = windows(targets, task, groups, times)
    found = of_series.choose(
        list(series),
        targets,
        task,
        candidates=[of_series.candidate_named(name) for name in alone or partners],
        seed=seed,
        budget=budget,
        parts=in_time or parted_groups(targets, task, seed, groups),
        heard=hear,
        **more,
    )
    rows, said = _of_held_out(found.held_out, task)
    return Choice(
        RawModel("series", found.name, task, found.model),
        tuple(tried),
        rows,
        said,
        by_time=bool(in_time),
        why=found.why,
        alternatives=alternatives,
    )


def _of_held_out(outputs: Outputs, task: str) -> tuple[NDArray[np.int64], Outputs]:
    """The rows of the series with held-out predictions, and these predictions as the task scores them."""
    rows = np.flatnonzero(~np.isnan(outputs).any(axis=1))
    return rows, as_scored(outputs[rows], task)
