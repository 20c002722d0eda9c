"""A recipe: one whole experiment as one frozen value. `file` reads it from TOML."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from unspool.data.drawn_parts import FRACTION
from unspool.data.forecasting import Aggregate
from unspool.data.forecasting.limits import MOST_HORIZON, MOST_SEASON
from unspool.data.tables.notation import Decimal
from unspool.data.tables.numbered_dates import Dates
from unspool.data.tables.problems import OnError
from unspool.data.texts.line_files import holds_lines
from unspool.data.texts.side_columns import SideColumns
from unspool.data.tokenizers.tokenizer import TokenizerKind
from unspool.descriptions.choice import ModelChoice
from unspool.descriptions.config import Count, CountOrNone, Flag, Rate, description
from unspool.descriptions.networks import Autoencoder, EncoderDecoder, Seq2Vec, Tagger, Transformer, Upscaler
from unspool.descriptions.published import PublishedFigures
from unspool.errors import UserError

Protocol = Literal["honest", "chapter"]
FileKind = Literal["auto", "text", "tokens", "pairs", "series", "forecast"]
_Share = Annotated[float, Field(gt=0, lt=0.5, strict=True)]


Seed = Annotated[int, Field(ge=0, lt=2**32, strict=True)]


@description(frozen=True)
class TextSettings:
    """Which texts to read, and how.

    Attributes:
        dataset: a name from `unspool datasets`.
        num_words: ids kept: 0 to `num_words` - 1, of which words have those from 4 on.
        skip_top: words whose id is lower become the unknown word (Keras's meaning: it counts ids, not words).
        maxlen: time steps; longer texts keep their end, shorter ones are padded in front.
    """

    dataset: str
    num_words: Count = 10_000
    skip_top: CountOrNone = 0
    maxlen: Count = 128


@description(frozen=True)
class ImageSettings:
    """Which images to read, row by row.

    Attributes:
        dataset: a name from `unspool datasets`.
    """

    dataset: str


@description(frozen=True)
class TaggedSettings:
    """Which tagged texts to read, and how.

    Attributes:
        dataset: a name from `unspool datasets`.
        size: of the vocabulary of word forms at most; None takes all forms that are frequent enough in training.
    """

    dataset: str
    size: Count | None = None


@description(frozen=True)
class PairSettings:
    """Which pairs of texts to read, and how.

    Attributes:
        dataset: a name from `unspool datasets`.
        source: the language, or form, that is read.
        target: the one that is written.
        task: what is done with them, as `--task` has it.
        size: of the vocabulary of both sides at most; None takes the tokenizer's rule.
        length: tokens of a text that are read at most, the first ones; None takes those of the longest in training.
        lowercase: whether capitals are read, and written, as small letters.
    """

    dataset: str
    source: str
    target: str
    task: Literal["translation", "pronunciation", "summary"] = "translation"
    size: Count | None = None
    length: Count | None = None
    lowercase: Flag = False


@description(frozen=True)
class CaptionSettings:
    """Which series with captions to read.

    Attributes:
        dataset: a name from `unspool datasets`.
        task: what is done with them: "captions".
    """

    dataset: str
    task: Literal["captions"]


FOR_SERIES = ("series", "channels", "steps", "newest", "resample")
"""Settings of `FileSettings` that only files of series have a use for."""


@description(frozen=True, kw_only=True)
class FileSettings:
    """Which file to read, and how.

    Attributes:
        path: of a table, of a folder of texts, of a .npz file; or of pairs, of a file with one source a line.
        test: a file with the test examples, or None to take them from the same file.
        validation: a file with the validation examples, or None to take them from the same file.
        test_target: of pairs whose test has one source a line, the file with one target a line.
        validation_target: the same for the validation pairs.
        unlabelled: a table or a folder of texts without labels that a model may learn from too, or None.
        kind: what is read: "text", "tokens" (texts that are split into tokens, with a tag for each), "pairs" (texts and
            their translations), "series", "forecast" (series whose next values are predicted), or "auto" to detect it.
        text: the column that is read.
        label: the column that is predicted.
        numeric: columns of numbers that are read beside the text.
        categorical: columns of categories that are read beside the text.
        source: of pairs, the column that is read.
        target: of pairs, the column that is written; where `path` has one source a line, the file with one target a
            line.
        group: rows with the same value stay in one part, unless parts are drawn by time.
        time: of texts, the newest are held out; of series, the order of the steps; of series to forecast, their time.
            Several columns with commas between them are read as one time, as in "year,month".
        dates: "day-first" or "month-first": how dates with the year last are read (1/2/2026); None infers it.
        decimal: "comma" or "point": what separates the decimals of numbers, which decides about 1,234 and 1.234; None
            infers it.
        id: a name of each row.
        split: the column that says which part each row belongs to.
        newest: of series, the column that says when each was recorded: the newest are held out.
        series: the column that tells series apart, or the texts of a table with a row for each token; or several, with
            commas between them.
        channels: the columns with the numbers of a series; of series to forecast, the covariates known until now.
        steps: of series with a row each, the columns of steps in the order of time; None takes all columns of numbers.
        resample: the interval between two steps of series that are read at even steps, as in "10s"; None takes the
            steps that there are.
        horizon: steps that are forecast; None for what is no forecast.
        season: of series to forecast, steps of a season; None takes the usual one of the clock.
        fill: of series to forecast, the target's value at steps without a row, such as 0; None interpolates it.
        aggregate: of series to forecast, "sum" or "mean": what the target is where several rows have the same time, or
            lie in the same interval of `resample`; "count" for how many these are; None refuses rows with the same
            time.
        known_ahead: of series to forecast, covariates that are known for the forecast steps too.
        task: what is predicted, or None to read it from the labels.
        tokenizer: "words" or "bpe".
        size: of the vocabulary, or None for the tokenizer's rule.
        length: tokens or steps that are read at most, the last ones; or None to choose it from the training data.
        validation_fraction: of the rows, where validation is drawn.
        test_fraction: of the rows, where the test is drawn.
        parts_seed: that parts are drawn from, or None for that of the training.
        on_error: what is done about a row that cannot be used.
    """

    path: str
    test: str | None = None
    test_target: str | None = None
    validation: str | None = None
    validation_target: str | None = None
    unlabelled: str | None = None
    kind: FileKind = "text"
    text: str | None = None
    label: str | None = None
    numeric: tuple[str, ...] | None = None
    categorical: tuple[str, ...] | None = None
    source: str | None = None
    target: str | None = None
    group: str | None = None
    time: str | None = None
    dates: Dates | None = None
    decimal: Decimal | None = None
    id: str | None = None
    split: str | None = None
    newest: str | None = None
    series: str | None = None
    channels: tuple[str, ...] | None = None
    steps: tuple[str, ...] | None = None
    resample: str | None = None
    horizon: Annotated[int, Field(ge=1, le=MOST_HORIZON, strict=True)] | None = None
    season: Annotated[int, Field(ge=1, le=MOST_SEASON, strict=True)] | None = None
    fill: Annotated[float, Field(gt=-3e38, lt=3e38)] | None = None
    aggregate: Aggregate | None = None
    known_ahead: tuple[str, ...] | None = None
    task: str | None = None
    tokenizer: TokenizerKind = "words"
    size: Count | None = None
    length: Count | None = None
    validation_fraction: _Share = FRACTION
    test_fraction: _Share = FRACTION
    parts_seed: Seed | None = None
    on_error: OnError = "stop"

    @property
    def two_files(self) -> bool:
        """Whether pairs are in two files, line by line: then `target` names a file, not a column."""
        return self.target is not None and holds_lines(self.path)

    @property
    def forecasts(self) -> bool:
        """Whether forecasts are asked for."""
        return self.kind == "forecast" or self.horizon is not None or self.task == "forecasting"

    @property
    def files(self) -> tuple[str, ...]:
        """The names of the settings that name files."""
        given = ("path", "test", "test_target", "validation", "validation_target", "unlabelled")
        return (*given, *(("target",) if self.two_files else ()))

    @property
    def side(self) -> SideColumns:
        """The columns that are read beside the text."""
        return SideColumns(self.numeric or (), self.categorical or ())

    @property
    def fractions(self) -> tuple[float, float]:
        """Of the rows for validation and for the test, where these are drawn."""
        return self.validation_fraction, self.test_fraction

    def of(self, *names: str) -> dict[str, Any]:
        """Some of the settings by name, as the functions take them that read a file."""
        return {name: getattr(self, name) for name in names}

    def refuse(self, names: Iterable[str], why: str) -> None:
        """Refuse settings that files of a kind have not.

        Args:
            names: of the settings.
            why: in words, as behind the name of the option.

        Raises:
            UserError: one of them is set.
        """
        for name in names:
            if getattr(self, name) is not None:
                raise UserError(f"{self.path}: --{name.replace('_', '-')} {why}")


DataSettings: TypeAlias = TextSettings | TaggedSettings | PairSettings | ImageSettings | CaptionSettings | FileSettings


def column_read(data: DataSettings) -> str | None:
    """The column of a file that a model reads texts from, or None."""
    return (data.text or data.source) if isinstance(data, FileSettings) else None


def target_column(data: DataSettings) -> str | None:
    """The column of a file that a model that translates was trained to write, or None."""
    return data.target if isinstance(data, FileSettings) and not data.two_files else None


ModelDescription: TypeAlias = Seq2Vec | Autoencoder | Tagger | Upscaler | Transformer | EncoderDecoder | ModelChoice


@description(frozen=True)
class TrainingSettings:
    """How to train.

    Attributes:
        seed: of the split, the weights, the order of the batches and the dropout.
        batch_size: examples in a step.
        batch_tokens: of translation, tokens of a batch at most, padding counted, on the longer side: batches of long
            texts have fewer examples. None: `batch_size` examples however long they are.
        epochs: at most.
        budget: seconds for the training, which ends with the epoch in which they are spent, or, in the first of two
            parts (see `bidirectional_epochs`), half of them; None has no limit. In a run's folder, it is None, and
            `epochs` are as many as there were, so that a replay does not look at the clock.
        learning_rate: of Adam (Kingma and Ba, 2015), at its defaults otherwise.
        clip_norm: gradients whose norm, all weights' together, is larger are scaled down to it (Pascanu, Mikolov and
            Bengio, 2013); None: they are taken as they are.
        warmup: steps in which the learning rate rises to its value, from which it falls with the inverse square root of
            the steps (Vaswani et al., 2017, section 5.3); None: it falls only where the validation loss no longer does.
        decay: "linear": the learning rate falls by the same amount after each epoch, and would reach 0 after the last;
            "plateau": it falls when the validation loss no longer does.
        ema: if set, what is validated and kept is an exponential moving average of the weights (Polyak and Juditsky,
            1992): after each step so much of the average stays, as in 0.999, and the rest is of the step's weights.
        label_smoothing: of translation, the share of the probability that is wanted evenly from all tokens; None is 0.
        bidirectional_epochs: of translation, at most so many epochs in both directions come before those from source to
            target only (Ding, Wu and Tao, 2021).
        early_stopping_patience: epochs without a better validation loss before training stops; the best epoch's weights
            are kept.
        plateau_patience: epochs without a better validation loss before the learning rate is reduced.
        plateau_factor: what it is multiplied with then.
        min_delta: what counts as better.
        class_weight: "balanced" weights examples so that all classes count the same, where they are not about equally
            frequent; "none" takes them as they are.
    """

    seed: Seed = 0
    batch_size: Count = 100
    batch_tokens: Count | None = None
    epochs: Count = 1000
    budget: Annotated[float, Field(ge=0, strict=True, allow_inf_nan=False)] | None = None
    learning_rate: Annotated[float, Field(gt=0, le=1e38, strict=True)] = 0.001
    clip_norm: Annotated[float, Field(gt=0, strict=True)] | None = None
    warmup: Annotated[int, Field(ge=1, lt=2**31, strict=True)] | None = None
    decay: Literal["plateau", "linear"] = "plateau"
    ema: Annotated[float, Field(gt=0, lt=1, strict=True)] | None = None
    label_smoothing: Rate | None = None
    bidirectional_epochs: CountOrNone = 0
    early_stopping_patience: Count = 7
    plateau_patience: Count = 3
    plateau_factor: Annotated[float, Field(gt=0, lt=1, strict=True)] = 0.5
    min_delta: Annotated[float, Field(ge=0, strict=True)] = 1e-4
    class_weight: Literal["none", "balanced"] = "none"

    @model_validator(mode="after")
    def _has_one_schedule(self) -> Self:
        if self.warmup is not None and self.decay != "plateau":
            raise ValueError("warmup and decay both say how the learning rate changes: set one of them")
        return self


@description(frozen=True)
class EvaluationSettings:
    """How to judge.

    Attributes:
        protocol: "honest": part of the training data stops training and picks the threshold, the test set is scored
            once. "chapter": the test set does all three, as in the chapter; for comparison only.
        validation_fraction: of a named dataset's training data, set aside under the honest protocol.
        resamples: of the bootstrap that gives each score its interval.
        measure: what the verdict rests on, and what the threshold of a binary task serves; None takes the task's first
            measure, and the threshold with the largest true positive rate less false positive rate.
        threshold: from which probability on the answer is yes, in a binary or multilabel task: "validation" picks it on
            the validation examples, "half" takes one half, as scikit-learn's `predict` does.
        beam: of translation, hypotheses that a search keeps; None is greedy, but 12 for pronunciations:
            as many answers of the network are ranked together with joint n-grams.
        length_penalty: of translation with a beam: log-probabilities are divided by ((5 + length) / 6) to this power
            (Wu et al., 2016); 0 prefers short answers, larger numbers prefer longer ones.
    """

    protocol: Protocol = "honest"
    validation_fraction: Annotated[float, Field(gt=0, lt=1, strict=True)] = 0.1
    resamples: Annotated[int, Field(ge=100, le=1_000_000, strict=True)] = 2000
    measure: str | None = None
    threshold: Literal["validation", "half"] = "validation"
    beam: Annotated[int, Field(ge=1, le=100, strict=True)] | None = None
    length_penalty: Annotated[float, Field(ge=0, le=100, strict=True)] = 1.0


@description(frozen=True, kw_only=True)
class Recipe:
    """One whole experiment.

    Attributes:
        name: of the recipe, and of its run's folder.
        title: one line on what it is.
        description: a paragraph on what it shows.
        data: what to read.
        model: what to train on it.
        training: how to train.
        evaluation: how to judge.
        published: figures printed elsewhere for the same experiment, to stand beside ours.
    """

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
    title: str = ""
    description: str = ""
    data: DataSettings
    model: ModelDescription
    training: TrainingSettings = TrainingSettings()
    evaluation: EvaluationSettings = EvaluationSettings()
    published: PublishedFigures | None = None

    @model_validator(mode="after")
    def _knows_its_last_epoch(self) -> Self:
        if self.has_budget and self.training.decay == "linear":
            raise ValueError(
                'training.decay is "linear": a learning rate that reaches 0 after the last epoch needs to know which '
                "one that is, so there can be no budget. Set training.epochs instead"
            )
        return self

    @property
    def has_budget(self) -> bool:
        """Whether the training, or the comparison of models, is limited in time."""
        return self.training.budget is not None or getattr(self.model, "budget", None) is not None

    @property
    def seed_of_parts(self) -> int:
        """What training, validation and test are drawn from."""
        parts_seed = self.data.parts_seed if isinstance(self.data, FileSettings) else None
        return self.training.seed if parts_seed is None else parts_seed
