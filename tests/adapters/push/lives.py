from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field

from adapters.delivery import DeliveryError, Outbound, RateLimited
from tests.adapters.push.watched_answers import Sends
from tests.simulators.timeline import SteppedTimeline


@dataclass
class Lives:
    """One process after the other; `sending` is the newest one's."""

    opened: Callable[[], AbstractAsyncContextManager[Sends]]
    time: SteppedTimeline
    process: AsyncExitStack
    sending: Sends = field(init=False)

    async def begin_anew(self) -> None:
        await self.process.aclose()
        self.sending = await self.process.enter_async_context(self.opened())

    async def sent(self, chunk: Outbound) -> bool:
        """Whether it was; if not, then that long has passed after which it is tried again."""
        try:
            await self.sending.send(chunk)
        except RateLimited as error:
            self.time.advance(error.retry_after)
        except DeliveryError:
            self.time.advance(1)
        else:
            return True
        return False
