"""scikit-learn's own checks of estimators, on texts that spell the numbers of the checks' arrays.

The checks give arrays. Here each row becomes a text, and an encoder reads the numbers back, so that all of an estimator
runs but the reading of X. What is left out is listed with the reason.
"""

import json

import numpy as np
import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks
from sklearn.utils.validation import check_array

from siamese_text import api


class Numbers:
    """Reads a text that spells numbers as their vector."""

    def encode(self, texts):
        return np.array([json.loads(text) for text in texts], dtype=np.float32).reshape(len(texts), -1)


class OnNumbers:
    """Spells the rows of arrays; the encoder comes with it."""

    def open_encoder(self):
        return Numbers(), "numbers"

    def _texts(self, X):  # noqa: N803
        return [json.dumps(row) for row in check_array(X, estimator=self).tolist()]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.string, tags.input_tags.two_d_array = False, True
        return tags


class AnomalyDetector(OnNumbers, api.AnomalyDetector):
    pass


class EmbeddingTransformer(OnNumbers, api.EmbeddingTransformer):
    pass


class FewShotClassifier(OnNumbers, api.FewShotClassifier):
    pass


TEXTS_HAVE_NO_COLUMNS = "a text has no number of features that fit could compare with"
LEFT_OUT = {
    "check_n_features_in": TEXTS_HAVE_NO_COLUMNS,
    "check_n_features_in_after_fitting": TEXTS_HAVE_NO_COLUMNS,
}


# The labels of the checks spell no numbers, so they are no names of classes.
ESTIMATORS = [AnomalyDetector(), EmbeddingTransformer(), FewShotClassifier(names=False)]


@pytest.mark.filterwarnings("ignore:with .* known texts no p-value")
@parametrize_with_checks(ESTIMATORS, expected_failed_checks=lambda _: LEFT_OUT)
def test_the_contract_of_scikit_learn_holds(estimator, check):
    check(estimator)
