"""A corpus of the competition by one call."""

import pytest

from siamese_text import api
from siamese_text.errors import BadOutput, MissingInput


def test_a_taken_output_and_a_missing_corpus_are_refused_before_any_model_is_loaded(tmp_path):
    with pytest.raises(MissingInput, match="give a folder with pairs"):
        api.check_pan(tmp_path, model=tmp_path / "no-model", detections=tmp_path / "found")
    with pytest.raises(BadOutput, match="--overwrite"):
        api.check_pan(tmp_path, model=tmp_path / "no-model", detections=tmp_path)
