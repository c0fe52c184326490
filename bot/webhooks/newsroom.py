"""`Newsroom` over the hints of one process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from agentcore.records import AgentId
from bot.waking.hints import Hints, Watcher

LOOK_AGAIN = 2.0
"""Seconds after which a follower looks by itself: it may have been another process, or an edit."""


@dataclass(frozen=True, slots=True)
class _Following:
    watcher: Watcher

    async def wait(self) -> None:
        await self.watcher.bell.wait(at_most=LOOK_AGAIN)


class HintedNewsroom:
    """`callback_secret` is what the callbacks of an agent's runs are signed with."""

    def __init__(self, hints: Hints, callback_secret: Callable[[AgentId], str]) -> None:
        self._hints = hints
        self._callback_secret = callback_secret

    @contextmanager
    def follow(self, agent_id: AgentId) -> Iterator[_Following]:
        """See `Newsroom.follow`."""
        watcher = self._hints.watch(agent_id, previews=False)
        try:
            yield _Following(watcher)
        finally:
            self._hints.unwatch(agent_id, watcher)

    def webhooks_changed(self) -> None:
        """See `Newsroom.webhooks_changed`."""
        self._hints.hooks.ring()
        self._hints.news.ring()

    def callback_secret(self, agent_id: AgentId) -> str:
        """See `Newsroom.callback_secret`."""
        return self._callback_secret(agent_id)
