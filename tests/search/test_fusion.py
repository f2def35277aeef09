from siamese_text.search.fusion import fuse


def test_scores_are_sums_of_reciprocal_ranks_in_falling_order():
    fused = dict(fuse([["a", "b"], ["b", "c"]]))
    assert fused == {"b": 1 / 62 + 1 / 61, "a": 1 / 61, "c": 1 / 62}
    assert list(fused) == ["b", "a", "c"]


def test_one_ranking_stays_as_it_is_and_ties_keep_the_order_seen():
    assert [key for key, _ in fuse([["c", "a", "b"], []])] == ["c", "a", "b"]
    assert [key for key, _ in fuse([["a", "b"], ["b", "a"]])] == ["a", "b"]
    assert fuse([[], []]) == []
