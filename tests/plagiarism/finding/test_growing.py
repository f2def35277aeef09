"""Passages that grow: in groups, together where they touch on both sides, and as one."""

from siamese_text.plagiarism.finding.candidates import Seed
from siamese_text.plagiarism.finding.growing import GrowingPassage, clustered, grouped, hull, join, lies_in, merged
from siamese_text.records import Span


def passage(left, right, *seeds):
    """A passage of sentences of ten characters each."""
    spans = Span(10 * left.start, 10 * left.stop), Span(10 * right.start, 10 * right.stop)
    return GrowingPassage(left, right, *spans, seeds=seeds)


def test_groups_stand_in_the_order_of_their_first():
    some = [passage(range(n, n + 1), range(n, n + 1)) for n in (3, 1, 4, 2)]
    assert grouped(some, lambda one: one.left.start % 2) == [[some[0], some[1]], [some[2], some[3]]]


def test_what_touches_on_one_side_alone_stays_apart():
    near, far, last = passage(range(2), range(2)), passage(range(2, 4), range(8, 9)), passage(range(4, 5), range(9, 10))
    assert clustered([last, near, far]) == [[near], [far, last]]
    assert clustered([passage(range(1), range(1)), passage(range(2, 3), range(2, 3))], max_gap=1) != []
    assert len(clustered([passage(range(1), range(1)), passage(range(2, 3), range(2, 3))], max_gap=1)) == 1
    assert len(clustered([passage(range(1), range(1)), passage(range(3, 4), range(2, 3))], max_gap=1)) == 2


def test_one_of_several_reaches_from_the_first_to_the_last_and_has_all_seeds():
    seeds = Seed(range(2), range(2), 0.4), Seed(range(3, 4), range(5, 6), 0.6)
    whole = join([passage(range(2), range(2), seeds[0]), passage(range(3, 4), range(5, 6), seeds[1])])
    assert whole == passage(range(4), range(6), *seeds)
    assert hull([Span(4, 9), Span(1, 3)]) == Span(1, 9)


def test_what_overlaps_on_both_sides_becomes_one_and_may_then_reach_a_third():
    chain = [passage(range(2), range(2)), passage(range(5, 8), range(5, 8)), passage(range(1, 6), range(1, 6))]
    assert merged(chain) == [passage(range(8), range(8))]
    crossed = [passage(range(2), range(2)), passage(range(1, 3), range(7, 9))]
    assert merged(crossed) == crossed


def test_a_passage_lies_in_a_copy_by_half_of_one_side():
    copy = passage(range(4, 8), range(20, 24))
    assert lies_in(passage(range(2, 6), range(9)), copy)
    assert not lies_in(passage(range(1, 5), range(9)), copy)
