"""Whether finished runs can be compared: the same question, asked of the same test examples."""

from collections.abc import Iterator, Mapping

import numpy as np

from unspool.errors import UserError
from unspool.evaluation.checks import checked_units
from unspool.evaluation.result import Result
from unspool.runs.recipes.file import differences
from unspool.runs.recipes.recipe import FileSettings, PairSettings, Recipe
from unspool.tasks import task_named

_READING = ("data.tokenizer", "data.size", "data.length")
"""Settings of people's files that say how an example is read, not which examples there are."""


_OF_PAIRS = ("data.source", "data.target", "data.lowercase")
"""Settings of named datasets of pairs that decide what is asked."""


def check_comparable(results: Mapping[str, Result], recipes: Mapping[str, Recipe]) -> None:
    """Make sure that runs answer the same question about the same test examples.

    Raises:
        UserError: two do not; lists all that differs.
    """
    (first, one), *others = results.items()
    for name, other in others:
        found = list(_differing(one, other))
        if not same_test(one, other) or other_pairs(recipes[first], recipes[name]):
            found += ["they were not tested on the same examples", *settings_of_examples(recipes[first], recipes[name])]
        if found:
            of_file = isinstance(recipes[name].data, FileSettings)
            how = " Train one of them again with the other's file, columns and seed." if of_file else ""
            raise UserError(f"{first} and {name} cannot be compared. What differs: {'; '.join(found)}.{how}")


def same_test(one: Result, other: Result) -> bool:
    """Whether two runs were scored on the same examples with the same labels, whatever they were trained on."""
    tests = one.data.test_digest, other.data.test_digest
    return tests[0] == tests[1] if all(tests) else one.data.digest == other.data.digest


def other_pairs(one: Recipe, other: Recipe) -> list[str]:
    """The settings by which two recipes read named pairs in different directions or letter case; mostly none."""
    if isinstance(one.data, PairSettings) and isinstance(other.data, PairSettings):
        return [line for line in differences(one, other) if line.partition(":")[0] in _OF_PAIRS]
    return []


def settings_of_examples(one: Recipe, other: Recipe) -> list[str]:
    """The settings that decide which examples there are and what each is for, where these differ."""
    found = [
        line for line in differences(one, other) if line.startswith("data.") and line.partition(":")[0] not in _READING
    ]
    if isinstance(one.data, FileSettings) and isinstance(other.data, FileSettings):
        seeds = [recipe.seed_of_parts for recipe in (one, other)]
        if seeds[0] != seeds[1]:
            found.append(f"the seed that the parts are drawn from: {seeds[0]}, {seeds[1]}")
        return [line for line in found if not line.startswith("data.parts_seed")] or ["the file has changed in between"]
    return found


def _differing(one: Result, other: Result) -> Iterator[str]:
    """All but the test examples themselves."""
    if one.task != other.task:
        yield f"what is predicted: {task_named(one.task).title}, {task_named(other.task).title}"
        return
    if list(one.test.figures) != list(other.test.figures) and one.verdict.measure != other.verdict.measure:
        yield f"what they are judged by: {one.verdict.measure}, {other.verdict.measure}"
        return
    names = [", ".join(result.data.label_names) for result in (one, other)]
    if names[0] != names[1]:
        yield f"the labels: {names[0]} against {names[1]}"
    if same_test(one, other):
        ours, theirs = (checked_units(run.test_predictions.groups, run.test.examples) for run in (one, other))
        if not np.array_equal(ours, theirs):
            yield "which test examples belong to one group"
