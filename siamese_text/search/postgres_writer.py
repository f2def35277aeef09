"""What changes an index in PostgreSQL: planned and encoded first, then copied in bulk, in one transaction."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from siamese_text.protocols import Progress
from siamese_text.records import FloatArray, Passage
from siamese_text.search.changes import Changes, Encode, Plan
from siamese_text.search.database import packed, unpacked
from siamese_text.search.index_folder import IndexInfo
from siamese_text.search.sources import SourceItem, TextSource
from siamese_text.search.writer import ENCODE_BLOCK

if TYPE_CHECKING:
    from psycopg import Connection

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")  # characters that no text of PostgreSQL holds
_WORD = re.compile(r"\w+")


class PostgresWriter:
    """Changes an index in a transaction that somebody else begins and ends.

    Args:
        rows: A connection within it.
        info: How the index was made.
    """

    def __init__(self, rows: Connection[Any], info: IndexInfo) -> None:
        self.rows, self.info = rows, info

    def update(
        self,
        sources: Sequence[tuple[TextSource, Iterable[SourceItem]]],
        encode: Encode,
        *,
        complete: bool,
        progress: Progress | None = None,
    ) -> Changes:
        """Bring the documents of some sources to what these hold now; see ``search.writer.Writer.update``."""
        plan = Plan(self.info.words)
        for source, items in sources:
            number = self._number_of(source)
            known = self.rows.execute(
                "SELECT name, id, digest, problem, format FROM documents WHERE source = %s", [number]
            ).fetchall()
            named = (replace(item, name=_storable(item.name)) for item in items)
            plan.compare(source, number, named, known, self._has, complete=complete)
        encoded = self._carry_out(plan, encode, progress)
        passages = self._one("SELECT count(*) FROM passages")
        return Changes(**plan.counts, passages=passages, encoded=encoded, skipped=tuple(plan.skipped))

    def _carry_out(self, plan: Plan, encode: Encode, progress: Progress | None) -> int:
        """Delete and write what is planned; return how many texts were encoded."""
        old = self.rows.execute("SELECT text, vector_send(vector) FROM passages WHERE document = ANY(%s)", [plan.gone])
        at_hand = {text: unpacked(sent) for text, sent in old.fetchall()}
        self.rows.execute("DELETE FROM documents WHERE id = ANY(%s)", [plan.gone])
        first = self._one("SELECT value FROM facts WHERE name = 'documents_ever'") + 1
        columns = "documents (id, source, name, digest, format, problem, metadata)"
        with self.rows.cursor() as cursor, cursor.copy(f"COPY {columns} FROM STDIN") as copy:
            for number, (source, digest, document, metadata, _) in enumerate(plan.new, start=first):
                texts = (document.name, digest, document.format, document.problem, _json(metadata))
                copy.write_row((number, source, *(text and _storable(text) for text in texts)))
        self.rows.execute("UPDATE facts SET value = %s WHERE name = 'documents_ever'", [str(first + len(plan.new) - 1)])
        pieces = [(number, piece) for number, (*_, pieces) in enumerate(plan.new, start=first) for piece in pieces]
        missing = [text for text in dict.fromkeys(piece.text for _, piece in pieces) if text not in at_hand]
        done = 0
        for start in range(0, len(pieces), ENCODE_BLOCK):
            block = pieces[start : start + ENCODE_BLOCK]
            new = [text for text in dict.fromkeys(piece.text for _, piece in block) if text not in at_hand]
            fresh: dict[str, FloatArray] = dict(zip(new, encode(new), strict=True)) if new else {}
            self._copy(block, at_hand | fresh)
            done += len(new)
            if progress is not None:
                progress(done, len(missing))
        return done

    def _copy(self, block: Sequence[tuple[int, Passage]], vectors: dict[str, FloatArray]) -> None:
        """Copy passages with their vectors into the table, whose column has the width of the first ones."""
        width = len(vectors[block[0][1].text])
        if (
            self._one("SELECT atttypmod FROM pg_attribute WHERE attrelid = 'passages'::regclass AND attname = 'vector'")
            < 0
        ):
            self.rows.execute(f"ALTER TABLE passages ALTER COLUMN vector TYPE vector({width})")
        columns = 'passages (document, start, "end", text, length, vector)'
        with self.rows.cursor() as cursor, cursor.copy(f"COPY {columns} FROM STDIN WITH (FORMAT BINARY)") as copy:
            copy.set_types(["int8", "int4", "int4", "text", "int4", "bytea"])  # the bytes are those of a vector
            for document, piece in block:
                text = _storable(piece.text)
                size = len(_WORD.findall(text))
                copy.write_row((document, piece.start, piece.end, text, size, packed(vectors[piece.text])))

    def _number_of(self, source: TextSource) -> int:
        """Note a source as it is now, and return its number."""
        return self._one(
            "INSERT INTO sources (place, settings) VALUES (%s, %s) "
            "ON CONFLICT (place) DO UPDATE SET settings = excluded.settings RETURNING id",
            [_storable(source.place), source.settings],
        )

    def _has(self, name: str) -> bool:
        return self.rows.execute("SELECT 1 FROM documents WHERE name = %s", [name]).fetchone() is not None

    def _one(self, asked: str, values: Sequence[Any] = ()) -> int:
        [number] = self.rows.execute(asked, values).fetchone()
        return int(number)


def _storable(text: str) -> str:
    """Return a text of the same length in which each character can be stored."""
    return _UNSTORABLE.sub("\ufffd", text)


def _json(metadata: Any) -> str:
    """Return metadata as JSON that PostgreSQL takes."""
    return json.dumps(metadata, ensure_ascii=False).replace("\\u0000", "\\ufffd")
