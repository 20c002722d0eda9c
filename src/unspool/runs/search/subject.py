"""What a search is over: a recipe, or a network for a person's file; with changes, it gives a recipe and its data."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from unspool.descriptions.networks import Autoencoder
from unspool.errors import UserError
from unspool.runs.reading.preparation import Prepared, Say, refuse_wrong_range
from unspool.runs.reading.prepare_file import prepare_file
from unspool.runs.recipes.defaults import NETWORK, plain_name, recipe_for
from unspool.runs.recipes.file import changed_data, chosen_settings, load_recipe, setting_name
from unspool.runs.recipes.in_words import source_of
from unspool.runs.recipes.recipe import FileSettings, Recipe
from unspool.runs.recipes.unused_settings import refuse_unused_of_model, refuse_unused_settings
from unspool.runs.records.training_log import TrainingLog
from unspool.runs.run import prepare
from unspool.tasks import Task

_MOST_KEPT = 2
"""Prepared data that is kept at once, where trials read it in different ways."""


class Subject(ABC):
    """What a search is over. Trials that read the data alike share it."""

    @property
    @abstractmethod
    def name(self) -> str:
        """What the search is called after."""

    @property
    @abstractmethod
    def source(self) -> str:
        """What is read: the name of a dataset, or the path of a file."""

    @abstractmethod
    def check(self, changes: Sequence[str], varied: str) -> None:
        """Refuse changes that are wrong, as far as that can be told yet.

        Args:
            changes: a value for each setting that is varied.
            varied: the one that must have an effect with the others as they are; so must all that are not varied.

        Raises:
            UserError: one is.
        """

    @abstractmethod
    def prepare(self, changes: Sequence[str], say: Say) -> tuple[Recipe, Prepared]:
        """The recipe with changes, and its data.

        Raises:
            UserError: a change is wrong, or the data cannot be had.
        """


@dataclass
class OfRecipe(Subject):
    """A recipe by name or path.

    Attributes:
        recipe: as `load_recipe` takes it.
        settings: changes of every trial.
        data_folder: see `run`.
    """

    recipe: str
    settings: Sequence[str] = ()
    data_folder: Path | None = None
    _kept: dict[Any, Prepared] = field(default_factory=dict, repr=False)

    @property
    def name(self) -> str:
        """The name of the recipe."""
        return load_recipe(self.recipe).name

    @property
    def source(self) -> str:
        """See `Subject`."""
        return source_of(load_recipe(self.recipe, self.settings))

    def check(self, changes: Sequence[str], varied: str) -> None:
        """See `Subject`."""
        recipe = load_recipe(self.recipe, [*self.settings, *changes])
        chosen = chosen_settings(self.recipe, _fixed(self.settings, changes)) | {varied}
        prepared = next(iter(self._kept.values()), None)
        refuse_unused_settings(recipe, chosen, prepared.task if prepared else None)
        if prepared:
            refuse_unused_of_model(recipe, chosen, prepared.kind)

    def prepare(self, changes: Sequence[str], say: Say) -> tuple[Recipe, Prepared]:
        """See `Subject`."""
        recipe = load_recipe(self.recipe, [*self.settings, *changes])
        key = recipe.data, recipe.evaluation, recipe.seed_of_parts, _shape(recipe)
        if key not in self._kept:
            _make_room(self._kept)
            self._kept[key] = prepare(recipe, self.data_folder, TrainingLog())
        return recipe, self._kept[key]


@dataclass
class OfFile(Subject):
    """A network for a person's file.

    Attributes:
        file: which, and how it is read.
        settings: changes of every trial.
        seed: of the parts, the weights, the batches and the dropout.
    """

    file: FileSettings
    settings: Sequence[str] = ()
    seed: int = 0
    _kept: dict[Any, tuple[FileSettings, Task, int, Prepared]] = field(default_factory=dict, repr=False)

    @property
    def name(self) -> str:
        """After the file."""
        return plain_name(Path(self.file.path).resolve().stem)

    @property
    def source(self) -> str:
        """See `Subject`."""
        return self.file.path

    def check(self, changes: Sequence[str], varied: str) -> None:
        """See `Subject`."""
        for found, task, examples, _ in self._kept.values():
            asked, _ = changed_data(found, [*self.settings, *changes], self.seed)
            self._recipe(asked, task, examples, changes, varied)

    def prepare(self, changes: Sequence[str], say: Say) -> tuple[Recipe, Prepared]:
        """See `Subject`."""
        asked, parts_seed = changed_data(self.file, [*self.settings, *changes], self.seed)
        if asked not in self._kept:
            seen: list[Any] = []

            def resolved(found: FileSettings, task: Task, examples: int) -> Recipe:
                seen[:] = found, task, examples
                return self._recipe(found, task, examples, changes)

            recipe, prepared = prepare_file(asked, parts_seed, resolved, TrainingLog(), _once(self._kept, say))
            _make_room(self._kept)
            self._kept[asked] = (*seen, prepared)
        found, task, examples, prepared = self._kept[asked]
        recipe = self._recipe(found, task, examples, changes)
        refuse_wrong_range(recipe, prepared)
        return recipe, prepared

    def _recipe(
        self, found: FileSettings, task: Task, examples: int, changes: Sequence[str], varied: str = ""
    ) -> Recipe:
        if found.horizon is not None:
            raise UserError(
                f"{found.path}: a search trains networks, and forecasts are made by other models. Use unspool train."
            )
        chosen = {*map(setting_name, _fixed(self.settings, changes))} | {varied}
        return recipe_for(found, task, examples, [*self.settings, *changes], self.seed, NETWORK, chosen=chosen)


def _fixed(settings: Sequence[str], changes: Sequence[str]) -> list[str]:
    """The settings that are not varied."""
    varied = set(map(setting_name, changes))
    return [setting for setting in settings if setting_name(setting) not in varied]


def _shape(recipe: Recipe) -> Any:
    """What of a model its data depends on."""
    return type(recipe.model), isinstance(recipe.model, Autoencoder) and recipe.model.decoder.output


def _make_room(kept: dict[Any, Any]) -> None:
    while len(kept) >= _MOST_KEPT:
        kept.pop(next(iter(kept)))


def _once(kept: dict[Any, Any], say: Say) -> Say:
    return (lambda text: None) if kept else say
