"""`PushAdapter`: the adapter of `PushPlatform`, in memory or over HTTP.

The invariant: an update is acknowledged (by polling with a higher offset) only after
`Service.accept` returned for it and for every update before it. So a batch is taken in chat by
chat, each in order, and the offset moves up to the first update that wasn't accepted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import replace
from typing import Any, Protocol, Self

import anyio
import httpx
from pydantic import TypeAdapter

from adapters.addresses import ChatAddress
from adapters.base import AdapterContext, Capabilities, Inbound, InboundPart, Sender, Service
from adapters.delivery import (
    ChatUnreachable,
    DeliveryError,
    MessageRejected,
    Outbound,
    OutcomeUnknown,
    Piece,
    RateLimited,
    Sent,
    TemporaryFailure,
    WindowClosed,
)
from adapters.splitting import split
from adapters.testing.platform import MAX_TEXT, PlatformError, PushPlatform, SendAttempt, Update

PLATFORM = "fakepush"
ACCOUNT = "bot"
URL_SETTING = "FAKE_PUSH_URL"

NO_ANSWER = 599
"""How the simulator says over HTTP that no answer came (`PlatformError` of status 0)."""

_FIRST_PAUSE = 0.01
_LONGEST_PAUSE = 1.0
_UPDATES = TypeAdapter(list[Update])


class PushClient(Protocol):
    """How the adapter speaks to the platform. Errors: `PlatformError`."""

    async def get_updates(self, offset: int, *, wait: float = 0) -> Sequence[Update]: ...

    async def send_message(self, attempt: SendAttempt) -> int: ...

    async def tell(self, chat: str, handle: str, text: str) -> None: ...

    async def show_typing(self, chat: str) -> None: ...

    async def show_preview(self, chat: str, text: str, turn: str) -> None: ...


class PushAdapter:
    """The adapter. `connect` opens a client for the time that `run` runs."""

    capabilities = Capabilities(delivery="push", max_text=MAX_TEXT, unit="utf16")
    name = f"{PLATFORM}:{ACCOUNT}"
    typing_interval = 4.0

    def __init__(
        self,
        service: Service,
        connect: Callable[[], AbstractAsyncContextManager[PushClient]],
        *,
        wait: float = 20.0,
        buttons: bool = False,
    ) -> None:
        self.capabilities = replace(self.capabilities, buttons=buttons)
        self._service = service
        self._connect = connect
        self._wait = wait
        self._client: PushClient | None = None

    async def run(self, ready: Callable[[], None]) -> None:
        async with self._connect() as client:
            try:
                await self._poll(client, ready)
            finally:
                self._client = None

    async def _poll(self, client: PushClient, ready: Callable[[], None]) -> None:
        offset, pause = 0, _FIRST_PAUSE
        while True:
            try:
                updates = await client.get_updates(offset, wait=self._wait if self._client else 0)
            except PlatformError:
                updates, reached = (), False
            else:
                reached = True
            if reached and self._client is None:
                self._client = client
                ready()
            after = await self._take_in(client, updates)
            if not reached or (updates and after is None):
                await anyio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
            if after is not None:
                offset, pause = after, _FIRST_PAUSE

    async def _take_in(self, client: PushClient, updates: Sequence[Update]) -> int | None:
        """Accept a batch; the offset that acknowledges what was accepted, None for nothing."""
        chats: dict[str, list[Update]] = {}
        for update in updates:
            chats.setdefault(update.chat, []).append(update)
        failed: list[int] = []
        async with anyio.create_task_group() as group:
            for chat in chats.values():
                group.start_soon(self._take_in_chat, client, chat, failed)
        accepted = [
            each.update_id
            for each in updates
            if each.update_id < min(failed, default=each.update_id + 1)
        ]
        return accepted[-1] + 1 if accepted else None

    async def _take_in_chat(
        self, client: PushClient, updates: list[Update], failed: list[int]
    ) -> None:
        for update in updates:
            try:
                receipt = await self._service.accept(to_inbound(update))
                if update.handle is not None and receipt.outcome == "refused":
                    await client.tell(update.chat, update.handle, receipt.text)
            except Exception:  # noqa: BLE001 - whatever it was, it isn't stored: it must come again
                failed.append(update.update_id)
                return

    def compose(self, text: str, *, plain: bool = False) -> Sequence[Piece]:
        return [Piece(each) for each in split(text, MAX_TEXT, "utf16")]

    async def send(self, chunk: Outbound) -> Sent:
        if self._client is None:
            msg = f"{self.name} isn't connected"
            raise TemporaryFailure(msg)
        attempt = SendAttempt(
            chunk.address.chat,
            chunk.text,
            chunk.nonce,
            chunk.part,
            chunk.parts,
            chunk.uncertain,
            tuple((each.label, each.token) for each in chunk.buttons),
            chunk.answer_via,
        )
        try:
            return Sent(str(await self._client.send_message(attempt)))
        except PlatformError as error:
            raise _delivery_error(error) from error

    async def show_typing(self, address: ChatAddress) -> None:
        if self._client is not None:
            await self._client.show_typing(address.chat)

    async def show_preview(self, address: ChatAddress, text: str, *, turn: str) -> None:
        if self._client is not None:
            await self._client.show_preview(address.chat, text, turn)


def address_of(chat: str) -> ChatAddress:
    return ChatAddress(PLATFORM, ACCOUNT, chat)


def to_inbound(update: Update) -> Inbound:
    return Inbound(
        update_id=str(update.update_id),
        address=address_of(update.chat),
        sender=Sender(update.user, update.name),
        parts=() if update.pressed is not None else (InboundPart(update.text),),
        pressed=update.pressed,
        answer_via=update.handle,
    )


def _delivery_error(error: PlatformError) -> DeliveryError:
    match error.status:
        case 0:
            return OutcomeUnknown(error.description)
        case 429:
            return RateLimited(error.description, retry_after=error.retry_after)
        case 403:
            return ChatUnreachable(error.description)
        case 423:
            return WindowClosed(error.description)
        case 400:
            return MessageRejected(error.description)
        case _:
            return TemporaryFailure(error.description)


class FakePushAdapter(PushAdapter):
    """On a platform in the same process."""

    def __init__(self, service: Service, platform: PushPlatform, *, buttons: bool = False) -> None:
        super().__init__(service, lambda: nullcontext(platform), buttons=buttons)


class HttpPushAdapter(PushAdapter):
    """On a platform behind HTTP, which outlives the process (tests/simulators)."""

    def __init__(
        self, service: Service, base_url: str, *, wait: float = 20.0, buttons: bool = False
    ) -> None:
        super().__init__(service, lambda: HttpPushClient(base_url), wait=wait, buttons=buttons)


def fake_push_adapter(context: AdapterContext) -> PushAdapter:
    """For the entry point group: the platform is at the setting `FAKE_PUSH_URL`."""
    url = context.settings.get(URL_SETTING)
    if not url:
        msg = f"the fake push platform needs its address: set {URL_SETTING}"
        raise ValueError(msg)
    return HttpPushAdapter(context.service, str(url))


class HttpPushClient:
    """Speaks to the push platform's simulator."""

    def __init__(self, base_url: str) -> None:
        # The environment's proxies are not for a simulator on loopback.
        self._http = httpx.AsyncClient(base_url=base_url, timeout=30.0, trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def get_updates(self, offset: int, *, wait: float = 0) -> Sequence[Update]:
        answer = await self._post("/updates", {"offset": offset, "wait": wait}, wait + 30.0)
        return _UPDATES.validate_python(answer["updates"])

    async def send_message(self, attempt: SendAttempt) -> int:
        body = {name: getattr(attempt, name) for name in SendAttempt.__slots__}
        return int((await self._post("/send", body))["message_id"])

    async def tell(self, chat: str, handle: str, text: str) -> None:
        await self._post("/tell", {"chat": chat, "handle": handle, "text": text})

    async def show_typing(self, chat: str) -> None:
        await self._post("/typing", {"chat": chat})

    async def show_preview(self, chat: str, text: str, turn: str) -> None:
        await self._post("/preview", {"chat": chat, "text": text, "turn": turn})

    async def _post(self, path: str, body: Any, patience: float = 30.0) -> Any:
        try:
            response = await self._http.post(path, json=body, timeout=patience)
        except httpx.ConnectError as error:
            raise PlatformError(503, "the platform can't be reached") from error
        except httpx.TransportError as error:
            raise PlatformError(0, "no answer came") from error
        if response.is_error:
            raise _platform_error(response)
        return response.json()


def _platform_error(response: httpx.Response) -> PlatformError:
    if response.status_code == NO_ANSWER:
        return PlatformError(0, "the connection was cut")
    try:
        found = response.json()
        return PlatformError(response.status_code, found["description"], found["retry_after"])
    except (ValueError, KeyError):
        return PlatformError(response.status_code, f"status {response.status_code}")
