"""Connected components, beside those that walking the links gives."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from siamese_text.data.components import connected_components


@given(st.integers(1, 12), st.data())
@settings(deadline=None)
def test_nodes_have_the_same_number_if_links_join_them(nodes, data):
    ends = st.integers(0, nodes - 1)
    links = data.draw(st.lists(st.tuples(ends, ends), max_size=15))
    numbers = list(range(nodes))
    for _ in range(nodes):  # the smaller number spreads along a link in each round
        for left, right in links:
            numbers[left] = numbers[right] = min(numbers[left], numbers[right])
    order = {number: place for place, number in enumerate(dict.fromkeys(numbers))}
    found = connected_components([left for left, _ in links], [right for _, right in links], nodes)
    assert found.tolist() == [order[number] for number in numbers]
    assert found.dtype == np.int64
