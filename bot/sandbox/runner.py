"""`CodeRunner` in a process of its own for each call, shut in."""

from __future__ import annotations

import json
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import anyio
from anyio.abc import ByteReceiveStream, ByteSendStream, Process
from pydantic import TypeAdapter, ValidationError

from agentcore.records import storable
from agentcore.tools.code import Code, CodeResult
from bot.sandbox.enclosure import Enclosure

MEGABYTE = 1024 * 1024
TOLD = 400
"""Characters of a process's own complaint that are passed on."""
_TRIAL = Code("def works():\n    return 'yes'", "works", {}, 100)
Pipe = TypeVar("Pipe")
_RESULT = TypeAdapter(CodeResult)


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one call: seconds in all, seconds of processor time, bytes of memory. Of all: how many at
    the same time.
    """

    seconds: float = 30.0
    processor: int = 10
    memory: int = 256 * MEGABYTE
    at_once: int = 4


@dataclass(frozen=True, slots=True)
class _Ended:
    """A process's end. `answer` is cut off where it is longer than any can be."""

    code: int
    answer: bytes
    complaint: str


class IsolatedRunner:
    """Takes the first of the enclosures that works: found by trying, when it is first needed, and
    looked for again while none does.
    """

    def __init__(self, enclosures: Sequence[Enclosure], limits: Limits | None = None) -> None:
        self._enclosures = enclosures
        self._limits = limits or Limits()
        self._places = anyio.CapacityLimiter(self._limits.at_once)
        self._choosing = anyio.Lock()
        self._chosen: Enclosure | None = None

    async def obstacle(self) -> str | None:
        """See `CodeRunner.obstacle`."""
        async with self._choosing:
            return None if self._chosen is not None else await self._choose()

    @property
    def enclosure(self) -> str | None:
        """The name of the one in use, once it is known."""
        return None if self._chosen is None else self._chosen.name

    async def _choose(self) -> str | None:
        """Why none can be."""
        complaints = []
        for each in self._enclosures:
            result = await self._run(each, _TRIAL)
            if result == CodeResult("success", "yes"):
                self._chosen = each
                return None
            complaints.append(f"{each.name}: {result.text}")
        tried = f" ({'; '.join(complaints)})" if complaints else ""
        return (
            f"Code tools can't be isolated on this machine{tried}: install bubblewrap (Linux, on "
            "x86_64 or aarch64), and allow namespaces for the service's user."
        )

    async def run(self, code: Code) -> CodeResult:
        """See `CodeRunner.run`."""
        why = await self.obstacle()
        if self._chosen is None:
            return CodeResult("error", why or "")
        async with self._places:
            return await self._run(self._chosen, code)

    async def _run(self, enclosure: Enclosure, code: Code) -> CodeResult:
        limits = self._limits
        numbers = (enclosure.uid, limits.memory, limits.processor)
        request = {
            "source": code.source,
            "function": code.function,
            "arguments": code.arguments,
            "most": code.most,
            "environment": dict(code.environment),
        }
        try:
            with anyio.fail_after(limits.seconds):
                ended = await _ended([*enclosure.command, *map(str, numbers)], request, code.most)
        except TimeoutError:
            return CodeResult("error", f"It took longer than {limits.seconds:g} seconds.")
        except OSError as error:
            return CodeResult("error", f"It can't be started: {error.strerror}.")
        return self._result(ended, code)

    def _result(self, ended: _Ended, code: Code) -> CodeResult:
        try:
            if ended.code == 0:
                return _sound(_RESULT.validate_json(ended.answer), code.most)
        except ValidationError:
            return CodeResult("error", "It returned too much, or nothing that can be read.")
        if ended.code == 128 + signal.SIGKILL:
            text = f"It used more than {self._limits.processor} seconds of processor time."
            return CodeResult("error", text)
        if ended.code > 128:
            return CodeResult("error", f"It crashed (signal {ended.code - 128}).")
        return CodeResult("error", f"It ended without an answer. {ended.complaint}".strip())


def _sound(result: CodeResult, most: int) -> CodeResult:
    """As far as it may be believed: whoever wrote the source may have written the answer, too."""
    return CodeResult(
        result.status,
        storable(result.text)[: most + TOLD],
        storable(result.stdout)[: 4 * TOLD],
        storable(result.stderr)[: 4 * TOLD],
    )


async def _ended(command: Sequence[str], request: Mapping[str, Any], most: int) -> _Ended:
    """Run a process to its end; whatever ends us ends it."""
    process = await anyio.open_process(command, env={}, cwd="/", start_new_session=True)
    answer, complaint = _Kept(12 * most + MEGABYTE), _Kept(4 * TOLD)
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_feed, _there(process.stdin), json.dumps(request).encode())
            tasks.start_soon(complaint.read, _there(process.stderr), None)
            tasks.start_soon(answer.read, _there(process.stdout), process)
            code = await process.wait()
    finally:
        with anyio.CancelScope(shield=True):
            if process.returncode is None:
                process.kill()
            await process.aclose()
    told = complaint.kept.decode(errors="replace").strip()[-TOLD:]
    return _Ended(code if code >= 0 else 128 - code, answer.kept, storable(told))


def _there(pipe: Pipe | None) -> Pipe:
    if pipe is None:
        msg = "a process was started without its pipes"
        raise RuntimeError(msg)
    return pipe


async def _feed(stream: ByteSendStream, request: bytes) -> None:
    try:
        await stream.send(request)
        await stream.aclose()
    except (anyio.BrokenResourceError, anyio.ClosedResourceError, ConnectionError):
        return  # it ended before it had read everything, which its end says


class _Kept:
    """The beginning of what a process writes; the rest is read and dropped."""

    def __init__(self, most: int) -> None:
        self.kept = b""
        self._most = most

    async def read(self, stream: ByteReceiveStream, ended_by_more: Process | None) -> None:
        async for piece in stream:
            self.kept += piece[: self._most - len(self.kept)]
            if len(self.kept) == self._most and ended_by_more is not None:
                ended_by_more.kill()
                return
