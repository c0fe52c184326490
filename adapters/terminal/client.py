"""`chat`: the terminal client from its first line to its exit code."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import anyio

from adapters.base import Service, ServiceGone
from adapters.terminal import pipe
from adapters.terminal.conversation import Conversation, Face
from adapters.terminal.people import BadUserName, user_name
from adapters.terminal.screen import Screen

BROKEN_PIPE = 128 + signal.SIGPIPE
INTERRUPTED = 128 + signal.SIGINT


@dataclass(frozen=True, slots=True)
class Console:
    """Where a chat takes place. `history`: the file that keeps a person's lines, if any."""

    stdin: TextIO
    stdout: TextIO
    stderr: TextIO
    history: Path | None = None
    colour: bool = True

    @classmethod
    def standard(cls, *, history: Path | None = None, colour: bool = True) -> Console:
        """The process's own."""
        return cls(sys.stdin, sys.stdout, sys.stderr, history, colour)

    @property
    def interactive(self) -> bool:
        return self.stdin.isatty() and self.stdout.isatty()


async def chat(service: Service, user: str, console: Console) -> int:
    """Talk until the input ends; the exit code.

    0: all is said and answered. 1: a message was refused or came to nothing, or the service
    went away. 2: the user's name can't be one. 130: left by a second Ctrl-C. 141: nobody reads
    our output any more.
    """
    for stream in (console.stdout, console.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="replace")  # a terminal that can't show an emoji is no error
    try:
        name = user_name(user)
    except BadUserName as error:
        _complain(console.stderr, error)
        return 2
    talk = _at_tty if console.interactive else _at_pipe
    status = 0
    try:
        status = await talk(service, name, console)
    except* BrokenPipeError:
        _forget(console.stdout)
        status = BROKEN_PIPE
    except* ServiceGone as gone:
        _complain(console.stderr, _first(gone))
        status = 1
    return status


async def _at_pipe(service: Service, user: str, console: Console) -> int:
    face = pipe.PipeFace(console.stdout, console.stderr)
    async with _conversation(service, user, face) as conversation:
        return await pipe.converse(conversation, console.stdin.fileno(), face)


async def _at_tty(service: Service, user: str, console: Console) -> int:
    # Only here: a machine without readline can still be talked to through a pipe.
    from adapters.terminal.keyboard import Keyboard, interrupts  # noqa: PLC0415
    from adapters.terminal.lines import LineReader  # noqa: PLC0415

    keyboard = Keyboard(console.stdin.fileno())
    screen = Screen(
        console.stdout,
        lambda: os.get_terminal_size(console.stdout.fileno()),
        keyboard.typed,
        colour=console.colour,
    )
    async with _conversation(service, user, screen, keyboard.forget) as conversation:
        with (
            keyboard.opened(console.history),
            LineReader(lambda: keyboard.read(screen.prompt(user))) as reader,
        ):
            while True:
                keyboard.for_prompt()
                screen.begin_prompt(user)
                line = await reader.next()
                screen.end_prompt()
                if not isinstance(line, str):
                    screen.line_break()
                    return 0
                if not line.strip():
                    continue
                keyboard.for_waiting()
                turn = _Turn(conversation, line, screen)
                with interrupts(turn.interrupt):
                    await turn.run()
                if turn.left:
                    screen.line_break()
                    return INTERRUPTED


class _Turn:
    """One line and its answer, which Ctrl-C stops; a second Ctrl-C leaves the chat."""

    def __init__(self, conversation: Conversation, line: str, screen: Screen) -> None:
        self._conversation = conversation
        self._line = line
        self._screen = screen
        self._interrupted = anyio.Event()
        self._scope = anyio.CancelScope()
        self.left = False

    def interrupt(self) -> None:
        if self._interrupted.is_set():
            self.left = True
            self._scope.cancel()
        self._interrupted.set()

    async def run(self) -> None:
        with self._scope:
            async with anyio.create_task_group() as group:
                group.start_soon(self._stop_when_interrupted)
                await self._guarded(lambda: self._conversation.say(self._line))
                group.cancel_scope.cancel()

    async def _stop_when_interrupted(self) -> None:
        await self._interrupted.wait()
        await self._guarded(self._conversation.stop)

    async def _guarded(self, talk: Callable[[], Awaitable[object]]) -> None:
        try:
            await talk()
        except (ServiceGone, BrokenPipeError):
            raise
        except Exception as error:  # noqa: BLE001 - not stored: the person may say it again
            self._screen.remark(f"That was not sent: {str(error) or type(error).__name__}")


@asynccontextmanager
async def _conversation(
    service: Service, user: str, face: Face, forget: Callable[[], None] = lambda: None
) -> AsyncGenerator[Conversation, None]:
    """A conversation whose feed is followed for as long as the block runs."""
    conversation = Conversation(service, user, face, forget)
    async with anyio.create_task_group() as group:
        group.start_soon(conversation.follow)
        await conversation.begin()
        yield conversation
        group.cancel_scope.cancel()


def _complain(stream: TextIO, error: BaseException) -> None:
    stream.write(f"familiar: {error}\n")
    stream.flush()


def _forget(stream: TextIO) -> None:
    """Let the interpreter's last flush of a broken pipe go nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _first(group: BaseExceptionGroup[ServiceGone]) -> BaseException:
    found: BaseException = group
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    return found
