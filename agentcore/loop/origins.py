"""Whose words a turn has before it: what they lead to is trusted no more than they are. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from agentcore.loop.prompt import AnyMessage
from agentcore.records import Origin


def least_trusted(seen: Sequence[AnyMessage], *others: Origin) -> Origin:
    """The first untrusted origin among the parts of messages, then among others; else the owner's."""
    parts = (part.origin for message in seen for part in message.parts)
    return next((each for each in chain(parts, others) if not each.trusted), Origin.OWNER)
