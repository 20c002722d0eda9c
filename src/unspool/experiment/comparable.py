"""Whether finished runs can be compared: the same question, asked of the same test examples."""

from collections.abc import Iterator, Mapping

import numpy as np

from unspool.data.task import TASKS
from unspool.errors import UserError
from unspool.evaluation.checks import checked_units
from unspool.evaluation.reconstruction_result import ReconstructionResult
from unspool.evaluation.result import Result
from unspool.experiment.own.recipe import OwnRecipe
from unspool.experiment.recipe import Recipe
from unspool.experiment.recipe_file import differences
from unspool.experiment.record import AnyResult

_READING = ("data.tokenizer", "data.size", "data.length")
"""Settings of people's files that say how an example is read, not which examples there are."""


def check_comparable(results: Mapping[str, AnyResult], recipes: Mapping[str, Recipe]) -> None:
    """Make sure that runs answer the same question about the same test examples.

    Args:
        results: of finished runs, by their names.
        recipes: of the same.

    Raises:
        UserError: two do not; lists all that differs.
    """
    (first, one), *others = results.items()
    for name, other in others:
        found = list(_differing(one, other))
        if not same_test(one, other):
            found += ["they were not tested on the same examples", *settings_of_examples(recipes[first], recipes[name])]
        if found:
            own = isinstance(recipes.get(name), OwnRecipe)
            how = " Train one of them anew with the other's file, columns and seed." if own else ""
            raise UserError(f"{first} and {name} cannot be compared. What differs: {'; '.join(found)}.{how}")


def same_test(one: AnyResult, other: AnyResult) -> bool:
    """Whether two runs were scored on the same examples with the same labels, whatever they were trained on."""
    if one.data.digest == other.data.digest:
        return True
    if isinstance(one, ReconstructionResult) or isinstance(other, ReconstructionResult):
        return False
    return bool(one.data.test_digest) and one.data.test_digest == other.data.test_digest


def settings_of_examples(one: Recipe, other: Recipe) -> list[str]:
    """The settings that decide which examples there are and what each is for, where these differ."""
    found = [
        line for line in differences(one, other) if line.startswith("data.") and line.partition(":")[0] not in _READING
    ]
    if isinstance(one, OwnRecipe) and isinstance(other, OwnRecipe):
        seeds = [recipe.seed_of_parts for recipe in (one, other)]
        if seeds[0] != seeds[1]:
            found.append(f"the seed that the parts are drawn from: {seeds[0]}, {seeds[1]}")
        return [line for line in found if not line.startswith("data.parts_seed")] or ["the file has changed in between"]
    return found


def _differing(one: AnyResult, other: AnyResult) -> Iterator[str]:
    """All but the test examples themselves."""
    questions = _question(one), _question(other)
    if questions[0] != questions[1]:
        yield f"what is predicted: {questions[0]}, {questions[1]}"
        return
    names = [", ".join(result.data.label_names) for result in (one, other)]
    if isinstance(one, ReconstructionResult) or isinstance(other, ReconstructionResult):
        if one.verdict.measure != other.verdict.measure:
            yield f"what they are judged by: {one.verdict.measure}, {other.verdict.measure}"
        return
    if names[0] != names[1]:
        yield f"the labels: {names[0]} against {names[1]}"
    if same_test(one, other):
        ours, theirs = (checked_units(run.test_predictions.groups, run.test.examples) for run in (one, other))
        if not np.array_equal(ours, theirs):
            yield "which test examples belong to one group"


def _question(result: AnyResult) -> str:
    if isinstance(result, ReconstructionResult):
        return "the input again (an autoencoder)"
    return TASKS["binary" if isinstance(result, Result) else result.task]
