import warnings

import pytest

from siamese_text.encoder.torch_encoder import TorchEncoder
from siamese_text.errors import TextsCut
from siamese_text.warn import warn_user


def test_a_warning_shows_the_line_of_whoever_called_into_the_package(tiny_model):
    encoder = TorchEncoder.load(tiny_model, device="cpu", max_seq_length=8)
    calls = [
        lambda: warn_user("directly"),
        lambda: encoder.encode(["cat " * 9]),
        lambda: encoder.encode_query(["cat " * 9]),
        lambda: encoder.encode_tokens(["cat " * 9], lambda tokens: tokens),
    ]
    for call in calls:
        with pytest.warns(UserWarning) as caught:
            call()
        assert [warning.filename for warning in caught] == [__file__]


def test_an_instance_keeps_its_class_and_what_it_counts():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warn_user(TextsCut(3, "3 texts"))
    assert (caught[0].category, caught[0].message.cut) == (TextsCut, 3)
