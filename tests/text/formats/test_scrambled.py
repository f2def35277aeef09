"""Letters that stand for others are told by how frequent they are, in any language that Latin letters write."""

import random
import string
import unicodedata

import pytest

from siamese_text.text.formats.scrambled import is_scrambled

TEXTS = {
    "English": "The ferry stopped at noon because the captain had seen ice near the pier, and nobody wished to argue. ",
    "German": "Die Fähre hielt am Mittag an, weil der Kapitän Eis bei der Mole gesehen hatte, und keiner widersprach. ",
    "Polish": "Prom zatrzymał się w południe, ponieważ kapitan zobaczył lód przy molo i nikt nie chciał się spierać. ",
    "Czech": "Přívoz zastavil v poledne, protože kapitán viděl led u mola a nikdo se s ním nechtěl přít. ",
    "Finnish": "Lautta pysähtyi keskipäivällä, koska kapteeni oli nähnyt jäätä laiturin lähellä eikä kukaan väitä. ",
    "Turkish": "Vapur öğleyin durdu, çünkü kaptan iskelenin yanında buz görmüştü ve kimse tartışmak istemedi. ",
    "Spanish": "El barco paró al mediodía porque el capitán había visto hielo junto al muelle y nadie quiso discutir. ",
    "Hungarian": "A komp délben megállt, mert a kapitány jeget látott a móló mellett, és senki sem akart vitatkozni. ",
}


@pytest.mark.parametrize("language", TEXTS)
def test_a_text_is_believed(language):
    assert not is_scrambled(TEXTS[language] * 5)


def test_ciphers_are_told_in_every_language():
    told = 0
    for accented in TEXTS.values():
        text = unicodedata.normalize("NFD", accented.lower())
        for seed in range(25):
            letters = list(string.ascii_lowercase)
            random.Random(seed).shuffle(letters)
            told += is_scrambled(5 * text.translate(str.maketrans(string.ascii_lowercase, "".join(letters))))
    assert told >= 180  # of 200: some put frequent letters in the place of frequent ones


@pytest.mark.parametrize("by", range(1, 26))
def test_letters_moved_along_the_alphabet_are_told(by):
    moved = string.ascii_lowercase[by:] + string.ascii_lowercase[:by]
    assert is_scrambled(5 * TEXTS["English"].lower().translate(str.maketrans(string.ascii_lowercase, moved)))


def test_little_text_other_scripts_and_figures_are_believed():
    assert not is_scrambled("xkcd zvlrp " * 10)
    assert not is_scrambled("Паром остановился в полдень, потому что капитан увидел лёд. " * 10)
    assert not is_scrambled("12.5 mg 14.7 kg 99 % " * 100)


def test_letters_that_mean_nothing_outside_of_their_font_are_not_believed():
    assert is_scrambled("\ue041\ue042 \ue043 and \ue044\ue045\ue046\ue047")
