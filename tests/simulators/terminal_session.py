"""A terminal chat on the process's own TTY, over a service whose answers follow from the words.

python -m tests.simulators.terminal_session HISTORY_FILE

SIGUSR1 makes the service say something that nobody asked for, SIGUSR2 end a held answer.
"""

from __future__ import annotations

import asyncio
import fcntl
import signal
import sys
import termios
from pathlib import Path

from adapters.base import Inbound, Receipt
from adapters.feed import FeedPreview
from adapters.terminal import Console, address_of, chat
from adapters.testing import Answer, FakeService

ANSWERS = {
    "stream": Answer(
        ("It was a dark night.",),
        previews=(FeedPreview("It was "), FeedPreview("a dark "), FeedPreview("night")),
    ),
    "rethink": Answer(
        ("right as rain",),
        previews=(FeedPreview("wrong " * 30), FeedPreview("right", begins=True)),
    ),
    "differ": Answer(("the committed text",), previews=(FeedPreview("quite another text"),)),
    "wait": Answer(previews=(FeedPreview("thinking about it"),), held=True),
    "deaf": Answer(previews=(FeedPreview("thinking about it"),), held=True),
    "/help": Answer(notices=(("reply.help", "Here is help."),)),
    "remark": Answer(("Hello.",), notices=(("first_contact", "I am an AI."),)),
}


def answer(inbound: Inbound) -> Answer:
    text = inbound.parts[0].text
    return ANSWERS.get(text, Answer((f"You said: {text}",)))


class StubbornService(FakeService):
    """One that never gets round to a `/stop` after the word `deaf`."""

    async def accept(self, inbound: Inbound) -> Receipt:
        if inbound.parts[0].text == "/stop" and "deaf" in self.texts(inbound.address):
            self.say(inbound.address, "no time")
            await asyncio.Event().wait()
        return await super().accept(inbound)


async def main(history: Path) -> int:
    """Chat, then tell the status, what was said, and whether the terminal echoes again."""
    service, ada = StubbornService(answer), address_of("ada")
    reminder = "By the way: water the plants."
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, service.say, ada, reminder)
    loop.add_signal_handler(signal.SIGUSR2, service.release, ada)
    status = await chat(service, "ada", Console.standard(history=history))
    echo = bool(termios.tcgetattr(0)[3] & termios.ECHO)
    sys.stdout.write(f"STATUS {status} {service.texts(ada)} ECHO {echo}\n")
    return status


if __name__ == "__main__":
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)  # so that Ctrl-C on this TTY is a signal to us
    sys.exit(asyncio.run(main(Path(sys.argv[1]))))
