"""What an adapter is built from, in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from adapters.base import AdapterContext, Inbound, Receipt, Service
from adapters.delivery import Form
from adapters.events import ChatEvent
from adapters.testing.service import FakeService, MemoryStates
from adapters.testing.signals import Changes
from adapters.wording import Audience, MenuEntry


class FakeEvents:
    """`ChatEvents` that keeps each event once. `fail`: the next calls raise these."""

    def __init__(self, changes: Changes | None = None) -> None:
        self.noted: list[ChatEvent] = []
        self._changes = changes or Changes()
        self._failures: list[Exception] = []

    def fail(self, *failures: Exception) -> None:
        self._failures.extend(failures)

    async def note(self, event: ChatEvent) -> None:
        if self._failures:
            raise self._failures.pop(0)
        if event.update_id not in {each.update_id for each in self.noted}:
            self.noted.append(event)
        self._changes.tell()


class FakeForms:
    """`Forms` by token; a press of any other button is refused."""

    def __init__(self, forms: Mapping[str, Form] | None = None) -> None:
        self.forms = dict(forms or {})
        self.asked: list[Inbound] = []

    async def form(self, press: Inbound) -> Form | Receipt:
        self.asked.append(press)
        found = self.forms.get(press.pressed or "")
        return found or Receipt("refused", text="no such button")


class FakeWording:
    """`Wording` in two languages; each text is its key, its language and its arguments."""

    languages: Sequence[str] = ("en", "de")

    def menu(self, audience: Audience, language: str | None) -> Sequence[MenuEntry]:
        names = ["help", "memory", *(["delete"] if audience == "private" else [])]
        return [MenuEntry(name, f"{name} in {language or 'en'}") for name in names]

    def text(self, key: str, arguments: Mapping[str, str | int], language: str | None) -> str:
        given = "".join(f" {name}={value}" for name, value in arguments.items())
        return f"{key} [{language or 'en'}]{given}"


def fake_context(
    service: Service | None = None,
    *,
    events: FakeEvents | None = None,
    forms: FakeForms | None = None,
    states: MemoryStates | None = None,
    settings: Mapping[str, Any] | None = None,
) -> AdapterContext:
    """A context of fakes, but for what is given."""
    return AdapterContext(
        service or FakeService(),
        events or FakeEvents(),
        FakeWording(),
        forms or FakeForms(),
        states or MemoryStates(),
        settings or {},
    )
