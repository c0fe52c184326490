"""An answer is shown while it is made, where the platform can, and gets in nobody's way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from adapters.addresses import ChatAddress
from adapters.base import Service
from adapters.delivery import Outbound, Sent
from adapters.testing import FakePushAdapter, PushPlatform
from agentcore.model import Emit, ModelAnswer, ModelRequest, TextDelta
from agentcore.records import ToolCall
from agentcore.testing import ScriptedModel
from bot.app import Replacements
from tests.house import FAST, House, house, working

NOTE = ToolCall("call-1", "memory_insert", '{"label": "human", "new_string": "Likes tea."}')


class Dictated(ScriptedModel):
    """Says an answer piece by piece, each when it is let."""

    def __init__(self, *answers: Sequence[str], calls: Sequence[ToolCall] = ()) -> None:
        super().__init__()
        self._answers = list(answers)
        self._calls = calls
        self._steps = asyncio.Semaphore(0)
        self.said = asyncio.Event()
        """Set when an answer lacks but its end."""

    def go_on(self, pieces: int = 1) -> None:
        for _ in range(pieces):
            self._steps.release()

    async def stream(self, request: ModelRequest, emit: Emit) -> ModelAnswer:
        pieces = self._answers.pop(0)
        for piece in pieces:
            await self._steps.acquire()
            emit(TextDelta(piece))
        self.said.set()
        await self._steps.acquire()
        calls = tuple(self._calls) if self._answers else ()
        return ModelAnswer("".join(pieces), calls, "tool_calls" if calls else "stop")


class SlowToShow(FakePushAdapter):
    """Keeps what it was asked for in order; shows nothing before it is let."""

    def __init__(self, service: Service, platform: PushPlatform) -> None:
        super().__init__(service, platform)
        self._changes = platform.changes
        self.log: list[str] = []
        self.gate = asyncio.Event()
        self.wrong: Exception | None = None

    async def show_preview(self, address: ChatAddress, text: str, *, turn: str) -> None:
        self.log.append(f"begun {text}")
        self._changes.tell()
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.log.append("called off")
            raise
        if self.wrong is not None:
            raise self.wrong
        await super().show_preview(address, text, turn=turn)

    async def send(self, chunk: Outbound) -> Sent:
        self.log.append(f"sent {chunk.text}")
        return await super().send(chunk)


@asynccontextmanager
async def service(
    folder: Path, model: ScriptedModel, *, kind: type[FakePushAdapter] = FakePushAdapter
) -> AsyncIterator[tuple[House, PushPlatform]]:
    platform = PushPlatform()
    replaced = Replacements(limits=FAST, adapters=lambda context: [kind(context.service, platform)])
    async with house(folder, model, replacements=replaced) as home, working(home):
        yield home, platform


def slow(home: House) -> SlowToShow:
    (adapter,) = (each for each in home.parts.adapters.values() if isinstance(each, SlowToShow))
    return adapter


def shown(platform: PushPlatform) -> list[str]:
    return [each.text for each in platform.previews]


def seen(platform: PushPlatform) -> list[str]:
    return [each.text for each in platform.seen("ada")]


async def test_an_answer_grows_before_the_eyes_of_who_asked_and_then_is_there(
    tmp_path: Path,
) -> None:
    model = Dictated([" ", "Tea", " it", " is."])
    async with service(tmp_path, model) as (_, platform):
        platform.write("ada", "What now?")
        model.go_on(2)
        await platform.until(lambda: shown(platform) == [" Tea"])
        model.go_on()
        await platform.until(lambda: shown(platform) == [" Tea", " Tea it"])
        model.go_on(2)
        await platform.until(lambda: seen(platform) == ["Tea it is."])
    assert len({each.turn for each in platform.previews}) == 1
    assert {each.after for each in platform.previews} == {0}


async def test_who_is_slow_to_show_it_is_given_the_newest(tmp_path: Path) -> None:
    model = Dictated(["Tea", " it", " is."])
    async with service(tmp_path, model, kind=SlowToShow) as (home, platform):
        adapter = slow(home)
        platform.write("ada", "What now?")
        model.go_on(1)
        await platform.until(lambda: adapter.log == ["begun Tea"])
        model.go_on(2)
        await model.said.wait()
        adapter.gate.set()
        await platform.until(lambda: shown(platform) == ["Tea", "Tea it is."])
        model.go_on()
        await platform.until(lambda: seen(platform) == ["Tea it is."])


async def test_one_that_is_still_being_shown_holds_nothing_up(tmp_path: Path) -> None:
    model = Dictated(["Tea it is."])
    async with service(tmp_path, model, kind=SlowToShow) as (home, platform):
        adapter = slow(home)
        platform.write("ada", "What now?")
        model.go_on()
        await platform.until(lambda: adapter.log == ["begun Tea it is."])
        model.go_on()
        await platform.until(lambda: seen(platform) == ["Tea it is."])
    assert adapter.log[1:] == ["called off", "sent Tea it is."]


async def test_a_platform_that_fails_to_show_it_gets_the_answer_all_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = Dictated(["Tea", " it is."])
    async with service(tmp_path, model, kind=SlowToShow) as (home, platform):
        adapter = slow(home)
        adapter.wrong = RuntimeError("a marker of what was said")
        adapter.gate.set()
        platform.write("ada", "What now?")
        model.go_on()
        await platform.until(lambda: adapter.log == ["begun Tea"])
        model.go_on(2)
        await platform.until(lambda: seen(platform) == ["Tea it is."])
    logged = "".join(capsys.readouterr())
    assert "preview not shown" in logged
    assert "marker" not in logged


async def test_the_answer_after_a_tool_begins_anew(tmp_path: Path) -> None:
    model = Dictated(["I note it."], ["Noted."], calls=[NOTE])
    async with service(tmp_path, model) as (_, platform):
        platform.write("ada", "I like tea")
        model.go_on()
        await platform.until(lambda: shown(platform) == ["I note it."])
        model.go_on(2)
        await platform.until(lambda: shown(platform) == ["I note it.", "Noted."])
        model.go_on()
        await platform.until(lambda: len(seen(platform)) > 0)
    assert seen(platform)[0] == "I note it.\n\nNoted."


async def test_nothing_more_is_shown_once_somebody_has_stopped_it(tmp_path: Path) -> None:
    model = Dictated(["Tea", " it is."])
    async with service(tmp_path, model, kind=SlowToShow) as (home, platform):
        adapter = slow(home)
        platform.write("ada", "What now?")
        model.go_on()
        await platform.until(lambda: adapter.log == ["begun Tea"])
        platform.write("ada", "/stop")
        await platform.until(lambda: "Stopped." in seen(platform))
    assert shown(platform) == []
    assert adapter.log.index("called off") < adapter.log.index("sent Stopped.")
