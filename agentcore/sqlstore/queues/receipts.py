"""An update is taken in once: its receipt says that it was."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from agentcore.records import Submission
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.engine.database import insert


def first_sight(connection: Connection, submission: Submission) -> bool:
    """Leave the update's receipt. False: there is one."""
    added = connection.execute(
        insert(connection, t.receipt).on_conflict_do_nothing(),
        {
            "source": submission.source,
            "update_id": submission.update_id,
            "received_at": submission.received_at,
        },
    )
    return added.rowcount == 1
