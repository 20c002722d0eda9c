"""What a comparison of recipes found, as plain frozen values: what its page is made from."""

from dataclasses import dataclass

from unspool.evaluation.result import Interval, Score


@dataclass(frozen=True, slots=True)
class RecipeScores:
    """How good a recipe is, over its seeds.

    Attributes:
        recipe: its name.
        seeds: in rising order; empty for a model that is not a run.
        by_seed: for each score that is compared, one figure for each seed.
        scores: for each, the mean over the seeds, with a 95% interval.
    """

    recipe: str
    seeds: tuple[int, ...]
    by_seed: dict[str, tuple[float, ...]]
    scores: dict[str, Score]


@dataclass(frozen=True, slots=True)
class Difference:
    """Whether two recipes differ in one score.

    Attributes:
        first: a recipe.
        second: another.
        score: the name of a measure, such as "auc" or "rmse".
        value: the mean over seeds of the first's score less the second's.
        interval: of `value`, at the comparison's `pair_level`.
        evidence: zero lies outside the interval.
        words: the same as a plain sentence. If both give the same predictions, it is the same sentence for all
            scores of the pair.
    """

    first: str
    second: str
    score: str
    value: float
    interval: Interval
    evidence: bool
    words: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """How many test examples two models classify correctly.

    Attributes:
        first: a model.
        second: another.
        both: examples on which both are right.
        first_only: on which only the first is right.
        second_only: on which only the second is right.
        neither: on which both are wrong, alike or not.
    """

    first: str
    second: str
    both: int
    first_only: int
    second_only: int
    neither: int

    @property
    def words(self) -> str:
        """The same as a plain sentence.

        Example:
            >>> Agreement("a", "b", 1200, 3, 10, 0).words
            'Of the 1,213 test examples, a and b are both right on 1,200, only a on 3, only b on 10, and neither on 0.'
        """
        examples = self.both + self.first_only + self.second_only + self.neither
        return (
            f"Of the {examples:,} test examples, {self.first} and {self.second} are both right on {self.both:,}, only "
            f"{self.first} on {self.first_only:,}, only {self.second} on {self.second_only:,}, and neither on "
            f"{self.neither:,}."
        )


@dataclass(frozen=True, slots=True)
class Comparison:
    """Several recipes on the same test examples.

    Attributes:
        task: the name of what is predicted.
        examples: how many.
        recipes: in the order given.
        differences: for each pair of recipes, in the order given, one for each score.
        baseline: the best recipe less a simple model that stands beside the runs, by the measure that verdicts rest on
            where that model does better than all recipes; else None. As it is the best of B simple models on these very
            examples, the level of its interval is 1 - 0.05 / B.
        pair_level: the level of the differences' intervals: 0.95 for one pair; for P pairs 1 - 0.05 / P (Bonferroni),
            so that the P intervals of one score all hold together with at least 95%.
        words: what the intervals cover, in plain sentences.
        agreements: for each pair of models that decide on one label for each example, on how many both are right, or
            only one; empty for other tasks, and for recipes of which several seeds were run.
    """

    task: str
    examples: int
    recipes: tuple[RecipeScores, ...]
    differences: tuple[Difference, ...]
    baseline: Difference | None
    pair_level: float
    words: str
    agreements: tuple[Agreement, ...] = ()
