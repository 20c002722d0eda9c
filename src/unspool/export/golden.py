"""Golden examples of a portable model: raw inputs, and what the trainer answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unspool.candidates.forecasts import Setup, item_of
from unspool.data.ragged import offsets_of
from unspool.data.texts.side_columns import SideColumns
from unspool.export.columns import probed, rows_of, texts_of
from unspool.export.packing import Strings
from unspool.readers import RawExamples
from unspool.runs.checking.golden import Golden
from unspool.runs.model import TrainedModel

TOLERANCE = 1e-5
"""By how much an answer may differ; relative where a number is larger than 1, see also `tolerance_of`."""

PROBES = (
    "?!",
    "Don't MISS it!<br /><br />A well-made film... 10/10 :-)",
    "Très bien – l’été à Zürich, naïve façade; ﬁne Ｆｕｌｌ ①②",
    "我喜欢这部电影。とても面白い映画！หนังดีมาก ខ្មែរ မြန်မာ",
    "यह फ़िल्म अच्छी है। هذا فيلم جيد ЭТО ХОРОШИЙ ФИЛЬМ",
    "👍🏽 👨‍👩‍👧 🇩🇪🇫🇷 ☕️ 5️⃣ ©®™ a\u200db e\u0301\u0301",
    "tab\tnew\nline\x00\x0b\u00a0\u2028 don''t 'quoted' o'clock's",
)
"""Texts that are read in different ways by readers that differ."""


WORD_PROBES = (("?",), ("DON'T", "Été", "ΣΊΣΥΦΟΣ", "İ", "ǅ", "ß", "我", "<unknown>", "\x00"))
"""Lists of words, in the same sense: what counts is their lower case."""


@dataclass(frozen=True, eq=False)
class RawInputs:
    """Raw examples of a model.

    Attributes:
        kind: "texts", "rows" (dicts: a text and columns beside it), "words" (lists of them), "series" (T, C) float32,
            "ids", sequences of int64, or "histories" (dicts: see `histories_of`).
        items: N of them.
        text: of rows, the column of the text.
    """

    kind: str
    items: list[Any]
    text: str = ""

    def arrays(self) -> dict[str, Any]:
        """Them end to end, and where each begins; of rows a list."""
        if self.kind == "rows":
            return {"rows": self.items}
        if self.kind == "words":
            offsets = offsets_of([len(row) for row in self.items])
            return {"words": Strings(tuple(chain.from_iterable(self.items))), "offsets": offsets}
        ahead = {}
        if self.kind == "histories" and self.items[0]["ahead"] is not None:
            ahead = {"ahead": np.stack([one["ahead"] for one in self.items])}
        kinds: dict[str, tuple[str, type[np.generic]]] = {
            "texts": ("texts", np.uint8),
            "histories": ("values", np.float32),
            "series": ("values", np.float32),
            "ids": ("ids", np.int64),
        }
        name, kind = kinds[self.kind]
        rows = self.items
        if self.kind == "texts":
            rows = [np.frombuffer(text.encode("utf-8", "surrogatepass"), np.uint8) for text in self.items]
        if self.kind == "histories":
            rows = [one["history"] for one in self.items]
        offsets = offsets_of([len(row) for row in rows])
        return {name: np.concatenate(rows).astype(kind), "offsets": offsets} | ahead


def tolerance_of(model: TrainedModel, outputs: NDArray[np.float64]) -> float:
    """By how much answers such as these outputs may differ: less than `TOLERANCE` if labels are numbers below 1."""
    return TOLERANCE * min(1.0, max(model.task.unit, float(np.abs(outputs).max(initial=0.0))))


def golden_node(model: TrainedModel, examples: RawInputs) -> dict[str, Any]:
    """Have examples answered by a trained model, and describe them with its answers."""
    labels, outputs = model.task.golden(model, _read(model, examples))
    return {
        "examples": examples.kind,
        "tolerance": tolerance_of(model, outputs),
        "labels": [list(one) if isinstance(one, tuple) else one for one in labels],
        "outputs": outputs.reshape(len(outputs), -1),
        **examples.arrays(),
    }


def answered(model: TrainedModel, examples: RawInputs) -> NDArray[np.float64]:
    """A trained model's answers to raw examples, as numbers."""
    return model.task.golden(model, _read(model, examples))[1]


def _read(model: TrainedModel, examples: RawInputs) -> Any:
    reader: Any = model.reader
    if examples.kind == "rows":
        return reader.read(texts_of(examples.items, reader.side, examples.text))
    if examples.kind == "histories":
        return RawExamples([item_of(one["history"], one["ahead"], reader.setup) for one in examples.items])
    return reader.read_series(examples.items) if examples.kind == "series" else reader.read(examples.items)


def answered_again(golden: dict[str, Any], model: Any, items: list[Any]) -> dict[str, Any]:
    """Golden examples with the answers of another model.

    Args:
        golden: as `golden_node` and the like describe them.
        model: of `unspool_runtime`.
        items: the examples, raw.
    """
    outputs = model.outputs(items)
    said = model.predict(items) if model.task == "translation" else model.decide(outputs)
    own = {"outputs": outputs.reshape(len(outputs), -1)}
    own |= {"labels": golden["labels"] if model.task == "super_resolution" else said}
    if "vectors" in golden:
        own["vectors"] = model.encode(items)
        own["sequences"] = model.decode(own["vectors"])
    return golden | own


def raw_rows(golden: Golden, side: SideColumns, text: str) -> RawInputs:
    """A run's golden examples, texts with cells beside them, as rows; `text` is the column of the text."""
    items: list[Any] = golden.inputs.items  # type: ignore[union-attr]
    return RawInputs("rows", rows_of([*items, *probed(items, PROBES, side)], side, text), text)


def histories_of(items: Sequence[Any], setup: Setup) -> list[dict[str, Any]]:
    """Items (T + H, C) of a model that forecasts as the runtime takes them: the history, and what is known ahead."""
    horizon, width = setup.horizon, setup.width
    ahead = [item[-horizon:, width - setup.known :] if setup.known else None for item in items]
    return [{"history": item[:-horizon], "ahead": one} for item, one in zip(items, ahead, strict=True)]


def raw_items(golden: Golden) -> RawInputs:
    """A run's raw golden examples; to texts and to words, some that are hard to read are added."""
    items: list[Any] = golden.inputs.items  # type: ignore[union-attr]
    if isinstance(items[0], tuple):
        return RawInputs("words", list(map(list, [*items, *WORD_PROBES])))
    if isinstance(items[0], str):
        return RawInputs("texts", [*(text for text in items if text.strip()), *PROBES])
    return RawInputs("series", items)
