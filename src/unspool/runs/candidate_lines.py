"""The candidates of a choice as lines of a table, each as soon as it is known what became of it."""

from collections.abc import Callable, Mapping, Sequence

from unspool.candidates.outcome import Tried
from unspool.report.wording import duration, not_scored
from unspool.tasks import Task

_NAME, _TIME = "model", "time"
_SCORE, _LONGEST_TIME = len("1.23e-05"), len("59 min 59 s")


class CandidateLines:
    """Lines of a table whose columns are as wide as their content can become, so that each line can be told at once.

    Example:
        >>> from unspool.tasks import Regression
        >>> lines = CandidateLines(["nb-words", "blend"], Regression())
        >>> lines.heading
        '  model     root mean squared error         time'
        >>> lines.of(Tried("nb-words", 0.25, 1.25)), lines.of(Tried("blend", None, 0.0, "no time was left for it"))
        ('  nb-words                    0.250        1.2 s', '  blend     not tried: no time was left for it')
    """

    def __init__(self, names: Sequence[str], task: Task, scores: Mapping[str, Callable[[float], str]] | None = None):
        self._scores = task.candidate_scores if scores is None else scores
        self._width = max(map(len, (*names, _NAME)))

    @property
    def heading(self) -> str:
        """What the columns hold."""
        return self._line(_NAME, list(self._scores), _TIME)

    def of(self, one: Tried) -> str:
        """What became of a candidate."""
        if one.score is None:
            return f"  {one.name:{self._width}}  {not_scored(one.note, one.seconds)}"
        reached = [one.score] if len(self._scores) == 1 else [one.loss, one.score]
        cells = ["" if value is None else say(value) for value, say in zip(reached, self._scores.values(), strict=True)]
        return self._line(one.name, cells, duration(one.seconds) if one.seconds else "")

    def _line(self, name: str, cells: list[str], time: str) -> str:
        shown = [f"{cell:>{max(len(title), _SCORE)}}" for cell, title in zip(cells, self._scores, strict=True)]
        return "  ".join([f"  {name:{self._width}}", *shown, f"{time:>{_LONGEST_TIME}}"]).rstrip()
