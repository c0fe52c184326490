"""The toy adapter keeps what is asked of every adapter, and a service that runs with it remembers."""

from __future__ import annotations

import errno
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event

import anyio
import pytest

from adapters.addresses import ChatAddress
from adapters.conformance import PushConformance, PushHarness
from adapters.delivery import ChatUnreachable, DeliveryError, TemporaryFailure
from adapters.testing import FakeService, fake_context
from examples.toy_adapter import Toy
from tests.end_to_end.home import PATIENCE, Home, served

SOURCE = Path(__file__).parents[2] / "examples" / "toy_adapter.py"
FAILURES: dict[type[DeliveryError], OSError] = {
    ChatUnreachable: FileNotFoundError(errno.ENOENT, "No such file or directory"),
    TemporaryFailure: OSError(errno.ENOSPC, "No space left on device"),
}


async def until(holds: Callable[[], bool]) -> None:
    with anyio.fail_after(PATIENCE):
        while not holds():  # noqa: ASYNC110 (files tell nobody that they have changed)
            await anyio.sleep(0.01)


class Letters:
    """A folder with people's folders in it, on a disk that has good days and bad ones."""

    failures = frozenset(FAILURES)

    def __init__(self, folder: Path) -> None:
        self.service = FakeService()
        self._folder = folder
        self._count = 0
        self._failing: dict[str, OSError] = {}
        self._held: dict[str, Event] = {}

    def adapter(self) -> Toy:
        return Toy(fake_context(self.service, settings={"TOY_FOLDER": str(self._folder)}))

    def address(self, chat: str) -> ChatAddress:
        return ChatAddress("toy", "letters", chat)

    async def write(self, chat: str, text: str, *, name: str = "Ada") -> None:
        """Whoever has this folder; an empty file is a letter that is only begun."""
        self._count += 1
        letter = self._chat(chat) / f"{self._count:03}.txt"
        if text:
            letter.write_text(text, "utf-8")

    def unacknowledged(self) -> int:
        return len(list(self._folder.glob("*/*.txt")))

    def seen(self, chat: str) -> Sequence[str]:
        answers = sorted(self._chat(chat).glob("*.answer"))
        return [each.read_text("utf-8") for each in answers]

    def fail(self, chat: str, error: type[DeliveryError]) -> None:
        self._failing[chat] = FAILURES[error]

    def hold(self, chat: str) -> None:
        self._held[chat] = Event()

    def release(self, chat: str) -> None:
        self._held.pop(chat).set()

    async def until(self, holds: Callable[[], bool]) -> None:
        await until(holds)

    def written(self, file: Path, text: str, encoding: str) -> int:
        """`Path.write_text` on this disk."""
        chat = file.parent.name
        if chat in self._failing:
            raise self._failing.pop(chat)
        if chat in self._held:
            self._held[chat].wait(PATIENCE)
        self._chat(chat)
        return file.write_bytes(text.encode(encoding))

    def _chat(self, chat: str) -> Path:
        folder = self._folder / chat
        folder.mkdir(exist_ok=True)
        return folder


class TestToy(PushConformance):
    @pytest.fixture
    def harness(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PushHarness:
        letters = Letters(tmp_path)

        def write_text(file: Path, text: str, encoding: str) -> int:
            return letters.written(file, text, encoding)

        monkeypatch.setattr(Path, "write_text", write_text)
        return letters


async def test_what_is_said_in_letters_is_remembered_over_a_restart(tmp_path: Path) -> None:
    adapter = {"FAMILIAR_ADAPTERS": "examples.toy_adapter:Toy", "TOY_FOLDER": "letters"}
    ada = tmp_path / "letters" / "ada"
    ada.mkdir(parents=True)

    def answers() -> list[str]:
        return [each.read_text("utf-8") for each in sorted(ada.glob("*.answer"))]

    for said, answered in (
        ("My name is Ada and I live in Lisbon.", "Nice to meet you, Ada."),
        ("Where do I live?", "You live in Lisbon."),
    ):
        (ada / "1.txt").write_text(f"{said}\n", "utf-8")
        async with served(Home(tmp_path, adapter)):
            await until(lambda: any(answered in each for each in answers()))  # noqa: B023 (awaited)

    assert answers()[0].startswith("Before we begin")
    assert not list(ada.glob("*.txt"))


def test_it_is_short() -> None:
    assert len(SOURCE.read_text("utf-8").splitlines()) <= 60
