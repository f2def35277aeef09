"""Keys that stand in for letters: undone and told where they are everywhere, and nowhere else."""

import pytest

from siamese_text.text import words
from siamese_text.text.disguise import disguise_notes, readable
from siamese_text.text.reading import Reading
from siamese_text.text.stand_ins import put_back, stand_in_spans, stand_ins

TEXT = (
    "The old miller walked along the river until he came below the mill, where small boats waited for flour. "
    "From time to time some women of the town came and warmed themselves beside the furnace, and none went home "
    "without warm bread, milk and two or three words about the weather of tomorrow. The last harvest was the best in "
    "all their history, and a chest of silver rested in the museum."
)
FORMS = [word.form for word in words(TEXT)]


@pytest.mark.parametrize(
    ("own", "letter"),
    [("I", "l"), ("1", "l"), ("0", "o"), ("3", "e"), ("4", "a"), ("5", "s"), ("vv", "w"), ("rn", "m")],
)
def test_a_letter_that_is_replaced_throughout_is_told_and_put_back(own, letter):
    disguised = TEXT.replace(letter, own)
    assert stand_ins(disguised) == {own: letter}
    # Of "warm" and "furnace" nobody can tell who wrote which, and a 4 by itself is a number.
    kept = {"4": {"a": "4"}, "rn": {form: form.replace("rn", "m") for form in FORMS}}.get(own, {})
    assert [word.form for word in words(disguised)] == [kept.get(form, form) for form in FORMS]
    [note] = disguise_notes(Reading(disguised))
    assert note.kind == "disguise"
    assert note.message.endswith(f"look-alikes inside words ({own} for {letter}), first in paragraph 1")
    assert {disguised[span.start : span.end] for span in note.spans} == {own}


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        "Press a1b, a1c, b1d, c1e and d1f; all labels follow the old rules. " * 3,
        "McIntosh and DeIulio tell all the world by LinkedIn and AppleInsider that the old tools, parseInt and toInt "
        "above all, will be replaced; small clubs still build all the tables and the lists that allow it.",
        "Part II, III and XVII of the 1st and 2nd volume, in 1989 and the 1990s, by H2O and CO2, on page A10. " * 2,
        "The modern lantern burned in the northern barn; a stern intern returned at morning to learn more about him.",
        "A navvy, a savvy skivvy and a bovver boy were revving while we waited at the wall for two whole weeks, with "
        "warm water, which we drew from a well below the window, and wondered whether it would snow or thaw, and how.",
        "GET AII THE SMALL OLD BELLS, ALL OF THEM: IT IS I, MILLER.",
    ],
)
def test_honest_texts_stay_as_they_are(text):
    assert (stand_ins(text), put_back(text), stand_in_spans(text)) == ({}, text, {})
    assert disguise_notes(Reading(text)) == []


def test_what_an_encoder_reads_is_put_back():
    assert readable(TEXT.replace("l", "I")) == TEXT


def test_words_that_begin_with_an_i_of_their_own_keep_it():
    text = "It Iooks coId: I teII you, In aII the oId miIIs the Iong wheeIs stood stiII, beIow the waIIs. II, 1I"
    assert put_back(text) == (
        "It looks cold: I tell you, In all the old mills the long wheels stood still, below the walls. II, 1I"
    )
