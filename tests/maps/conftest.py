"""A small map, some of whose texts would like to be markup."""

import numpy as np
import pytest

from siamese_text.maps.colours import by_values
from siamese_text.maps.page import TextMap
from siamese_text.maps.points import Points

HOSTILE = "</script><script>document.title = 'hacked'</script>"


@pytest.fixture(scope="session")
def text_map():
    """Nine texts on a grid, three a row: those of a row are of one class."""
    texts = [f"text {row} of class {row // 3}" for row in range(8)] + [HOSTILE]
    places = np.array([[column / 2, line / 2] for line in range(3) for column in range(3)])
    names = [f"row {row}" for row in range(9)]
    points = Points(names, texts, [{}] * 9, np.eye(9, dtype=np.float32), total=9)
    colouring = by_values("class", [f"<b>{row // 3}</b>" for row in range(8)] + [None])
    return TextMap("texts & more.csv", points, places, "pca", colouring, total=12)
