"""Somebody comes who was expected: an agent was bound to them before they ever wrote."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from agentcore.records import Admission, Submission
from agentcore.sqlstore import tables as t
from agentcore.sqlstore.people.senders import Known, note_address


def arrived(
    connection: Connection, submission: Submission, admission: Admission, known: Known | None
) -> Known | None:
    """Who is known, from now on as a stranger would be who writes for the first time."""
    if known is None or known.access != "expected":
        return known
    access = admission.new_user_access
    user, identity = t.user, t.identity
    connection.execute(sa.update(user).where(user.c.user_id == known.user_id).values(access=access))
    if submission.display_name:
        connection.execute(
            sa.update(identity)
            .where(identity.c.identity_id == known.identity_id)
            .values(display_name=submission.display_name)
        )
    note_address(connection, known, submission)
    return replace(known, access=access)
