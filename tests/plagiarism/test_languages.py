"""Copies are found in other languages than English: word for word, and with words changed."""

import pytest

from siamese_text.plagiarism.check import check_documents
from siamese_text.plagiarism.findings import Evidence
from siamese_text.records import Document

# A copied passage, what an editor changes in it, and a sentence of one's own for each of two documents.
TEXTS = {
    "German": (
        "Im Herbst ließ der Müller das alte Wehr ausbessern, weil das Hochwasser die Pfähle gelockert hatte. Die "
        "Gesellen trugen Steine aus dem Bach, und abends saßen alle am Ofen und erzählten von der großen Flut.",
        {"Herbst": "Winter", "alte": "morsche", "abends": "nachts"},
        (
            "Meine Großmutter backte jeden Samstag ein dunkles Brot.",
            "Unser Lehrer sammelt Käfer und ordnet sie nach Größe.",
        ),
    ),
    "French": (
        "L'été dernier, les pêcheurs de l'île ont réparé leurs filets sur la jetée pendant que les enfants comptaient "
        "les goélands. Le phare, qu'on avait repeint en rouge, restait allumé jusqu'à l'aube malgré la brume épaisse.",
        {"dernier": "passé", "enfants": "garçons", "rouge": "blanc"},
        ("Ma sœur apprend le violon depuis trois ans déjà.", "Le boulanger ferme sa boutique chaque lundi matin."),
    ),
    "Spanish": (
        "Aquella mañana el cartero subió la cuesta con un paquete enorme, y los vecinos salieron a los balcones para"
        " verlo pasar. ¿Quién había mandado una caja tan pesada desde Logroño, si nadie conocía allí a nadie?",
        {"mañana": "tarde", "enorme": "grande", "pesada": "rara"},
        ("Mi tío cultiva tomates en la azotea de su casa.", "La biblioteca cierra temprano durante las fiestas."),
    ),
    "Italian": (
        "Il vecchio orologiaio teneva la bottega aperta anche d'inverno, perché diceva che gli ingranaggi soffrono la"
        " solitudine. Ogni sera caricava trentadue pendole, e la più piccola suonava sempre un minuto in anticipo.",
        {"vecchio": "bravo", "inverno": "estate", "piccola": "antica"},
        ("Mio cugino studia chimica a Padova da due anni.", "La nave per la Sardegna parte soltanto di notte."),
    ),
    "Dutch": (
        "Toen de vaart dichtvroor, bonden de kinderen hun schaatsen onder en reden ze langs de molens naar het dorp van"
        " hun oma. Zij schonk warme chocolademelk in en vertelde over de strenge winter van haar jeugd.",
        {"kinderen": "buren", "warme": "hete", "strenge": "lange"},
        ("Mijn broer verzamelt postzegels uit verre landen.", "De trein naar Groningen had gisteren veel vertraging."),
    ),
    "Polish": (
        "Jesienią bartnik zaglądał do uli co kilka dni, bo pszczoły szykowały się do zimy wcześniej niż zwykle. Córka"
        " zapisywała w zeszycie, ile miodu zostało w każdej ramce, i pilnowała, żeby osy nie wchodziły do środka.",
        {"Jesienią": "Latem", "dni": "godzin", "zwykle": "dawniej"},
        ("Mój dziadek gra na akordeonie w każdą niedzielę.", "Nowy most nad rzeką otwarto dopiero w maju."),
    ),
    "Greek": (
        "Ο γέρος ψαράς έδεσε τη βάρκα του στον μόλο πριν από την καταιγίδα και μέτρησε τα δίχτυα ένα προς ένα. Τα "
        "παιδιά τον βοήθησαν να τα κουβαλήσει ως την αποθήκη, όπου μύριζε αλάτι, ξύλο και παλιό πετρέλαιο.",
        {"γέρος": "νέος", "παιδιά": "κορίτσια", "παλιό": "καμένο"},
        ("Η θεία μου φτιάχνει γλυκό από σταφύλι κάθε χρόνο.", "Το λεωφορείο για την πόλη περνάει μόνο το πρωί."),
    ),
    "Russian": (
        "Весной смотритель маяка красил перила и проверял лампу, потому что после долгой зимы ржавчина проступала"
        " повсюду. Его жена сушила бельё на ветру и слушала, как льдины с треском ломаются о каменный берег.",
        {"Весной": "Осенью", "долгой": "суровой", "каменный": "дальний"},
        ("Мой сосед выращивает огурцы на балконе уже давно.", "Новая школа стоит рядом с большим городским парком."),
    ),
}


def shared(encoder, left, right):
    findings = check_documents([Document("a.txt", left), Document("b.txt", right)], encoder)
    return [(m.left.text, m.right.text, m.evidence) for pair in findings.pairs for m in pair.matches]


def documents(language, copied, changed):
    first, second = TEXTS[language][2]
    return f"{first} {second}\n\n{copied}", f"{changed}\n\n{second[::-1]} {first[::-1]}"


@pytest.mark.parametrize("language", TEXTS)
def test_a_verbatim_passage_is_found_to_the_character(encoder, language):
    copied = TEXTS[language][0]
    assert shared(encoder, *documents(language, copied, copied)) == [(copied, copied, Evidence.IDENTICAL)]


@pytest.mark.parametrize("language", TEXTS)
def test_a_passage_with_three_words_changed_is_found_as_a_whole(encoder, language):
    copied, changes, _ = TEXTS[language]
    edited = copied
    for old, new in changes.items():
        assert old in edited
        edited = edited.replace(old, new)
    ((left, right, evidence),) = shared(encoder, *documents(language, copied, edited))
    assert evidence is Evidence.EDITED
    assert len(left) >= 0.9 * len(copied)
    assert len(right) >= 0.9 * len(edited)


@pytest.mark.parametrize(("opening", "closing"), ["„“", "«»", "»«", "“”", "‹›", '""', "„”"])
@pytest.mark.parametrize("language", ["German", "French", "Polish", "Russian"])
def test_what_both_quote_is_not_counted(encoder, language, opening, closing):
    copied = f"{opening}{TEXTS[language][0]}{closing}"
    assert shared(encoder, *documents(language, copied, copied)) == []


@pytest.mark.parametrize(
    ("copied", "left", "right"),
    [
        (
            "老钟表匠在冬天也开着店门，因为他说齿轮害怕孤独。每天晚上他给三十二座挂钟上弦，最小的那座总是早响一分钟。",
            "我的表弟在大学里学习化学，已经两年了。",
            "去海岛的船只在夜里出发，票也很贵。",
        ),
        (
            "灯台守は春になると手すりを塗り直し、長い冬のあとで錆びた灯りを磨いた。妻は風に洗濯物を干しながら氷の割れる音を聞いていた。",
            "弟は三年前からバイオリンを習っています。",
            "町の図書館は祭りのあいだ早く閉まります。",
        ),
    ],
    ids=["Chinese", "Japanese"],
)
def test_verbatim_runs_are_found_where_no_spaces_are_written(encoder, copied, left, right):
    ((ours, theirs, evidence),) = shared(encoder, left + "\n\n" + copied, copied + "\n\n" + right)
    assert (ours, theirs, evidence) == (copied, copied, Evidence.IDENTICAL)
