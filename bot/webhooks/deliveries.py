"""Telling webhooks what happened to agents, and calling back the clients of runs.

What is told is read from the rows at that moment, after a place that stands with the webhook and is
moved on when it has answered: so nothing is lost by a kill, what was told twice has the same id, and
what was forgotten meanwhile isn't told at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import anyio
import structlog
from anyio.abc import TaskGroup
from pydantic_core import to_json

from adapters.web.rest.turns.happening_views import happening_view
from adapters.web.rest.turns.run_views import run_view
from agentcore.clock import DAY, HOUR, SECOND, Clock, Micros, seconds
from agentcore.errors import StoreError, stack_of
from agentcore.records import Actor, AgentId
from agentcore.records.happenings import DueCallback, DueWebhook, Undelivered
from agentcore.store import Store
from bot.egress import Egress, EgressFailed, EgressRefused, EgressRequest
from bot.waking.hints import Hints
from bot.webhooks.signing import DELIVERY, EVENT, signed

_log = structlog.get_logger(__name__)

AT_ONCE = 20
PAGE = 20
HOLD = Micros(60 * SECOND)
PATIENCE = 15.0
"""Seconds that a receiver has to answer."""
LONGEST_PAUSE = Micros(HOUR)
GIVEN_UP = Micros(3 * DAY)
"""After so long without one delivery, a webhook is disabled."""
CALLED_FOR = Micros(DAY)
"""A callback is tried for so long."""
GONE = 410
LOOK_AGAIN = 30.0
LOOK_OFTEN = 1.0
ALERT = 60.0
"""Seconds for which it is looked often once there may be somebody to tell: a run that is to be called
back for may wait in its agent's queue.
"""

_TELLER = Actor("service", "webhooks")


@dataclass(frozen=True, slots=True)
class Deliverer:
    """What goes out by, and how: `first_pause` in seconds, doubled with each failure in a row."""

    egress: Egress
    callback_secret: Callable[[AgentId], str]
    first_pause: float = 1.0


class Deliveries:
    """One per process that works; any number of processes do so side by side."""

    def __init__(self, store: Store, deliverer: Deliverer, hints: Hints, clock: Clock) -> None:
        self._store = store
        self._deliverer = deliverer
        self._hints = hints
        self._clock = clock
        self._busy = 0

    async def run(self) -> None:
        """Until cancelled."""
        alert = 0.0
        async with anyio.create_task_group() as tasks:
            while True:
                wanted = self._busy > 0 or anyio.current_time() < alert
                try:
                    wanted = await self._store.webhooks.any() or wanted
                    if wanted:
                        await self._begin(tasks)
                except StoreError as error:
                    _log.error("webhooks wait", error=str(error))
                if wanted:
                    await self._hints.news.wait(at_most=LOOK_OFTEN)
                elif await self._hints.hooks.wait(at_most=LOOK_AGAIN):
                    alert = anyio.current_time() + ALERT

    async def _begin(self, tasks: TaskGroup) -> None:
        """Whatever is due and isn't held, as far as there is room."""
        hooks, free = self._store.webhooks, AT_ONCE - self._busy
        if free <= 0:
            return
        for hook in await hooks.due(limit=free, hold=HOLD):
            tasks.start_soon(self._at_work, self._tell, hook)
        for callback in await hooks.due_callbacks(limit=free, hold=HOLD):
            tasks.start_soon(self._at_work, self._call_back, callback)

    async def _at_work(self, work: Callable[[Any], Any], due: DueWebhook | DueCallback) -> None:
        self._busy += 1
        try:
            await work(due)
        except Exception as error:  # noqa: BLE001 (one delivery must not stop the others; it is due again)
            _log.error("a delivery failed", stack=stack_of(error))
        finally:
            self._busy -= 1
            self._hints.news.ring()

    async def _tell(self, due: DueWebhook) -> None:
        """What is next for a webhook, one thing after the other. Each is read when it is told: while
        a receiver takes its time, what comes behind may be forgotten.
        """
        hook, hooks, place = due.webhook, self._store.webhooks, due.place
        following = self._store.for_agent(hook.agent_id, _TELLER).following
        for _ in range(PAGE):
            page = await following.after(place, limit=PAGE)
            each = next((each for each in page.items if each.kind in hook.kinds), None)
            if each is None:
                place = page.place
                break
            view = happening_view(hook.agent_id, each)
            headers = {EVENT: each.kind, DELIVERY: str(view["id"])}
            failure = await self._post(hook.url, due.secret, view, headers)
            if failure is not None:
                again = self._again(due, failure)
                await hooks.failed(hook.webhook_id, again)
                await self._until(again)
                return
            if not await hooks.told(hook.webhook_id, each.place, hold=HOLD):
                return
            place = each.place
        await hooks.told(hook.webhook_id, place, hold=None, delivered=False)

    async def _until(self, failure: Undelivered) -> None:
        """The next try, if that is sooner than anybody looks."""
        if failure.again_at is not None:
            pause = (failure.again_at - self._clock.now()) / SECOND
            if pause < LOOK_OFTEN:
                await anyio.sleep(pause)

    def _again(self, due: DueWebhook, failure: Undelivered) -> Undelivered:
        now, hook = self._clock.now(), due.webhook
        since = hook.failing_since or now
        if failure.status == GONE:
            return _given_up(failure, "The receiver answered 410: it wants no more of this.")
        if now - since >= GIVEN_UP:
            return _given_up(failure, "Nothing has got through for three days.")
        return self._later(failure, hook.tries)

    def _later(self, failure: Undelivered, tries: int) -> Undelivered:
        pause = seconds(self._deliverer.first_pause * 2 ** min(tries, 20))
        again = Micros(self._clock.now() + min(LONGEST_PAUSE, pause))
        return Undelivered(failure.error, failure.status, again)

    async def _call_back(self, due: DueCallback) -> None:
        """Tell the client of a run that it is over."""
        run = run_view(await self._store.requests.run(due.turn_id))
        body = {
            "run_id": due.turn_id,
            "agent_id": due.agent_id,
            "status": run["status"],
            "completed_at": run["completed_at"],
            "stop_reason": run["stop_reason"],
            "metadata": run["metadata"],
        }
        secret = self._deliverer.callback_secret(due.agent_id)
        headers = {EVENT: "run.callback", DELIVERY: f"{due.turn_id}:callback"}
        failure = await self._post(due.url, secret, body, headers)
        if failure is not None:
            gone = failure.status == GONE or self._clock.now() - due.ended_at >= CALLED_FOR
            failure = failure if gone else self._later(failure, due.tries)
        await self._store.webhooks.called_back(due.turn_id, failure)
        if failure is not None:
            await self._until(failure)

    async def _post(
        self, url: str, secret: str, content: Mapping[str, Any], headers: Mapping[str, str]
    ) -> Undelivered | None:
        """Send one delivery. None: it was taken."""
        body = to_json(content)
        request = EgressRequest(
            url,
            method="POST",
            headers={
                "Content-Type": "application/json",
                **headers,
                **signed(secret, body, self._clock.now()),
            },
            body=body,
            max_bytes=64 * 1024,
            seconds=PATIENCE,
        )
        try:
            answer = await self._deliverer.egress.fetch(request)
        except (EgressFailed, EgressRefused) as error:
            return Undelivered(str(error))
        if 200 <= answer.status < 300:
            return None
        return Undelivered(f"The receiver answered {answer.status}.", answer.status)


def _given_up(failure: Undelivered, reason: str) -> Undelivered:
    return Undelivered(failure.error, failure.status, None, reason)
