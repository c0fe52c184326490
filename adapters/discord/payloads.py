"""Messages as Discord sends them: as much of them as is read here, checked."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Snowflake = Annotated[int, Field(gt=0, lt=2**63)]
MESSAGE, REPLY = 0, 19
"""The types of messages that people write; others tell of events."""
VOICE = 1 << 13


class Payload(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Member(Payload):
    """What a server knows of somebody besides."""

    nick: str | None = None
    roles: tuple[Snowflake, ...] = ()


class User(Payload):
    id: Snowflake
    username: str = ""
    global_name: str | None = None
    bot: bool = False
    system: bool = False
    member: Member | None = None
    """Only of those who are mentioned."""


class Attachment(Payload):
    filename: str
    url: str
    size: int = Field(0, ge=0)
    content_type: str | None = None


class Sticker(Payload):
    name: str


class _Line(Payload):
    text: str | None = None


class _Choice(Payload):
    poll_media: _Line


class Poll(Payload):
    question: _Line
    answers: tuple[_Choice, ...] = ()


class Contents(Payload):
    """What a message says, or one that was forwarded."""

    content: str = ""
    mentions: tuple[User, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    sticker_items: tuple[Sticker, ...] = ()
    poll: Poll | None = None
    flags: int = 0


class Snapshot(Payload):
    message: Contents


class Message(Contents):
    id: Snowflake
    channel_id: Snowflake
    guild_id: Snowflake | None = None
    type: int = 0
    author: User
    member: Member | None = None
    webhook_id: Snowflake | None = None
    edited_timestamp: datetime | None = None
    message_snapshots: tuple[Snapshot, ...] = ()
    referenced_message: Message | None = None


class Deletion(Payload):
    """Of one message, or of several at once."""

    channel_id: Snowflake
    guild_id: Snowflake | None = None
    id: Snowflake | None = None
    ids: tuple[Snowflake, ...] = ()


class DirectChannel(Payload):
    """A channel that is no server's, and whose it is."""

    id: Snowflake
    recipients: tuple[User, ...] = ()
