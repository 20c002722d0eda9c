"""What `import unspool` does about Keras's backend, each in a process of its own."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

pytestmark = pytest.mark.whole

FIT = """
import keras, numpy as np, unspool
model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
model.compile("sgd", "mse")
unspool.fit(model, np.ones((2, 1)), np.ones(2), verbose=0)
"""


def python(code, tmp_path, **environment):
    """Runs code without the settings of this process."""
    kept = {name: value for name, value in os.environ.items() if name not in ("KERAS_BACKEND", "KERAS_HOME")}
    environment = {**kept, "KERAS_HOME": str(tmp_path), **environment}
    return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)


def test_keras_on_another_backend_is_told_in_one_line(tmp_path):
    """NumPy's backend stands for TensorFlow's: it needs nothing to be installed."""
    code = "import os; os.environ['KERAS_BACKEND'] = 'numpy'; import keras; del os.environ['KERAS_BACKEND']" + FIT
    done = python(code, tmp_path)
    first, *rest = done.stderr.splitlines()
    assert first == (
        "Keras was imported before unspool and runs on numpy, but unspool needs JAX: start Python again, and import "
        "unspool before keras or set KERAS_BACKEND=jax"
    )
    assert rest[-1].startswith("ValueError: unspool needs Keras's JAX backend")


def test_a_backend_that_is_not_installed(tmp_path):
    hidden = "import importlib.util as u; f = u.find_spec; u.find_spec = lambda n: None if n == 'tensorflow' else f(n)"
    done = python(f"{hidden}\nimport unspool", tmp_path, KERAS_BACKEND="tensorflow")
    assert done.stderr.splitlines()[-1] == (
        "ImportError: KERAS_BACKEND=tensorflow, but tensorflow is not installed, and unspool needs JAX: set "
        "KERAS_BACKEND=jax, or remove the variable"
    )


def test_unspool_after_an_import_of_keras_that_failed(tmp_path):
    """As in a notebook whose first cell imports Keras where there is no TensorFlow."""
    code = """
import sys
sys.modules["tensorflow"] = None
try:
    import keras
except ImportError:
    pass
"""
    done = python(code + "import unspool" + FIT, tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


@pytest.mark.skipif(find_spec("tensorflow") is not None, reason="Keras finds TensorFlow")
def test_the_page_has_what_keras_says_where_it_is_imported_first(tmp_path):
    """unspool cannot speak before it is imported: whoever searches the page for the message finds what to do."""
    done = python("import keras\nimport unspool", tmp_path)
    error, _, message = done.stderr.splitlines()[-1].partition(": ")
    assert (error, message) == ("ModuleNotFoundError", "No module named 'tensorflow'")
    page = Path(__file__).parents[1] / "docs/speed.md"
    assert f"`{message}`" in page.read_text(encoding="utf-8")
