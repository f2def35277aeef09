"""What is read of an index in PostgreSQL: the passages near to a vector, those with the words of a query, and facts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from siamese_text.errors import BadData
from siamese_text.records import Document, FloatArray, FoundBy, Hit, Passage
from siamese_text.search import where as filters
from siamese_text.search.database import unpacked
from siamese_text.search.index_folder import IndexInfo
from siamese_text.search.ranking import DEPTH
from siamese_text.search.sources import PLACES, known_at, place_fields
from siamese_text.search.stores.exact import similarity_to

if TYPE_CHECKING:
    from psycopg import Connection

FORMAT = 1
MOST_EFFORT = 1000  # that hnsw.ef_search may be
_KINDS = {"number": "real", "string": "text", "boolean": "true"}  # of JSON, as SQLite calls them in filters
# BM25 as SQLite's FTS5 has it: k1 1.2, b 0.75, over the stems that the query and a passage have in common. PostgreSQL
# has no function for how often a stem occurs in a text, and to take the stems of each text apart is slow. But where all
# weights are 1, ts_rank of one stem is (1 + 1/4 + 1/9 + ... + 1/frequency²) / (π²/6): what is missing of 1 tells the
# frequency (tests/search/test_postgres.py, for 1 to 200).
_BY_WORDS = """
WITH query AS (
    SELECT stem, ('''' || replace(replace(stem, '\\', '\\\\'), '''', '''''') || '''')::tsquery AS asked
    FROM unnest(tsvector_to_array(to_tsvector('pg_catalog.english', %(query)s))) AS stem),
corpus AS (SELECT count(*)::float AS n, avg(length)::float AS length FROM passages),
found AS (
    SELECT id, document, start, length, count(*) OVER (PARTITION BY stem) AS held,
        round(6 / pi() ^ 2 / (1 - ts_rank('{1, 1, 1, 1}', words, asked)::float) - 0.5) AS frequency
    FROM query JOIN passages ON words @@ asked)
SELECT found.id, sum(greatest(1e-6, ln((n - held + 0.5) / (held + 0.5))) * 2.2 * frequency
    / (frequency + 1.2 * (0.25 + 0.75 * found.length / corpus.length)))
FROM found JOIN documents ON documents.id = document, corpus
WHERE {condition}
GROUP BY found.id ORDER BY 2 DESC, 1 LIMIT %(k)s
"""


# What is known of a passage that begins at {start}: of its document, and before it where it stands there, as
# ``known_at`` has it.
_KNOWN_AT = """(coalesce((
    SELECT jsonb_build_object('place', name) || CASE WHEN name ~ '^[^ ]* [0-9]{1,18}$'
        THEN jsonb_build_object(split_part(name, ' ', 1), split_part(name, ' ', 2)::bigint) ELSE '{}'::jsonb END
    FROM (SELECT place ->> 1 AS name FROM jsonb_array_elements(documents.metadata -> '{places}')
            WITH ORDINALITY AS each (place, number)
        WHERE (place ->> 0)::bigint <= {start} ORDER BY number DESC LIMIT 1) AS last
    WHERE name <> ''), '{}'::jsonb) || documents.metadata)""".replace("{places}", PLACES)


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition as a JSON path, and whether it looks at more than is known of documents."""

    path: str
    of_passages: bool

    def over(self, start: str, path: str = "%s") -> str:
        """Return the condition on a passage that begins at a column, and whose path is a parameter."""
        known = _KNOWN_AT.replace("{start}", start) if self.of_passages else "documents.metadata"
        return f"{known} @@ {path}::jsonpath"


def nearest(rows: Connection[Any], info: IndexInfo, vector: FloatArray, k: int, where: Filter | None) -> list[int]:
    """Return the passages whose vectors are nearest, best first: k, or all that fulfil the condition."""
    from psycopg import errors

    operator = "<=>" if info.similarity == "cosine" else "<#>"
    condition, values = (where.over("passages.start"), [where.path]) if where else ("true", [])
    asked = (
        "SELECT passages.id FROM passages JOIN documents ON documents.id = document "
        f"WHERE {condition} ORDER BY vector {operator} %s::vector{'' if info.approximate else ', passages.id'} LIMIT %s"
    )
    literal = str(vector.tolist())
    try:
        if info.approximate:
            rows.execute("SET LOCAL hnsw.iterative_scan = strict_order")
            rows.execute(f"SET LOCAL hnsw.ef_search = {min(max(k, DEPTH), MOST_EFFORT)}")
        found = rows.execute(asked, [*values, literal, k]).fetchall()
        if info.approximate and len(found) < k:
            # A scan of the graph ends after so many rows. Whether that was all of them, comparing all vectors tells.
            rows.execute("SET LOCAL enable_indexscan = off")
            found = rows.execute(asked, [*values, literal, k]).fetchall()
            rows.execute("SET LOCAL enable_indexscan = on")
    except errors.DataException as error:
        raise BadData(
            f"the queries have vectors of width {len(vector)}, and the index others ({str(error).splitlines()[0]}); "
            f"encode them by the encoder of the index, {info.encoder_name}"
        ) from None
    return [number for (number,) in found]


def by_words(rows: Connection[Any], query: str, k: int, where: Filter | None) -> dict[int, float]:
    """Return the passages with the largest BM25 score, best first, with it."""
    asked = _BY_WORDS.replace("{condition}", where.over("found.start", "%(path)s") if where else "true")
    path = where.path if where else None
    return dict(rows.execute(asked, {"query": query.replace("\0", " "), "k": k, "path": path}).fetchall())


def answer_of(
    rows: Connection[Any],
    info: IndexInfo,
    query: FloatArray,
    best: list[int],
    near: set[int],
    worded: dict[int, float],
) -> tuple[list[Hit], FloatArray]:
    """Return the hits of a query, with their vectors."""
    if not best:
        return [], np.zeros((0, len(query)), np.float32)
    asked = (
        'SELECT passages.id, name, start, "end", text, metadata, vector_send(vector) FROM passages '
        "JOIN documents ON documents.id = document WHERE passages.id = ANY(%s)"
    )
    found = {number: rest for number, *rest in rows.execute(asked, [best]).fetchall()}
    vectors = np.stack([unpacked(found[number][-1]) for number in best])
    similarities = similarity_to(np.repeat(query[None], len(best), 0), vectors[:, None], info.similarity).ravel()
    hits = []
    for number, similarity in zip(best, similarities.tolist(), strict=True):
        name, start, end, text, metadata, _ = found[number]
        found_by: FoundBy = "words" if number not in near else "both" if number in worded else "meaning"
        passage = Passage(name, start, end, text)
        known = known_at(metadata, start)
        hits.append(Hit(passage, similarity, found_by=found_by, words=worded.get(number), metadata=known))
    return hits, vectors


def filter_of(rows: Connection[Any], where: str, *, documents: bool = False) -> Filter:
    """Compile a condition on passages, or on whole documents, once its fields are known to be there."""
    condition = filters.parse(where)
    known, of_passages = fields_in(rows), passage_fields_in(rows)
    every = {key: known.get(key, set()) | of_passages.get(key, set()) for key in (*known, *of_passages)}
    filters.check(condition, known if documents else every, of_passages)
    return Filter(f"strict {condition.path}", not documents and bool(condition.keys & of_passages.keys()))


def fields_in(rows: Connection[Any]) -> dict[str, set[str]]:
    """Return what is known of documents: for each key the kinds of its values, as ``search.snapshot`` has them."""
    fields: dict[str, set[str]] = {}
    asked = (
        "SELECT DISTINCT key, jsonb_typeof(value) FROM documents, jsonb_each(metadata) "
        "WHERE problem IS NULL AND jsonb_typeof(metadata) = 'object'"
    )
    for key, kind in rows.execute(asked):
        fields.setdefault(key, set()).add(_KINDS.get(kind, kind))
    fields.pop(PLACES, None)
    return fields


def passage_fields_in(rows: Connection[Any]) -> dict[str, set[str]]:
    """Return what is known of passages alone, such as their page, as ``fields_in`` does."""
    asked = (
        "SELECT DISTINCT place ->> 1 FROM documents, jsonb_array_elements(metadata -> %s) AS place "
        "WHERE problem IS NULL"
    )
    return place_fields(name for (name,) in rows.execute(asked, [PLACES]))


def info_in(rows: Connection[Any], shown: str) -> IndexInfo:
    """Return how an index was made, and what is not in it.

    Raises:
        BadData: It is of another format.
    """
    if fact_in(rows, "format") != FORMAT:
        raise BadData(f"{shown} has format {fact_in(rows, 'format')}, this version reads {FORMAT}; build it again")
    skipped = rows.execute("SELECT name, format, problem FROM documents WHERE problem IS NOT NULL ORDER BY name")
    documents = tuple(Document(name, format=kind, problem=problem) for name, kind, problem in skipped)
    return IndexInfo(**fact_in(rows, "info") | {"skipped": documents})


def fact_in(rows: Connection[Any], name: str) -> Any:
    """Return one of the facts of an index."""
    found = rows.execute("SELECT value FROM facts WHERE name = %s", [name]).fetchone()
    return json.loads(found[0]) if found else None


def number_in(rows: Connection[Any], asked: str, values: Sequence[Any] = ()) -> int:
    """Return the one number that a query gives."""
    [number] = rows.execute(asked, values).fetchone()
    return int(number)
