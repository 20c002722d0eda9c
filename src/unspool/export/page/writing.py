"""A trained model in one HTML page."""

import base64
import gzip
import hashlib
import json
import zipfile
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from markupsafe import Markup

from unspool.atomic_writes import write_aside
from unspool.errors import UserError
from unspool.export.comparison import Reduction
from unspool.export.page.scores import outcome_of, reduction_in_words, shown_scores
from unspool.export.page.script import KERNELS, kernels, program
from unspool.export.page.unicode import tables
from unspool.export.portable import DESCRIPTION, GOLDEN, WEIGHTS, Smaller, export_model
from unspool.export.rounding import Weights
from unspool.export.written import check_out, size_in_words
from unspool.report.rendering import rendered
from unspool.runs.records.folder import given_folder

ENDING = ".html"
MOST_BYTES = 64_000_000
"""Of a page: what a browser on a phone still opens."""
LARGE_BYTES = 5_000_000
"""Of a page that is sent and opened without a wait; of a larger one, it is said how to make it smaller."""
MOST_BARS = 12


@dataclass(frozen=True)
class Page:
    """What was written.

    Attributes:
        out: the file.
        size: in bytes.
        sha256: of the file.
        count: golden examples that the page answers again when it is opened.
        reduction: what it cost to make the model smaller, where it was.
    """

    out: Path
    size: int
    sha256: str
    count: int
    reduction: Reduction | None = None

    def __str__(self) -> str:
        """In words.

        Example:
            >>> print(Page(Path("m.html"), 212_000, "", 32))
            a page of 212 kB, which answers 32 golden examples again when it is opened
        """
        said = (
            f"a page of {size_in_words(self.size)}, which answers {self.count} golden examples again when it is opened"
        )
        if self.reduction:
            return f"{said}\n{self.reduction}"
        large = self.size > LARGE_BYTES
        return f"{said}\n--weights int8 makes it about a quarter as large" if large else said


def export_page(
    folder: str | PathLike[str], out: str | PathLike[str], weights: Weights = "float32", most: int | None = None
) -> Page:
    """Write a trained model to one page, after `unspool-runtime` has answered its golden examples as the trainer does.

    Args:
        folder: that `run`, `train` or an estimator's `save` wrote.
        out: the file to write; one that is there is replaced.
        weights: how large matrices are kept.
        most: bytes that the page may have; words and n-grams are left out until it has no more.

    Raises:
        UserError: the folder holds no model that a page can show (says why), or the file cannot be written; then
            nothing is.
    """
    folder = given_folder(folder)
    out = check_out("--html", out, ENDING, "a page", folder)
    kernels()  # a model is not written to learn that there are none
    with TemporaryDirectory() as aside:
        exported = export_model(folder, Path(aside) / "model.unspool", Smaller(weights, most, _size_of))
        with zipfile.ZipFile(exported.out) as archive:
            members = {name: archive.read(name) for name in (DESCRIPTION, WEIGHTS, GOLDEN)}
    page = page_of(members).encode()
    if len(page) > MOST_BYTES:
        raise UserError(
            f"This model would make a page of {len(page) / 1e6:.0f} MB, and {MOST_BYTES / 1e6:.0f} MB are allowed. "
            "Add --weights int8 --max-size 20MB, write it with --out instead, or train a smaller one: unspool train … "
            "--model nb-words."
        )
    write_aside(out, page)
    return Page(out, len(page), hashlib.sha256(page).hexdigest(), exported.count, exported.reduction)


def _size_of(members: dict[str, bytes]) -> int:
    return len(page_of(members).encode())


def page_of(members: dict[str, bytes]) -> str:
    """The page of a portable model.

    Raises:
        UserError: a page cannot show it.
    """
    description = json.loads(members[DESCRIPTION])
    script = program(shown_as(description))
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    table = description["reader"].get("table", {})
    return rendered(
        "model_page.html.j2",
        shows=shown_as(description),
        scripts=f"'sha256-{digest}' 'wasm-unsafe-eval'",  # which lets WebAssembly be compiled, and nothing else
        script=Markup(script),  # ours
        blocks={name: Markup(packed) for name, packed in blocks_of(members).items()},  # base64
        bars=min(len(description["task"]["labels"]), MOST_BARS),
        marked="threshold" in description["task"],
        cells=description["reader"]["kind"] == "rows",
        channels=len(description["reader"].get("channels", ())),
        interval=table.get("resampled"),
        text_columns=table.get("text", ()),
        **_read(description),
        **_told(description),
    )


def blocks_of(members: dict[str, bytes]) -> dict[str, str]:
    """What `loadModel` of model.js reads: the members of a portable model and what a browser needs beside, packed."""
    unicode = tables() if shown_as(json.loads(members[DESCRIPTION])) in ("texts", "tags", "translation") else {}
    beside = {KERNELS: kernels(), "page.json": json.dumps({"unicode": unicode}).encode()}
    return {name: _packed(data) for name, data in (members | beside).items()}


def shown_as(description: dict[str, Any]) -> str:
    """How a page shows a model.

    Gives "texts", "latent", "series", "tags" (of words), "steps" (tagged), "translation", "captions", "forecasts" or
    "images".

    Raises:
        UserError: there is no way to.

    Example:
        >>> shown_as({"reader": {"kind": "images"}, "model": {"kind": "autoencoder"}})
        'latent'
    """
    reads = description["reader"]["kind"]
    if reads == "byte pairs":
        return "translation"
    # Earlier versions did not describe their tables.
    if reads.endswith("histories") and "table" in description["reader"]:
        return "forecasts"
    if description.get("task", {}).get("kind") == "tagging":
        return "steps" if reads.endswith("series") else "tags"
    if description["model"]["kind"] == "autoencoder":
        return "latent"
    if description["model"]["kind"] == "upscaler":
        return "images"
    if reads == "rows" or reads.endswith(("texts", "words")):
        return "texts"
    if reads.endswith("series"):
        return "captions" if description.get("task", {}).get("kind") == "translation" else "series"
    raise UserError(f"There is no page for a model that reads {reads}. Write it with --out instead.")


def _read(description: dict[str, Any]) -> dict[str, Any]:
    """How a page describes what its model reads."""
    reader, task = description["reader"], description["task"]
    if reader["kind"] == "images":
        return {"rows": reader["length"], "columns": reader["features"]}
    if task["kind"] == "translation" and reader["kind"].endswith("series"):
        return {"film": bool(task.get("rows")), "pixels": len(reader["channels"])}
    if not reader["kind"].endswith("histories"):
        return {}
    known = reader["columns"][1 + reader["until_now"] :]
    return {"horizon": task["horizon"], "target": reader["columns"][0], "known_ahead": bool(known)}


def _told(description: dict[str, Any]) -> dict[str, Any]:
    """What stands on top of a page."""
    record = description["record"]
    test, verdict = record.get("test") or {}, record.get("verdict") or {}
    kind = description["task"]["kind"]
    return {
        "title": description["title"],
        "made_by": description["made_by"],
        "recipe": record.get("recipe", ""),
        "protocol": record.get("protocol", ""),
        "scores": shown_scores(kind, test, verdict.get("measure")),
        "scored": "test forecasts" if kind == "forecasting" else f"{test.get('examples', 0):,} test examples",
        "verdict": verdict.get("words", ""),
        "outcome": outcome_of(verdict) if verdict else "",
        "reduced": reduction_in_words(description["reduced"], kind) if "reduced" in description else "",
    }


def _packed(data: bytes) -> str:
    """What `unpacked` of bytes.js reads; the same bytes give the same text."""
    return base64.b64encode(gzip.compress(data, 9, mtime=0)).decode()
