"""Which SQL statements a turn executes, each under the storage function that sends it.

BEGIN, COMMIT, savepoints and pragmas aren't counted; an executemany counts once.
"""

from __future__ import annotations

import inspect
import re
import threading
from collections import Counter
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import sqlalchemy as sa

_UNCOUNTED = re.compile(r"\s*(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|PRAGMA)\b", re.IGNORECASE)
_TABLE = re.compile(r"\b(?:FROM|INTO|UPDATE)\s+\"?(\w+)", re.IGNORECASE)


class Statements:
    """A count by `unit: function: VERB table`; the unit is the storage function called first."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def note(self, statement: str) -> None:
        if _UNCOUNTED.match(statement):
            return
        name = f"{_sender()}: {_gist(statement)}"
        with self._lock:
            self.counts[name] += 1

    @property
    def units(self) -> Mapping[str, int]:
        """The counts summed by unit of work."""
        found: Counter[str] = Counter()
        for name, count in self.counts.items():
            found[name.partition(":")[0]] += count
        return found


def _gist(statement: str) -> str:
    verb = statement.split(None, 1)[0].upper()
    table = _TABLE.search(statement)
    return f"{verb} {table[1] if table else '?'}"


def _sender() -> str:
    """The storage functions between `Database` and the statement: the first and the last."""
    inner, outer = "", ""
    frame: FrameType | None = inspect.currentframe()
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        if "sqlstore" in path.parts and path.parent.name != "engine" and path.name != "stores.py":
            outer = f"{path.stem}.{frame.f_code.co_name}"
            inner = inner or frame.f_code.co_name
        frame = frame.f_back
    return f"{outer}: {inner}"


@contextmanager
def counted() -> Generator[Statements, None, None]:
    """Count what all engines of this process execute within the block."""
    statements = Statements()

    def before(_connection: object, _cursor: object, statement: str, *_: Any) -> None:
        statements.note(statement)

    sa.event.listen(sa.engine.Engine, "before_cursor_execute", before)
    try:
        yield statements
    finally:
        sa.event.remove(sa.engine.Engine, "before_cursor_execute", before)
