"""Which candidates there are for texts, series and forecasts, and what is known of each by its name."""

from collections.abc import Iterable
from typing import Literal, get_args

from unspool.candidates import forecasts as of_forecasts
from unspool.candidates import series as of_series
from unspool.candidates import texts as of_texts
from unspool.candidates.series.base import Task as TaskOfSeries
from unspool.candidates.tagged import TaggingCandidate
from unspool.candidates.texts.arithmetic import Task as TaskOfTexts
from unspool.candidates.titles import title_of, with_columns

Kind = Literal["text", "series", "forecast"]

_TASKS: dict[Kind, tuple[str, ...]] = {
    "text": get_args(TaskOfTexts),
    "series": get_args(TaskOfSeries),
    "forecast": ("forecasting",),
}

OF_COUNTS = ("counts", "count-trees")
"""Models of counts of n-grams: also baselines, unless there was no time to try them as candidates."""
_TEXT_BASELINES = ("nb-words", "words+characters", *OF_COUNTS)
COLUMNS = ("columns", "column-trees")
"""The models of the columns beside the texts alone."""
NETWORK = "network"
"""A network among other candidates. It is made where networks are, see `choose_forecaster`, `choose_tagger` and
`choose_autoencoder`."""
PCA = "pca"
"""Principal components, which are a linear autoencoder. It is made where networks are, see `choose_autoencoder`."""
WORD_BLEND = "blend-network"
"""The mean of a network and a linear model that both tag words."""
FORECAST_NAMES = (
    *(one.name for one in of_forecasts.CANDIDATES),
    NETWORK,
    of_forecasts.BLEND,
)
"""Models that forecast, in the order of their cost."""


def tagging_candidates(kind: str) -> tuple[TaggingCandidate, ...]:
    """Simple models that tag the steps of series, or the words of texts, in the order of their cost."""
    return of_series.STEP_CANDIDATES if kind == "series" else of_texts.WORD_CANDIDATES


def candidate_names(kind: Kind, task: str, *, side: bool = False) -> tuple[str, ...]:
    """The candidates that are compared by default, in the order of their cost; none for some tasks.

    Args:
        kind: of the examples.
        task: its name.
        side: whether there are columns beside the texts.

    Example:
        >>> "convolution" in candidate_names("series", "multilabel"), candidate_names("series", "translation")
        (True, ())
        >>> candidate_names("series", "tagging")
        ('window-regression', 'window-forest', 'network')
    """
    if task == "tagging":
        both = () if kind == "series" else (WORD_BLEND,)
        return (*(one.name for one in tagging_candidates(kind)), NETWORK, *both)
    if (kind, task) == ("series", "reconstruction"):
        return (PCA, NETWORK)
    if task not in _TASKS.get(kind, ()):  # a file may hold examples of other kinds, too
        return ()
    if kind == "forecast":
        return FORECAST_NAMES
    if kind == "series":
        return (*(one.name for one in sorted(of_series.CANDIDATES, key=lambda one: one.cost)), "blend")
    names = (one.name for one in sorted(of_texts.CANDIDATES.values(), key=lambda one: one.cost))
    return tuple(name for name in names if side or name not in COLUMNS)


def baselines(kind: Kind, task: str, *, side: bool = False) -> tuple[str, ...]:
    """The simple models that a person would use instead, by name.

    Args:
        kind: of the examples.
        task: its name.
        side: whether there are columns beside the texts, or covariates beside the values to forecast.

    Example:
        >>> baselines("forecast", "forecasting", side=True)[-3:]
        ('ridge', 'trees', 'trees-multiples')
    """
    if kind == "forecast":
        more = of_forecasts.BASELINES_OF_COVARIATES if side else ()
        return tuple(one.name for one in (*of_forecasts.BASELINES, *more))
    if not candidate_names(kind, task) or task == "reconstruction":  # which has baselines of its own
        return ()
    if task == "tagging":
        return tuple(one.name for one in tagging_candidates(kind))
    if kind == "series":
        return tuple(one.name for one in of_series.BASELINES)
    return (*_TEXT_BASELINES, *COLUMNS) if side else _TEXT_BASELINES


def is_blend(name: str) -> bool:
    """Tell whether a model is a blend of several candidates.

    Example:
        >>> is_blend("blend"), is_blend("blend-linear"), is_blend("forest")
        (True, True, False)
    """
    return name.partition("-")[0] == "blend"


def reads_unlabelled(names: Iterable[str]) -> bool:
    """Tell whether one of these candidates learns from texts without a label.

    Example:
        >>> reads_unlabelled(["nb-words"]), reads_unlabelled(["nb-words", "blend"])
        (False, True)
    """
    return any(map(of_texts.reads_unlabelled, _of_texts(names)))


def holds_language_model(name: str) -> bool:
    """Tell whether a candidate is a language model or has one as a part: how large it becomes depends on the budget.

    Example:
        >>> holds_language_model("blend-language-model"), holds_language_model("blend")
        (True, False)
    """
    return any(
        isinstance(part, of_texts.LanguageModelTexts) for one in _of_texts([name]) for part in of_texts.parts_of(one)
    )


def holds_network(name: str) -> bool:
    """Tell whether a candidate is a network or has one as a part, which JAX computes.

    Example:
        >>> holds_network("network"), holds_network("language-model"), holds_network("convolution")
        (True, True, False)
    """
    of_layers = (NETWORK, WORD_BLEND, PCA, of_series.RECURRENT.name)
    return name in of_layers or holds_language_model(name)


def reads_side(names: Iterable[str]) -> bool:
    """Tell whether one of these candidates reads the columns beside the texts.

    Example:
        >>> reads_side(["cnn", "vectors"]), reads_side(["cnn", "nb-words"])
        (False, True)
    """
    return any(map(of_texts.reads_side, _of_texts(names)))


def _of_texts(names: Iterable[str]) -> list[of_texts.TextCandidate]:
    return [of_texts.CANDIDATES[name] for name in names if name in of_texts.CANDIDATES]


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
