"""The cache folder, checks of paths, and reading with limits."""

import errno
import os
import re
import stat
import struct
import zipfile
import zlib
from io import BufferedReader
from os import PathLike
from pathlib import Path

from unspool.errors import AdvisedError, UserError

CACHE_VARIABLE = "UNSPOOL_CACHE"

FOR_OUTPUT = "Name a file to write."

_ADDRESS = re.compile(r"(^|/)(https?|ftp|s3|gs|hf|file):/")

MOST_BYTES = 1 << 28
"""The most bytes of a descriptive file in a run's folder, which is read at once."""

MOST_OF_ARRAYS = 1 << 33
"""The most bytes of a file of arrays."""

OF_THE_SYSTEM = {
    errno.EACCES,
    errno.EDQUOT,
    errno.EFBIG,
    errno.EINTR,
    errno.EIO,
    errno.ELOOP,
    errno.EMFILE,
    errno.ENAMETOOLONG,
    errno.ENFILE,
    errno.ENOMEM,
    errno.ENOSPC,
    errno.EPERM,
    errno.EROFS,
    errno.ESTALE,
    errno.ETIMEDOUT,
}
"""Errors of the disk or of exhausted resources, which only the user can fix."""

DAMAGE = (
    OSError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RuntimeError,  # RecursionError and NotImplementedError among them
    EOFError,
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
)
"""Exceptions that reading one of our files may raise if it was truncated, altered, or made by someone else."""


def reason_of(error: BaseException) -> str:
    """The message of an error of `DAMAGE` in one line without a full stop, or its type if it has none.

    Raises:
        UserError: it is an error of the disk or the system; then the file may be intact.
    """
    if isinstance(error, OSError) and error.errno in OF_THE_SYSTEM:
        where = error.filename or "A file"
        raise UserError(
            f"{where} cannot be read ({error.strerror}). It is not changed. Try again once that is put right."
        ) from error
    if isinstance(error, OSError) and error.strerror:  # without the folder, which whoever reports this names
        return f"{error.strerror}: {Path(error.filename).name}" if error.filename else error.strerror
    mistakes = getattr(error, "errors", None)
    if callable(mistakes):  # of pydantic, whose message begins with their number
        first = mistakes()[0]
        return ": ".join([*filter(None, [".".join(map(str, first["loc"]))]), first["msg"]])
    said = str(error).strip() or type(error).__name__
    return said.splitlines()[0].rstrip(".")


def cache_folder() -> Path:
    """Return the folder for downloads and prepared datasets: UNSPOOL_CACHE, else the user's cache folder."""
    named = os.environ.get(CACHE_VARIABLE)
    if named:
        return expanded(named)
    from platformdirs import user_cache_path

    return user_cache_path("unspool")


def expanded(path: str | PathLike[str]) -> Path:
    """Expand `~` in a path.

    Raises:
        UserError: there is no such home folder.
    """
    try:
        return Path(path).expanduser()
    except RuntimeError as error:
        raise UserError(f"{path}: the home folder of that user is not known. Write the path in full.") from error


def is_there(path: Path) -> bool:
    """Whether something exists at a path; an error of the disk is raised, not taken for no.

    Raises:
        OSError: the disk cannot be read, for which `Path.exists` returns False from Python 3.12 on.
    """
    try:
        path.stat()
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG):
            raise
        return False
    return True


def refuse_missing(path: Path) -> None:
    """Check that a path of examples exists.

    Raises:
        UserError: there is neither a file nor a folder.
    """
    if not path.exists():
        advice = "" if path.suffix.lower() == ".npz" else "Give the path of a table or of a folder of text files."
        if _ADDRESS.search(str(path)):
            advice = "An address is not read: download the file, and give its path."
        raise AdvisedError(f"{path} is not there.", advice)


def refuse_missing_array(path: Path) -> None:
    """Check that the file of an array exists.

    Raises:
        UserError: there is no such file.
    """
    if not path.exists():
        raise UserError(f"There is no file {path}.")


def refuse_special(path: Path, remedy: str = "Save its content to a file, and give the path of that.") -> None:
    """Check that a path is no pipe, socket or device: reading one could block forever, an output would replace it.

    A path that does not exist passes.

    Raises:
        UserError: it is; says which.
    """
    try:
        mode = path.stat().st_mode
    except OSError:
        return
    kinds = (
        (stat.S_ISFIFO, "a pipe"),
        (stat.S_ISSOCK, "a socket"),
        (stat.S_ISCHR, "a device"),
        (stat.S_ISBLK, "a device"),
    )
    for is_kind, name in kinds:
        if is_kind(mode):
            raise UserError(f"{path} is {name}, not a file. {remedy}")


def refuse_input(out: Path, *inputs: Path) -> None:
    """Check that an output file is not one of the inputs, under any name or link.

    Raises:
        UserError: it is; names it.
    """
    for path in inputs:
        if out.exists() and path.exists() and out.samefile(path):
            raise UserError(f"--out {out} is the file that is read. Name another one, so that it is not lost.")


def refuse_inside(out: Path, folder: Path) -> None:
    """Check that an output file is not in the folder of a run that is read, whose files it might replace.

    Raises:
        UserError: it is; names both.
    """
    if not folder.is_dir():
        return
    places = [Path(os.path.realpath(one.absolute().parent)) for one in (out, linked(out))]
    if any(above.is_dir() and above.samefile(folder) for place in places for above in (place, *place.parents)):
        raise UserError(f"{out} lies in {folder}, which holds the files of its run only. Name a place elsewhere.")


def opened(path: Path) -> BufferedReader:
    """Open a file for reading; anything but a regular file is refused without blocking.

    Raises:
        UserError: it is a pipe, a socket or a device, see `refuse_special`.
        OSError: it cannot be opened.
    """
    refuse_special(path)
    handle = os.open(path, open_flags("O_RDONLY", "O_NONBLOCK"))  # if it has become a pipe meanwhile, do not block
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    return os.fdopen(handle, "rb")


def make_folder(path: Path) -> None:
    """Create a folder and its parents, even while other processes remove them.

    Raises:
        UserError: it cannot be created.
    """
    while True:
        try:
            path.mkdir(parents=True, exist_ok=True)
        except FileExistsError as error:
            if _is_in_the_way(path):
                raise unwritable(path, error) from error
        except OSError as error:
            raise unwritable(path, error) from error
        else:
            return


def _is_in_the_way(path: Path) -> bool:
    """Whether something other than a folder is at a path, and not only a folder that has been removed since."""
    try:
        return not stat.S_ISDIR(path.stat().st_mode)
    except FileNotFoundError:
        return path.is_symlink()
    except OSError:
        return True


def open_flags(*names: str) -> int:
    """The flags of `os.open` that this system has, for binary files that child processes do not inherit."""
    return sum(getattr(os, name, 0) for name in (*names, "O_CLOEXEC", "O_BINARY"))


def read_bounded(path: Path, most: int = MOST_BYTES) -> bytes:
    """Read a whole file within a limit, as a file from elsewhere may be larger than memory.

    Raises:
        OSError: it cannot be read.
        ValueError: it is larger.
        UserError: it is not a file, see `opened`.
    """
    with opened(path) as handle:
        size = os.fstat(handle.fileno()).st_size
        content = handle.read(size + 1) if size <= most else None  # as much memory is taken as is asked for
    if content is None or len(content) > most:
        raise ValueError(f"it has more than {most:,} bytes, which no such file has")
    return content


def linked(path: Path) -> Path:
    """The file that a link leads to, to be written in its place; only for outputs that a person has named."""
    return Path(os.path.realpath(path)) if path.is_symlink() else path


def unwritable(folder: Path, error: OSError) -> UserError:
    """The error that a folder cannot be written, with the reason and a remedy."""
    elsewhere = error.errno in (errno.EEXIST, errno.EFBIG, errno.EISDIR, errno.ENOENT, errno.ENOTDIR)
    remedy = "Choose another place" if elsewhere else "Free some space there or change the permissions"
    if folder.is_relative_to(cache_folder()):
        remedy += f", or name another cache folder in {CACHE_VARIABLE}"
    shown = folder if folder.name else folder.absolute()  # "." says little
    return UserError(f"{shown} cannot be written ({error.strerror}). {remedy}.")
