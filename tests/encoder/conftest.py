"""Fixtures of the tests of encoders."""

import numpy as np
import pytest


@pytest.fixture(scope="session")
def static_folder(tmp_path_factory):
    """The folder of a small table of token vectors."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    from siamese_text.encoder.model_folder import Layout
    from siamese_text.encoder.static import StaticEncoder

    words = {word: place for place, word in enumerate("[UNK] the old cat sleeps in house".split())}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    table = np.random.default_rng(0).standard_normal((len(words), 8)).astype(np.float32)
    folder = tmp_path_factory.mktemp("models") / "static"
    StaticEncoder(table, tokenizer, Layout(folder, static=True, normalize=True)).save(folder)
    return folder
