"""Letters that stand for others are told by where vowels stand, in any language that Latin letters write."""

import random
import string

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


def test_most_ciphers_are_told():
    told = 0
    for text in TEXTS.values():
        for seed in range(10):
            letters = list(string.ascii_lowercase)
            random.Random(seed).shuffle(letters)
            told += is_scrambled(5 * text.translate(str.maketrans(string.ascii_lowercase, "".join(letters))))
    assert told >= 50  # some put vowels in the place of vowels


def test_little_text_other_scripts_and_figures_are_believed():
    assert not is_scrambled("xkcd zvlrp " * 10)
    assert not is_scrambled("Паром остановился в полдень, потому что капитан увидел лёд. " * 10)
    assert not is_scrambled("12.5 mg 14.7 kg 99 % " * 100)


def test_letters_that_mean_nothing_outside_of_their_font_are_not_believed():
    assert is_scrambled("\ue041\ue042 \ue043 and \ue044\ue045\ue046\ue047")
