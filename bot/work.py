"""The parts of a service at work: what starts with what, and ends in which order."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import anyio
import structlog
from anyio.abc import TaskGroup

from adapters.abilities import ReportsHealth
from adapters.base import Adapter, PlatformRefuses
from agentcore.errors import stack_of
from bot.app import Parts
from bot.models.clients import close_connections, warm_up

_log = structlog.get_logger(__name__)

_FAILED = "failed: "

RESTART_FIRST = 1.0
RESTART_LONGEST = 300.0
"""Seconds until a failed adapter runs again; doubled with every failure in a row."""


@asynccontextmanager
async def running(
    parts: Parts,
    supervisor: Supervisor | None = None,
    *,
    loaded: Callable[[], None] = lambda: None,
) -> AsyncIterator[None]:
    """The parts at work from the beginning of the block to its end.

    The end lets running turns finish, then sends what they said, and only then takes the
    adapters off their platforms; what comes in meanwhile is stored for the next start. `loaded` is
    called once, when everything that turns need has been imported, before the first of them.
    """
    async with anyio.create_task_group() as receiving:
        if supervisor is not None:
            supervisor.start(receiving)
        receiving.start_soon(parts.upkeep.run)
        receiving.start_soon(parts.outside.deliveries.run)
        if parts.embedding is not None:
            receiving.start_soon(parts.embedding.run)
        async with anyio.create_task_group() as sending:
            sending.start_soon(parts.sender.run)
            async with anyio.create_task_group() as turns:
                turns.start_soon(_take_turns, parts, loaded)
                turns.start_soon(parts.sleep.run)
                try:
                    yield
                finally:
                    parts.sleep.stop()
                    parts.dispatcher.stop()
            parts.sender.stop()
        receiving.cancel_scope.cancel()
    await close_connections()


async def _take_turns(parts: Parts, loaded: Callable[[], None]) -> None:
    """Turns begin when the library that they need is there: a process that dies while it loads
    has tried none of them.
    """
    try:
        await warm_up(parts.settings)
    except Exception as error:  # noqa: BLE001 (the first call will tell its user)
        _log.error("what models are reached with could not be loaded", stack=stack_of(error))
    loaded()
    await parts.dispatcher.run()


class Supervisor:
    """Runs adapters, and runs them again when they fail: never the whole process."""

    def __init__(self, adapters: Mapping[str, Adapter]) -> None:
        self._adapters = adapters
        self._state: dict[str, str] = dict.fromkeys(adapters, "starting")

    @property
    def state(self) -> Mapping[str, str]:
        """How each adapter fares: "ok", or what is wrong."""
        return {name: self._found(name, state) for name, state in self._state.items()}

    def _found(self, name: str, state: str) -> str:
        adapter = self._adapters[name]
        if not state.startswith(_FAILED) and isinstance(adapter, ReportsHealth):
            told = adapter.health()
            return state if told == "ok" else told
        return state

    def start(self, tasks: TaskGroup) -> None:
        for adapter in self._adapters.values():
            tasks.start_soon(self._keep_running, adapter)

    async def _keep_running(self, adapter: Adapter) -> None:
        pause = RESTART_FIRST
        while True:
            started = anyio.current_time()
            try:
                await adapter.run(lambda: self._state.__setitem__(adapter.name, "ok"))
                trouble = "it ended by itself"
            except PlatformRefuses as error:
                trouble = str(error)
                _log.error("adapter refused", adapter=adapter.name, why=trouble)
            except Exception as error:  # noqa: BLE001 (one adapter's bug must not stop the others)
                trouble = type(error).__name__
                _log.error("adapter failed", adapter=adapter.name, stack=stack_of(error))
            self._state[adapter.name] = f"{_FAILED}{trouble}"
            if anyio.current_time() - started > RESTART_LONGEST:
                pause = RESTART_FIRST
            await anyio.sleep(pause)
            pause = min(RESTART_LONGEST, pause * 2)
