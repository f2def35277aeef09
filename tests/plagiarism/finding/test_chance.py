"""What chance does: what a folder's own pairs teach, and what they must not; what a list at a false share holds."""

import numpy as np
import pytest

from siamese_text.plagiarism.finding.chance import (
    Chance,
    largest_listed,
    learned_chance,
    source_chance,
    usual_chance,
)

DOCUMENTS = 30
PLACES = [(left, right) for right in range(DOCUMENTS) for left in range(right)]
P = 0.05 / len(PLACES)


def innocent(seed, share=0.4):
    """The strongest evidence of the pairs that have any, with the exponential tail of chance."""
    rng = np.random.default_rng(seed)
    chosen = rng.choice(len(PLACES), size=round(share * len(PLACES)), replace=False)
    return {PLACES[place]: float(nats) for place, nats in zip(chosen, rng.exponential(7.0, len(chosen)), strict=True)}


def with_copies(pairs, copies):
    return pairs | {PLACES[place]: 400.0 for place in range(copies)}


def test_a_p_value_is_the_mean_over_the_tails():
    one, other = Chance(np.array([6.0]), np.array([3.0])), Chance(np.array([20.0]), np.array([8.0]))
    both = Chance(np.array([6.0, 20.0]), np.array([3.0, 8.0]))
    # By hand: a tenth of the pairs reach 6 nats; 30 are 24 above, 1 + 0.25 * 24 / 3 = 3, to the power of -4.
    assert one.p_values([30.0])[0] == pytest.approx(0.1 / 81)
    assert other.p_values([10.0])[0] == pytest.approx(0.1**0.5)
    mean = (one.p_values([50.0]) + other.p_values([50.0])) / 2
    assert both.p_values([50.0]) == pytest.approx(mean)
    assert both.p_values([both.needed(1e-4)])[0] == pytest.approx(1e-4, rel=1e-4)


def test_chance_seldom_reaches_what_is_needed():
    folders = [innocent(seed) for seed in range(50)]
    alarms = [max(pairs.values()) >= learned_chance(pairs, DOCUMENTS, p=P).needed(P) for pairs in folders]
    assert np.mean(alarms) <= 0.05


def test_the_p_values_of_innocent_pairs_are_no_smaller_than_they_say():
    reached = {p: [] for p in (0.05, 0.01, 0.002)}
    for pairs in map(innocent, range(50)):
        p_values = learned_chance(pairs, DOCUMENTS, p=P).p_values(list(pairs.values()))
        for p, shares in reached.items():
            shares.append((p_values <= p).sum() / len(PLACES))
    assert all(np.mean(shares) <= 1.2 * p for p, shares in reached.items())


@pytest.mark.parametrize("copies", [1, 10, 40])
def test_copies_teach_nothing(copies):
    alone = learned_chance(innocent(2), DOCUMENTS, p=P).needed(P)
    beside = learned_chance(with_copies(innocent(2), copies), DOCUMENTS, p=P).needed(P)
    assert beside == pytest.approx(alone, rel=0.25)


def test_what_is_known_to_be_innocent_teaches_all():
    pairs = with_copies(innocent(2), 30)
    needed = [learned_chance(pairs, DOCUMENTS, p=P, known_innocent=known).needed(P) for known in (False, True)]
    assert needed[1] > 2 * needed[0]


def test_a_folder_in_which_everyone_copied_still_counts_long_copies():
    everyone = dict.fromkeys(PLACES, 600.0)
    assert learned_chance(everyone, DOCUMENTS, p=P).needed(P) <= 200


def test_a_long_copy_counts_however_many_documents_are_compared():
    for chance in (source_chance(), usual_chance(5, 0.9), learned_chance(innocent(1), DOCUMENTS, p=P)):
        assert chance.needed(1e-11) <= 200 < chance.needed(0) * 1.01
        assert chance.p_values([10.0, 100.0, 190.0, 210.0]).tolist() == sorted(
            chance.p_values([10.0, 100.0, 190.0, 210.0]).tolist(), reverse=True
        )


def test_few_documents_on_one_task_need_more_than_those_on_several():
    needed = [usual_chance(8, alike).needed(0.001) for alike in (0.0, 0.5, 0.9)]
    assert needed == sorted(needed)
    assert needed[-1] > 2 * needed[0]


def test_a_list_holds_no_more_than_its_share_by_chance():
    rng = np.random.default_rng(0)
    shares = []
    for _ in range(400):
        real, chance = np.full(10, 1e-6), rng.uniform(size=390)
        limit = largest_listed([*real, *chance], tests=400, false_share=0.2)
        listed = int((chance <= limit).sum())
        shares.append(listed / (listed + 10))
    assert 0.1 < np.mean(shares) <= 0.2


def test_nothing_listed_leaves_what_a_single_pair_must_reach():
    assert largest_listed([0.5, 0.9], tests=10, false_share=0.05) == pytest.approx(0.005)
    assert largest_listed([], tests=0, false_share=0.05) == 0.05
