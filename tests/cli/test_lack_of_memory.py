"""A lack of memory, or of a folder for temporary files, is reported in one line."""

import jax
import pytest

from unspool import cli
from unspool.cli import main

LACKS = [
    MemoryError("Unable to allocate 8 GiB"),
    ImportError("libscipy_openblas.so: failed to map segment from shared object"),
    ImportError("libjax_common.so: cannot open shared object file: Cannot allocate memory"),
    jax.errors.JaxRuntimeError("RESOURCE_EXHAUSTED: Out of memory allocating 8589934592 bytes."),
    RuntimeError("can't start new thread"),
]
OTHERS = [
    ImportError("No module named 'keras'"),
    ImportError("libx.so: failed to map segment from shared object: Operation not permitted"),
    jax.errors.JaxRuntimeError("INTERNAL: Failed"),
    RuntimeError("something else"),
    FileNotFoundError(2, "No such file or directory"),
]


def fail_with(error, monkeypatch):
    def failing(arguments):
        raise error

    monkeypatch.setattr(cli, "_run", failing)


@pytest.mark.parametrize("error", LACKS, ids=str)
def test_a_lack_of_memory_is_one_line(error, monkeypatch, capsys):
    fail_with(error, monkeypatch)
    assert main(["doctor"]) == 1
    assert capsys.readouterr().err == (
        "unspool: there is not enough memory for this. Close other programs, or give smaller files.\n"
    )


def test_a_lack_of_a_temporary_folder_is_one_line(monkeypatch, capsys):
    fail_with(FileNotFoundError(2, "No usable temporary directory found in ['/tmp', '/var/tmp', '/app']"), monkeypatch)
    assert main(["doctor"]) == 1
    assert capsys.readouterr().err == (
        "unspool: there is no writable folder for temporary files. Set the environment variable TMPDIR to one.\n"
    )


@pytest.mark.parametrize("error", OTHERS, ids=str)
def test_other_errors_are_raised(error, monkeypatch):
    fail_with(error, monkeypatch)
    with pytest.raises(type(error)):
        main(["doctor"])
