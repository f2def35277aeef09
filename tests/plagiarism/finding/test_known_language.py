"""A model that knows English breaks the words of other languages into many tokens."""

import pytest

from siamese_text.plagiarism.finding.known_language import unknown_languages

ENGLISH = "The keeper of the light walked down to the harbour before dawn and counted the boats that had come home. "
OTHERS = {
    "German": "Der Leuchtturmwärter ging vor der Morgendämmerung zum Hafen und zählte die heimgekehrten Boote. ",
    "Polish": "Latarnik zszedł przed świtem do portu i policzył łodzie, które wróciły nocą z połowu. ",
    "Greek": "Ο φαροφύλακας κατέβηκε στο λιμάνι πριν από την αυγή και μέτρησε τις βάρκες που είχαν γυρίσει. ",
    "Russian": "Смотритель маяка спустился в гавань до рассвета и пересчитал вернувшиеся лодки. ",
    "Chinese": "守灯塔的人在天亮之前走到港口，数了数夜里回来的小船。",
}


@pytest.mark.weights
def test_all_minilm_knows_english_alone():
    from tokenizers import Tokenizer

    from siamese_text.encoder.resolve import resolve

    tokenizer = Tokenizer.from_file(str(resolve("all-MiniLM-L6-v2").folder / "tokenizer.json"))
    tokenizer.no_padding()

    def pieces(texts):
        return [len(encoding) for encoding in tokenizer.encode_batch(texts, add_special_tokens=False)]

    texts = {"English": ENGLISH} | OTHERS
    answers = unknown_languages([5 * text for text in texts.values()], pieces)
    assert dict(zip(texts, answers, strict=True)) == {"English": False} | dict.fromkeys(OTHERS, True)


def test_the_middle_of_a_text_decides_in_short_stretches():
    asked = []

    def pieces(texts):
        asked.extend(texts)
        return [3 * text.count("o") for text in texts]

    assert unknown_languages(["a " * 2000 + "o " * 600 + "a " * 2000, "a " * 900], pieces) == [True, False]
    assert max(len(text.split()) for text in asked) == 16
    assert unknown_languages(["", "..."], pieces) == [False, False]
