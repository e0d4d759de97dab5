"""The vectors of an index in a PostgreSQL with the pgvector extension, for where one process does not hold them.

    kb_index.encoder     one row: the card of the encoder that made the vectors
    kb_index.articles    key, vector; searched through an HNSW index by cosine
    kb_index.passages    key, vector; read by key only

A key is made of the content, so that what did not change is not sent again, and the index on disk keeps keys where
it would keep vectors. An address is that of SQLAlchemy: postgresql://user:password@host:5432/name, or with
?unix_sock=FILE. Several services that share a database each name a schema of their own with ?schema=NAME.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import cached_property
from queue import Empty, LifoQueue
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import numpy as np
from pg8000.exceptions import DatabaseError, InterfaceError
from pg8000.native import Connection

from kb_index.encoder import EncoderCard
from kb_index.errors import VectorsUnusable
from kb_index.vectors import top

# How many the HNSW index is asked for, and how many of those that the words point at are scored beside them.
REACH = 200
TABLES = ("articles", "passages")
_SEARCH_TIMEOUT = 5.0  # seconds; an answer without articles is better than none
_CHUNK = 10_000
_FAILURES = (DatabaseError, InterfaceError, OSError)
_UNDEFINED = {"3F000", "42P01"}  # SQLSTATE: no such schema, no such table
_NO_EXTENSION = {"0A000", "58P01"}  # SQLSTATE: not available, no control file


def content_key(texts: Sequence[str]) -> int:
    """64 bits of what a vector was made of: two of a million contents share one with odds of one in 30 million."""
    digest = hashlib.sha256("\0".join(texts).encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


@dataclass(frozen=True)
class Address:
    """Where the database is. Its text names no password."""

    options: Mapping[str, Any]
    schema: str

    @classmethod
    def parse(cls, url: str) -> Address:
        """Raises VectorsUnusable."""
        try:
            parts = urlsplit(url)
            port = parts.port or 5432
        except ValueError as error:
            raise VectorsUnusable(f"O endereço do banco de vetores não pode ser lido: {error}.") from error
        query = dict(parse_qsl(parts.query))
        schema = query.get("schema", "kb_index")
        if parts.scheme.partition("+")[0] != "postgresql" or not re.fullmatch(r"[a-z_][a-z0-9_]*", schema):
            problem = "precisa ter a forma postgresql://usuário:senha@servidor:5432/banco, e ?schema=, só minúsculas"
            raise VectorsUnusable(f"O endereço do banco de vetores {problem}.")
        options = {
            "user": unquote(parts.username or "postgres"),
            "password": unquote(parts.password) if parts.password else None,
            "database": unquote(parts.path[1:]) or None,
            "host": parts.hostname or "localhost",
            "port": port,
            "unix_sock": query.get("unix_sock"),
        }
        return cls(options, schema)

    def connect(self, timeout: float | None) -> Connection:
        """`timeout` in seconds holds for every answer. Raises VectorsUnusable."""
        try:
            connection = Connection(**self.options, timeout=timeout, application_name="kb_index")
            connection.run(f"SET search_path = {self.schema}, public")
        except _FAILURES as error:
            raise VectorsUnusable(f"O banco de vetores em {self} não responde ({_reason(error)}).") from error
        return connection

    def __str__(self) -> str:
        place = self.options["unix_sock"] or f"{self.options['host']}:{self.options['port']}"
        return f"{place}, banco {self.options['database'] or self.options['user']}, esquema {self.schema}"


class VectorDatabase:
    """Reads vectors. Any number of threads may share it, each query on a connection that nobody else uses."""

    def __init__(self, url: str) -> None:
        self._address = Address.parse(url)
        self._idle: LifoQueue[Connection] = LifoQueue()

    @classmethod
    def open(cls, url: str, card: EncoderCard) -> VectorDatabase:
        """Raises VectorsUnusable, also when what is kept is not of the encoder `card`."""
        database = cls(url)
        check_card(database.run, card)
        return database

    def vectors(self, table: str, keys: np.ndarray) -> StoredVectors:
        return StoredVectors(self, table, keys)

    def run(self, sql: str, **parameters: Any) -> list[list[Any]]:
        """The rows. A connection that broke while it lay idle is replaced; raises VectorsUnusable."""
        while True:
            connection, fresh = self._take()
            try:
                rows = connection.run(sql, **parameters)
            except _FAILURES as error:
                _close(connection)
                if fresh:
                    raise _unusable(error, self._address) from error
            else:
                self._idle.put(connection)
                return rows or []

    def _take(self) -> tuple[Connection, bool]:
        """A connection, and whether it is new."""
        try:
            return self._idle.get_nowait(), False
        except Empty:
            connection = self._address.connect(_SEARCH_TIMEOUT)
            connection.run(f"SET hnsw.ef_search = {REACH}")
            return connection, True


@dataclass(frozen=True)
class StoredVectors:
    """A `VectorSearch` over one table: place p is the row with `keys[p]`, shape (n,) of int64."""

    database: VectorDatabase
    table: str
    keys: np.ndarray

    def nearest(self, query: np.ndarray, limit: int) -> tuple[np.ndarray, np.ndarray]:
        """By HNSW, at most REACH. Rows that this index does not know (another has just been built) are left out."""
        nearest_first = "ORDER BY vector <=> CAST(:query AS vector) LIMIT :limit"
        places, scores = self._placed(*self._rows(nearest_first, query, limit=limit))
        order = np.argsort(-scores, kind="stable")[:limit]
        return places[order], scores[order]

    def scores(self, query: np.ndarray, places: np.ndarray) -> np.ndarray:
        """Exact; 0 for a row that is no longer there."""
        wanted = self.keys[places].tolist()
        keys, scores = self._rows("WHERE key = ANY(CAST(:keys AS bigint[]))", query, keys=_bigints(wanted))
        found = dict(zip(keys.tolist(), scores.tolist(), strict=True))
        return np.array([found.get(key, 0.0) for key in wanted], np.float32)

    def landscape(self, query: np.ndarray, hint: np.ndarray) -> np.ndarray:
        """The lowest score of all is that of the nearest to the opposite of `query`."""
        _, opposite = self.nearest(-query, 1)
        lowest = -float(opposite[0]) if len(opposite) else 0.0
        landscape = np.full(len(self.keys), lowest, np.float32)
        likely = top(hint, REACH)
        landscape[likely] = np.maximum(self.scores(query, likely), lowest)
        near, scores = self.nearest(query, REACH)
        landscape[near] = scores
        return landscape

    def arrays(self) -> dict[str, np.ndarray]:
        return {"keys": self.keys}

    def _rows(self, chosen: str, query: np.ndarray, **parameters: Any) -> tuple[np.ndarray, np.ndarray]:
        """Keys and scores of the rows `chosen` by SQL. In one value, since the driver takes its time for each row."""
        sql = f"""
            SELECT string_agg(int8send(key) || float4send(score), '') FROM (
                SELECT key, CAST(1 - (vector <=> CAST(:query AS vector)) AS real) AS score FROM {self.table} {chosen}
            ) AS found"""  # noqa: S608
        ((packed,),) = self.database.run(sql, query=_literal(query), **parameters)
        rows = np.frombuffer(packed or b"", [("key", ">i8"), ("score", ">f4")])
        return rows["key"].astype(np.int64), rows["score"].astype(np.float32)

    def _placed(self, keys: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Places in the stead of keys; articles of the same content share a row."""
        first, last = (np.searchsorted(self._sorted, keys, side) for side in ("left", "right"))
        spans = [self._order[start:end] for start, end in zip(first, last, strict=True)]
        return np.concatenate([*spans, np.array([], np.intp)]).astype(np.intp), np.repeat(scores, last - first)

    @cached_property
    def _order(self) -> np.ndarray:
        return np.argsort(self.keys, kind="stable")

    @cached_property
    def _sorted(self) -> np.ndarray:
        return self.keys[self._order]


class VectorShelf:
    """The rows that one index needs, `keys` by table, to be brought up to date by a build, however long that takes."""

    def __init__(self, url: str, card: EncoderCard, keys: Mapping[str, np.ndarray]) -> None:
        """Makes schema and tables where they are missing. Raises VectorsUnusable."""
        self._url, self._address, self._card, self._keys = url, Address.parse(url), card, keys
        with self._transaction() as run:
            run("SELECT pg_advisory_xact_lock(hashtext('kb_index'))")  # two builds at once
            for statement in _schema(self._address.schema, card.dimension):
                run(statement)
            text = json.dumps(asdict(card), sort_keys=True)
            run("INSERT INTO encoder SELECT :card WHERE NOT EXISTS (SELECT FROM encoder)", card=text)
            check_card(run, card)

    def lacks_any(self) -> bool:
        return any(len(self._missing(table)) for table in self._keys)

    def keep(self, table: str, matrix: np.ndarray) -> StoredVectors:
        """Adds what the table lacks; `matrix` holds the vectors of its keys, shape (n, d). Raises VectorsUnusable."""
        keys = self._keys[table]
        if matrix.shape != (len(keys), self._card.dimension):
            expected = f"{len(keys)} vetores de {self._card.dimension} dimensões"
            raise VectorsUnusable(f"O banco de vetores em {self._address} espera {expected}, não {matrix.shape}.")
        new = self._missing(table)
        with self._transaction() as run:
            run("CREATE TEMPORARY TABLE incoming (key bigint, vector vector) ON COMMIT DROP")
            run("COPY incoming FROM STDIN BINARY", stream=_binary(keys[new], matrix[new]))
            run(f"INSERT INTO {table} SELECT key, vector FROM incoming ON CONFLICT DO NOTHING")  # noqa: S608
            if table == "articles":  # after the rows: built at once it is ready several times sooner
                run(f"SET LOCAL maintenance_work_mem = '{_graph_mb(matrix)}MB'")
                run("CREATE INDEX IF NOT EXISTS articles_nearest ON articles USING hnsw (vector vector_cosine_ops)")
        return StoredVectors(VectorDatabase(self._url), table, keys)

    def forget_others(self) -> None:
        """Removes every other row. A search over an older index goes on without them."""
        for table, keys in self._keys.items():
            with self._transaction() as run:
                run("CREATE TEMPORARY TABLE kept (key bigint) ON COMMIT DROP")
                run("COPY kept FROM STDIN BINARY", stream=_binary(keys))
                run(f"DELETE FROM {table} WHERE NOT EXISTS (SELECT FROM kept WHERE kept.key = {table}.key)")  # noqa: S608

    def _missing(self, table: str) -> np.ndarray:
        """Places of keys that the table lacks, one of each."""
        with self._transaction() as run:
            ((packed,),) = run(f"SELECT string_agg(int8send(key), '') FROM {table}")  # noqa: S608
        distinct, first = np.unique(self._keys[table], return_index=True)
        return first[~np.isin(distinct, np.frombuffer(packed or b"", ">i8"))]

    @contextmanager
    def _transaction(self) -> Iterator[Callable[..., list[list[Any]]]]:
        connection = self._address.connect(timeout=None)
        try:
            connection.run("BEGIN")
            yield lambda sql, **parameters: connection.run(sql, **parameters) or []
            connection.run("COMMIT")
        except _FAILURES as error:
            raise _unusable(error, self._address) from error
        finally:
            _close(connection)


def check_card(run: Callable[[str], list[list[Any]]], card: EncoderCard) -> None:
    """Raises VectorsUnusable when the vectors kept were made by another encoder."""
    ((text,),) = run("SELECT card FROM encoder")
    kept = EncoderCard(**json.loads(text))
    if kept != card:
        remedy = "Use outro esquema (?schema=NOME no endereço) ou apague este (DROP SCHEMA … CASCADE)"
        problem = f"O banco guarda vetores do codificador {kept}, e este é {card}."
        raise VectorsUnusable(f"{problem} {remedy} e refaça o índice: python -m kb_index build")


def _schema(schema: str, dimension: int) -> Iterator[str]:
    yield "CREATE EXTENSION IF NOT EXISTS vector SCHEMA public"
    yield f"CREATE SCHEMA IF NOT EXISTS {schema}"
    yield f"CREATE TABLE IF NOT EXISTS {schema}.encoder (card text NOT NULL)"
    for table in TABLES:
        yield f"CREATE TABLE IF NOT EXISTS {schema}.{table} (key bigint PRIMARY KEY, vector vector({dimension}) NOT NULL)"


def _unusable(error: Exception, address: Address) -> VectorsUnusable:
    state = error.args[0].get("C") if error.args and isinstance(error.args[0], dict) else None
    if state in _UNDEFINED:
        return VectorsUnusable(f"Não há vetores em {address}. Refaça o índice: python -m kb_index build")
    if state in _NO_EXTENSION:
        return VectorsUnusable(f"O PostgreSQL em {address} não tem a extensão pgvector; instale-a no servidor.")
    return VectorsUnusable(f"O banco de vetores em {address} falhou ({_reason(error)}).")


def _graph_mb(matrix: np.ndarray) -> int:
    """Memory in which pgvector builds the graph of these vectors; with less it takes several times as long."""
    return int(min(64 + matrix.shape[0] * (4 * matrix.shape[1] + 600) / 1e6, 4096))


def _reason(error: Exception) -> str:
    """PostgreSQL's own message where there is one."""
    first = error.args[0] if error.args else error
    return str(first.get("M", first)) if isinstance(first, dict) else str(first)


def _literal(vector: np.ndarray) -> str:
    return f"[{','.join(map(repr, vector.tolist()))}]"


def _bigints(keys: Sequence[int]) -> str:
    return f"{{{','.join(map(str, keys))}}}"


def _binary(keys: np.ndarray, matrix: np.ndarray | None = None) -> Iterator[bytes]:
    """PostgreSQL's binary COPY of rows (key) or (key, vector): digits would take ten times as long."""
    fields: list[tuple[Any, ...]] = [("fields", ">i2"), ("key_size", ">i4"), ("key", ">i8")]
    if matrix is not None:
        fields += [("size", ">i4"), ("dimension", ">i2"), ("unused", ">i2"), ("vector", ">f4", matrix.shape[1:])]
    yield b"PGCOPY\n\xff\r\n\0" + bytes(8)
    for start in range(0, len(keys), _CHUNK):
        part = slice(start, start + _CHUNK)
        rows = np.zeros(len(keys[part]), fields)
        rows["fields"], rows["key_size"], rows["key"] = 1, 8, keys[part]
        if matrix is not None:
            rows["fields"], rows["size"], rows["dimension"] = 2, 4 + 4 * matrix.shape[1], matrix.shape[1]
            rows["vector"] = matrix[part]
        yield rows.tobytes()
    yield b"\xff\xff"


def _close(connection: Connection) -> None:
    with suppress(*_FAILURES):
        connection.close()
