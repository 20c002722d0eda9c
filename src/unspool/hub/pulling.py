"""`unspool pull`: a run from a hub, checked before it gets its name."""

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from unspool.errors import UserError
from unspool.hub.client import PATIENCE, check_name, client, telling_of
from unspool.hub.contents import RECORDED, most_bytes
from unspool.runs.checking.certificate import refuse_broken
from unspool.runs.checking.certificate_file import read_certificate
from unspool.runs.checking.check import check
from unspool.runs.reading.preparation import Say
from unspool.runs.records.folder import CERTIFICATE, check_run, written_whole
from unspool.runs.records.record import read_result

if TYPE_CHECKING:
    from huggingface_hub import HfApi
    from huggingface_hub.hf_api import RepoSibling


@dataclass(frozen=True)
class Pulled:
    """What was taken.

    Attributes:
        folder: the run's.
        commit: its version at the hub.
        files: how many were taken; pages were made here.
        bytes: how large they are together.
        verdict: of the run, in words.
    """

    folder: Path
    commit: str
    files: int
    bytes: int
    verdict: str


def pull(repository: str, out: Path, *, say: Say = lambda line: None) -> Pulled:
    """Take a run from a hub: whole and checked, or not at all.

    The folder is a stranger's until it is checked. Only files that a run records are taken, by their names and up to
    a size; each must be what the hub lists, and the model's must be those of its certificate. Then the saved examples
    are run again, as `unspool check` does, and the report and the model card are made here from what is recorded.

    Args:
        repository: OWNER/NAME.
        out: the folder to write; must not be there yet.
        say: gets a line as each part of the work begins.

    Raises:
        UserError: there is no such repository, it holds no run, something in it is not what it should be, or the hub
            cannot be reached.
    """
    check_name(repository)
    hub = client()
    with written_whole(out) as content:
        with telling_of(hub, repository, writes=False):
            info = hub.model_info(repository, files_metadata=True, timeout=PATIENCE)
            commit = str(info.sha)
            listed = _of_a_run(info.siblings or [], repository)
            size = sum(file.size or 0 for file in listed)
            say(f"taking {len(listed)} files, {size / 1e6:.1f} MB")
            for file in listed:
                _take(hub, repository, commit, file, content)
        shutil.rmtree(content / ".cache", ignore_errors=True)  # huggingface_hub's notes on what it has downloaded
        try:
            verdict = _checked(content, say)
        except UserError as error:
            told = str(error).replace(f"{content}/", "").replace(str(content), repository)
            raise UserError(f"{repository} is not taken, nothing was written. {told}") from error
    return Pulled(out, commit, len(listed), size, verdict)


def _of_a_run(listed: "list[RepoSibling]", repository: str) -> "list[RepoSibling]":
    """What a run records of what is listed.

    Raises:
        UserError: there is no run, or a file is larger than any of a run.
    """
    found = [file for file in listed if file.rfilename in RECORDED]
    if CERTIFICATE not in {file.rfilename for file in found}:
        raise UserError(f"{repository} does not hold a run that `unspool push` sent: there is no {CERTIFICATE} in it.")
    for file in found:
        if file.size is None or file.size > most_bytes(file.rfilename):
            raise UserError(f"{repository} is refused: {file.rfilename} is larger than any such file of a run.")
    return found


def _take(hub: "HfApi", repository: str, commit: str, file: "RepoSibling", content: Path) -> None:
    """Download a file, and make sure that it is the one that is listed.

    Raises:
        UserError: it is not, or the hub sends more bytes than it has listed.
    """
    path = content / file.rfilename
    limit = _limited(f"{file.rfilename} of {repository}", file.size or 0)
    hub.hf_hub_download(repository, file.rfilename, revision=commit, local_dir=content, tqdm_class=limit)
    if path.is_symlink() or path.stat().st_size != file.size or not _is_listed(path, file):
        raise UserError(
            f"{file.rfilename} of {repository} did not arrive as the hub lists it. Nothing was written; try again."
        )


def _limited(what: str, most: int) -> Any:
    """Return a class of progress bars that show nothing, and stop a download that is too large.

    huggingface_hub itself compares sizes only once a download is complete.
    """
    from huggingface_hub.utils.tqdm import tqdm

    class Limit(tqdm):
        def __init__(self, *_: Any, **__: Any) -> None:
            super().__init__(disable=True)  # type: ignore[no-untyped-call]
            self.taken = 0.0

        def update(self, n: float | None = 1) -> bool | None:
            self.taken += n or 0  # negative if the download starts over
            if self.taken > most:
                raise UserError(f"{what} is refused: the hub sends more than the {most:,} bytes that it lists.")
            return None

        def update_transfer(self, n: float) -> None:
            """Ignore the compressed bytes that arrive: they say nothing about the size of the file."""

    return Limit


def _is_listed(path: Path, file: "RepoSibling") -> bool:
    """Whether a file has the digest that is listed: SHA-256 of large ones, Git's own of the others."""
    with path.open("rb") as handle:
        if file.lfs is not None:
            return hashlib.file_digest(handle, "sha256").hexdigest() == file.lfs.sha256
        blob = hashlib.sha1(b"blob %d\0" % path.stat().st_size, usedforsecurity=False)
        while piece := handle.read(1 << 20):
            blob.update(piece)
    return blob.hexdigest() == file.blob_id


def _checked(content: Path, say: Say) -> str:
    """Check what has arrived, make its pages, and give the run's verdict."""
    check_run(content)
    try:
        certificate = read_certificate(content)
    except (OSError, ValueError) as error:
        raise UserError(f"{CERTIFICATE} is damaged.") from error
    if certificate is None:
        raise UserError(f"The model's files are not those that {CERTIFICATE} is of.")
    say("checking that its predictions are consistent")
    refuse_broken(content, check(content))
    return read_result(content).verdict.words
