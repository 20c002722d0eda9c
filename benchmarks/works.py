"""The works by name: what each measures, on what sizes, and which peers have a part in it."""

from dataclasses import dataclass, replace
from itertools import product

from benchmarks import specs
from benchmarks.specs import Layer, Model

TRAINING_PEERS = ("unspool", "unspool-reference", "keras-jax", "keras-tensorflow", "pytorch", "jax", "jax-hoisted")
PREDICTION_PEERS = ("unspool", "keras-jax", "keras-tensorflow", "pytorch", "jax", "onnxruntime", "onnxruntime-1")
LAYER_PEERS = ("unspool", "keras-jax", "pytorch")
SGEMM = "sgemm 2048"


@dataclass(frozen=True)
class Item:
    """One thing that every peer of a work does, again and again.

    Attributes:
        label: what the table calls it.
        task: "train" (an epoch), "train_buckets" and "train_padded" (one of reviews that differ in length), "predict"
            (all reviews), "predict_one", "layer" or "sgemm".
        spec: the model or the layer; none for "sgemm".
        batch_size: of "predict".
        shuffle: of "train".
        cached: of a start-up: JAX finds its compiled programs in a cache.
        budget: seconds of calls in a round; one call at least.
    """

    label: str
    task: str
    spec: Model | Layer | None = None
    batch_size: int = 100
    shuffle: bool = True
    cached: bool = False
    budget: float = 0.0

    @property
    def flops(self) -> float | None:
        """Arithmetic of one call, where it is counted."""
        if self.task == "sgemm":
            return 2.0 * 2048**3
        return self.spec.flops if isinstance(self.spec, Layer) else None


@dataclass(frozen=True)
class Work:
    """What `run NAME` measures.

    Attributes:
        name: on the command line.
        summary: one line.
        peers: who takes part unless the user says otherwise; ratios are against the first.
        items: in turn.
        fresh: each figure is a new process from its start, not a call in one that is warm.
    """

    name: str
    summary: str
    peers: tuple[str, ...]
    items: tuple[Item, ...]
    fresh: bool = False


def works(quick: bool = False) -> dict[str, Work]:
    """All works by name; quick ones are so small that their figures mean nothing."""
    listed = [*_epochs(quick), *_predictions(quick), *_layers(quick), *_others(quick)]
    return {work.name: work for work in listed}


def _epochs(quick: bool) -> list[Work]:
    about = "one epoch of 25,000 reviews, 128 tokens, batch 100"
    images = "one epoch of 30,000 images of 28 x 28, batch 100"
    case = "the public case pytorch #94457: 25,000 reviews, length 500, embedding 32, LSTM 100, batch 256, Adam"
    rows = [
        ("imdb-rnn", about, specs.IMDB_RNN),
        ("imdb-lstm", about, specs.IMDB_LSTM),
        ("imdb-gru", about, specs.IMDB_GRU),
        ("mnist-lstm-ae", images, specs.MNIST_LSTM_AE),
        ("mnist-bilstm-ae", images, specs.MNIST_BILSTM_AE),
        ("pytorch-94457", case, specs.PYTORCH_94457),
    ]
    return [Work(name, summary, TRAINING_PEERS, (_epoch(spec, quick),)) for name, summary, spec in rows]


def _epoch(spec: Model, quick: bool) -> Item:
    return Item("epoch", "train", replace(spec, examples=5 * spec.batch_size) if quick else spec)


def _predictions(quick: bool) -> list[Work]:
    lstm = replace(specs.IMDB_LSTM, examples=1000) if quick else specs.IMDB_LSTM
    one = replace(lstm, examples=1)
    return [
        Work(
            "predict",
            "probabilities of 25,000 reviews by the model of imdb-lstm",
            PREDICTION_PEERS,
            tuple(Item(f"batch {size}", "predict", lstm, batch_size=size) for size in (100, 1000)),
        ),
        Work(
            "one-review",
            "latency of one review from a NumPy array, by the model of imdb-lstm",
            PREDICTION_PEERS,
            (
                Item("compiled", "predict_one", one, budget=0.05 if quick else 2.0),
                Item("predict()", "predict", one, batch_size=1, budget=0.05 if quick else 2.0),
            ),
        ),
    ]


def _layers(quick: bool) -> list[Work]:
    sgemm = Item(SGEMM, "sgemm", budget=0.05 if quick else 1.0)
    one = [Layer(cell, 100, 128, 64, 32) for cell in ("lstm", "gru", "rnn")]
    batches, lengths, widths, units = (1, 16, 100, 256), (28, 128, 512), (28, 64, 300), (28, 32, 128, 512)
    if quick:
        batches, lengths, widths, units = (1, 16), (28,), (28, 64), (28, 32)

    def items(layers: list[Layer], budget: float) -> tuple[Item, ...]:
        return (sgemm, *(Item(str(layer), "layer", layer, budget=0.02 if quick else budget) for layer in layers))

    def grid(*cells: str) -> list[Layer]:
        return [Layer(*shape) for shape in product(cells, batches, lengths, widths, units)]

    alone = "forward and backward of a layer alone, beside this machine's sgemm:"
    return [
        Work("layer-one", f"{alone} B 100 T 128 D 64 H 32", (*LAYER_PEERS, "jax", "jax-hoisted"), items(one, 1.0)),
        Work("layer-lstm", f"{alone} LSTM over the grid", LAYER_PEERS, items(grid("lstm"), 0.2)),
        Work("layer-gru", f"{alone} GRU over the grid", LAYER_PEERS, items(grid("gru"), 0.2)),
        Work("layer-rnn", f"{alone} SimpleRNN over the grid", LAYER_PEERS, items(grid("rnn"), 0.2)),
        Work("layer", f"{alone} all three over the grid", LAYER_PEERS, items(grid("lstm", "gru", "rnn"), 0.2)),
    ]


def _others(quick: bool) -> list[Work]:
    translator = replace(specs.MULTI30K, length=8, batch_size=4, examples=8) if quick else specs.MULTI30K
    step = replace(specs.IMDB_LSTM, examples=specs.IMDB_LSTM.batch_size)
    whole = replace(specs.IMDB_WHOLE, length=200, examples=300) if quick else specs.IMDB_WHOLE
    return [
        Work(
            "buckets",
            "one epoch of 25,000 reviews of 11 to 2,500 words: batches of near length, against padding to the longest",
            ("unspool",),
            (  # from the least memory to the most: the peak is that of the process until then
                Item("last 128 tokens, padded", "train_padded", replace(whole, length=128)),
                Item("whole, buckets", "train_buckets", whole),
                Item("whole, padded", "train_padded", whole),
            ),
        ),
        Work(
            "translator",
            "10 training steps of a Transformer, 4,096 tokens a side, as in multi30k-transformer",
            ("unspool", "pytorch"),
            (Item("10 steps", "train", translator),),
        ),
        Work(
            "startup",
            "from the start of a process to the end of the first training step of imdb-lstm",
            ("unspool", "keras-jax", "keras-tensorflow", "pytorch", "jax"),
            (Item("cold", "train", step), Item("with JAX's cache", "train", step, cached=True)),
            fresh=True,
        ),
    ]


def check_work() -> Work:
    """Small cases whose values, not times, are compared: equal weights must give equal results."""
    small = {"length": 20, "vocabulary": 200, "input_dropout": 0.0, "output_dropout": 0.0, "batch_size": 50}
    items = []
    for spec in (specs.IMDB_RNN, specs.IMDB_LSTM, specs.IMDB_GRU, specs.PYTORCH_94457):
        name = f"{spec.cell} {spec.units}"
        items.append(Item(f"{name}: predictions", "predict", replace(spec, examples=130, **small), batch_size=50))
        items.append(Item(f"{name}: loss", "train", replace(spec, examples=530, **small), shuffle=False))
    for spec in (specs.MNIST_LSTM_AE, specs.MNIST_BILSTM_AE):
        name = "bilstm autoencoder" if spec.bidirectional else "lstm autoencoder"
        plain = replace(spec, encoder_dropout=0.0, decoder_dropout=0.0, examples=500)
        items.append(Item(f"{name}: loss", "train", plain, shuffle=False))
    still = replace(specs.MULTI30K, layers=2, vocabulary=200, written=150, length=12, batch_size=16, dropout=0.0)
    items.append(Item("transformer: loss", "train", replace(still, examples=50), shuffle=False))
    for cell in specs.GATES:
        items.append(Item(f"{cell}: gradient of the input", "layer", Layer(cell, 5, 9, 7, 11)))
    everyone = tuple(dict.fromkeys(("keras-jax", *TRAINING_PEERS, *PREDICTION_PEERS)))
    return Work("check", "do all peers compute the same?", everyone, tuple(items))
