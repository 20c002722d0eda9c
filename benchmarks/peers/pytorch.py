"""PyTorch as a careful author writes it: nn.LSTM and its kin, one tensor of data, fused Adam, losses from logits.

Eager, as almost all recurrent PyTorch is run; the recurrent layers are oneDNN's or PyTorch's own, as it chooses.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.specs import Autoencoder, Layer, Model, Sentiment, Translator

CELLS = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


def start(threads: int) -> dict[str, str]:
    torch.set_num_threads(threads)
    return {"torch": torch.__version__}


class SentimentModel(nn.Module):
    """Ids (B, T) to logits (B,)."""

    def __init__(self, spec: Sentiment, weights: Any):
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(torch.tensor(weights["embedding"]["table"]), freeze=False)
        self.input_dropout = nn.Dropout(spec.input_dropout)
        self.recurrent = CELLS[spec.cell](spec.embedding, spec.units, batch_first=True)
        set_cell(self.recurrent, spec.cell, [weights["cell"]])
        self.norm = norm(weights["norm"]) if spec.batch_normalization else nn.Identity()
        self.output_dropout = nn.Dropout(spec.output_dropout)
        self.head = linear(weights["head"])

    def forward(self, ids: Tensor) -> Tensor:
        _, last = self.recurrent(self.input_dropout(self.embedding(ids)))
        h = (last[0] if isinstance(last, tuple) else last)[0]
        return self.head(self.output_dropout(self.norm(h))).squeeze(1)


class AutoencoderModel(nn.Module):
    """Rows (B, T, width) to logits of the same shape."""

    def __init__(self, spec: Autoencoder, weights: Any):
        super().__init__()
        directions = ("_forward", "_backward") if spec.bidirectional else ("_forward",)
        options = {"batch_first": True, "bidirectional": spec.bidirectional}
        self.length, self.units = spec.length, spec.units
        self.input_dropout = nn.Dropout(spec.encoder_dropout)
        self.encoder = nn.LSTM(spec.width, spec.units, **options)
        set_cell(self.encoder, "lstm", [weights[f"encoder{d}"] for d in directions])
        self.encoder_norm = norm(weights["encoder_norm"])
        self.output_dropout = nn.Dropout(spec.encoder_dropout)
        self.latent = linear(weights["latent"])
        self.latent_dropout = nn.Dropout(spec.decoder_dropout)
        self.decoder = nn.LSTM(spec.latent, spec.units, **options)
        set_cell(self.decoder, "lstm", [weights[f"decoder{d}"] for d in directions])
        self.decoder_norm = norm(weights["decoder_norm"])
        self.head = linear(weights["head"])

    def forward(self, x: Tensor) -> Tensor:
        _, (last, _) = self.encoder(self.input_dropout(x))
        h = self.encoder_norm(last.transpose(0, 1).flatten(1))
        z = self.latent_dropout(torch.sigmoid(self.latent(self.output_dropout(h))))
        y, _ = self.decoder(z.unsqueeze(1).expand(-1, self.length, -1))
        y = self.decoder_norm(y.flatten(0, 1))
        return self.head(y).unflatten(0, (-1, self.length))


class Attention(nn.Module):
    """Queries, keys and values each by one product, the core by PyTorch's fused function."""

    def __init__(self, spec: Translator, weights: Any, name: str):
        super().__init__()
        self.heads, self.dropout = spec.heads, spec.dropout
        for part in ("queries", "keys", "values", "result"):
            setattr(self, part, linear(weights[f"{name}_{part}"]))

    def forward(self, x: Tensor, memory: Tensor, causal: bool = False) -> Tensor:
        queries, keys, values = (
            part(read).unflatten(2, (self.heads, -1)).transpose(1, 2)
            for part, read in ((self.queries, x), (self.keys, memory), (self.values, memory))
        )
        dropout = self.dropout if self.training else 0.0
        found = nn.functional.scaled_dot_product_attention(queries, keys, values, dropout_p=dropout, is_causal=causal)
        return self.result(found.transpose(1, 2).flatten(2))


class Block(nn.Module):
    """Pre-norm: attention to oneself, in a decoder to the memory, then two linear layers."""

    def __init__(self, spec: Translator, weights: Any, name: str, decodes: bool):
        super().__init__()
        self.attention = Attention(spec, weights, f"{name}_self")
        self.to_memory = Attention(spec, weights, f"{name}_memory") if decodes else None
        self.hidden, self.result = (linear(weights[f"{name}_{part}"]) for part in ("hidden", "result"))
        names = ("self", "memory", "feed_forward") if decodes else ("self", "feed_forward")
        self.norms = nn.ModuleList([layer_norm(weights[f"{name}_{one}_norm"]) for one in names])
        self.dropout = nn.Dropout(spec.dropout)

    def forward(self, x: Tensor, memory: Tensor | None = None) -> Tensor:
        read = self.norms[0](x)
        x = x + self.dropout(self.attention(read, read, causal=memory is not None))
        if memory is not None:
            x = x + self.dropout(self.to_memory(self.norms[1](x), memory))
        return x + self.dropout(self.result(self.dropout(torch.relu(self.hidden(self.norms[-1](x))))))


class TranslatorModel(nn.Module):
    """Sources and targets (B, T) to logits (B, T, written)."""

    def __init__(self, spec: Translator, weights: Any):
        super().__init__()
        self.embedding = nn.Embedding.from_pretrained(torch.tensor(weights["embedding"]["table"]), freeze=False)
        sides = (("encoder", False), ("decoder", True))
        self.encoder, self.decoder = (
            nn.ModuleList([Block(spec, weights, f"{side}_{number}", decodes) for number in range(spec.layers)])
            for side, decodes in sides
        )
        self.encoder_norm, self.decoder_norm = (layer_norm(weights[f"{side}_norm"]) for side, _ in sides)
        self.dropout = nn.Dropout(spec.dropout)
        self.written, self.scale = spec.written, spec.width**0.5
        half = spec.width // 2
        angles = torch.arange(spec.length)[:, None] * 10_000.0 ** (-torch.arange(half) / half)
        self.register_buffer("places", torch.cat([angles.sin(), angles.cos()], dim=1))

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        x, y = (self.dropout(self.embedding(ids) * self.scale + self.places) for ids in (source, target))
        for block in self.encoder:
            x = block(x)
        x = self.encoder_norm(x)
        for block in self.decoder:
            y = block(y, x)
        return self.decoder_norm(y) @ self.embedding.weight[: self.written].T


def model(spec: Model, weights: Any) -> nn.Module:
    if isinstance(spec, Translator):
        return TranslatorModel(spec, weights)
    return SentimentModel(spec, weights) if isinstance(spec, Sentiment) else AutoencoderModel(spec, weights)


def train(spec: Model, weights: Any, x: Any, y: Any, shuffle: bool) -> Callable[[], float]:
    if isinstance(spec, Translator):
        return train_translator(spec, weights, x, y, shuffle)
    torch.manual_seed(0)
    built = model(spec, weights)
    optimizer = torch.optim.Adam(built.parameters(), lr=1e-3, eps=1e-7, fused=True)
    x, y = torch.from_numpy(x), torch.from_numpy(y)

    def run() -> float:
        built.train()
        order = torch.randperm(len(x)) if shuffle else torch.arange(len(x))
        total = torch.zeros(())
        for rows in order.split(spec.batch_size):
            loss = nn.functional.binary_cross_entropy_with_logits(built(x[rows]), y[rows])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            total += loss.detach() * len(rows)
        return total.item() / len(x)

    return run


def train_translator(spec: Translator, weights: Any, x: Any, y: Any, shuffle: bool) -> Callable[[], float]:
    torch.manual_seed(0)
    built = model(spec, weights)
    optimizer = torch.optim.Adam(built.parameters(), lr=1e-3, eps=1e-7, fused=True)
    loss_of = nn.CrossEntropyLoss(label_smoothing=spec.label_smoothing)
    source, target, said = (torch.from_numpy(np.ascontiguousarray(ids, np.int64)) for ids in (*x, y))

    def run() -> float:
        built.train()
        order = torch.randperm(len(said)) if shuffle else torch.arange(len(said))
        total = torch.zeros(())
        for rows in order.split(spec.batch_size):
            loss = loss_of(built(source[rows], target[rows]).flatten(0, 1), said[rows].flatten())
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(built.parameters(), 1.0)
            optimizer.step()
            total += loss.detach() * len(rows)
        return total.item() / len(said)

    return run


def predict(spec: Sentiment, weights: Any, batch_size: int) -> Callable[[Any], Any]:
    built = model(spec, weights).eval()

    def run(ids: Any) -> Any:
        with torch.inference_mode():
            return torch.cat([torch.sigmoid(built(rows)) for rows in torch.from_numpy(ids).split(batch_size)]).numpy()

    return run


def predict_one(spec: Sentiment, weights: Any) -> Callable[[Any], Any]:
    return predict(spec, weights, 1)


def layer(spec: Layer, weights: Any, x: Any, cotangent: Any) -> Callable[[], Any]:
    recurrent = CELLS[spec.cell](spec.width, spec.units, batch_first=True)
    set_cell(recurrent, spec.cell, [weights["cell"]])
    x, cotangent = torch.from_numpy(x).requires_grad_(), torch.from_numpy(cotangent)

    def run() -> Any:
        x.grad = None
        recurrent.zero_grad(set_to_none=True)
        _, last = recurrent(x)
        (last[0] if isinstance(last, tuple) else last)[0].backward(cotangent)
        return x.grad

    return run


def sgemm(a: Any, b: Any) -> Callable[[], Any]:
    a, b = torch.from_numpy(a), torch.from_numpy(b)
    return lambda: a @ b


def set_cell(recurrent: nn.Module, cell: str, directions: list[Any]) -> None:
    """Copy Keras's weights: PyTorch has two biases, and orders an LSTM's gates i f g o, a GRU's r z n."""
    with torch.no_grad():
        for suffix, arrays in zip(("", "_reverse")[: len(directions)], directions, strict=True):
            kernel, inner = (_gates(arrays[name], cell).T for name in ("kernel", "recurrent_kernel"))
            bias = _gates(arrays["bias"], cell)
            bias_1, bias_2 = bias if cell == "gru" else (bias, np.zeros_like(bias))
            for name, array in (("weight_ih", kernel), ("weight_hh", inner), ("bias_ih", bias_1), ("bias_hh", bias_2)):
                getattr(recurrent, f"{name}_l0{suffix}").copy_(torch.tensor(np.ascontiguousarray(array)))
            # Both of an LSTM's biases do the same; as in Keras, one is trained. A GRU has use for two.
            getattr(recurrent, f"bias_hh_l0{suffix}").requires_grad_(cell == "gru")


def _gates(array: Any, cell: str) -> Any:
    if cell != "gru":
        return array
    z, r, n = np.split(array, 3, axis=-1)
    return np.concatenate([r, z, n], axis=-1)


def norm(arrays: Any) -> nn.BatchNorm1d:
    built = nn.BatchNorm1d(len(arrays["gamma"]), eps=1e-3, momentum=0.01)
    names = {"weight": "gamma", "bias": "beta", "running_mean": "mean", "running_var": "variance"}
    built.load_state_dict({name: torch.tensor(arrays[ours]) for name, ours in names.items()}, strict=False)
    return built


def layer_norm(arrays: Any) -> nn.LayerNorm:
    built = nn.LayerNorm(len(arrays["gamma"]), eps=1e-6)
    built.load_state_dict({"weight": torch.tensor(arrays["gamma"]), "bias": torch.tensor(arrays["beta"])})
    return built


def linear(arrays: Any) -> nn.Linear:
    built = nn.Linear(*arrays["kernel"].shape)
    built.load_state_dict({"weight": torch.tensor(arrays["kernel"].T.copy()), "bias": torch.tensor(arrays["bias"])})
    return built
