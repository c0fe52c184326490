from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from adapters.base import Inbound, ServiceGone
from adapters.feed import FeedPreview
from adapters.terminal import Console, address_of, chat
from adapters.terminal.lines import MAX_LINE
from adapters.testing import Answer, FakeService


class Pipes:
    """A console whose three streams are pipes or files; what came out is read at the end."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def chat(self, service: FakeService, given: bytes, *, user: str = "ada") -> int:
        with _filled(given) as stdin, self._file("out") as out, self._file("err") as err:
            return await chat(
                service,
                user,
                Console(
                    os.fdopen(stdin, encoding="utf-8", closefd=False),
                    os.fdopen(out, "w", encoding="utf-8", closefd=False),
                    os.fdopen(err, "w", encoding="utf-8", closefd=False),
                ),
            )

    @property
    def out(self) -> str:
        return (self._folder / "out").read_text("utf-8")

    @property
    def err(self) -> str:
        return (self._folder / "err").read_text("utf-8")

    @contextmanager
    def _file(self, name: str) -> Iterator[int]:
        fd = os.open(self._folder / name, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        yield fd
        os.close(fd)


@contextmanager
def _filled(given: bytes) -> Iterator[int]:
    """The reading end of a real pipe that somebody writes all this into."""
    reading, writing = os.pipe()

    def write() -> None:
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(given)

    writer = threading.Thread(target=write)
    writer.start()
    yield reading
    writer.join()
    os.close(reading)


@pytest.fixture
def pipes(tmp_path: Path) -> Pipes:
    return Pipes(tmp_path)


def said(service: FakeService) -> list[str]:
    return service.texts(address_of("ada"))


async def test_each_line_is_a_message_and_only_the_replies_are_on_stdout(pipes: Pipes) -> None:
    service = FakeService()

    status = await pipes.chat(service, b"one\ntwo\n")

    assert status == 0
    assert said(service) == ["one", "two"]
    assert pipes.out == "You said: one\nYou said: two\n"
    assert pipes.err == ""


async def test_a_line_is_sent_when_the_one_before_is_answered(pipes: Pipes) -> None:
    service = FakeService()
    waiting: list[int] = []

    def answer(_: Inbound) -> Answer:
        waiting.append(len(service.accepted))
        return Answer(texts=(f"{len(waiting)}a", f"{len(waiting)}b"))

    service = FakeService(answer)

    await pipes.chat(service, b"one\ntwo\nthree\n")

    assert waiting == [1, 2, 3]
    assert pipes.out == "1a\n1b\n2a\n2b\n3a\n3b\n"


async def test_line_ends_of_windows_blank_lines_and_a_missing_last_end_are_tolerated(
    pipes: Pipes,
) -> None:
    service = FakeService()

    await pipes.chat(service, "\ufeffone\r\n\r\n \t\n\ntwo".encode())

    assert said(service) == ["one", "two"]


async def test_what_is_not_utf8_is_replaced(pipes: Pipes) -> None:
    service = FakeService()

    status = await pipes.chat(service, b"caf\xe9 \xff\xfe\nnext\n")

    assert status == 0
    assert said(service) == ["caf\ufffd \ufffd\ufffd", "next"]


async def test_commands_output_is_on_stdout_and_other_notices_on_stderr(pipes: Pipes) -> None:
    notices = (("first_contact", "I am an AI."), ("reply.memory", "1. Ada lives in Lisbon."))
    service = FakeService(lambda _: Answer(notices=notices))

    await pipes.chat(service, b"/memory\n")

    assert said(service) == ["/memory"]
    assert pipes.out == "1. Ada lives in Lisbon.\n"
    assert pipes.err == "I am an AI.\n"


async def test_previews_are_not_shown(pipes: Pipes) -> None:
    service = FakeService(lambda _: Answer(previews=(FeedPreview("He"),), texts=("Hello",)))

    await pipes.chat(service, b"hi\n")

    assert pipes.out == "Hello\n"


async def test_what_was_said_in_an_earlier_session_is_not_shown_again(pipes: Pipes) -> None:
    service = FakeService()
    await pipes.chat(service, b"one\n")

    await pipes.chat(service, b"two\n")

    assert pipes.out == "You said: two\n"


async def test_a_refused_line_is_said_on_stderr_and_the_others_are_still_sent(
    pipes: Pipes,
) -> None:
    service = FakeService(max_text=10)

    status = await pipes.chat(service, b"far too long for it\nshort\n")

    assert status == 1
    assert said(service) == ["short"]
    assert "too long" in pipes.err


async def test_a_line_beyond_all_limits_is_not_even_kept(pipes: Pipes) -> None:
    service = FakeService()

    status = await pipes.chat(service, b"x" * (3 * MAX_LINE) + b"\nnext\n" + b"y" * (MAX_LINE + 1))

    assert status == 1
    assert said(service) == ["next"]
    assert "Line 1 was not sent" in pipes.err
    assert "Line 3 was not sent" in pipes.err


async def test_an_answer_that_came_to_nothing_is_status_1(pipes: Pipes) -> None:
    answers = iter([Answer(failed=True, notices=(("error.model", "Sorry."),)), Answer(("yes",))])
    service = FakeService(lambda _: next(answers))

    status = await pipes.chat(service, b"one\ntwo\n")

    assert status == 1
    assert pipes.out == "yes\n"
    assert pipes.err == "Sorry.\n"


async def test_a_line_that_could_not_be_stored_is_said_and_the_next_is_sent(pipes: Pipes) -> None:
    service = FakeService()
    service.fail_accepts(OSError("the disk is full"))

    status = await pipes.chat(service, b"one\ntwo\n")

    assert status == 1
    assert said(service) == ["two"]
    assert "Line 1 was not sent: the disk is full" in pipes.err


async def test_a_service_that_went_away_ends_it(pipes: Pipes) -> None:
    service = FakeService()
    service.fail_accepts(ServiceGone("the service can't be reached"))

    status = await pipes.chat(service, b"one\ntwo\n")

    assert status == 1
    assert pipes.err == "familiar: the service can't be reached\n"


async def test_an_answer_cannot_steer_the_terminal(pipes: Pipes) -> None:
    service = FakeService(lambda _: Answer(("\x1b]0;owned\x07\x9b2Jfine\ttab\u202e\nline",)))

    await pipes.chat(service, b"hi\n")

    assert pipes.out == "]0;owned2Jfine\ttab\nline\n"


@pytest.mark.parametrize("user", ["", "  ", "a\nb", "\u202eada", "x" * 65, "a\x00"])
async def test_a_name_that_cannot_be_one_is_refused(pipes: Pipes, user: str) -> None:
    service = FakeService()

    status = await pipes.chat(service, b"hello\n", user=user)

    assert status == 2
    assert pipes.err.startswith("familiar: a user")
    assert service.accepted == []


async def test_a_name_has_one_form(pipes: Pipes) -> None:
    service = FakeService()

    await pipes.chat(service, b"one\n", user="Zoe\u0308")
    await pipes.chat(service, b"two\n", user=" Zoë ")

    assert service.texts(address_of("Zoë")) == ["one", "two"]


async def test_it_ends_quietly_when_nobody_reads_the_replies(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    service = FakeService()
    with _filled(b"one\ntwo\n") as stdin, (tmp_path / "err").open("w") as err:
        out = os.fdopen(writing, "w", encoding="utf-8")
        given = os.fdopen(stdin, encoding="utf-8", closefd=False)

        status = await chat(service, "ada", Console(given, out, err))
        out.close()

    assert status == 141
    assert (tmp_path / "err").read_text() == ""
    assert said(service) == ["one"]
