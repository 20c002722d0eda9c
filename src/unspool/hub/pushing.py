"""`unspool push`: a run to a hub, as one commit."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from unspool.errors import UserError
from unspool.hub.client import PATIENCE, check_name, check_token, client, telling_of
from unspool.hub.contents import files_to_send
from unspool.runs.checking.certificate import refuse_broken
from unspool.runs.checking.certificate_file import read_certificate
from unspool.runs.checking.check import check
from unspool.runs.reading.preparation import Say
from unspool.runs.records.folder import CERTIFICATE, check_run
from unspool.runs.rewriting import rewrite_report

if TYPE_CHECKING:
    from huggingface_hub import HfApi

_OF_THE_HUB = {".gitattributes"}
"""What a hub puts into a new repository."""


@dataclass(frozen=True)
class Pushed:
    """What was sent.

    Attributes:
        url: where it is.
        commit: its version there.
        files: how many files.
        bytes: how large they are together.
        private: whether only those see it whom its owner lets in.
    """

    url: str
    commit: str
    files: int
    bytes: int
    private: bool


def push(folder: Path, repository: str, *, public: bool = False, say: Say = lambda line: None) -> Pushed:
    """Send a run to a new repository of a hub, after `check` where it has not been checked.

    All files arrive in one commit, or none. Files in the folder that are not a run's own stay here.

    Args:
        folder: of a finished run; gets certificate.json, and its report and model card again.
        repository: its name there, OWNER/NAME.
        public: whether everybody may see it; a run's folder holds examples of its data.
        say: gets a line as each part of the work begins.

    Raises:
        UserError: it is no finished run, its predictions are not consistent, there is no token, the name is taken, or
            the hub refuses or cannot be reached.
    """
    check_name(repository)
    check_run(folder)
    hub = client()
    check_token()
    _certify(folder, say)
    names = files_to_send(folder)
    size = sum((folder / name).stat().st_size for name in names)
    with telling_of(hub, repository, writes=True):
        url = _new_repository(hub, repository, public)
        say(f"sending {len(names)} files, {size / 1e6:.1f} MB")
        commit = _send(hub, folder, names, repository)
    return Pushed(url, commit, len(names), size, not public)


def _certify(folder: Path, say: Say) -> None:
    try:
        certificate = read_certificate(folder)
    except (OSError, ValueError) as error:
        raise UserError(f"{folder / CERTIFICATE} is damaged. Remove it, and push again.") from error
    if certificate is None:
        say("checking that its predictions are consistent")
        certificate = check(folder)
    else:
        rewrite_report(folder)  # a folder of an earlier version has no model card
    refuse_broken(folder, certificate)


def _new_repository(hub: "HfApi", repository: str, public: bool) -> str:
    """Make a repository, or take one that an earlier push left empty."""
    from huggingface_hub.errors import RepositoryNotFoundError

    try:
        there = hub.model_info(repository, timeout=PATIENCE)
    except RepositoryNotFoundError:
        return str(hub.create_repo(repository, private=not public))
    if {file.rfilename for file in there.siblings or ()} - _OF_THE_HUB:
        raise UserError(f"{repository} is taken: there are files in it. Choose another name, or delete it at the hub.")
    if bool(there.private) == public:
        seen = "private" if public else "public"
        raise UserError(f"{repository} is there and empty, but {seen}. Choose another name, or delete it at the hub.")
    return f"{hub.endpoint}/{repository}"


def _send(hub: "HfApi", folder: Path, names: list[str], repository: str) -> str:
    from huggingface_hub import CommitOperationAdd

    from unspool import __version__

    files = [CommitOperationAdd(path_in_repo=name, path_or_fileobj=folder / name) for name in names]
    message = f"Add a run made by unspool {__version__}"
    return str(hub.create_commit(repository, files, commit_message=message).oid)
