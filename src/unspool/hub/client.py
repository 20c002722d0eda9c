"""The client of a hub, and what goes wrong there in one line that holds nothing a server or a token said."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from unspool.errors import UserError

if TYPE_CHECKING:
    from huggingface_hub import HfApi

PATIENCE = 30.0
"""Seconds to wait for a hub's first answer."""

_NAME = re.compile(r"\w(?:[\w.-]*\w)?/\w(?:[\w.-]*\w)?(?<!\.git)", re.ASCII)
_LOG_IN = "Log in with `hf auth login`, or put a token in the environment variable HF_TOKEN"


def client() -> "HfApi":
    """The client of the hub that HF_ENDPOINT names, or else of huggingface.co.

    Raises:
        UserError: huggingface_hub is not installed.
    """
    try:
        from huggingface_hub import HfApi
    except ImportError as error:
        raise UserError(
            "The package huggingface_hub, which talks to model hubs, is not installed: pip install 'unspool[hub]'"
        ) from error
    from unspool import __version__

    return HfApi(endpoint=os.environ.get("HF_ENDPOINT") or None, library_name="unspool", library_version=__version__)


def check_name(repository: str) -> None:
    """Refuse what cannot be the name of a repository.

    Raises:
        UserError: says what a name looks like.
    """
    if not _NAME.fullmatch(repository) or len(repository) > 96 or "--" in repository or ".." in repository:
        raise UserError(
            f"{repository} is not the name of a repository. Give OWNER/NAME, such as ada/reviews. Both may contain "
            "letters, digits, '_', and within them '-' and '.'; a name cannot end in .git."
        )


def check_token() -> None:
    """Make sure that there is a token, without which nothing can be sent.

    Raises:
        UserError: there is none.
    """
    from huggingface_hub import get_token

    if not get_token():
        raise UserError(f"There is no token for the hub. {_LOG_IN}; it needs the right to write.")


@contextmanager
def telling_of(hub: "HfApi", repository: str, *, writes: bool) -> Iterator[None]:
    """Turn whatever goes wrong between here and a hub into one line.

    `writes` says whether a right that is refused is that to write, or to read.

    Raises:
        UserError: there is no such repository, the token does not open it, the hub refuses, or cannot be reached.
    """
    import httpx2
    from huggingface_hub import errors

    try:
        yield
    except UserError:
        raise
    except errors.LocalEntryNotFoundError as error:
        cause = error.__cause__
        known = isinstance(cause, errors.HfHubHTTPError | errors.OfflineModeIsEnabled)
        raise _told(cause if known else error, hub.endpoint, repository, writes) from error
    except (errors.HfHubHTTPError, errors.OfflineModeIsEnabled, httpx2.HTTPError, ConnectionError) as error:
        raise _told(error, hub.endpoint, repository, writes) from error
    except (ValueError, TypeError, LookupError, AttributeError, RuntimeError, errors.XetDownloadError) as error:
        raise UserError(
            f"{hub.endpoint} did not answer as a hub does ({_kind(error)}). Check HF_ENDPOINT, or try again later."
        ) from error


def _told(error: BaseException | None, endpoint: str, repository: str, writes: bool) -> UserError:
    from huggingface_hub import errors

    if isinstance(error, errors.OfflineModeIsEnabled):
        return UserError("HF_HUB_OFFLINE keeps huggingface_hub from using the network. Remove that variable.")
    if isinstance(error, errors.GatedRepoError):
        return UserError(f"{repository} opens only for those whom its owner lets in. Ask for it at {endpoint}.")
    if isinstance(error, errors.RepositoryNotFoundError):
        return UserError(
            f"There is no model {repository} at {endpoint} that you may read. Check its name; if it is private, your "
            f"token must open it. {_LOG_IN}."
        )
    if not isinstance(error, errors.HfHubHTTPError):
        return UserError(f"{endpoint} cannot be reached ({_kind(error)}). Check the connection, and try again.")
    status = error.response.status_code
    if status == 401:
        return UserError(f"{endpoint} does not accept your token (HTTP status 401). {_LOG_IN}.")
    if status == 403 and not writes:
        return UserError(
            f"{endpoint} does not let you read {repository} (HTTP status 403). Check its name, and that your token has "
            "the right to read it."
        )
    if status == 403:
        return UserError(
            f"Your token may not write to {repository} (HTTP status 403). Check the owner's name, and make a token "
            "with the right to write."
        )
    return UserError(f"{endpoint} refused {repository} (HTTP status {status}). Try again later.")


def _kind(error: BaseException | None) -> str:
    return type(error).__name__
