"""The code page of a text in Latin letters, by the letters of its language."""

import pytest

from siamese_text.text.code_pages import latin_code_page
from siamese_text.text.decoding import decode

FERRY = {
    "German": ("cp1252", "Die Fähre hielt am Mittag an; der Kapitän hatte Eis gesehen. Schöne Grüße aus Gießen."),
    "French": ("cp1252", "Le bac s’est arrêté à midi, car le capitaine a vu de la glace près du môle. Ça gèle."),
    "Spanish": ("cp1252", "El barco paró al mediodía. ¿Había hielo? El capitán señaló el muelle y nadie discutió."),
    "Swedish": ("cp1252", "Färjan stannade vid middagstid, eftersom kaptenen såg is nära bryggan. Ingen frågade."),
    "Polish": ("cp1250", "Prom zatrzymał się w południe, ponieważ kapitan zobaczył lód. Nikt nie chciał się kłócić."),
    "Czech": ("cp1250", "Přívoz zastavil v poledne, protože kapitán viděl led. Nikdo se s ním nechtěl přít."),
    "Hungarian": ("cp1250", "A komp délben megállt, mert a kapitány jeget látott. Őszintén: a gőz sűrűn szállt."),
    "Croatian": ("cp1250", "Trajekt je stao u podne jer nitko nije želio čekati. Čovjek šuti, đak uči."),
    "Turkish": ("cp1254", "Vapur öğleyin durdu, çünkü kaptan buz görmüştü ve kimse tartışmak istemedi. Şimdi ışık."),
    "Lithuanian": ("cp1257", "Keltas sustojo vidurdienį, nes kapitonas pamatė ledą. Niekas nenorėjo ginčytis, žinoma."),
}


@pytest.mark.parametrize("language", FERRY)
def test_the_page_is_told_by_the_letters(language):
    page, text = FERRY[language]
    assert latin_code_page(text.encode(page)) == page
    assert decode(text.encode(page)) == (text, page)


def test_several_languages_of_one_page_are_told():
    text = "Très bien, João: niño, señora, ¿qué? Ägypten heißt so, frågade hon på ön. L'àvia i l'été."
    assert decode(text.encode("cp1252")) == (text, "cp1252")


@pytest.mark.parametrize("language", ["Polish", "Czech", "Hungarian", "Croatian"])
def test_the_older_page_of_central_europe_is_told(language):
    assert decode(FERRY[language][1].encode("iso8859_2"))[0] == FERRY[language][1]


@pytest.mark.parametrize(
    "data", ["Снег идёт.".encode("cp1251"), "今日は天気".encode("shift_jis"), bytes(range(128, 256)) + b"abc" * 300]
)
def test_other_scripts_and_noise_have_none(data):
    assert latin_code_page(data) is None


def test_signs_that_all_write_say_nothing_of_a_language():
    assert decode("“Yes” – it’s so…".encode("cp1252")) == ("“Yes” – it’s so…", "cp1252")
