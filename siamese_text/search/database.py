"""A PostgreSQL server with pgvector: reached by a URL, whose password no message has.

``postgresql://user@host/database#papers`` is the index ``papers``, which is a schema of the database. A password is
better left to PGPASSWORD or ~/.pgpass than written into a command.
"""

from __future__ import annotations

import os
import re
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

import numpy as np

from siamese_text.errors import BadData, BadOutput, MissingInput, UsageError
from siamese_text.records import FloatArray

if TYPE_CHECKING:
    from psycopg import Connection

SCHEMES = ("postgresql://", "postgres://")
NAME = "siamese_text"  # of the schema, where the URL has none
PATIENCE_S = 10  # until a server answers
OLDEST = (0, 8)  # of pgvector: from then on a scan goes on until enough rows fulfil a filter


def packed(vector: FloatArray) -> bytes:
    """Return a vector as pgvector sends and takes it in binary: its length, nothing, its numbers.

    Example:
        >>> unpacked(packed(np.float32([1, -2]))).tolist()
        [1.0, -2.0]
    """
    return struct.pack(">HH", len(vector), 0) + np.asarray(vector, ">f4").tobytes()


def unpacked(sent: bytes) -> FloatArray:
    """Return the (D,) float32 vector that ``vector_send`` gave."""
    return np.frombuffer(sent, ">f4", offset=4).astype(np.float32)


def is_url(place: str | Path) -> bool:
    """Tell whether a place is a database and no folder."""
    return isinstance(place, str) and place.startswith(SCHEMES)


class Database:
    """One schema of a database, for any number of threads.

    Args:
        url: Where it is.

    Attributes:
        url: The whole URL, for connections alone.
        schema: The name of the schema.
        shown: The URL without the password.

    Raises:
        UsageError: psycopg is not installed, or the URL cannot be read.
    """

    def __init__(self, url: str) -> None:
        if find_spec("psycopg") is None:
            raise UsageError("an index in PostgreSQL needs psycopg: pip install 'siamese-text[postgres]'")
        try:
            parts = urlsplit(url)
            query = parse_qsl(parts.query, keep_blank_values=True)
            secrets = [parts.password, *(value for key, value in query if key == "password")]
        except ValueError as error:
            raise UsageError("the URL of the database cannot be read; give postgresql://user@host/database") from error
        self.schema = parts.fragment or NAME
        if not re.fullmatch("[a-z_][a-z0-9_]{0,62}", self.schema):
            raise UsageError(f"an index is called '{self.schema}'; give small letters, digits and _ after the #")
        self.url = f"{urlunsplit(parts._replace(fragment=''))}#{self.schema}"
        self._secrets = [form for secret in secrets if secret for form in (secret, unquote(secret), quote(secret))]
        host = parts.netloc.rpartition("@")[2]
        user = parts.netloc.rpartition("@")[0].partition(":")[0]
        shown = [(key, value) for key, value in query if key != "password"]
        self.shown = urlunsplit(
            parts._replace(netloc=f"{user}@{host}" if user else host, query=urlencode(shown, safe="/"))
        )
        self._mine = threading.local()

    def __reduce__(self) -> tuple[type[Database], tuple[str]]:
        """Return what a copy in another process is made of: the URL."""
        return Database, (self.url,)

    def exists(self) -> bool:
        """Tell whether the index is there.

        Raises:
            MissingInput: The server does not answer.
        """
        with self._reporting(), self._opened() as rows:
            return bool(rows.execute("SELECT to_regclass(%s) IS NOT NULL", [f"{self.schema}.facts"]).fetchone()[0])

    @contextmanager
    def reading(self) -> Iterator[Connection[Any]]:
        """Yield a connection that sees one state of the index until the block ends.

        Raises:
            MissingInput: The server does not answer, or there is no index.
            BadData: The extension is too old.
        """
        with self._reporting():
            rows = self._connection()
            with rows.transaction():
                rows.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                self._check_schema(rows)
                yield rows

    @contextmanager
    def writing(self, *, new: bool = False) -> Iterator[Connection[Any]]:
        """Yield a connection whose changes are made as one when the block ends, which nobody else may do meanwhile.

        Args:
            new: Whether the index is made now: then pgvector is put into the database if need be.

        Raises:
            BadOutput: Another process writes, or the server refuses to.
        """
        with self._reporting():
            rows = self._connection(may_extend=new)
            with rows.transaction():
                mine = rows.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [self.schema])
                if not mine.fetchone()[0]:
                    raise BadOutput(f"another process writes to {self.shown}; wait for it")
                if not new:
                    self._check_schema(rows)
                yield rows

    @contextmanager
    def plain(self) -> Iterator[Connection[Any]]:
        """Yield a connection outside of any transaction, for what cannot be done in one."""
        with self._reporting():
            yield self._connection()

    def _check_schema(self, rows: Connection[Any]) -> None:
        """Refuse to go on where the schema is missing: tables of the same names may be in the next one of the path."""
        if rows.execute("SELECT to_regclass(%s)", [f"{self.schema}.facts"]).fetchone() == (None,):
            raise MissingInput(
                f"{self.shown} holds no index '{self.schema}'; build one: siamese-text index DOCUMENTS -o URL"
            )

    def _opened(self) -> Connection[Any]:
        import psycopg

        return psycopg.connect(
            self.url.partition("#")[0], connect_timeout=PATIENCE_S, autocommit=True, application_name="siamese-text"
        )

    def _connection(self, *, may_extend: bool = False) -> Connection[Any]:
        """Return the connection of this thread and process."""
        rows: Connection[Any] | None = getattr(self._mine, "rows", None)
        if rows is None or rows.closed or self._mine.process != os.getpid():
            rows = self._opened()
            self._extend(rows, may_extend)
            self._mine.rows, self._mine.process = rows, os.getpid()
        return rows

    def _extend(self, rows: Connection[Any], may_extend: bool) -> None:
        """Find pgvector in the database, or put it there."""
        asked = (
            "SELECT nspname, extversion FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace "
            "WHERE extname = 'vector'"
        )
        found = rows.execute(asked).fetchone()
        if found is None and may_extend:
            rows.execute("CREATE EXTENSION IF NOT EXISTS vector")
            found = rows.execute(asked).fetchone()
        if found is None:
            raise MissingInput(f"{self.shown} holds no index: pgvector is not there; build an index first")
        if tuple(int(part) for part in found[1].split(".")[:2]) < OLDEST:
            raise BadData(f"{self.shown} has pgvector {found[1]}, and 0.8 or newer is needed; update the extension")
        self._extension = found[0]
        self.use(rows, self.schema)

    def use(self, rows: Connection[Any], schema: str, *, locally: bool = False) -> None:
        """Say in which schema tables are found, if ``locally`` until the transaction ends."""
        from psycopg import sql

        path = sql.SQL(", ").join(map(sql.Identifier, dict.fromkeys((schema, self._extension))))
        rows.execute(sql.SQL("SET LOCAL search_path TO {}" if locally else "SET search_path TO {}").format(path))

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        """Turn what the server says into one line without a password."""
        import psycopg

        try:
            yield
        except psycopg.OperationalError as error:
            if error.sqlstate:  # such as a full disk: the server did answer
                raise BadOutput(f"{self.shown} cannot be used: {self._line(error)}; it is as it was") from None
            raise MissingInput(
                f"{self.shown} does not answer: {self._line(error)}; check the server, the URL and the password"
            ) from None
        except psycopg.ProgrammingError as error:  # the URL stands in the message of one that cannot be read
            reason = self._line(error) if error.sqlstate else "the URL cannot be read"
            raise BadOutput(f"{self.shown} cannot be used: {reason}; it is as it was") from None
        except psycopg.Error as error:
            raise BadOutput(f"{self.shown} cannot be used: {self._line(error)}; it is as it was") from None

    def _line(self, error: Exception) -> str:
        line = " ".join(str(error).split())[:300]
        for secret in self._secrets:
            line = line.replace(secret, "***")
        return line
