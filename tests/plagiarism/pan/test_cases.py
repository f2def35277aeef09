"""Pieces of a summary become one case; other passages stay as they are."""

from siamese_text.plagiarism.pan.cases import PieceOfCase, joined
from siamese_text.records import Span


def piece(start, source_start, evidence=60.0, length=100):
    return PieceOfCase(Span(start, start + length), Span(source_start, source_start + length), evidence)


def test_weak_pieces_beside_one_another_from_all_over_a_source_are_one_case():
    pieces = [piece(250, 100), piece(0, 2000), piece(120, 900)]
    assert joined(pieces, least=150) == [PieceOfCase(Span(0, 350), Span(100, 2100), 180.0)]
    assert joined(pieces, least=200) == []


def test_passages_from_one_place_of_the_source_stay_apart():
    pieces = [piece(0, 0, 200.0), piece(150, 130, 200.0), piece(300, 260)]
    assert joined(pieces, least=150) == pieces[:2]


def test_passages_far_apart_in_the_document_stay_apart():
    pieces = [piece(0, 0, 200.0), piece(5000, 9000, 200.0)]
    assert joined(pieces, least=150) == pieces


def test_hardly_any_evidence_is_no_piece():
    assert joined([piece(0, 0, 200.0), piece(150, 3000, 5.0)], least=150) == [piece(0, 0, 200.0)]
