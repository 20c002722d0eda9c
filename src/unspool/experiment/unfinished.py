"""What a run notes when it begins, so that it can go on after an interruption as if there had been none."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from unspool import files
from unspool.errors import UserError
from unspool.experiment import environment, folder
from unspool.experiment.fitting import Say
from unspool.experiment.recipe import Recipe
from unspool.experiment.recipe_file import differences, load_recipe, write_recipe


@dataclass(frozen=True)
class Begun:
    """How a run was begun.

    Attributes:
        command: what a person typed.
        data_folder: the user's datasets, if one was named.
        environment: what the same bits depend on, see `environment.describe`.
    """

    command: str
    data_folder: str | None
    environment: dict[str, str]

    @classmethod
    def now(cls, command: str, data_folder: Path | None) -> "Begun":
        """For a run that begins here."""
        return cls(command, str(data_folder.absolute()) if data_folder else None, environment.describe())


def begin(out: Path, recipe: Recipe, begun: Begun) -> None:
    """Note what a run is; the recipe comes last and whole, so that where it is, all is."""
    partial = folder.partial_of(out)
    files.write_aside(partial / folder.BEGUN, (json.dumps(asdict(begun), indent=2) + "\n").encode())
    aside = partial / f"{folder.RECIPE}.partial"
    write_recipe(recipe, aside)
    aside.rename(partial / folder.RECIPE)


def read_begun(out: Path) -> tuple[Recipe, Begun]:
    """Read what an unfinished run noted when it began.

    Args:
        out: the folder that the run is to have when it is finished.

    Raises:
        UserError: it is finished, or there is none.
    """
    if folder.is_run(out):
        raise UserError(f"{out} is finished: there is nothing to go on with.")
    partial = folder.partial_of(out)
    if not folder.is_unfinished(out):
        raise UserError(f"There is no unfinished run {out}: {partial / folder.RECIPE} is not there.")
    try:
        begun = Begun(**json.loads((partial / folder.BEGUN).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise UserError(f"{partial / folder.BEGUN} is damaged: {error}. Remove {partial} and run anew.") from error
    return load_recipe(partial / folder.RECIPE), begun


def check_is_the_same(out: Path, recipe: Recipe, force: bool, say: Say) -> bool:
    """Whether an unfinished run is there, and if so, make sure that it can go on with the same result.

    Raises:
        UserError: its recipe is another, or what its bits depend on has changed and `force` is not set.
    """
    if not folder.is_unfinished(out):
        return False
    there, begun = read_begun(out)
    changed = differences(there, recipe)
    if changed:
        raise UserError(
            f"{folder.partial_of(out)} holds an unfinished run of another recipe ({'; '.join(changed)}). Choose "
            "another folder with --out, or remove it."
        )
    decisive, others = environment.changes(begun.environment)
    if decisive and not force:
        raise UserError(
            f"Since {out} was begun there has changed what its last bits may depend on ({'; '.join(decisive)}). "
            f"`unspool resume {out} --force` goes on all the same."
        )
    if decisive or others:
        say(f"changed since it was begun: {'; '.join(decisive + others)}")
    return True
