"""A stream taken in, event by event, up to the one that ends it. Knows no network."""

from __future__ import annotations

from agentcore.direct_model.events import EventReader
from agentcore.direct_model.failures import broken_off, cut
from agentcore.direct_model.reading import counted_in, parsed, piece_of
from agentcore.direct_model.usage import usage_of
from agentcore.model import ModelAnswer
from agentcore.providers.attempts import Preview
from agentcore.providers.config import ProviderConfig
from agentcore.providers.fragments import Fragments
from agentcore.providers.usage import Counted

_DONE = b"[DONE]"


class StreamedAnswer:
    """What has come of one answer. `ended`: nothing more belongs to it."""

    def __init__(self, config: ProviderConfig, preview: Preview, *, sent_tools: bool) -> None:
        self._config = config
        self._preview = preview
        self._sent_tools = sent_tools
        self._events = EventReader()
        self._fragments = Fragments()
        self._counted: Counted | None = None
        self.ended = False

    def feed(self, content: bytes) -> None:
        """Take in what came next, and show its text.

        Raises:
            ModelError, Unreadable: the stream tells of a failure, or isn't one of chunks.
        """
        for event in self._events.feed(content):
            if event == _DONE:
                self.ended = True
                return
            self._take(event)

    def _take(self, event: bytes) -> None:
        chunk = parsed(event)
        if error := broken_off(chunk, self._config.name, sent_tools=self._sent_tools):
            raise error
        self._counted = counted_in(chunk) or self._counted
        piece = piece_of(chunk)
        self._fragments.add(piece)
        if piece.text:
            self._preview.show(piece.text)

    def whole(self) -> ModelAnswer:
        """The finished answer.

        Raises:
            ModelUnavailable: it never said that it is finished.
            MalformedAnswer: a call without a name.
        """
        if self._fragments.finish is None:
            raise cut(self._config.name)
        return self._fragments.whole(self._config.name, usage_of(self._counted, self._config))
