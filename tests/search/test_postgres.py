"""What PostgreSQL alone has: graphs under filters, schemas of others, characters that it cannot hold, passwords."""

import numpy as np
import pytest

from siamese_text.errors import BadOutput, MissingInput, UsageError
from siamese_text.records import Document
from siamese_text.search import database
from siamese_text.search.database import Database, is_url
from siamese_text.search.places import build_index, check_place, facts_of, open_index
from siamese_text.search.sources import GIVEN, given_item
from tests.search.indexes import SOURCE, BagOfWords, items
from tests.search.test_places import build, names, search

SECRET = "geheim%21"


@pytest.mark.postgres
def test_under_a_filter_a_graph_finds_all_that_there_are(server):
    """Of 3,000 texts 12 fulfil the filter, and they are the farthest from the query."""
    chance = np.random.default_rng(0)
    table = chance.normal(size=(3000, 16)).astype(np.float32)
    table[:2988] += 8

    class Drawn:
        def encode(self, texts):
            return np.array([table[int(text)] for text in texts])

    given = [given_item(f"{row}", f"{row}", {"rare": row >= 2988}) for row in range(3000)]
    info = dict(encoder_name="drawn", words=8, approximate=True)
    index = build_index(
        [(GIVEN, given)], Drawn().encode, make_info(**info), output=f"{server}#graph", overwrite=False, progress=None
    )[0]
    assert facts_of(index).graphs == 1
    query = np.full((1, 16), 8, np.float32)
    for k in (5, 12, 50):
        hits = index.search(["x"], query, k, mode="dense", where="rare = true")[0]
        expected = sorted(range(2988, 3000), key=lambda row: -table[row] @ query[0] / np.linalg.norm(table[row]))[:k]
        assert names(hits) == [str(row) for row in expected]
    hits = index.search(["x"], query, 10, mode="dense")[0]
    exact = np.argsort(-(table @ query[0]) / np.linalg.norm(table, axis=1))[:10]
    assert len({*names(hits)} & {str(row) for row in exact}) >= 9
    index.compact(approximate=False)
    assert facts_of(index).graphs == 0
    assert names(index.search(["x"], query, 10, mode="dense")[0]) == [str(row) for row in exact]


def make_info(**options):
    from siamese_text.search.index_folder import IndexInfo

    return IndexInfo(**options)


@pytest.mark.postgres
def test_how_often_a_word_occurs_counts_as_bm25_has_it(server):
    counts = [*range(1, 40), 64, 100, 200]
    documents = [Document(f"{count}", "rain " * count) for count in counts]
    others = [Document(f"dry {number}", "sun") for number in range(60)]
    index = build(f"{server}#often", [*documents, *others], words=1000)
    found = {hit.passage.document: hit.words for hit in search(index, "rains", 100, mode="words")}
    mean = (sum(counts) + 60) / (len(counts) + 60)
    weight = np.log((60 + 0.5) / (len(counts) + 0.5))
    for count in counts:
        expected = weight * count * 2.2 / (count + 1.2 * (0.25 + 0.75 * count / mean))
        assert found[f"{count}"] == pytest.approx(expected, rel=1e-9)


@pytest.mark.postgres
def test_a_schema_of_another_program_is_left_alone(server):
    import psycopg

    with psycopg.connect(server, autocommit=True) as rows:
        rows.execute("CREATE SCHEMA IF NOT EXISTS theirs")
        rows.execute("CREATE TABLE theirs.things (name text)")
        with pytest.raises(BadOutput, match="another program's schema and will not be replaced"):
            build(f"{server}#theirs", overwrite=True)
        with pytest.raises(BadOutput, match="another program's schema"):
            build(f"{server}#public", overwrite=True)
        assert rows.execute("SELECT count(*) FROM theirs.things").fetchone() == (0,)


@pytest.mark.postgres
def test_characters_that_no_text_of_postgresql_holds_are_replaced_in_their_places(server):
    index = build(f"{server}#nul", [Document("a\udcff.txt", "Bees\0dance gladly.")], metadata={"note": "a\0b"})
    (hit,) = search(index, "gladly", 1)
    assert hit.passage.text == "Bees\ufffddance gladly."
    assert hit.passage.end == len("Bees\0dance gladly.")
    assert hit.metadata == {"note": "a\ufffdb"}
    assert hit.passage.document == "a\ufffd.txt"
    unchanged = index.update(
        [(SOURCE, items([Document("a\udcff.txt", "Bees\0dance gladly.")], note="a\0b"))], BagOfWords(width=64).encode
    )
    assert (unchanged.unchanged, unchanged.added) == (1, 0)
    assert len(search(index, "gladly\0", 1, mode="words")) == 1


@pytest.mark.postgres
def test_names_of_the_user_are_never_a_part_of_a_statement(server):
    index = build(f"{server}#quotes", [Document("a'; DROP TABLE facts; --", "Bees dance.")])
    assert index.remove(["a'; DROP TABLE facts; --"]).removed == 1
    with pytest.raises(UsageError, match="give small letters"):
        open_index(f"{server}#a;drop")


# --- without a server ----------------------------------------------------------------------------------------------


@pytest.fixture
def installed(monkeypatch):
    monkeypatch.setattr(database, "find_spec", lambda name: name)


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://ann:{SECRET}@db.example:5433/texts#papers",
        f"postgresql://ann@db.example:5433/texts?password={SECRET}#papers",
    ],
)
def test_a_password_is_never_shown(installed, url):
    place = Database(url)
    assert place.shown == "postgresql://ann@db.example:5433/texts#papers"
    assert place.schema == "papers"
    for secret in (SECRET, "geheim!"):
        assert "geheim" not in place._line(ValueError(f"connection with {secret} failed"))


@pytest.mark.postgres
def test_a_server_that_does_not_answer_is_one_line_without_the_password(server, tmp_path):
    for url in (
        f"postgresql://ann:{SECRET}@/texts?host={tmp_path}#papers",
        f"postgresql://ann:{SECRET}@/texts?host={tmp_path}&nonsense=1#papers",
    ):
        with pytest.raises((MissingInput, BadOutput)) as raised:
            open_index(url)
        assert "geheim" not in str(raised.value)
        assert "\n" not in str(raised.value)
        assert raised.value.__cause__ is None


def test_without_psycopg_one_line_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(database, "find_spec", {}.get)
    with pytest.raises(UsageError, match=r"pip install 'siamese-text\[postgres\]'"):
        open_index("postgresql://db.example/texts")


def test_what_a_database_cannot_keep_is_refused(installed):
    assert is_url("postgres://x")
    assert not is_url("postgres")
    with pytest.raises(UsageError, match="PostgreSQL keeps float32"):
        check_place("postgresql://db.example/texts", precision="int8", approximate=False, overwrite=False)
    with pytest.raises(UsageError, match="build one there"):
        from siamese_text.search.postgres import PostgresIndex

        PostgresIndex("postgresql://db.example/texts").save("idx")
