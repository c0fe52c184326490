"""The webhook: set, unset, and updates posted to it, ordered in a chat, chats side by side."""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from agentcore.clock import SECOND, Micros
from tests.simulators.telegram_server.parameters import Parameters, of_json
from tests.simulators.telegram_server.refusals import JSON, bad_request, too_many
from tests.simulators.telegram_server.updates import Pending, Updates

PATIENCE = 60.0
"""Seconds until an endpoint counts as too slow."""
LONGEST_RETRY_AFTER = 3600


@dataclass(slots=True)
class Settings:
    url: str = ""
    secret: str = ""
    max_connections: int = 40
    last_error: tuple[int, str] | None = None


@dataclass(slots=True)
class Webhook:
    """`carry_out` runs the call that an endpoint may answer with."""

    updates: Updates
    carry_out: Callable[[str, Parameters], Awaitable[Any]]
    tasks: asyncio.TaskGroup
    client: httpx.AsyncClient
    settings: Settings = field(default_factory=Settings)
    delivered: list[int] = field(default_factory=list)
    """The ids that an endpoint took, in the order of its answers."""
    attempts: list[int] = field(default_factory=list)
    """The ids that were posted, tries that failed included."""
    _busy: set[int] = field(default_factory=set)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _set_at: Micros | None = None
    _random: random.Random = field(default_factory=lambda: random.Random(7))  # noqa: S311 (chance, no secret)

    def set(self, asked: Parameters) -> str:
        """Answer a setWebhook: what the server says to it.

        Raises:
            Refused: The URL or the secret won't do, or it was just set.
        """
        url = asked.text("url").strip()
        if not url:
            return self.delete(asked)
        _check(url, asked.text("secret_token"))
        now = self.updates.timeline.now()
        if self._set_at is not None and now - self._set_at < SECOND:
            raise too_many(1)
        self._set_at = now
        self.updates.allow(asked)
        if asked.flag("drop_pending_updates"):
            self.updates.drop()
        most = min(max(asked.integer("max_connections", 40), 1), 100)
        settings = Settings(url, asked.text("secret_token"), most)
        same = (settings.url, settings.secret, most) == (
            self.settings.url,
            self.settings.secret,
            self.settings.max_connections,
        )
        self.settings = settings
        self.updates.webhook_set = True
        self.updates.abort_poll("terminated by setWebhook request")
        self.pump()
        return "Webhook is already set" if same else "Webhook was set"

    def delete(self, asked: Parameters) -> str:
        if asked.flag("drop_pending_updates"):
            self.updates.drop()
        was, self.settings = self.settings, Settings()
        self.updates.webhook_set = False
        return "Webhook was deleted" if was.url else "Webhook is already deleted"

    @property
    def info(self) -> JSON:
        settings = self.settings
        info: JSON = {
            "url": settings.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self.updates.pending),
            "allowed_updates": sorted(self.updates.allowed),
        }
        if settings.url:
            info |= {"max_connections": settings.max_connections, "ip_address": "127.0.0.1"}
        if settings.last_error is not None:
            at, said = settings.last_error
            info |= {"last_error_date": at, "last_error_message": said}
        return info

    @property
    def posting(self) -> bool:
        """Whether posts are on their way now."""
        return bool(self._tasks)

    def pump(self) -> None:
        """Send what may be sent now: the first of every chat, as many chats as connections."""
        if not self.updates.webhook_set:
            return
        self.updates.forget_old()
        self.updates.pending.extend(self.updates.take_again())
        now = self.updates.timeline.now()
        seen: set[int] = set()
        for each in self.updates.pending:
            first = each.queue not in seen
            seen.add(each.queue)
            free = len(self._busy) < self.settings.max_connections
            if first and free and each.queue not in self._busy and each.not_before <= now:
                self._busy.add(each.queue)
                task = self.tasks.create_task(self._deliver(each, self.settings))
                self._tasks.add(task)
                task.add_done_callback(self._posted)

    def _posted(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self.updates.bell.ring()

    def stop(self) -> None:
        """No further posts; those on their way are called off."""
        self.updates.webhook_set = False
        for each in list(self._tasks):
            each.cancel()

    async def _deliver(self, pending: Pending, settings: Settings) -> None:
        self.attempts.append(pending.update["update_id"])
        self.updates.bell.ring()
        try:
            response = await self._post(pending, settings)
        finally:
            self._busy.discard(pending.queue)
        if isinstance(response, httpx.Response) and response.is_success:
            if pending in self.updates.pending:
                self.updates.pending.remove(pending)
            self.delivered.append(pending.update["update_id"])
            await self._answered(response)
        else:
            self._later(pending, settings, response)
        self.updates.bell.ring()
        self.pump()

    async def _post(self, pending: Pending, settings: Settings) -> httpx.Response | str:
        headers = {"content-type": "application/json"}
        if settings.secret:
            headers["x-telegram-bot-api-secret-token"] = settings.secret
        body = json.dumps(pending.update, ensure_ascii=False).encode()
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(None) as patience:
                call_off = self.updates.timeline.call_later(
                    PATIENCE, lambda: patience.reschedule(loop.time())
                )
                try:
                    return await self.client.post(settings.url, content=body, headers=headers)
                finally:
                    call_off()
        except httpx.ConnectError:
            return "Connection refused"
        except httpx.HTTPError:
            return "Connection closed"
        except TimeoutError:
            return "Read timeout expired"

    def _later(self, pending: Pending, settings: Settings, response: httpx.Response | str) -> None:
        said = (
            response
            if isinstance(response, str)
            else f"Wrong response from the webhook: {response.status_code} {response.reason_phrase}"
        )
        now = self.updates.timeline.now()
        settings.last_error = (now // SECOND, said)
        pending.tries += 1
        delay = min(float(2 ** (pending.tries - 1)), self._random.uniform(60, 120))
        after = "" if isinstance(response, str) else response.headers.get("retry-after", "")
        if after.isdigit():
            delay = float(min(int(after), LONGEST_RETRY_AFTER))
        pending.not_before = Micros(now + round(delay * SECOND))
        self.updates.timeline.call_later(delay, self.pump)

    async def _answered(self, response: httpx.Response) -> None:
        """A JSON body with a method in it is a call; its result is told to nobody."""
        if "json" not in response.headers.get("content-type", ""):
            return
        try:
            body = response.json()
        except ValueError:
            return
        if isinstance(body, dict) and isinstance(body.get("method"), str):
            method = body.pop("method")
            await self.carry_out(method, of_json(body))


def _check(url: str, secret: str) -> None:
    if not re.match(r"http://(?:127\.0\.0\.1|localhost|\[::1\])[:/]", url):
        if not url.startswith("https://"):
            raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
        port = httpx.URL(url).port
        if port not in {None, 80, 88, 443, 8443}:
            raise bad_request(
                "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443"
            )
        raise bad_request("bad webhook: Failed to resolve host: Name or service not known")
    if len(secret) > 256:
        raise bad_request("secret token is too long")
    if not re.fullmatch(r"[A-Za-z0-9_-]*", secret):
        raise bad_request("secret token contains unallowed characters")
