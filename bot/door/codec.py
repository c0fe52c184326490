"""The door's JSON: how the seam's records cross from one process to another.

Both ends use it: `bot.http.door` in the service, `bot.door.client` in the command line.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, TypeAdapter

from adapters.base import Inbound, Receipt
from adapters.feed import FeedEvent

KEY_HEADER = "X-Familiar-Door-Key"

inbound_codec = TypeAdapter(Inbound)
receipt_codec = TypeAdapter(Receipt)
event_codec: TypeAdapter[FeedEvent] = TypeAdapter(Annotated[FeedEvent, Field(discriminator="type")])
