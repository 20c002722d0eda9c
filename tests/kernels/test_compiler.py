"""Which C++ compiler builds the kernels: the one that is asked for, if it is here."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHOICE = Path(__file__).parents[2] / "native" / "zig.cmake"


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ("c++", "c++"),
        ("c++ -pthread", "c++ -pthread"),
        ("a-compiler-that-is-not-here", ""),
        ("a-compiler-that-is-not-here -pthread", ""),
        ("", ""),
    ],
)
def test_a_compiler_that_is_asked_for_is_kept_if_it_is_here(asked, kept, tmp_path):
    cmake = shutil.which("cmake", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if cmake is None or not CHOICE.exists():
        pytest.skip("needs cmake and the sources")
    program = tmp_path / "c++"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    script = tmp_path / "asked.cmake"
    script.write_text(f'include("{CHOICE}")\nmessage("<$ENV{{CXX}}>")\n')
    here = os.environ | {"CXX": asked, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    found = subprocess.run([cmake, "-P", str(script)], env=here, capture_output=True, text=True, check=True)
    assert found.stderr.splitlines()[-1] == f"<{kept}>"
