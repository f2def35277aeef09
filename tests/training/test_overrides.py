"""The keywords of ``train`` and ``distill`` are their settings: same names, same types."""

from dataclasses import fields
from typing import get_type_hints

import pytest

from siamese_text import DistillSettings, TrainSettings
from siamese_text.training import overrides

GIVEN_OTHERWISE = {TrainSettings: {"dataset"}, DistillSettings: set()}  # by an argument of the function's own
READ_FREELY = {"mixture", "dataset", "sentences"}  # tables and strings, which become entries; names, or data in memory


@pytest.mark.parametrize(
    ("settings", "keywords"),
    [(TrainSettings, overrides.TrainOverrides), (DistillSettings, overrides.DistillOverrides)],
)
def test_keywords_are_the_settings(settings, keywords):
    known = get_type_hints(settings)
    wanted = {field.name: known[field.name] for field in fields(settings)}
    for options in settings.nested().values():
        wanted |= options
    offered = get_type_hints(keywords)
    present = {name: offered[name] for name in offered if name not in settings.renamed}
    assert present.keys() == wanted.keys() - GIVEN_OTHERWISE[settings]
    for name in present.keys() - READ_FREELY:
        assert present[name] == wanted[name], name


@pytest.mark.parametrize(
    ("settings", "old"),
    [(TrainSettings, overrides.TrainOverridesOf01), (DistillSettings, overrides.DistillOverridesOf01)],
)
def test_keywords_of_0_1_are_those_that_were_renamed(settings, old):
    names = {field.name for field in fields(settings)}
    assert get_type_hints(old).keys() == {before for before, now in settings.renamed.items() if now in names}
