"""The page and the picture of a map: what they hold, and what they let run."""

import base64
import hashlib
import html
import json
import re

from PIL import Image

from siamese_text.maps.colours import by_values
from siamese_text.maps.page import TextMap, map_page, write_picture
from tests.maps.conftest import HOSTILE


def test_the_policy_names_the_only_style_and_script(text_map):
    page = map_page(text_map)
    policy = html.unescape(re.search(r'Content-Security-Policy" content="([^"]+)"', page).group(1))
    assert policy.startswith("default-src 'none'")
    for tag, rule in (("style", "style-src"), ("script", "script-src")):
        [source] = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
        assert f"{rule} 'sha256-{digest}'" in policy
    assert not re.search(r'(src|href)="', page)


def test_texts_stand_in_the_page_as_data_alone(text_map):
    page = map_page(text_map)
    assert page.count("<script") == 2 and HOSTILE not in page
    data = json.loads(re.search(r'id="map-data">(.*?)</script>', page, re.DOTALL).group(1))
    assert data["texts"][-1] == HOSTILE and data["x"][:3] == [0, 0.5, 1]
    assert (data["of"], data["values"][-1]) == ([0, 0, 0, 1, 1, 1, 2, 2, -1], "")
    assert "texts &amp; more.csv" in page and "&lt;b&gt;0&lt;/b&gt;" in page


def test_a_sample_is_said_to_be_one(text_map):
    assert "9 of 12 texts, drawn by chance with seed 0" in map_page(text_map)
    whole = TextMap("a", text_map.points, text_map.places, "tsne", text_map.colouring, total=9)
    assert "all 9 texts" in map_page(whole) and "far distances" in map_page(whole)


def test_ordered_groups_have_colours_from_the_first_to_the_last_step(text_map):
    assert text_map.steps == [0, 1, 2]
    ordered = by_values("year", list(range(100)))
    assert TextMap("a", text_map.points, text_map.places, "pca", ordered, 9).steps == [0, 1, 2, 3, 4]


def test_a_picture_is_drawn_with_groups_and_what_has_none(text_map, tmp_path):
    write_picture(tmp_path / "map.png", text_map)
    picture = Image.open(tmp_path / "map.png").convert("RGB")
    colours = {colour for _, colour in picture.getcolors(2**24)}
    assert picture.width > 500 and len(colours) > 20
