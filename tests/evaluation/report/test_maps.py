"""Which texts a map shows, and where."""

from siamese_text.evaluation.report.maps import MOST_TEXTS, sample_of_pairs


def test_a_map_of_many_pairs_is_a_seeded_draw(sample_pairs):
    many = sample_pairs * 5  # 1,290 pairs
    first, second = sample_of_pairs(many), sample_of_pairs(many)
    assert (len(first.texts), first.drawn, first.total) == (MOST_TEXTS, MOST_TEXTS // 2, 1290)
    assert first.texts == second.texts
    sides = {(pair.sentence1, pair.sentence2, pair.label) for pair in many}
    drawn = zip(first.texts[: first.drawn], first.texts[first.drawn :], first.labels, strict=False)
    assert all(pair in sides for pair in drawn)
