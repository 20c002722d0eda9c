import json
import shutil
import subprocess
import zipfile
from functools import partial

import numpy as np
import pytest

from unspool.descriptions.networks import Seq2Vec
from unspool.export.page.script import CORE, joined
from unspool.export.page.writing import blocks_of
from unspool.readers import RawTextReader, TextReader
from unspool.runs.checking.golden import golden_of
from unspool.runs.model import TrainedModel
from unspool.runs.recipes.recipe import FileSettings, Recipe


def write_model(folder, network, reader, task, inputs, description=None, threshold=None, **columns):
    """Write a model's folder, as `train` does but for what a run records."""
    kind = "text" if isinstance(reader, RawTextReader | TextReader) else "series"
    data = FileSettings(path="memory", kind=kind, **columns)
    recipe = Recipe(name="small", title="A small model", data=data, model=description or Seq2Vec())
    model = TrainedModel(recipe, reader, task, threshold, network)
    folder.mkdir()
    model.save(folder)
    golden_of(model.checkable, inputs).save(folder)
    return folder


@pytest.fixture
def folder_of(tmp_path):
    """Writes a model's folder."""
    return partial(write_model, tmp_path / "model")


NODE = shutil.which("node") or shutil.which("nodejs")
_ANSWERED = """
const model = await loadModel((name) => given.blocks[name]);
const read = (one) => (Array.isArray(one) && Array.isArray(one[0])
  ? { values: Float64Array.from(one.flat(), (number) => number ?? NaN), length: one.length } : one);
const of = new Function("model", "one", `return ${given.expression}`);
print([model.check(), given.examples.map((one) => of(model, read(one)))]);
"""


@pytest.fixture
def node(tmp_path):
    """Runs the page's program, as far as it knows of no page, and what a test adds: from `given` to what it prints."""
    if NODE is None:
        pytest.skip("Node, which runs the page's program here, is not installed")

    def computed(program, given):
        start = (
            'import { readFileSync } from "node:fs"; const given = JSON.parse(readFileSync(0, "utf-8")); '
            "const print = (one) => console.log(JSON.stringify(one));\n"
        )
        path = tmp_path / "program.mjs"
        path.write_text(start + joined(CORE) + program)
        done = subprocess.run([NODE, path], input=json.dumps(given), capture_output=True, text=True, timeout=100)
        assert not done.returncode, done.stderr
        return json.loads(done.stdout)

    return computed


@pytest.fixture
def javascript(node):
    """Has a portable model computed by the page's program.

    Gives how its golden examples are answered, and of each example an expression in `model` and `one`.
    """

    def computed(path, examples=(), expression="[...model.outputs(one)]"):
        with zipfile.ZipFile(path) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        plain = [
            np.where(np.isnan(one), None, one).tolist() if isinstance(one, np.ndarray) else one for one in examples
        ]
        return node(_ANSWERED, {"blocks": blocks_of(members), "examples": plain, "expression": expression})

    return computed
