"""Classes from a handful of examples, from names, or both; and "none of these"."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, column_or_1d

from siamese_text.errors import BadExamples, UsageError
from siamese_text.estimators.base import TextEstimator
from siamese_text.estimators.class_names import moved_to, names_tell, texts_of_classes
from siamese_text.estimators.class_scores import METHODS, Classes, ClassScores, LinearScores, NearestScores, fit_scores
from siamese_text.estimators.class_weights import fit_weights, probabilities
from siamese_text.estimators.examples import Examples, distinct_examples
from siamese_text.estimators.known_classes import KnownClasses, threshold_for
from siamese_text.estimators.tuning import ClassTexts, SideBySide, Train, tune
from siamese_text.protocols import Encodes
from siamese_text.records import FloatArray
from siamese_text.unit_rows import unit_rows
from siamese_text.warn import warn_user

NONE = "none of these"
WAYS = ("pairs", "episodes")  # of training an encoder; True is the first


class FewShotClassifier(ClassifierMixin, TextEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """It learns classes of texts from a few examples each, from their names, or from both.

    Args:
        model: The name of a model, its folder, or an encoder; by default the default model.
        method: ``auto``, logistic regression and discriminant scores, weighed by held-out examples; ``logistic``;
            ``prototype``, the nearest mean of a class; or ``nearest``, the class of the nearest example.
        names: What stands for classes besides examples. ``auto`` takes labels that are words, if examples find their
            class by them; True takes them anyway; False takes none; a mapping from labels to a text, or several, gives
            names or descriptions, also of classes without an example.
        false_accepts: The share of texts of no known class that may be given one; the rest of them gets the label
            ``none``. None, the default, gives each text a class.
        none: The label of texts of no known class. Examples with it are such texts; without any, each class is one to
            the others.
        finetune: Whether the encoder is trained on the examples: True or ``pairs`` by pairs of a batch, ``episodes`` by
            few-shot episodes. Its vectors stand beside those of the encoder as it was, if held-out examples are told
            better so, which ``tuning_`` reports; where nearly all of them are right already nothing is trained.
            "None of these" is still told by the encoder as it was, which the examples have not shaped.
        column: The column of a DataFrame that holds the texts; by default its only one.

    Attributes:
        classes_: (C,) the labels, sorted, without ``none``.
        weights_: What each kind of score weighs.
        named_: Whether names stand for classes.
        threshold_: The squared distance from the nearest class from which on a text belongs to none; None without
            ``false_accepts``.
        false_rejects_: The share of examples that would get ``none``, each left out of its class; None without
            ``false_accepts``.
        outsiders_: What the threshold was set by, such as ``40 texts of other classes`` or ``25 given texts``.
        tuning_: With ``finetune`` how many examples were ``held_out``, accuracy and log-loss on them ``before`` and
            ``after``, if there was anything to train for, and which of the two was ``kept``; else None.
    """

    _tuned: Encodes | None = None  # the encoder that was trained on the examples, if it was and is better
    tuning_: dict[str, Any] | None = None  # which a classifier that was saved before there was training lacks

    def __init__(
        self,
        model: Any = None,
        *,
        method: str = "auto",
        names: Any = "auto",
        false_accepts: float | None = None,
        none: Any = NONE,
        finetune: bool | str = False,
        column: str | None = None,
    ) -> None:
        self.model = model
        self.method = method
        self.names = names
        self.false_accepts = false_accepts
        self.none = none
        self.finetune = finetune
        self.column = column

    def fit(self, X: Any, y: Any) -> Self:
        """Learn the classes.

        Args:
            X: N texts; ``[]`` where ``names`` is a mapping that says it all. A text that stands twice in a class counts
                once; one that stands in two classes counts in neither, which a warning says.
            y: (N,) labels.

        Returns:
            The classifier.

        Raises:
            BadExamples: There are fewer than two classes, a class has nothing that stands for it, or labels are
                missing; or the outsiders are too few for ``false_accepts``.
            UsageError: A text is empty, or a parameter is none of those allowed.
        """
        self._check_parameters()
        nothing = isinstance(X, list) and not X and isinstance(self.names, Mapping)
        texts = [] if nothing else self._texts(X)
        encoder = self.open_encoder()[0]
        examples = distinct_examples(texts, _labels(y, len(texts)), self.none, self.names)
        self._check_kept(examples)
        vectors = unit_rows(encoder.encode(examples.texts)) if examples.texts else np.zeros((0, 0), np.float32)
        self.classes_ = examples.labels
        texts_of_names, names, names_of = self._names(vectors, examples)
        self.named_ = bool(len(names))
        self._check_each_class_has_something(examples, names_of)
        of = np.concatenate([examples.classes, names_of])
        known = KnownClasses.of(np.concatenate([vectors, names]) if len(vectors) else names, of)
        self.means_, self.sizes_, self.metric_ = known.means, known.sizes, known.metric
        outsiders = unit_rows(encoder.encode(examples.outsiders)) if examples.outsiders else None
        self._set_threshold(known, vectors, examples.classes, outsiders)
        given = ClassTexts(examples.texts, examples.classes, texts_of_names, names_of)
        tuning = tune(self._trainer(), encoder, given, METHODS[self.method]) if self.finetune else None
        self.tuning_ = None if tuning is None else dict(tuning.report)
        self._tuned = None if tuning is None else tuning.encoder
        if tuning is not None and tuning.encoder is not None:
            vectors, names = given.references(SideBySide(encoder, tuning.encoder))
            self.weights_ = tuning.weights
        else:
            self.weights_ = fit_weights(METHODS[self.method], vectors, examples.classes, names, names_of)
        references = np.concatenate([vectors, names]) if len(vectors) else names
        self._keep([fit_scores(kind, references, of) for kind in METHODS[self.method]])
        return self

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the (N,) label of each text, ``none`` where it is too far from all classes."""
        vectors = self._vectors(X)
        labels: NDArray[Any] = self.classes_[self._probabilities(vectors).argmax(axis=1)]
        if self.threshold_ is None:
            return labels
        refused = self._distances(self._unit_vectors(X) if self._tuned else vectors) >= self.threshold_
        mixed: NDArray[Any] = np.where(refused, self.none, labels)
        return mixed

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return how probable each class is, of a text that belongs to one of them.

        Args:
            X: N texts.

        Returns:
            (N, C) float64 in [0, 1], in the order of ``classes_``; each row adds up to 1.
        """
        return self._probabilities(self._vectors(X))

    def decision_function(self, X: Any) -> NDArray[np.float64]:
        """Return the (N, C) log-probabilities, up to a constant of each text; of two classes the (N,) log-odds."""
        log = np.log(np.maximum(self.predict_proba(X), 1e-300))
        return log[:, 1] - log[:, 0] if len(self.classes_) == 2 else log

    def score_samples(self, X: Any) -> NDArray[np.float64]:
        """Return how familiar each text is: (N,), minus the squared distance from the nearest class, at most 0."""
        check_is_fitted(self)
        return -self._distances(self._unit_vectors(X))

    def _vectors(self, X: Any) -> FloatArray:
        """Return the (N, D) vectors that the scores are of."""
        check_is_fitted(self)
        if self._tuned is None:
            return self._unit_vectors(X)
        return SideBySide(self.open_encoder()[0], self._tuned).encode(self._texts(X))

    def _trainer(self) -> Train:
        """Return what trains a copy of the encoder.

        Raises:
            UsageError: Nothing here can.
        """
        raise UsageError("finetune needs an encoder that can be trained; take siamese_text.FewShotClassifier")

    def _distances(self, vectors: FloatArray) -> NDArray[np.float64]:
        nearest: NDArray[np.float64] = (
            KnownClasses(self.means_, self.sizes_, self.metric_).distances(vectors).min(axis=1)
        )
        return nearest

    def _probabilities(self, vectors: FloatArray) -> NDArray[np.float64]:
        return probabilities(self.weights_, np.stack([part.scores(vectors) for part in self._parts()]))

    def _keep(self, parts: list[ClassScores]) -> None:
        """Keep what gives the scores as arrays, which can be saved."""
        first = parts[0]
        if isinstance(first, NearestScores):
            self.coef_, self.intercept_ = first.references[None], first.starts[None]
        else:
            linear = [part for part in parts if isinstance(part, LinearScores)]
            self.coef_ = np.stack([part.coef for part in linear])
            self.intercept_ = np.stack([part.intercept for part in linear])

    def _parts(self) -> list[ClassScores]:
        if self.method == "nearest":
            return [NearestScores(self.coef_[0], self.intercept_[0])]
        return [LinearScores(*part) for part in zip(self.coef_, self.intercept_, strict=True)]

    def _names(self, examples: FloatArray, given: Examples) -> tuple[list[str], FloatArray, Classes]:
        """Return M names with their (M, D) vectors and the class of each; none that are not wanted or say nothing."""
        by_class = {} if self.names is False else texts_of_classes(given.labels.tolist(), self.names)
        texts = [text for names in by_class.values() for text in names]
        names_of = np.repeat(np.array(list(by_class), dtype=np.int64), [len(names) for names in by_class.values()])
        nothing = list[str](), np.zeros((0, examples.shape[1]), np.float32), names_of[:0]
        if not texts:
            return nothing
        vectors = unit_rows(self.open_encoder()[0].encode(texts))
        if self.names == "auto" and not names_tell(examples, given.classes, vectors, names_of):
            return nothing
        return texts, moved_to(examples, given.classes, vectors, names_of), names_of

    def _set_threshold(
        self, known: KnownClasses, examples: FloatArray, classes: Classes, outsiders: FloatArray | None
    ) -> None:
        """Set from which distance on a text belongs to no class, and say how many examples that would cost."""
        self.threshold_ = self.false_rejects_ = self.outsiders_ = None
        if self.false_accepts is None:
            return
        own, other = known.left_out(examples, classes) if len(examples) else (np.zeros(0), np.zeros(0))
        far, kind = other, "texts of other classes"
        if outsiders is not None:
            far, kind = known.distances(outsiders).min(axis=1), "given texts"
        self.threshold_ = threshold_for(self.false_accepts, far)
        self.false_rejects_ = float((own >= self.threshold_).mean()) if len(own) else None
        self.outsiders_ = f"{len(far)} {kind}"

    def _check_parameters(self) -> None:
        if self.method not in METHODS:
            raise UsageError(f"method is '{self.method}'; choose from {', '.join(METHODS)}")
        if self.false_accepts is not None and not 0 < self.false_accepts < 1:
            raise UsageError(
                f"false_accepts is {self.false_accepts}; give a share between 0 and 1, such as 0.05, or None"
            )
        if self.finetune not in (True, False, *WAYS):
            raise UsageError(f"finetune is {self.finetune!r}; give True, False or one of {', '.join(WAYS)}")
        if not isinstance(self.names, Mapping | bool) and self.names != "auto":
            raise UsageError(f"names is {self.names!r}; give 'auto', True, False, or a mapping from labels to texts")

    def _check_kept(self, examples: Examples) -> None:
        """Refuse a label for no class that is of another kind than those of classes; say which texts do not count."""
        label = examples.labels[0]
        if self.false_accepts is not None and isinstance(self.none, str) != isinstance(label, str):
            raise UsageError(f"none is {self.none!r} and labels are like {label!r}; give one of their kind, such as -1")
        if examples.contradictory:
            warn_user(
                f"{len(examples.contradictory)} texts stand in two classes and count in neither, such as "
                f"'{examples.contradictory[0]:.60}'"
            )

    def _check_each_class_has_something(self, examples: Examples, names_of: Classes) -> None:
        has = np.union1d(examples.classes, names_of)
        for place, label in enumerate(self.classes_):
            if place not in has:
                raise BadExamples(f"class '{label}' has no example left and no name; add one that is in no other class")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.poor_score = True  # a few words do not tell the classes of the checks' clouds of points
        return tags


def _labels(y: Any, texts: int) -> NDArray[Any]:
    """Return the (N,) labels of N texts.

    Raises:
        BadExamples: Their number is another one, or one is missing.
    """
    if y is None:
        raise BadExamples("requires y to be passed, but the target y is None; give a label for each text")
    labels: NDArray[Any] = column_or_1d(y, warn=True)
    if len(labels) != texts:
        raise BadExamples(f"there are {texts} texts and {len(labels)} labels; give one label for each text")
    for number, label in enumerate(labels.tolist(), start=1):
        if label is None or label != label or label == "":
            raise BadExamples(f"text {number} has no label (NaN or empty); give one, or leave the text out")
    if len({isinstance(label, str) for label in labels.tolist()}) > 1:
        raise BadExamples("some labels are words and some are numbers; write all of them as words")
    if texts:
        with warnings.catch_warnings():  # that nearly each text has a label of its own: one example a class
            warnings.filterwarnings("ignore", "The number of unique classes", UserWarning)
            check_classification_targets(labels)
    return labels
