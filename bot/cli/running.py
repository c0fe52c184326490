"""What every command needs: the settings, a service that may be running, errors as sentences."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NoReturn

import anyio

from adapters.base import Service
from agentcore.clock import SystemClock
from agentcore.errors import BadInput, FamiliarError, stack_of
from bot.door.errors import DoorClosed, DoorRefused
from bot.host.lockfile import AlreadyRunning, RunningService, ServiceLock, read_lock
from bot.host.places import lock_path, prepare_folder, sqlite_path
from config.settings import Settings, SettingsError, load_settings

DOTENV = Path(".env")

Command = Callable[[str, Mapping[str, Any]], Awaitable[Any]]
"""Has a command carried out, by its name."""
Printer = Callable[[Any], None]


def settings() -> Settings:
    """The settings, or an end with one sentence for each problem."""
    try:
        return load_settings(os.environ, DOTENV)  # noqa: TID251 (the program's own edge)
    except SettingsError as error:
        fail(*error.problems)


def fail(*sentences: str) -> NoReturn:
    """Say what is wrong, and end with exit code 1."""
    for sentence in sentences:
        sys.stderr.write(f"familiar: {sentence}\n")
    sys.exit(1)


def run(work: Callable[[], Coroutine[Any, Any, int]]) -> NoReturn:
    """Run a command to its exit code; errors that we know become sentences."""
    code = 130  # left by Ctrl-C
    try:
        with contextlib.suppress(KeyboardInterrupt):
            code = anyio.run(work)
    except* (FamiliarError, AlreadyRunning, DoorClosed, DoorRefused, OSError) as errors:
        fail(*(line for each in _leaves(errors) for line in sentence_of(each).splitlines()))
    except* Exception as errors:  # noqa: BLE001 (a traceback might quote what a person wrote)
        fail(*(f"this is a bug in Familiar: {stack_of(each)}" for each in _leaves(errors)))
    sys.exit(code)


def sentence_of(error: BaseException) -> str:
    """What went wrong, without the numbers of the operating system."""
    if isinstance(error, OSError) and error.strerror and error.filename:
        return f"{error.filename}: {error.strerror}."
    return str(error)


def _leaves(group: BaseExceptionGroup[Any]) -> list[BaseException]:
    found: list[BaseException] = []
    for error in group.exceptions:
        found.extend(_leaves(error) if isinstance(error, BaseExceptionGroup) else [error])
    return found


def running_service(chosen: Settings) -> RunningService | None:
    """The service that works on the database now, if one does and has a door."""
    return read_lock(lock_path(sqlite_path(chosen)))


@asynccontextmanager
async def service(chosen: Settings) -> AsyncIterator[Service]:
    """A running service through its door, or the core itself for as long as it is needed.

    Raises:
        AlreadyRunning: another command works on the database at this moment.
        FamiliarError: the database can't be used.
    """
    path = sqlite_path(chosen)
    lock = lock_path(path)
    found = read_lock(lock)
    if found is not None and found.url:
        from bot.door.client import HttpService  # noqa: PLC0415 (an HTTP library, but no engine)

        async with HttpService(found, locate=lambda: read_lock(lock)) as door:
            yield door
        return
    from bot.app import opened  # noqa: PLC0415 (imports the engine)
    from bot.work import running  # noqa: PLC0415

    prepare_folder(path)
    with ServiceLock.acquire(lock):
        async with opened(chosen) as parts, running(parts):
            yield parts.gateway


async def command(chosen: Settings, name: str, arguments: Mapping[str, Any]) -> Any:
    """Carry out a command for the store or the service: in the running one, else here.

    Raises:
        FamiliarError, DoorRefused, DoorClosed: why it can't be done.
    """
    path = sqlite_path(chosen)
    found = read_lock(lock_path(path))
    if found is not None and found.url:
        from bot.door.client import HttpService  # noqa: PLC0415 (an HTTP library, but no engine)

        async with HttpService(found) as door:
            return await door.call(name, arguments)
    if not path.exists():
        msg = f"There is no database {path} yet. `familiar chat` or `familiar serve` makes it."
        raise BadInput(msg)
    return await _here(chosen, path, name, arguments)


@asynccontextmanager
async def session(chosen: Settings) -> AsyncIterator[Command]:
    """As `command`, for one after the other: what they need is opened once.

    Raises:
        FamiliarError, DoorRefused, DoorClosed, AlreadyRunning: why it can't be.
    """
    path = sqlite_path(chosen)
    found = read_lock(lock_path(path))
    if found is not None and found.url:
        from bot.door.client import HttpService  # noqa: PLC0415 (an HTTP library, but no engine)

        async with HttpService(found) as door:
            yield door.call
        return
    from bot.app import opened  # noqa: PLC0415 (the engine)
    from bot.door.parts import COMMANDS  # noqa: PLC0415
    from bot.host.logs import set_up  # noqa: PLC0415

    set_up(level=logging.ERROR)
    prepare_folder(path)
    with ServiceLock.acquire(lock_path(path)):
        async with opened(chosen) as parts:

            async def carried_out(name: str, arguments: Mapping[str, Any]) -> Any:
                return await COMMANDS[name](parts, arguments)

            yield carried_out


async def _here(chosen: Settings, path: Path, name: str, arguments: Mapping[str, Any]) -> Any:
    """Carry out a command in this process."""
    from bot.app import opened, opened_store  # noqa: PLC0415
    from bot.door.commands import COMMANDS  # noqa: PLC0415
    from bot.door.parts import COMMANDS as OF_PARTS  # noqa: PLC0415
    from bot.host.logs import set_up  # noqa: PLC0415
    from bot.models.clients import close_connections  # noqa: PLC0415 (the engine)

    if name in COMMANDS:
        async with opened_store(path, SystemClock(), upgrade=False) as store:
            return await COMMANDS[name](store, arguments)
    set_up(level=logging.ERROR)
    with ServiceLock.acquire(lock_path(path)):
        async with opened(chosen) as parts:
            result = await OF_PARTS[name](parts, arguments)
        await close_connections()
    return result


def print_json(data: Any) -> None:
    """Data for programs: one JSON document on stdout."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=2) + "\n")


def say(line: str = "") -> None:
    """A line for people, on stdout."""
    sys.stdout.write(f"{line}\n")
