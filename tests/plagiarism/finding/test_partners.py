"""Which pairs of a large folder are aligned: those that runs, rare words and meaning propose, and a sample's."""

from itertools import combinations

import numpy as np
import pytest

from siamese_text.plagiarism.finding import partners
from siamese_text.plagiarism.finding.partners import Partners
from siamese_text.plagiarism.finding.prepared import prepare
from siamese_text.records import Document, Span
from tests.plagiarism.test_check import COPIED, RETOLD, own_words

RUN = [(Span(0, 60), Span(0, 60))]


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """A folder of six documents or more is a large one, and chance is learned from two of them."""
    monkeypatch.setattr(partners, "MOST_PAIRS", 14)
    monkeypatch.setattr(partners, "_SAMPLED", 2)


def folder(texts, encoder=None, **options):
    return prepare([Document(f"{n}.txt", text) for n, text in enumerate(texts)], encoder, common=20, **options)


def own_texts(count):
    return [own_words(f"own {number}") for number in range(count)]


def test_the_pairs_of_a_small_folder_are_all_aligned():
    chosen = Partners(folder(own_texts(5)), 5, 0)
    assert (chosen.sample, chosen.run_partners) == (None, None)


def test_shared_runs_propose_and_a_sample_is_aligned_in_any_case():
    chosen = Partners(folder(own_texts(8)), 8, 0)
    assert chosen.pairs({(2, 5): RUN}, 0.36) == [(0, 7), (2, 5)]
    assert chosen.left_out == 0


def test_rare_words_propose():
    texts = own_texts(30)
    for place in (3, 6):
        texts[place] += " Zorblat, quendry, vishkap, drelmont, ulverack, aspergrin, tolvick and brimdash."
    assert (3, 6) in Partners(folder(texts), 30, 0).pairs({}, 0.36)


def test_meaning_proposes(encoder):
    texts = own_texts(30)
    texts[4] += " " + COPIED
    texts[9] += " " + RETOLD
    documents = folder(texts, encoder)
    chosen = Partners(documents, 30, 0)
    left, right, nats = chosen._of_meaning(0.36)
    assert (min(left[0], right[0]), max(left[0], right[0])) == (4, 9)
    assert nats.sum() > 20


def test_the_best_partners_are_kept_and_the_others_counted(monkeypatch):
    monkeypatch.setattr(partners, "MOST_PARTNERS", 2)
    # Each pair shares a run, the longer the farther apart the two stand.
    runs = {(a, b): [(Span(0, 100 * (b - a)), Span(0, 100 * (b - a)))] for a, b in combinations(range(7), 2)}
    chosen = Partners(folder(own_texts(7)), 7, 0)
    best = {place: sorted(range(7), key=lambda other: -abs(place - other))[:2] for place in range(7)}
    expected = {tuple(sorted((place, other))) for place, others in best.items() for other in others}
    aligned = set(chosen.pairs(runs, 0.36))
    assert expected <= aligned
    assert chosen.left_out == 21 - len(aligned)
    assert chosen.left_out > 0


def test_in_a_very_large_folder_fewer_partners_are_kept_where_no_run_speaks_for_them(monkeypatch):
    texts = own_texts(30)
    for place in (3, 6, 8, 9):
        texts[place] += " " + own_words("common to the four", 2)
    clique = set(combinations((3, 6, 8, 9), 2))
    chosen = Partners(folder(texts), 30, 0)
    assert clique <= set(chosen.pairs({}, 0.36))
    monkeypatch.setattr(partners, "_MOST_UNSURE", 29)
    monkeypatch.setattr(partners, "_FEWEST_PARTNERS", 1)
    kept = clique & set(chosen.pairs({}, 0.36))
    assert 0 < len(kept) < 6
    assert chosen.left_out == 6 - len(kept)
    assert clique <= set(chosen.pairs(dict.fromkeys(clique, RUN), 0.36))


def test_neither_sources_nor_texts_of_one_author_nor_innocent_ones_are_paired_with_one_another():
    # Two checked documents of one author, another one, two innocent ones, three sources.
    chosen = Partners(folder(own_texts(8), references=3), 3, 3, authors=[0, 0, 1, 2, 3, 4, 5, 6])
    everything = dict.fromkeys(combinations(range(8), 2), RUN)
    assert set(chosen.pairs(everything, 0.36)) == {(0, 2), (1, 2), (3, 4)} | {
        (a, b) for a in range(3) for b in (5, 6, 7)
    }
    assert chosen.sample == [3, 4]


def test_copies_of_one_text_take_no_place_of_other_partners(monkeypatch):
    monkeypatch.setattr(partners, "MOST_PARTNERS", 1)
    texts = [own_words("one")] * 4 + own_texts(4)
    long = [(Span(0, 600), Span(0, 600))]
    runs = {**dict.fromkeys(combinations(range(4), 2), long), (0, 6): RUN}
    assert set(Partners(folder(texts), 8, 0).pairs(runs, 0.36)) >= set(runs)


def test_nothing_is_proposed_by_meaning_without_a_model():
    assert [len(column) for column in Partners(folder(own_texts(8)), 8, 0)._of_meaning(0.36)] == [0, 0, 0]


def test_the_sample_is_spread_over_the_documents(monkeypatch):
    monkeypatch.setattr(partners, "_SAMPLED", 5)
    assert Partners(folder(own_texts(9)), 9, 0).sample == np.linspace(0, 8, 5).astype(int).tolist()
