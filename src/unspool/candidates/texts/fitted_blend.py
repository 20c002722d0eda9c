"""Fitted blends: models whose scores are added, each times its factor."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from unspool.candidates import model_files
from unspool.candidates.texts import storage
from unspool.candidates.texts.arithmetic import Floats, Task
from unspool.candidates.texts.candidate import FittedTexts
from unspool.candidates.texts.shifts import Shiftable, shifted
from unspool.candidates.texts.vectors import FittedVectorTexts
from unspool.data.texts.side_encoder import SideEncoder


class FittedBlendTexts(FittedTexts):
    """Fitted models, with a factor on the scores of each.

    Attributes:
        name: of the candidate.
        task: what it predicts.
        parts: the P models whose scores are added. A given blend is replaced by its parts, and models over the same
            vectors by a single one.
        factors: (P,), by which their scores are multiplied.
        alone: the models as they were given, without the blend's shifts, which are added to one of `parts`.
        seconds_of_parts: that fitting each of `alone` took, while others were fitted; empty if it was not measured.
    """

    kind = "blend"

    def __init__(
        self,
        name: str,
        task: Task,
        parts: Sequence[FittedTexts],
        factors: Floats,
        seconds_of_parts: Sequence[float] = (),
    ):
        self.name, self.task = name, task
        self.alone, self.seconds_of_parts, self.seconds = parts, seconds_of_parts, sum(seconds_of_parts)
        self.parts, self.factors = _plain(parts, factors)

    @property
    def side(self) -> SideEncoder | None:
        """The encoder of the columns beside the texts; None if it reads none."""
        return next((part.side for part in self.parts if part.side is not None), None)

    def scores(self, texts: Iterable[str]) -> Floats:
        """(N, K) log-odds, logits or numbers: see `Arithmetic`."""
        given = list(texts)
        total = self.factors[0] * self.parts[0].scores(given)
        for factor, part in zip(self.factors[1:], self.parts[1:], strict=True):
            total = total + factor * part.scores(given)
        return np.asarray(total)

    def rescale(self, factor: float) -> None:
        """Multiply the scores from now on."""
        self.factors = self.factors * factor

    def shift(self, by: Floats) -> None:
        """Add (K,) numbers to all later scores.

        Raises:
            ValueError: no part is `Shiftable`.
        """
        at = next((at for at, part in enumerate(self.parts) if isinstance(part, Shiftable)), None)
        if at is None:
            raise ValueError(f"no part of {self.name} can be shifted")
        changed = shifted(self.parts[at], 1.0, by / self.factors[at])
        self.parts = [*self.parts[:at], changed, *self.parts[at + 1 :]]

    def state(self) -> tuple[dict[str, Any], storage.Arrays]:
        """All that `registry.from_state` needs."""
        return self._of_parts([part.state() for part in self.parts])

    def stored(self) -> tuple[dict[str, Any], storage.Arrays]:
        """The same as `state`, for a file."""
        return self._of_parts([part.stored() for part in self.parts])

    def _of_parts(self, parts: list[tuple[dict[str, Any], storage.Arrays]]) -> tuple[dict[str, Any], storage.Arrays]:
        plain, arrays = [], {"factors": self.factors}
        for i, (described, held) in enumerate(parts):
            plain.append(described)
            arrays |= model_files.prefixed(held, f"part_{i}_")
        return {"kind": self.kind, "name": self.name, "task": self.task, "parts": plain}, arrays


def _plain(parts: Sequence[FittedTexts], factors: Floats) -> tuple[list[FittedTexts], Floats]:
    """Models with their factors: in place of a blend its parts, and of those over the same vectors one for all."""
    found: list[tuple[float, FittedTexts]] = []
    for factor, part in zip(factors, parts, strict=True):
        own = zip(part.factors, part.parts, strict=True) if isinstance(part, FittedBlendTexts) else [(1.0, part)]
        for inner, one in own:
            same = next((at for at, (_, other) in enumerate(found) if _over_same_vectors(one, other)), None)
            if same is None:
                found.append((factor * inner, one))
            else:
                first, other = found[same]
                assert isinstance(one, FittedVectorTexts)
                assert isinstance(other, FittedVectorTexts)
                found[same] = 1.0, other.plus(one, (first, factor * inner))
    return [part for _, part in found], np.array([factor for factor, _ in found])


def _over_same_vectors(one: FittedTexts, other: FittedTexts) -> bool:
    return isinstance(one, FittedVectorTexts) and isinstance(other, FittedVectorTexts) and one.shares_vectors(other)
