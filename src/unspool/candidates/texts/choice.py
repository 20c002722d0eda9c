"""The choice of a model of texts: candidates are cross-validated in order of cost, within a budget."""

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from unspool.candidates.examples import Examples
from unspool.candidates.outcome import Choice, Compared, Fitting, Heard
from unspool.candidates.saved import NOTHING_SAVED, Saved
from unspool.candidates.texts.arithmetic import ARITHMETIC
from unspool.candidates.texts.blend import parts_of
from unspool.candidates.texts.candidate import FittedTexts, TextCandidate
from unspool.candidates.texts.costs import reads_more
from unspool.candidates.texts.language_models.budget import Sizing
from unspool.candidates.texts.language_models.candidate import Tell, quiet
from unspool.candidates.texts.side import with_side
from unspool.candidates.texts.trials import Trials
from unspool.candidates.texts.unlabelled import reads_unlabelled, with_unlabelled


def choose(
    examples: Examples,
    candidates: Sequence[TextCandidate],
    *,
    budget: float,
    seed: int = 0,
    unlabelled: Sequence[str] = (),
    work: float | None = None,
    saves: Path | None = None,
    saved: Saved = NOTHING_SAVED,
    tell: Tell = quiet,
    heard: Heard = lambda tried: None,
    fitting: Fitting = lambda name, seconds: None,
) -> Choice[FittedTexts]:
    """Cross-validate candidates on training texts, and fit the one to take.

    Candidates are tried in order of cost, and a more expensive one is taken only if it is `better` by a standard error.
    A candidate that would probably exceed the rest of the budget is skipped, judging by those before it, or given up
    after its first fold. Linear models are tried as long as any budget is left, as they are what others have to beat;
    blends of what was tried always are, as they take no time. A convolution over characters is not tried on long texts,
    nor are trees over counts of n-grams, which are not tried with many labels or few texts either: there, they cost
    most or have never been the best (see `Limits`).

    Once a model that reads the texts has been tried, candidates are also given up if fitting them to all texts would
    probably take longer than the whole budget, judging by their fits in the comparison, or more memory than is free.

    Args:
        examples: texts with targets.
        candidates: the models to compare; the cheapest is always tried.
        budget: seconds of wall time for the cross-validations.
        seed: of everything random.
        unlabelled: texts without a label, for candidates that learn from them.
        work: of a language model, see `LanguageModelTexts`; None for what suits the budget.
        saves: the folder for checkpoints of a language model.
        saved: results from before an interruption; new results are added.
        tell: called with progress messages: which candidate is tried, and more for a language model.
        heard: called with the outcome of each candidate.
        fitting: called with the name of the chosen candidate, and the seconds that its fit to all texts will probably
            take; None if unknown, as for a language model.

    Raises:
        ValueError: there are no candidates, or the targets do not suit the task.

    Example:
        >>> from unspool.candidates.texts.linear import NB_WORDS
        >>> examples = Examples(["fine film", "dull film"] * 30, [1, 0] * 30, "binary")
        >>> choice = choose(examples, [NB_WORDS], budget=10)
        >>> choice.name, choice.tried[0].score, (choice.model.outputs(["fine", "dull"]) > 0.5).tolist()
        ('nb-words', 1.0, [True, False])
    """
    if not candidates:
        raise ValueError("there are no candidates to choose from")
    trials = Trials(examples, seed, heard, saved, budget)
    if trials.corpus.side() is not None:
        candidates = [with_side(one) for one in candidates]
    sizing = Sizing(trials.corpus, work, saves, tell)
    by_labels = trials.of_many and not ARITHMETIC[examples.task].numbers  # as only one part is held out
    begin, ordered = time.perf_counter(), sorted(candidates, key=lambda one: one.cost)
    with trials.linear_models_in_threads(ordered):
        for candidate in ordered:
            left = budget - (time.perf_counter() - begin) - trials.before
            tell(candidate.name)
            learning = with_unlabelled(candidate, unlabelled, by_labels=by_labels)
            sized = sizing.sized(learning, left, alone=not trials.tried)
            if isinstance(sized, str):
                trials.pass_over(candidate, sized)
                continue
            trials.add(sized, left)
    tell(f"fitting {trials.taken.name} to all training examples")
    known = not any(map(reads_more, trials.used(trials.taken)))
    fitting(trials.taken.name, trials.seconds_to_fit(trials.taken) if known else None)
    began = time.perf_counter()
    model = trials.fitted()
    took = time.perf_counter() - began
    read = len(unlabelled) if any(map(reads_unlabelled, trials.used(trials.taken))) else 0
    return Choice(
        trials.taken.name,
        model,
        tuple(trials.tried),
        *trials.outputs(trials.scores),
        why=trials.why(),
        unlabelled=read,
        work=sizing.work,
        compared=trials.compared(model, took),
    )


def compare(
    examples: Examples, candidates: Sequence[TextCandidate], *, seed: int = 0
) -> dict[str, Compared[FittedTexts]]:
    """Cross-validate candidates other than blends as `choose` does, without a budget, and fit none to all texts.

    Returns:
        The comparison of each candidate that its `Limits` allow, by its name.

    Example:
        >>> from unspool.candidates.texts.linear import NB_WORDS
        >>> examples = Examples(["fine film", "dull film"] * 30, [1, 0] * 30, "binary")
        >>> found = compare(examples, [NB_WORDS])["nb-words"]
        >>> found.held_out.shape, (found.fit().outputs(["fine", "dull"]) > 0.5).tolist()
        ((60,), [True, False])
    """
    trials = Trials(examples, seed, lambda tried: None, NOTHING_SAVED, np.inf)
    ordered = sorted(candidates, key=lambda one: one.cost)
    with trials.linear_models_in_threads(ordered):
        for candidate in ordered:
            if not trials.unsuited(parts_of(candidate)):
                trials.add(candidate, np.inf)
    return trials.compared()
