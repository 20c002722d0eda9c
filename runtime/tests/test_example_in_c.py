"""The program in C answers as the package does."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

import small
import unspool_runtime
from unspool_runtime import Model, native

RUNTIME = Path(__file__).parents[1]
TEXTS = ["a fine film!", "a dull film, don't", "?!", "nothing known", "fine film a fine film"]


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    folders = [Path(folder) for folder in unspool_runtime.__path__]
    found = [folder / native.FILE for folder in folders if (folder / native.FILE).is_file()]
    if compiler is None or not found:
        pytest.skip("there is no C compiler, or no native library")
    out = tmp_path_factory.mktemp("c") / "linear_texts"
    source = RUNTIME / "examples" / "linear_texts.c"
    warnings = ["-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]
    command = [compiler, *warnings, f"-I{RUNTIME / 'native'}", str(source), str(found[0]), "-lm", "-o", str(out)]
    subprocess.run([*command, f"-Wl,-rpath,{found[0].parent}"], check=True)
    return out


@pytest.mark.parametrize("weights", ["float32", "int8"])
def test_the_program_answers_as_the_package_does(program, tmp_path, weights):
    tree = small.linear()
    block = tree["blocks"][0]  # the program knows n-grams of up to three words
    block["longest"] = 3
    block["levels"].append({"first": np.array([0], np.int32), "last": np.array([2], np.int32)})
    for name in ("weights", "coefficients"):
        block[name] = np.append(block[name], [[np.float32(0.8)]], axis=0)
        if weights == "int8":
            numbers, scales = np.rint(block[name] * 40).astype(np.int8), np.array([0.025, 0.03], np.float32)
            block[name] = {"int8": numbers, "scales": scales}
    path = small.write(tmp_path, small.of_texts(tree))
    found = subprocess.run([program, path, *TEXTS], capture_output=True, text=True, check=True)
    wanted = Model.load(path).outputs(TEXTS)[:, 0]
    assert np.ptp(wanted) > 0.01
    np.testing.assert_allclose(list(map(float, found.stdout.split())), wanted, atol=1e-8)
