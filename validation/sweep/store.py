"""Finished points in a file that survives whatever happens to the process.

The file is an SQLite database: in the standard library, of one file, and the store best tested against crashes.
A rollback journal, rather than a write-ahead log, also works on the network file systems of clusters; `EXTRA` has a
commit reach the disk, directory entry included, before it returns. Rows carry a checksum, which SQLite's pages do not.
Nothing in a file is ever run.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from ...theory.problem.errors import SpecificationError
from ...theory.problem.interchange.text_files import checked_path
from .job import Row

APPLICATION = 0x6D635377  # "mcSw", by which a file is known as one of ours
FORMAT = 1
PATIENCE = 60.0  # seconds that another run may take for a commit
IN_MEMORY = ":memory:"

_MAGIC = b"SQLite format 3\0"

_TABLES = (
    f"PRAGMA application_id = {APPLICATION}",
    f"PRAGMA user_version = {FORMAT}",
    "CREATE TABLE specification (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    "CREATE TABLE points (number INTEGER PRIMARY KEY, numbers BLOB NOT NULL, words TEXT NOT NULL, "
    "failure TEXT NOT NULL, checksum BLOB NOT NULL)",
)


class Store:
    """The finished points of one sweep; several runs may write to one file, the first that finishes a point is kept.

    Args:
        path: the file, or None for the memory of this process.
        identity: what the sweep is; a file that was begun with anything else is refused.
        resume: whether the file may be there already.

    Raises:
        SpecificationError: naming the path of a file that is no store or is damaged, or what the file was begun with.
    """

    def __init__(self, path: str | os.PathLike[str] | None, identity: Mapping[str, str], resume: bool = True) -> None:
        target = None if path is None else checked_path(path)
        self.name = "" if target is None else str(target)
        if target is not None and not resume and target.exists():
            raise SpecificationError("store", self.name, "a file that is not there yet, unless the sweep is resumed")
        if target is not None:
            self._require_database(target)
        self._connection = _connected(target)
        try:
            self._begin(identity)
        except sqlite3.DatabaseError as error:
            self.close()
            self._refuse(str(error))
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the file go."""
        self._connection.close()

    def __len__(self) -> int:
        return int(self._one("SELECT count(*) FROM points"))

    def has(self, first: int, count: int) -> bool:
        """Whether so many points from `first` on are all there, whoever finished them."""
        between = "SELECT count(*) FROM points WHERE number >= ? AND number < ?"
        return int(self._one(between, first, first + count)) == count

    def keep(self, rows: Iterable[Row]) -> None:
        """Add rows, all or none; on return they are on the disk.

        Raises:
            sqlite3.Error: where they could not be written, as on a full disk.
        """
        with self._transaction():
            values = [(row.number, row.numbers, row.words, row.failure, _checksum(row)) for row in rows]
            self._connection.executemany("INSERT OR IGNORE INTO points VALUES (?, ?, ?, ?, ?)", values)

    def rows(self) -> Iterator[Row]:
        """All finished points, in order.

        Raises:
            SpecificationError: for a row that is not as it was written.
        """
        try:
            for *values, checksum in self._connection.execute("SELECT * FROM points ORDER BY number"):
                row = Row(*values)
                if checksum != _checksum(row):
                    self._refuse(f"point {row.number} is not as it was written")
                yield row
        except sqlite3.DatabaseError as error:
            self._refuse(str(error))

    def fingerprint(self) -> str:
        """SHA-256 over the finished points, in order: equal for equal content, however and when it was written."""
        digest = hashlib.sha256()
        for row in self.rows():
            digest.update(_checksum(row))
        return digest.hexdigest()

    def _require_database(self, target: Path) -> None:
        """A file that is there begins as databases do; SQLite takes one of a few bytes for a new one."""
        try:
            with target.open("rb") as file:
                begins = file.read(len(_MAGIC))
        except FileNotFoundError:
            return
        except OSError as error:
            self._refuse(str(error.strerror))
        if begins not in (b"", _MAGIC):
            self._refuse("it is no database")

    def _begin(self, identity: Mapping[str, str]) -> None:
        """Begin the file, or check what another run has begun."""
        self._connection.execute("PRAGMA synchronous = EXTRA")
        if not self._is_ours():
            self._refuse("it is another database")
        with self._transaction():  # one at a time: a file is begun once
            if self._is_empty():
                for statement in _TABLES:
                    self._connection.execute(statement)
                self._connection.executemany("INSERT INTO specification VALUES (?, ?)", list(identity.items()))
        if self._one("PRAGMA user_version") != FORMAT:
            raise SpecificationError("store", self.name, f"a store of format {FORMAT}, which this version writes")
        if (state := self._one("PRAGMA quick_check(1)")) != "ok":
            self._refuse(str(state))
        self._compare(dict(self._connection.execute("SELECT name, value FROM specification")), identity)

    def _compare(self, stored: Mapping[str, str], identity: Mapping[str, str]) -> None:
        for name, value in identity.items():
            if stored.get(name) != value:
                begun = f"{stored.get(name, 'nothing'):.300}, with which {self.name} was begun"
                raise SpecificationError(name, value, begun)

    def _is_ours(self) -> bool:
        return self._is_empty() or bool(self._one("PRAGMA application_id") == APPLICATION)

    def _is_empty(self) -> bool:
        return bool(self._one("SELECT count(*) FROM sqlite_master") == 0)

    def _one(self, query: str, *values: int) -> Any:
        return self._connection.execute(query, values).fetchone()[0]

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:  # which a full disk ends by itself
                self._connection.execute("ROLLBACK")
            raise

    def _refuse(self, reason: str) -> NoReturn:
        raise SpecificationError("store", self.name, f"a file of this sweep, or one that is not there yet ({reason})")


def _connected(target: Path | None) -> sqlite3.Connection:
    """Transactions are begun and ended by hand."""
    name = IN_MEMORY if target is None else target
    try:
        return sqlite3.connect(name, timeout=PATIENCE, isolation_level=None)
    except sqlite3.Error as error:
        raise SpecificationError("store", str(name), f"a file that can be written ({error})") from None


def _checksum(row: Row) -> bytes:
    parts = (row.number.to_bytes(8, "little"), row.numbers, row.words.encode(), row.failure.encode())
    return hashlib.sha256(b"".join(len(part).to_bytes(8, "little") + part for part in parts)).digest()
