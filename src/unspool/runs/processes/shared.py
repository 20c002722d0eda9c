"""A run whose model several processes train together: what the first, which executes it, does for the others."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import tomli_w

from unspool.descriptions.choice import ModelChoice
from unspool.errors import UserError
from unspool.runs.reading.preparation import Prepared
from unspool.runs.recipes.file import without_nothing
from unspool.runs.recipes.recipe import Recipe
from unspool.runs.records import environment

if TYPE_CHECKING:
    from unspool.training.processes import Group


def refuse_unshareable(recipe: Recipe) -> None:
    """Refuse a recipe that the processes of this training cannot share.

    Raises:
        UserError: its models are fitted in one go, or its batches cannot be divided.
    """
    from unspool.training import processes

    count = processes.size()
    if count == 1:
        return
    if isinstance(recipe.model, ModelChoice):
        raise UserError(
            f"{recipe.name} chooses from models that are fitted in one go, which several processes cannot share. Leave "
            "out --processes."
        )
    if recipe.training.batch_size % count:
        raise UserError(
            f"{count} processes cannot divide batches of {recipe.training.batch_size}. Choose another number of "
            f"processes, or --set training.batch_size={-(-recipe.training.batch_size // count) * count}."
        )


def lead(recipe: Recipe, prepared: Prepared) -> None:
    """Tell the others, where there are some, what is trained; all make sure that they have the same data."""
    if isinstance(recipe.model, ModelChoice):
        return  # which nobody shares
    from unspool.training import processes

    group = processes.group()
    if group is not None:
        with processes.telling_of_the_lost():
            group.send(tomli_w.dumps(without_nothing(asdict(recipe))).encode())
        check_alike(group, prepared)


def check_alike(group: "Group", prepared: Prepared) -> None:
    """Make sure that all processes have the same data, versions and kernels.

    Raises:
        UserError: they have not, or another process was lost.
    """
    from unspool.training import processes

    here = {name: one for name, one in environment.describe().items() if name not in environment.WITHOUT_INFLUENCE}
    with processes.telling_of_the_lost():
        group.check_alike(prepared.digest.encode(), "has other data than process 0. Give all the same files.")
        group.check_alike(
            json.dumps(here, sort_keys=True).encode(),
            "has other versions, kernels or another processor than process 0: their weights would part. Use machines "
            "that are alike, with the same versions.",
        )
