"""Whether finished runs can be compared: the same question, asked of the same test examples."""

from collections.abc import Iterator, Mapping

import numpy as np

from unspool.errors import UserError
from unspool.evaluation.checks import checked_units
from unspool.evaluation.compared import Comparison
from unspool.evaluation.contenders import OtherModel
from unspool.evaluation.measures.measure import Measure
from unspool.evaluation.result import Result
from unspool.runs.recipes.file import differences
from unspool.runs.recipes.recipe import FileSettings, PairSettings, Recipe
from unspool.runs.records.folder import METRICS, PREDICTIONS
from unspool.tasks import task_named

_READING = ("data.tokenizer", "data.size", "data.length")
"""Settings of people's files that say how an example is read, not which examples there are."""

_WHAT_IS_READ = ("text", "channels", "steps", "time", "resample", "numeric", "categorical")
"""Settings of people's files that say what is read of an example."""

_OTHER_TEST = "they were not tested on the same examples"

_CLOSE = 1e-3
"""By how much a score may differ from its record: other versions of libraries may compute it a little differently."""

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
            found += [_OTHER_TEST, *settings_of_examples(recipes[first], recipes[name])]
        if found:
            of_file = isinstance(recipes[name].data, FileSettings)
            how = " Train one of them again with the other's file, columns and seed." if of_file else ""
            if len(found) > 1 and found[0] == _OTHER_TEST and all(map(_is_of_what_is_read, found[1:])):
                how = (
                    " If they read the same examples in different ways, so that one has lost a column, say, give the "
                    f"test_predictions.csv in the folder of {name} in place of the folder: examples are then matched "
                    "by their ids and labels."
                )
            old = [key for key, result in ((first, one), (name, other)) if _of_blocks(result)]
            if len(old) == 1:
                how = f" {old[0]} is from an earlier version, which drew blocks of steps for intervals: train it again."
            raise UserError(f"{first} and {name} cannot be compared. What differs: {'; '.join(found)}.{how}")


def _is_of_what_is_read(difference: str) -> bool:
    return difference.partition(":")[0] in {f"data.{name}" for name in _WHAT_IS_READ}


def _of_blocks(result: Result) -> bool:
    return result.forecasted is not None and result.forecasted.drawn == "blocks"


def refuse_mixed(
    contenders: Mapping[str, dict[int, Result] | OtherModel], found: Comparison, name: str, measure: Measure
) -> None:
    """Make sure that the recorded score of each run is that of its predictions.

    Args:
        contenders: by name; for a run, a result for each seed.
        found: their comparison, computed from their predictions.
        name: the name of a measure.
        measure: that measure.

    Raises:
        UserError: the record of a run has another score; names the run.
    """
    for one in found.recipes:
        results = contenders[one.recipe]
        if isinstance(results, OtherModel):
            continue
        for (_, result), computed in zip(sorted(results.items()), one.by_seed[name], strict=True):
            recorded = result.test.get(name)
            if recorded is not None and not np.isclose(computed, recorded.value, rtol=_CLOSE, atol=_CLOSE):
                raise UserError(
                    f"{one.recipe}: {METRICS} and {PREDICTIONS} come from different runs: the first records a test "
                    f"{measure.title} of {measure.say(recorded.value)}, but the predictions in the second reach "
                    f"{measure.say(computed)}. Get another copy of the folder, or run the recipe again."
                )


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
