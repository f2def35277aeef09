"""The public face: its names load, and every type that a public signature names is public itself."""

import collections.abc
import inspect
import typing
from dataclasses import is_dataclass
from types import FunctionType

import pytest

import siamese_text
from siamese_text import api
from siamese_text.api import rendering

# What only an encoder or a rule of one's own is made with.
FOR_BUILDERS = {"Layout", "PaddedTexts", "Sentence", "TextTokenizer", "TokenBatch"}
# What the library puts into the matches of tables; nobody else makes any.
FOR_BUILDERS |= {"Candidates", "Known", "Labels", "Likeness", "Mixture", "Records", "Regression"}


def test_every_public_name_loads():
    assert sorted(siamese_text.__all__) == siamese_text.__all__ == api.__all__
    for name in siamese_text.__all__:
        found = getattr(siamese_text, name)
        assert not isinstance(found, type | FunctionType) or found.__name__ == name
    assert set(siamese_text.__all__) <= set(dir(siamese_text))


def test_names_for_rendering_load():
    assert all(getattr(rendering, name) is not None for name in rendering.__all__)


@pytest.mark.parametrize("module", [siamese_text, api, rendering])
def test_an_unknown_name_is_an_attribute_error(module):
    with pytest.raises(AttributeError, match=f"module '{module.__name__}' has no attribute 'Scorrer'"):
        module.Scorrer  # noqa: B018


def our_types(hint):
    """The classes of ours that a type names, also inside unions, sequences and callables."""
    if isinstance(hint, type) and not typing.get_args(hint):
        return {hint} if hint.__module__.startswith("siamese_text.") else set()
    parts = [part for arg in typing.get_args(hint) for part in (arg if isinstance(arg, list) else [arg])]
    return set().union(*(our_types(part) for part in parts))


def signatures(name):
    """What a public name is called with and gives: a function, or the public methods and properties of a class."""
    found = getattr(siamese_text, name)
    if isinstance(found, FunctionType):
        yield found
    if not isinstance(found, type):
        return
    if found.__module__.startswith("siamese_text."):
        yield found  # a dataclass may inherit fields from another module, whose names its __init__ does not know
        if "__init__" in vars(found) and not is_dataclass(found):
            yield found.__init__
    for method, value in vars(found).items():
        if not method.startswith("_"):
            value = getattr(value, "fget", None) or getattr(value, "func", None) or inspect.unwrap(value)
            value = getattr(value, "__func__", value)
            if isinstance(value, FunctionType):
                yield value


@pytest.mark.parametrize("name", siamese_text.__all__)
def test_every_type_that_a_public_signature_names_is_public(name):
    scope = vars(collections.abc) | {each: getattr(siamese_text, each) for each in siamese_text.__all__}
    for signature in signatures(name):
        hints = typing.get_type_hints(signature, localns=scope)
        named = {each.__name__ for hint in hints.values() for each in our_types(hint)}
        assert named - FOR_BUILDERS <= set(siamese_text.__all__), signature
