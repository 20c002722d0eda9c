"""The page at /: the model's own, or a few lines where a model has none."""

import asyncio
import math
import sys
import time
from html import escape
from pathlib import Path

from unspool.serving.loaded import Loaded

SECONDS = 120.0
"""That making a page may take."""
NO_PAGE = 3
"""The exit status of `write_page` for a model that no page can hold; Python's own is 1 after an error."""
PAUSE = 60.0
"""Seconds to wait after a failure before making the page again."""


class Pages:
    """Makes a model's page when it is first asked for, and keeps it.

    Made by a process of its own, as everything that knows of reports brings Keras along.

    Args:
        folder: for the pages.
    """

    def __init__(self, folder: Path):
        self._folder = folder
        self._made: dict[str, Path | str] = {}
        self._again = math.inf  # when to try again to make the page, after a failure
        self._one = asyncio.Lock()

    async def of(self, loaded: Loaded) -> Path | str:
        """A file with the page, or a short page."""
        async with self._one:
            if loaded.version not in self._made or time.monotonic() > self._again:
                for path in self._made.values():
                    if isinstance(path, Path):
                        path.unlink(missing_ok=True)
                self._made, self._again = {}, math.inf  # made anew for the next client if this one leaves
                self._made = {loaded.version: await self._make(loaded)}
            return self._made[loaded.version]

    async def _make(self, loaded: Loaded) -> Path | str:
        out = self._folder / f"{loaded.version}.html"
        command = (sys.executable, "-P", "-m", "unspool.serving.write_page", str(loaded.path), str(out))
        quiet = asyncio.subprocess.DEVNULL
        child = await asyncio.create_subprocess_exec(*command, stdin=quiet, stdout=quiet, stderr=quiet)
        try:
            await asyncio.wait_for(child.wait(), SECONDS)
        except TimeoutError:
            pass
        finally:  # nor does it go on when the client has left, or the server ends
            if child.returncode is None:
                child.kill()
                await child.wait()
        if out.is_file():
            return out
        if child.returncode == NO_PAGE:
            return short_page(loaded, "There is no page for this model.")
        self._again = time.monotonic() + PAUSE  # a lack of time or memory may pass
        return short_page(loaded, "The page could not be made. Reload in a minute to try again.")


def short_page(loaded: Loaded, why: str) -> str:
    """What there is to ask, for a model without a page."""
    title = escape(loaded.name)
    return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'">
<title>{title}</title>
<h1>{title}</h1>
<p>Version {loaded.version}; reads {loaded.model.reads}, task {loaded.model.task}. {why}</p>
<p><a href="/openapi.json">/openapi.json</a> describes what can be asked.</p>
</html>
"""
