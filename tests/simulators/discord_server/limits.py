"""How much a bot may do: buckets, fifty calls a second over all, and the ban of who won't listen.

Discord doesn't publish the buckets' numbers; a bot reads them from the headers. These are like
those that were seen.
"""

from __future__ import annotations

import hashlib
import json
from collections import deque
from dataclasses import dataclass, field

from agentcore.clock import SECOND
from tests.simulators.discord_server.answers import Answer
from tests.simulators.discord_server.refusals import JSON
from tests.simulators.discord_server.timeline import Timeline

BANNED = (
    "<!doctype html><html><head><title>Access denied | discord.com used Cloudflare to restrict "
    "access</title></head><body><h1>Error 1015</h1><p>You are being rate limited</p></body></html>"
)


@dataclass(frozen=True, slots=True)
class Window:
    most: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Limits:
    """`messages` and `edits` are for each channel, `others` for each route and channel or guild."""

    messages: Window = Window(5, 5.0)
    edits: Window = Window(5, 5.0)
    reactions: Window = Window(1, 0.25)
    others: Window = Window(10, 5.0)
    overall: Window = Window(50, 1.0)
    invalid: Window = Window(10_000, 600.0)
    gateway_sends: Window = Window(120, 60.0)
    identifies: Window = Window(1000, 86_400.0)
    concurrency: Window = Window(1, 5.0)


_SPECIAL = {
    "POST /channels/{}/messages": "messages",
    "PATCH /channels/{}/messages/{}": "edits",
    "PUT /channels/{}/messages/{}/reactions/{}/@me": "reactions",
    "DELETE /channels/{}/messages/{}/reactions/{}/@me": "reactions",
}
_FREE = Window(1000, 1.0)
"""What the headers tell where nothing is limited."""


@dataclass(slots=True)
class Rolling:
    """How many came in the last so many seconds."""

    window: Window
    came: deque[int] = field(default_factory=deque)

    def count(self, now: int) -> int:
        while self.came and self.came[0] <= now - self.window.seconds * SECOND:
            self.came.popleft()
        return len(self.came)

    def full(self, now: int) -> bool:
        return self.count(now) >= self.window.most

    def wait(self, now: int) -> float:
        """How long until the oldest no longer counts."""
        if not self.count(now):
            return 0.0
        return (self.came[0] + self.window.seconds * SECOND - now) / SECOND


@dataclass(slots=True)
class _Bucket:
    window: Window
    used: int = 0
    ends: float = 0.0

    def refill(self, now: int) -> None:
        if now >= self.ends:
            self.used, self.ends = 0, now + self.window.seconds * SECOND


class RateLimits:
    def __init__(self, limits: Limits | None, timeline: Timeline) -> None:
        self.limits = limits
        self._timeline = timeline
        self._buckets: dict[tuple[str, str], _Bucket] = {}
        self._all = Rolling((limits or Limits()).overall)
        self._invalid = Rolling((limits or Limits()).invalid)

    def take(
        self, route: str, ids: tuple[str, ...], *, counts_overall: bool
    ) -> tuple[Answer | None, JSON]:
        """Count a call: the refusal if it is one too many, and the headers of its answer."""
        now = self._timeline.now()
        if self.limits is not None and self._invalid.full(now):
            return Answer(429, BANNED.encode(), {"Content-Type": "text/html"}), {}
        bucket = self._bucket(route, ids)
        bucket.refill(now)
        if self.limits is not None and counts_overall:
            if self._all.full(now):
                return too_many(self._all.wait(now), "global"), {}
            self._all.came.append(now)
        over = self.limits is not None and bucket.used >= bucket.window.most
        bucket.used += not over
        headers = _headers(route, bucket, now)
        if over:
            answer = too_many((bucket.ends - now) / SECOND, "user")
            return answer.with_headers(headers), {}
        return None, headers

    def told(self, route: str, ids: tuple[str, ...]) -> dict[str, str]:
        """The headers, without counting a call."""
        bucket = self._bucket(route, ids)
        bucket.refill(self._timeline.now())
        return _headers(route, bucket, self._timeline.now())

    def note(self, answer: Answer) -> None:
        """Whoever is told no too often is banned; a shared limit is nobody's fault."""
        if answer.status in {401, 403} or (
            answer.status == 429 and answer.headers.get("X-RateLimit-Scope") != "shared"
        ):
            self._invalid.came.append(self._timeline.now())

    @property
    def invalid(self) -> int:
        """How many calls of the last ten minutes count against the bot."""
        return self._invalid.count(self._timeline.now())

    def _bucket(self, route: str, ids: tuple[str, ...]) -> _Bucket:
        if self.limits is None:
            return _Bucket(_FREE)
        window: Window = getattr(self.limits, _SPECIAL.get(route, "others"))
        return self._buckets.setdefault((route, _major(route, ids)), _Bucket(window))


def _major(route: str, ids: tuple[str, ...]) -> str:
    """What a route has a bucket for each of: a channel, a guild, or a webhook with its token."""
    two = "/webhooks/{}/{}" in route or "/applications/{}/guilds/{}" in route
    return "+".join(ids[: 2 if two else 1])


def _headers(route: str, bucket: _Bucket, now: int) -> dict[str, str]:
    after = (bucket.ends - now) / SECOND
    return {
        "X-RateLimit-Limit": str(bucket.window.most),
        "X-RateLimit-Remaining": str(max(0, bucket.window.most - bucket.used)),
        "X-RateLimit-Reset": f"{bucket.ends / SECOND:.3f}",
        "X-RateLimit-Reset-After": f"{after:.3f}",
        "X-RateLimit-Bucket": hashlib.md5(route.encode()).hexdigest(),  # noqa: S324 (a name)
    }


def too_many(seconds: float, scope: str = "user", *, via: bool = True, code: int = 0) -> Answer:
    """The 429 of a bucket (`user`), of what others use too (`shared`), or of all (`global`)."""
    body: JSON = {
        "message": "You are being rate limited.",
        "retry_after": round(seconds, 3),
        "global": scope == "global",
    }
    if code:
        body["code"] = code
    headers = {
        "Content-Type": "application/json",
        "Retry-After": str(max(1, round(seconds + 0.5))),
        "X-RateLimit-Scope": scope,
    }
    if scope == "global":
        headers["X-RateLimit-Global"] = "true"
    if via:
        headers["Via"] = "1.1 google"
    return Answer(429, json.dumps(body).encode(), headers)
