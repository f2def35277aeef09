"""Texts laid one after the other: attention sees each text alone, and gradients are those of padded texts."""

import pytest
import torch
from torch.nn import functional

from siamese_text.encoder.cpu.packing import SHORTEST, attend_packed, pack, unpack


def masked(lengths):
    return (torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]).long()


def attend(query, key, value, mask):
    return functional.scaled_dot_product_attention(query, key, value, mask).transpose(1, 2)


@pytest.mark.parametrize("lengths", [[1], [5, 5], [9, 8, 2, 9, 1], [3, 1, 4, 1, 5, 9, 2, 6], [36, 33, 30]])
def test_each_text_attends_to_itself_alone_forwards_and_backwards(lengths):
    torch.manual_seed(0)
    packing = pack(masked(lengths))
    parts = [torch.randn(1, 2, sum(lengths), 4, dtype=torch.float64, requires_grad=True) for _ in range(3)]
    packed = attend_packed(*parts, packing.groups, attend)  # (1, N, heads, width)
    factors = torch.randn_like(packed)
    gradients = torch.autograd.grad((packed * factors).sum(), parts)

    first = 0
    for length in sorted(lengths, reverse=True):  # as they stand in the row
        place = slice(first, first := first + length)
        alone = [part[:, :, place].detach().requires_grad_() for part in parts]
        expected = attend(*alone, None)
        torch.testing.assert_close(packed[:, place], expected, rtol=0, atol=1e-12)
        theirs = torch.autograd.grad((expected * factors[:, place]).sum(), alone)
        for mine, other in zip(gradients, theirs, strict=True):
            torch.testing.assert_close(mine[:, :, place], other, rtol=0, atol=1e-12)


def test_a_group_holds_texts_of_similar_length():
    lengths = [100, 81, 79, 64, 63, 10]
    groups = pack(masked(lengths)).groups
    assert [group.shape for group in groups] == [(2, 100), (2, 79), (1, 63), (1, 10)]
    assert all(group.size >= SHORTEST * group.shape[0] * group.shape[1] for group in groups)


def test_texts_of_one_length_need_neither_padding_nor_a_mask():
    [group] = pack(masked([7, 7, 7])).groups
    assert (group.places, group.kept, group.mask) == (None, None, None)


def test_the_gradient_of_what_is_unpacked_reaches_each_token_once():
    lengths = [2, 4, 1]
    packing = pack(masked(lengths))
    rows = torch.randn(sum(lengths), 3, requires_grad=True)
    unpack(rows, packing)[masked(lengths).bool()].sum().backward()
    assert torch.equal(rows.grad, torch.ones_like(rows))
