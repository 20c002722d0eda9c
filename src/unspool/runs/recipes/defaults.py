"""The settings that suit a file: its recipe, before anybody changes it."""

from collections.abc import Collection, Iterable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from unspool.candidates import candidate_names, holds_language_model, reads_side, reads_unlabelled
from unspool.candidates.forecasts import BLEND as FORECAST_BLEND
from unspool.candidates.outcome import BUDGET
from unspool.candidates.titles import network_hint
from unspool.data.kept_in_cache import shown_name
from unspool.data.tables.compression import stem_of
from unspool.descriptions.choice import ModelChoice
from unspool.descriptions.networks import Seq2Vec
from unspool.errors import UserError
from unspool.runs.recipes.file import (
    apply_setting,
    recipe_from,
    setting_name,
    within_changed_epochs,
    without_nothing,
)
from unspool.runs.recipes.recipe import FileSettings, Recipe
from unspool.runs.recipes.unused_settings import refuse_unused_of_model, refuse_unused_settings
from unspool.tasks import Reconstruction, Task, Translation

AUTO: Final = "auto"
NETWORK, STREAMING = "network", "streaming"
_READS_ON = {"bidirectional": False, "pooling": "last"}
"""What lets a network answer after each step of a series: it looks at no later one."""

Budget: TypeAlias = float | Literal["auto"] | None
"""Seconds for a comparison of models or, if there is none, for the training of a network; None has no limit.

"auto" is `BUDGET` for a comparison, and no limit for a network.
"""

_MANY, _FEW = 10_000, 1_000
_BEAM = 5
"""The width of the beam search, unless the task has its own."""
_PATIENT_STEPS, _MOST_STEPS = 200, 4_000


def recipe_for(
    data: FileSettings,
    task: Task,
    training_examples: int,
    changes: Iterable[str] = (),
    seed: int = 0,
    model: str = AUTO,
    budget: Budget = AUTO,
    chosen: Collection[str] | None = None,
    name: str | None = None,
) -> Recipe:
    """Choose what suits a file, and change what is asked for.

    Few examples are read in small batches, so that an epoch has enough steps, and more epochs are waited for a better
    one. A model whose training weights classes so that all count the same is judged by balanced accuracy, any other
    classifier by accuracy, and one that translates into short texts by chrF.

    Args:
        data: the file.
        task: what is predicted.
        training_examples: how many.
        changes: as in "model.units=32".
        seed: of the parts, the weights, the batches and the dropout.
        model: "auto" compares candidates, unless a change is of a network; "network" trains one; "streaming"
            one that reads series step by step; else the name of a candidate (see `unspool.candidates`).
        budget: seconds for the choice, or for the training of a network.
        chosen: the names of the settings that must have an effect; None for those of all changes.
        name: of the recipe; None for that of the file.

    Raises:
        UserError: a change names no setting, its value is wrong, it or the budget would have no effect, there is no
            such model, or padding would be read.
    """
    changes = list(changes)
    described = _described(model, data, task, training_examples, changes, BUDGET if budget == AUTO else budget)
    name = name if name is not None else stem_of(Path(data.path).resolve())
    tables = {"name": plain_name(name)} | _suited_tables(data, task, training_examples, described, seed)
    if budget not in (AUTO, None):
        if described.get("shape") != "choice":
            tables["training"]["budget"] = budget
        elif described.get("budget") is None:
            raise UserError(
                f"--budget has no effect beside {_chosen(model)}: that model alone is fitted, however long it takes. "
                "Leave out --budget."
            )
    for change in changes:
        apply_setting(tables, change)
    changed = {*map(setting_name, changes)}
    _leave_out_other_schedule(tables, changed)
    _add_suited_measure(tables, task)
    recipe = within_changed_epochs(recipe_from(tables, "--set"), changed)
    refuse_what_suits_another(recipe, task)
    if model == STREAMING and any(getattr(recipe.model, name, None) != value for name, value in _READS_ON.items()):
        raise UserError(
            "--streaming: such a network reads in one direction and answers from its last state. Leave out --set "
            "model.bidirectional and --set model.pooling."
        )
    if chosen is None:
        chosen = changed
    _refuse_unread(data, described.get("candidates", ()))
    refuse_unused_settings(recipe, chosen, task)
    refuse_unused_of_model(recipe, chosen, data.kind)
    if isinstance(recipe.model, ModelChoice) and not isinstance(task, Reconstruction):
        _refuse_reading(data)
    if isinstance(recipe.model, Seq2Vec) and not recipe.model.mask_padding:
        raise UserError(
            "model.mask_padding is false, but rows of different lengths are padded to the same: the prediction for a "
            "row would depend on the rows beside it. Leave it out."
        )
    return recipe


def _suited_tables(
    data: FileSettings, task: Task, examples: int, described: dict[str, Any], seed: int
) -> dict[str, Any]:
    """The recipe tables, without the name, that suit a file and a described model."""
    suited = {}
    if data.kind == "pairs":
        data = replace(data, tokenizer="bpe")  # the only one that reads and writes
        suited = suited_training_of_pairs(task.name, described["shape"], examples)
    elif described.get("shape") != "choice" or task.network:  # a network is among what is compared
        suited = suited_training(data.kind, examples)
    return {
        "title": f"Model trained on {shown_name(data.path)}",
        "description": f"A model trained on {shown_name(data.path)}.",
        "data": without_nothing(asdict(data)),
        "model": described,
        "training": {"class_weight": "none"} | suited | {"seed": seed},
        "evaluation": {"beam": _BEAM} if isinstance(task, Translation) and task.usual_beam == 1 else {},
    }


def _leave_out_other_schedule(tables: dict[str, Any], changed: Collection[str]) -> None:
    """Leave out the default warm-up if a change sets a linear decay: a recipe has only one schedule."""
    training = tables["training"]
    if isinstance(training, dict) and training.get("decay") == "linear" and "training.warmup" not in changed:
        training.pop("warmup", None)


def _add_suited_measure(tables: dict[str, Any], task: Task) -> None:
    """Let the verdict rest on the measure that suits the task, unless a change names one."""
    if not isinstance(tables["evaluation"], dict):
        return
    if task.chooses_among_labels:
        balanced = isinstance(tables["training"], dict) and tables["training"].get("class_weight") == "balanced"
        tables["evaluation"].setdefault("measure", "balanced_accuracy" if balanced else "accuracy")
    elif task.suited_measure:
        tables["evaluation"].setdefault("measure", task.suited_measure)


def _refuse_unread(data: FileSettings, candidates: Collection[str]) -> None:
    """Refuse texts without labels and columns beside the text that none of the candidates reads."""
    if data.unlabelled is not None and not reads_unlabelled(candidates):
        raise UserError(
            "--unlabelled has no effect: this model does not learn from texts without a label. Leave it out, or use "
            "document vectors (--model vectors) or a language model (--model language-model)."
        )
    if data.side and not reads_side(candidates):
        raise UserError(
            f"This model reads the text alone, not {data.side.in_words()}. Leave out --numeric and --categorical, or "
            "let train choose among the models that read them (without --model and settings of a network)."
        )


def _refuse_reading(data: FileSettings) -> None:
    """Refuse to say how a file is read where candidates read it, each in its own way."""
    asked = {"tokenizer": data.tokenizer != "words", "size": data.size is not None, "length": data.length is not None}
    for name in (name for name, there in asked.items() if there):
        raise UserError(
            f"--{name} has no effect: models that are compared read {data.kind} in their own ways. "
            "Leave it out, or add --model network."
        )


def _described(
    model: str, data: FileSettings, task: Task, examples: int, changes: Iterable[str], budget: float | None
) -> dict[str, Any]:
    """The table `model` of the recipe."""
    if model == STREAMING:
        if data.kind != "series" or "seq2vec" not in task.shapes:
            raise UserError("--streaming is for series that have one label each. Leave it out.")
        return suited_model(data.kind, examples) | _READS_ON
    kind: Any = data.kind
    known = candidate_names(kind, task.name, side=bool(data.side))
    if task.network and not known and model not in (AUTO, NETWORK):
        raise UserError(f"{_chosen(model)}: {task.network} is always a network. Leave it out.")
    if kind == "forecast":
        return _described_forecaster(model, known, budget)
    of_network = any(change.strip().startswith(("model.", "training.")) for change in changes)
    of_network |= data.kind == "tokens" and data.size is not None  # the vocabulary of a network that tags
    if model == NETWORK or (model == AUTO and (of_network or not known)):
        asked = _asked(changes, "model.shape")
        return task.suited_network(examples, asked) if task.network else suited_model(kind, examples)
    if model == AUTO:
        return {"shape": "choice", "candidates": known, "budget": budget}
    if model not in known:
        names = ", ".join(map(repr, dict.fromkeys((NETWORK, *known))))  # some names have a comma
        hint = network_hint(model)
        raise UserError(f"{_chosen(model)}: there is no such model for this. There are {names}.{hint}")
    return {"shape": "choice", "candidates": (model,), "budget": budget if holds_language_model(model) else None}


def _chosen(model: str) -> str:
    return f"--model {model} (in Python, model={model!r})"


def _asked(changes: Iterable[str], name: str) -> str | None:
    """The last value that changes give a setting, if they give one."""
    pairs = (change.partition("=") for change in changes)
    values = [value.strip().strip("\"'") for key, _, value in pairs if key.strip() == name]
    return values[-1] if values else None


def _described_forecaster(model: str, known: tuple[str, ...], budget: float | None) -> dict[str, Any]:
    """Models that forecast are compared like candidates, networks among them."""
    if model == AUTO:
        return {"shape": "choice", "candidates": known, "budget": budget}
    single = tuple(name for name in known if name != FORECAST_BLEND)
    if model not in single:
        raise UserError(f"{_chosen(model)}: there is no such model that forecasts. There are {', '.join(single)}.")
    return {"shape": "choice", "candidates": (model,)}


def refuse_what_suits_another(recipe: Recipe, task: Task) -> None:
    """Refuse a model or a measure that is none for the task, before anything is trained.

    Raises:
        UserError: it is none; names those that are.
    """
    shape = recipe.model.shape
    if shape not in task.shapes:
        raise UserError(f"model.shape is {shape!r}: those of models for {task.title} are {', '.join(task.shapes)}.")
    measure = recipe.evaluation.measure
    judging = [name for name, one in task.measures.items() if one.judges]
    if measure is not None and measure not in judging:
        if measure in task.measures:
            raise UserError(
                f"evaluation.measure is {measure!r}, of which more is not always better, so that no verdict can rest "
                f"on it. Choose one of {', '.join(judging)}."
            )
        raise UserError(f"evaluation.measure is {measure!r}: the measures of {task.title} are {', '.join(judging)}.")


def suited_model(kind: str, examples: int = _MANY, recurrent: bool = False) -> dict[str, Any]:
    """The settings of a model that suits so many texts ("text") or series ("series"), where they are not Seq2Vec's own.

    Texts: no recurrence, but words and pairs of neighbours, pooled. On reviews of films that training does not hold, a
    bidirectional LSTM does worse (docs/your-text.md): it learns the films. There are some 8 to 16 numbers for the pairs
    of each text, so that few of them share one. `recurrent` is for who wants such an LSTM for texts all the same.
    """
    common = {"cell": "lstm", "units": 64, "bidirectional": True, "pooling": "mean_max", "batch_normalization": False}
    if kind == "series":
        return common | {"input_dropout": 0.2, "output_dropout": 0.3}
    common |= {"token_dropout": 0.3, "input_dropout": 0.0, "output_dropout": 0.5}
    if recurrent:
        return common | {"layers": 1, "embedding": 64}
    pairs = {"bigrams": min(1 << 18, 1 << max(10, (8 * examples).bit_length())), "bigram_embedding": 32}
    return common | {"layers": 0, "embedding": 32} | pairs


def suited_training(kind: str, examples: int, recurrent: bool = False) -> dict[str, Any]:
    """The settings of training that suit so many examples of a kind, and a model as `suited_model` has it.

    How long a network of series may go without getting better is counted in steps, not in epochs: of 28 series an epoch
    has two steps, and after some 30 of them nothing has been learned yet.
    """
    rate = {"learning_rate": 0.003} if kind in ("text", "tokens") and not recurrent else {}
    if examples >= _MANY:
        return rate | {"batch_size": 64, "epochs": 20, "early_stopping_patience": 2, "plateau_patience": 1}
    size = 32 if examples >= _FEW else 16
    patience, epochs = 15 if kind == "series" else 5, 200
    if kind == "series":
        steps = -(-max(examples, 1) // size)  # of an epoch
        patience, epochs = max(patience, -(-_PATIENT_STEPS // steps)), max(epochs, -(-_MOST_STEPS // steps))
    return rate | {
        "batch_size": size,
        "epochs": epochs,
        "early_stopping_patience": patience,
        "plateau_patience": -(-patience // 3),
    }


def suited_training_of_pairs(task: str, shape: str, examples: int) -> dict[str, Any]:
    """The settings of training that suit a task, a model of a shape, and so many pairs of texts.

    A Transformer's learning rate rises for about six epochs, but at most 2,000 steps (Vaswani et al., 2017, take 4,000
    for 4.5 million pairs). The moving average of the weights goes back about four epochs; recurrent models of few pairs
    have none, as they did worse with it; if they translate, they learn both directions first, as they did better
    (benchmarks/LOG.md).
    """
    many = examples >= _MANY
    size = 128 if many else 32 if examples >= _FEW else 16
    steps = -(-max(examples, 1) // size)  # of an epoch
    common = {"clip_norm": 1.0, "label_smoothing": 0.1, "batch_size": size, "batch_tokens": 4096}
    average = {"ema": min(round(1 - 1 / (4 * steps), 5), 0.99999)}
    if shape == "transformer":
        warmup = min(2000, max(400, 6 * steps))
        pace = {"learning_rate": 0.004, "warmup": warmup, "epochs": 60, "early_stopping_patience": 6}
        return common | average | pace
    common |= {"early_stopping_patience": 5}
    if many:
        return common | average | {"learning_rate": 0.001, "epochs": 40, "plateau_patience": 1}
    common |= {"bidirectional_epochs": 30} if task == Translation.name else {}
    return common | {"learning_rate": 0.002, "epochs": 200, "plateau_patience": 2}


def plain_name(name: str) -> str:
    """A name for a run, of letters that every system takes in a path.

    Example:
        >>> plain_name("Größe 2")
        'Gr--e-2'
    """
    plain = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "._-") else "-" for letter in name)
    return plain.lstrip("._-") or "own"
