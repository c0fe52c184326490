"""A chat platform made of files: what somebody puts into `letters/ada/*.txt` is answered there."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import anyio.to_thread

from adapters.addresses import ChatAddress
from adapters.base import AdapterContext, Capabilities, Inbound, InboundPart, Sender
from adapters.delivery import ChatUnreachable, Outbound, Piece, Sent, TemporaryFailure
from adapters.splitting import split


class Toy:
    name, capabilities = "toy:letters", Capabilities(delivery="push", max_text=4_000)

    def __init__(self, context: AdapterContext) -> None:
        self._service, self._folder = context.service, Path(context.settings["TOY_FOLDER"])
        self._running = False

    async def run(self, ready: Callable[[], None]) -> None:
        async with anyio.create_task_group() as chats:
            known, self._running = set[Path](), True
            ready()
            try:
                while True:
                    for chat in set(self._folder.glob("*/")) - known:
                        chats.start_soon(self._read, chat)  # no chat waits for another
                        known.add(chat)
                    await anyio.sleep(0.1)
            finally:
                self._running = False

    async def _read(self, chat: Path) -> None:
        while True:
            try:
                found = [(e.stat().st_mtime_ns, e) for e in chat.glob("*.txt") if e.stat().st_size]
                for when, letter in sorted(found):
                    update, address = f"{letter}:{when}", ChatAddress("toy", "letters", chat.name)
                    words = (InboundPart(letter.read_text("utf-8", "replace")),)
                    await self._service.accept(Inbound(update, address, Sender(chat.name), words))
                    letter.unlink()  # only now: what isn't stored stays, and comes again
            except Exception as error:
                print(f"{chat.name} has to wait: {error!r}")
            await anyio.sleep(0.1)

    def compose(self, text: str, *, plain: bool = False) -> Sequence[Piece]:
        return [Piece(each) for each in split(text, self.capabilities.max_text)]

    async def send(self, chunk: Outbound) -> Sent:
        answer = self._folder / chunk.address.chat / f"{time.time_ns()}.answer"
        if not self._running:
            raise TemporaryFailure("it doesn't run")
        try:
            await anyio.to_thread.run_sync(answer.write_text, chunk.text, "utf-8")
        except OSError as error:
            gone = isinstance(error, FileNotFoundError)  # with their folder, they have left
            raise (ChatUnreachable if gone else TemporaryFailure)(str(error)) from error
        return Sent(answer.name)
