"""The transformer in scikit-learn's own machinery."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline

from siamese_text.errors import UsageError
from siamese_text.estimators.cached_encoder import CachedEncoder
from siamese_text.estimators.embedding_transformer import EmbeddingTransformer

TEXTS = ["lost card", "my card", "card lost again", "send money", "money please", "send it"] * 2
TEXTS = [f"{text} {number}" for number, text in enumerate(TEXTS)]
LABELS = ["card", "card", "card", "money", "money", "money"] * 2


def test_it_gives_the_encoders_vectors_with_or_without_a_fit(words):
    expected = words.encode(TEXTS)
    assert np.array_equal(EmbeddingTransformer(words).transform(TEXTS), expected)
    assert np.array_equal(EmbeddingTransformer(words).fit_transform(TEXTS), expected)


def test_a_pipeline_is_searched_and_cross_validated_with_each_text_encoded_once(words):
    pipeline = make_pipeline(EmbeddingTransformer(CachedEncoder(words)), LogisticRegression())
    assert cross_val_score(pipeline, TEXTS, LABELS, cv=3).tolist() == [1, 1, 1]
    search = GridSearchCV(pipeline, {"logisticregression__C": [1, 10]}, cv=2).fit(TEXTS, LABELS)
    assert search.predict(["a lost card"]).tolist() == ["card"]
    assert sorted(words.asked) == sorted([*TEXTS, "a lost card"])


def test_a_frame_goes_in_and_a_frame_comes_out(words):
    frame = pd.DataFrame({"id": range(12), "text": TEXTS}, index=range(5, 17))
    out = EmbeddingTransformer(words, column="text").set_output(transform="pandas").fit_transform(frame)
    assert out.columns[:2].tolist() == ["embeddingtransformer0", "embeddingtransformer1"]
    assert out.index.tolist() == list(range(5, 17))
    assert np.array_equal(out.to_numpy(), words.encode(TEXTS))


def test_a_clone_has_the_same_parameters(words):
    copied = clone(EmbeddingTransformer(CachedEncoder(words), column="text"))
    assert copied.column == "text"
    assert copied.model.encoder is words


def test_what_cannot_encode_is_refused_when_it_is_used():
    with pytest.raises(UsageError, match="model is 7; give an encoder"):
        EmbeddingTransformer(7).transform(TEXTS)
