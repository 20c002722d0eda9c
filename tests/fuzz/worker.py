"""Run by the fuzzer in a process of its own with bounded memory: uses one input after another, and says how each ended.

A request is a line of JSON, a target and a file that holds the input; so is an answer: the kind of end ("done", "told"
or "finding") and what was said. Whatever is neither success nor one clear line of a `UserError` is a finding.
"""

import json
import os
import resource
import shutil
import sys
import tempfile
import traceback
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import unspool  # before keras
from unspool import terminal
from unspool.cli import main
from unspool.errors import UserError

import keras  # isort: skip

ROOT = Path(unspool.__file__).parent
EARLIER = Path(__file__).parents[1] / "runs" / "earlier"
SPARE = 1 << 30
"""Bytes of memory that an input may make the process take."""

TRIED = Path(os.environ.get("FUZZ_MODELS", "/nonexistent"))
"""Folders of models that the fuzzer has trained."""


def command(*arguments):
    """A command as a person would type it; its streams are what a terminal would get."""
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main([str(one) for one in arguments])
    said = err.getvalue()
    for text in (out.getvalue(), said):
        if text != terminal.shown(text):
            return "finding", f"a control character reaches the terminal: {text!r:.300}"
    if "not enough memory" in said:
        return "finding", "it takes more memory than there is"
    if code == 0:
        return "done", said
    lines = said.splitlines()
    if code != 1 or not lines or not lines[-1].startswith("unspool: ") or len(lines[-1]) < 20:
        return "finding", f"exit code {code}, and it says {said[-300:]!r}"
    return "told", lines[-1]


def called(function):
    """What a function of the package makes of an input."""
    try:
        function()
    except UserError as error:
        if "\n" in str(error):
            return "finding", f"more than one line: {error}"
        return "told", str(error)
    return "done", ""


def table(path, folder):
    return command("inspect", path)


def unlabelled(path, folder):
    return command("predict", TRIED / "texts", path, "--out", folder / "out.csv", "--on-error", "skip")


def keras_file(path, folder):
    from unspool.models.loading import load_model

    return called(lambda: load_model(path))


def array(path, folder):
    from unspool.runs.arrays import read_npy

    return called(lambda: read_npy(path))


def tokenizer(path, folder):
    from unspool.data.tokenizers.tokenizer import load_tokenizer

    return called(lambda: load_tokenizer(path).encode(["a fine film"]))


def recipe(path, folder):
    from unspool.runs.recipes.file import chosen_settings, load_recipe
    from unspool.runs.recipes.unused_settings import refuse_unused_settings

    return called(lambda: refuse_unused_settings(load_recipe(path), chosen_settings(path)))


def checkpoint(path, folder):
    """A checkpoint whose digest fits its content, of which only the content is wrong."""
    from unspool.training.checkpoint import Checkpoint, CheckpointSaves
    from unspool.training.checkpoint_files import _digest

    content = path.read_bytes()
    path.rename(folder / f"checkpoint-000001-{_digest(content)}.safetensors")
    model, training, hooks = small_training()

    def resume():
        saves = CheckpointSaves(Checkpoint(folder), model, training, 3)
        try:
            saves.resume(keras.callbacks.CallbackList(hooks, model=model), 20, 2)
        finally:
            saves.close()

    return called(resume)


def portable(path, folder):
    from unspool_runtime import InputError, Model, ModelError

    def answer():
        try:
            model = Model.load(path)
            model.check()
        except (InputError, ModelError) as error:
            raise UserError(str(error)) from error

    return called(answer)


def small_training():
    """A model, its fingerprint and its callbacks, as `fit` would have them."""
    from unspool.training.fingerprint import learning_rates

    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("adam", "mse")
    model.optimizer.build(model.trainable_variables)
    fingerprint = {"learning rate": learning_rates(model), "batch size": 10}
    return model, fingerprint, [keras.callbacks.EarlyStopping(patience=2), keras.callbacks.History()]


def within(name, file, *how):
    """A file of a model's folder, all others of which are good."""

    def use(path, folder):
        copy = folder / "model"
        shutil.copytree(TRIED / name if (TRIED / name).is_dir() else EARLIER / name, copy)
        shutil.copyfile(path, copy / file)
        filled = [str(one).replace("MODEL", str(copy)).replace("FOLDER", str(folder)) for one in how]
        return command(*(one.replace("EARLIER", str(EARLIER)).replace("TRIED", str(TRIED)) for one in filled))

    return use


OF_NEWER = (
    ("blend", "texts.csv", ("text-model.json", "text-model.safetensors")),
    ("series-blend", "waves.npz", ("model.json", "model.safetensors")),
    ("sales", "sales.csv", ("forecaster.json", "forecaster.safetensors", "reader.json", "recipe.toml")),
    ("tags", "tags.conll", ("reader.json", "labels.json", "recipe.toml")),
    ("pairs", "pairs.csv", ("reader.json", "labels.json", "tokenizer.json", "recipe.toml")),
)
"""Models that the fuzzer trains, with what they predict, and which of their files change."""

_OUT = ("--out", "FOLDER/out.csv")
TARGETS = {
    "csv": (table, "x.csv"),
    "tsv": (table, "x.tsv"),
    "jsonl": (table, "x.jsonl"),
    "npz": (table, "x.npz"),
    "ts": (table, "x.ts"),
    "parquet": (table, "x.parquet"),
    "conll": (table, "x.conll"),
    "new.csv": (unlabelled, "x.csv"),
    "npy": (array, "x.npy"),
    "keras": (keras_file, "x.keras"),
    "recipe": (recipe, "x.toml"),
    "checkpoint": (checkpoint, "x.safetensors"),
    "metrics.json": (within("own-text", "metrics.json", "inspect", "MODEL"), "x.json"),
    "metrics-report": (within("autoencoder", "metrics.json", "report", "MODEL"), "x.json"),
    "predictions.npz": (within("autoencoder", "predictions.npz", "inspect", "MODEL"), "x.npz"),
    "history.csv": (within("own-text", "history.csv", "inspect", "MODEL"), "x.csv"),
    "environment.json": (within("own-text", "environment.json", "inspect", "MODEL"), "x.json"),
    "tokenizer.json": (
        within("own-text", "tokenizer.json", "predict", "MODEL", "EARLIER/reviews.csv", *_OUT),
        "x.json",
    ),
    "bpe.json": (tokenizer, "x.json"),
    "reader.json": (within("own-series", "reader.json", "predict", "MODEL", "EARLIER/waves.npz", *_OUT), "x.json"),
    "labels.json": (within("own-series", "labels.json", "predict", "MODEL", "EARLIER/waves.npz", *_OUT), "x.json"),
    "decision.json": (within("own-text", "decision.json", "predict", "MODEL", "EARLIER/reviews.csv", *_OUT), "x.json"),
    "recipe.toml": (within("own-text", "recipe.toml", "predict", "MODEL", "EARLIER/reviews.csv", *_OUT), "x.toml"),
    "model.keras": (within("own-text", "model.keras", "predict", "MODEL", "EARLIER/reviews.csv", *_OUT), "x.keras"),
    "latent.npz": (
        within("autoencoder", "latent.npz", "generate", "MODEL", "--count", "2", "--out", "FOLDER/out.npy"),
        "x.npz",
    ),
    "golden.npz": (within("texts", "golden.npz", "check", "MODEL"), "x.npz"),
    "golden.json": (within("texts", "golden.json", "check", "MODEL"), "x.json"),
    "chosen.json": (within("texts", "chosen.json", "predict", "MODEL", "EARLIER/reviews.csv", *_OUT), "x.json"),
    "text-model.json": (within("texts", "text-model.json", "predict", "MODEL", "EARLIER/reviews.csv", *_OUT), "x.json"),
    "text-model.safetensors": (
        within("texts", "text-model.safetensors", "predict", "MODEL", "EARLIER/reviews.csv", *_OUT),
        "x.safetensors",
    ),
    "texts-recipe.toml": (within("texts", "recipe.toml", "predict", "MODEL", "EARLIER/reviews.csv", *_OUT), "x.toml"),
    "seen.npz": (within("texts", "seen.npz", "evaluate", "MODEL", "EARLIER/reviews.csv"), "x.npz"),
    "model.json": (within("series", "model.json", "predict", "MODEL", "EARLIER/waves.npz", *_OUT), "x.json"),
    "model.safetensors": (
        within("series", "model.safetensors", "predict", "MODEL", "EARLIER/waves.npz", *_OUT),
        "x.safetensors",
    ),
    "portable-blend": (portable, "x.unspool"),
    "portable-series-blend": (portable, "x.unspool"),
}
for _model, _data, _names in OF_NEWER:
    for _name in _names:
        _how = within(_model, _name, "predict", "MODEL", f"TRIED/{_data}", *_OUT)
        TARGETS[f"{_model}-{_name}"] = (_how, f"x{Path(_name).suffix}")
"""How each kind of input is used, and what its file is called."""


def ended(target, path):
    use, name = TARGETS[target]
    with tempfile.TemporaryDirectory(prefix="unspool-fuzz-") as folder:
        shutil.copyfile(path, Path(folder) / name)
        try:
            how, said = use(Path(folder) / name, Path(folder))
        except BaseException as error:  # SystemExit too
            how, said = "finding", told(error)
    keras.utils.clear_session(free_memory=False)
    return how, said.replace(folder, "FOLDER")


def told(error):
    """The error, and where in the package it came up: findings at one place are one."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(str(ROOT))]
    place = f"{Path(frames[-1].filename).relative_to(ROOT)}:{frames[-1].name}" if frames else "?"
    return f"{type(error).__name__} at {place}: {str(error)[:200]}"


def bound_memory():
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + SPARE, taken + SPARE))
    resource.setrlimit(resource.RLIMIT_FSIZE, (SPARE, SPARE))


if __name__ == "__main__":
    answers = os.fdopen(os.dup(1), "w")  # what is printed otherwise does not disturb
    os.dup2(2, 1)
    small_training()
    bound_memory()
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(ended(asked["target"], Path(asked["path"]))), file=answers, flush=True)
