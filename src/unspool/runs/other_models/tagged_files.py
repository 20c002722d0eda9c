"""Reads another tagger's answers from a file with a token on each line and its tag behind it."""

from collections.abc import Sequence
from pathlib import Path

from unspool.data.labels import Label, shown
from unspool.data.texts.tagged_texts import read_tagged_texts
from unspool.errors import UserError
from unspool.evaluation.contenders import OtherModel
from unspool.runs.answer_columns import PREDICTION
from unspool.runs.other_models.examples_of_test import ExamplesOfTest
from unspool.runs.other_models.own_file import places_by_cells
from unspool.runs.other_models.tables import read_cells
from unspool.runs.recipes.file import load_recipe
from unspool.runs.recipes.recipe import FileSettings
from unspool.runs.records.folder import RECIPE


def read_tagged_file(path: Path, examples: ExamplesOfTest) -> OtherModel:
    """Read tags for the test texts of a run; the last column of the file is the predicted tag.

    Texts are matched by their tokens if the run's data file is there; else they must be in order.

    Raises:
        UserError: the file cannot be read, a text is missing, or its tags are too few, too many or unknown.
    """
    given = read_tagged_texts(path)
    wanted = _texts_of_test(examples)
    if wanted is None:
        places = [*range(len(given))]
        if len(given) != len(examples):
            raise UserError(
                f"{path} has {len(given):,} texts, {examples.run} has {len(examples):,} test examples. Give all of "
                f"them, in the order of {examples.file}."
            )
        how = f"read in the order of the test examples (that of {examples.file})"
    else:
        places = _places(path, [" ".join(tokens) for tokens in given.texts], given.tags, wanted, examples)
        how = "matched by the tokens of the texts"
    notes = (f"The predictions of {path} were {how}.",)
    tags = {PREDICTION: [given.tags[place] for place in places]}
    return read_cells(str(path), tags, lambda position: f"{path}, {given.places[places[position]]}", examples, notes)


def _places(
    path: Path, given: list[str], tags: Sequence[Label], wanted: list[str], examples: ExamplesOfTest
) -> list[int]:
    """The place of each test text in a file."""
    places = places_by_cells(given, wanted, tags)
    if places is not None:
        return places
    if given == wanted:
        return [*range(len(given))]
    there = {*given}
    lacking = next((position for position, text in enumerate(wanted) if text not in there), None)
    if lacking is None:
        raise UserError(
            f"{path} has several texts with the same tokens but different tags, or too few of them. Give the test "
            f"examples of {examples.run} alone, in the order of {examples.file}."
        )
    raise UserError(
        f"{path} has no tags for the test example {examples.named(lacking, [*examples.rows])} of {examples.run}: "
        f"{shown(wanted[lacking])!r}. Give all of its test examples, with the same tokens."
    )


def _texts_of_test(examples: ExamplesOfTest) -> list[str] | None:
    """The tokens of each test text in the run's data file, joined by spaces; None if it is not there, or is another."""
    if not examples.counted:
        return None
    try:
        data = load_recipe(examples.run / RECIPE).data
        if not isinstance(data, FileSettings):
            return None
        texts = read_tagged_texts(data.test or data.path, text=data.text, label=data.label, on_error="skip")
        tokens = dict(zip((place.row for place in texts.places), texts.texts, strict=True))
        return [" ".join(tokens[int(number)]) for number in [*examples.rows.values()][-1]]
    except (UserError, ValueError, KeyError):
        return None
