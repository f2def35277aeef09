"""What of a document is compared: its words, and the sentences that can be evidence."""

import numpy as np

from siamese_text.plagiarism.finding.prepared import encode_in_chunks, prepare
from siamese_text.records import Document, Span

COMMON = 20
FIRST = "The ferry left the harbour at six in the morning."
SECOND = "Nobody on the quay had seen the captain since supper."
QUOTED = "“The sea keeps no record of who has crossed it,” the old pilot said to them."


def test_sentences_are_evidence_unless_short_or_a_heading(encoder):
    whole = f"# The last ferry of the long dry summer\n\n{FIRST} He waited. {SECOND}"
    [one] = prepare([Document("a.md", whole)], encoder, common=COMMON)
    assert [whole[span.start : span.end].strip() for span in one.sentences] == [FIRST, SECOND]
    assert one.vectors.shape == (2, encoder.encode([FIRST]).shape[1])
    np.testing.assert_allclose(np.linalg.norm(one.vectors, axis=1), 1, rtol=1e-5)


def test_windows_are_single_sentences_and_neighbours_of_one_paragraph(encoder):
    whole = f"{FIRST} {SECOND}\n\nThe gulls had left the masts before the rain began."
    [one] = prepare([Document("a.txt", whole)], encoder, common=COMMON)
    assert one.windows.tolist() == [[0, 0], [1, 1], [2, 2], [0, 1]]
    assert [one.paragraph_of(span.start) for span in one.sentences] == [0, 0, 1]


def test_what_is_quoted_is_not_embedded(encoder):
    asked = []

    class Spy:
        def encode(self, texts):
            asked.extend(texts)
            return encoder.encode(texts)

    [one] = prepare([Document("a.txt", f"{FIRST} {QUOTED}")], Spy(), common=COMMON)
    assert one.excluded
    assert not any("record" in text for text in asked)


def test_a_sentence_of_more_texts_than_are_common_is_a_template(encoder):
    essays = [Document(f"{n}.txt", f"{FIRST} Number {n} went down to the water with a lamp.") for n in range(3)]
    assert [one.template_sentences for one in prepare(essays, encoder, common=2)] == [1, 1, 1]
    assert [one.template_sentences for one in prepare(essays, encoder, common=3)] == [0, 0, 0]
    copies = [Document(f"copy {n}.txt", essays[0].text) for n in range(3)]  # one text, three times
    assert [one.template_sentences for one in prepare(copies, encoder, common=2)] == [0, 0, 0]


def test_places_are_found_by_characters(encoder):
    whole = f"{FIRST} {SECOND}"
    [one] = prepare([Document("a.txt", whole)], encoder, common=COMMON)
    assert one.sentences_of(Span(0, len(whole))) == range(2)
    assert one.sentences_of(Span(len(FIRST) + 2, len(FIRST) + 5)) == range(1, 2)
    within = one.words.within(Span(4, 14))
    assert [word.form for word in one.words[within.start : within.end]] == ["ferry", "left"]


def test_chunks_keep_the_order_and_tell_how_far_they_are(encoder):
    texts, told = ["a bee", "a much longer text about bees", "b"], []
    vectors = encode_in_chunks(encoder, texts, lambda done, total: told.append((done, total)))
    np.testing.assert_array_equal(vectors, encoder.encode(texts))
    assert told == [(3, 3)]
    assert encode_in_chunks(encoder, []).shape[0] == 0
