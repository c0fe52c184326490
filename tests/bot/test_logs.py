"""No line of the log holds what a person wrote, or a key, however it got there."""

from __future__ import annotations

import base64
import io
import json
import logging

import pytest
import structlog

from agentcore.errors import stack_of
from bot.host.logs import set_up

MARKER = "MARKER-words"


class Screen(io.StringIO):
    """A terminal that keeps what it shows."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def out() -> io.StringIO:
    stream = io.StringIO()
    set_up(stream)
    return stream


def lines(out: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def fail() -> None:
    secret = MARKER
    raise ValueError(f"could not parse {secret}")


def fail_again() -> None:
    try:
        fail()
    except ValueError as error:
        raise RuntimeError(MARKER) from error


def test_an_event_of_ours_is_one_line_of_json(out: io.StringIO) -> None:
    structlog.get_logger("bot.x").info("turn ended", turn="run-1", words="two\nlines 🇵🇹")

    (line,) = lines(out)
    assert line["event"] == "turn ended"
    assert line["level"] == "info"
    assert line["words"] == "two\nlines 🇵🇹"
    assert str(line["timestamp"]).endswith("Z")


def test_a_librarys_exception_loses_its_text_and_keeps_its_place(out: io.StringIO) -> None:
    try:
        fail()
    except ValueError:
        logging.getLogger("some.library").exception("while reading %s", MARKER)

    (line,) = lines(out)
    assert MARKER not in out.getvalue()
    assert line["event"] == "some.library: an error"
    assert "ValueError" in str(line["stack"])
    assert "fail@test_logs.py" in str(line["stack"])


@pytest.mark.parametrize("stream", [io.StringIO, Screen])
def test_our_own_exceptions_lose_their_text_too(stream: type[io.StringIO]) -> None:
    out = stream()
    set_up(out)
    try:
        fail()
    except ValueError:
        structlog.get_logger("bot.x").exception("went wrong")

    assert MARKER not in out.getvalue()
    assert "fail@test_logs.py" in out.getvalue()


def test_the_stack_of_an_error_holds_no_message_of_any_cause() -> None:
    with pytest.raises(RuntimeError) as raised:
        fail_again()

    stack = stack_of(raised.value)
    assert MARKER not in stack
    assert "RuntimeError" in stack
    assert "<- ValueError" in stack


@pytest.mark.parametrize(
    "secret",
    [
        "123456789:AAF-abcdefghijklmnopqrstuvwxyz012345",
        "MTEwMDAwMDAwMDAwMDAwMDAwMQ.Gfamil.the-simulators-token-is-no-secret-0000",
        "fam_0123456789abcdefghijklmnopqrstuvwxyz_-ABCDE",
        "whsec_0123456789abcdefghijklmnopqrstuvwxyz",
        "sk-proj-0123456789abcdef",
        "sk-ant-api03-abcdefgh",
        "Bearer abc.def.ghi",
        "bearer abcdef",
    ],
)
@pytest.mark.parametrize("where", ["event", "value", "nested", "library", "arguments"])
def test_what_looks_like_a_key_is_blacked_out(out: io.StringIO, secret: str, where: str) -> None:
    log, library = structlog.get_logger("bot.x"), logging.getLogger("some.library")
    match where:
        case "event":
            log.warning(f"refused: {secret}")  # noqa: G004
        case "value":
            log.warning("refused", error=f"GET https://host/{secret}/x")
        case "nested":
            log.warning("refused", request={"headers": [f"Authorization: {secret}"]})
        case "library":
            library.warning(f"refused: {secret}")
        case _:
            library.warning("refused: %s", secret)

    assert len(lines(out)) == 1
    assert secret not in out.getvalue()
    assert "[secret]" in out.getvalue()


def test_a_telegram_token_in_a_web_address_is_blacked_out(out: io.StringIO) -> None:
    token = "123456789:AAF-abcdefghijklmnopqrstuvwxyz012345"
    logging.getLogger("httpx").warning("POST https://api.telegram.org/bot%s/getUpdates", token)

    assert lines(out)[0]["event"] == "POST https://api.telegram.org/bot[secret]/getUpdates"


def test_a_discord_interactions_token_in_a_web_address_is_blacked_out(out: io.StringIO) -> None:
    token = base64.urlsafe_b64encode(b"interaction:1100000000000000001:" + b"x" * 80).decode()
    place = "https://discord.com/api/v10/webhooks/1100000000000000001"
    logging.getLogger("discord.http").warning("rate limited: POST %s/%s", place, token)

    assert lines(out)[0]["event"] == f"rate limited: POST {place}/[secret]"


def test_plain_words_are_not_taken_for_keys(out: io.StringIO) -> None:
    words = (
        "task-management and desk-organizing, 12:30, at 127.0.0.1:8283, "
        "fail@tests.adapters.discord.receiving.test_catching_up_after_a_break.py"
    )
    structlog.get_logger("bot.x").info(words)

    assert lines(out)[0]["event"] == words


def test_what_libraries_say_in_passing_is_not_heard(out: io.StringIO) -> None:
    for name in ("httpx", "httpcore", "uvicorn.error", "sqlalchemy.engine", "some.library"):
        logging.getLogger(name).info(MARKER)
        logging.getLogger(name).debug(MARKER)

    assert out.getvalue() == ""


def test_a_terminal_gets_text_instead_of_json() -> None:
    screen = Screen()
    set_up(screen)
    try:
        structlog.get_logger("bot.x").info("turn ended", turn="run-1")
    finally:
        structlog.reset_defaults()
        logging.getLogger().handlers.clear()

    assert "turn ended" in screen.getvalue()
    assert not screen.getvalue().startswith("{")


def test_a_chat_hears_only_of_errors(out: io.StringIO) -> None:
    set_up(out, level=logging.ERROR)

    structlog.get_logger("bot.x").warning("model unavailable")
    logging.getLogger("some.library").warning("slow")
    structlog.get_logger("bot.x").error("turn failed")

    assert [line["event"] for line in lines(out)] == ["turn failed"]
