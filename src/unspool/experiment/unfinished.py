"""What a run notes when it begins, so that it can go on after an interruption as if there had been none."""

import json
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter

from unspool import files
from unspool.errors import UserError
from unspool.experiment import environment, folder
from unspool.experiment.fitting import Say
from unspool.experiment.own.recipe import read_own_recipe
from unspool.experiment.recipe import Recipe
from unspool.experiment.recipe_file import differences, load_recipe, write_recipe


@dataclass(frozen=True)
class Begun:
    """How a run was begun.

    Attributes:
        command: what a person typed.
        data_folder: the user's datasets, if one was named.
        environment: what the same bits depend on, see `environment.describe`.
        file_digest: of the person's own file that is trained on; None for a run of a recipe.
    """

    command: str
    data_folder: str | None
    environment: dict[str, str]
    file_digest: str | None = None

    @classmethod
    def now(cls, command: str, data_folder: Path | None, file_digest: str | None = None) -> "Begun":
        """For a run that begins here."""
        data = str(data_folder.absolute()) if data_folder else None
        return cls(command, data, environment.describe(), file_digest)


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
    if out.exists() and (partial / folder.RECIPE).exists():
        raise UserError(f"{out} is in the way of the unfinished run {partial}. Move it, or remove it.")
    if not folder.is_unfinished(out):
        raise UserError(f"There is no unfinished run {out}: {partial / folder.RECIPE} is not there.")
    try:
        begun = TypeAdapter(Begun).validate_json((partial / folder.BEGUN).read_bytes())
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise UserError(f"{partial / folder.BEGUN} is damaged: {reason}. Remove {partial} and run anew.") from error
    read = load_recipe if begun.file_digest is None else read_own_recipe
    return read(partial / folder.RECIPE), begun


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


@contextmanager
def telling_how_to_go_on(out: Path, say: Say) -> Iterator[None]:
    """Where the block fails or is interrupted, say how to go on, if something was saved."""
    try:
        yield
    except BaseException:
        if folder.holds_checkpoint(out):
            say(f"what was trained is kept. To go on: unspool resume {shlex.quote(str(out))}")
        raise
