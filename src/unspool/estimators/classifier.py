"""Sequences to classes."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin
from sklearn.utils import check_consistent_length, column_or_1d
from sklearn.utils.class_weight import compute_sample_weight

from unspool.data.names_in_words import first_few
from unspool.estimators.base import Predictor
from unspool.estimators.errors import InputError
from unspool.estimators.targets import checked_targets, checked_weights, decided, encoded_classes


class SequenceClassifier(ClassifierMixin, Predictor):  # type: ignore[misc]
    """A network that tells classes of texts or series apart, as a scikit-learn classifier.

    Texts and token ids are read without recurrence: mean and maximum over the embeddings of the tokens and of the pairs
    of neighbours (Joulin et al., 2017). Series are read by a bidirectional LSTM. These are the models of
    `unspool train --model network`; None as a parameter takes their value. `AutoClassifier` is often more accurate.

    X is one of these, and `reads` says which where it must:

    - N texts: a list, an array or a column of strings;
    - N series of numbers: an array (N, T, C) of T steps and C channels, or a list of N arrays (T_i, C) of different
      lengths. A series of one channel may be (T_i,), and an array (N, T) holds N series of one channel, one a row. In
      an array (N, T, C), steps of NaN at the end are not there;
    - N lists of token ids, whole numbers, with `reads="tokens"`; an id that training does not show is unknown.

    y holds one class for each sequence, of two or more; or several at once as an array (N, K) of 0 and 1.

    Training stops where the loss on a validation part, drawn from the sequences, no longer falls, and the best epoch is
    kept. Of fewer than 50 sequences none are set aside, and the loss in training decides.

    Args:
        reads: "text", "tokens" or "series"; "auto" takes strings for texts and other things for series.
        cell: "lstm" (Hochreiter and Schmidhuber, 1997), "gru" (Cho et al., 2014) or "rnn" (Elman, 1990). None takes an
            LSTM where there are recurrent layers.
        units: width of the hidden state, in each direction; None takes 64.
        layers: how many recurrent layers stand one upon the other, or 0: what is read is pooled itself. None takes 1
            for series, and for texts and tokens where `cell` is given; otherwise 0, and pairs of neighbours beside the
            tokens.
        bidirectional: also read from the end; None does.
        pooling: "mean_max" answers from mean and maximum over all steps, "last" from the last hidden state; None takes
            the former.
        embedding: width of the vector that stands for a token; None takes 32, and 64 where there are recurrent layers.
        dropout: share of the pooled vector's numbers that are 0 in training; None takes 0.5 for texts and tokens, and
            for series 0.3, with 0.2 of the numbers that are read.
        vocabulary: how many different tokens at most, 4 of them special; None takes of words those seen twice, at most
            20,000, and of token ids all.
        tokenizer: of texts: "words" or "bpe" (byte-level BPE, for which unspool[bpe] must be installed); None takes
            words.
        length: tokens or steps that are read at most, the last ones; None chooses what 99 in 100 training sequences
            fit into, at most 2,048.
        epochs: at most; None takes 200, and 20 for 10,000 sequences or more.
        batch_size: sequences in a step; None takes 16, 32 from 1,000 sequences on, 64 from 10,000 on.
        learning_rate: of Adam; None takes 0.001, and 0.003 for texts and tokens without recurrent layers.
        validation_fraction: of the sequences, set aside to decide when training stops; 0 for none.
        patience: epochs without a better loss before training stops; None takes 5 for texts and 15 for series, 2 for
            10,000 sequences or more.
        class_weight: the weight of each class: a dict by class, "balanced" (equal weight for all classes in training,
            if they are not about equally frequent), or None (equal weight for all examples).
        random_state: a whole number for the same bits each time; a RandomState, from which a seed is drawn; None for
            another seed each time.
        verbose: 0 quiet, 1 a bar, 2 a line an epoch.

    Attributes:
        classes_: (K,) the classes.
        kind_: what was read: "text", "tokens" or "series".
        reader_: how sequences are read.
        description_: the model, a `unspool.models.Seq2Vec`.
        weights_: its weights, as arrays.
        history_: loss and metrics by epoch.
        n_iter_: epochs that were trained.
        best_epoch_: the epoch whose weights are kept, counted from 1.
        n_features_in_: T, where X was an array (N, T).

    Example:
        >>> import numpy as np, unspool
        >>> rising = [np.linspace(0, 1, steps) for steps in (4, 6, 8, 5)]
        >>> X, y = rising + [series[::-1] for series in rising], ["up"] * 4 + ["down"] * 4
        >>> model = unspool.SequenceClassifier(units=8, epochs=40, learning_rate=0.02, random_state=0).fit(X, y)
        >>> model.predict([np.linspace(0, 1, 7), np.linspace(1, 0, 3)]).tolist()
        ['up', 'down']
    """

    def __init__(
        self,
        *,
        reads: str = "auto",
        cell: str | None = None,
        units: int | None = None,
        layers: int | None = None,
        bidirectional: bool | None = None,
        pooling: str | None = None,
        embedding: int | None = None,
        dropout: float | None = None,
        vocabulary: int | None = None,
        tokenizer: str | None = None,
        length: int | None = None,
        epochs: int | None = None,
        batch_size: int | None = None,
        learning_rate: float | None = None,
        validation_fraction: float = 0.1,
        patience: int | None = None,
        class_weight: Any = None,
        random_state: Any = None,
        verbose: int = 0,
    ):
        super().__init__(
            reads=reads,
            cell=cell,
            units=units,
            layers=layers,
            bidirectional=bidirectional,
            pooling=pooling,
            embedding=embedding,
            dropout=dropout,
            vocabulary=vocabulary,
            tokenizer=tokenizer,
            length=length,
            epochs=epochs,
            batch_size=batch_size,
            learning_rate=learning_rate,
            validation_fraction=validation_fraction,
            patience=patience,
            random_state=random_state,
            verbose=verbose,
        )
        self.class_weight = class_weight

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "SequenceClassifier":
        """Train on labelled sequences.

        Args:
            X: N sequences.
            y: (N,) classes, or (N, K) of 0 and 1.
            sample_weight: (N,) how much each sequence counts.

        Returns:
            Itself.

        Raises:
            InputError: a parameter, a sequence or a weight is wrong, or a parameter would have no effect on such
                sequences; it is a UserError and a ValueError.
            ValueError: scikit-learn's own, where y holds no classes, or an array is not of finite numbers.
        """
        settings, sequences = self._read_for_fit(X)
        task, targets, classes, columns = encoded_classes(checked_targets(self, y))
        check_consistent_length(sequences.items, targets)
        weights = checked_weights(sample_weight, len(targets))
        balanced = isinstance(self.class_weight, str) and self.class_weight == "balanced"
        balanced &= weights is None and task.chooses_among_labels
        if self.class_weight is not None and not balanced:
            self._check_class_weight(y)
            balance = compute_sample_weight(self.class_weight, y)
            if not (np.isfinite(balance).all() and balance.min() >= 0 and balance.any()):
                raise InputError(
                    f"SequenceClassifier: class_weight is {self.class_weight!r}. Each weight must be a finite number "
                    "of at least 0, and at least one must be above 0."
                )
            weights = checked_weights(balance if weights is None else weights * balance, len(targets))
        self._learn(
            settings,
            sequences,
            lambda rows: (task, targets),
            lambda task, examples: task.head(settings.model(sequences.kind, examples)),
            classes=targets if task.chooses_among_labels else None,
            weights=weights,
            balanced=balanced,
            labels=lambda task: task.as_in_a_file(targets),
        )
        self.classes_, self._columns = classes, columns
        return self

    def _check_class_weight(self, y: Any) -> None:
        """Refuse weights that are no dict by class; those of several classes at once are left to scikit-learn."""
        given = self.class_weight
        if given == "balanced" or (isinstance(given, list) and all(isinstance(one, dict) for one in given)):
            return
        if not isinstance(given, dict):
            raise InputError(
                f"SequenceClassifier: class_weight is {given!r}. It can be None, 'balanced', or a dict with the weight "
                "of each class."
            )
        classes = np.unique(np.asarray(y)).tolist()
        unknown = [one for one in given if one not in classes]
        if unknown and not all(one in given for one in classes):  # a fold may lack a class
            raise InputError(
                f"SequenceClassifier: class_weight has a weight for {unknown[0]!r}, which is no class of y. The "
                f"classes are {first_few([repr(one) for one in classes])}."
            )

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Compute the probability of each class.

        Args:
            X: N sequences.

        Returns:
            (N, K), in the order of `classes_`; each row sums to 1, unless a sequence may have several classes.
        """
        answers = self._answers(X)  # before task_, as it refuses an estimator that is not fitted
        answers = self.task_.of_classes(answers)
        columns = getattr(self, "_columns", None)  # which a pickle of an earlier version does not have
        return answers if columns is None else answers[:, columns]

    def predict(self, X: Any) -> NDArray[Any]:
        """Name the most probable class.

        Args:
            X: N sequences.

        Returns:
            (N,) classes; or (N, K) of 0 and 1 where a sequence may have several: 1 where the probability is a half or
            more.
        """
        return decided(self.predict_proba(X), self.classes_, self.task_)

    def _labels_of_test(self, y: Any) -> list[str]:
        labels = checked_targets(self, y)
        if not self.task_.chooses_among_labels:
            if labels.ndim != 2 or labels.shape[1] != len(self.classes_) or not np.isin(labels, (0, 1)).all():
                raise InputError(f"y of test must be (N, {len(self.classes_)}) of 0 and 1, as in fit.")
            return self.task_.as_in_a_file(labels)
        labels = column_or_1d(labels, warn=True)
        unknown = np.flatnonzero(~np.isin(labels, self.classes_))
        if len(unknown):
            raise InputError(f"y[{unknown[0]}] of test is {labels[unknown[0]]!r}, a class that fit has not seen.")
        return self.task_.as_in_a_file(self._columns[np.searchsorted(self.classes_, labels)])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
