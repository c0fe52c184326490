"""What must be true of the database of a service that was killed again and again.

Reads the file itself, with SQL of its own, so that a bug in the storage functions can't hide.
"""

from __future__ import annotations

import sqlite3
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from agentcore.records import SHARED_OWNER
from benchmarks.spoken import MARKER, named_in


@dataclass(frozen=True, slots=True)
class Audit:
    """What is wrong, one sentence each, and what was counted on the way."""

    violations: tuple[str, ...]
    counts: Mapping[str, int]


_COUNTS = {
    "inbox rows": "SELECT count(*) FROM inbox",
    "turns": "SELECT count(*) FROM turn",
    "turns of several messages": (
        "SELECT count(*) FROM (SELECT 1 FROM inbox GROUP BY agent_id, turn HAVING count(*) > 1)"
    ),
    "turns tried more than once": "SELECT count(*) FROM turn WHERE attempts > 1",
    "most attempts at a turn": "SELECT max(attempts) FROM turn",
    "messages": "SELECT count(*) FROM message",
    "memory edits": "SELECT count(*) FROM block_revision WHERE tool_call_id IS NOT NULL",
    "chunks sent": "SELECT count(*) FROM outbox WHERE state = 'sent'",
    "chunks counted as resent": "SELECT coalesce(sum(resends), 0) FROM outbox",
}

# Each finds rows that must not be; what it selects is quoted.
_NONE_OF_THESE = {
    "inbox row without exactly one finished turn": """
        SELECT i.agent_id, i.seq, t.state, t.stop_reason FROM inbox i
        LEFT JOIN turn t ON t.agent_id = i.agent_id AND t.number = i.turn
        WHERE i.closed_at IS NULL AND t.finished_at IS NULL""",
    "parked inbox row": "SELECT agent_id, seq, error FROM inbox WHERE parked_at IS NOT NULL",
    "turn of no inbox row": """
        SELECT t.agent_id, t.number FROM turn t WHERE t.kind != 'sleep' AND NOT EXISTS (
            SELECT 1 FROM inbox i WHERE i.agent_id = t.agent_id AND i.turn = t.number)""",
    "turn that isn't finished": """
        SELECT agent_id, number, state FROM turn WHERE finished_at IS NULL
        OR state NOT IN ('done', 'failed', 'cancelled')""",
    "update in the inbox twice": """
        SELECT source, update_id FROM inbox GROUP BY source, update_id HAVING count(*) > 1""",
    "inbox row without a receipt": """
        SELECT i.source, i.update_id FROM inbox i LEFT JOIN receipt r
        ON r.source = i.source AND r.update_id = i.update_id
        WHERE r.source IS NULL AND i.source != 'api'""",
    "turn whose user messages aren't its inbox rows": """
        SELECT i.agent_id, i.turn FROM inbox i
        JOIN turn t ON t.agent_id = i.agent_id AND t.number = i.turn
        WHERE i.kind = 'message' AND t.state = 'done' GROUP BY i.agent_id, i.turn
        HAVING count(*) != (SELECT count(*) FROM message m
            WHERE m.agent_id = i.agent_id AND m.turn = i.turn AND m.role = 'user')""",
    "gap in an agent's message numbers": """
        SELECT m.agent_id, count(*), min(m.seq), max(m.seq), l.message_seq FROM message m
        JOIN agent_lease l ON l.agent_id = m.agent_id GROUP BY m.agent_id
        HAVING min(m.seq) != 1 OR max(m.seq) != count(*) OR l.message_seq != count(*)""",
    "gap in an agent's inbox": """
        SELECT i.agent_id, count(*), max(i.seq), l.inbox_seq FROM inbox i
        JOIN agent_lease l ON l.agent_id = i.agent_id GROUP BY i.agent_id
        HAVING max(i.seq) != count(*) OR l.inbox_seq != count(*)""",
    "agent that isn't idle": """
        SELECT agent_id, pending, pending_bytes, ready_at, holder, open_turn FROM agent_lease
        WHERE pending != 0 OR pending_bytes != 0 OR ready_at IS NOT NULL
           OR lease_until IS NOT NULL OR open_turn IS NOT NULL""",
    "turn without exactly one last step": """
        SELECT t.agent_id, t.number, count(s.number), max(s.number) FROM turn t
        LEFT JOIN step s ON s.agent_id = t.agent_id AND s.turn = t.number
        WHERE t.kind = 'message' AND t.state = 'done' GROUP BY t.agent_id, t.number
        HAVING count(s.number) = 0 OR count(s.number) != max(s.number)""",
    "revision that doesn't start where the one before ended": """
        SELECT later.owner, later.block_id, later.version FROM block_revision later
        LEFT JOIN block_revision earlier ON earlier.owner = later.owner
            AND earlier.block_id = later.block_id AND earlier.version = later.version - 1
        WHERE later.version > 1 AND earlier.after IS NOT later.before""",
    "block that isn't its last revision": """
        SELECT b.owner, b.block_id, b.version FROM block b LEFT JOIN block_revision r
        ON r.owner = b.owner AND r.block_id = b.block_id AND r.version = b.version
        WHERE r.after IS NOT b.value
           OR (SELECT count(*) FROM block_revision c
               WHERE c.owner = b.owner AND c.block_id = b.block_id) != b.version""",
    "call that edited memory twice": """
        SELECT agent_id, turn, tool_call_id FROM block_revision WHERE tool_call_id IS NOT NULL
        GROUP BY agent_id, turn, tool_call_id HAVING count(*) > 1""",
    # One of unknown outcome may be there all the same: what people saw tells.
    "chunk that wasn't sent": """
        SELECT address, row, state, error FROM outbox WHERE state != 'sent' AND NOT uncertain""",
    "user with more than one agent": """
        SELECT user_id, count(*) FROM user_agent GROUP BY user_id HAVING count(*) > 1""",
}


def audit(path: Path) -> Audit:
    """Look at the file of a service that has stopped and should have nothing left to do."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        violations = tuple(_violations(connection))
        counts = {name: _one(connection, query) for name, query in _COUNTS.items()}
    return Audit(violations, counts)


def _violations(connection: sqlite3.Connection) -> Iterator[str]:
    verdicts = [row[0] for row in connection.execute("PRAGMA integrity_check")]
    if verdicts != ["ok"]:
        yield f"integrity_check: {'; '.join(verdicts)}"
    for row in connection.execute("PRAGMA foreign_key_check"):
        yield f"foreign key: {row}"
    for name, query in _NONE_OF_THESE.items():
        found = connection.execute(query).fetchall()
        if found:
            yield f"{name}: {len(found)}, first {found[0]}"
    yield from _order(connection)
    yield from _edits(connection)
    yield from isolation(connection)


def _one(connection: sqlite3.Connection, query: str) -> int:
    return int(connection.execute(query).fetchone()[0] or 0)


def _order(connection: sqlite3.Connection) -> Iterator[str]:
    """People's lines stand in the history in the order in which they were accepted, each once."""
    accepted = _marked(connection, "SELECT agent_id, parts FROM inbox ORDER BY agent_id, seq")
    stored = _marked(
        connection,
        "SELECT agent_id, parts FROM message WHERE role = 'user' ORDER BY agent_id, seq",
    )
    taken, kept = set(accepted), set(stored)
    expected = [each for each in dict.fromkeys(accepted) if each in kept]
    found = [each for each in stored if each in taken]
    if expected != found:
        first = next(pair for pair in zip_longest(expected, found) if pair[0] != pair[1])
        yield f"the history isn't in the order of the inbox: {first}"
    if twice := [each for each, count in Counter(stored).items() if count > 1]:
        yield f"in the history twice: {len(twice)}, first {twice[0]}"


def _marked(connection: sqlite3.Connection, query: str) -> list[tuple[bytes, str]]:
    return [
        (agent, marker)
        for agent, parts in connection.execute(query)
        for marker in MARKER.findall(parts)
    ]


def _edits(connection: sqlite3.Connection) -> Iterator[str]:
    """What was noted is in the block, and once; all of it, where nothing was taken out."""
    query = """
        SELECT b.owner, b.value, sum(r.tool_call_id IS NOT NULL), max(r.tool_call_id IS NULL)
        FROM block b JOIN block_revision r ON r.owner = b.owner AND r.block_id = b.block_id
            AND r.version > 1
        WHERE b.label = 'human' GROUP BY b.owner, b.block_id"""
    for owner, value, noted, otherwise in connection.execute(query):
        lines = Counter(line for line in value.splitlines() if line.startswith("said "))
        doubled = [line for line, count in lines.items() if count > 1]
        if doubled:
            yield f"noted twice in a block of {owner!r}: {doubled[0]}"
        if not otherwise and noted != len(lines):
            yield f"{noted} edits of a block of {owner!r} left {len(lines)} lines"


_HOLDERS = ("owner", "agent_id", "address")
"""Columns that say whose a row is; the first that a table has."""
_NOBODYS = uuid.UUID(SHARED_OWNER.removeprefix("agent-")).bytes


def isolation(connection: sqlite3.Connection) -> Iterator[str]:
    """Whatever belongs to an agent or a chat holds words of one person alone, and nobody's words
    belong to two. Whoever has deleted an agent has another.
    """
    agents: defaultdict[str, set[bytes]] = defaultdict(set)
    query = "SELECT name FROM sqlite_master WHERE type = 'table'"
    for (table,) in connection.execute(query).fetchall():
        for whose, names in _held(connection, table).items():
            if len(names) > 1:
                yield f"{table} of {whose!r} holds words of {', '.join(sorted(names))}"
            if isinstance(whose, bytes):
                for name in names:
                    agents[name].add(whose)
    for name, holders in agents.items():
        if len(holders) > 1 and not name.startswith("rest"):
            yield f"words of {name} are in {len(holders)} agents"


def _held(connection: sqlite3.Connection, table: str) -> Mapping[bytes | str, set[str]]:
    """Whose words a table holds, by agent or address; of blocks of nobody's each is somebody's."""
    held: defaultdict[bytes | str, set[str]] = defaultdict(set)
    columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
    holder = next((each for each in _HOLDERS if each in columns), None)
    if holder is not None:
        at = columns.index(holder)
        for row in connection.execute(f'SELECT * FROM "{table}"'):  # noqa: S608 (its own names)
            if row[at] not in {None, _NOBODYS}:
                held[row[at]] |= named_in(" ".join(each for each in row if isinstance(each, str)))
    return held
