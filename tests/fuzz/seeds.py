"""Good inputs, from which bad ones are made: small files of each kind, and models of each kind."""

import csv
import io
import json
import shutil
from pathlib import Path

import numpy as np

from .worker import OF_NEWER

EARLIER = Path(__file__).parents[1] / "runs" / "earlier"


def tables():
    """Small files of each kind that `inspect` reads, by target."""
    rows = [(f"{('fine', 'dull')[n % 2]} film, number {n}", "pn"[n % 2], str(n // 4)) for n in range(60)]
    comma, tab = io.StringIO(), io.StringIO()
    csv.writer(comma).writerows([("text", "label", "group"), *rows])
    csv.writer(tab, delimiter="\t").writerows(
        [("text", "stars", "group"), *((a, n % 2 + 1, c) for n, (a, _, c) in enumerate(rows))]
    )
    lines = [json.dumps({"text": text, "label": label, "group": int(group)}) for text, label, group in rows]
    tokens = "\n\n".join(
        "\n".join(f"{word}\t{'BO'[n % 2]}" for n, word in enumerate(text.split())) for text, *_ in rows
    )
    steps = "".join(f"{n},{n + 1}.5,{n % 3}:1,2,NaN:{'ab'[n % 2]}\n" for n in range(60))
    head = "@problemName x\n@timeStamps false\n@univariate false\n@dimensions 2\n"
    head += "@equalLength false\n@classLabel true a b\n@data\n"
    return {
        "csv": comma.getvalue().encode(),
        "new.csv": comma.getvalue().replace("text,label", "review,sentiment").encode(),
        "tsv": tab.getvalue().encode(),
        "jsonl": "\n".join(lines).encode(),
        "conll": tokens.encode(),
        "ts": (head + steps).encode(),
        "npz": arrays(),
        "npy": array(),
        "parquet": parquet(rows),
    }


def arrays():
    rng, found = np.random.default_rng(0), io.BytesIO()
    np.savez(
        found,
        x=rng.normal(size=(60, 6, 2)),
        y=np.array(["a", "b"] * 30),
        lengths=rng.integers(3, 7, 60),
        groups=np.arange(60) // 2,
        channels=np.array(["u", "v"]),
    )
    return found.getvalue()


def array():
    found = io.BytesIO()
    np.save(found, np.zeros((2, 8, 8), np.float32))
    return found.getvalue()


def parquet(rows):
    import pyarrow
    import pyarrow.parquet

    found = io.BytesIO()
    columns = dict(zip(("text", "label", "group"), map(list, zip(*rows, strict=True)), strict=True))
    pyarrow.parquet.write_table(pyarrow.table(columns), found)
    return found.getvalue()


def train_models(folder):
    """Train one model of texts and one of series that are no networks, and keep a tokenizer of pieces of words."""
    from unspool.data.tokenizers.byte_pairs import BytePairTokenizer
    from unspool.data.tokenizers.tokenizer import save_tokenizer
    from unspool.export.portable import export_model
    from unspool.runs.recipes.recipe import FileSettings
    from unspool.runs.run import train

    few = ["evaluation.resamples=100"]
    train(FileSettings(path=str(EARLIER / "reviews.csv")), folder / "texts", changes=few, model="nb-words")
    waves = FileSettings(path=str(EARLIER / "waves.npz"), kind="series")
    train(waves, folder / "series", changes=few, model="statistics")
    write_newer(folder)
    small = [*few, "training.epochs=1", "model.units=4"]
    train(FileSettings(path=str(folder / "texts.csv")), folder / "blend", changes=few, model="blend")
    of_series = FileSettings(path=str(folder / "waves.npz"), kind="series")
    train(of_series, folder / "series-blend", changes=few, model="blend")
    sales = FileSettings(path=str(folder / "sales.csv"), kind="forecast", time="day", series="shop", horizon=3)
    train(sales, folder / "sales", changes=few, model="ridge")
    tags = FileSettings(path=str(folder / "tags.conll"), kind="tokens")
    train(tags, folder / "tags", changes=small)
    pairs = FileSettings(path=str(folder / "pairs.csv"), kind="pairs", source="source", target="target")
    train(pairs, folder / "pairs", changes=small)
    for name in ("blend", "series-blend"):
        export_model(folder / name, folder / f"{name}.unspool")
    tokenizer = BytePairTokenizer.fit(["a fine film", "a dull film"] * 3, size=270)
    save_tokenizer(tokenizer, folder / "bpe.json")


def write_newer(folder):
    """The files that the newer kinds of model are trained on."""
    fine, dull = ("warm", "bright"), ("cold", "poor")
    rows = [f"a {(fine, dull)[n % 2][n % 4 // 2]} film number {n},{'pn'[n % 2]}" for n in range(60)]
    (folder / "texts.csv").write_text("\n".join(["text,label", *rows]))
    shutil.copyfile(EARLIER / "waves.npz", folder / "waves.npz")
    days = [f"2024-{1 + n // 28:02d}-{1 + n % 28:02d},{shop},{10 + n % 7}" for shop in "ab" for n in range(56)]
    (folder / "sales.csv").write_text("\n".join(["day,shop,sold", *days]))
    sentences = ["\n".join(f"{word}\t{'BO'[n % 2]}" for word in ("the", f"film{n}", "ended")) for n in range(40)]
    (folder / "tags.conll").write_text("\n\n".join(sentences))
    pairs = [f"film {n} and {n % 9},FILM {n} AND {n % 9}" for n in range(60)]
    (folder / "pairs.csv").write_text("\n".join(["source,target", *pairs]))


def checkpoint():
    """The content of a checkpoint of a small training, in its second epoch."""
    import keras

    from unspool.training.checkpoint import FORMAT
    from unspool.training.fingerprint import learning_rates, surroundings
    from unspool.training.serialization import to_bytes
    from unspool.training.snapshot import Point, capture

    from .worker import small_training

    model, training, hooks = small_training()
    listed = keras.callbacks.CallbackList(hooks, model=model)
    listed.on_train_begin()
    listed.on_epoch_end(0, {"loss": 0.5, "val_loss": 0.6})
    point = Point(1, 1, np.arange(20, dtype=np.int32), {"loss": 0.5}, False, 3)
    about = {"format": FORMAT, "training": training, "surroundings": surroundings()}
    return to_bytes(about | {"learning rate": learning_rates(model)} | capture(model, hooks, point))


def of_trained(folder):
    """The files of models that `train_models` has trained, by target."""
    texts, series = folder / "texts", folder / "series"
    names = ("golden.npz", "golden.json", "chosen.json", "text-model.json", "text-model.safetensors", "seen.npz")
    return (
        {name: texts / name for name in names}
        | {
            "bpe.json": folder / "bpe.json",
            "texts-recipe.toml": texts / "recipe.toml",
            "model.json": series / "model.json",
            "model.safetensors": series / "model.safetensors",
        }
        | {f"{model}-{name}": folder / model / name for model, _, names in OF_NEWER for name in names}
        | {f"portable-{name}": folder / f"{name}.unspool" for name in ("blend", "series-blend")}
    )


def of_models(folder):
    """The good file of each target that is a file of a model's folder."""
    own, auto, series = EARLIER / "own-text", EARLIER / "autoencoder", EARLIER / "own-series"
    of_own = ("history.csv", "environment.json", "tokenizer.json", "decision.json", "recipe.toml", "model.keras")
    places = {
        "keras": own / "model.keras",
        "recipe": own / "recipe.toml",
        "metrics.json": own / "metrics.json",
        "metrics-report": auto / "metrics.json",
        "predictions.npz": auto / "predictions.npz",
        "latent.npz": auto / "latent.npz",
        "reader.json": series / "reader.json",
        "labels.json": series / "labels.json",
    }
    places |= {name: own / name for name in of_own} | of_trained(folder)
    return {name: path.read_bytes() for name, path in places.items()}
