"""A model that changes while it is served: loaded aside, checked, and swapped in whole."""

import asyncio
from pathlib import Path

from unspool.errors import UserError
from unspool.serving.loaded import Loaded, load_checked
from unspool.serving.source import Signature, Source
from unspool.serving.state import State
from unspool.terminal import in_one_line
from unspool_runtime import ModelError


class Copies:
    """The copies of a model that are served, in a folder of their own.

    Args:
        source: of the model.
        folder: for the copies.

    Attributes:
        seen: what the source was like before the last copy.
    """

    def __init__(self, source: Source, folder: Path):
        self._source, self._folder, self._number = source, folder, 0
        self.seen: Signature = ()

    def load(self) -> Loaded:
        """Copy the model as it is now, load it and check it.

        Raises:
            UserError: it cannot be read or exported, is damaged, or answers otherwise than it should.
        """
        self.seen = self._source.signature()
        self._number += 1
        path = self._folder / f"{self._number}.unspool"
        loaded = None
        try:
            self._source.bring(path)
            loaded = load_checked(path, self._source.name)
            return loaded
        except ModelError as error:
            raise UserError(str(error).replace(str(path), str(self._source.path))) from error
        finally:
            if not loaded:
                path.unlink(missing_ok=True)


async def watch(state: State, source: Source, copies: Copies) -> None:
    """Look at the model's file until cancelled; serve what has changed and stays so from one look to the next.

    A model that cannot be loaded leaves the one before in its place; one line of the log says why.
    """
    seen = before = copies.seen
    while True:
        await asyncio.sleep(state.settings.watch)
        state.streams.evict()
        now = await asyncio.to_thread(source.signature)
        settled, before = now == before, now
        if now == seen or not settled:
            continue
        seen = now
        if not now:
            state.say(f"{source.path} is gone; still serving version {state.served.loaded.version}")
            continue
        await reload(state, source, copies)


async def reload(state: State, source: Source, copies: Copies) -> None:
    """Load the model again, and serve it if it is another."""
    old = state.served.loaded
    try:
        found = await asyncio.to_thread(copies.load)
    except Exception as error:  # whatever is wrong with the new one, the old one is served
        state.metrics.reloads.labels("refused").inc()
        why = str(error) if isinstance(error, UserError) else f"{type(error).__name__}: {error}."
        state.say(in_one_line(f"{source.path} changed but was not loaded: {why} Still serving version {old.version}."))
        return
    unused = found.path if found.version == old.version else old.path
    if found.version != old.version:
        state.swap(found)
        state.say(f"now serving version {found.version} instead of {old.version}: {found.check}")
    state.metrics.reloads.labels("same" if unused is found.path else "swapped").inc()
    unused.unlink(missing_ok=True)  # a model that still answers has its bytes mapped
