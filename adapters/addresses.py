"""Where conversations take place, as every layer above the engine names them."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class ChatAddress:
    """Where a conversation takes place. `chat` and `topic` are the platform's own ids."""

    platform: str
    account: str
    chat: str
    topic: str | None = None

    @property
    def source(self) -> str:
        """Platform and account: within one source, an `update_id` never names two updates."""
        return f"{_escape(self.platform)}:{_escape(self.account)}"

    @property
    def home(self) -> ChatAddress:
        """The chat that this is a topic of; itself if it is none."""
        return self if self.topic is None else replace(self, topic=None)

    def __str__(self) -> str:
        """The opaque text that the service stores; `parse` takes it back."""
        fields = [self.platform, self.account, self.chat]
        if self.topic is not None:
            fields.append(self.topic)
        return ":".join(_escape(each) for each in fields)

    @classmethod
    def parse(cls, text: str) -> ChatAddress:
        """The address that was written as `text`.

        Raises:
            ValueError: `text` wasn't made by `str(ChatAddress(…))`.
        """
        fields = [_unescape(each) for each in text.split(":")]
        if len(fields) not in {3, 4}:
            msg = f"{text!r} is not a chat address: expected platform:account:chat[:topic]"
            raise ValueError(msg)
        address = cls(fields[0], fields[1], fields[2], fields[3] if len(fields) == 4 else None)
        if str(address) != text:
            msg = f"{text!r} is not a chat address: it escapes what needs no escape"
            raise ValueError(msg)
        return address


def _escape(text: str) -> str:
    return text.replace("%", "%25").replace(":", "%3A")


def _unescape(text: str) -> str:
    return text.replace("%3A", ":").replace("%25", "%")
