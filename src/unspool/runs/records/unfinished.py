"""What a run records when it begins, so that it can be resumed as if it had not been interrupted."""

import json
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter

from unspool import atomic_writes, files
from unspool.errors import UserError
from unspool.runs.reading.preparation import Say
from unspool.runs.recipes.file import differences, load_recipe, write_recipe
from unspool.runs.recipes.recipe import Recipe
from unspool.runs.recipes.unused_settings import trains_network
from unspool.runs.records import environment, folder
from unspool.runs.records.folder_links import refuse_links_within


@dataclass(frozen=True)
class Begun:
    """How a run was begun.

    Attributes:
        command: what a person typed.
        data_folder: the user's datasets, if one was named.
        environment: what the same bits depend on, see `environment.describe`.
        digest: of the data, see `Prepared.digest`; None where an earlier version did not say.
        seen: what was seen in a person's file, see `Prepared.seen`, before its columns were named in the recipe; None
            where an earlier version did not say.
        refits: the folder of the run whose model is fitted to all examples, see `refit`; None for a run.
    """

    command: str
    data_folder: str | None
    environment: dict[str, str]
    digest: str | None = None
    seen: str | None = None
    refits: str | None = None

    @classmethod
    def now(
        cls, recipe: Recipe, command: str, data_folder: Path | None, digest: str | None = None, seen: str = ""
    ) -> "Begun":
        """For a run that begins here."""
        data = str(data_folder.absolute()) if data_folder else None
        described = environment.describe(network=trains_network(recipe))
        return cls(command, data, described, digest, seen)


def begin(content: Path, recipe: Recipe, begun: Begun) -> None:
    """Note what a run is; the recipe comes last and whole, so that where it is, all is.

    Args:
        content: the folder that `written_whole` gave.
        recipe: what to do.
        begun: how it was begun.

    Raises:
        FileNotFoundError: it was removed or moved away: what is in its place is another process's.
    """
    content.stat()
    note_beginning(content.parent, recipe, begun)


def note_beginning(partial: Path, recipe: Recipe, begun: Begun) -> None:
    """The same for an unfinished run's folder that is not locked."""
    atomic_writes.write_json_aside(partial / folder.BEGUN, asdict(begun))
    write_recipe(recipe, partial / folder.RECIPE)


def read_begun(out: Path) -> tuple[Recipe, Begun]:
    """Read what an unfinished run noted when it began.

    Args:
        out: the folder that the run is to have when it is finished.

    Raises:
        UserError: it is finished, there is none, or something in it is a link.
    """
    folder.check_unfinished(out)
    partial = folder.partial_of(out)
    refuse_links_within(partial)
    try:
        content = json.loads(files.read_bounded(partial / folder.BEGUN))
        content.setdefault("digest", content.pop("file_digest", None))  # as an earlier version called it
        begun = TypeAdapter(Begun).validate_python(content)
    except files.DAMAGE as error:
        reason = files.reason_of(error)
        raise UserError(f"{partial / folder.BEGUN} is damaged: {reason}. Remove {partial} and run it again.") from error
    return load_recipe(partial / folder.RECIPE), begun


def begun_before(out: Path, recipe: Recipe, force: bool, say: Say) -> Begun | None:
    """How an unfinished run was begun, after checking that it can be resumed with the same result; None without one.

    Raises:
        UserError: its recipe is another, or what its bits depend on has changed and `force` is not set.
    """
    if not folder.is_unfinished(out):
        return None
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
            f"Since {out} was started, something has changed that can change its last bits ({'; '.join(decisive)}). "
            f"`unspool resume {out} --force` continues anyway."
        )
    if decisive or others:
        say(f"changed since it was started: {'; '.join(decisive + others)}")
    return begun


@dataclass
class Attempt:
    """An attempt to finish a run.

    Attributes:
        trains: whether it has come as far as training; if it fails before, another attempt would fail likewise.
    """

    trains: bool


@contextmanager
def telling_how_to_go_on(out: Path, say: Say, track: str | None = None, begun: bool = False) -> Iterator[Attempt]:
    """If the block fails or is interrupted, say how to resume; without anything saved, only if it is interrupted.

    Nor is it said where a run that was resumed fails before it trains.

    Args:
        out: the folder that the run is to have when it is finished.
        say: gets that line.
        track: a tracker that logs the run.
        begun: whether it was resumed, so that it can be resumed again.
    """
    attempt = Attempt(trains=not begun)
    try:
        yield attempt
    except BaseException as error:
        if not attempt.trains and not isinstance(error, KeyboardInterrupt):
            raise
        saved, interrupted = folder.holds_checkpoint(out), isinstance(error, KeyboardInterrupt)
        if saved or (interrupted and begun):
            from unspool.training import processes

            how = "the training so far is saved. To continue"
            if not saved:
                how = "no training was saved yet. To start it again"
            say(f"{how}: {command_to_go_on(out, processes.size(), track)}")
        elif interrupted:
            say(f"nothing of {out} was kept: there is nothing to resume. To start again, give the same command")
        raise


def command_to_go_on(out: Path, count: int, track: str | None = None) -> str:
    """What a person types to finish a run that `count` processes have begun, and that a tracker logs.

    Example:
        >>> command_to_go_on(Path("runs/wide"), 2)
        'unspool resume runs/wide --processes 2'
    """
    several, tracked = f" --processes {count}" if count > 1 else "", f" --track {track}" if track else ""
    return f"unspool resume {shlex.quote(str(out))}{several}{tracked}"
